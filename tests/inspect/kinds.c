/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file is: whole, cut, mirrored and empty flashes, firmware files and what is taken
 * for them, single partitions, cards, captures. All on images that the test makes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/flsh.h"
#include "format/ingenic_boot.h"
#include "format/uimage.h"
#include "inspect/inspect.h"
#include "support.h"

static struct boards boards;

/* Options for one question; the answer is freed by forget. */
static struct inspection answer;

static void ask_with(const struct rc_buffer *bytes, struct inspect_options options)
{
	struct rc_error err;

	options.boards = &boards;
	support_ok(inspect_bytes((struct rc_span){ bytes->data, bytes->size }, &options, &answer,
				 &err),
		   &err);
}

static void ask(const struct rc_buffer *bytes)
{
	ask_with(bytes, (struct inspect_options){ 0 });
}

static void print_findings(void)
{
	for (size_t i = 0; i < answer.finding_count; i++)
		print_error("  %s %s: %s\n", answer.findings[i].kind->id,
			    answer.findings[i].partition, answer.findings[i].evidence);
}

/* The answer's findings are exactly these (blank-separated, "" none); forgets it. */
static void expect(enum inspect_kind kind, const char *ids)
{
	char wanted[256], *rest = wanted, *id;
	size_t count = 0;

	snprintf(wanted, sizeof(wanted), "%s", ids);
	while ((id = strsep(&rest, " "))) {
		if (!*id)
			continue;
		count++;
		if (!inspection_find(&answer, id)) {
			print_findings();
			fail_msg("no %s", id);
		}
	}
	if (answer.finding_count != count) {
		print_findings();
		fail_msg("expected only: %s", ids);
	}
	assert_int_equal(answer.kind, kind);
	inspection_clear(&answer);
}

static bool evidence_has(const char *id, const char *text)
{
	const struct finding *finding = inspection_find(&answer, id);

	return finding && strstr(finding->evidence, text);
}

static void fill(struct rc_buffer *bytes, size_t size, uint8_t value)
{
	*bytes = (struct rc_buffer){ .data = malloc(size), .size = size };
	assert_non_null(bytes->data);
	memset(bytes->data, value, size);
}

static void set_text(struct rc_buffer *bytes, const char *text, size_t size)
{
	*bytes = (struct rc_buffer){ 0 };
	assert_true(rc_buffer_append(bytes, text, size));
}

/* --- Whole flashes --- */

static void test_demo_flash_is_whole(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_demo_flash(&flash);
	ask(&flash);
	assert_string_equal(answer.board.board->id, "dafang");
	assert_true(answer.identity.present);
	assert_int_equal(answer.partition_count, 11);
	assert_int_equal(inspection_worst(&answer), SEVERITY_NOTE);
	assert_int_equal(answer.piece_count, RC_MIB(16) / INSPECT_PIECE);
	inspection_clear(&answer);
	rc_buffer_free(&flash);
}

static void test_nothing_was_read(void **state)
{
	static const uint8_t values[] = { 0xff, 0x00, 0x55 };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(values); i++) {
		struct rc_buffer flash;

		fill(&flash, RC_MIB(16), values[i]);
		ask(&flash);
		/* 00 and FF are no text; 55 is the letter U. */
		if (values[i] == 0x55)
			inspection_clear(&answer);
		else
			expect(INSPECT_FLASH, "flash-all-same");
		rc_buffer_free(&flash);
	}
}

static void test_mirrored(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_demo_flash(&flash);
	memcpy(flash.data + RC_MIB(8), flash.data, RC_MIB(8));
	ask(&flash);
	assert_true(evidence_has("flash-mirrored", "0x800000"));
	expect(INSPECT_FLASH, "flash-mirrored boot-unknown");
	/* Blank halves are equal too, and no mirror. */
	memset(flash.data, 0xff, flash.size);
	memset(flash.data + 0x40000, 0xa5, 16);
	ask(&flash);
	assert_null(inspection_find(&answer, "flash-mirrored"));
	inspection_clear(&answer);
	rc_buffer_free(&flash);
}

static void test_short(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_demo_flash(&flash);
	flash.size = RC_MIB(8);
	ask(&flash);
	assert_true(evidence_has("flash-short", "16777216"));
	expect(INSPECT_FLASH, "flash-short boot-unknown");
	flash.size = RC_MIB(16) - 1000;
	ask(&flash);
	expect(INSPECT_FLASH, "flash-short boot-unknown");
	rc_buffer_free(&flash);
}

