/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Mi 360 family's BOOT and its partition table. */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "format/mstar_boot.h"
#include "format/mxpt.h"
#include "make.h"

static uint8_t image[MSTAR_BOOT_SIZE];

static int fresh_image(void **state)
{
	make_mstar_boot(image);
	return 0;
}

static void assert_check(const char *problem)
{
	struct format_report report;

	check_region(&format_mstar_boot, image, sizeof(image), &report);
	if (problem)
		assert_problem(&report, problem);
	else
		assert_good(&report);
	format_report_clear(&report);
}

static void a_boot_partition_of_ours_is_good(void **state)
{
	struct format_report report;

	assert_true(format_mstar_boot.probe((struct rc_span){ image, sizeof(image) }));
	check_region(&format_mstar_boot, image, sizeof(image), &report);
	assert_good(&report);
	assert_int_equal(report.used, MSTAR_BOOT_SIZE);
	assert_string_equal(detail_text(&report, "version"), "2015.01 (Sep 01 2020 - 01:02:03)");
	assert_string_equal(detail_text(&report, "build"), "recam_0_0_0_0000-1");
	assert_string_equal(detail_text(&report, "prompt"), "SigmaStar # ");
	assert_string_equal(detail_text(&report, "update_file"), "tf_update.img");
	assert_string_equal(detail_text(&report, "chip"), "I6");
	format_report_clear(&report);
}

/* facts/mstar-mi360.md, its head and 1.4 */
static void the_stock_boot_partition_is_read(void **state)
{
	struct format_report report;
	struct mstar_boot boot;
	struct rc_buffer file;
	struct rc_error err;

	support_shared_file("firmware/mjsxj05cm/boot.bin", &file);
	check_region(&format_mstar_boot, file.data, file.size, &report);
	assert_good(&report);
	format_report_clear(&report);
	support_ok(mstar_boot_parse((struct rc_span){ file.data, file.size }, &boot, &err), &err);
	assert_string_equal(boot.version, "2015.01 (Sep 15 2020 - 15:53:02)");
	assert_string_equal(boot.build, "ipc019_4_0_9_0425-4");
	assert_string_equal(boot.image_name, "MVX1##I6g46ec744CM_UBT1501###XVM");
	assert_string_equal(boot.chip, "I6");
	assert_string_equal(boot.prompt, "SigmaStar # ");
	assert_string_equal(boot.update_file, "tf_update.img");
	assert_memory_equal(boot.sha256, "ada7e936ece2d01f", 16);
	assert_int_equal(boot.table.stride, 0x88);
	rc_buffer_free(&file);
}

/* facts/mstar-mi360.md 1.1 */
static void the_stock_table_gives_the_layout(void **state)
{
	static const struct partition expected[] = {
		{ "BOOT", 0, 0x50000 },           { "KERNEL", 0x50000, 0x200000 },
		{ "ROOTFS", 0x250000, 0x760000 }, { "DATA", 0x9b0000, 0x630000 },
		{ "CONFIG", 0xfe0000, 0x10000 },  { "FACTORY", 0xff0000, 0x10000 },
	};
	struct layout layout;
	struct rc_buffer file;
	struct rc_error err;
	struct mxpt table;

	support_shared_file("firmware/mjsxj05cm/boot.bin", &file);
	support_ok(mxpt_parse(mxpt_locate((struct rc_span){ file.data, file.size }), &table, &err),
		   &err);
	support_ok(mxpt_to_layout(&table, 16u << 20, &layout, &err), &err);
	assert_int_equal(layout.count, RC_COUNT(expected));
	for (size_t i = 0; i < RC_COUNT(expected); i++) {
		assert_string_equal(layout.partitions[i].name, expected[i].name);
		assert_int_equal(layout.partitions[i].offset, expected[i].offset);
		assert_int_equal(layout.partitions[i].size, expected[i].size);
	}
	assert_int_equal(mxpt_find(&table, "UBOOT_ENV")->start, 0x4f000);
	assert_int_equal(mxpt_find(&table, "FACTORY")->type, MXPT_TYPE_MTD_SPECIAL);
	assert_null(mxpt_find(&table, "IPL_"));
	rc_buffer_free(&file);
}

