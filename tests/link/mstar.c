/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link to a Mi 360's console, on its stock bootloader in the exact twin. */
#include <stdlib.h>
#include <string.h>

#include "../twin/mi360.h"
#include "base/checksum.h"
#include "card/transfer.h"
#include "link/link.h"

#define CARD_SIZE RC_MIB(64)
#define BLOCK     0x10000u

static struct rc_buffer flash;
static struct boards boards;

static int take_firmware(void **state)
{
	struct rc_error err;

	(void)state;
	mi360_flash(&flash);
	return boards_load(NULL, &boards, &err);
}

static int drop_firmware(void **state)
{
	(void)state;
	rc_buffer_free(&flash);
	boards_free(&boards);
	return 0;
}

struct bench {
	struct twin *twin;
	struct link *link;
};

static void open_link(struct bench *bench)
{
	struct link_options options = { .boards = &boards };
	struct rc_error err;

	support_ok(link_open_twin(bench->twin, &options, &bench->link, &err), &err);
}

static void open_bench(struct bench *bench, const struct twin_config *more)
{
	struct twin_config config = *more;
	struct rc_error err;

	config.image = (struct rc_span){ flash.data, flash.size };
	config.engine = TWIN_EXACT;
	if (!config.jedec)
		config.jedec = 0x1c7018;
	support_ok(twin_open(&config, &bench->twin, &err), &err);
	open_link(bench);
}

static void close_bench(struct bench *bench)
{
	link_close(bench->link);
	twin_close(bench->twin);
}

static void it_tells_what_it_found(void **state)
{
	static const uint32_t chips[] = { 0x1c7018, 0x5e4018, 0xef4018 };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(chips); i++) {
		struct bench bench;
		const struct link_info *info;

		open_bench(&bench, &(struct twin_config){ .jedec = chips[i] });
		info = &bench.link->info;
		assert_string_equal(info->prompt, "SigmaStar # ");
		assert_string_equal(info->bootloader, "2015.01 (Sep 15 2020 - 15:53:02)");
		/* Of a chip that it does not know too (5e4018). */
		assert_int_equal(info->jedec, chips[i]);
		assert_int_equal(info->reach, 16u << 20);
		assert_int_equal(info->fine_step, 0x1000);
		/* Typed, not sent as a file. */
		assert_true(info->write_rate > 100 && info->write_rate < 1000);
		close_bench(&bench);
	}
}

static void bytes_go_both_ways(void **state)
{
	static uint8_t bytes[BLOCK], back[BLOCK];
	struct bench bench;
	struct rc_error err;
	uint32_t crc;

	(void)state;
	open_bench(&bench, &(struct twin_config){ 0 });
	support_ok(link_checksum(bench.link, 0x50000, 0x200000, &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, flash.data + 0x50000, 0x200000));
	memcpy(bytes, flash.data + 0x9b0000, BLOCK);
	memset(bytes + 0x1000, 0x3c, 0x2000);
	for (unsigned i = 0; i < 300; i++)
		bytes[0x8000 + i] = (uint8_t)(i * 7);
	support_ok(link_stage(bench.link, bytes, BLOCK, &err), &err);
	support_ok(link_erase(bench.link, 0x9b0000, BLOCK, &err), &err);
	support_ok(link_write(bench.link, 0x9b0000, bytes, BLOCK, &err), &err);
	assert_memory_equal(twin_nor(bench.twin)->data + 0x9b0000, bytes, BLOCK);
	support_ok(link_read(bench.link, 0x9b8000, back, 0x200, &err), &err);
	assert_memory_equal(back, bytes + 0x8000, 0x200);
	/* What stands in the flash already was not typed: 300 bytes in 75 words were, and a run. */
	assert_in_range(bench.link->wire_out, 1000, 12000);
	assert_memory_equal(twin_nor(bench.twin)->data, flash.data, 0x9b0000);
	close_bench(&bench);
}

static void only_safe_lengths_are_sent(void **state)
{
	static const uint8_t bytes[0x1000];
	struct bench bench;
	struct rc_error err;

	(void)state;
	open_bench(&bench, &(struct twin_config){ 0 });
	support_fails(link_erase(bench.link, 0x240000, 0x800, &err), RC_EREFUSED, &err, "0x800");
	support_fails(link_erase(bench.link, 0x240800, 0x1000, &err), RC_EREFUSED, &err,
		      "0x240800");
	/* Over the border of a block. */
	support_fails(link_erase(bench.link, 0x24f000, 0x2000, &err), RC_EREFUSED, &err, "0x2000");
	assert_int_equal(twin_nor(bench.twin)->counts.erases, 0);
	support_ok(link_erase(bench.link, 0x24f000, 0x1000, &err), &err);
	support_ok(link_write(bench.link, 0x24f000, bytes, 0x1000, &err), &err);
	assert_int_equal(twin_nor(bench.twin)->counts.erases, 1);
	assert_memory_equal(twin_nor(bench.twin)->data, flash.data, 0x24f000);
	assert_true(rc_all_bytes(twin_nor(bench.twin)->data + 0x24f000, 0x1000, 0));
	assert_memory_equal(twin_nor(bench.twin)->data + 0x250000, flash.data + 0x250000,
			    flash.size - 0x250000);
	close_bench(&bench);
}

