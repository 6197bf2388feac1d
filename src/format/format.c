/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/format.h"

#include <stdio.h>
#include <string.h>

/* In the order of asking: the surer a format's beginning is told, the earlier. */
static const struct format *const formats[] = {
	&format_ingenic_boot, &format_mstar_boot, &format_mxpt, &format_recovery,  &format_uimage,
	&format_squashfs,     &format_jffs2,      &format_flsh, &format_uboot_env, &format_flag,
};

/* How far behind its place a format's beginning is looked for: stories of images
 * written with a header of 40 or 64 bytes too many (facts 8.19). */
#define SHIFT_LIMIT 4096u

const char *region_state_name(enum region_state state)
{
	static const char *const names[] = {
		[REGION_GOOD] = "good",       [REGION_ERASED] = "erased",
		[REGION_DAMAGED] = "damaged", [REGION_UNKNOWN] = "unknown",
		[REGION_FOREIGN] = "foreign",
	};

	return names[state];
}

const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < RC_COUNT(formats); i++) {
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	}
	return NULL;
}

const struct format *format_probe(struct rc_span region)
{
	for (size_t i = 0; i < RC_COUNT(formats); i++) {
		if (formats[i]->probe(region))
			return formats[i];
	}
	return NULL;
}

void format_problem(struct format_report *report, size_t offset, size_t size, const char *text, ...)
{
	struct format_problem *problem;
	va_list args;

	report->state = REGION_DAMAGED;
	if (report->problem_count++ >= FORMAT_MAX_PROBLEMS)
		return;
	problem = &report->problems[report->problem_count - 1];
	problem->offset = (uint32_t)offset;
	problem->size = size ? (uint32_t)size : 1;
	va_start(args, text);
	vsnprintf(problem->text, sizeof(problem->text), text, args);
	va_end(args);
}

void format_report_clear(struct format_report *report)
{
	json_decref(report->detail);
	*report = (struct format_report){ 0 };
}

static int run(const struct format *format, struct rc_span region, const struct fs_visitor *visitor,
	       struct format_report *report, struct rc_error *err)
{
	int result;

	report->format = format;
	result = format->check(region, visitor, report, err);
	if (result == 0 && !report->detail) {
		report->detail = json_object();
		if (!report->detail)
			return rc_fail_memory(err, sizeof(json_t));
	}
	return result;
}

/* Sets *foreign where region holds another format than expected, and that one whole. */
static int find_foreign(struct rc_span region, const struct format *expected,
			const struct format **foreign, struct rc_error *err)
{
	*foreign = NULL;
	for (size_t i = 0; i < RC_COUNT(formats); i++) {
		struct format_report trial = { .state = REGION_GOOD };
		int result;

		if (formats[i] == expected || !formats[i]->probe(region))
			continue;
		result = run(formats[i], region, NULL, &trial, err);
		if (result == 0 && trial.state == REGION_GOOD)
			*foreign = formats[i];
		format_report_clear(&trial);
		if (result < 0 || *foreign)
			return result;
	}
	return 0;
}

/* Where the expected format begins a little later. */
static void note_shift(struct rc_span region, const struct format *expected,
		       struct format_report *report)
{
	if (expected->tells_shift)
		return;
	for (size_t shift = 4; shift <= SHIFT_LIMIT && shift < region.size; shift += 4) {
		if (!expected->probe(rc_span_sub(region, shift, region.size - shift)))
			continue;
		format_problem(report, 0, shift, "a %s begins %zu bytes later than its place",
			       expected->name, shift);
		return;
	}
}

static int check_expected(struct rc_span region, const struct format *expected,
			  const struct fs_visitor *visitor, struct format_report *report,
			  struct rc_error *err)
{
	const struct format *foreign;
	int result;

	if (expected->probe(region))
		return run(expected, region, visitor, report, err);

	result = find_foreign(region, expected, &foreign, err);
	if (result < 0)
		return result;
	if (foreign) {
		result = run(foreign, region, visitor, report, err);
		format_problem(report, 0, report->used, "a whole %s lies here instead of a %s",
			       foreign->name, expected->name);
		report->state = REGION_FOREIGN;
		return result;
	}

	note_shift(region, expected, report);
	return run(expected, region, visitor, report, err);
}

static int check_filled(struct rc_span region, const struct format *expected,
			struct format_report *report, struct rc_error *err)
{
	uint8_t fill = region.size ? region.data[0] : 0xff;

	report->detail = json_object();
	if (!report->detail)
		return rc_fail_memory(err, sizeof(json_t));
	if (fill == 0xff) {
		report->state = REGION_ERASED;
	} else if (expected) {
		report->format = expected;
		format_problem(report, 0, region.size,
			       "all %zu bytes are %02X: a %s was never written here", region.size,
			       fill, expected->name);
	} else {
		report->state = REGION_UNKNOWN;
		report->used = (uint32_t)region.size;
	}
	return 0;
}

int format_check(struct rc_span region, const struct format *expected,
		 const struct fs_visitor *visitor, struct format_report *report,
		 struct rc_error *err)
{
	const struct format *format;

	*report = (struct format_report){ .state = REGION_GOOD };
	if (expected && expected->blank_is_good && rc_all_bytes(region.data, region.size, 0xff))
		return run(expected, region, visitor, report, err);
	if (region.size == 0 || rc_all_bytes(region.data, region.size, region.data[0]))
		return check_filled(region, expected, report, err);
	if (expected)
		return check_expected(region, expected, visitor, report, err);

	format = format_probe(region);
	if (format)
		return run(format, region, visitor, report, err);
	report->state = REGION_UNKNOWN;
	report->used = (uint32_t)rc_used_before_fill(region.data, region.size, 0xff);
	report->detail = json_object();
	return report->detail ? 0 : rc_fail_memory(err, sizeof(json_t));
}
