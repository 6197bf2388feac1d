/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "card/fat.h"
#include "card/mbr.h"

#define DOS_DATE    0x5021 /* 2020-01-01: the same files give the same card */
#define MEDIA       0xf8
#define ROOT_16     512u /* entries */
#define MAX_CLUSTER 8u   /* sectors: 4 KiB, as cards are formatted */
#define SMALLEST_32 RC_MIB(64)

/* Fields of fixed length, without an end. */
static const uint8_t label[11] = { 'R', 'E', 'C', 'A', 'M', ' ', ' ', ' ', ' ', ' ', ' ' };
static const uint8_t maker[8] = { 'M', 'S', 'D', 'O', 'S', '5', '.', '0' };
static const uint8_t kind_16[8] = { 'F', 'A', 'T', '1', '6', ' ', ' ', ' ' };
static const uint8_t kind_32[8] = { 'F', 'A', 'T', '3', '2', ' ', ' ', ' ' };
static const uint8_t jump_16[3] = { 0xeb, 0x3c, 0x90 };
static const uint8_t jump_32[3] = { 0xeb, 0x58, 0x90 };

/* Where things lie, in sectors of the volume. */
struct plan {
	bool is_16;
	uint32_t sectors, per_cluster, reserved, table_sectors, first, clusters;
};

bool fat_size_is_16(size_t size)
{
	return size < SMALLEST_32;
}

static void plan_with(struct plan *plan, uint32_t per_cluster)
{
	uint32_t root = plan->is_16 ? ROOT_16 / 16 : 0;
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
static void make_plan(size_t size, struct plan *plan)
{
	uint32_t least = size < SMALLEST_32 ? 4096 + 32 : 65536 + 32;
	uint32_t per_cluster = MAX_CLUSTER;

	*plan = (struct plan){ .is_16 = fat_size_is_16(size),
			       .sectors = (uint32_t)(size / CARD_SECTOR) };
	plan_with(plan, per_cluster);
	while (plan->clusters < least && per_cluster > 1)
		plan_with(plan, per_cluster /= 2);
}

static void write_boot(const struct plan *plan, uint32_t hidden, uint32_t serial, uint8_t *boot)
{
	uint8_t *tail = boot + (plan->is_16 ? 36 : 64);

	memcpy(boot, plan->is_16 ? jump_16 : jump_32, sizeof(jump_16));
	memcpy(boot + 3, maker, sizeof(maker));
	rc_put_le16(boot + 11, CARD_SECTOR);
	boot[13] = (uint8_t)plan->per_cluster;
	rc_put_le16(boot + 14, (uint16_t)plan->reserved);
	boot[16] = 2;
	rc_put_le16(boot + 17, plan->is_16 ? ROOT_16 : 0);
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
	memcpy(tail + 7, label, sizeof(label));
	memcpy(tail + 18, plan->is_16 ? kind_16 : kind_32, sizeof(kind_16));
	boot[510] = 0x55;
	boot[511] = 0xaa;
}

static void write_info(uint32_t free_clusters, uint32_t next, uint8_t *info)
{
	rc_put_le32(info, 0x41615252);
	rc_put_le32(info + 484, 0x61417272);
	rc_put_le32(info + 488, free_clusters);
	rc_put_le32(info + 492, next);
	info[510] = 0x55;
	info[511] = 0xaa;
}

static void put_link(const struct plan *plan, uint8_t *data, uint32_t cluster, uint32_t value)
{
	for (uint32_t copy = 0; copy < 2; copy++) {
		uint8_t *table = data + (size_t)(plan->reserved + copy * plan->table_sectors) *
						CARD_SECTOR;

		if (plan->is_16)
			rc_put_le16(table + (size_t)cluster * 2, (uint16_t)value);
		else
			rc_put_le32(table + (size_t)cluster * 4, value);
	}
}

static void put_chain(const struct plan *plan, uint8_t *data, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		put_link(plan, data, first + i, i + 1 < count ? first + i + 1 : 0x0fffffff);
}

static bool put_name(const char *name, uint8_t entry[11])
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *dot = strchr(name, '.');
	size_t base = dot ? (size_t)(dot - name) : strlen(name);
	size_t extension = dot ? strlen(dot + 1) : 0;

	memset(entry, ' ', 11);
	if (base == 0 || base > 8 || extension > 3 || strspn(name, allowed) != base ||
	    (dot && strspn(dot + 1, allowed) != extension))
		return false;
	for (size_t i = 0; i < base; i++)
		entry[i] = (uint8_t)name[i];
	for (size_t i = 0; i < extension; i++)
		entry[8 + i] = (uint8_t)dot[1 + i];
	return true;
}

