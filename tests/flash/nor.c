/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "flash/nor.h"
#include "support.h"

#define GD25Q128 0xc84018
#define MX25L128 0xc22018

static struct nor nor;
static uint8_t buffer[RC_KIB(64)];

static int open_blank(void **state)
{
	struct rc_error err;

	support_ok(nor_open(&nor, GD25Q128, NULL, 0, &err), &err);
	return 0;
}

static int close_chip(void **state)
{
	nor_close(&nor);
	return 0;
}

static bool erase(uint8_t opcode, uint32_t address)
{
	nor_write_enable(&nor, true);
	return nor_erase(&nor, opcode, address);
}

static bool program(uint32_t address, const void *data, size_t size)
{
	nor_write_enable(&nor, true);
	return nor_program(&nor, address, data, size);
}

static void fill(uint8_t value)
{
	memset(nor.data, value, nor.size);
}

static void test_sizes(void **state)
{
	static const uint8_t image[3] = { 1, 2, 3 };
	static uint8_t big[RC_MIB(9)];
	struct rc_error err;
	struct nor other;

	support_ok(nor_open(&other, 0xc84017, image, sizeof(image), &err), &err);
	assert_int_equal(other.size, RC_MIB(8));
	assert_memory_equal(other.data, image, sizeof(image));
	assert_true(rc_all_bytes(other.data + 3, other.size - 3, 0xff));
	nor_close(&other);

	support_ok(nor_open(&other, 0xabcd00, big, sizeof(big), &err), &err);
	assert_int_equal(other.size, RC_MIB(16)); /* the id tells no size: what holds the image */
	nor_close(&other);

	support_fails(nor_open(&other, 0xc84017, big, sizeof(big), &err), RC_ERANGE, &err,
		      "9437184 bytes", "c84017", "8388608", "larger chip");
}

static void test_erase_sets_and_program_clears(void **state)
{
	fill(0x5a);
	assert_true(erase(0xd8, 0x12345));
	assert_int_equal(nor.data[0xffff], 0x5a);
	assert_true(rc_all_bytes(nor.data + 0x10000, 0x10000, 0xff));
	assert_int_equal(nor.data[0x20000], 0x5a);
	assert_true(program(0x10000, "\xf0", 1));
	assert_true(program(0x10000, "\x3c", 1));
	assert_int_equal(nor.data[0x10000], 0x30);
	assert_true(erase(0x20, 0x20fff));
	assert_true(rc_all_bytes(nor.data + 0x20000, 0x1000, 0xff));
	assert_int_equal(nor.data[0x21000], 0x5a);
	assert_true(erase(0xc7, 77));
	assert_true(rc_all_bytes(nor.data, nor.size, 0xff));
	assert_int_equal(nor.counts.erases, 3);
	assert_int_equal(nor.counts.programs, 2);
	assert_false(erase(0x99, 0));
	assert_int_equal(nor.counts.refused, 1);
}

static void test_addresses_wrap(void **state)
{
	uint8_t page[4] = { 1, 2, 3, 4 }, read[4];

	assert_true(program(0x1fe, page, sizeof(page))); /* inside the page */
	assert_int_equal(nor.data[0x1ff], 2);
	assert_int_equal(nor.data[0x100], 3);
	assert_true(rc_all_bytes(nor.data + 0x200, 0x100, 0xff));
	nor.data[0] = 0xaa;
	nor.data[nor.size - 1] = 0xbb;
	nor_read(&nor, nor.size - 1, read, 2);
	assert_int_equal(read[0], 0xbb);
	assert_int_equal(read[1], 0xaa);
	fill(0);
	assert_true(erase(0xd8, nor.size + 0x10000)); /* over the end: from the start again */
	assert_int_equal(nor.data[0x10000], 0xff);
}

static void test_write_enable_is_needed_each_time(void **state)
{
	assert_false(nor_program(&nor, 0, buffer, 1));
	nor_write_enable(&nor, true);
	assert_true(nor_program(&nor, 0, buffer, 1));
	assert_false(nor_erase(&nor, 0xd8, 0));
	nor_write_enable(&nor, true);
	nor_write_enable(&nor, false);
	assert_false(nor_erase(&nor, 0xd8, 0));
	nor_write_status(&nor, 0, 0x1c);
	assert_int_equal(nor.status[0], 0);
	assert_int_equal(nor.counts.refused, 4);
}

static void test_protection(void **state)
{
	fill(0x00);
	nor_write_enable(&nor, true);
	nor_write_status(&nor, 0,
			 0x04 | 0x03); /* BP 001: the upper 1/64; busy and WEL are not kept */
	assert_int_equal(nor.status[0], 0x04);
	assert_true(nor_is_protected(&nor, 0xfc0000, 1));
	assert_false(nor_is_protected(&nor, 0xfb0000, 0x10000));
	assert_true(nor_is_protected(&nor, 0xfb0000, 0x10001));
	assert_false(erase(0xd8, 0xfc0000));
	assert_false(program(0xffff00, buffer, 1));
	assert_false(erase(0xc7, 0));
	assert_true(rc_all_bytes(nor.data, nor.size, 0x00));
	assert_true(erase(0xd8, 0xfb0000));
	assert_int_equal(nor.counts.refused, 3);
	nor.status[0] = 0x18; /* 110: half */
	assert_true(nor_is_protected(&nor, 0x800000, 1));
	assert_false(nor_is_protected(&nor, 0x7fffff, 1));
	nor.status[0] = 0x1c; /* 111: all */
	assert_true(nor_is_protected(&nor, 0, 1));
	nor.status[0] = 0x18 | nor.chip->protection.top_bottom_mask;
	assert_true(nor_is_protected(&nor, 0x7fffff, 1));
	assert_false(nor_is_protected(&nor, 0x800000, 1));
	nor_power_on(&nor);
	assert_true(nor_is_protected(&nor, 0, 1)); /* it outlives the power */
}

