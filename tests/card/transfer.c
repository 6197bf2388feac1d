/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "card/transfer.h"
#include "support.h"

#define CARD RC_MIB(32)

static uint8_t blocks[5 * TRANSFER_BLOCK];

static int fill_blocks(void **state)
{
	uint64_t seed = 21;

	(void)state;
	for (size_t i = 0; i < sizeof(blocks); i++)
		blocks[i] = (uint8_t)(support_random(&seed) >> 40);
	return 0;
}

static uint8_t *make_card(size_t transfer)
{
	const struct fat_node file = { "A.BIN", { blocks, 3 } };
	const struct card_options options = { &file, 1, (uint32_t)transfer };
	uint8_t *card = calloc(1, CARD);
	struct rc_error err;

	assert_non_null(card);
	support_ok(card_make(card, CARD, &options, NULL, &err), &err);
	return card;
}

static void test_card(void **state)
{
	uint8_t *card = make_card(RC_MIB(16));
	struct rc_span span = { card, CARD };
	struct transfer_area area;
	struct rc_error err;
	struct mbr mbr;

	(void)state;
	support_ok(mbr_parse(span, CARD / CARD_SECTOR, &mbr, &err), &err);
	assert_int_equal(mbr.partitions[0].type, MBR_FAT16);
	assert_int_equal(mbr.partitions[0].first, 2048);
	assert_int_equal(mbr.partitions[1].type, MBR_RAW);
	assert_int_equal(mbr.partitions[1].first,
			 mbr.partitions[0].first + mbr.partitions[0].count);
	assert_in_range(mbr.partitions[1].first + mbr.partitions[1].count, 0, CARD / CARD_SECTOR);
	support_ok(transfer_find(span, &area, &err), &err);
	assert_int_equal(area.first, mbr.partitions[1].first + TRANSFER_DATA);
	assert_in_range(area.count, RC_MIB(16) / CARD_SECTOR, RC_MIB(17) / CARD_SECTOR);
	free(card);
	card = calloc(1, RC_MIB(4));
	support_fails(card_make(card, RC_MIB(4), &(struct card_options){ 0 }, NULL, &err),
		      RC_ERANGE, &err, "too small", "MiB at least");
	free(card);
}

static void test_wrong_headers(void **state)
{
	uint8_t *card = make_card(RC_MIB(16));
	struct rc_span span = { card, CARD };
	struct transfer_area area;
	struct rc_error err;
	uint8_t *header;

	(void)state;
	support_ok(transfer_find(span, &area, &err), &err);
	header = card + (size_t)(area.first - TRANSFER_DATA) * CARD_SECTOR;
	header[12]++;
	support_fails(transfer_find(span, &area, &err), RC_EFORMAT, &err, "damaged (CRC-32");
	memset(header, 0, CARD_SECTOR);
	transfer_write(area.count + 0x100000, header);
	support_fails(transfer_find(span, &area, &err), RC_EFORMAT, &err, "claims", "sectors");
	header[0] = 'X';
	support_fails(transfer_find(span, &area, &err), RC_EFORMAT, &err, "nothing is written");
	card[446 + 16 + 8] = 1; /* into the first partition */
	card[446 + 16 + 9] = 0x09;
	card[446 + 16 + 10] = 0;
	support_fails(transfer_find(span, &area, &err), RC_EFORMAT, &err, "overlap");
	card[446 + 16 + 15] = 1;
	support_fails(transfer_find(span, &area, &err), RC_EFORMAT, &err, "does not lie on it");
	card[446 + 16 + 4] = 0;
	support_fails(transfer_find(span, &area, &err), RC_ENOTFOUND, &err, "--transfer");
	card[446] = 0xeb;
	support_fails(transfer_find(span, &area, &err), RC_EFORMAT, &err, "formatted without one");
	card[510] = 0;
	support_fails(transfer_find(span, &area, &err), RC_EFORMAT, &err, "no partition table");
	free(card);
}

static void test_index(void **state)
{
	const struct fat_node files[] = { { "KERNEL.BIN", { blocks, 3 * TRANSFER_BLOCK } },
					  { "ROOT.BIN",
					    { blocks + 3 * TRANSFER_BLOCK, 2 * TRANSFER_BLOCK } } };
	struct transfer_index index;
	struct rc_buffer bytes;
	struct rc_error err;
	uint32_t offset;
	size_t file;

	(void)state;
	support_ok(index_make(files, 2, &bytes, &err), &err);
	assert_int_equal(bytes.size % 16, 0);
	support_ok(index_parse((struct rc_span){ bytes.data, bytes.size }, &index, &err), &err);
	assert_true(
		index_find(&index, blocks + TRANSFER_BLOCK, 2 * TRANSFER_BLOCK, &file, &offset));
	assert_string_equal(index.files[file].name, "KERNEL.BIN");
	assert_int_equal(offset, TRANSFER_BLOCK);
	assert_true(index_find(&index, blocks + 3 * TRANSFER_BLOCK, 2 * TRANSFER_BLOCK, &file,
			       &offset));
	assert_string_equal(index.files[file].name, "ROOT.BIN");
	assert_int_equal(offset, 0);
	/* Not across files, and not what differs in a bit. */
	assert_false(index_find(&index, blocks + 2 * TRANSFER_BLOCK, 2 * TRANSFER_BLOCK, &file,
				&offset));
	blocks[TRANSFER_BLOCK] ^= 1;
	assert_false(index_find(&index, blocks + TRANSFER_BLOCK, TRANSFER_BLOCK, &file, &offset));
	blocks[TRANSFER_BLOCK] ^= 1;
	bytes.data[20]++;
	support_fails(index_parse((struct rc_span){ bytes.data, bytes.size }, &index, &err),
		      RC_EFORMAT, &err, "wrong CRC-32");
	bytes.data[12] = 17;
	support_fails(index_parse((struct rc_span){ bytes.data, bytes.size }, &index, &err),
		      RC_EFORMAT, &err, "not what it should begin with");
	rc_buffer_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_card),
		cmocka_unit_test(test_wrong_headers),
		cmocka_unit_test(test_index),
	};

	return cmocka_run_group_tests(tests, fill_blocks, NULL);
}
