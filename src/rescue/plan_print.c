/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan for a person to read before saying yes, and as JSON. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "rescue/plan.h"

static const char *const refusal_names[PLAN_REFUSAL_COUNT] = {
	[PLAN_OK] = "ok",
	[PLAN_NOTHING_TO_DO] = "nothing-to-do",
	[PLAN_BOOT_NOT_NAMED] = "boot-not-named",
	[PLAN_WRONG_MODEL] = "wrong-model",
	[PLAN_DOES_NOT_FIT] = "does-not-fit",
	[PLAN_IDENTITY_UNPROVEN] = "identity-unproven",
	[PLAN_IDENTITY_FOREIGN] = "identity-foreign",
	[PLAN_UNREACHABLE] = "unreachable",
	[PLAN_NO_BACKUP] = "no-backup",
	[PLAN_WRITE_PROTECTED] = "write-protected",
	[PLAN_NOT_IN_FIRMWARE] = "not-in-firmware",
	[PLAN_FIRMWARE_DAMAGED] = "firmware-damaged",
	[PLAN_UNKNOWN_BOARD] = "unknown-board",
	[PLAN_SHARED_BLOCK] = "shared-block",
};

const char *plan_refusal_name(enum plan_refusal refusal)
{
	return refusal_names[refusal];
}

struct style {
	const char *heading;
	const char *warning;
	const char *end;
};

static void print_steps(FILE *out, const struct plan *plan, const struct style *style)
{
	char size[RC_SIZE_TEXT];

	fprintf(out, "%s      offset        size  blocks  partition  act%s\n", style->heading,
		style->end);
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *step = &plan->steps[i];

		fprintf(out, "  0x%08" PRIx32 "  %10" PRIu32 "  %6" PRIu32 "  %-9s  %s\n",
			step->offset, step->size,
			(step->size + RC_ERASE_BLOCK - 1) / RC_ERASE_BLOCK,
			step->partition[0] ? step->partition : "-",
			step->erase_only ? "erase" : "erase, write, check");
	}
	fprintf(out, "  %s to erase", rc_size_text(size, plan->erase_bytes));
	fprintf(out, ", %s to write", rc_size_text(size, plan->write_bytes));
	if (plan->seconds > 0)
		fprintf(out, ", about %s", rc_duration_text(size, plan->seconds));
	fputs("\n", out);
}

void plan_print(FILE *out, const struct plan *plan, const struct link_info *limits, bool colour)
{
	const struct style plain = { "", "", "" };
	const struct style coloured = { "\033[1m", "\033[33m", "\033[0m" };
	const struct style *style = colour ? &coloured : &plain;

	fprintf(out, "%sPlan for %s at %s%s\n", style->heading,
		plan->board ? plan->board->name : "an unknown camera", limits->name, style->end);
	if (plan->refusal != PLAN_OK) {
		fprintf(out, "%s%s%s\n", plan->refusal == PLAN_NOTHING_TO_DO ? "" : style->warning,
			plan->why, style->end);
	} else {
		if (limits->extended[0])
			fprintf(out, "  in RAM, done already: %s; a restart undoes it\n",
				limits->extended);
		for (size_t i = 0; i < plan->written_count; i++)
			fprintf(out, "  %s\n", plan->written[i]);
		print_steps(out, plan, style);
	}
	for (size_t i = 0; i < plan->kept_count; i++)
		fprintf(out, "  %s\n", plan->kept[i]);
	if (plan->refusal != PLAN_OK)
		return;
	for (size_t i = 0; i < PLAN_MAX_DANGERS && plan->dangers[i][0]; i++)
		fprintf(out, "%sDanger:%s %s\n", style->warning, style->end, plan->dangers[i]);
	fprintf(out, "%sWay back:%s %s\n", style->heading, style->end, plan->way_back);
}

static json_t *strings(const char *first, size_t stride, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count && first[i * stride]; i++)
		json_array_append_new(array, json_string(first + i * stride));
	return array;
}

static json_t *steps_json(const struct plan *plan)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *step = &plan->steps[i];

		json_array_append_new(steps, json_pack("{s:I, s:I, s:s, s:s}", "offset",
						       (json_int_t)step->offset, "size",
						       (json_int_t)step->size, "partition",
						       step->partition, "act",
						       step->erase_only ? "erase" : "erase-write"));
	}
	return steps;
}

json_t *plan_json(const struct plan *plan, const struct link_info *limits)
{
	json_t *json = json_pack("{s:s, s:s?, s:s, s:s, s:I, s:I, s:f}", "link", limits->name,
				 "board", plan->board ? plan->board->id : NULL, "result",
				 plan_refusal_name(plan->refusal), "why", plan->why, "erase_bytes",
				 (json_int_t)plan->erase_bytes, "write_bytes",
				 (json_int_t)plan->write_bytes, "seconds", plan->seconds);

	if (!json)
		return NULL;
	json_object_set_new(json, "in_ram",
			    limits->extended[0] ? json_string(limits->extended) : json_null());
	json_object_set_new(json, "steps", steps_json(plan));
	json_object_set_new(
		json, "written",
		strings(plan->written[0], sizeof(plan->written[0]), plan->written_count));
	json_object_set_new(json, "kept",
			    strings(plan->kept[0], sizeof(plan->kept[0]), plan->kept_count));
	json_object_set_new(json, "dangers",
			    strings(plan->dangers[0], sizeof(plan->dangers[0]), PLAN_MAX_DANGERS));
	json_object_set_new(json, "way_back", json_string(plan->way_back));
	return json;
}