static void put_entry(uint8_t *entry, uint8_t attributes, uint32_t cluster, uint32_t size)
{
	entry[11] = attributes;
	rc_put_le16(entry + 16, DOS_DATE);
	rc_put_le16(entry + 18, DOS_DATE);
	rc_put_le16(entry + 20, (uint16_t)(cluster >> 16));
	rc_put_le16(entry + 24, DOS_DATE);
	rc_put_le16(entry + 26, (uint16_t)cluster);
	rc_put_le32(entry + 28, size);
}

static uint32_t clusters_for(const struct plan *plan, size_t size)
{
	size_t bytes = (size_t)plan->per_cluster * CARD_SECTOR;

	return (uint32_t)((size + bytes - 1) / bytes);
}

static int check_files(const struct plan *plan, const struct fat_file *files, size_t count,
		       uint32_t root_clusters, struct rc_error *err)
{
	uint64_t needed = root_clusters;
	uint8_t entry[11];

	for (size_t i = 0; i < count; i++) {
		if (!put_name(files[i].name, entry))
			return rc_fail(err, RC_EUSAGE,
				       "\"%s\" is no name for a file on a camera's card: eight "
				       "letters, a dot and three letters at most, in capitals",
				       files[i].name);
		for (size_t j = 0; j < i; j++)
			if (strcmp(files[i].name, files[j].name) == 0)
				return rc_fail(err, RC_EUSAGE, "two files are both named %s",
					       files[i].name);
		needed += clusters_for(plan, files[i].bytes.size);
	}
	if (needed <= plan->clusters && count < ROOT_16)
		return 0;
	return rc_fail(
		err, RC_ERANGE,
		"%zu files need %llu clusters of %u bytes, the card's partition has %u: make "
		"a larger card",
		count, (unsigned long long)needed, plan->per_cluster * CARD_SECTOR, plan->clusters);
}

static size_t offset_of(const struct plan *plan, uint32_t cluster)
{
	return ((size_t)plan->first + (size_t)(cluster - 2) * plan->per_cluster) * CARD_SECTOR;
}

/* Returns the first cluster that is free behind them. */
static uint32_t put_files(const struct plan *plan, uint8_t *data, uint8_t *root, uint32_t next,
			  const struct fat_file *files, size_t count)
{
	memcpy(root, label, sizeof(label));
	put_entry(root, 0x08, 0, 0);
	for (size_t i = 0; i < count; i++) {
		struct rc_span bytes = files[i].bytes;
		uint32_t clusters = clusters_for(plan, bytes.size);
		uint8_t *entry = root + (i + 1) * 32;

		put_name(files[i].name, entry);
		put_entry(entry, 0x20, clusters ? next : 0, (uint32_t)bytes.size);
		put_chain(plan, data, next, clusters);
		if (bytes.size)
			memcpy(data + offset_of(plan, next), bytes.data, bytes.size);
		next += clusters;
	}
	return next;
}

int fat_make(uint8_t *data, size_t size, uint32_t hidden, const struct fat_file *files,
	     size_t count, struct rc_error *err)
{
	uint32_t root_clusters, next, serial = 0x5ec0de00u ^ (uint32_t)size;
	struct plan plan;
	uint8_t *root;
	int result;

	if (size < FAT_MIN_SIZE || size / CARD_SECTOR > UINT32_MAX)
		return rc_fail(err, RC_ERANGE,
			       "a FAT partition of %zu bytes is not made: 8 MiB at least", size);
	make_plan(size, &plan);
	root_clusters = plan.is_16 ? 0 : clusters_for(&plan, (count + 1) * 32);
	result = check_files(&plan, files, count, root_clusters, err);
	if (result)
		return result;
	write_boot(&plan, hidden, serial, data);
	put_link(&plan, data, 0, plan.is_16 ? 0xff00u | MEDIA : 0x0fffff00u | MEDIA);
	put_link(&plan, data, 1, 0x0fffffff);
	put_chain(&plan, data, 2, root_clusters);
	root = plan.is_16 ? data + (size_t)(plan.first - ROOT_16 / 16) * CARD_SECTOR
			  : data + offset_of(&plan, 2);
	next = put_files(&plan, data, root, 2 + root_clusters, files, count);
	if (!plan.is_16) {
		write_info(plan.clusters - (next - 2), next, data + CARD_SECTOR);
		memcpy(data + 6 * (size_t)CARD_SECTOR, data, 2 * (size_t)CARD_SECTOR);
	}
	return 0;
}
