/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware from a card in the slot of the stock camera (exact twin), and what becomes of a
 * write when the card is pulled out, or is not what it says. */
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "card/transfer.h"
#include "link/link.h"
#include "support.h"

#define CARD_SIZE RC_MIB(32)
#define DRIVER_AT 0x590000u
#define SIZE      (2 * TRANSFER_BLOCK)

struct bench {
	struct rc_buffer flash;
	uint8_t *card;
	struct twin *twin;
	struct link *link;
};

static void make_card(struct bench *bench)
{
	struct fat_node files[] = {
		{ "DRIVER.BIN", { bench->flash.data + DRIVER_AT, 0xa0000 } },
		{ TRANSFER_INDEX, { NULL, 0 } },
	};
	struct card_options options = { files, RC_COUNT(files), 0 };
	struct rc_buffer index;
	struct rc_error err;

	bench->card = calloc(1, CARD_SIZE);
	assert_non_null(bench->card);
	support_ok(index_make(files, 1, &index, &err), &err);
	files[1].bytes = (struct rc_span){ index.data, index.size };
	support_ok(card_make(bench->card, CARD_SIZE, &options, NULL, &err), &err);
	rc_buffer_free(&index);
}

/* The driver partition's first blocks are blank; their bytes are what is wanted there. */
static void open_bench(struct bench *bench, uint64_t pull_after)
{
	struct twin_config config = { .engine = TWIN_EXACT };
	struct rc_error err;

	*bench = (struct bench){ 0 };
	support_dafang_flash(&bench->flash);
	make_card(bench);
	config.image = (struct rc_span){ bench->flash.data, bench->flash.size };
	config.card = bench->card;
	config.card_size = CARD_SIZE;
	config.card_faults.pull_after = pull_after;
	support_ok(twin_open(&config, &bench->twin, &err), &err);
	support_ok(link_open_twin(bench->twin, NULL, &bench->link, &err), &err);
}

static void close_bench(struct bench *bench)
{
	link_close(bench->link);
	twin_close(bench->twin);
	free(bench->card);
	rc_buffer_free(&bench->flash);
}

/* Writes two blocks to a place where something else was, and returns the bytes that went
 * over the line for it. */
static uint64_t write_blocks(struct bench *bench, uint32_t to, const uint8_t *data)
{
	struct link *link = bench->link;
	uint64_t before = link->wire_out;
	struct rc_error err;

	support_ok(link_stage(link, data, SIZE, &err), &err);
	support_ok(link_erase(link, to, SIZE, &err), &err);
	support_ok(link_write(link, to, data, SIZE, &err), &err);
	assert_memory_equal(twin_nor(bench->twin)->data + to, data, SIZE);
	return link->wire_out - before;
}

static void test_from_card(void **state)
{
	struct bench bench;
	uint8_t *other = malloc(SIZE);
	uint64_t random = 3;

	(void)state;
	open_bench(&bench, 0);
	assert_in_range(write_blocks(&bench, 0xad0000, bench.flash.data + DRIVER_AT + 0x30000), 1,
			1500);
	/* What is not on the card comes over the line. */
	assert_non_null(other);
	for (size_t i = 0; i < SIZE; i++)
		other[i] = (uint8_t)(support_random(&random) >> 32);
	assert_in_range(write_blocks(&bench, 0xad0000, other), SIZE, SIZE + SIZE / 4);
	assert_in_range(write_blocks(&bench, 0xad0000, bench.flash.data + DRIVER_AT), 1, 1000);
	free(other);
	close_bench(&bench);
}

/* The index was read; then the card is gone, and the line brings the same. */
static void test_pulled(void **state)
{
	uint64_t asked;
	struct bench bench;

	(void)state;
	open_bench(&bench, 0);
	write_blocks(&bench, 0xad0000, bench.flash.data + DRIVER_AT);
	asked = twin_card(bench.twin)->block_commands;
	close_bench(&bench);
	open_bench(&bench, asked);
	assert_in_range(write_blocks(&bench, 0xad0000, bench.flash.data + DRIVER_AT), 1, 1500);
	assert_in_range(write_blocks(&bench, 0xaf0000, bench.flash.data + DRIVER_AT + 0x20000),
			10000, SIZE + SIZE / 4);
	assert_true(twin_card(bench.twin)->pulled);
	close_bench(&bench);
}

/* A card that lost a bit of the file: the camera's CRC-32 tells, before anything is erased. */
static void test_wrong_bytes(void **state)
{
	struct bench bench;
	const uint8_t *file;

	(void)state;
	open_bench(&bench, 0);
	file = rc_find((struct rc_span){ bench.card, CARD_SIZE }, bench.flash.data + DRIVER_AT,
		       CARD_SECTOR);
	assert_non_null(file);
	bench.card[file - bench.card + 0x1234] ^= 0x10;
	assert_in_range(write_blocks(&bench, 0xad0000, bench.flash.data + DRIVER_AT), 10000,
			SIZE + SIZE / 4);
	close_bench(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_card),
		cmocka_unit_test(test_pulled),
		cmocka_unit_test(test_wrong_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
