/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A firmware file as a folder: NAME.bin for each partition, NAME/ and NAME.mtree for those
 * that hold files, and recam.json (docs/firmware.md).
 */
#ifndef RECAM_PACK_UNPACK_H
#define RECAM_PACK_UNPACK_H

#include "pack/folder_record.h"

struct unpack_source {
	const char *name;    /* of the file, for recam.json */
	struct rc_span file; /* the whole of it */
	const struct firmware_file *split;
	const struct flash_map *map;
	const struct board *board; /* NULL: not known */
};

struct unpacked_part {
	enum region_state state;
	char format[16]; /* "raw" and "erased" where there is none */
	uint32_t used;
	bool secret;    /* NAME.bin and what was made of it is for its owner only */
	bool has_files; /* NAME/ and NAME.mtree were made */
	uint32_t files, directories, links, specials;
	uint32_t damaged; /* files of which a part could not be read */
	char note[256];   /* why there are no files, or what is wrong with them; "" none */
};

struct unpacked {
	struct folder_record record;
	struct unpacked_part parts[RC_MAX_PARTITIONS]; /* beside record.parts */
};

/* Makes the folder, whole or not at all. It must not be there, or be empty (RC_EREFUSED). A
 * damaged file system is no failure: its NAME.bin is there, and what could be read of it. */
int unpack_firmware(const struct unpack_source *source, const char *folder, struct unpacked *out,
		    struct rc_error *err);

/* One partition, whose file says nothing of its place: bytes, as the partition name of map (may
 * be NULL: at offset 0 of a flash of its size). */
void unpack_single(const char *name, struct rc_span bytes, struct flash_map *map,
		   struct firmware_file *split);

/* Stretches of a whole flash that no partition covers and that are not erased become
 * partitions of their own, "gap-OFFSET", so that nothing is lost. */
void unpack_add_gaps(struct rc_span flash, struct flash_map *map);

#endif
