/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "flash/layout.h"
#include "format/ingenic_boot.h"
#include "format/uboot_env.h"
#include "format/uimage.h"
#include "make.h"

static const char *const variables[] = {
	"bootargs=console=ttyS1,115200n8 mem=104M@0x0 ispmem=8M@0x6800000  rmem=16M@0x7000000 "
	"init=/linuxrc root=/dev/mtdblock2 rw mtdparts=jz_sfc:256k(boot),2048k(kernel),-(rest)",
	"bootcmd=sf probe;sf read 0x80600000 0x40000 0x280000; bootm 0x80600000",
	"bootdelay=1",
	NULL,
};

static const struct ingenic_boot_spec spec = {
	.version = "2013.07 (recam demonstration)",
	.board = "ISVP (Ingenic XBurst T20 SoC)",
	.prompt = "isvp_t20# ",
	.environment = variables,
};

static uint8_t image[INGENIC_BOOT_SIZE];

static int fresh_image(void **state)
{
	struct rc_error err;

	support_ok(ingenic_boot_build(&spec, image, &err), &err);
	return 0;
}

static struct rc_span whole(void)
{
	return (struct rc_span){ image, sizeof(image) };
}

static void assert_check(const char *problem)
{
	struct format_report report;

	check_region(&format_ingenic_boot, image, sizeof(image), &report);
	if (problem)
		assert_problem(&report, problem);
	else
		assert_good(&report);
	format_report_clear(&report);
}

static void an_image_of_ours_has_the_form(void **state)
{
	struct ingenic_boot boot;
	struct rc_error err;

	assert_check(NULL);
	assert_true(ingenic_boot_is_valid(whole()));
	support_ok(ingenic_boot_parse(whole(), &boot, &err), &err);
	assert_string_equal(boot.version, spec.version);
	assert_string_equal(boot.spl_version, spec.version);
	assert_string_equal(boot.board, spec.board);
	assert_string_equal(boot.prompt, spec.prompt);
	assert_string_equal(boot.mtdparts, "jz_sfc:256k(boot),2048k(kernel),-(rest)");
	assert_int_equal(boot.ram_size, RC_MIB(128));
	assert_int_equal(boot.saved.size, 0);
	assert_int_equal(ingenic_boot_variable(boot.environment, "bootdelay").data[0], '1');
	assert_null(ingenic_boot_variable(boot.environment, "bootdela").data);
	assert_null(ingenic_boot_variable(boot.environment, "delay").data);
}

/* facts/bootloaders-and-flash.md 5.3 and 6 */
static void the_stock_bootloader_is_read(void **state)
{
	struct ingenic_boot boot;
	struct layout layout;
	struct rc_buffer file;
	struct rc_error err;
	struct format_report report;

	support_shared_file("firmware/dafang-5.5.1.177/uboot.bin", &file);
	support_ok(ingenic_boot_parse((struct rc_span){ file.data, file.size }, &boot, &err), &err);
	assert_string_equal(boot.version, "2013.07 (Jul 28 2017 - 17:10:01)");
	assert_string_equal(boot.board, "ISVP (Ingenic XBurst T20 SoC)");
	assert_string_equal(boot.prompt, "isvp_t20# ");
	assert_int_equal(boot.spl_size, 0x305c);
	assert_int_equal(boot.ram_size, RC_MIB(128));
	assert_memory_equal(boot.sha256_whole, "3823a2b7c76b8651", 16);
	assert_int_equal(boot.used, 0x34861);
	support_ok(layout_parse_mtdparts(boot.mtdparts, strlen(boot.mtdparts), 16u << 20, &layout,
					 &err),
		   &err);
	assert_int_equal(layout.count, 11);
	check_region(&format_ingenic_boot, file.data, file.size, &report);
	assert_good(&report);
	assert_string_equal(detail_text(&report, "version"), boot.version);
	format_report_clear(&report);
	rc_buffer_free(&file);
}

/* A download has no fill, a dump has; 00 or FF makes no difference either. */
static void the_digest_of_used_bytes_ignores_the_fill(void **state)
{
	struct ingenic_boot dump;
	struct ingenic_boot file;
	struct rc_error err;

	support_ok(ingenic_boot_parse(whole(), &dump, &err), &err);
	assert_true(dump.used > INGENIC_BODY_OFFSET);
	support_ok(ingenic_boot_parse(rc_span_sub(whole(), 0, dump.used + 3), &file, &err), &err);
	assert_int_equal(file.used, dump.used);
	assert_string_equal(file.sha256, dump.sha256);
	assert_string_not_equal(file.sha256_whole, dump.sha256_whole);
	memset(image + dump.used, 0, sizeof(image) - dump.used);
	support_ok(ingenic_boot_parse(whole(), &file, &err), &err);
	assert_string_equal(file.sha256, dump.sha256);
}

