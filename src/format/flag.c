/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The update flag: FF all over, but for the text FWGRADEUP=VALUE while an update
 * over the air is waiting to be applied. The bootloader looks for it anywhere in
 * the partition and compares 10 characters of the longest value and the whole of
 * the others (facts/bootloaders-and-flash.md 1.6).
 */
#include "format/flag.h"

#include <string.h>

#include "format/format.h"

#define MARK "FWGRADEUP="

static const struct {
	const char *begins;
	const char *name;
	enum flag_update update;
} requests[] = {
	/* The longest first: "kernel" also begins "kernel+drivers". */
	{ "kernel+dri", "kernel+drivers", FLAG_KERNEL_AND_DRIVERS },
	{ "kernel", "kernel", FLAG_KERNEL },
	{ "drivers", "drivers", FLAG_DRIVERS },
};

const char *flag_update_name(enum flag_update update)
{
	for (size_t i = 0; i < RC_COUNT(requests); i++) {
		if (requests[i].update == update)
			return requests[i].name;
	}
	return update == FLAG_NONE ? "none" : "unknown";
}

static const uint8_t *find_request(struct rc_span region)
{
	return rc_find(region, MARK, strlen(MARK));
}

enum flag_update flag_read(struct rc_span region)
{
	const uint8_t *mark = find_request(region);
	struct rc_span value;

	if (!mark)
		return FLAG_NONE;
	value = rc_span_sub(region, (size_t)(mark - region.data) + strlen(MARK), 16);
	for (size_t i = 0; i < RC_COUNT(requests); i++) {
		size_t length = strlen(requests[i].begins);

		if (value.size >= length && memcmp(value.data, requests[i].begins, length) == 0)
			return requests[i].update;
	}
	return FLAG_UNKNOWN_REQUEST;
}

static bool is_fill(uint8_t byte)
{
	return byte == 0xff || byte == 0x00;
}

static bool probe(struct rc_span region)
{
	const uint8_t *mark = find_request(region);

	if (!mark)
		return false;
	for (const uint8_t *p = region.data; p < mark; p++) {
		if (!is_fill(*p))
			return false;
	}
	return true;
}

/* The end of the printable text that begins at offset. */
static size_t text_end(struct rc_span region, size_t offset)
{
	while (offset < region.size &&
	       ((region.data[offset] >= 0x20 && region.data[offset] < 0x7f) ||
		region.data[offset] == '\n' || region.data[offset] == '\r'))
		offset++;
	return offset;
}

/* Reports each run of bytes in [from, to) that do not belong in a flag. Around a
 * request the updater leaves 00 (seen in a dump: the first 0x2000 bytes); without
 * one only FF is normal. */
static void report_strays(struct rc_span region, size_t from, size_t to, bool zero_is_fill,
			  struct format_report *report)
{
	while (from < to) {
		size_t end = from;

		while (end < to && region.data[end] != 0xff &&
		       !(zero_is_fill && region.data[end] == 0x00))
			end++;
		if (end > from)
			format_problem(report, from, end - from,
				       "%zu byte%s from 0x%zX on (first %02X) %s neither FF nor an "
				       "update request",
				       end - from, end - from == 1 ? "" : "s", from,
				       region.data[from], end - from == 1 ? "is" : "are");
		from = end + 1;
	}
}

static int check(struct rc_span region, const struct fs_visitor *visitor,
		 struct format_report *report, struct rc_error *err)
{
	enum flag_update update = flag_read(region);
	const uint8_t *mark = find_request(region);
	size_t begin = mark ? (size_t)(mark - region.data) : region.size;
	size_t end = mark ? text_end(region, begin) : region.size;

	report->detail = json_pack("{s:s}", "update", flag_update_name(update));
	if (!report->detail)
		return rc_fail_memory(err, sizeof(json_t));
	report->used = (uint32_t)rc_used_before_fill(region.data, region.size, 0xff);
	if (update == FLAG_UNKNOWN_REQUEST)
		format_problem(report, begin, end - begin,
			       "%s asks for something that no known bootloader does", MARK);
	report_strays(region, 0, begin, mark != NULL, report);
	report_strays(region, end, region.size, true, report);
	return 0;
}

const struct format format_flag = {
	.name = "flag",
	.blank_is_good = true,
	.probe = probe,
	.check = check,
};
