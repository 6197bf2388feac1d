/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recam.json: what the file was that a folder was unpacked from, so that it can be made
 * again. docs/firmware.md describes it for people.
 */
#ifndef RECAM_PACK_FOLDER_RECORD_H
#define RECAM_PACK_FOLDER_RECORD_H

#include <jansson.h>

#include "base/bytes.h"
#include "base/error.h"
#include "format/recovery.h"
#include "pack/firmware_file.h"

#define FOLDER_RECORD       "recam.json"
#define FOLDER_RECORD_LIMIT RC_KIB(256)
/* What "kind" says of the files of an archive, and of single partitions. */
#define FOLDER_PARTS "parts"

struct folder_part {
	struct partition place;
	enum partition_role role;
	uint32_t bytes;  /* of NAME.bin as it was unpacked; at most place.size */
	char sha256[65]; /* of it */
	/* Of NAME.mtree as it was unpacked; "" where the partition was not unpacked to files. */
	char manifest_sha256[65];
};

struct folder_record {
	char source[128];        /* name of the file, without folders */
	enum firmware_kind kind; /* FIRMWARE_KINDS: FOLDER_PARTS */
	char board[24];          /* id; "" where no camera was recognised */
	uint64_t size;           /* of the file */
	char sha256[65];         /* of the file, as far as packing makes it again */
	uint32_t flash_size;
	bool has_header; /* of shapes that have one */
	struct uimage_header header;
	bool has_trailer;
	uint8_t trailer[RECOVERY_TRAILER];
	size_t part_count;
	struct folder_part parts[RC_MAX_PARTITIONS]; /* in the order of the flash */
};

/* NULL: no memory. */
json_t *folder_record_json(const struct folder_record *record);

/* RC_EFORMAT where text is no recam.json, with the field that is wrong: parts that overlap or
 * lie outside, names that are no file names, sizes and digests that cannot be. name is for
 * messages. */
int folder_record_parse(struct rc_span text, const char *name, struct folder_record *record,
			struct rc_error *err);

/* The part of that name or of one that means the same; NULL: none. */
const struct folder_part *folder_record_part(const struct folder_record *record, const char *name);

/* The partitions of the record as a map. */
void folder_record_map(const struct folder_record *record, struct flash_map *map);

#endif
