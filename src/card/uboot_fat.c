/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card/uboot_fat.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "card/mbr.h"

#define TABLE         446
#define ENTRY_SIZE    32u
#define DELETED       0xe5
#define DELETED_ALIAS 0x05
#define ATTR_VOLUME   0x08
#define ATTR_LONG     0x0f
#define LAST_LONG     0x40
#define MAX_LONG      20u /* entries of one name */

/* It reads the table of clusters in pieces of so many sectors, and the root folder of FAT12
 * and FAT16 in others. */
#define TABLE_PIECE 6u
#define ROOT_PIECE  2u
#define MAX_CLUSTER 128u /* sectors: what its buffer holds */

static bool is_extended(uint8_t type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

/* Sectors of the card, NULL where one of them lies outside. */
static const uint8_t *sectors(const struct uboot_fat *fat, int64_t first, uint64_t count)
{
	int64_t start = (int64_t)fat->start + first;
	uint64_t all = fat->card.size / CARD_SECTOR;

	if (start < 0 || (uint64_t)start > all || count > all - (uint64_t)start)
		return NULL;
	return fat->card.data + (size_t)start * CARD_SECTOR;
}

static void read_boot_sector(const uint8_t *boot, struct uboot_fat *fat)
{
	bool is_32 = rc_le16(boot + 22) == 0;
	uint32_t entries = rc_le16(boot + 17);

	memcpy(fat->label, boot + (is_32 ? 71 : 43), 11);
	if (is_32 && memcmp(boot + 82, "FAT32   ", 8) == 0)
		fat->kind = 32;
	else if (!is_32 && memcmp(boot + 54, "FAT12   ", 8) == 0)
		fat->kind = 12;
	else if (!is_32 && memcmp(boot + 54, "FAT16   ", 8) == 0)
		fat->kind = 16;
	fat->sector_size = rc_le16(boot + 11);
	fat->per_cluster = boot[13];
	fat->fat_sector = rc_le16(boot + 14);
	fat->fat_sectors = is_32 ? rc_le32(boot + 36) : rc_le16(boot + 22);
	fat->root_sector = fat->fat_sector + fat->fat_sectors * boot[16];
	fat->root_sectors = is_32 ? 0 : entries * ENTRY_SIZE / CARD_SECTOR;
	fat->root_cluster = is_32 ? rc_le32(boot + 44) : 0;
	fat->data_begin = (int64_t)fat->root_sector + fat->root_sectors - 2 * fat->per_cluster;
}

enum uboot_card uboot_card_open(struct rc_span card, struct uboot_fat *fat)
{
	const uint8_t *entry = card.data + TABLE;
	const uint8_t *boot;

	*fat = (struct uboot_fat){ .card = card };
	/* Only the first entry's flag is looked at. */
	if (card.size < CARD_SECTOR || card.data[510] != 0x55 || card.data[511] != 0xaa ||
	    (entry[0] & 0x7f))
		return UBOOT_CARD_NO_TABLE;
	if (entry[4] == 0 || is_extended(entry[4]))
		return UBOOT_CARD_NO_PARTITION;
	fat->start = rc_le32(entry + 8);
	boot = sectors(fat, 0, 1);
	if (!boot || boot[510] != 0x55 || boot[511] != 0xaa ||
	    (memcmp(boot + 54, "FAT", 3) != 0 && memcmp(boot + 82, "FAT32", 5) != 0))
		return UBOOT_CARD_NO_FAT;
	read_boot_sector(boot, fat);
	return UBOOT_CARD_FAT;
}

/* No cluster, and not what a table can say. */
#define ASTRAY (-1)

/* As get_fatent: 0 where it cannot be read. Behind its end the count of sectors to read becomes
 * an immense number, with which the bootloader writes over itself: ASTRAY. */
static int64_t next_of(const struct uboot_fat *fat, uint32_t cluster)
{
	uint64_t at = fat->kind == 12 ? (uint64_t)cluster + cluster / 2
				      : (uint64_t)cluster * (fat->kind / 8);
	uint64_t piece = at / (TABLE_PIECE * CARD_SECTOR) * TABLE_PIECE;
	uint64_t count = fat->fat_sectors - piece;
	const uint8_t *table, *value;

	if (piece >= fat->fat_sectors)
		return ASTRAY;
	if (count > TABLE_PIECE)
		count = TABLE_PIECE;
	table = sectors(fat, (int64_t)(fat->fat_sector + piece), count);
	at -= piece * CARD_SECTOR;
	if (!table || at + (fat->kind + 7) / 8 > count * CARD_SECTOR)
		return 0;
	value = table + at;
	if (fat->kind == 32)
		return rc_le32(value);
	if (fat->kind == 16)
		return rc_le16(value);
	return cluster % 2 ? rc_le16(value) >> 4 : rc_le16(value) & 0xfff;
}

static bool is_end(const struct uboot_fat *fat, int64_t cluster)
{
	return cluster <= 1 || cluster >= (fat->kind == 32 ? 0x0ffffff0u : 0xfff0u);
}

/* --- Names --- */

static void short_name(const uint8_t *entry, char name[14])
{
	size_t length = 0;

	for (size_t i = 0; i < 8 && entry[i] && entry[i] != ' '; i++)
		name[length++] = (char)tolower(entry[i]);
	if (entry[8] && entry[8] != ' ')
		name[length++] = '.';
	for (size_t i = 8; i < 11 && entry[8] != ' ' && entry[i] && entry[i] != ' '; i++)
		name[length++] = (char)tolower(entry[i]);
	name[length] = '\0';
	if (entry[0] == DELETED_ALIAS)
		name[0] = (char)DELETED;
}

/* Appends the letters of one entry of a long name; true at its end. Of each letter's 16 bits
 * it takes the lower 8. */
static bool add_letters(const uint8_t *slot, char *name, size_t *length)
{
	static const uint8_t places[] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };

	for (size_t i = 0; i < sizeof(places); i++) {
		name[*length] = (char)tolower(slot[places[i]]);
		if (!name[*length])
			return true;
		(*length)++;
	}
	return false;
}