/* Who comes to a prompt finds a last command there, and must not have it done again. */
static void the_last_command_is_not_repeated(void **state)
{
	static const char last[] = "sf probe 0;sf erase 240000 10000\r";
	struct bench bench;
	struct rc_error err;

	(void)state;
	open_bench(&bench, &(struct twin_config){ 0 });
	link_close(bench.link);
	twin_input(bench.twin, (const uint8_t *)last, sizeof(last) - 1);
	while (twin_run(bench.twin, SIZE_MAX, TWIN_FOREVER) == TWIN_RUNNING)
		;
	assert_int_equal(twin_nor(bench.twin)->counts.erases, 1);
	open_link(&bench);
	assert_int_equal(twin_nor(bench.twin)->counts.erases, 1);
	support_ok(link_erase(bench.link, 0x250000, BLOCK, &err), &err);
	assert_int_equal(twin_nor(bench.twin)->counts.erases, 2);
	close_bench(&bench);
}

static void a_bad_line_changes_nothing(void **state)
{
	static uint8_t bytes[BLOCK];
	struct twin_config config = { .line_faults = { 77, 3000, 5000 } };
	struct bench bench;
	struct rc_error err;

	(void)state;
	memcpy(bytes, flash.data + 0xa00000, BLOCK);
	memcpy(bytes + 0x100, "one page of text is typed, and each of its words is right", 57);
	open_bench(&bench, &config);
	support_ok(link_stage(bench.link, bytes, BLOCK, &err), &err);
	support_ok(link_erase(bench.link, 0xa00000, BLOCK, &err), &err);
	support_ok(link_write(bench.link, 0xa00000, bytes, BLOCK, &err), &err);
	assert_memory_equal(twin_nor(bench.twin)->data + 0xa00000, bytes, BLOCK);
	assert_memory_equal(twin_nor(bench.twin)->data, flash.data, 0xa00000);
	close_bench(&bench);
}

/* The flash to a card, and firmware from one, with all that the driver prints in between. */
static void a_card_carries_both_ways(void **state)
{
	struct fat_node files[] = {
		{ "KERNEL.BIN", { flash.data + 0x50000, 0x40000 } },
		{ TRANSFER_INDEX, { NULL, 0 } },
	};
	struct card_options options = { files, RC_COUNT(files), 17u << 20 };
	uint8_t *card = calloc(1, CARD_SIZE);
	struct bench bench;
	struct rc_buffer index;
	struct rc_error err;
	uint64_t size;
	uint32_t crc;

	(void)state;
	assert_non_null(card);
	support_ok(index_make(files, 1, &index, &err), &err);
	files[1].bytes = (struct rc_span){ index.data, index.size };
	support_ok(card_make(card, CARD_SIZE, &options, NULL, &err), &err);
	rc_buffer_free(&index);
	open_bench(&bench, &(struct twin_config){ .card = card, .card_size = CARD_SIZE });
	support_ok(link_card_room(bench.link, &size, &err), &err);
	assert_true(size >= 16u << 20);
	support_ok(link_card_save(bench.link, 0x9b0000, RC_MIB(1), &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, flash.data + 0x9b0000, RC_MIB(1)));
	assert_non_null(
		rc_find((struct rc_span){ card, CARD_SIZE }, flash.data + 0x9b0000, RC_MIB(1)));
	support_ok(link_erase(bench.link, 0x60000, 0x20000, &err), &err);
	support_ok(link_stage(bench.link, flash.data + 0x60000, 0x20000, &err), &err);
	support_ok(link_write(bench.link, 0x60000, flash.data + 0x60000, 0x20000, &err), &err);
	assert_memory_equal(twin_nor(bench.twin)->data, flash.data, flash.size);
	/* Typing 128 KiB would have taken a hundred times that. */
	assert_in_range(bench.link->wire_out, 100, 20000);
	close_bench(&bench);
	free(card);
}

static void without_a_card_it_says_so(void **state)
{
	struct bench bench;
	struct rc_error err;
	uint64_t size;

	(void)state;
	open_bench(&bench, &(struct twin_config){ 0 });
	support_fails(link_card_room(bench.link, &size, &err), RC_ENOTFOUND, &err, "no card");
	close_bench(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_tells_what_it_found),
		cmocka_unit_test(bytes_go_both_ways),
		cmocka_unit_test(only_safe_lengths_are_sent),
		cmocka_unit_test(the_last_command_is_not_repeated),
		cmocka_unit_test(a_bad_line_changes_nothing),
		cmocka_unit_test(a_card_carries_both_ways),
		cmocka_unit_test(without_a_card_it_says_so),
	};
	int missing = mi360_needed("the console of a Mi 360");

	return missing ? missing : cmocka_run_group_tests(tests, take_firmware, drop_firmware);
}