static void a_flipped_byte_in_the_spl_is_found(void **state)
{
	uint64_t random = 7;

	for (int i = 0; i < 20; i++) {
		size_t at = 0x800 + support_random(&random) % (0x305c - 0x800);
		uint8_t flip = (uint8_t)(1 + support_random(&random) % 255);

		if (flip == 0x89) /* the polynomial itself: a CRC-7 cannot see it */
			flip = 0x88;
		image[at] ^= flip;
		assert_check("the SPL's CRC-7 is ");
		assert_false(ingenic_boot_is_valid(whole()));
		image[at] ^= flip;
	}
	assert_check(NULL);
}

static void each_field_of_the_header_is_tested(void **state)
{
	char wanted[96];

	snprintf(wanted, sizeof(wanted), "the SPL's CRC-7 is %02X, its header says %02X", image[9],
		 image[9] ^ 1);
	image[9] ^= 1;
	assert_check(wanted);
	image[9] ^= 1;
	image[11] = 3;
	assert_check("the bytes at 0xA are 00 03, not 00 00");
	image[11] = 0;
	image[0x123] = 1;
	assert_check("the bytes from 0x10 to 0x1FF are not all 00");
	image[0x123] = 0;
	rc_put_le32(image + 12, 0x6801);
	assert_check("the SPL's length is 0x6801, it must be above 0x800 and at most 0x6800");
	rc_put_le32(image + 12, 0x305c);
	image[INGENIC_BODY_OFFSET] = 0xff;
	assert_check("U-Boot at 0x6800 begins with 041100FF 00000000, not 04110002 00000000");
	image[INGENIC_BODY_OFFSET] = 2;
	rc_put_le32(image + INGENIC_BODY_OFFSET + 8, 0);
	assert_check("U-Boot's _gp is 0x00000000, outside the image");
}

static void what_is_missing_behind_the_header_is_named(void **state)
{
	struct format_report report;

	/* Half of it written, the rest erased. */
	memset(image + 0x20000, 0xff, sizeof(image) - 0x20000);
	check_region(&format_ingenic_boot, image, sizeof(image), &report);
	assert_int_equal(report.state, REGION_DAMAGED);
	assert_int_equal(report.problem_count, 2);
	assert_non_null(strstr(report.problems[0].text,
			       "address table at 0x32770 begins with FFFFFFFF FFFFFFFF"));
	assert_non_null(strstr(report.problems[1].text, "no \"U-Boot\" version"));
	format_report_clear(&report);

	/* A file of half the size. */
	check_region(&format_ingenic_boot, image, 0x20000, &report);
	assert_non_null(strstr(report.problems[0].text,
			       "address table is at 0x32770, the image ends at 0x20000"));
	format_report_clear(&report);

	check_region(&format_ingenic_boot, image, 0x6000, &report);
	assert_problem(&report, "it is cut: 24576 bytes are here, U-Boot begins at 0x6800");
	format_report_clear(&report);
	check_region(&format_ingenic_boot, image, 9, &report);
	assert_problem(&report, "it is cut: 9 bytes are here, the SPL begins at 0x800");
	format_report_clear(&report);
}

static void an_erased_hole_is_found(void **state)
{
	struct format_report report;

	memset(image + 0x12300, 0xff, 0x3000);
	check_region(&format_ingenic_boot, image, sizeof(image), &report);
	assert_problem(&report, "12288 bytes inside U-Boot are erased, from 0x12300");
	assert_int_equal(report.problems[0].offset, 0x12300);
	assert_int_equal(report.problems[0].size, 0x3000);
	format_report_clear(&report);
}

/* An image put elsewhere in a flash that is erased otherwise. */
static void assert_place(size_t shift, enum ingenic_boot_place place, const char *problem)
{
	uint8_t *flash = malloc(RC_MIB(1));
	struct format_report report;
	size_t offset;

	assert_non_null(flash);
	memset(flash, 0xff, RC_MIB(1));
	memcpy(flash + shift, image, sizeof(image));
	assert_int_equal(ingenic_boot_find((struct rc_span){ flash, RC_MIB(1) }, &offset), place);
	assert_int_equal(offset, place == INGENIC_BOOT_NONE ? 0 : shift);
	check_region(&format_ingenic_boot, flash, RC_MIB(1), &report);
	assert_problem(&report, problem);
	format_report_clear(&report);
	free(flash);
}

static void an_image_in_the_wrong_place_is_found(void **state)
{
	assert_place(64, INGENIC_BOOT_MISPLACED, "no boot image at 0, a valid one begins at 0x40");
	assert_place(0x40000, INGENIC_BOOT_MISPLACED, "a valid one begins at 0x40000");
	assert_place(3, INGENIC_BOOT_MISPLACED, "a valid one begins at 0x3");
	image[0x900] ^= 1;
	assert_place(0x40000, INGENIC_BOOT_NONE, "it does not begin with 06 05 04 03 02");
}

