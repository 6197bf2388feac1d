/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FAT volumes in memory: FAT16 and FAT32 made with files and folders, FAT12, FAT16 and FAT32
 * read. After Microsoft's "FAT: General Overview of On-Disk Format" 1.03, long names
 * included. How the cameras' bootloaders read a volume is another matter: uboot_fat.h.
 */
#ifndef RECAM_CARD_FAT_H
#define RECAM_CARD_FAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

#define FAT_NAME      13  /* "DEMO.BIN" */
#define FAT_LONG_NAME 766 /* 255 UTF-16 units as UTF-8 */
#define FAT_MIN_SIZE  RC_MIB(8)

/* A file or folder that a volume is made with. A name of eight capitals, a dot and three of
 * them lies there as it is; any other gets such a name beside it. */
struct fat_node {
	const char *name;     /* UTF-8, borrowed */
	struct rc_span bytes; /* of a file, borrowed */
	bool folder;
	size_t parent; /* 0: the root folder; n: nodes[n - 1], a folder that stands before it */
};

/* Makes a volume in size bytes at data, which must be all 0. hidden: sectors of the card
 * before it. Files lie in one piece each, in the order given, and behind used bytes (may be
 * NULL) all is free and 0. RC_ERANGE where they do not fit, RC_EUSAGE for a name that FAT
 * does not have. */
int fat_make(uint8_t *data, size_t size, uint32_t hidden, const struct fat_node *nodes,
	     size_t count, size_t *used, struct rc_error *err);
bool fat_size_is_16(size_t size); /* what fat_make makes of it */
size_t fat_room(size_t size);     /* bytes of the largest single file in the root folder */

/* A volume that is read. All within the bytes given. */
struct fat {
	struct rc_span volume; /* borrowed */
	unsigned kind;         /* 12, 16, 32: by the count of clusters, as the standard says */
	uint32_t cluster_size; /* bytes */
	uint32_t cluster_count;
	size_t table;          /* offset of the first FAT */
	size_t root, root_end; /* FAT12, FAT16: the root folder's bytes */
	uint32_t root_cluster; /* FAT32 */
	size_t clusters;       /* offset of cluster 2 */
};
int fat_open(struct rc_span volume, struct fat *fat, struct rc_error *err);

struct fat_entry {
	char name[FAT_NAME];           /* the short one */
	char long_name[FAT_LONG_NAME]; /* UTF-8; the short one again where there is none */
	bool folder;
	uint32_t size;
	uint32_t cluster; /* of its first byte; 0: none */
};

/* Calls visit with each entry of a folder (NULL: the root), until it returns false; "." and
 * ".." and the label are passed over. */
int fat_scan(const struct fat *fat, const struct fat_entry *folder,
	     bool (*visit)(void *context, const struct fat_entry *entry), void *context,
	     struct rc_error *err);

/* The file or folder of a path such as "config/wifi.conf", either name of each, whatever its
 * case. RC_ENOTFOUND names what is not there. */
int fat_find(const struct fat *fat, const char *path, struct fat_entry *found,
	     struct rc_error *err);

/* What an entry's file holds; freed with rc_buffer_free. */
int fat_read_entry(const struct fat *fat, const struct fat_entry *file, struct rc_buffer *out,
		   struct rc_error *err);
/* fat_find and fat_read_entry. */
int fat_read(const struct fat *fat, const char *path, struct rc_buffer *out, struct rc_error *err);

/* True where the file's clusters lie one behind the other. */
bool fat_is_contiguous(const struct fat *fat, const struct fat_entry *file);

#endif
