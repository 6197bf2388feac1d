/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flash behind a U-Boot console: the camera's own bootloader in the exact twin, and
 * the model twin where no firmware is needed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "link/agent.h"
#include "link/link.h"
#include "support.h"

struct bench {
	struct rc_buffer image;
	struct twin *twin;
	struct link *link;
};

/* engine: TWIN_EXACT with the stock flash (skips without it), TWIN_MODEL with the
 * demonstration's. */
static void make_twin(struct bench *bench, enum twin_engine engine, uint32_t jedec,
		      const struct twin_line_faults *line, const struct nor_faults *chip)
{
	struct twin_config config = { .jedec = jedec, .engine = engine };
	struct rc_error err;

	*bench = (struct bench){ 0 };
	if (engine == TWIN_EXACT)
		support_dafang_flash(&bench->image);
	else
		support_demo_flash(&bench->image);
	config.image = (struct rc_span){ bench->image.data, bench->image.size };
	if (line)
		config.line_faults = *line;
	if (chip)
		config.chip_faults = *chip;
	support_ok(twin_open(&config, &bench->twin, &err), &err);
}

static void make_bench(struct bench *bench, enum twin_engine engine, uint32_t jedec,
		       const struct twin_line_faults *line, const struct nor_faults *chip)
{
	struct rc_error err;

	make_twin(bench, engine, jedec, line, chip);
	support_ok(link_open_twin(bench->twin, NULL, &bench->link, &err), &err);
}

static void clear_bench(struct bench *bench)
{
	link_close(bench->link);
	twin_close(bench->twin);
	rc_buffer_free(&bench->image);
}

static void identify(enum twin_engine engine)
{
	struct bench bench;
	const struct link_info *info;

	make_bench(&bench, engine, 0xc84018, NULL, NULL);
	info = &bench.link->info;
	assert_int_equal(info->kind, LINK_TWIN);
	assert_int_equal(info->jedec, 0xc84018);
	assert_ptr_equal(info->chip, chip_find(0xc84018));
	assert_int_equal(info->flash_size, RC_MIB(16));
	assert_int_equal(info->reach, RC_MIB(16));
	assert_int_equal(info->step, 0x10000);
	assert_true(info->can_checksum && info->can_boot);
	assert_int_equal(info->status_count, 0);
	assert_string_equal(info->prompt, "isvp_t20# ");
	assert_non_null(strstr(info->bootloader, "2013.07 ("));
	/* The wire's arithmetic: 11520 characters a second; frames of the program in RAM, or
	 * 67 characters of hex text for 16 bytes. */
	if (agent_is_built())
		assert_in_range((int)info->read_rate, 11200, 11400);
	else
		assert_in_range((int)info->read_rate, 2650, 2752);
	assert_in_range((int)info->write_rate, 9000, 11250);
	assert_in_range((int)(info->checksum_seconds * 1000), 20, 100);
	assert_ptr_equal(link_twin(bench.link), bench.twin);
	clear_bench(&bench);
}

static void misdetected_chip(enum twin_engine engine)
{
	struct bench bench;
	struct rc_error err;
	uint8_t byte;

	make_bench(&bench, engine, 0x1c7018, NULL, NULL);
	assert_int_equal(bench.link->info.jedec, 0x1c7018);
	assert_int_equal(bench.link->info.flash_size, RC_MIB(16));
	assert_int_equal(bench.link->info.reach, RC_MIB(8));
	support_fails(link_read(bench.link, 0x7fffff, &byte, 2, &err), RC_ERANGE, &err,
		      "reaches only 0x800000 of the chip's 0x1000000 bytes");
	support_ok(link_read(bench.link, 0x7fffff, &byte, 1, &err), &err);
	assert_int_equal(byte, bench.image.data[0x7fffff]);
	clear_bench(&bench);
}

