/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame of a FAT volume that is made: where its parts lie, its boot sector, its table. */
#ifndef RECAM_CARD_FAT_PLAN_H
#define RECAM_CARD_FAT_PLAN_H

#include "card/fat.h"

#define FAT_ROOT_16 512u /* entries of a FAT16 root folder */

extern const uint8_t fat_label[11];

/* In sectors of the volume. */
struct fat_plan {
	bool is_16;
	uint32_t sectors, per_cluster, reserved, table_sectors, first, clusters;
};

void fat_plan_make(size_t size, struct fat_plan *plan);
size_t fat_plan_cluster(const struct fat_plan *plan); /* bytes of one */

void fat_plan_write_boot(const struct fat_plan *plan, uint32_t hidden, uint8_t *volume);
/* FAT32: how many clusters are free from next on, and the copies of these sectors. */
void fat_plan_write_info(const struct fat_plan *plan, uint32_t next, uint8_t *volume);
/* count clusters from first, in both tables. */
void fat_plan_write_chain(const struct fat_plan *plan, uint8_t *volume, uint32_t first,
			  uint32_t count);

#endif
