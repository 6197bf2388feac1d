/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chip table of a bootloader: of the stock build at hand, against what facts/
 * bootloaders-and-flash.md 3.2 and 3.5 (c) say of it, and of tables made here.
 */
#include "support.h"

#include <string.h>

#include "format/chip_table.h"
#include "format/ingenic_boot.h"

#define ENTRIES 6
#define STRIDE  100u
#define SIZE_AT 60u
#define TABLE   (INGENIC_BODY_OFFSET + 0x2b000u)
#define GP      0x80133f60u
#define GOT     (GP - 0x7ff0u)

static const struct {
	uint32_t id;
	const char *name;
} chips[ENTRIES] = { { 0xc22018, "MX25L128**E" }, { 0xc84017, "GD25Q64C" },
		     { 0xc84018, "GD25Q128" },    { 0xef4018, "W25Q128" },
		     { 0x1c7017, "EN25QH64" },    { 0xf83217, "FM25Q64" } };

static uint8_t boot[INGENIC_BOOT_SIZE];

static struct rc_span whole_boot(void)
{
	return (struct rc_span){ boot, sizeof(boot) };
}

static void put_entry(size_t at, uint32_t id, const char *name, uint32_t size)
{
	memset(boot + at, 0, STRIDE);
	rc_put_le32(boot + at, id);
	memcpy(boot + at + 5, name, strlen(name));
	rc_put_le32(boot + at + 40, 256);
	rc_put_le32(boot + at + 48, 0x10000);
	rc_put_le32(boot + at + 56, 3);
	rc_put_le32(boot + at + SIZE_AT, size);
}

static void put_table(size_t at)
{
	for (size_t i = 0; i < ENTRIES; i++)
		put_entry(at + i * STRIDE, chips[i].id, chips[i].name,
			  (chips[i].id & 0xff) == 0x18 ? 0x1000000 : 0x800000);
}

/* start.S as far as it is looked at: gp, and the loop that clears BSS. */
static void put_start(uint32_t bss_end)
{
	uint8_t *body = boot + INGENIC_BODY_OFFSET;

	rc_put_le32(body, 0x04110002);
	rc_put_le32(body + 8, GP);
	rc_put_le32(body + 0x12c, 0x8f898020);
	rc_put_le32(body + 0x130, 0x8f8a8024);
	rc_put_le32(body + 0x134, 0xad200000);
	rc_put_le32(body + (GOT - UBOOT_LINK_ADDRESS) + 0x14, bss_end);
}

static void make_boot(void)
{
	memset(boot, 0, sizeof(boot));
	put_start(0x80163d00);
	put_table(TABLE);
}

static void the_stock_build(void **state)
{
	struct rc_buffer file;
	struct chip_table table;
	struct rc_error err;

	support_shared_file("firmware/dafang-5.5.1.177/uboot.bin", &file);
	support_ok(chip_table_find((struct rc_span){ file.data, file.size }, &table, &err), &err);
	/* Facts 3.5 (c), seen on the running bootloader [T]. */
	assert_int_equal(table.id_word, 0x8012bed0);
	assert_int_equal(table.size_word, 0x8012bf0c);
	assert_int_equal(table.relocation, 0x83f9c000);
	assert_int_equal(chip_table_relocate(table.size_word, table.relocation), 0x83fc7f0c);
	/* Facts 3.2: nine and the XT25F128A. */
	assert_int_equal(table.count, 10);
	assert_int_equal(table.ids[table.count - 1], 0xf83217);
	assert_string_equal(table.fallback_name, "FM25Q64");
	assert_int_equal(chip_table_size_of(&table, 0xc84019), 0x2000000);
	assert_int_equal(chip_table_size_of(&table, 0x207018), 0x1000000);
	assert_int_equal(chip_table_size_of(&table, 0x1c7018), 0x800000);
	rc_buffer_free(&file);
}

static void a_table_of_any_stride_and_place(void **state)
{
	struct chip_table table;
	struct rc_error err;

	make_boot();
	support_ok(chip_table_find(whole_boot(), &table, &err), &err);
	assert_int_equal(table.count, ENTRIES);
	assert_int_equal(table.stride, STRIDE);
	assert_int_equal(table.address, 0x8012b000);
	assert_int_equal(table.id_word, 0x8012b000 + 5 * STRIDE);
	assert_int_equal(table.size_word, table.id_word + SIZE_AT);
	assert_int_equal(table.relocation, 0x83f9c000);
	assert_int_equal(chip_table_size_of(&table, 0xef4018), 0x1000000);
	assert_int_equal(chip_table_size_of(&table, 0x204018), 0x800000);
}