static void refused_chip(enum twin_engine engine)
{
	struct bench bench;
	struct rc_error err;

	make_twin(&bench, engine, 0x5e4018, NULL, NULL);
	support_fails(link_open_twin(bench.twin, NULL, &bench.link, &err), RC_EUNSUPPORTED, &err,
		      "[chip-unsupported]", "5e", "2013.07 (");
	assert_null(bench.link);
	clear_bench(&bench);
}

static void verbs(enum twin_engine engine)
{
	static const uint32_t places[] = { 0, 0x40000, 0x630000, 0xfb0000, 0xff0000 };
	uint8_t *bytes = malloc(0x30000);
	struct bench bench;
	struct rc_error err;
	uint64_t random = 5;
	uint32_t crc;

	assert_non_null(bytes);
	make_bench(&bench, engine, 0xc84018, NULL, NULL);
	for (size_t i = 0; i < RC_COUNT(places); i++) {
		support_ok(link_checksum(bench.link, places[i], 0x10000, &crc, &err), &err);
		assert_int_equal(crc, rc_crc32(0, bench.image.data + places[i], 0x10000));
	}
	support_ok(link_checksum(bench.link, 0x1234567 & 0xffffff, 0x54321, &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, bench.image.data + 0x234567, 0x54321));
	/* Across a block's border, and not on a line's. */
	support_ok(link_read(bench.link, 0x4fffb, bytes, 1003, &err), &err);
	assert_memory_equal(bytes, bench.image.data + 0x4fffb, 1003);

	for (size_t i = 0; i < 0x30000; i++)
		bytes[i] = (uint8_t)support_random(&random);
	memset(bytes + 0x10000, 0xff, 0x10000);
	support_ok(link_stage(bench.link, bytes, 0x30000, &err), &err);
	support_ok(link_erase(bench.link, 0x240000, 0x30000, &err), &err);
	memset(bench.image.data + 0x240000, 0xff, 0x30000);
	assert_memory_equal(twin_nor(bench.twin)->data, bench.image.data, RC_MIB(16));
	support_ok(link_write(bench.link, 0x240000, bytes, 0x30000, &err), &err);
	memcpy(bench.image.data + 0x240000, bytes, 0x30000);
	assert_memory_equal(twin_nor(bench.twin)->data, bench.image.data, RC_MIB(16));
	/* What was staged went over the line once: 2 x 64 KiB and the erased block, which the
	 * program in RAM gets packed. Bringing that is 6 KB, of use or not. */
	assert_in_range(bench.link->wire_out, 0x20000, 0x30000 + 0x30000 / 50 + 8000);
	if (agent_is_built() && engine == TWIN_EXACT)
		assert_in_range(bench.link->wire_out, 0x20000, 0x20000 + 0x20000 / 50 + 8000);
	assert_int_equal(twin_nor(bench.twin)->counts.erases, 3);
	clear_bench(&bench);
	free(bytes);
}

static void unsafe_lengths(enum twin_engine engine)
{
	struct bench bench;
	struct rc_error err;
	uint8_t byte = 0;

	make_bench(&bench, engine, 0xc84018, NULL, NULL);
	support_fails(link_erase(bench.link, 0x40000, 0x8000, &err), RC_EREFUSED, &err,
		      "multiples of 0x10000");
	support_fails(link_erase(bench.link, 0x48000, 0x10000, &err), RC_EREFUSED, &err,
		      "multiples of 0x10000");
	support_fails(link_write(bench.link, 0x40000, &byte, 1, &err), RC_EREFUSED, &err,
		      "multiples of 0x10000");
	assert_int_equal(twin_nor(bench.twin)->counts.erases, 0);
	assert_int_equal(twin_nor(bench.twin)->counts.programs, 0);
	clear_bench(&bench);
}