/* Where the entries of one piece of a folder lie, and what comes behind it. */
struct piece {
	const uint8_t *bytes;
	size_t size;
	uint32_t cluster; /* 0: FAT12 and FAT16, where names end with the piece */
};

/* The long name that begins at slot, and the entry it belongs to; NULL where it holds not. */
static const uint8_t *long_name(const struct uboot_fat *fat, const struct piece *piece, size_t slot,
				char name[MAX_LONG * 13 + 1])
{
	const uint8_t *slots[MAX_LONG], *entry = piece->bytes + slot;
	size_t left = entry[0] & ~(unsigned)LAST_LONG & 0xff, count = 0, length = 0;
	size_t size = piece->size, at = slot;
	const uint8_t *bytes = piece->bytes;

	if (left > MAX_LONG)
		return NULL;
	for (;; at += ENTRY_SIZE) {
		if (at + ENTRY_SIZE > size) {
			int64_t next = piece->cluster ? next_of(fat, piece->cluster) : 0;

			if (is_end(fat, next) || bytes != piece->bytes)
				return NULL;
			bytes = sectors(fat, fat->data_begin + next * fat->per_cluster,
					fat->per_cluster);
			if (!bytes)
				return NULL;
			at = 0;
		}
		if (left == 0)
			break;
		if ((bytes[at] & ~(unsigned)LAST_LONG & 0xff) != left--)
			return NULL;
		slots[count++] = bytes + at;
	}
	while (count && !add_letters(slots[count - 1], name, &length))
		count--;
	name[length] = '\0';
	return bytes + at;
}

/* --- The root folder --- */

enum found { FOUND, NOT_HERE, END_OF_FOLDER };

static enum found search_piece(const struct uboot_fat *fat, const struct piece *piece,
			       const char *name, const uint8_t **found)
{
	for (size_t at = 0; at + ENTRY_SIZE <= piece->size; at += ENTRY_SIZE) {
		const uint8_t *entry = piece->bytes + at;
		char letters[MAX_LONG * 13 + 1] = "", letters_8_3[14];

		if (entry[0] == DELETED)
			continue;
		if (entry[11] & ATTR_VOLUME) {
			if ((entry[11] & ATTR_LONG) != ATTR_LONG || !(entry[0] & LAST_LONG))
				continue;
			entry = long_name(fat, piece, at, letters);
			if (!entry)
				continue;
		} else if (entry[0] == 0) {
			return END_OF_FOLDER;
		}
		short_name(entry, letters_8_3);
		if (strcmp(name, letters_8_3) == 0 || strcmp(name, letters) == 0) {
			*found = entry;
			return FOUND;
		}
	}
	return NOT_HERE;
}

