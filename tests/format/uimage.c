/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "format/uimage.h"
#include "make.h"
#include "run.h"

static const struct uimage_header kernel_header = {
	.time = 1503481551,
	.load = 0x80010000,
	.entry = 0x803e3aa0,
	.os = UIMAGE_OS_LINUX,
	.arch = UIMAGE_ARCH_MIPS,
	.type = UIMAGE_TYPE_KERNEL,
	.compression = UIMAGE_COMPRESSION_LZMA,
	.name = "Linux-3.10.14",
};

/* An image around plain bytes packed with compression, whatever the header says. */
static void make_image(struct rc_buffer *out, const struct uimage_header *header,
		       enum compression compression, size_t plain_size)
{
	uint8_t head[UIMAGE_HEADER_SIZE];
	struct rc_buffer plain = { 0 };
	struct rc_buffer packed = { 0 };
	struct rc_error err;

	make_payload(&plain, plain_size, 4711);
	make_compressed(&packed, compression, (struct rc_span){ plain.data, plain.size });
	support_ok(uimage_build(header, (struct rc_span){ packed.data, packed.size }, head, &err),
		   &err);
	assert_true(rc_buffer_append(out, head, sizeof(head)));
	assert_true(rc_buffer_append(out, packed.data, packed.size));
	rc_buffer_free(&plain);
	rc_buffer_free(&packed);
}

/* Whatever was changed in the data, the checksums are right again. */
static void rebuild_header(struct rc_buffer *image, const struct uimage_header *header)
{
	struct rc_error err;

	support_ok(uimage_build(header,
				(struct rc_span){ image->data + UIMAGE_HEADER_SIZE,
						  image->size - UIMAGE_HEADER_SIZE },
				image->data, &err),
		   &err);
}

static void every_compression_is_read_whole(void **state)
{
	static const struct {
		uint8_t code;
		enum compression real;
		const char *name;
	} cases[] = {
		{ UIMAGE_COMPRESSION_NONE, COMPRESSION_NONE, "none" },
		{ UIMAGE_COMPRESSION_GZIP, COMPRESSION_GZIP, "gzip" },
		{ UIMAGE_COMPRESSION_LZMA, COMPRESSION_LZMA, "lzma" },
		{ UIMAGE_COMPRESSION_LZMA, COMPRESSION_XZ, "xz" }, /* MStar's way */
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct uimage_header header = kernel_header;
		struct rc_buffer image = { 0 };
		struct format_report report;
		size_t size;

		header.compression = cases[i].code;
		make_image(&image, &header, cases[i].real, 200000);
		size = image.size;
		assert_true(rc_buffer_append(&image, "\xff\xff\xff\xff", 4));
		check_region(&format_uimage, image.data, image.size, &report);
		assert_good(&report);
		assert_int_equal(report.used, size);
		assert_string_equal(detail_text(&report, "compression"), cases[i].name);
		assert_int_equal(detail_number(&report, "uncompressed_size"), 200000);
		format_report_clear(&report);
		rc_buffer_free(&image);
	}
}

static void the_header_is_told(void **state)
{
	struct rc_buffer image = { 0 };
	struct format_report report;

	make_image(&image, &kernel_header, COMPRESSION_LZMA, 5000);
	check_region(&format_uimage, image.data, image.size, &report);
	assert_string_equal(detail_text(&report, "name"), "Linux-3.10.14");
	assert_string_equal(detail_text(&report, "os"), "linux");
	assert_string_equal(detail_text(&report, "arch"), "mips");
	assert_string_equal(detail_text(&report, "type"), "kernel");
	assert_string_equal(detail_text(&report, "time"), "2017-08-23T09:45:51Z");
	assert_int_equal(detail_number(&report, "load"), 0x80010000);
	assert_int_equal(detail_number(&report, "entry"), 0x803e3aa0);
	assert_int_equal(detail_number(&report, "data_size"), image.size - UIMAGE_HEADER_SIZE);
	format_report_clear(&report);
	rc_buffer_free(&image);
}

