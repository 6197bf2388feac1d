/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A card that carries a camera's flash to the PC, and firmware to the camera.
 *
 * Behind the FAT partition lies one of type 0xDA. Its first sector says what it is; the
 * area begins TRANSFER_DATA sectors later, and the camera writes it raw, since its
 * bootloader cannot write files. The FAT partition may hold firmware, one file per
 * partition of the flash, with TRANSFER_INDEX, which tells by CRC-32 of each 64 KiB which
 * blocks there are, so that nobody has to load a file to know.
 */
#ifndef RECAM_CARD_TRANSFER_H
#define RECAM_CARD_TRANSFER_H

#include "card/fat.h"
#include "card/mbr.h"

#define TRANSFER_DATA  2048u /* sectors from the partition's start: 1 MiB */
#define TRANSFER_INDEX "RECAM.IDX"
#define TRANSFER_BLOCK 0x10000u

struct transfer_area {
	uint32_t first; /* sector of the card where the area begins */
	uint32_t count; /* sectors */
};

/* sector: the first of the partition; place: of the partition. RC_EFORMAT where it is not
 * what card_make wrote. */
int transfer_parse(struct rc_span sector, const struct mbr_partition *place,
		   struct transfer_area *area, struct rc_error *err);
void transfer_write(uint32_t count, uint8_t sector[CARD_SECTOR]);

/* The transfer area of a whole card. */
int transfer_find(struct rc_span card, struct transfer_area *area, struct rc_error *err);

#define INDEX_MAX_FILES  16u
#define INDEX_MAX_BLOCKS 1024u /* of the largest flash */
#define INDEX_MAX_SIZE   (16u + INDEX_MAX_FILES * 16u + INDEX_MAX_BLOCKS * 4u + 16u)

struct transfer_index {
	struct {
		char name[FAT_NAME];
		uint32_t first, count; /* in crcs */
	} files[INDEX_MAX_FILES];
	size_t file_count;
	uint32_t crcs[INDEX_MAX_BLOCKS];
};

/* How many bytes an index that begins like this has in all; 0: it is none. */
#define INDEX_HEAD 16u
size_t index_size(struct rc_span head);
int index_parse(struct rc_span bytes, struct transfer_index *index, struct rc_error *err);
/* The index of these files, whose sizes are multiples of TRANSFER_BLOCK. A multiple of 16
 * bytes; freed by the caller. */
int index_make(const struct fat_node *files, size_t count, struct rc_buffer *out,
	       struct rc_error *err);
/* Where size bytes (a multiple of TRANSFER_BLOCK) lie in one of the files: its number, and
 * the offset in it. False where they do not. */
bool index_find(const struct transfer_index *index, const uint8_t *data, size_t size, size_t *file,
		uint32_t *offset);

struct card_options {
	const struct fat_node *nodes;
	size_t node_count;
	uint32_t transfer_size; /* bytes; 0: no transfer area */
};

#define CARD_FIRST_SECTOR  2048u
#define CARD_MAX_PARTITION RC_MIB(512) /* the boot loaders of some cameras read no larger */

/* A whole card in size bytes at data, all 0 before. Behind used bytes (may be NULL) all is 0
 * but for the header of a transfer area. */
int card_make(uint8_t *data, size_t size, const struct card_options *options, size_t *used,
	      struct rc_error *err);

#endif