static void test_chip_is_larger(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_demo_flash(&flash);
	ask_with(&flash, (struct inspect_options){ .jedec = 0xc84019 });
	assert_true(evidence_has("flash-short", "33554432"));
	inspection_clear(&answer);
	rc_buffer_free(&flash);
}

/* --- The bootloader --- */

static void test_boot_misplaced(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_demo_flash(&flash);
	memmove(flash.data + 0x1000, flash.data, 0x3f000);
	memset(flash.data, 0xff, 0x1000);
	ask(&flash);
	assert_int_equal(inspection_find(&answer, "boot-misplaced")->offset, 0x1000);
	assert_null(inspection_find(&answer, "boot-damaged"));
	inspection_clear(&answer);
	rc_buffer_free(&flash);
}

static void test_boot_wrapped(void **state)
{
	struct uimage_header header = { .os = UIMAGE_OS_LINUX,
					.arch = UIMAGE_ARCH_MIPS,
					.type = UIMAGE_TYPE_FIRMWARE,
					.name = "jz_fw" };
	struct rc_buffer flash;
	struct rc_error err;

	(void)state;
	support_demo_flash(&flash);
	memmove(flash.data + 64, flash.data, 0x3ffc0);
	support_ok(uimage_build(&header, (struct rc_span){ flash.data + 64, 0x36eb8 }, flash.data,
				&err),
		   &err);
	ask(&flash);
	assert_non_null(inspection_find(&answer, "boot-wrapped"));
	assert_null(inspection_find(&answer, "boot-damaged"));
	inspection_clear(&answer);
	/* The file alone is told to be that as well. */
	flash.size = 0x36eb8 + 64;
	ask(&flash);
	assert_non_null(inspection_find(&answer, "boot-wrapped"));
	inspection_clear(&answer);
	rc_buffer_free(&flash);
}

static void test_boot_is_a_web_page(void **state)
{
	static const char page[] = "\n\n\n<!DOCTYPE html>\n<html lang=\"en\"><head>";
	struct rc_buffer flash;

	(void)state;
	support_demo_flash(&flash);
	memset(flash.data, 0xff, 0x40000);
	memcpy(flash.data, page, sizeof(page) - 1);
	ask_with(&flash, (struct inspect_options){ 0 });
	/* Told by its beginning, it is the page; as a chip's content, it is the chip's. */
	expect(INSPECT_FIRMWARE, "image-not-firmware");
	{
		const struct inspect_options options = { .boards = &boards };
		struct rc_error err;

		support_ok(inspect_flash((struct rc_span){ flash.data, flash.size }, &options,
					 &answer, &err),
			   &err);
	}
	assert_true(evidence_has("boot-damaged", "web page"));
	inspection_clear(&answer);
	rc_buffer_free(&flash);
}

static void test_misdetected_chip(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_dafang_flash(&flash);
	ask_with(&flash, (struct inspect_options){ .jedec = 0x1c7018 });
	assert_true(evidence_has("chip-size-misdetected", "1c7018"));
	expect(INSPECT_FLASH, "chip-size-misdetected");
	ask_with(&flash, (struct inspect_options){ .jedec = 0x5e4018 });
	expect(INSPECT_FLASH, "chip-unsupported");
	ask_with(&flash, (struct inspect_options){ .jedec = 0xc84018 });
	expect(INSPECT_FLASH, "");
	rc_buffer_free(&flash);
}

/* A build that no board file knows is judged by the table of chips in it. */
static void test_misdetected_by_an_unknown_build(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_dafang_flash(&flash);
	flash.data[INGENIC_BODY_OFFSET + 0x20000] ^= 1;
	ask_with(&flash, (struct inspect_options){ .jedec = 0x1c7018 });
	assert_true(evidence_has("chip-size-misdetected", "takes for 0x800000 (FM25Q64)"));
	expect(INSPECT_FLASH, "boot-damaged chip-size-misdetected");
	ask_with(&flash, (struct inspect_options){ .jedec = 0xc84018 });
	expect(INSPECT_FLASH, "boot-damaged");
	rc_buffer_free(&flash);
}

