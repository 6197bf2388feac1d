/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a partition table whole? It has no checksum: what can be wrong is told by its form. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "format/format.h"
#include "format/mxpt.h"

#define SECTOR    0x1000u
#define TYPE_AT   5u
#define NAME_AT   32u
#define STATUS_AT 0x7cu

static json_t *describe(const struct mxpt *table)
{
	json_t *records = json_array();

	for (size_t i = 0; i < table->count; i++)
		json_array_append_new(
			records, json_pack("{s:s, s:i, s:I, s:I}", "name", table->records[i].name,
					   "type", table->records[i].type, "offset",
					   (json_int_t)table->records[i].start, "size",
					   (json_int_t)table->records[i].size));
	return json_pack("{s:I, s:o}", "stride", (json_int_t)table->stride, "records", records);
}

/* Letters, digits and signs, then NULs to its end. */
static bool name_is_clean(const uint8_t *name)
{
	size_t size = strnlen((const char *)name, MXPT_NAME_SIZE);

	for (size_t i = 0; i < size; i++)
		if (!isalnum(name[i]) && !strchr("_-.", name[i]))
			return false;
	return size > 0 && rc_all_bytes(name + size, MXPT_NAME_SIZE - size, 0);
}

static void judge_record(const struct mxpt_record *record, struct rc_span region,
			 struct format_report *report)
{
	const uint8_t *p = region.data + record->at;

	if (memcmp(p, "MXPT", 4) != 0)
		format_problem(report, record->at, 4,
			       "the record at 0x%" PRIX32 " begins with %02X %02X %02X %02X, not "
			       "\"MXPT\"",
			       record->at, p[0], p[1], p[2], p[3]);
	else if (!record->has_suffix)
		format_problem(report, record->at + STATUS_AT, 4,
			       "the record %s at 0x%" PRIX32 " does not end with \"TPXM\"",
			       record->name, record->at);
	else if (p[4] != 1)
		format_problem(report, record->at + 4, 1,
			       "the record %s at 0x%" PRIX32 " has version %u, not 1", record->name,
			       record->at, p[4]);
	else if (record->type != MXPT_TYPE_BOOT && !mxpt_is_mtd(record))
		format_problem(report, record->at + 5, 1,
			       "the record %s at 0x%" PRIX32 " has the unknown type %02X",
			       record->name, record->at, record->type);
	else if (!name_is_clean(p + NAME_AT))
		format_problem(report, record->at + NAME_AT, MXPT_NAME_SIZE,
			       "the record %s at 0x%" PRIX32
			       " has other bytes in its name than letters, digits and NULs behind",
			       record->name, record->at);
	else if (record->start % SECTOR || record->size % SECTOR)
		format_problem(report, record->at + 8, 16,
			       "the record %s (0x%" PRIX64 " bytes at 0x%" PRIX64
			       ") does not begin and end at multiples of 0x%X",
			       record->name, record->size, record->start, SECTOR);
}

/* The tables of all cameras seen leave no gap between partitions. */
static void judge_places(const struct mxpt *table, const struct layout *layout,
			 struct format_report *report)
{
	for (size_t i = 0; i < layout->count; i++) {
		const struct partition *partition = &layout->partitions[i];
		uint32_t end = i ? partition[-1].offset + partition[-1].size : 0;

		if (partition->offset != end)
			format_problem(report, 0, table->bytes,
				       "%s begins at 0x%" PRIX32
				       ", what is before it ends at 0x%" PRIX32,
				       partition->name, partition->offset, end);
	}
}

/* Parts of BOOT lie in it, one beside the other. */
static void judge_boot_parts(const struct mxpt *table, uint32_t boot_size,
			     struct format_report *report)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct mxpt_record *part = &table->records[i];

		if (part->type != MXPT_TYPE_BOOT)
			continue;
		if (part->size > boot_size || part->start > boot_size - part->size)
			format_problem(report, part->at + 8, 16,
				       "the record %s (0x%" PRIX64 " bytes at 0x%" PRIX64
				       ") lies outside the first partition of 0x%" PRIX32 " bytes",
				       part->name, part->size, part->start, boot_size);
		for (size_t n = 0; n < i; n++) {
			const struct mxpt_record *other = &table->records[n];

			if (other->type == MXPT_TYPE_BOOT &&
			    part->start < other->start + other->size &&
			    other->start < part->start + part->size)
				format_problem(report, part->at + 8, 16,
					       "the record %s at 0x%" PRIX64
					       " overlaps %s at 0x%" PRIX64,
					       part->name, part->start, other->name, other->start);
		}
	}
}

