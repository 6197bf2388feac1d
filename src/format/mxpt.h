/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MStar's partition table in the flash, "MXP": a row of records at 0x20000
 * (facts/mstar-mi360.md 1.2; U-Boot: drivers/mstar/partition/part_mxp.h).
 *
 * It has no checksum.
 */
#ifndef RECAM_FORMAT_MXPT_H
#define RECAM_FORMAT_MXPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "flash/layout.h"

#define MXPT_OFFSET      0x20000u
#define MXPT_SIZE        0x1000u
#define MXPT_RECORD_SIZE 0x80u /* what all records have; some go on behind it */
#define MXPT_MAX_RECORDS 32
#define MXPT_NAME_SIZE   16

enum {
	MXPT_TYPE_FREE = 0,
	MXPT_TYPE_BOOT = 1, /* a part of BOOT; Linux does not see it */
	MXPT_TYPE_MTD = 3,
	MXPT_TYPE_MTD_SPECIAL = 7, /* FACTORY */
};

struct mxpt_record {
	char name[MXPT_NAME_SIZE + 1]; /* printable ASCII, other bytes as '?' */
	uint8_t type;
	uint64_t start; /* bytes from the start of the flash */
	uint64_t size;
	uint32_t at;     /* offset of the record in the table */
	bool has_suffix; /* "TPXM" is where it should be */
};

struct mxpt {
	uint32_t stride;     /* bytes from record to record: 0x80 or 0x88 */
	uint32_t bytes;      /* of all records, the free ones too */
	size_t count;        /* without the free ones */
	size_t record_count; /* with them */
	struct mxpt_record records[MXPT_MAX_RECORDS];
};

/* True if region begins with a record. */
bool mxpt_begins(struct rc_span region);

/* True for the partitions that Linux has. */
bool mxpt_is_mtd(const struct mxpt_record *record);

/* Reads the table at the start of region. RC_EFORMAT where none is. Records are given
 * as they are; mxpt_to_layout judges them. */
int mxpt_parse(struct rc_span region, struct mxpt *table, struct rc_error *err);

/* The record of that name, or NULL. */
const struct mxpt_record *mxpt_find(const struct mxpt *table, const char *name);

/* The partitions that Linux has (types 03 and 07), in the order of the flash.
 * RC_EFORMAT or RC_ERANGE where they overlap or lie outside flash_size. */
int mxpt_to_layout(const struct mxpt *table, uint32_t flash_size, struct layout *layout,
		   struct rc_error *err);

/* The table of a whole flash or a BOOT partition: at 0x20000, else at any other
 * multiple of 0x1000 of the first MiB. Empty, with data NULL, where none is. */
struct rc_span mxpt_locate(struct rc_span flash);

/* For tests: appends one record of stride 0x88 as the stock table has them. */
bool mxpt_append_record(struct rc_buffer *out, const char *name, uint8_t type, uint64_t start,
			uint64_t size);

#endif
