/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/planning.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void plan_clear(struct plan *plan)
{
	free(plan->target);
	free(plan->steps);
	*plan = (struct plan){ 0 };
}

/* The first reason stands. */
void plan_refuse(struct plan *plan, enum plan_refusal refusal, const char *format, ...)
{
	va_list args;

	if (plan->refusal != PLAN_OK)
		return;
	plan->refusal = refusal;
	va_start(args, format);
	vsnprintf(plan->why, sizeof(plan->why), format, args);
	va_end(args);
}

void plan_add_danger(struct plan *plan, const char *format, ...)
{
	size_t at = 0;
	va_list args;

	while (at < PLAN_MAX_DANGERS && plan->dangers[at][0])
		at++;
	if (at == PLAN_MAX_DANGERS)
		return;
	va_start(args, format);
	vsnprintf(plan->dangers[at], sizeof(plan->dangers[at]), format, args);
	va_end(args);
}

/* ---- looking at partitions ---- */

static struct rc_span content_of(const struct planning *p, const struct partition *place)
{
	struct rc_span flash = { p->in->backup->data, p->in->backup->size };

	return rc_span_sub(flash, place->offset, place->size);
}

bool planning_is_good(const struct inspected_partition *part)
{
	return part->report.state == REGION_GOOD ||
	       (!part->expected && part->report.state == REGION_UNKNOWN);
}

bool planning_is_required(const struct planning *p, const struct inspected_partition *part)
{
	const struct board_partition *known = board_partition(p->in->board, part->place.name);

	return known && known->required;
}

bool planning_is_named(const struct planning *p, const char *name)
{
	for (const char *const *only = p->in->only; only && *only; only++)
		if (firmware_same_name(name, *only))
			return true;
	return false;
}

/* kernel, root and driver of one version belong together. */
bool planning_is_of_the_set(enum partition_role role)
{
	return role == ROLE_KERNEL || role == ROLE_ROOT || role == ROLE_DRIVER;
}

/* Equal in all that is content: firmware files are padded with FF or 00, or cut behind
 * their last byte, and that alone is no reason to erase anything. */
bool planning_equals_firmware(const struct planning *p, const struct inspected_partition *part,
			      const struct firmware_part *wanted)
{
	struct rc_span have = content_of(p, &part->place);
	size_t ff = rc_used_before_fill(wanted->bytes.data, wanted->bytes.size, 0xff);
	size_t zero = rc_used_before_fill(wanted->bytes.data, wanted->bytes.size, 0x00);
	size_t used = ff < zero ? ff : zero;

	return used <= have.size && memcmp(have.data, wanted->bytes.data, used) == 0;
}

const char *planning_problem_of(const struct inspected_partition *part)
{
	if (part->report.problem_count)
		return part->report.problems[0].text;
	return part->report.state == REGION_ERASED    ? "nothing but FF"
	       : part->report.state == REGION_FOREIGN ? "something else lies there"
						      : "not what belongs there";
}

/* What a link does not reach it does not erase either. */
bool planning_is_beyond_reach(const struct planning *p, const struct inspected_partition *part)
{
	return part->place.offset >= p->in->limits->reach;
}

const struct inspected_partition *planning_find(const struct inspection *inspection,
						const char *name)
{
	for (size_t i = 0; i < inspection->partition_count; i++)
		if (firmware_same_name(inspection->partitions[i].place.name, name))
			return &inspection->partitions[i];
	return NULL;
}

/* ---- what the user wants to know before saying yes ---- */

static void estimate(struct planning *p)
{
	const struct link_info *limits = p->in->limits;
	double blocks = (double)p->plan->erase_bytes / RC_ERASE_BLOCK;
	double pages = (double)p->plan->write_bytes / NOR_PAGE;

	if (limits->write_rate <= 0)
		return;
	/* Each block's checksum is asked for before and after, and at the end that of all. */
	p->plan->seconds = (double)p->plan->write_bytes / limits->write_rate +
			   blocks * nor_erase_micros(0xd8) / 1e6 +
			   pages * NOR_PROGRAM_MICROS / 1e6 +
			   2 * blocks * limits->checksum_seconds +
			   (double)p->plan->target_size / RC_ERASE_BLOCK * limits->survey_seconds;
}

static void add_names(struct rc_text *names, const struct planning *p, bool good_only)
{
	const struct inspection *inspection = p->in->inspection;

	for (size_t i = 0; i < inspection->partition_count; i++)
		if (p->fates[i] != FATE_KEEP &&
		    (!good_only || planning_is_good(&inspection->partitions[i])))
			rc_text_add(names, "%s%s", names->size ? "," : "",
				    inspection->partitions[i].place.name);
}

static void say_way_back(struct planning *p)
{
	const char *file = p->in->backup_path ? p->in->backup_path : "recam-backup.bin";
	struct rc_text good = { 0 };
	struct rc_text all = { 0 };

	add_names(&all, p, false);
	add_names(&good, p, true);
	if (good.size)
		snprintf(p->plan->way_back, sizeof(p->plan->way_back),
			 "recam rescue %s --from %s --only %s puts back what was whole before%s",
			 p->in->limits->name, file, rc_text_get(&good),
			 good.size == all.size ? ""
					       : "; the rest was broken, its bytes are in that "
						 "file");
	else
		snprintf(p->plan->way_back, sizeof(p->plan->way_back),
			 "what is overwritten (%s) was not whole; its bytes stay in %s, and a "
			 "programmer can put the whole of it back: flashrom -p PROGRAMMER -w %s",
			 rc_text_get(&all), file, file);
	rc_text_free(&all);
	rc_text_free(&good);
}

static int check_names(const struct planning *p, struct rc_error *err)
{
	for (const char *const *only = p->in->only; only && *only; only++)
		if (!planning_find(p->in->inspection, *only))
			return rc_fail(
				err, RC_EUSAGE,
				"a %s has no partition \"%s\" (--only): recam boards %s lists "
				"those it has",
				p->in->board->name, *only, p->in->board->id);
	return 0;
}

static int plan_writes(struct planning *p, struct rc_error *err)
{
	struct plan *plan = p->plan;
	int result = check_names(p, err);

	if (result)
		return result;
	plan->target = malloc(p->in->backup->size);
	if (!plan->target)
		return rc_fail_memory(err, p->in->backup->size);
	plan->target_size = p->in->backup->size;
	memcpy(plan->target, p->in->backup->data, plan->target_size);
	plan_decide(p);
	for (size_t i = 0; i < p->in->inspection->partition_count; i++)
		plan_set_target(p, i);
	if (plan->refusal != PLAN_OK)
		return 0;
	result = plan_make_steps(p, err);
	if (result)
		return result;
	plan_warn_of_mix(p);
	if (p->in->limits->extended[0])
		plan_add_danger(
			plan,
			"a word in the bootloader's RAM was changed so that it reaches all of the "
			"chip; a restart undoes that. If the camera restarts while this is "
			"written, "
			"nothing more is written: run the same command again");
	plan_check_steps(p);
	estimate(p);
	say_way_back(p);
	if (plan->step_count)
		plan_add_danger(
			plan,
			"from the first erase to the last check the camera may not start: if it "
			"is interrupted, run the same command again");
	return 0;
}

int plan_make(const struct plan_input *input, struct plan *plan, struct rc_error *err)
{
	struct planning planning = { .in = input, .plan = plan };
	int result = 0;

	*plan = (struct plan){ .board = input->board };
	plan_check_camera(&planning);
	if (plan->refusal == PLAN_OK)
		result = plan_writes(&planning, err);
	if (result)
		plan_clear(plan);
	return result;
}