/* Each part that has a checksum, at seeded places. */
static void a_flipped_byte_in_any_part_is_found(void **state)
{
	static const struct {
		uint32_t offset;
		uint32_t size;
		const char *problem;
	} parts[] = {
		{ 0x10, 0x3640, "IPL at 0x0: its sum is " },
		{ 0x10010, 0x44a0, "IPL_CUST at 0x10000: its sum is " },
		{ 0x30004, 60, "UBOOT at 0x30000: header checksum is " },
		{ 0x30040, 0x2000, "UBOOT at 0x30000: data checksum is " },
		{ 0x4f000, 0x1000, "UBOOT_ENV at 0x4F000: its checksum does not hold" },
	};
	uint64_t random = 360;

	for (size_t i = 0; i < RC_COUNT(parts); i++)
		for (int n = 0; n < 20; n++) {
			size_t at = parts[i].offset + support_random(&random) % parts[i].size;

			image[at] ^= 0x11;
			assert_check(parts[i].problem);
			image[at] ^= 0x11;
		}
	assert_check(NULL);
}

/* Of the twelve records in use: a type, number or letter may become another good one. */
static bool may_become_another(size_t at)
{
	size_t position = (at - 0x20000) % 0x88;

	return at >= 0x20000 && at < 0x20000 + 12 * 0x88 &&
	       (position == 5 || (position >= 8 && position < 24) ||
		(position >= 32 && position < 42 && image[at]));
}

/* One wrong bit at any other place of the partition, used or not, is seen. */
static void a_flipped_bit_anywhere_is_found(void **state)
{
	uint64_t random = 1017;
	unsigned missed = 0;

	for (int i = 0; i < 1000; i++) {
		/* Every third one in the table, which has no checksum. */
		size_t at = i % 3 ? support_random(&random) % sizeof(image)
				  : 0x20000 + support_random(&random) % MXPT_SIZE;
		uint8_t bit = (uint8_t)(1 << support_random(&random) % 8);
		struct format_report report;

		if (may_become_another(at))
			continue;
		image[at] ^= bit;
		check_region(&format_mstar_boot, image, sizeof(image), &report);
		if (report.state != REGION_DAMAGED)
			print_message("bit %02X at 0x%zX not seen\n", bit, at);
		assert_true(report.problem_count <= 3);
		missed += report.state != REGION_DAMAGED;
		format_report_clear(&report);
		image[at] ^= bit;
	}
	assert_int_equal(missed, 0);
}

static void each_erased_part_is_named(void **state)
{
	static const struct {
		uint32_t offset;
		uint32_t size;
		const char *problem;
	} parts[] = {
		{ 0, 0x10000, "IPL at 0x0: \"IPL_\" is not at its byte 4" },
		{ 0x10000, 0xf000, "IPL_CUST at 0x10000: \"IPLC\" is not at its byte 4" },
		{ 0x20000, 0x1000, "no partition table (MXPT) at 0x20000 nor elsewhere" },
		{ 0x30000, 0x1f000, "UBOOT at 0x30000: it begins with FFFFFFFF" },
		{ 0x4f000, 0x1000, "UBOOT_ENV at 0x4F000: it is erased" },
	};

	for (size_t i = 0; i < RC_COUNT(parts); i++) {
		fresh_image(state);
		memset(image + parts[i].offset, 0xff, parts[i].size);
		assert_check(parts[i].problem);
	}
}

static void headers_of_the_ipl_are_tested(void **state)
{
	image[3] = 0xe5;
	assert_check("IPL at 0x0: it begins with E5000002, which is no ARM branch");
	image[3] = 0xea;
	rc_put_le16(image + 8, 8);
	assert_check("IPL at 0x0: its header says 8 bytes, its slot has 65536");
}

