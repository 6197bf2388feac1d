/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chip as its pins see it. */
#include <string.h>

#include "flash/nor_spi.h"
#include "support.h"

static struct nor nor;

static int open_w25q128(void **state)
{
	struct rc_error err;

	support_ok(nor_open(&nor, 0xef4018, NULL, 0, &err), &err);
	return 0;
}

static int open_gd25q256(void **state)
{
	struct rc_error err;

	support_ok(nor_open(&nor, 0xc84019, NULL, 0, &err), &err);
	return 0;
}

static int close_chip(void **state)
{
	nor_close(&nor);
	return 0;
}

static uint32_t send(const char *bytes, size_t size)
{
	return nor_spi_transfer(&nor, (const uint8_t *)bytes, size, NULL, 0);
}
#define SEND(bytes) send((bytes), sizeof(bytes) - 1)

static void hears(const char *bytes, size_t size, const char *expected, size_t expected_size)
{
	uint8_t heard[16];

	assert_true(expected_size <= sizeof(heard));
	nor_spi_transfer(&nor, (const uint8_t *)bytes, size, heard, expected_size);
	assert_memory_equal(heard, expected, expected_size);
}
#define HEARS(bytes, expected) hears((bytes), sizeof(bytes) - 1, (expected), sizeof(expected) - 1)

static void test_ids(void **state)
{
	HEARS("\x9f", "\xef\x40\x18\xff");
	HEARS("\x90\0\0\0", "\xef\x17\xef\x17");
	HEARS("\x90\0\0\x01", "\x17\xef");
	HEARS("\xab\0\0\0", "\x17\x17");
	HEARS("\xab", "\xff");
	HEARS("\x5a\0\0\0\0", "\xff\xff"); /* no SFDP */
	HEARS("", "\xff");
}

static void test_each_write_needs_its_enable(void **state)
{
	SEND("\x02\x00\x01\x00\x12\x34");
	HEARS("\x03\x00\x01\x00", "\xff\xff");
	SEND("\x06");
	HEARS("\x05", "\x02\x02");
	assert_int_equal(SEND("\x02\x00\x01\x00\x12\x34"), NOR_PROGRAM_MICROS);
	HEARS("\x05", "\x00");
	HEARS("\x03\x00\x01\x00", "\x12\x34\xff");
	assert_int_equal(SEND("\x20\x00\x01\x00"), 0);
	SEND("\x06");
	SEND("\x04");
	assert_int_equal(SEND("\x20\x00\x01\x00"), 0);
	SEND("\x06");
	assert_int_equal(SEND("\x20\x00\x01\x00"), nor_erase_micros(0x20));
	HEARS("\x03\x00\x01\x00", "\xff\xff");
}

static void test_page_program_wraps_and_keeps_the_last(void **state)
{
	uint8_t command[4 + 300] = { 0x02, 0x00, 0x10, 0xf0 };

	for (size_t i = 0; i < 300; i++)
		command[4 + i] = (uint8_t)(i & 0x7f);
	SEND("\x06");
	nor_spi_transfer(&nor, command, sizeof(command), NULL, 0);
	/* Byte i goes to (F0 + i) mod 256; of 300, the last 256 are kept. */
	for (size_t i = 300 - 256; i < 300; i++)
		assert_int_equal(nor.data[0x1000 + ((0xf0 + i) & 0xff)], i & 0x7f);
	assert_int_equal(nor.data[0x1100], 0xff);
}

static void test_dummies(void **state)
{
	nor.data[0x123456] = 0xab;
	HEARS("\x0b\x12\x34\x56\x00", "\xab\xff");
	HEARS("\x0b\x12\x34\x56", "\xff\xab"); /* the dummy is clocked while it is read */
	HEARS("\xeb\x12\x34\x56\0\0\0", "\xab");
	HEARS("\x03\x12\x34", "\xff"); /* cut in its address: not obeyed */
	assert_int_equal(nor.counts.reads, 3);
}

