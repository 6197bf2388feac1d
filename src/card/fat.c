/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card/fat.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "card/fat_name.h"
#include "card/mbr.h"

#define ENTRY_DELETED 0xe5

/* Counts of clusters that tell the kinds apart. */
#define MIN_16 4085u
#define MIN_32 65525u

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
	uint32_t pair;

	if (fat->kind == 32)
		return rc_le32(table + (size_t)cluster * 4) & 0x0fffffff;
	if (fat->kind == 16)
		return rc_le16(table + (size_t)cluster * 2);
	pair = rc_le16(table + cluster + cluster / 2);
	return cluster % 2 ? pair >> 4 : pair & 0xfff;
}

static bool is_end(const struct fat *fat, uint32_t cluster)
{
	return cluster >= (fat->kind == 32 ? 0x0ffffff8u : fat->kind == 16 ? 0xfff8u : 0xff8u);
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
			 ((uint64_t)g->root_entries * FAT_ENTRY + CARD_SECTOR - 1) / CARD_SECTOR;
	uint64_t table;

	if (first >= g->sectors || (uint64_t)g->sectors * CARD_SECTOR > fat->volume.size)
		return fail_volume(err, "sectors that it should have:", g->sectors);
	fat->cluster_size = g->per_cluster * CARD_SECTOR;
	fat->cluster_count = (uint32_t)((g->sectors - first) / g->per_cluster);
	fat->kind = fat->cluster_count < MIN_16 ? 12 : fat->cluster_count < MIN_32 ? 16 : 32;
	table = ((uint64_t)fat->cluster_count + 2) * fat->kind;
	if ((table + 7) / 8 > (uint64_t)g->table_sectors * CARD_SECTOR)
		return fail_volume(err, "its table is too short for clusters:", fat->cluster_count);
	fat->table = (size_t)g->reserved * CARD_SECTOR;
	fat->root = (size_t)root * CARD_SECTOR;
	fat->root_end = fat->root + (size_t)g->root_entries * FAT_ENTRY;
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
	fat->root_cluster = fat->kind == 32 ? rc_le32(boot + 44) : 0;
	if (fat->kind == 32 && !is_cluster(fat, fat->root_cluster))
		return fail_volume(err, "root folder in cluster:", fat->root_cluster);
	return 0;
}

/* --- Folders --- */

struct scan {
	bool (*visit)(void *context, const struct fat_entry *entry);
	void *context;
	struct fat_gather gather;
};

/* True: the folder may go on behind these bytes. */
static bool scan_bytes(struct rc_span bytes, struct scan *scan)
{
	for (size_t i = 0; i + FAT_ENTRY <= bytes.size; i += FAT_ENTRY) {
		const uint8_t *at = bytes.data + i;
		struct fat_entry entry = { 0 };

		if (at[0] == 0)
			return false;
		if (at[0] == ENTRY_DELETED) {
			scan->gather = (struct fat_gather){ 0 };
			continue;
		}
		if ((at[11] & FAT_ATTR_LONG) == FAT_ATTR_LONG) {
			fat_gather_slot(&scan->gather, at);
			continue;
		}
		fat_gather_names(&scan->gather, at, &entry);
		if (at[11] & FAT_ATTR_VOLUME || at[0] == '.' || !entry.name[0])
			continue;
		entry.folder = at[11] & FAT_ATTR_FOLDER;
		entry.size = rc_le32(at + 28);
		entry.cluster = (uint32_t)rc_le16(at + 20) << 16 | rc_le16(at + 26);
		if (!scan->visit(scan->context, &entry))
			return false;
	}
	return true;
}

int fat_scan(const struct fat *fat, const struct fat_entry *folder,
	     bool (*visit)(void *context, const struct fat_entry *entry), void *context,
	     struct rc_error *err)
{
	struct scan scan = { .visit = visit, .context = context };
	uint32_t cluster = folder ? folder->cluster : fat->root_cluster;
	bool more = true;

	if (!folder && fat->kind != 32) {
		scan_bytes(rc_span_sub(fat->volume, fat->root, fat->root_end - fat->root), &scan);
		return 0;
	}
	/* No folder has more clusters than there are: a chain in a circle ends. */
	for (uint32_t i = 0; more && i < fat->cluster_count; i++) {
		if (!is_cluster(fat, cluster))
			return rc_fail(err, RC_EFORMAT,
				       "the folder %s of the card goes on in cluster %u, which is "
				       "not there: repair it with fsck.fat, or make the card anew",
				       folder ? folder->long_name : "/", cluster);
		more = scan_bytes(
			rc_span_sub(fat->volume, cluster_offset(fat, cluster), fat->cluster_size),
			&scan);
		cluster = next_cluster(fat, cluster);
		more = more && !is_end(fat, cluster);
	}
	return 0;
}

struct search {
	const char *name;
	size_t length;
	struct fat_entry *found;
	bool done;
};

static bool is_named(const char *name, const struct search *search)
{
	return strlen(name) == search->length &&
	       strncasecmp(name, search->name, search->length) == 0;
}

static bool match(void *context, const struct fat_entry *entry)
{
	struct search *search = context;

	search->done = is_named(entry->name, search) || is_named(entry->long_name, search);
	if (search->done)
		*search->found = *entry;
	return !search->done;
}

#define MAX_DEPTH 16

int fat_find(const struct fat *fat, const char *path, struct fat_entry *found, struct rc_error *err)
{
	struct fat_entry folder;
	const char *at = path;

	for (unsigned depth = 0; depth < MAX_DEPTH; depth++) {
		struct search search = { at, strcspn(at, "/"), found, false };
		int result = fat_scan(fat, depth ? &folder : NULL, match, &search, err);

		if (result)
			return result;
		at += search.length;
		if (!search.done || (*at && !found->folder))
			break;
		if (!*at)
			return 0;
		folder = *found;
		at++;
	}
	return rc_fail(err, RC_ENOTFOUND, "there is no file %s on the card", path);
}

/* --- Files --- */

int fat_read_entry(const struct fat *fat, const struct fat_entry *file, struct rc_buffer *out,
		   struct rc_error *err)
{
	uint32_t cluster = file->cluster;

	*out = (struct rc_buffer){ 0 };
	while (out->size < file->size) {
		size_t left = file->size - out->size;
		struct rc_span bytes;

		if (!is_cluster(fat, cluster)) {
			rc_buffer_free(out);
			return rc_fail(err, RC_EFORMAT,
				       "the file %s on the card ends after %zu of its %u bytes: "
				       "copy it anew",
				       file->long_name, (size_t)file->size - left, file->size);
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
				       file->long_name, file->size);
		}
		cluster = next_cluster(fat, cluster);
	}
	return 0;
}

int fat_read(const struct fat *fat, const char *path, struct rc_buffer *out, struct rc_error *err)
{
	struct fat_entry file = { 0 };
	int result = fat_find(fat, path, &file, err);

	*out = (struct rc_buffer){ 0 };
	if (!result && file.folder)
		result = rc_fail(err, RC_ENOTFOUND, "%s is a folder of the card, not a file", path);
	return result ? result : fat_read_entry(fat, &file, out, err);
}

bool fat_is_contiguous(const struct fat *fat, const struct fat_entry *file)
{
	uint32_t count = (uint32_t)(((uint64_t)file->size + fat->cluster_size - 1) /
				    fat->cluster_size);

	for (uint32_t i = 0; i + 1 < count; i++)
		if (!is_cluster(fat, file->cluster + i) ||
		    next_cluster(fat, file->cluster + i) != file->cluster + i + 1)
			return false;
	return true;
}
