/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The partition table of an SD card (MBR), and making a whole card in memory. */
#ifndef RECAM_CARD_MBR_H
#define RECAM_CARD_MBR_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

#define CARD_SECTOR 512u

enum { MBR_FAT16 = 0x06, MBR_FAT32 = 0x0c, MBR_RAW = 0xda };

struct mbr_partition {
	uint8_t type;   /* 0: none */
	uint32_t first; /* sectors from the start of the card */
	uint32_t count;
};

#define MBR_PARTITIONS 4

struct mbr {
	struct mbr_partition partitions[MBR_PARTITIONS];
};

/* sector: the first of the card. card_sectors: how many it has; 0: not known, then ends
 * are not checked. RC_EFORMAT where there is no table, or its partitions overlap or lie
 * outside. */
int mbr_parse(struct rc_span sector, uint64_t card_sectors, struct mbr *mbr, struct rc_error *err);

/* The partition of this type, or NULL. */
const struct mbr_partition *mbr_find(const struct mbr *mbr, uint8_t type);

/* Writes the table into a sector of zeros. */
void mbr_write(const struct mbr *mbr, uint8_t sector[CARD_SECTOR]);

#endif