/* What was not read is not missing: nothing is said of it. */
static void test_half_was_read(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_demo_flash(&flash);
	memset(flash.data + RC_MIB(8), 0xff, RC_MIB(8));
	ask_with(&flash, (struct inspect_options){ .reach = RC_MIB(8), .jedec = 0x1c7018 });
	assert_true(evidence_has("chip-size-misdetected", "0x800000 of the 0x1000000 bytes"));
	assert_int_equal(answer.partition_count, 11);
	assert_false(answer.identity.present);
	if (inspection_worst(&answer) == SEVERITY_FATAL) {
		print_findings();
		fail_msg("something fatal in what was not read");
	}
	assert_null(inspection_find(&answer, "identity-missing"));
	{
		const struct report_options options = { .columns = 80, .source = "" };
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		assert_non_null(out);
		report_map(out, &answer, &options);
		fclose(out);
		assert_non_null(strstr(text, "? not read"));
		assert_non_null(strstr(text, "  para     0xfb0000  |??|"));
		free(text);
	}
	inspection_clear(&answer);
	/* Without the word, it looks as if it were gone. */
	ask(&flash);
	assert_non_null(inspection_find(&answer, "identity-missing"));
	inspection_clear(&answer);
	rc_buffer_free(&flash);
}

/* --- A camera that is recognised and refused --- */

static void test_refused_board(void **state)
{
	static const uint8_t goke[] = { 0x31, 0x37, 0x4b, 0x47 };
	struct rc_buffer flash;
	uint64_t random = 3;

	(void)state;
	fill(&flash, RC_MIB(8), 0xff);
	for (size_t i = 0; i < 0x30000; i++)
		flash.data[i] = (uint8_t)support_random(&random);
	memcpy(flash.data, goke, sizeof(goke));
	ask(&flash);
	assert_string_equal(answer.board.board->id, "escamg02");
	assert_true(evidence_has("board-refused", "Goke"));
	inspection_clear(&answer);
	rc_buffer_free(&flash);
}

/* --- The flag --- */

static void test_pending(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_demo_flash(&flash);
	memset(flash.data + 0xad0000, 0xff, 0x200000);
	memset(flash.data + 0xcd0000, 0xff, 0xa0000);
	memcpy(flash.data + 0xff0000, "FWGRADEUP=kernel+drivers", 24);
	ask(&flash);
	assert_true(evidence_has("update-pending-unsafe", "backupk holds no good kernel"));
	assert_true(evidence_has("update-pending-unsafe", "backupd holds no good drivers"));
	inspection_clear(&answer);
	memcpy(flash.data + 0xad0000, flash.data + 0x40000, 0x200000);
	ask(&flash);
	assert_false(evidence_has("update-pending-unsafe", "backupk"));
	assert_true(evidence_has("update-pending-unsafe", "backupd holds no good drivers"));
	inspection_clear(&answer);
	memcpy(flash.data + 0xcd0000, flash.data + 0x590000, 0xa0000);
	ask(&flash);
	assert_non_null(inspection_find(&answer, "update-pending"));
	assert_null(inspection_find(&answer, "update-pending-unsafe"));
	inspection_clear(&answer);
	rc_buffer_free(&flash);
}

/* --- Firmware files --- */

#define DEMO_SIZE 0xa90000u

static void make_demo(struct rc_buffer *file, size_t payload)
{
	struct uimage_header header = { .os = UIMAGE_OS_LINUX,
					.arch = UIMAGE_ARCH_MIPS,
					.type = UIMAGE_TYPE_FIRMWARE,
					.name = "jz_fw" };
	struct rc_buffer flash;
	struct rc_error err;

	support_demo_flash(&flash);
	fill(file, payload + 64, 0xff);
	memcpy(file->data + 64, flash.data + 0x40000, payload);
	support_ok(uimage_build(&header, (struct rc_span){ file->data + 64, payload }, file->data,
				&err),
		   &err);
	rc_buffer_free(&flash);
}

static void test_demo_bin(void **state)
{
	struct rc_buffer file;

	(void)state;
	make_demo(&file, DEMO_SIZE);
	ask(&file);
	assert_int_equal(answer.partition_count, 4);
	assert_string_equal(answer.partitions[0].place.name, "kernel");
	assert_int_equal(answer.partitions[0].place.offset, 0x40000);
	assert_string_equal(answer.partitions[3].place.name, "appfs");
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(answer.partitions[i].report.state, REGION_GOOD);
	expect(INSPECT_FIRMWARE, "");

	file.data[DEMO_SIZE] ^= 1; /* in the last 64 bytes, which are blank */
	ask(&file);
	expect(INSPECT_FIRMWARE, "image-bad-checksum appfs-damaged");
	file.data[DEMO_SIZE] ^= 1;

	file.data[40] ^= 1; /* the name */
	ask(&file);
	expect(INSPECT_FIRMWARE, "image-bad-checksum");
	file.data[40] ^= 1;

	ask_with(&file, (struct inspect_options){ .board = "xiaofang-1s" });
	assert_non_null(inspection_find(&answer, "image-wrong-model"));
	inspection_clear(&answer);
	rc_buffer_free(&file);
}