static enum found search_32(const struct uboot_fat *fat, const char *name, const uint8_t **found)
{
	/* It begins at cluster 2 and goes on behind the root cluster. */
	int64_t sector = fat->root_sector;
	uint32_t cluster = fat->root_cluster;

	for (uint32_t i = 0; i < fat->card.size / CARD_SECTOR; i++) {
		struct piece piece = { sectors(fat, sector, fat->per_cluster),
				       (size_t)fat->per_cluster * CARD_SECTOR, cluster };
		enum found result;
		int64_t next;

		if (!piece.bytes)
			return END_OF_FOLDER;
		result = search_piece(fat, &piece, name, found);
		next = result == NOT_HERE ? next_of(fat, cluster) : 0;
		if (result != NOT_HERE || is_end(fat, next))
			return result;
		cluster = (uint32_t)next;
		sector = fat->data_begin + (int64_t)cluster * fat->per_cluster;
	}
	return END_OF_FOLDER;
}

static enum found search_16(const struct uboot_fat *fat, const char *name, const uint8_t **found)
{
	for (uint32_t at = 0; at < fat->root_sectors; at += ROOT_PIECE) {
		struct piece piece = { sectors(fat, (int64_t)fat->root_sector + at, ROOT_PIECE),
				       (size_t)ROOT_PIECE * CARD_SECTOR, 0 };
		enum found result;

		if (!piece.bytes)
			return END_OF_FOLDER;
		if (at + 1 == fat->root_sectors)
			piece.size = CARD_SECTOR;
		result = search_piece(fat, &piece, name, found);
		if (result != NOT_HERE)
			return result;
	}
	return END_OF_FOLDER;
}

/* --- Contents --- */

static bool take_clusters(const struct uboot_fat *fat, uint32_t cluster, size_t size,
			  struct rc_buffer *out)
{
	int64_t sector = cluster ? fat->data_begin + (int64_t)cluster * fat->per_cluster
				 : (int64_t)fat->root_sector;
	const uint8_t *bytes = sectors(fat, sector, (size + CARD_SECTOR - 1) / CARD_SECTOR);

	return bytes && rc_buffer_append(out, bytes, size);
}

/* Clusters that lie one behind the other are read at once. */
static enum uboot_read read_contents(const struct uboot_fat *fat, uint32_t cluster, size_t left,
				     struct rc_buffer *out)
{
	size_t per_cluster = (size_t)fat->per_cluster * CARD_SECTOR;

	while (left && out->size <= fat->card.size) {
		uint32_t last = cluster;
		int64_t next = 0;
		size_t run = per_cluster;

		while (run < left) {
			next = next_of(fat, last);
			if (next == ASTRAY)
				return UBOOT_READ_ASTRAY;
			if (next - 1 != last)
				break;
			if (is_end(fat, next))
				return UBOOT_READ_BROKEN;
			last = (uint32_t)next;
			run += per_cluster;
		}
		if (run > left)
			run = left;
		if (!take_clusters(fat, cluster, run, out))
			return out->failed ? UBOOT_READ_MEMORY : UBOOT_READ_ERROR;
		left -= run;
		cluster = (uint32_t)next;
		if (left && is_end(fat, next))
			return UBOOT_READ_BROKEN;
	}
	return left ? UBOOT_READ_BROKEN : UBOOT_READ_DONE;
}

enum uboot_read uboot_fat_read(const struct uboot_fat *fat, const char *name, size_t limit,
			       struct rc_buffer *out, uint32_t *size)
{
	const uint8_t *entry = NULL;
	uint32_t cluster;
	size_t wanted;

	*out = (struct rc_buffer){ 0 };
	*size = 0;
	if (fat->sector_size != CARD_SECTOR)
		return UBOOT_READ_SECTORS;
	if (fat->kind == 0 || fat->per_cluster == 0 || fat->per_cluster > MAX_CLUSTER ||
	    (fat->kind == 32 ? search_32 : search_16)(fat, name, &entry) != FOUND)
		return UBOOT_READ_MISSING;
	*size = rc_le32(entry + 28);
	wanted = limit && *size > limit ? limit : *size;
	cluster = rc_le16(entry + 26) | (fat->kind == 32 ? (uint32_t)rc_le16(entry + 20) << 16 : 0);
	return read_contents(fat, cluster, wanted, out);
}