/* A block read, summed, and another written, over a line that is bad both ways. */
static void bad_line(enum twin_engine engine, uint32_t flip, uint32_t drop, uint64_t seed)
{
	struct twin_line_faults line = { .seed = seed, .flip_one_in = flip, .drop_one_in = drop };
	uint8_t *bytes = malloc(0x10000);
	struct bench bench;
	struct rc_error err;
	uint32_t crc;

	assert_non_null(bytes);
	make_bench(&bench, engine, 0xc84018, &line, NULL);
	assert_int_equal(bench.link->info.jedec, 0xc84018);
	assert_int_equal(bench.link->info.reach, RC_MIB(16));
	support_ok(link_read(bench.link, 0x240000, bytes, 0x10000, &err), &err);
	assert_memory_equal(bytes, bench.image.data + 0x240000, 0x10000);
	support_ok(link_checksum(bench.link, 0x250000, 0x10000, &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, bench.image.data + 0x250000, 0x10000));
	support_ok(link_stage(bench.link, bytes, 0x10000, &err), &err);
	support_ok(link_erase(bench.link, 0x400000, 0x10000, &err), &err);
	support_ok(link_write(bench.link, 0x400000, bytes, 0x10000, &err), &err);
	memcpy(bench.image.data + 0x400000, bytes, 0x10000);
	assert_memory_equal(twin_nor(bench.twin)->data, bench.image.data, RC_MIB(16));
	clear_bench(&bench);
	free(bytes);
}

static void bad_lines(enum twin_engine engine)
{
	/* The exact engine takes seconds for each. */
	uint64_t seeds = engine == TWIN_EXACT ? 2 : 6;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		bad_line(engine, 10000, 0, seed);
		bad_line(engine, 0, 10000, seed);
	}
	bad_line(engine, 3000, 3000, 9);
}

static void expect_survey(struct bench *bench, size_t first, size_t count)
{
	uint32_t crcs[64];
	struct rc_error err;

	assert_true(count <= RC_COUNT(crcs));
	support_ok(link_survey(bench->link, (uint32_t)(first * RC_ERASE_BLOCK), count, crcs, &err),
		   &err);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(crcs[i],
				 rc_crc32(0, bench->image.data + (first + i) * RC_ERASE_BLOCK,
					  RC_ERASE_BLOCK));
}

/* Many blocks' checksums at once, by the program in RAM and without it, and on a bad line. */
static void surveys(enum twin_engine engine)
{
	static const struct ram_choice without = { .no_agent = true };
	/* The exact engine takes seconds for each. */
	uint64_t seeds = engine == TWIN_EXACT ? 1 : 3;
	struct bench bench;
	struct rc_error err;
	uint32_t crcs[2];

	make_bench(&bench, engine, 0xc84018, NULL, NULL);
	expect_survey(&bench, 0, 64);
	expect_survey(&bench, 253, 3);
	expect_survey(&bench, 7, 0);
	support_fails(link_survey(bench.link, 0xff0000, 2, crcs, &err), RC_ERANGE, &err,
		      "cannot checksum 0x20000 bytes at 0xff0000");
	uboot_link_choose(bench.link, &without);
	expect_survey(&bench, 36, 20);
	clear_bench(&bench);
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct twin_line_faults line = { .seed = seed,
						 .flip_one_in = 2000,
						 .drop_one_in = 2000 };

		make_bench(&bench, engine, 0xc84018, &line, NULL);
		expect_survey(&bench, 20, 40);
		uboot_link_choose(bench.link, &without);
		expect_survey(&bench, 36, 10);
		clear_bench(&bench);
	}
}