static void test_four_protection_bits(void **state)
{
	struct rc_error err;
	struct nor mx;

	support_ok(nor_open(&mx, MX25L128, NULL, 0, &err), &err);
	mx.status[0] = 0x04; /* 0001: one block of 64 KiB */
	assert_true(nor_is_protected(&mx, 0xff0000, 1));
	assert_false(nor_is_protected(&mx, 0xfeffff, 1));
	mx.status[0] = 0x20; /* 1000: 8 MiB */
	assert_true(nor_is_protected(&mx, 0x800000, 1));
	assert_false(nor_is_protected(&mx, 0x7fffff, 1));
	mx.status[0] = 0x24; /* 1001: all */
	assert_true(nor_is_protected(&mx, 0, 1));
	nor_close(&mx);
}

static void test_cut_erase(void **state)
{
	uint32_t set = 0;

	fill(0x0f);
	nor_set_faults(&nor, &(struct nor_faults){ .seed = 5, .cut_at_op = 2 });
	assert_true(erase(0xd8, 0x20000));
	assert_false(nor.power_lost);
	assert_true(erase(0xd8, 0x30000));
	assert_true(nor.power_lost);
	for (uint32_t i = 0x30000; i < 0x40000; i++) {
		assert_int_equal(nor.data[i] & 0x0f, 0x0f);
		set += nor.data[i] == 0xff;
	}
	assert_in_range(set, 1, 0xffff); /* some done, not all */
	assert_true(rc_all_bytes(nor.data + 0x20000, 0x10000, 0xff));
	assert_true(rc_all_bytes(nor.data + 0x40000, 0x10000, 0x0f));
	assert_false(erase(0xd8, 0x40000)); /* no power */
	nor_read(&nor, 0x40000, buffer, 4);
	assert_true(rc_all_bytes(buffer, 4, 0xff));
	nor_power_on(&nor);
	assert_true(erase(0xd8, 0x40000)); /* cut once, not again */
	assert_int_equal(nor.counts.erases, 3);
}

static void test_cut_program_repeats(void **state)
{
	uint8_t first[NOR_PAGE], page[NOR_PAGE] = { 0 };

	for (int round = 0; round < 2; round++) {
		close_chip(state);
		open_blank(state);
		nor_set_faults(&nor, &(struct nor_faults){ .seed = 9, .cut_at_op = 1 });
		assert_true(program(0x500, page, sizeof(page)));
		assert_false(rc_all_bytes(nor.data + 0x500, NOR_PAGE, 0x00));
		assert_false(rc_all_bytes(nor.data + 0x500, NOR_PAGE, 0xff));
		if (round == 0)
			memcpy(first, nor.data + 0x500, NOR_PAGE);
	}
	assert_memory_equal(first, nor.data + 0x500, NOR_PAGE);
}

static unsigned wrong_bits(const uint8_t *data, size_t size, uint8_t expected)
{
	unsigned bits = 0;

	for (size_t i = 0; i < size; i++)
		bits += (unsigned)__builtin_popcount(data[i] ^ expected);
	return bits;
}

static void test_fail_and_lie(void **state)
{
	uint8_t page[NOR_PAGE] = { 0 };

	fill(0x00);
	nor_set_faults(&nor, &(struct nor_faults){ .seed = 3, .fail_at_op = 1, .lie_at_op = 2 });
	assert_true(erase(0xd8, 0)); /* says it did */
	assert_true(rc_all_bytes(nor.data, 0x10000, 0x00));
	assert_true(erase(0xd8, 0));
	assert_int_equal(wrong_bits(nor.data, 0x10000, 0xff), 1);
	assert_true(erase(0xd8, 0));
	nor_set_faults(&nor, &(struct nor_faults){ .seed = 3, .fail_at_op = 4, .lie_at_op = 5 });
	assert_true(program(0, page, sizeof(page)));
	assert_true(rc_all_bytes(nor.data, 0x10000, 0xff));
	assert_true(program(0, page, sizeof(page)));
	assert_int_equal(wrong_bits(nor.data, NOR_PAGE, 0x00), 1);
}

static void test_unstable_reads(void **state)
{
	unsigned disturbed = 0;

	nor_set_faults(&nor, &(struct nor_faults){
				     .seed = 1, .unstable_offset = 0x51234, .unstable_one_in = 4 });
	for (int i = 0; i < 400; i++) {
		nor_read(&nor, 0x50000, buffer, 0x10000);
		disturbed += wrong_bits(buffer, 0x10000, 0xff);
		nor_read(&nor, 0x40000, buffer, 0x10000);
		assert_int_equal(wrong_bits(buffer, 0x10000, 0xff), 0);
	}
	assert_in_range(disturbed, 50, 200);
	assert_true(rc_all_bytes(nor.data, nor.size, 0xff)); /* the cells are as they were */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test_setup_teardown(test_erase_sets_and_program_clears, open_blank,
						close_chip),
		cmocka_unit_test_setup_teardown(test_addresses_wrap, open_blank, close_chip),
		cmocka_unit_test_setup_teardown(test_write_enable_is_needed_each_time, open_blank,
						close_chip),
		cmocka_unit_test_setup_teardown(test_protection, open_blank, close_chip),
		cmocka_unit_test(test_four_protection_bits),
		cmocka_unit_test_setup_teardown(test_cut_erase, open_blank, close_chip),
		cmocka_unit_test_setup_teardown(test_cut_program_repeats, open_blank, close_chip),
		cmocka_unit_test_setup_teardown(test_fail_and_lie, open_blank, close_chip),
		cmocka_unit_test_setup_teardown(test_unstable_reads, open_blank, close_chip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