static void a_wrapped_image_is_found(void **state)
{
	const struct uimage_header header = { .type = UIMAGE_TYPE_FIRMWARE, .name = "jz_fw" };
	uint8_t wrapped[UIMAGE_HEADER_SIZE + 0x1000];
	struct format_report report;
	struct rc_error err;
	size_t offset;

	memcpy(wrapped + UIMAGE_HEADER_SIZE, image, 0x1000);
	support_ok(uimage_build(&header, (struct rc_span){ image, 0x1000 }, wrapped, &err), &err);
	assert_int_equal(ingenic_boot_find((struct rc_span){ wrapped, sizeof(wrapped) }, &offset),
			 INGENIC_BOOT_WRAPPED);
	assert_int_equal(offset, 64);
	check_region(&format_ingenic_boot, wrapped, sizeof(wrapped), &report);
	assert_problem(&report, "a uImage header lies in front of the boot image");
	format_report_clear(&report);
}

/* facts/bootloaders-and-flash.md 8.5 */
static void a_web_page_is_known(void **state)
{
	static const char *const pages[] = { "\n\n\n<!DOCTYPE html>\n", "<html lang=en>",
					     "<!DOCTYPE html>" };

	for (size_t i = 0; i < RC_COUNT(pages); i++) {
		struct rc_span page = { (const uint8_t *)pages[i], strlen(pages[i]) };
		struct format_report report;
		size_t offset;

		assert_int_equal(ingenic_boot_find(page, &offset), INGENIC_BOOT_HTML);
		check_region(&format_ingenic_boot, page.data, page.size, &report);
		assert_problem(&report, "a web page lies here");
		format_report_clear(&report);
	}
}

/* facts/bootloaders-and-flash.md 1.3: the Digoo's compiled-in arguments do not match. */
static void a_saved_environment_is_believed_before_the_compiled_one(void **state)
{
	static const char *const saved[] = {
		"bootargs=mem=39M@0x0 ispmem=5M@0x2700000 rmem=20480K@0x2C00000 "
		"mtdparts=jz_sfc:256k(boot),-(other)",
		"bootcmd=boot",
	};
	struct ingenic_boot boot;
	struct rc_error err;

	support_ok(uboot_env_build(saved, RC_COUNT(saved), image + INGENIC_ENV_OFFSET,
				   INGENIC_ENV_SIZE, &err),
		   &err);
	assert_check(NULL);
	support_ok(ingenic_boot_parse(whole(), &boot, &err), &err);
	assert_int_equal(boot.ram_size, RC_MIB(64));
	assert_string_equal(boot.mtdparts, "jz_sfc:256k(boot),-(other)");
	assert_true(boot.used < INGENIC_ENV_OFFSET);

	image[INGENIC_ENV_OFFSET + 20] ^= 1;
	support_ok(ingenic_boot_parse(whole(), &boot, &err), &err);
	assert_int_equal(boot.saved.size, 0);
	assert_int_equal(boot.ram_size, RC_MIB(128));
}

static void pieces_tell_where_two_images_differ(void **state)
{
	uint32_t before[INGENIC_MAX_PIECES];
	uint32_t after[INGENIC_MAX_PIECES];
	size_t count = ingenic_boot_pieces(whole(), 0x32778, before);

	assert_int_equal(count, 0x33);
	assert_int_equal(before[0x32], rc_crc32(0, image + 0x32000, 0x778));
	image[0x12345] ^= 1;
	assert_int_equal(ingenic_boot_pieces(whole(), 0x32778, after), count);
	for (size_t i = 0; i < count; i++)
		assert_true((before[i] != after[i]) == (i == 0x12));
	assert_int_equal(ingenic_boot_pieces(whole(), UINT32_MAX, after), INGENIC_MAX_PIECES);
}

static void what_does_not_fit_is_not_built(void **state)
{
	static char huge[0x2000];
	const char *const much[] = { huge, NULL };
	struct ingenic_boot_spec large = spec;
	struct rc_error err;

	memset(huge, 'x', sizeof(huge) - 1);
	large.environment = much;
	support_fails(ingenic_boot_build(&large, image, &err), RC_ERANGE, &err,
		      "more than the 2711 bytes");
	large = spec;
	large.prompt = huge;
	support_fails(ingenic_boot_build(&large, image, &err), RC_ERANGE, &err, "8191");
}

static void another_beginning_is_no_boot_image(void **state)
{
	struct ingenic_boot boot;
	struct rc_error err;

	image[8] = 0xa8;
	support_fails(ingenic_boot_parse(whole(), &boot, &err), RC_EFORMAT, &err,
		      "no Ingenic boot image");
	assert_check("it does not begin with 06 05 04 03 02 55 AA 55 AA");
}

#define test(function) cmocka_unit_test_setup(function, fresh_image)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		test(an_image_of_ours_has_the_form),
		test(the_stock_bootloader_is_read),
		test(the_digest_of_used_bytes_ignores_the_fill),
		test(a_flipped_byte_in_the_spl_is_found),
		test(each_field_of_the_header_is_tested),
		test(what_is_missing_behind_the_header_is_named),
		test(an_erased_hole_is_found),
		test(an_image_in_the_wrong_place_is_found),
		test(a_wrapped_image_is_found),
		test(a_web_page_is_known),
		test(a_saved_environment_is_believed_before_the_compiled_one),
		test(pieces_tell_where_two_images_differ),
		test(what_does_not_fit_is_not_built),
		test(another_beginning_is_no_boot_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