static void test_status_registers(void **state)
{
	SEND("\x06");
	SEND("\x01\x1c\x42");
	HEARS("\x05", "\x1c");
	HEARS("\x35", "\x42");
	SEND("\x01\x00"); /* not enabled */
	HEARS("\x05", "\x1c");
	SEND("\x06");
	SEND("\x31\x00");
	SEND("\x06");
	SEND("\x11\x60");
	HEARS("\x35", "\x00");
	HEARS("\x15", "\x60");
	assert_true(nor_is_protected(&nor, 0, nor.size));
}

static void test_four_byte_addresses(void **state)
{
	nor.data[0x01000000] = 0x11;
	nor.data[0] = 0x22;
	HEARS("\x03\x00\x00\x00", "\x22");
	HEARS("\x13\x01\x00\x00\x00", "\x11");
	SEND("\xb7");
	HEARS("\x03\x01\x00\x00\x00", "\x11");
	SEND("\xe9");
	HEARS("\x03\x00\x00\x00", "\x22");
	SEND("\xb7");
	SEND("\x66");
	SEND("\x99");
	HEARS("\x03\x00\x00\x00", "\x22");
	SEND("\xb7");
	nor_power_on(&nor);
	HEARS("\x03\x00\x00\x00", "\x22");
	SEND("\x06");
	assert_int_equal(SEND("\xdc\x01\x00\x00\x00"), nor_erase_micros(0xd8));
	HEARS("\x13\x01\x00\x00\x00", "\xff");
}

static void test_no_power(void **state)
{
	nor.power_lost = true;
	HEARS("\x9f", "\xff\xff\xff");
	HEARS("\x05", "\xff");
	SEND("\x06");
	assert_int_equal(nor.status[0], 0);
}

/* The whole range of a status register byte, in words and as the chip acts. */
static void test_ranges(void **state)
{
	static const struct {
		uint8_t status[2];
		const char *text;
	} cases[] = {
		{ { 0x00, 0x00 }, "" },
		{ { 0x1c, 0x00 }, "all of it, 0x0 to 0xFFFFFF," },
		{ { 0x18, 0x00 }, "the upper half, 0x800000 to 0xFFFFFF," },
		{ { 0x38, 0x00 }, "the lower half, 0x0 to 0x7FFFFF," },
		{ { 0x14, 0x00 }, "the upper 1/4, 0xC00000 to 0xFFFFFF," },
		{ { 0x04, 0x00 }, "the upper 1/64, 0xFC0000 to 0xFFFFFF," },
		{ { 0x44, 0x00 }, "the upper 1/4096, 0xFFF000 to 0xFFFFFF," },
		{ { 0x64, 0x00 }, "the lower 1/4096, 0x0 to 0xFFF," },
		{ { 0x24, 0x40 }, "0x40000 to 0xFFFFFF" },
		{ { 0x04, 0x40 }, "0x0 to 0xFBFFFF" },
		{ { 0x00, 0x40 }, "all of it, 0x0 to 0xFFFFFF," },
		{ { 0x1c, 0x40 }, "" },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		uint32_t start, length;
		char text[CHIP_RANGE_TEXT];

		memcpy(nor.status, cases[i].status, 2);
		chip_protected_range(nor.chip, nor.size, nor.status, &start, &length);
		assert_string_equal(chip_range_text(text, start, length, nor.size), cases[i].text);
		if (length == 0) {
			assert_false(nor_is_protected(&nor, 0, nor.size));
			continue;
		}
		assert_true(nor_is_protected(&nor, start, 1));
		assert_true(nor_is_protected(&nor, start + length - 1, 1));
		if (start > 0)
			assert_false(nor_is_protected(&nor, 0, start));
		if (start + length < nor.size)
			assert_false(nor_is_protected(&nor, start + length, 1));
	}
}

#define ON(open, test) cmocka_unit_test_setup_teardown(test, open, close_chip)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_w25q128, test_ids),
		ON(open_w25q128, test_each_write_needs_its_enable),
		ON(open_w25q128, test_page_program_wraps_and_keeps_the_last),
		ON(open_w25q128, test_dummies),
		ON(open_w25q128, test_status_registers),
		ON(open_gd25q256, test_four_byte_addresses),
		ON(open_w25q128, test_no_power),
		ON(open_w25q128, test_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
