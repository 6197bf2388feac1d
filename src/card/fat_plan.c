/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card/fat_plan.h"

#include <string.h>

#include "card/mbr.h"

#define MEDIA       0xf8
#define MAX_CLUSTER 8u /* sectors: 4 KiB, as cards are formatted */
#define SMALLEST_32 RC_MIB(64)

/* Fields of fixed length, without an end. */
const uint8_t fat_label[11] = { 'R', 'E', 'C', 'A', 'M', ' ', ' ', ' ', ' ', ' ', ' ' };
static const uint8_t maker[8] = { 'M', 'S', 'D', 'O', 'S', '5', '.', '0' };
static const uint8_t kind_16[8] = { 'F', 'A', 'T', '1', '6', ' ', ' ', ' ' };
static const uint8_t kind_32[8] = { 'F', 'A', 'T', '3', '2', ' ', ' ', ' ' };
static const uint8_t jump_16[3] = { 0xeb, 0x3c, 0x90 };
static const uint8_t jump_32[3] = { 0xeb, 0x58, 0x90 };

bool fat_size_is_16(size_t size)
{
	return size < SMALLEST_32;
}

static void plan_with(struct fat_plan *plan, uint32_t per_cluster)
{
	uint32_t root = plan->is_16 ? FAT_ROOT_16 / 16 : 0;
	uint32_t entry = plan->is_16 ? 2 : 4;
	uint32_t most;

	plan->per_cluster = per_cluster;
	plan->reserved = plan->is_16 ? 1 : 32;
	most = (plan->sectors - plan->reserved - root) / per_cluster;
	plan->table_sectors = ((most + 2) * entry + CARD_SECTOR - 1) / CARD_SECTOR;
	plan->first = plan->reserved + 2 * plan->table_sectors + root;
	plan->clusters = (plan->sectors - plan->first) / per_cluster;
}

/* The largest clusters that leave a count well inside the kind's limits: programs differ
 * in how they tell the kinds apart near them. */
void fat_plan_make(size_t size, struct fat_plan *plan)
{
	uint32_t least = size < SMALLEST_32 ? 4096 + 32 : 65536 + 32;
	uint32_t per_cluster = MAX_CLUSTER;

	*plan = (struct fat_plan){ .is_16 = fat_size_is_16(size),
				   .sectors = (uint32_t)(size / CARD_SECTOR) };
	plan_with(plan, per_cluster);
	while (plan->clusters < least && per_cluster > 1)
		plan_with(plan, per_cluster /= 2);
}

size_t fat_plan_cluster(const struct fat_plan *plan)
{
	return (size_t)plan->per_cluster * CARD_SECTOR;
}

size_t fat_room(size_t size)
{
	struct fat_plan plan;

	fat_plan_make(size, &plan);
	return (plan.clusters - !plan.is_16) * fat_plan_cluster(&plan);
}

static void put_link(const struct fat_plan *plan, uint8_t *volume, uint32_t cluster, uint32_t value)
{
	for (uint32_t copy = 0; copy < 2; copy++) {
		uint8_t *table = volume + (size_t)(plan->reserved + copy * plan->table_sectors) *
						  CARD_SECTOR;

		if (plan->is_16)
			rc_put_le16(table + (size_t)cluster * 2, (uint16_t)value);
		else
			rc_put_le32(table + (size_t)cluster * 4, value);
	}
}

void fat_plan_write_chain(const struct fat_plan *plan, uint8_t *volume, uint32_t first,
			  uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		put_link(plan, volume, first + i, i + 1 < count ? first + i + 1 : 0x0fffffff);
}

void fat_plan_write_boot(const struct fat_plan *plan, uint32_t hidden, uint8_t *volume)
{
	uint32_t serial = 0x5ec0de00u ^ plan->sectors * CARD_SECTOR;
	uint8_t *boot = volume;
	uint8_t *tail = boot + (plan->is_16 ? 36 : 64);

	memcpy(boot, plan->is_16 ? jump_16 : jump_32, sizeof(jump_16));
	memcpy(boot + 3, maker, sizeof(maker));
	rc_put_le16(boot + 11, CARD_SECTOR);
	boot[13] = (uint8_t)plan->per_cluster;
	rc_put_le16(boot + 14, (uint16_t)plan->reserved);
	boot[16] = 2;
	rc_put_le16(boot + 17, plan->is_16 ? FAT_ROOT_16 : 0);
	if (plan->is_16 && plan->sectors < 0x10000)
		rc_put_le16(boot + 19, (uint16_t)plan->sectors);
	else
		rc_put_le32(boot + 32, plan->sectors);
	boot[21] = MEDIA;
	rc_put_le16(boot + 22, plan->is_16 ? (uint16_t)plan->table_sectors : 0);
	rc_put_le16(boot + 24, 63);
	rc_put_le16(boot + 26, 255);
	rc_put_le32(boot + 28, hidden);
	if (!plan->is_16) {
		rc_put_le32(boot + 36, plan->table_sectors);
		rc_put_le32(boot + 44, 2);
		rc_put_le16(boot + 48, 1); /* FSInfo */
		rc_put_le16(boot + 50, 6); /* copy of this sector */
	}
	tail[0] = 0x80;
	tail[2] = 0x29;
	rc_put_le32(tail + 3, serial);
	memcpy(tail + 7, fat_label, sizeof(fat_label));
	memcpy(tail + 18, plan->is_16 ? kind_16 : kind_32, sizeof(kind_16));
	boot[510] = 0x55;
	boot[511] = 0xaa;
	put_link(plan, volume, 0, plan->is_16 ? 0xff00u | MEDIA : 0x0fffff00u | MEDIA);
	put_link(plan, volume, 1, 0x0fffffff);
}

void fat_plan_write_info(const struct fat_plan *plan, uint32_t next, uint8_t *volume)
{
	uint8_t *info = volume + CARD_SECTOR;

	rc_put_le32(info, 0x41615252);
	rc_put_le32(info + 484, 0x61417272);
	rc_put_le32(info + 488, plan->clusters - (next - 2));
	/* Where nothing is free, nobody knows the next. */
	rc_put_le32(info + 492, next - 2 < plan->clusters ? next : 0xffffffff);
	info[510] = 0x55;
	info[511] = 0xaa;
	memcpy(volume + 6 * (size_t)CARD_SECTOR, volume, 2 * (size_t)CARD_SECTOR);
}
