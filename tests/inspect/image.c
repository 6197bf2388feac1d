/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole flashes: healthy ones without a finding, one with another model's kernel, and
 * damage of every kind at once. Single wounds: wounds.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "flashes.h"
#include "format/uimage.h"
#include "run.h"
#include "support.h"

struct expected_part {
	const char *name, *format;
	enum region_state state;
	unsigned files; /* and everything else below the root */
};

static void expect_parts(const struct inspection *inspection, const struct expected_part *parts,
			 size_t count)
{
	assert_int_equal(inspection->partition_count, count);
	for (size_t i = 0; i < count; i++) {
		const struct inspected_partition *part = part_of(inspection, parts[i].name);
		const char *format = part->report.format ? part->report.format->name : "erased";

		if (strcmp(format, parts[i].format) != 0 || part->report.state != parts[i].state ||
		    part->report.files != parts[i].files)
			fail_msg("%s: %s %s, %u files", parts[i].name, format,
				 region_state_name(part->report.state), part->report.files);
		assert_int_equal(strlen(part->sha256), 64);
	}
}

/* How many things unsquashfs lists below the root of an image. */
static unsigned count_by_unsquashfs(const uint8_t *image, size_t size)
{
	char *path = rc_path_join(support_temp_dir(), "image");
	const char *argv[] = { "unsquashfs", "-lls", path, NULL };
	struct run_result result;
	unsigned count = 0;
	struct rc_error err;

	support_ok(rc_file_replace(path, image, size, 0644, &err), &err);
	run_program(argv, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	for (const char *at = (const char *)result.out.data; (at = strstr(at, "squashfs-root/"));
	     at++)
		count++;
	run_result_free(&result);
	free(path);
	return count;
}

static void test_dafang(void **state)
{
	static const struct expected_part parts[] = {
		{ "boot", "ingenic-boot", REGION_GOOD, 0 },
		{ "kernel", "uimage", REGION_GOOD, 0 },
		{ "root", "squashfs", REGION_GOOD, 405 },
		{ "driver", "squashfs", REGION_GOOD, 8 },
		{ "appfs", "jffs2", REGION_GOOD, 38 },
		{ "backupk", "jffs2", REGION_GOOD, 0 },
		{ "backupd", "squashfs", REGION_GOOD, 8 },
		{ "backupa", "jffs2", REGION_GOOD, 4 },
		{ "config", "jffs2", REGION_GOOD, 7 },
		{ "para", "jffs2", REGION_GOOD, 2 },
		{ "flag", "flag", REGION_GOOD, 0 },
	};
	struct rc_buffer flash;
	struct inspection inspection;

	(void)state;
	support_dafang_flash(&flash);
	inspect(&flash, &inspection);
	assert_int_equal(inspection.kind, INSPECT_FLASH);
	assert_string_equal(inspection.board.board->id, "dafang");
	assert_int_equal(inspection.board.confidence, BOARD_CERTAIN);
	assert_string_equal(inspection.firmware_version, "5.5.1.177");
	assert_true(inspection.identity.present);
	assert_string_equal(inspection.identity.where, "para:/config/.product_config");
	assert_string_equal(inspection.identity.mac, "0200005EC0DE");
	assert_int_equal(part_of(&inspection, "root")->report.files,
			 count_by_unsquashfs(flash.data + 0x240000, 0x350000));
	assert_int_equal(part_of(&inspection, "driver")->report.files,
			 count_by_unsquashfs(flash.data + 0x590000, 0xa0000));
	expect_parts(&inspection, parts, RC_COUNT(parts));
	if (inspection.finding_count)
		print_findings(&inspection);
	assert_int_equal(inspection.finding_count, 0);
	inspection_clear(&inspection);
	rc_buffer_free(&flash);
}

static void test_mi360(void **state)
{
	static const struct expected_part parts[] = {
		{ "BOOT", "mstar-boot", REGION_GOOD, 0 },  { "KERNEL", "uimage", REGION_GOOD, 0 },
		{ "ROOTFS", "squashfs", REGION_GOOD, 12 }, { "DATA", "jffs2", REGION_GOOD, 230 },
		{ "CONFIG", "flsh", REGION_GOOD, 0 },      { "FACTORY", "flsh", REGION_GOOD, 0 },
	};
	struct rc_buffer flash;
	struct inspection inspection;

	(void)state;
	make_mi360(&flash);
	inspect(&flash, &inspection);
	assert_string_equal(inspection.board.board->id, "mjsxj05cm");
	assert_int_equal(inspection.board.confidence, BOARD_CERTAIN);
	assert_string_equal(inspection.firmware_version, "3.5.1_0052");
	assert_non_null(strstr(inspection.layout_from, "MXPT"));
	assert_true(inspection.identity.present);
	assert_string_equal(inspection.identity.where, "FACTORY");
	expect_parts(&inspection, parts, RC_COUNT(parts));
	if (inspection.finding_count)
		print_findings(&inspection);
	assert_int_equal(inspection.finding_count, 0);
	inspection_clear(&inspection);
	rc_buffer_free(&flash);
}

/* Kernel and bootloader for different chips: the camera lights up and goes no further. */
static void test_kernel_of_another_model(void **state)
{
	struct rc_buffer flash;
	struct inspection inspection;
	uint8_t *header;

	(void)state;
	make_mi360(&flash);
	header = flash.data + 0x50000;
	assert_memory_equal(header + 32, "MVX2##I6", 8);
	header[32 + 7] = '3';
	rc_put_be32(header + 4, uimage_header_crc(header));
	inspect(&flash, &inspection);
	assert_non_null(inspection_find(&inspection, "image-wrong-model"));
	assert_int_equal(inspection.finding_count, 1);
	inspection_clear(&inspection);
	rc_buffer_free(&flash);
}

static const size_t dafang_starts[] = { 0,        0x040000, 0x240000, 0x590000, 0x630000, 0xad0000,
					0xcd0000, 0xd70000, 0xf70000, 0xfb0000, 0xff0000 };

/* Damage of every kind at once, at seeded places: something is always found, nothing breaks,
 * and the reports can be written. */
static void test_hostile(void **state)
{
	const struct report_options options = { .columns = 80, .source = "hostile" };
	struct rc_buffer flash, whole;
	uint64_t random = 77;

	(void)state;
	support_demo_flash(&whole);
	support_demo_flash(&flash);
	for (unsigned round = 0; round < 8; round++) {
		struct inspection inspection;
		struct rc_text page = { 0 };

		memcpy(flash.data, whole.data, flash.size);
		for (unsigned i = 0; i < 400; i++) {
			size_t at = support_random(&random) % (flash.size - 4096);

			/* Headers and tables lie at the starts of partitions. */
			if (i % 4 == 0 && i / 4 < 11)
				at = dafang_starts[i / 4] + support_random(&random) % 96;
			flash.data[at] = (uint8_t)support_random(&random);
			if (i % 40 == 1)
				memset(flash.data + at, (int)support_random(&random), 4000);
		}
		inspect(&flash, &inspection);
		assert_true(inspection.finding_count > 0);
		assert_int_equal(report_html(&page, &inspection, &options), 0);
		json_decref(report_json(&inspection, &options));
		rc_text_free(&page);
		inspection_clear(&inspection);
	}
	rc_buffer_free(&flash);
	rc_buffer_free(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dafang),
		cmocka_unit_test(test_mi360),
		cmocka_unit_test(test_kernel_of_another_model),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, flashes_setup, flashes_teardown);
}
