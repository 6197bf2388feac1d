/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/mxpt.h"

#include <inttypes.h>
#include <string.h>

/* What I6 tables have; the I3 source counts to 0x80 (facts 1.2). */
#define STRIDE_I6    0x88u
#define STRIDE_I3    0x80u
#define SUFFIX_I6    0x7du
#define SUFFIX_I3    0x7cu
#define LOCATE_LIMIT RC_MIB(1)

static bool has_magic(struct rc_span table, size_t at)
{
	struct rc_span magic = rc_span_sub(table, at, 4);

	return magic.size == 4 && memcmp(magic.data, "MXPT", 4) == 0;
}

static bool has_suffix(struct rc_span record)
{
	struct rc_span i3 = rc_span_sub(record, SUFFIX_I3, 4);
	struct rc_span i6 = rc_span_sub(record, SUFFIX_I6, 4);

	return (i3.size == 4 && memcmp(i3.data, "TPXM", 4) == 0) ||
	       (i6.size == 4 && memcmp(i6.data, "TPXM", 4) == 0);
}

bool mxpt_begins(struct rc_span region)
{
	return region.size >= MXPT_RECORD_SIZE && has_magic(region, 0);
}

/* A damaged second record does not hide the stride: the next ones tell it. */
static uint32_t find_stride(struct rc_span region)
{
	for (uint32_t n = 1; n < MXPT_MAX_RECORDS; n++) {
		if (has_magic(region, (size_t)n * STRIDE_I6))
			return STRIDE_I6;
		if (has_magic(region, (size_t)n * STRIDE_I3))
			return STRIDE_I3;
	}
	return STRIDE_I6;
}

static struct mxpt_record read_record(struct rc_span region, uint32_t at, uint32_t stride)
{
	const uint8_t *p = region.data + at;
	struct mxpt_record record = {
		.type = p[5],
		.start = rc_le64(p + 8),
		.size = rc_le64(p + 16),
		.at = at,
		.has_suffix = has_suffix(rc_span_sub(region, at, stride)),
	};

	for (size_t i = 0; i < MXPT_NAME_SIZE && p[32 + i] != '\0'; i++)
		record.name[i] = (char)(p[32 + i] > 0x20 && p[32 + i] < 0x7f ? p[32 + i] : '?');
	return record;
}

/* True where this record or any behind it is one by its magic, or this one by its suffix:
 * then one without the magic is damaged and does not end the table. */
static bool goes_on(struct rc_span region, size_t at, uint32_t stride)
{
	for (size_t n = 0; n < MXPT_MAX_RECORDS; n++)
		if (has_magic(region, at + n * stride))
			return true;
	return has_suffix(rc_span_sub(region, at, stride));
}

int mxpt_parse(struct rc_span region, struct mxpt *table, struct rc_error *err)
{
	*table = (struct mxpt){ 0 };
	if (!mxpt_begins(region))
		return rc_fail(err, RC_EFORMAT,
			       "no MXPT: it does not begin with \"MXPT\" and a record of %u bytes",
			       MXPT_RECORD_SIZE);
	region = rc_span_sub(region, 0, MXPT_SIZE);
	table->stride = find_stride(region);
	for (uint32_t at = 0;
	     at + MXPT_RECORD_SIZE <= region.size && table->count < MXPT_MAX_RECORDS;
	     at += table->stride) {
		struct mxpt_record record;

		if (!goes_on(region, at, table->stride))
			break;
		record = read_record(region, at, table->stride);
		table->record_count++;
		table->bytes = at + table->stride;
		if (record.type != MXPT_TYPE_FREE || !has_magic(region, at))
			table->records[table->count++] = record;
	}
	if (table->bytes > region.size)
		table->bytes = (uint32_t)region.size;
	return 0;
}

const struct mxpt_record *mxpt_find(const struct mxpt *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->records[i].name, name) == 0)
			return &table->records[i];
	return NULL;
}

bool mxpt_is_mtd(const struct mxpt_record *record)
{
	return record->type == MXPT_TYPE_MTD || record->type == MXPT_TYPE_MTD_SPECIAL;
}