static void names_of_any_bytes_are_told_safely(void **state)
{
	struct uimage_header header = kernel_header;
	struct rc_buffer image = { 0 };
	struct format_report report;

	memcpy(header.name, "a\033[31m\xff", 8);
	header.os = 200;
	make_image(&image, &header, COMPRESSION_LZMA, 100);
	check_region(&format_uimage, image.data, image.size, &report);
	assert_good(&report);
	assert_string_equal(detail_text(&report, "name"), "a\\x1b[31m\\xff");
	assert_string_equal(detail_text(&report, "os"), "200");
	format_report_clear(&report);
	rc_buffer_free(&image);
}

static void a_flipped_byte_is_found_wherever_it_is(void **state)
{
	struct rc_buffer image = { 0 };
	uint64_t random = 20;

	make_image(&image, &kernel_header, COMPRESSION_LZMA, 50000);
	for (int i = 0; i < 40; i++) {
		bool in_header = i % 2;
		size_t at = support_random(&random) % (in_header ? 60 : image.size - 64);
		uint8_t flip = (uint8_t)(1 + support_random(&random) % 255);
		struct format_report report;
		char wanted[96];

		at += in_header ? 4 : UIMAGE_HEADER_SIZE;
		image.data[at] ^= flip;
		if (in_header)
			snprintf(wanted, sizeof(wanted),
				 "header checksum is %08" PRIX32 ", the header says %08" PRIX32,
				 uimage_header_crc(image.data), rc_be32(image.data + 4));
		else
			snprintf(wanted, sizeof(wanted),
				 "data checksum is %08" PRIX32 ", the header says %08" PRIX32,
				 rc_crc32(0, image.data + 64, image.size - 64),
				 rc_be32(image.data + 24));
		check_region(&format_uimage, image.data, image.size, &report);
		assert_problem(&report, wanted);
		format_report_clear(&report);
		image.data[at] ^= flip;
	}
	rc_buffer_free(&image);
}

static void another_beginning_is_named(void **state)
{
	struct rc_buffer image = { 0 };
	struct format_report report;

	make_image(&image, &kernel_header, COMPRESSION_LZMA, 100);
	image.data[1] ^= 0x20;
	assert_false(format_uimage.probe((struct rc_span){ image.data, image.size }));
	check_region(&format_uimage, image.data, image.size, &report);
	assert_problem(&report, "it begins with 27251956, a uImage with 27051956");
	format_report_clear(&report);
	check_region(&format_uimage, image.data, 63, &report);
	assert_problem(&report, "63 bytes are too few for a uImage: its header has 64");
	format_report_clear(&report);
	rc_buffer_free(&image);
}

static void a_cut_image_says_how_much_is_there(void **state)
{
	struct rc_buffer image = { 0 };
	struct format_report report;
	char wanted[96];
	size_t half;

	make_image(&image, &kernel_header, COMPRESSION_LZMA, 50000);
	half = image.size / 2;
	snprintf(wanted, sizeof(wanted), "promises %zu bytes of data, %zu are there",
		 image.size - 64, half - 64);
	check_region(&format_uimage, image.data, half, &report);
	assert_problem(&report, wanted);
	format_report_clear(&report);

	memset(image.data + half, 0xff, image.size - half);
	image.data[half - 1] = 0;
	check_region(&format_uimage, image.data, image.size, &report);
	assert_problem(&report, wanted);
	assert_problem(&report, "and the rest is erased");
	assert_int_equal(report.problems[0].offset, half);
	assert_int_equal(report.problems[0].size, image.size - half);
	format_report_clear(&report);
	rc_buffer_free(&image);
}

