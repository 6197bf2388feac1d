/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card/transfer.h"

#include <stdio.h>
#include <string.h>

#include "base/checksum.h"

static const uint8_t area_magic[8] = { 'R', 'E', 'C', 'A', 'M', 'X', 'F', 'R' };
static const uint8_t index_magic[8] = { 'R', 'E', 'C', 'A', 'M', 'I', 'D', 'X' };
#define VERSION 1u

/* magic, version, sectors, CRC-32 of these 16 bytes; the rest is 0. */
void transfer_write(uint32_t count, uint8_t sector[CARD_SECTOR])
{
	memcpy(sector, area_magic, sizeof(area_magic));
	rc_put_le32(sector + 8, VERSION);
	rc_put_le32(sector + 12, count);
	rc_put_le32(sector + 16, rc_crc32(0, sector, 16));
}

int transfer_parse(struct rc_span sector, const struct mbr_partition *place,
		   struct transfer_area *area, struct rc_error *err)
{
	*area = (struct transfer_area){ 0 };
	if (sector.size < CARD_SECTOR || memcmp(sector.data, area_magic, sizeof(area_magic)) != 0)
		return rc_fail(err, RC_EFORMAT,
			       "the card's partition of type DA is not a transfer area of recam: "
			       "nothing is written to it; make the card with recam card make "
			       "--transfer");
	if (rc_le32(sector.data + 16) != rc_crc32(0, sector.data, 16))
		return rc_fail(err, RC_EFORMAT,
			       "the header of the card's transfer area is damaged (CRC-32 %08x, "
			       "should be %08x): make the card anew, or use another",
			       rc_crc32(0, sector.data, 16), rc_le32(sector.data + 16));
	if (rc_le32(sector.data + 8) != VERSION)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "the card's transfer area is of version %u, this recam knows %u: "
			       "make the card anew with this one",
			       rc_le32(sector.data + 8), VERSION);
	area->count = rc_le32(sector.data + 12);
	area->first = place->first + TRANSFER_DATA;
	if (area->count == 0 || (uint64_t)area->count + TRANSFER_DATA > place->count ||
	    place->first > UINT32_MAX - TRANSFER_DATA)
		return rc_fail(err, RC_EFORMAT,
			       "the card's transfer area claims %u sectors, its partition has %u: "
			       "make the card anew",
			       area->count, place->count);
	return 0;
}

int transfer_find(struct rc_span card, struct transfer_area *area, struct rc_error *err)
{
	const struct mbr_partition *place;
	struct mbr mbr;
	int result = mbr_parse(card, card.size / CARD_SECTOR, &mbr, err);

	if (result)
		return result;
	place = mbr_find(&mbr, MBR_RAW);
	if (!place)
		return rc_fail(err, RC_ENOTFOUND,
			       "the card has no transfer area (no partition of type DA): make it "
			       "with recam card make --transfer");
	return transfer_parse(rc_span_sub(card, (size_t)place->first * CARD_SECTOR, CARD_SECTOR),
			      place, area, err);
}

/* magic, version, how many files and blocks (16 bits each); per file its name in 12 bytes
 * and its blocks; CRC-32 of each block; CRC-32 of all that; 0 up to 16. */
#define INDEX_FILE 16u

static int fail_index(struct rc_error *err, const char *what)
{
	return rc_fail(err, RC_EFORMAT,
		       "%s on the card is damaged (%s): make the card anew with recam card make",
		       TRANSFER_INDEX, what);
}

size_t index_size(struct rc_span head)
{
	size_t files, blocks;

	if (head.size < INDEX_HEAD || memcmp(head.data, index_magic, sizeof(index_magic)) != 0)
		return 0;
	files = rc_le16(head.data + 12);
	blocks = rc_le16(head.data + 14);
	if (rc_le32(head.data + 8) != VERSION || files > INDEX_MAX_FILES ||
	    blocks > INDEX_MAX_BLOCKS)
		return 0;
	return (INDEX_HEAD + files * INDEX_FILE + blocks * 4 + 4 + 15) / 16 * 16;
}

int index_parse(struct rc_span bytes, struct transfer_index *index, struct rc_error *err)
{
	const uint8_t *at = bytes.data + INDEX_HEAD;
	uint32_t files, blocks, first = 0;
	size_t size;

	*index = (struct transfer_index){ 0 };
	if (index_size(bytes) == 0 || bytes.size < index_size(bytes))
		return fail_index(err, "not what it should begin with");
	files = rc_le16(bytes.data + 12);
	blocks = rc_le16(bytes.data + 14);
	size = INDEX_HEAD + (size_t)files * INDEX_FILE + (size_t)blocks * 4;
	if (rc_le32(bytes.data + size) != rc_crc32(0, bytes.data, size))
		return fail_index(err, "wrong CRC-32");
	for (uint32_t i = 0; i < files; i++, at += INDEX_FILE) {
		uint32_t count = rc_le32(at + 12);

		memcpy(index->files[i].name, at, FAT_NAME - 1);
		if (count > blocks - first ||
		    strspn(index->files[i].name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") !=
			    strlen(index->files[i].name))
			return fail_index(err, "impossible file");
		index->files[i].first = first;
		index->files[i].count = count;
		first += count;
	}
	index->file_count = files;
	for (uint32_t i = 0; i < blocks; i++, at += 4)
		index->crcs[i] = rc_le32(at);
	return 0;
}

static void append_32(struct rc_buffer *out, uint32_t value)
{
	uint8_t bytes[4];

	rc_put_le32(bytes, value);
	rc_buffer_append(out, bytes, sizeof(bytes));
}

static void append_files(const struct fat_node *files, size_t count, struct rc_buffer *out)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t name[FAT_NAME - 1] = { 0 };

		memcpy(name, files[i].name, strnlen(files[i].name, sizeof(name)));
		rc_buffer_append(out, name, sizeof(name));
		append_32(out, (uint32_t)(files[i].bytes.size / TRANSFER_BLOCK));
	}
	for (size_t i = 0; i < count; i++)
		for (size_t at = 0; at < files[i].bytes.size; at += TRANSFER_BLOCK)
			append_32(out, rc_crc32(0, files[i].bytes.data + at, TRANSFER_BLOCK));
}

