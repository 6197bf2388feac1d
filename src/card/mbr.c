/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card/mbr.h"

#include <string.h>

#define TABLE      446u
#define ENTRY_SIZE 16u

static int check_place(const struct mbr *mbr, size_t index, uint64_t card_sectors,
		       struct rc_error *err)
{
	const struct mbr_partition *one = &mbr->partitions[index];
	uint64_t end = (uint64_t)one->first + one->count;

	if (one->first == 0 || one->count == 0 || (card_sectors && end > card_sectors))
		return rc_fail(err, RC_EFORMAT,
			       "partition %zu of the card, %u sectors at %u, does not lie on it "
			       "(%llu sectors): make the card anew",
			       index + 1, one->count, one->first, (unsigned long long)card_sectors);
	for (size_t i = 0; i < index; i++) {
		const struct mbr_partition *other = &mbr->partitions[i];

		if (other->type && one->first < (uint64_t)other->first + other->count &&
		    other->first < end)
			return rc_fail(err, RC_EFORMAT,
				       "partitions %zu and %zu of the card overlap: make the card "
				       "anew",
				       i + 1, index + 1);
	}
	return 0;
}

int mbr_parse(struct rc_span sector, uint64_t card_sectors, struct mbr *mbr, struct rc_error *err)
{
	*mbr = (struct mbr){ 0 };
	if (sector.size < CARD_SECTOR || sector.data[510] != 0x55 || sector.data[511] != 0xaa)
		return rc_fail(err, RC_EFORMAT,
			       "the card has no partition table (no 55 AA at the end of its first "
			       "sector): these cameras need one; make the card with recam card "
			       "make");
	for (size_t i = 0; i < MBR_PARTITIONS; i++) {
		const uint8_t *entry = sector.data + TABLE + i * ENTRY_SIZE;
		int result;

		/* A FAT without a table has its program here. */
		if (entry[0] & 0x7f)
			return rc_fail(err, RC_EFORMAT,
				       "the card's first sector holds no partition table (entry "
				       "%zu begins with %02x): it may be formatted without one; "
				       "make the card with recam card make",
				       i + 1, entry[0]);
		if (entry[4] == 0)
			continue;
		mbr->partitions[i] = (struct mbr_partition){ entry[4], rc_le32(entry + 8),
							     rc_le32(entry + 12) };
		result = check_place(mbr, i, card_sectors, err);
		if (result)
			return result;
	}
	return 0;
}

const struct mbr_partition *mbr_find(const struct mbr *mbr, uint8_t type)
{
	for (size_t i = 0; i < MBR_PARTITIONS; i++)
		if (mbr->partitions[i].type == type)
			return &mbr->partitions[i];
	return NULL;
}

/* The place as cylinder, head and sector, as cards are written by SD formatters: 255 heads
 * of 63 sectors, and the largest there is where that is not enough. */
static void put_chs(uint8_t *out, uint64_t sector)
{
	uint64_t cylinder = sector / 63 / 255;

	if (cylinder > 1023) {
		out[0] = 0xfe;
		out[1] = out[2] = 0xff;
		return;
	}
	out[0] = (uint8_t)(sector / 63 % 255);
	out[1] = (uint8_t)((sector % 63 + 1) | (cylinder >> 2 & 0xc0));
	out[2] = (uint8_t)cylinder;
}

void mbr_write(const struct mbr *mbr, uint8_t sector[CARD_SECTOR])
{
	for (size_t i = 0; i < MBR_PARTITIONS; i++) {
		const struct mbr_partition *one = &mbr->partitions[i];
		uint8_t *entry = sector + TABLE + i * ENTRY_SIZE;

		if (!one->type)
			continue;
		put_chs(entry + 1, one->first);
		entry[4] = one->type;
		put_chs(entry + 5, (uint64_t)one->first + one->count - 1);
		rc_put_le32(entry + 8, one->first);
		rc_put_le32(entry + 12, one->count);
	}
	sector[510] = 0x55;
	sector[511] = 0xaa;
}