/* The checksums hold, and the stream behind them does not. */
static void a_bad_stream_with_good_checksums_is_found(void **state)
{
	static const struct {
		enum compression compression;
		uint8_t code;
		const char *cut;
		const char *flipped;
	} cases[] = {
		{ COMPRESSION_LZMA, 3, "the lzma data are cut", "the lzma data are " },
		{ COMPRESSION_XZ, 3, "the xz data are cut", "the xz data are damaged at about" },
		{ COMPRESSION_GZIP, 1, "the gzip data are cut", "the gzip data are damaged at" },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct uimage_header header = kernel_header;
		struct rc_buffer image = { 0 };
		struct format_report report;

		header.compression = cases[i].code;
		make_image(&image, &header, cases[i].compression, 50000);
		image.data[image.size / 2] ^= 0x40;
		rebuild_header(&image, &header);
		check_region(&format_uimage, image.data, image.size, &report);
		assert_problem(&report, cases[i].flipped);
		format_report_clear(&report);

		image.data[image.size / 2] ^= 0x40;
		image.size -= 100;
		rebuild_header(&image, &header);
		check_region(&format_uimage, image.data, image.size, &report);
		assert_problem(&report, cases[i].cut);
		format_report_clear(&report);
		rc_buffer_free(&image);
	}
}

static void a_bomb_is_stopped(void **state)
{
	struct rc_buffer plain = { 0 };
	struct rc_buffer packed = { 0 };
	struct decompressed done;
	struct rc_error err;
	struct rc_buffer out = { 0 };

	plain.data = calloc(1, RC_MIB(1));
	plain.size = RC_MIB(1);
	make_compressed(&packed, COMPRESSION_XZ, (struct rc_span){ plain.data, plain.size });
	support_fails(decompress_test(COMPRESSION_XZ, (struct rc_span){ packed.data, packed.size },
				      RC_MIB(1) - 1, &done, &err),
		      RC_ERANGE, &err, "unpack to more than 1048575 bytes");
	support_ok(decompress(COMPRESSION_XZ, (struct rc_span){ packed.data, packed.size },
			      RC_MIB(1), &out, &err),
		   &err);
	assert_int_equal(out.size, plain.size);
	assert_memory_equal(out.data, plain.data, out.size);
	rc_buffer_free(&plain);
	rc_buffer_free(&packed);
	rc_buffer_free(&out);
}

/* The judge: U-Boot's own tools. */
static void mkimage_writes_the_same(void **state)
{
	static const struct {
		const char *type;
		const char *compression;
		uint8_t type_code;
		uint8_t compression_code;
	} cases[] = {
		{ "kernel", "lzma", UIMAGE_TYPE_KERNEL, UIMAGE_COMPRESSION_LZMA },
		{ "firmware", "none", UIMAGE_TYPE_FIRMWARE, UIMAGE_COMPRESSION_NONE },
	};

	if (!run_exists("mkimage")) {
		print_message("SKIPPED: mkimage is not installed\n");
		skip();
	}
	setenv("SOURCE_DATE_EPOCH", "1503481551", 1);
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct uimage_header header = kernel_header;
		struct rc_buffer image = { 0 };
		struct rc_buffer theirs;
		char payload[512];
		char result[512];
		struct rc_error err;
		const char *folder = support_temp_dir();

		snprintf(payload, sizeof(payload), "%s/payload", folder);
		snprintf(result, sizeof(result), "%s/image", folder);
		header.type = cases[i].type_code;
		header.compression = cases[i].compression_code;
		make_image(&image, &header, COMPRESSION_LZMA, 5000);
		support_ok(rc_file_replace(payload, image.data + 64, image.size - 64, 0600, &err),
			   &err);

		const char *const mkimage[] = { "mkimage",     "-A",         "mips",
						"-O",          "linux",      "-T",
						cases[i].type, "-C",         cases[i].compression,
						"-a",          "0x80010000", "-e",
						"0x803e3aa0",  "-n",         "Linux-3.10.14",
						"-d",          payload,      result,
						NULL };
		struct run_result run;

		run_program(mkimage, (struct rc_span){ 0 }, &run);
		assert_int_equal(run.status, 0);
		run_result_free(&run);
		support_ok(rc_file_read(result, RC_MIB(1), &theirs, &err), &err);
		assert_int_equal(theirs.size, image.size);
		assert_memory_equal(theirs.data, image.data, image.size);
		rc_buffer_free(&theirs);
		rc_buffer_free(&image);
	}
}