static void power_cut(enum twin_engine engine)
{
	struct nor_faults cut = { .cut_at_op = 2 };
	struct bench bench;
	struct rc_error err;

	make_bench(&bench, engine, 0xc84018, NULL, &cut);
	support_ok(link_erase(bench.link, 0x40000, 0x10000, &err), &err);
	support_fails(link_erase(bench.link, 0x50000, 0x10000, &err), RC_ESTOPPED, &err,
		      "power of the camera", "twin");
	support_fails(link_erase(bench.link, 0x50000, 0x10000, &err), RC_ESTOPPED, &err,
		      "power of the camera");
	/* The same again, after the power is back. */
	link_close(bench.link);
	support_ok(link_open_twin(bench.twin, NULL, &bench.link, &err), &err);
	support_ok(link_erase(bench.link, 0x50000, 0x10000, &err), &err);
	memset(bench.image.data + 0x40000, 0xff, 0x20000);
	assert_memory_equal(twin_nor(bench.twin)->data, bench.image.data, RC_MIB(16));
	clear_bench(&bench);
}

static bool collect(void *context, const uint8_t *data, size_t size)
{
	return rc_buffer_append(context, data, size);
}

static bool stop_at_once(void *context, const uint8_t *data, size_t size)
{
	(void)data;
	(void)size;
	++*(unsigned *)context;
	return false;
}

static void boot(enum twin_engine engine)
{
	struct rc_buffer seen = { 0 };
	struct bench bench;
	struct rc_error err;
	unsigned calls = 0;
	uint8_t byte;

	make_bench(&bench, engine, 0xc84018, NULL, NULL);
	support_ok(link_boot(bench.link, collect, &seen, &err), &err);
	assert_non_null(
		rc_find((struct rc_span){ seen.data, seen.size }, "Starting kernel ...", 19));
	support_fails(link_read(bench.link, 0, &byte, 1, &err), RC_ESTOPPED, &err,
		      "left its bootloader", "off and on");
	link_close(bench.link);
	support_ok(link_open_twin(bench.twin, NULL, &bench.link, &err), &err);
	support_ok(link_boot(bench.link, stop_at_once, &calls, &err), &err);
	assert_int_equal(calls, 1);
	support_fails(link_read(bench.link, 0, &byte, 1, &err), RC_ESTOPPED, &err,
		      "left its bootloader", "off and on");
	rc_buffer_free(&seen);
	clear_bench(&bench);
}

/* A kernel that is gone: the bootloader says so and is back at its prompt. */
static void boot_without_kernel(enum twin_engine engine)
{
	struct rc_buffer seen = { 0 };
	struct bench bench;
	struct rc_error err;
	uint8_t byte;

	make_bench(&bench, engine, 0xc84018, NULL, NULL);
	support_ok(link_erase(bench.link, 0x40000, 0x10000, &err), &err);
	support_ok(link_boot(bench.link, collect, &seen, &err), &err);
	assert_non_null(rc_find((struct rc_span){ seen.data, seen.size },
				"Wrong Image Format for bootm command", 36));
	support_ok(link_read(bench.link, 0x40000, &byte, 1, &err), &err);
	assert_int_equal(byte, 0xff);
	rc_buffer_free(&seen);
	clear_bench(&bench);
}

#define BOTH(name)                             \
	static void name##_exact(void **state) \
	{                                      \
		(void)state;                   \
		name(TWIN_EXACT);              \
	}                                      \
	static void name##_model(void **state) \
	{                                      \
		(void)state;                   \
		name(TWIN_MODEL);              \
	}
BOTH(identify)
BOTH(misdetected_chip)
BOTH(refused_chip)
BOTH(verbs)
BOTH(unsafe_lengths)
BOTH(bad_lines)
BOTH(surveys)
BOTH(power_cut)
BOTH(boot)
BOTH(boot_without_kernel)

#define TEST_BOTH(name) cmocka_unit_test(name##_exact), cmocka_unit_test(name##_model)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_BOTH(identify),       TEST_BOTH(misdetected_chip),
		TEST_BOTH(refused_chip),   TEST_BOTH(verbs),
		TEST_BOTH(unsafe_lengths), TEST_BOTH(bad_lines),
		TEST_BOTH(surveys),        TEST_BOTH(power_cut),
		TEST_BOTH(boot),           TEST_BOTH(boot_without_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
