/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card/fat.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "card/mbr.h"

#define ENTRY_SIZE     32u
#define ENTRY_DELETED  0xe5
#define ATTR_VOLUME    0x08
#define ATTR_FOLDER    0x10
#define ATTR_LONG_NAME 0x0f

/* Counts of clusters that tell the kinds apart. */
#define MIN_16 4085u
#define MIN_32 65525u

#define END_OF_CHAIN(fat) ((fat)->is_16 ? 0xfff8u : 0x0ffffff8u)

static size_t cluster_offset(const struct fat *fat, uint32_t cluster)
{
	return fat->clusters + (size_t)(cluster - 2) * fat->cluster_size;
}

static bool is_cluster(const struct fat *fat, uint32_t cluster)
{
	return cluster >= 2 && cluster - 2 < fat->cluster_count;
}

static uint32_t next_cluster(const struct fat *fat, uint32_t cluster)
{
	const uint8_t *table = fat->volume.data + fat->table;

	return fat->is_16 ? rc_le16(table + (size_t)cluster * 2)
			  : rc_le32(table + (size_t)cluster * 4) & 0x0fffffff;
}

static int fail_volume(struct rc_error *err, const char *what, uint64_t number)
{
	return rc_fail(err, RC_EFORMAT,
		       "the card's partition is no FAT file system (%s %llu): format it as FAT32, "
		       "or make the card with recam card make",
		       what, (unsigned long long)number);
}

struct geometry {
	uint32_t sectors, reserved, tables, table_sectors, root_entries, per_cluster;
};

static int place_parts(struct fat *fat, const struct geometry *g, struct rc_error *err)
{
	uint64_t root = g->reserved + (uint64_t)g->tables * g->table_sectors;
	uint64_t first = root +
			 ((uint64_t)g->root_entries * ENTRY_SIZE + CARD_SECTOR - 1) / CARD_SECTOR;
	uint64_t entry;

	if (first >= g->sectors || (uint64_t)g->sectors * CARD_SECTOR > fat->volume.size)
		return fail_volume(err, "sectors that it should have:", g->sectors);
	fat->cluster_size = g->per_cluster * CARD_SECTOR;
	fat->cluster_count = (uint32_t)((g->sectors - first) / g->per_cluster);
	fat->is_16 = fat->cluster_count < MIN_32;
	if (fat->cluster_count < MIN_16)
		return fail_volume(err, "it would be FAT12, with clusters:", fat->cluster_count);
	entry = fat->is_16 ? 2 : 4;
	if ((fat->cluster_count + 2) * entry > (uint64_t)g->table_sectors * CARD_SECTOR)
		return fail_volume(err, "its table is too short for clusters:", fat->cluster_count);
	fat->table = (size_t)g->reserved * CARD_SECTOR;
	fat->root = (size_t)root * CARD_SECTOR;
	fat->root_end = fat->root + (size_t)g->root_entries * ENTRY_SIZE;
	fat->clusters = (size_t)first * CARD_SECTOR;
	return 0;
}

int fat_open(struct rc_span volume, struct fat *fat, struct rc_error *err)
{
	const uint8_t *boot = volume.data;
	struct geometry g;
	int result;

	*fat = (struct fat){ .volume = volume };
	if (volume.size < CARD_SECTOR || boot[510] != 0x55 || boot[511] != 0xaa)
		return fail_volume(err, "no 55 AA in a boot sector of bytes:", volume.size);
	g.sectors = rc_le16(boot + 19) ? rc_le16(boot + 19) : rc_le32(boot + 32);
	g.per_cluster = boot[13];
	g.reserved = rc_le16(boot + 14);
	g.tables = boot[16];
	g.root_entries = rc_le16(boot + 17);
	g.table_sectors = rc_le16(boot + 22) ? rc_le16(boot + 22) : rc_le32(boot + 36);
	if (rc_le16(boot + 11) != CARD_SECTOR)
		return fail_volume(err, "bytes in a sector:", rc_le16(boot + 11));
	if (g.per_cluster == 0 || g.per_cluster & (g.per_cluster - 1))
		return fail_volume(err, "sectors in a cluster:", g.per_cluster);
	if (g.reserved == 0 || g.tables == 0 || g.tables > 2 || g.table_sectors == 0)
		return fail_volume(err, "tables:", g.tables);
	result = place_parts(fat, &g, err);
	if (result)
		return result;
	fat->root_cluster = fat->is_16 ? 0 : rc_le32(boot + 44);
	if (!fat->is_16 && !is_cluster(fat, fat->root_cluster))
		return fail_volume(err, "root folder in cluster:", fat->root_cluster);
	return 0;
}

