/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "flash/layout.h"

#define FLASH (16u << 20)

static const char dafang[] = "jz_sfc:256k(boot),2048k(kernel),3392k(root),640k(driver),"
			     "4736k(appfs),2048k(backupk),640k(backupd),2048k(backupa),"
			     "256k(config),256k(para),-(flag)";

static int parse(const char *text, struct layout *layout, struct rc_error *err)
{
	return layout_parse_mtdparts(text, strlen(text), FLASH, layout, err);
}

/* facts/bootloaders-and-flash.md 1.1 */
static void the_dafang_layout_is_the_facts(void **state)
{
	static const struct partition expected[] = {
		{ "boot", 0x000000, 0x040000 },    { "kernel", 0x040000, 0x200000 },
		{ "root", 0x240000, 0x350000 },    { "driver", 0x590000, 0x0a0000 },
		{ "appfs", 0x630000, 0x4a0000 },   { "backupk", 0xad0000, 0x200000 },
		{ "backupd", 0xcd0000, 0x0a0000 }, { "backupa", 0xd70000, 0x200000 },
		{ "config", 0xf70000, 0x040000 },  { "para", 0xfb0000, 0x040000 },
		{ "flag", 0xff0000, 0x010000 },
	};
	struct layout layout;
	struct rc_error err;

	support_ok(parse(dafang, &layout, &err), &err);
	assert_int_equal(layout.count, RC_COUNT(expected));
	assert_int_equal(layout.flash_size, FLASH);
	for (size_t i = 0; i < RC_COUNT(expected); i++) {
		assert_string_equal(layout.partitions[i].name, expected[i].name);
		assert_int_equal(layout.partitions[i].offset, expected[i].offset);
		assert_int_equal(layout.partitions[i].size, expected[i].size);
	}
}

static void the_kernels_ways_of_writing_are_read(void **state)
{
	struct layout layout;
	struct rc_error err;

	support_ok(parse("mtdparts=dev.0:0x10000(a)ro,64K@0x20000(b)rolk,65536(c),1M(d),-(e) rw",
			 &layout, &err),
		   &err);
	assert_int_equal(layout.count, 5);
	assert_int_equal(layout.partitions[0].size, 0x10000);
	assert_int_equal(layout.partitions[1].offset, 0x20000);
	assert_int_equal(layout.partitions[2].offset, 0x30000);
	assert_int_equal(layout.partitions[3].size, 1 << 20);
	assert_int_equal(layout.partitions[4].offset, 0x140000);
	assert_int_equal(layout.partitions[4].size, FLASH - 0x140000);

	/* Without a device, and a text that goes on in memory behind its size. */
	support_ok(layout_parse_mtdparts("64k(a),64k(b)junk", 13, FLASH, &layout, &err), &err);
	assert_int_equal(layout.count, 2);
}

static void what_does_not_make_sense_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum rc_status status;
		const char *message;
	} cases[] = {
		{ "", RC_EFORMAT, "at character 1 comes \"\" where a size" },
		{ "x:", RC_EFORMAT, "at character 3 comes \"\"" },
		{ "64k", RC_EFORMAT, "at character 4 comes \"\" where a name in brackets" },
		{ "64k(a", RC_EFORMAT, "the name's closing bracket" },
		{ "64k()", RC_EFORMAT, "has 0 characters, it can have 1 to 15" },
		{ "64k(sixteencharacter)", RC_EFORMAT, "has 16 characters" },
		{ "64q(a)", RC_EFORMAT, "at character 3 comes \"q(a)\"" },
		{ "0x(a)", RC_EFORMAT, "where a size" },
		{ "64k@(a)", RC_EFORMAT, "where an offset should be" },
		{ "64k(a)64k(b)", RC_EFORMAT, "at character 7 comes \"64k(b)\" where a comma" },
		{ "64k(a),", RC_EFORMAT, "at character 8 comes \"\"" },
		{ "64k(a);d2:64k(b)", RC_EFORMAT, "comes \";d2:64k(b)\"" },
		{ "64k(a),64k(A)", RC_EFORMAT, "two partitions are called A" },
		{ "64k(a),64k@0x8000(b)", RC_EFORMAT,
		  "b at 0x8000 overlaps a, which ends at 0x10000" },
		{ "17m(a)", RC_ERANGE,
		  "ends at 0x1100000, behind the end of the flash at 0x1000000" },
		{ "16m(a),-(b)", RC_ERANGE, "nothing is left for b at 0x1000000" },
		{ "-@17m(b)", RC_ERANGE, "nothing is left for b at 0x1100000" },
		{ "0(a)", RC_ERANGE, "nothing is left for a at 0x0" },
		{ "-(a),64k(b)", RC_EFORMAT, "a takes all the rest (\"-\"), yet more follows" },
		{ "99999999999999999999(a)", RC_EFORMAT, "where a size" },
		{ "1099511627776k(a)", RC_EFORMAT, "where a size" },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct layout layout;
		struct rc_error err;

		support_fails(parse(cases[i].text, &layout, &err), cases[i].status, &err,
			      cases[i].message);
	}
}

static void impossible_flashes_are_refused(void **state)
{
	struct layout layout;
	struct rc_error err;

	support_fails(layout_parse_mtdparts("-(a)", 4, 0, &layout, &err), RC_ERANGE, &err,
		      "0 bytes");
	support_fails(layout_parse_mtdparts("-(a)", 4, RC_MAX_FLASH + 1, &layout, &err), RC_ERANGE,
		      &err, "67108865 bytes");
}

static void more_partitions_than_fit_are_refused(void **state)
{
	char text[1024] = "";
	struct layout layout;
	struct rc_error err;
	size_t size = 0;

	for (int i = 0; i <= RC_MAX_PARTITIONS; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size, "%s64k(p%d)",
					 i ? "," : "", i);
	support_fails(parse(text, &layout, &err), RC_ERANGE, &err, "more than 32 partitions");
}

static void names_and_places_are_found(void **state)
{
	struct layout layout;
	struct rc_error err;

	support_ok(parse(dafang, &layout, &err), &err);
	assert_ptr_equal(layout_find(&layout, "uboot"), &layout.partitions[0]);
	assert_ptr_equal(layout_find(&layout, "rootfs"), &layout.partitions[2]);
	assert_ptr_equal(layout_find(&layout, "KERNEL"), &layout.partitions[1]);
	assert_null(layout_find(&layout, "drivers"));
	assert_ptr_equal(layout_at(&layout, 0), &layout.partitions[0]);
	assert_ptr_equal(layout_at(&layout, 0x23ffff), &layout.partitions[1]);
	assert_ptr_equal(layout_at(&layout, 0x240000), &layout.partitions[2]);
	assert_null(layout_at(&layout, FLASH));

	support_ok(parse("64k(BOOT),64k@128k(UBOOT),-(ROOTFS)", &layout, &err), &err);
	assert_ptr_equal(layout_find(&layout, "uboot"), &layout.partitions[1]);
	assert_ptr_equal(layout_find(&layout, "boot"), &layout.partitions[0]);
	assert_ptr_equal(layout_find(&layout, "root"), &layout.partitions[2]);
	assert_null(layout_at(&layout, 0x10000));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dafang_layout_is_the_facts),
		cmocka_unit_test(the_kernels_ways_of_writing_are_read),
		cmocka_unit_test(what_does_not_make_sense_is_refused),
		cmocka_unit_test(impossible_flashes_are_refused),
		cmocka_unit_test(more_partitions_than_fit_are_refused),
		cmocka_unit_test(names_and_places_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