static void test_demo_sizes(void **state)
{
	struct rc_buffer file;

	(void)state;
	make_demo(&file, DEMO_SIZE - 0x1000);
	ask(&file);
	assert_true(evidence_has("image-too-small", "11071488"));
	inspection_clear(&answer);
	rc_buffer_free(&file);
	make_demo(&file, DEMO_SIZE + 0x1000);
	ask(&file);
	assert_non_null(inspection_find(&answer, "image-too-large"));
	inspection_clear(&answer);
	file.size = 0x500000; /* cut */
	rc_put_be32(file.data + 12, DEMO_SIZE);
	rc_put_be32(file.data + 4, uimage_header_crc(file.data));
	ask(&file);
	assert_non_null(inspection_find(&answer, "image-too-small"));
	inspection_clear(&answer);
	rc_buffer_free(&file);
}

static void test_not_firmware(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *what;
	} files[] = {
		{ "\n\n\n\n\n<!DOCTYPE html>\n<html>", 26, "web page" },
		{ "<HTML><HEAD>", 12, "web page" },
		{ "PK\x03\x04 and more", 13, "zip" },
		{ "\x1f\x8b\x08\x00 and more", 13, "gzip" },
		{ "version https://git-lfs.github.com/spec/v1\noid sha256:1", 55, "LFS" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(files); i++) {
		struct rc_buffer file;

		set_text(&file, files[i].bytes, files[i].size);
		ask(&file);
		assert_true(evidence_has("image-not-firmware", files[i].what));
		expect(INSPECT_FIRMWARE, "image-not-firmware");
		rc_buffer_free(&file);
	}
}

/* --- Single partitions --- */

static void take_part(struct rc_buffer *part, size_t offset, size_t size)
{
	struct rc_buffer flash;

	support_demo_flash(&flash);
	*part = (struct rc_buffer){ 0 };
	assert_true(rc_buffer_append(part, flash.data + offset, size));
	rc_buffer_free(&flash);
}