static void entry_name(const uint8_t *entry, char name[FAT_NAME])
{
	size_t length = 0;

	for (size_t i = 0; i < 11; i++) {
		if (i == 8 && entry[8] != ' ')
			name[length++] = '.';
		if (entry[i] > ' ' && entry[i] < 0x7f)
			name[length++] = (char)entry[i];
	}
	name[length] = '\0';
}

/* True: go on. */
static bool take_entry(const uint8_t *entry, struct fat_entry *out, bool *is_file)
{
	*is_file = false;
	if (entry[0] == 0)
		return false;
	if (entry[0] == ENTRY_DELETED || entry[11] & ATTR_VOLUME)
		return true;
	entry_name(entry, out->name);
	out->folder = entry[11] & ATTR_FOLDER;
	out->size = rc_le32(entry + 28);
	out->cluster = (uint32_t)rc_le16(entry + 20) << 16 | rc_le16(entry + 26);
	*is_file = out->name[0] != '\0';
	return true;
}

struct listing {
	struct fat_entry *entries;
	size_t limit, count;
};

/* True: the folder may go on behind these bytes. */
static bool list_bytes(struct rc_span bytes, struct listing *listing)
{
	for (size_t i = 0; i + ENTRY_SIZE <= bytes.size && listing->count < listing->limit;
	     i += ENTRY_SIZE) {
		struct fat_entry *next = &listing->entries[listing->count];
		bool is_file;

		if (!take_entry(bytes.data + i, next, &is_file))
			return false;
		listing->count += is_file;
	}
	return listing->count < listing->limit;
}

int fat_list(const struct fat *fat, struct fat_entry *entries, size_t limit, size_t *count,
	     struct rc_error *err)
{
	struct listing listing = { entries, limit, 0 };
	uint32_t cluster = fat->root_cluster;
	bool more = true;

	if (fat->is_16) {
		list_bytes(rc_span_sub(fat->volume, fat->root, fat->root_end - fat->root),
			   &listing);
		more = false;
	}
	/* No folder has more clusters than there are: a chain in a circle ends. */
	for (uint32_t i = 0; more && i < fat->cluster_count; i++) {
		if (!is_cluster(fat, cluster))
			return rc_fail(err, RC_EFORMAT,
				       "the root folder of the card goes on in cluster %u, which "
				       "is not there: repair it with fsck.fat",
				       cluster);
		more = list_bytes(
			rc_span_sub(fat->volume, cluster_offset(fat, cluster), fat->cluster_size),
			&listing);
		cluster = next_cluster(fat, cluster);
		more = more && cluster < END_OF_CHAIN(fat);
	}
	*count = listing.count;
	return 0;
}

/* A root folder of these cameras' cards has a few files; this many are looked at. */
#define MAX_ENTRIES 512u

static int find_file(const struct fat *fat, const char *name, struct fat_entry *found,
		     struct rc_error *err)
{
	struct fat_entry entries[MAX_ENTRIES];
	size_t count = 0;
	int result = fat_list(fat, entries, MAX_ENTRIES, &count, err);

	if (result)
		return result;
	for (size_t i = 0; i < count; i++)
		if (!entries[i].folder && strcasecmp(entries[i].name, name) == 0) {
			*found = entries[i];
			return 0;
		}
	return rc_fail(err, RC_ENOTFOUND, "there is no file %s in the root folder of the card",
		       name);
}

int fat_read(const struct fat *fat, const char *name, struct rc_buffer *out, struct rc_error *err)
{
	struct fat_entry file = { 0 };
	uint32_t cluster;
	int result = find_file(fat, name, &file, err);

	*out = (struct rc_buffer){ 0 };
	if (result)
		return result;
	cluster = file.cluster;
	while (out->size < file.size) {
		size_t left = file.size - out->size;
		struct rc_span bytes;

		if (!is_cluster(fat, cluster)) {
			rc_buffer_free(out);
			return rc_fail(err, RC_EFORMAT,
				       "the file %s on the card ends after %zu of its %u bytes: "
				       "copy it anew",
				       name, (size_t)file.size - left, file.size);
		}
		bytes = rc_span_sub(fat->volume, cluster_offset(fat, cluster),
				    left < fat->cluster_size ? left : fat->cluster_size);
		/* A chain in a circle would grow for ever; the volume bounds it. */
		if (bytes.size == 0 || out->size > fat->volume.size ||
		    !rc_buffer_append(out, bytes.data, bytes.size)) {
			rc_buffer_free(out);
			return rc_fail(err, RC_EFORMAT,
				       "the file %s claims %u bytes, more than the card holds: "
				       "copy it anew",
				       name, file.size);
		}
		cluster = next_cluster(fat, cluster);
	}
	return 0;
}
