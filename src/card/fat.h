/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FAT16 and FAT32 volumes in memory: made with files in their root folder, listed, read.
 * After Microsoft's "FAT: General Overview of On-Disk Format" 1.03. Names are 8.3 in
 * capitals, which every bootloader of these cameras finds.
 */
#ifndef RECAM_CARD_FAT_H
#define RECAM_CARD_FAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

#define FAT_NAME     13 /* "DEMO.BIN" */
#define FAT_MIN_SIZE RC_MIB(8)

struct fat_file {
	char name[FAT_NAME];
	struct rc_span bytes;
};

/* Makes a volume in size bytes at data, which must be all 0. hidden: sectors of the card
 * before it. Files lie in one piece each, in the order given. RC_ERANGE where they do not
 * fit, RC_EUSAGE for a name that is not 8.3. */
int fat_make(uint8_t *data, size_t size, uint32_t hidden, const struct fat_file *files,
	     size_t count, struct rc_error *err);
bool fat_size_is_16(size_t size); /* what fat_make makes of it */

/* A volume that is read. All within the bytes given. */
struct fat {
	struct rc_span volume; /* borrowed */
	bool is_16;
	uint32_t cluster_size; /* bytes */
	uint32_t cluster_count;
	size_t table;          /* offset of the first FAT */
	size_t root, root_end; /* FAT16: the root folder's bytes */
	uint32_t root_cluster; /* FAT32 */
	size_t clusters;       /* offset of cluster 2 */
};
int fat_open(struct rc_span volume, struct fat *fat, struct rc_error *err);

struct fat_entry {
	char name[FAT_NAME];
	bool folder;
	uint32_t size;
	uint32_t cluster; /* of its first byte; 0: none */
};

/* Entries of the root folder, at most limit of them; *count is how many. Long names are
 * passed over, the short ones of their files are there. */
int fat_list(const struct fat *fat, struct fat_entry *entries, size_t limit, size_t *count,
	     struct rc_error *err);

/* A file of the root folder, whatever its name's case; freed with rc_buffer_free. */
int fat_read(const struct fat *fat, const char *name, struct rc_buffer *out, struct rc_error *err);

#endif