static int check_record(const struct mxpt_record *record, uint32_t flash_size, struct rc_error *err)
{
	if (!record->name[0] || strlen(record->name) >= RC_PARTITION_NAME)
		return rc_fail(err, RC_EFORMAT,
			       "the partition table's record at 0x%" PRIX32 " has %s name",
			       record->at, record->name[0] ? "too long a" : "no");
	if (record->size == 0 || record->size > flash_size ||
	    record->start > flash_size - record->size)
		return rc_fail(err, RC_ERANGE,
			       "%s of the partition table (0x%" PRIX64 " bytes at 0x%" PRIX64
			       ") does not lie in a flash of 0x%" PRIX32 " bytes",
			       record->name, record->size, record->start, flash_size);
	return 0;
}

/* Puts the record in its place by offset. */
static void insert(struct layout *layout, const struct mxpt_record *record)
{
	size_t i = layout->count++;

	for (; i > 0 && layout->partitions[i - 1].offset > record->start; i--)
		layout->partitions[i] = layout->partitions[i - 1];
	memcpy(layout->partitions[i].name, record->name, RC_PARTITION_NAME);
	layout->partitions[i].offset = (uint32_t)record->start;
	layout->partitions[i].size = (uint32_t)record->size;
}

static int check_overlaps(const struct layout *layout, struct rc_error *err)
{
	for (size_t i = 1; i < layout->count; i++) {
		const struct partition *before = &layout->partitions[i - 1];
		const struct partition *behind = &layout->partitions[i];

		if (behind->offset - before->offset < before->size)
			return rc_fail(err, RC_EFORMAT,
				       "%s of the partition table at 0x%" PRIX32
				       " overlaps %s, which ends at 0x%" PRIX32,
				       behind->name, behind->offset, before->name,
				       before->offset + before->size);
	}
	return 0;
}

_Static_assert(MXPT_MAX_RECORDS <= RC_MAX_PARTITIONS, "each record fits a layout");

int mxpt_to_layout(const struct mxpt *table, uint32_t flash_size, struct layout *layout,
		   struct rc_error *err)
{
	*layout = (struct layout){ .flash_size = flash_size };
	for (size_t i = 0; i < table->count; i++) {
		int result;

		if (!mxpt_is_mtd(&table->records[i]))
			continue;
		result = check_record(&table->records[i], flash_size, err);
		if (result < 0)
			return result;
		insert(layout, &table->records[i]);
	}
	if (layout->count == 0)
		return rc_fail(
			err, RC_EFORMAT,
			"none of the partition table's %zu records is a partition (type 03 or 07)",
			table->record_count);
	return check_overlaps(layout, err);
}

struct rc_span mxpt_locate(struct rc_span flash)
{
	if (has_magic(flash, MXPT_OFFSET))
		return rc_span_sub(flash, MXPT_OFFSET, MXPT_SIZE);
	for (size_t at = 0; at < LOCATE_LIMIT && at < flash.size; at += MXPT_SIZE)
		if (has_magic(flash, at) && has_suffix(rc_span_sub(flash, at, STRIDE_I6)))
			return rc_span_sub(flash, at, MXPT_SIZE);
	return (struct rc_span){ 0 };
}

bool mxpt_append_record(struct rc_buffer *out, const char *name, uint8_t type, uint64_t start,
			uint64_t size)
{
	uint8_t record[STRIDE_I6];

	memset(record, 0xff, sizeof(record));
	memcpy(record, "MXPT\1\0\0", 7);
	record[5] = type;
	for (unsigned i = 0; i < 8; i++) {
		record[8 + i] = (uint8_t)(start >> 8 * i);
		record[16 + i] = (uint8_t)(size >> 8 * i);
	}
	memset(record + 32, 0, 32);
	memcpy(record + 32, name, strnlen(name, MXPT_NAME_SIZE));
	record[0x7c] = 0;
	memcpy(record + SUFFIX_I6, "TPXM", 4);
	return rc_buffer_append(out, record, sizeof(record));
}