/* facts/mstar-mi360.md 1.1: where the I3 boot ROM may look */
static void an_ipl_at_0x4000_is_accepted(void **state)
{
	memmove(image + 0x4000, image, 0x3650);
	memset(image, 0xff, 0x4000);
	assert_true(format_mstar_boot.probe((struct rc_span){ image, sizeof(image) }));
	assert_check(NULL);
	image[0x4020] ^= 1;
	assert_check("IPL at 0x4000: its sum is ");
}

static void a_kernel_in_the_bootloaders_place_is_named(void **state)
{
	struct format_report report;

	memcpy(image + 0x30020, "MVX2", 4);
	check_region(&format_mstar_boot, image, sizeof(image), &report);
	assert_int_equal(report.problem_count, 2); /* the header's checksum, too */
	assert_non_null(strstr(report.problems[1].text,
			       "a kernel (MVX2##I6g0000000CM_UBT1501###XVM) lies in the "
			       "bootloader's place"));
	format_report_clear(&report);
}

static void a_cut_partition_is_damaged(void **state)
{
	struct format_report report;

	for (size_t size = 1; size < sizeof(image); size += 0x7fff) {
		check_region(&format_mstar_boot, image, size, &report);
		assert_int_equal(report.state, REGION_DAMAGED);
		assert_true(report.problem_count > 0);
		format_report_clear(&report);
	}
}

static void a_damaged_table_says_which_record(void **state)
{
	uint8_t *kernel = image + 0x20000 + 7 * 0x88;

	assert_memory_equal(kernel + 32, "KERNEL", 7);
	kernel[1] = 'Y';
	assert_check("MXPT at 0x20000: the record at 0x3B8 begins with 4D 59 50 54");
	kernel[1] = 'X';
	kernel[0x7f] = 0;
	assert_check("the record KERNEL at 0x3B8 does not end with \"TPXM\"");
	kernel[0x7f] = 'X';
	kernel[4] = 9;
	assert_check("the record KERNEL at 0x3B8 has version 9, not 1");
	kernel[4] = 1;
	kernel[5] = 0x43;
	assert_check("the record KERNEL at 0x3B8 has the unknown type 43");
	kernel[5] = 3;
	kernel[10] = 0;
	assert_check("KERNEL of the partition table at 0x0 overlaps BOOT, which ends at 0x50000");
	kernel[10] = 5;
	kernel[15] = 1;
	assert_check("KERNEL of the partition table (0x200000 bytes at 0x100000000050000) does not "
		     "lie in a flash");
	kernel[15] = 0;
	kernel[9] = 1;
	assert_check("KERNEL (0x200000 bytes at 0x50100) does not begin and end at multiples of "
		     "0x1000");
	kernel[9] = 0;
	kernel[18] = 0x10;
	assert_check("ROOTFS begins at 0x250000, what is before it ends at 0x150000");
	kernel[18] = 0x20;
	kernel[37] = 'M';
	assert_check("MXPT at 0x20000: no record is named KERNEL");
	kernel[37] = 'L';
	assert_check(NULL);
}

/* facts/mstar-mi360.md 1.2: the I3 source counts to 0x80 */
static void a_table_of_stride_0x80_is_read(void **state)
{
	uint8_t table[MXPT_SIZE];
	struct format_report report;
	struct mxpt parsed;
	struct layout layout;
	struct rc_error err;

	memset(table, 0xff, sizeof(table));
	for (size_t i = 0; i < 12; i++) {
		uint8_t *record = table + i * 0x80;

		memcpy(record, image + 0x20000 + i * 0x88, 0x7c);
		memcpy(record + 0x7c, "TPXM", 4);
	}
	check_region(&format_mxpt, table, sizeof(table), &report);
	assert_good(&report);
	assert_int_equal(report.used, 12 * 0x80);
	format_report_clear(&report);
	support_ok(mxpt_parse((struct rc_span){ table, sizeof(table) }, &parsed, &err), &err);
	assert_int_equal(parsed.stride, 0x80);
	support_ok(mxpt_to_layout(&parsed, 16u << 20, &layout, &err), &err);
	assert_int_equal(layout.count, 6);
	support_fails(mxpt_to_layout(&parsed, 8u << 20, &layout, &err), RC_ERANGE, &err,
		      "ROOTFS of the partition table (0x760000 bytes at 0x250000) does not lie in "
		      "a flash of 0x800000");
}