/* U-Boot's own arithmetic, at its edges: "Reserving 400k" ended 16 KiB lower (facts 4.3). */
static void where_it_runs(void **state)
{
	static const struct {
		uint32_t bss_end, runs_at;
	} cases[] = {
		{ 0x80163c00, 0x83f9c000 },
		{ 0x80164000, 0x83f9c000 },
		{ 0x80164001, 0x83f98000 },
		{ 0x80168c00, 0x83f94000 },
		{ 0x8012bf60, 0 },
		{ 0x90000000, 0 },
		{ 0, 0 },
	};
	struct chip_table table;
	struct rc_error err;

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		make_boot();
		put_start(cases[i].bss_end);
		support_ok(chip_table_find(whole_boot(), &table, &err), &err);
		assert_int_equal(table.relocation, cases[i].runs_at);
	}
	make_boot();
	memset(boot + INGENIC_BODY_OFFSET + 0x12c, 0, 4);
	support_ok(chip_table_find(whole_boot(), &table, &err), &err);
	assert_int_equal(table.relocation, 0);
	/* A GOT outside of the image. */
	make_boot();
	rc_put_le32(boot + INGENIC_BODY_OFFSET + 8, 0x80200000);
	support_ok(chip_table_find(whole_boot(), &table, &err), &err);
	assert_int_equal(table.relocation, 0);
}

/* The Neos build has the chip itself as its last entry. */
static void a_last_entry_of_another_size(void **state)
{
	struct chip_table table;
	struct rc_error err;

	make_boot();
	put_entry(TABLE + 5 * STRIDE, 0x1c7018, "FM25Q64", 0x1000000);
	support_ok(chip_table_find(whole_boot(), &table, &err), &err);
	assert_int_equal(table.ids[5], 0x1c7018);
	assert_int_equal(chip_table_size_of(&table, 0x204018), 0x1000000);
	/* Somebody's patch of the size alone. */
	put_entry(TABLE + 5 * STRIDE, 0xf83217, "FM25Q64", 0x1000000);
	support_ok(chip_table_find(whole_boot(), &table, &err), &err);
	assert_int_equal(chip_table_size_of(&table, 0x204018), 0x1000000);
}

static void what_is_no_table(void **state)
{
	struct chip_table table;
	struct rc_error err;

	make_boot();
	memset(boot + TABLE, 0, ENTRIES * STRIDE);
	support_fails(chip_table_find(whole_boot(), &table, &err), RC_ENOTFOUND, &err,
		      "no table of flash chips");
	support_fails(chip_table_find((struct rc_span){ boot, 100 }, &table, &err), RC_ENOTFOUND,
		      &err, "no table of flash chips");
	/* Three entries are no table; nor are ids that no chip has. */
	make_boot();
	memset(boot + TABLE, 0, 3 * STRIDE);
	support_fails(chip_table_find(whole_boot(), &table, &err), RC_ENOTFOUND, &err, "no table");
	make_boot();
	for (size_t i = 0; i < ENTRIES; i++)
		boot[TABLE + i * STRIDE + 2] = 0x77;
	support_fails(chip_table_find(whole_boot(), &table, &err), RC_ENOTFOUND, &err, "no table");
	/* Cut in the last entry. */
	make_boot();
	support_ok(chip_table_find((struct rc_span){ boot, TABLE + 5 * STRIDE + 64 }, &table, &err),
		   &err);
	support_fails(
		chip_table_find((struct rc_span){ boot, TABLE + 5 * STRIDE + 60 }, &table, &err),
		RC_EFORMAT, &err, "0x00000000 where a size should be");
}

static void what_cannot_be_told(void **state)
{
	struct chip_table table;
	struct rc_error err;

	make_boot();
	put_table(TABLE - 0x1000);
	support_fails(chip_table_find(whole_boot(), &table, &err), RC_EFORMAT, &err, "two places",
		      "0x30800", "0x31800");
	make_boot();
	for (size_t i = 0; i < ENTRIES; i++)
		memcpy(boot + TABLE + i * STRIDE + 80, boot + TABLE + i * STRIDE + SIZE_AT, 4);
	support_fails(chip_table_find(whole_boot(), &table, &err), RC_EFORMAT, &err,
		      "the size twice in each entry", "0x31800");
	make_boot();
	rc_put_le32(boot + TABLE + STRIDE + SIZE_AT, 0x123456);
	support_fails(chip_table_find(whole_boot(), &table, &err), RC_EFORMAT, &err,
		      "no size in its entries");
	make_boot();
	rc_put_le32(boot + TABLE + 5 * STRIDE + SIZE_AT, 0x123456);
	support_fails(chip_table_find(whole_boot(), &table, &err), RC_EFORMAT, &err,
		      "0x00123456 where a size should be", "damaged or patched");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stock_build),
		cmocka_unit_test(a_table_of_any_stride_and_place),
		cmocka_unit_test(where_it_runs),
		cmocka_unit_test(a_last_entry_of_another_size),
		cmocka_unit_test(what_is_no_table),
		cmocka_unit_test(what_cannot_be_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