struct range {
	uint8_t from, to;
};

/* Format, padding, block, block count, backup name, hash, reserved and fill mean nothing on
 * these cameras, and have one value in all records; free records have more that means nothing
 * (facts 1.2). */
static const struct range meaningless[] = {
	{ 6, 8 }, { 24, 32 }, { 48, STATUS_AT }, { 0x81, 0x88 }
};
static const struct range meaningless_if_free[] = {
	{ 4, 5 }, { 8, 24 }, { 32, 48 }, { 0x7d, 0x81 }
};

/* The byte at "position" of record n, or -1 where that record is not asked. */
static int byte_of(const struct mxpt *table, struct rc_span region, size_t n, bool free_only,
		   uint8_t position)
{
	struct rc_span record = rc_span_sub(region, n * table->stride, table->stride);

	if (position >= record.size || (free_only && record.data[TYPE_AT] != MXPT_TYPE_FREE))
		return -1;
	return record.data[position];
}

/* The record that alone has another byte at "position" than all others, or -1. */
static int find_outlier(const struct mxpt *table, struct rc_span region, bool free_only,
			uint8_t position)
{
	unsigned seen[256] = { 0 };
	unsigned values = 0;
	unsigned total = 0;
	int outlier = -1;

	for (size_t n = 0; n < table->record_count; n++) {
		int byte = byte_of(table, region, n, free_only, position);

		if (byte < 0)
			continue;
		total++;
		if (seen[byte]++ == 0)
			values++;
	}
	for (size_t n = 0; n < table->record_count; n++) {
		int byte = byte_of(table, region, n, free_only, position);

		if (byte >= 0 && seen[byte] == 1)
			outlier = (int)n;
	}
	return total > 2 && values == 2 ? outlier : -1;
}

static void judge_ranges(const struct mxpt *table, struct rc_span region,
			 const struct range *ranges, size_t count, bool free_only,
			 struct format_report *report)
{
	for (size_t i = 0; i < count; i++)
		for (uint8_t position = ranges[i].from;
		     position < ranges[i].to && position < table->stride; position++) {
			int outlier = find_outlier(table, region, free_only, position);
			size_t at = (size_t)outlier * table->stride;

			if (outlier >= 0)
				format_problem(
					report, at + position, 1,
					"the record at 0x%zX has %02X at its byte 0x%X, unlike all "
					"others",
					at, region.data[at + position], position);
		}
}

/* One of facts 1.2's; it lies in I6 tables only. */
static void judge_status(const struct mxpt *table, struct rc_span region,
			 struct format_report *report)
{
	for (size_t n = 0; n < table->record_count && table->stride > MXPT_RECORD_SIZE; n++) {
		size_t at = n * table->stride + STATUS_AT;
		struct rc_span status = rc_span_sub(region, at, 1);

		if (status.size && status.data[0] != 0 &&
		    (status.data[0] < 0xf4 || status.data[0] > 0xf7))
			format_problem(report, at, 1,
				       "the record at 0x%zX has the unknown status %02X",
				       at - STATUS_AT, status.data[0]);
	}
}

static int mxpt_check(struct rc_span region, const struct fs_visitor *visitor,
		      struct format_report *report, struct rc_error *err)
{
	struct layout layout;
	struct mxpt table;
	struct rc_error why;

	(void)visitor;
	if (mxpt_parse(region, &table, &why) < 0) {
		format_problem(report, 0, MXPT_RECORD_SIZE, "%s", why.text);
		return 0;
	}
	report->used = table.bytes;
	report->detail = describe(&table);
	if (!report->detail)
		return rc_fail_memory(err, sizeof(json_t));
	for (size_t i = 0; i < table.count; i++)
		judge_record(&table.records[i], region, report);
	judge_ranges(&table, region, meaningless, RC_COUNT(meaningless), false, report);
	judge_ranges(&table, region, meaningless_if_free, RC_COUNT(meaningless_if_free), true,
		     report);
	judge_status(&table, region, report);
	/* Numbers of a record that is damaged already say nothing more. */
	if (report->state != REGION_GOOD)
		return 0;
	if (mxpt_to_layout(&table, RC_MAX_FLASH, &layout, &why) < 0) {
		format_problem(report, 0, table.bytes, "%s", why.text);
		return 0;
	}
	judge_places(&table, &layout, report);
	judge_boot_parts(&table, layout.partitions[0].size, report);
	return 0;
}

const struct format format_mxpt = {
	.name = "mxpt",
	.probe = mxpt_begins,
	.check = mxpt_check,
};
