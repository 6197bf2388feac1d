/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A card as the cameras' U-Boot reads it, which is neither as a PC does nor as the standard
 * says: by the text "FAT32   " in the boot sector instead of the count of clusters, the root
 * folder at cluster 2 whatever the boot sector says, nothing of what lies outside of the
 * first partition of an MBR. After U-Boot 2013.07, disk/part_dos.c and fs/fat/fat.c; held to
 * the stock bootloader itself by tests/twin/card_verdict.c.
 */
#ifndef RECAM_CARD_UBOOT_FAT_H
#define RECAM_CARD_UBOOT_FAT_H

#include "base/bytes.h"
#include "base/error.h"

enum uboot_card {
	UBOOT_CARD_FAT,          /* its partition 1 is read as a FAT file system */
	UBOOT_CARD_NO_TABLE,     /* no partition table that it takes for one */
	UBOOT_CARD_NO_PARTITION, /* the table's first entry is empty, or an extended partition */
	UBOOT_CARD_NO_FAT,       /* partition 1 begins with something else */
};

struct uboot_fat {
	struct rc_span card; /* borrowed, whole */
	uint64_t start;      /* of the partition, in sectors of the card */
	unsigned kind;       /* 12, 16, 32; 0: "No valid FAT fs found" */
	char label[12];      /* as it prints it, trailing blanks and all */
	uint32_t fat_sector, fat_sectors, root_sector, root_sectors, sector_size, per_cluster;
	uint32_t root_cluster;
	int64_t data_begin; /* sector of cluster 0 */
};

/* Pure. fat is filled where the answer is UBOOT_CARD_FAT. */
enum uboot_card uboot_card_open(struct rc_span card, struct uboot_fat *fat);

enum uboot_read {
	UBOOT_READ_DONE,    /* out holds what it got, at most limit bytes; 0 of a folder */
	UBOOT_READ_MISSING, /* no such name in the root folder */
	UBOOT_READ_SECTORS, /* "Error: FAT sector size mismatch" */
	UBOOT_READ_BROKEN,  /* out holds less than the file's size: the chain of its clusters
			     * ends early ("Invalid FAT entry" where it tried to go on) */
	UBOOT_READ_ERROR,   /* "Error reading cluster": it lies outside of the card */
	UBOOT_READ_ASTRAY,  /* it asks for clusters that the file system does not have, and crashes
			     */
	UBOOT_READ_MEMORY,  /* ours, not the camera's */
};

/* What file_fat_read(name, ..., limit) gets from the root folder: name in small letters as
 * U-Boot compares it. limit 0: the whole file. *size: what the folder says the file has. out
 * is freed by the caller. */
enum uboot_read uboot_fat_read(const struct uboot_fat *fat, const char *name, size_t limit,
			       struct rc_buffer *out, uint32_t *size);

#endif