static void test_partitions(void **state)
{
	static const struct {
		size_t offset, size;
		const char *name, *format;
	} parts[] = {
		{ 0x40000, 0x200000, "kernel", "uimage" },
		{ 0x240000, 0x350000, "root", "squashfs" },
		{ 0x590000, 0x0a0000, "driver", "squashfs" },
		{ 0x630000, 0x4a0000, "appfs", "jffs2" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(parts); i++) {
		struct rc_buffer part;

		take_part(&part, parts[i].offset, parts[i].size);
		ask(&part);
		assert_int_equal(answer.partition_count, 1);
		assert_string_equal(answer.partitions[0].place.name, parts[i].name);
		assert_string_equal(answer.partitions[0].report.format->name, parts[i].format);
		assert_int_equal(answer.partitions[0].report.state, REGION_GOOD);
		expect(INSPECT_PARTITION, "");
		rc_buffer_free(&part);
	}
}

static void test_damaged_partition_has_its_own_offsets(void **state)
{
	struct rc_buffer part;

	(void)state;
	take_part(&part, 0x40000, 0x200000);
	part.data[100] ^= 0x10;
	ask(&part);
	assert_int_equal(inspection_find(&answer, "kernel-damaged")->offset, 64);
	expect(INSPECT_PARTITION, "kernel-damaged");

	memset(part.data, 0x11, 64);
	ask(&part);
	assert_true(evidence_has("not-recognised", "11 11 11 11"));
	expect(INSPECT_PARTITION, "not-recognised");
	rc_buffer_free(&part);
}

static void test_blank_factory_alone(void **state)
{
	static const char *const entries[] = {
		"model=chuangmi.camera.ipc019",
		"mac=02:00:00:5E:C0:DE",
		"did=123456789",
		"key=abcdefghij012345",
	};
	struct rc_buffer part;
	struct rc_error err;

	(void)state;
	fill(&part, FLSH_SIZE, 0xff);
	support_ok(flsh_build(entries, RC_COUNT(entries), part.data, part.size, &err), &err);
	ask(&part);
	assert_int_equal(answer.partitions[0].report.state, REGION_GOOD);
	expect(INSPECT_PARTITION, "");
	rc_buffer_free(&part);
}

/* --- Other things --- */

static void test_card_and_capture(void **state)
{
	static const char line[] = "80600000: 27 05 19 56 53 57 20 cf 59 9d 4e cf 00 1b 8f 6a    "
				   "'..VSW .Y.N....j\r\n";
	struct rc_buffer bytes;

	(void)state;
	fill(&bytes, 4096, 0);
	bytes.data[446] = 0x80;
	bytes.data[450] = 0x0c;
	bytes.data[458] = 64;
	bytes.data[510] = 0x55;
	bytes.data[511] = 0xaa;
	ask(&bytes);
	assert_non_null(strstr(answer.what, "an SD card"));
	assert_int_equal(answer.kind, INSPECT_CARD);
	inspection_clear(&answer);
	rc_buffer_free(&bytes);

	bytes = (struct rc_buffer){ 0 };
	for (unsigned i = 0; i < 20; i++)
		assert_true(rc_buffer_append(&bytes, line, sizeof(line) - 1));
	ask(&bytes);
	assert_non_null(strstr(answer.what, "a console capture (md)"));
	expect(INSPECT_CAPTURE, "capture-incomplete");
	rc_buffer_free(&bytes);
}

static void test_log_is_told_from_images(void **state)
{
	static const char log[] = "\x00\xff\xfe U-Boot SPL 2013.07 (Jul 28 2017 - 17:10:01)\r\n"
				  "U-Boot 2013.07 (Jul 28 2017 - 17:10:01)\r\n";
	struct rc_buffer bytes;

	(void)state;
	set_text(&bytes, log, sizeof(log) - 1);
	ask(&bytes);
	assert_string_equal(answer.bootloader.version, "2013.07 (Jul 28 2017 - 17:10:01)");
	expect(INSPECT_BOOT_LOG, "");
	rc_buffer_free(&bytes);

	/* A console at the wrong speed sends no text at all. */
	bytes = (struct rc_buffer){ 0 };
	for (unsigned i = 0; i < 100; i++)
		assert_true(rc_buffer_append(&bytes, "\xe0\xf8\x80\xfe\x1c", 5));
	ask(&bytes);
	expect(INSPECT_BOOT_LOG, "console-garbage");
	rc_buffer_free(&bytes);
}

static void test_refused_sizes(void **state)
{
	const struct inspect_options options = { .boards = &boards };
	struct inspection inspection;
	uint8_t byte = 0;
	struct rc_error err;

	(void)state;
	support_fails(inspect_flash((struct rc_span){ &byte, 0 }, &options, &inspection, &err),
		      RC_ERANGE, &err, "0 bytes", "check what was read");
	support_fails(inspect_flash((struct rc_span){ &byte, RC_MAX_FLASH + 1u }, &options,
				    &inspection, &err),
		      RC_ERANGE, &err, "67108865", "64 MiB");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_demo_flash_is_whole),
		cmocka_unit_test(test_nothing_was_read),
		cmocka_unit_test(test_mirrored),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_chip_is_larger),
		cmocka_unit_test(test_boot_misplaced),
		cmocka_unit_test(test_boot_wrapped),
		cmocka_unit_test(test_boot_is_a_web_page),
		cmocka_unit_test(test_misdetected_chip),
		cmocka_unit_test(test_misdetected_by_an_unknown_build),
		cmocka_unit_test(test_half_was_read),
		cmocka_unit_test(test_refused_board),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_demo_bin),
		cmocka_unit_test(test_demo_sizes),
		cmocka_unit_test(test_not_firmware),
		cmocka_unit_test(test_partitions),
		cmocka_unit_test(test_damaged_partition_has_its_own_offsets),
		cmocka_unit_test(test_blank_factory_alone),
		cmocka_unit_test(test_card_and_capture),
		cmocka_unit_test(test_log_is_told_from_images),
		cmocka_unit_test(test_refused_sizes),
	};
	struct rc_error err;
	int failed;

	if (boards_load(NULL, &boards, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	boards_free(&boards);
	return failed;
}