int index_make(const struct fat_node *files, size_t count, struct rc_buffer *out,
	       struct rc_error *err)
{
	static const uint8_t zeros[16];
	size_t blocks = 0;

	*out = (struct rc_buffer){ 0 };
	for (size_t i = 0; i < count; i++)
		blocks += files[i].bytes.size / TRANSFER_BLOCK;
	if (count > INDEX_MAX_FILES || blocks > INDEX_MAX_BLOCKS)
		return rc_fail(err, RC_ERANGE,
			       "%zu firmware files with %zu blocks are more than a flash has (%u, "
			       "%u)",
			       count, blocks, INDEX_MAX_FILES, INDEX_MAX_BLOCKS);
	rc_buffer_append(out, index_magic, sizeof(index_magic));
	append_32(out, VERSION);
	append_32(out, (uint32_t)count | (uint32_t)blocks << 16);
	append_files(files, count, out);
	if (!out->failed)
		append_32(out, rc_crc32(0, out->data, out->size));
	rc_buffer_append(out, zeros, (16 - out->size % 16) % 16);
	return out->failed ? rc_fail_memory(err, INDEX_MAX_SIZE) : 0;
}

bool index_find(const struct transfer_index *index, const uint8_t *data, size_t size, size_t *file,
		uint32_t *offset)
{
	size_t blocks = size / TRANSFER_BLOCK;
	uint32_t wanted[64];

	if (blocks == 0 || blocks > RC_COUNT(wanted) || size % TRANSFER_BLOCK)
		return false;
	for (size_t i = 0; i < blocks; i++)
		wanted[i] = rc_crc32(0, data + i * TRANSFER_BLOCK, TRANSFER_BLOCK);
	for (size_t f = 0; f < index->file_count; f++)
		for (uint32_t at = 0; at + blocks <= index->files[f].count; at++) {
			if (memcmp(&index->crcs[index->files[f].first + at], wanted,
				   blocks * sizeof(*wanted)) != 0)
				continue;
			*file = f;
			*offset = at * TRANSFER_BLOCK;
			return true;
		}
	return false;
}

/* FAT first, so that a PC shows it; what is behind 512 MiB stays free. */
static int plan_partitions(size_t size, const struct card_options *options, struct mbr *mbr,
			   struct rc_error *err)
{
	uint64_t sectors = size / CARD_SECTOR;
	uint64_t area = (options->transfer_size + CARD_SECTOR - 1) / CARD_SECTOR;
	uint64_t raw = area ? (area + 2 * TRANSFER_DATA - 1) / TRANSFER_DATA * TRANSFER_DATA : 0;
	uint64_t least = CARD_FIRST_SECTOR + raw + FAT_MIN_SIZE / CARD_SECTOR;
	uint64_t fat;

	if (sectors < least)
		return rc_fail(err, RC_ERANGE,
			       "a card of %zu bytes is too small: %llu MiB at least", size,
			       (unsigned long long)(least * CARD_SECTOR >> 20) + 1);
	fat = (sectors - CARD_FIRST_SECTOR - raw) / TRANSFER_DATA * TRANSFER_DATA;
	if (fat > CARD_MAX_PARTITION / CARD_SECTOR)
		fat = CARD_MAX_PARTITION / CARD_SECTOR;
	mbr->partitions[0] = (struct mbr_partition){ fat_size_is_16((size_t)fat * CARD_SECTOR)
							     ? MBR_FAT16
							     : MBR_FAT32,
						     CARD_FIRST_SECTOR, (uint32_t)fat };
	if (raw)
		mbr->partitions[1] = (struct mbr_partition){ MBR_RAW,
							     CARD_FIRST_SECTOR + (uint32_t)fat,
							     (uint32_t)raw };
	return 0;
}

int card_make(uint8_t *data, size_t size, const struct card_options *options, size_t *used,
	      struct rc_error *err)
{
	struct mbr mbr = { 0 };
	const struct mbr_partition *fat = &mbr.partitions[0];
	const struct mbr_partition *raw = &mbr.partitions[1];
	int result = plan_partitions(size, options, &mbr, err);

	if (result == 0)
		result = fat_make(data + (size_t)fat->first * CARD_SECTOR,
				  (size_t)fat->count * CARD_SECTOR, fat->first, options->nodes,
				  options->node_count, used, err);
	if (result)
		return result;
	if (raw->type)
		transfer_write(raw->count - TRANSFER_DATA, data + (size_t)raw->first * CARD_SECTOR);
	/* The table comes last: a card that is half made is none. */
	mbr_write(&mbr, data);
	if (used)
		*used += (size_t)fat->first * CARD_SECTOR;
	return 0;
}
