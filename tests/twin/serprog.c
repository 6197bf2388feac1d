/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "run.h"
#include "served_chip.h"
#include "support.h"

#define ACK 0x06
#define NAK 0x15

static struct nor nor;
static struct rc_buffer answer;

static int open_chip(void **state)
{
	struct rc_error err;

	support_ok(nor_open(&nor, 0xef4018, NULL, 0, &err), &err);
	return 0;
}

static int close_chip(void **state)
{
	nor_close(&nor);
	rc_buffer_free(&answer);
	answer = (struct rc_buffer){ 0 };
	return 0;
}

/* Feeds all of it and holds the whole answer against what is expected. */
static void expect(struct serprog *serprog, const void *bytes, size_t size, const void *expected,
		   size_t expected_size)
{
	answer.size = 0;
	assert_int_equal(serprog_feed(serprog, bytes, size, &answer), size);
	assert_int_equal(answer.size, expected_size);
	assert_memory_equal(answer.data, expected, expected_size);
}
#define EXPECT(serprog, bytes, expected) \
	expect((serprog), (bytes), sizeof(bytes) - 1, (expected), sizeof(expected) - 1)

static void test_queries(void **state)
{
	struct serprog serprog = { .nor = &nor };

	EXPECT(&serprog, "\x00\x10\x01", "\x06\x15\x06\x06\x01\x00");
	EXPECT(&serprog, "\x02",
	       "\x06\xbf\xc9\x3f\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	EXPECT(&serprog, "\x03", "\x06recam twin\0\0\0\0\0\0");
	EXPECT(&serprog, "\x05\x12\x08\x12\x01", "\x06\x08\x06\x15");
	EXPECT(&serprog, "\x08\x11", "\x06\x00\x10\x00\x06\x00\x00\x01");
	EXPECT(&serprog, "\x14\x00\x1b\xb7\x00\x14\0\0\0\0", "\x06\x00\x1b\xb7\x00\x15");
	/* Delays and pins: agreed to. */
	EXPECT(&serprog, "\x0b\x0e\x10\x27\0\0\x0f\x15\x01\x15\x00", "\x06\x06\x06\x06\x06");
}

static void test_unknown_commands_are_refused_one_by_one(void **state)
{
	struct serprog serprog = { .nor = &nor };

	EXPECT(&serprog, "\x06\x09\x0a\x0c\x0d\x16\xff\x00", "\x15\x15\x15\x15\x15\x15\x15\x06");
}

static void test_spi_operations_come_in_any_pieces(void **state)
{
	static const uint8_t id[] = { 0x13, 1, 0, 0, 3, 0, 0, 0x9f };
	struct serprog serprog = { .nor = &nor };

	EXPECT(&serprog, "\x13\x01\0\0\x03\0\0\x9f", "\x06\xef\x40\x18");
	for (size_t i = 0; i + 1 < sizeof(id); i++)
		expect(&serprog, id + i, 1, "", 0);
	expect(&serprog, id + sizeof(id) - 1, 1, "\x06\xef\x40\x18", 4);

	/* Write enable, program, read; without write enable nothing changes. */
	EXPECT(&serprog, "\x13\x01\0\0\0\0\0\x06\x13\x06\0\0\0\0\0\x02\x00\x12\x34\xab\xcd",
	       "\x06\x06");
	EXPECT(&serprog, "\x13\x06\0\0\0\0\0\x02\x00\x12\x34\x00\x00", "\x06");
	EXPECT(&serprog, "\x13\x04\0\0\x03\0\0\x03\x00\x12\x34", "\x06\xab\xcd\xff");
	/* Nothing sent: nothing heard. */
	EXPECT(&serprog, "\x13\0\0\0\x02\0\0", "\x06\xff\xff");
}

static void test_too_long_operations_are_swallowed_and_refused(void **state)
{
	struct serprog serprog = { .nor = &nor };
	static uint8_t big[7 + 5000 + 1] = { 0x13, 5000 & 0xff, 5000 >> 8 };

	/* 5000 bytes that would all be unknown commands if they were taken for such. */
	memset(big + 7, 0xc7, 5000);
	expect(&serprog, big, sizeof(big), "\x15\x06", 2);
	assert_int_equal(nor.counts.refused, 0); /* nor was it an erase */
	/* Wants 0x10001 bytes. */
	EXPECT(&serprog, "\x13\x01\0\0\x01\x00\x01\x9f\x00", "\x15\x06");
}

static void test_answers_do_not_grow_without_limit(void **state)
{
	struct serprog serprog = { .nor = &nor };
	static uint8_t reads[64 * 11];
	size_t taken;

	for (size_t i = 0; i < sizeof(reads); i += 11)
		memcpy(reads + i, "\x13\x04\0\0\0\0\x01\x03\0\0", 11);
	answer.size = 0;
	taken = serprog_feed(&serprog, reads, sizeof(reads), &answer);
	assert_int_equal(taken, 4 * 11);
	assert_int_equal(answer.size, 4 * 65537);
	answer.size = 0;
	assert_int_equal(serprog_feed(&serprog, reads + taken, 11, &answer), 11);
	assert_int_equal(answer.size, 65537);
}

/* flashrom itself, unmodified. */

static struct run_result flashrom(const struct served_chip *chip, ...)
{
	const char *argv[16] = { "flashrom", "-p" };
	struct run_result result;
	char programmer[96];
	size_t count = 3;
	va_list more;

	snprintf(programmer, sizeof(programmer), "serprog:ip=%s", chip->where);
	argv[2] = programmer;
	va_start(more, chip);
	while (count < RC_COUNT(argv) - 1 && (argv[count] = va_arg(more, const char *)))
		count++;
	va_end(more);
	run_program(argv, (struct rc_span){ 0 }, &result);
	return result;
}

static void succeeds(struct run_result result, const char *says)
{
	if (result.status != 0 || !strstr((const char *)result.out.data, says))
		fail_msg("flashrom: status %d, \"%s\" expected:\n%s%s", result.status, says,
			 (const char *)result.out.data, (const char *)result.err.data);
	run_result_free(&result);
}

static void need_flashrom(void)
{
	if (!run_exists("flashrom")) {
		print_message("flashrom is not installed: skipped\n");
		skip();
	}
}

static void test_flashrom_finds_each_chip(void **state)
{
	static const struct {
		uint32_t jedec;
		const char *name, *says;
	} chips[] = {
		{ 0xef4018, NULL, "Found Winbond flash chip \"W25Q128.V\" (16384 kB, SPI)" },
		{ 0x1c7018, NULL, "Found Eon flash chip \"EN25QH128\" (16384 kB, SPI)" },
		/* flashrom has two descriptions of this id, and wants to be told. */
		{ 0xc84018, "GD25Q127C/GD25Q128C",
		  "Found GigaDevice flash chip \"GD25Q127C/GD25Q128C\" (16384 kB, SPI)" },
	};

	need_flashrom();
	for (size_t i = 0; i < RC_COUNT(chips); i++) {
		struct served_chip chip;

		served_chip_start(&chip, chips[i].jedec, NULL, 0);
		succeeds(flashrom(&chip, chips[i].name ? "-c" : NULL, chips[i].name, NULL),
			 chips[i].says);
		served_chip_stop(&chip);
	}
}

static char *path_in(const char *directory, const char *name)
{
	char *path = rc_path_join(directory, name);

	assert_non_null(path);
	return path;
}

static void test_flashrom_reads_writes_verifies_and_erases(void **state)
{
	static const char layout[] = "00040000:0007ffff part\n";
	const char *directory = support_temp_dir();
	char *layout_path = path_in(directory, "layout");
	char *read_path = path_in(directory, "read");
	char *write_path = path_in(directory, "write");
	struct rc_buffer image, got;
	struct served_chip chip;
	struct rc_error err;
	uint64_t seed = 7;

	need_flashrom();
	support_demo_flash(&image);
	served_chip_start(&chip, 0xef4018, image.data, image.size);
	succeeds(flashrom(&chip, "-r", read_path, NULL), "Reading flash... done");
	support_ok(rc_file_read(read_path, RC_MIB(32), &got, &err), &err);
	assert_int_equal(got.size, image.size);
	assert_memory_equal(got.data, image.data, image.size);
	rc_buffer_free(&got);

	for (size_t i = 0x40000; i < 0x80000; i++)
		image.data[i] = (uint8_t)support_random(&seed);
	support_ok(rc_file_replace(write_path, image.data, image.size, 0600, &err), &err);
	support_ok(rc_file_replace(layout_path, layout, strlen(layout), 0600, &err), &err);
	succeeds(flashrom(&chip, "-l", layout_path, "-i", "part", "-w", write_path, NULL),
		 "VERIFIED");
	assert_memory_equal(chip.nor.data, image.data, image.size);
	succeeds(flashrom(&chip, "-v", write_path, NULL), "VERIFIED");
	succeeds(flashrom(&chip, "-l", layout_path, "-i", "part", "-E", NULL), "Erase/write done");
	memset(image.data + 0x40000, 0xff, 0x40000);
	assert_memory_equal(chip.nor.data, image.data, image.size);
	served_chip_stop(&chip);
	rc_buffer_free(&image);
	free(layout_path);
	free(read_path);
	free(write_path);
}

static void test_flashrom_sees_and_sets_protection(void **state)
{
	struct served_chip chip;

	need_flashrom();
	served_chip_start(&chip, 0xef4018, NULL, 0);
	succeeds(flashrom(&chip, "--wp-status", NULL),
		 "Protection range: start=0x00000000 length=0x00000000 (none)");
	succeeds(flashrom(&chip, "--wp-range", "0x800000,0x800000", NULL),
		 "Activated protection range");
	assert_true(nor_is_protected(&chip.nor, 0x800000, 1));
	assert_true(nor_is_protected(&chip.nor, 0xffffff, 1));
	assert_false(nor_is_protected(&chip.nor, 0, 0x800000));
	succeeds(flashrom(&chip, "--wp-status", NULL),
		 "start=0x00800000 length=0x00800000 (upper 1/2)");
	/* All but the lowest 256 KiB: needs the complement bit. */
	succeeds(flashrom(&chip, "--wp-range", "0x40000,0xfc0000", NULL),
		 "Activated protection range");
	assert_false(nor_is_protected(&chip.nor, 0, 0x40000));
	assert_true(nor_is_protected(&chip.nor, 0x40000, 1));
	succeeds(flashrom(&chip, "--wp-range", "0,0", NULL), "Activated protection range");
	assert_false(nor_is_protected(&chip.nor, 0, chip.nor.size));
	served_chip_stop(&chip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_queries, open_chip, close_chip),
		cmocka_unit_test_setup_teardown(test_unknown_commands_are_refused_one_by_one,
						open_chip, close_chip),
		cmocka_unit_test_setup_teardown(test_spi_operations_come_in_any_pieces, open_chip,
						close_chip),
		cmocka_unit_test_setup_teardown(test_too_long_operations_are_swallowed_and_refused,
						open_chip, close_chip),
		cmocka_unit_test_setup_teardown(test_answers_do_not_grow_without_limit, open_chip,
						close_chip),
		cmocka_unit_test(test_flashrom_finds_each_chip),
		cmocka_unit_test(test_flashrom_reads_writes_verifies_and_erases),
		cmocka_unit_test(test_flashrom_sees_and_sets_protection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
