/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <string.h>

#include "flash/chip.h"
#include "flash/layout.h"

static void every_chip_is_consistent(void **state)
{
	size_t count;
	const struct chip *table = chip_table(&count);

	assert_true(count >= 15);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(table[i].size, chip_size_from_id(table[i].jedec));
		assert_ptr_equal(chip_find(table[i].jedec), &table[i]);
		assert_int_equal(table[i].jedec >> 24, 0);
		assert_true(table[i].erases & CHIP_ERASE_64K);
		assert_int_equal(table[i].protection.block_protect_mask & 0x04, 0x04);
		assert_int_equal(table[i].protection.write_disable_mask, 0x80);
		assert_int_equal(table[i].protection.block_protect_mask &
					 (table[i].protection.top_bottom_mask |
					  table[i].protection.sector_mask),
				 0);
	}
}

/* facts/bootloaders-and-flash.md 3.2, and the chips that owners met. */
static void chips_of_these_cameras_are_known(void **state)
{
	static const struct {
		uint32_t jedec;
		const char *name;
		uint32_t mib;
	} expected[] = {
		{ 0xc22018, "MX25L128", 16 },   { 0xc22017, "MX25L64", 8 },
		{ 0xc84017, "GD25Q64C", 8 },    { 0xc84018, "GD25Q128", 16 },
		{ 0xc84019, "GD25Q256", 32 },   { 0xef4017, "W25Q64", 8 },
		{ 0xef4018, "W25Q128", 16 },    { 0x1c7017, "EN25QH64", 8 },
		{ 0x1c7018, "EN25QH128A", 16 }, { 0xf83217, "FM25Q64", 8 },
		{ 0x207018, "XT25F128A", 16 },  { 0x5e4018, "ZB25VQ128", 16 },
		{ 0xef7017, "W25Q64JV", 8 },    { 0x204018, "XM25QH128C", 16 },
		{ 0x684018, "BY25Q128", 16 },
	};

	for (size_t i = 0; i < RC_COUNT(expected); i++) {
		const struct chip *chip = chip_find(expected[i].jedec);

		assert_non_null(chip);
		assert_string_equal(chip->name, expected[i].name);
		assert_int_equal(chip->size, expected[i].mib << 20);
	}
	assert_null(chip_find(0xffffff));
	assert_null(chip_find(0));
}

/* facts/bootloaders-and-flash.md 7 and mstar-mi360.md 5. */
static void protection_bits_are_the_datasheets(void **state)
{
	const struct chip_protection *winbond = &chip_find(0xef4018)->protection;
	const struct chip_protection *eon = &chip_find(0x1c7018)->protection;

	assert_int_equal(winbond->block_protect_mask, 0x1c);
	assert_int_equal(winbond->top_bottom_mask, 0x20);
	assert_int_equal(winbond->sector_mask, 0x40);
	assert_int_equal(eon->block_protect_mask, 0x3c);
	assert_int_equal(eon->top_bottom_mask, 0);
	assert_int_equal(chip_find(0xc22018)->protection.block_protect_mask, 0x3c);
}

static void sizes_come_from_plausible_ids_only(void **state)
{
	assert_int_equal(chip_size_from_id(0x000010), 0x10000);
	assert_int_equal(chip_size_from_id(0xc8401a), RC_MAX_FLASH);
	assert_int_equal(chip_size_from_id(0xc8401b), 0);
	assert_int_equal(chip_size_from_id(0xc8400f), 0);
	assert_int_equal(chip_size_from_id(0xffffff), 0);
	assert_int_equal(chip_size_from_id(0), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_chip_is_consistent),
		cmocka_unit_test(chips_of_these_cameras_are_known),
		cmocka_unit_test(protection_bits_are_the_datasheets),
		cmocka_unit_test(sizes_come_from_plausible_ids_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