static void a_table_without_partitions_is_no_layout(void **state)
{
	struct rc_buffer table = { 0 };
	struct mxpt parsed;
	struct layout layout;
	struct rc_error err;

	assert_true(mxpt_append_record(&table, "IPL", MXPT_TYPE_BOOT, 0, 0x10000));
	support_ok(mxpt_parse((struct rc_span){ table.data, table.size }, &parsed, &err), &err);
	support_fails(mxpt_to_layout(&parsed, 16u << 20, &layout, &err), RC_EFORMAT, &err,
		      "none of the partition table's 1 records is a partition");
	support_fails(mxpt_parse((struct rc_span){ table.data, 0x7f }, &parsed, &err), RC_EFORMAT,
		      &err, "no MXPT");
	rc_buffer_free(&table);
}

static void records_in_any_order_give_an_ordered_layout(void **state)
{
	struct rc_buffer table = { 0 };
	struct layout layout;
	struct mxpt parsed;
	struct rc_error err;

	assert_true(mxpt_append_record(&table, "C", MXPT_TYPE_MTD, 0x20000, 0x10000));
	assert_true(mxpt_append_record(&table, "A", MXPT_TYPE_MTD, 0, 0x10000));
	assert_true(mxpt_append_record(&table, "", MXPT_TYPE_FREE, UINT64_MAX, UINT64_MAX));
	assert_true(mxpt_append_record(&table, "B", MXPT_TYPE_MTD, 0x10000, 0x10000));
	support_ok(mxpt_parse((struct rc_span){ table.data, table.size }, &parsed, &err), &err);
	assert_int_equal(parsed.record_count, 4);
	support_ok(mxpt_to_layout(&parsed, 16u << 20, &layout, &err), &err);
	assert_int_equal(layout.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(layout.partitions[i].name[0], 'A' + i);
		assert_int_equal(layout.partitions[i].offset, i * 0x10000);
	}
	rc_buffer_free(&table);
}

static void a_table_elsewhere_is_located(void **state)
{
	assert_ptr_equal(mxpt_locate((struct rc_span){ image, sizeof(image) }).data,
			 image + 0x20000);
	memmove(image + 0x21000, image + 0x20000, 0x1000);
	memset(image + 0x20000, 0xff, 0x1000);
	assert_ptr_equal(mxpt_locate((struct rc_span){ image, sizeof(image) }).data,
			 image + 0x21000);
	assert_check(NULL);
	assert_null(mxpt_locate((struct rc_span){ image, 0x21002 }).data);
}

#define test(function) cmocka_unit_test_setup(function, fresh_image)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		test(a_boot_partition_of_ours_is_good),
		test(the_stock_boot_partition_is_read),
		test(the_stock_table_gives_the_layout),
		test(a_flipped_byte_in_any_part_is_found),
		test(a_flipped_bit_anywhere_is_found),
		test(each_erased_part_is_named),
		test(headers_of_the_ipl_are_tested),
		test(an_ipl_at_0x4000_is_accepted),
		test(a_kernel_in_the_bootloaders_place_is_named),
		test(a_cut_partition_is_damaged),
		test(a_damaged_table_says_which_record),
		test(a_table_of_stride_0x80_is_read),
		test(a_table_without_partitions_is_no_layout),
		test(records_in_any_order_give_an_ordered_layout),
		test(a_table_elsewhere_is_located),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