static void a_stock_kernel_is_good(void **state)
{
	struct format_report report;
	struct rc_buffer kernel;

	support_shared_file("firmware/dafang-5.5.1.177/kernel.bin", &kernel);
	check_region(&format_uimage, kernel.data, kernel.size, &report);
	assert_good(&report);
	assert_string_equal(detail_text(&report, "name"), "Linux-3.10.14");
	assert_string_equal(detail_text(&report, "compression"), "lzma");
	assert_int_equal(detail_number(&report, "uncompressed_size"), 5556676);
	format_report_clear(&report);
	rc_buffer_free(&kernel);
}

/* facts/mstar-mi360.md 1.5 */
static void a_mi_360_kernel_is_good(void **state)
{
	struct format_report report;
	struct rc_buffer kernel;

	support_shared_file("firmware/mjsxj05cm/kernel.bin", &kernel);
	check_region(&format_uimage, kernel.data, kernel.size, &report);
	assert_good(&report);
	assert_string_equal(detail_text(&report, "name"), "MVX2##I6g6cdcdf5KL_LX409####[BR:");
	assert_string_equal(detail_text(&report, "compression"), "xz");
	assert_string_equal(detail_text(&report, "time"), "2024-05-10T05:56:55Z");
	assert_int_equal(detail_number(&report, "data_size"), 1569792);
	format_report_clear(&report);
	rc_buffer_free(&kernel);
}

static void parse_says_what_does_not_hold(void **state)
{
	struct uimage_header header;
	struct rc_buffer image = { 0 };
	struct rc_error err;

	make_image(&image, &kernel_header, COMPRESSION_LZMA, 5000);
	struct rc_span span = { image.data, image.size };

	support_ok(uimage_parse(span, &header, &err), &err);
	assert_int_equal(header.size, image.size - 64);
	assert_string_equal(header.name, "Linux-3.10.14");
	support_fails(uimage_parse(rc_span_sub(span, 0, 30), &header, &err), RC_EFORMAT, &err,
		      "30 bytes");
	support_fails(uimage_parse(rc_span_sub(span, 0, 100), &header, &err), RC_EFORMAT, &err,
		      "36 are there");
	support_fails(uimage_parse(rc_span_sub(span, 1, span.size), &header, &err), RC_EFORMAT,
		      &err, "no uImage", "05195");
	image.data[image.size - 1] ^= 1;
	support_fails(uimage_parse(span, &header, &err), RC_EFORMAT, &err, "data checksum is");
	image.data[40] ^= 1;
	support_fails(uimage_parse(span, &header, &err), RC_EFORMAT, &err, "header checksum is");
	rc_buffer_free(&image);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_compression_is_read_whole),
		cmocka_unit_test(the_header_is_told),
		cmocka_unit_test(names_of_any_bytes_are_told_safely),
		cmocka_unit_test(a_flipped_byte_is_found_wherever_it_is),
		cmocka_unit_test(another_beginning_is_named),
		cmocka_unit_test(a_cut_image_says_how_much_is_there),
		cmocka_unit_test(a_bad_stream_with_good_checksums_is_found),
		cmocka_unit_test(a_bomb_is_stopped),
		cmocka_unit_test(mkimage_writes_the_same),
		cmocka_unit_test(a_stock_kernel_is_good),
		cmocka_unit_test(a_mi_360_kernel_is_good),
		cmocka_unit_test(parse_says_what_does_not_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
