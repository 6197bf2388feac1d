/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unpack and pack as their users type them, judged by mkimage, dumpimage and unsquashfs. */
#include "cli.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "rescue/backup.h"

#define DEMO_AT   0x40000u
#define DEMO_SIZE 0xa90000u
#define ROOT_AT   0x240000u

static struct rc_buffer healthy;

static int enter_folder(void **state)
{
	struct rc_error err;

	(void)state;
	support_demo_flash(&healthy);
	if (chdir(support_temp_dir()))
		return -1;
	return rc_file_replace("healthy.bin", healthy.data, healthy.size, 0600, &err);
}

static int leave_folder(void **state)
{
	(void)state;
	rc_buffer_free(&healthy);
	return chdir("/");
}

static void assert_file_is(const char *path, const uint8_t *data, size_t size)
{
	struct rc_buffer file;
	struct rc_error err;

	support_ok(rc_file_read(path, RC_MAX_FLASH, &file, &err), &err);
	assert_int_equal(file.size, size);
	assert_memory_equal(file.data, data, size);
	rc_buffer_free(&file);
}

/* Another program, which must be content. */
static void judge(struct run_result *result, const char *const *argv)
{
	run_program(argv, (struct rc_span){ NULL, 0 }, result);
	if (result->status)
		fail_msg("%s: %s%s", argv[0], (const char *)result->out.data,
			 (const char *)result->err.data);
}

#define JUDGE(result, ...) judge(result, (const char *const[]){ __VA_ARGS__, NULL })

static void expect_status(const struct run_result *result, int status)
{
	if (result->status != status)
		fail_msg("status %d: %s%s", result->status, (const char *)result->out.data,
			 (const char *)result->err.data);
}

static void there_and_back(void **state)
{
	struct run_result result;

	(void)state;
	RECAM(&result, "unpack", "healthy.bin", "there");
	expect_status(&result, 0);
	assert_has(&result.out, "a whole flash of a Xiaomi Dafang DF3");
	assert_has(&result.out, "root/ (5 files, 11 folders, 1 link)");
	assert_has(&result.out, "Only you can read config, para");
	assert_has(&result.out, "recam pack --board dafang there -o new.bin --as full");
	assert_int_equal(result.err.size, 0);
	run_result_free(&result);
	RECAM(&result, "pack", "--board", "dafang", "there", "-o", "back.bin");
	expect_status(&result, 0);
	assert_has(&result.out, "byte for byte what was unpacked");
	run_result_free(&result);
	assert_file_is("back.bin", healthy.data, healthy.size);
}

static void a_demo_bin_that_mkimage_knows(void **state)
{
	struct run_result result;
	struct stat st;

	(void)state;
	RECAM(&result, "pack", "--board", "dafang", "there", "-o", "demo.bin", "--as", "demo");
	expect_status(&result, 0);
	assert_has(&result.out, "looks for it on the card as demo.bin");
	run_result_free(&result);
	assert_int_equal(stat("demo.bin", &st), 0);
	assert_int_equal(st.st_size, 64 + DEMO_SIZE);
	JUDGE(&result, "mkimage", "-l", "demo.bin");
	assert_has(&result.out, "jz_fw");
	assert_has(&result.out, "MIPS Linux Firmware (uncompressed)");
	assert_has(&result.out, "11075584 Bytes");
	run_result_free(&result);
	JUDGE(&result, "dumpimage", "-T", "firmware", "-p", "0", "-o", "payload", "demo.bin");
	run_result_free(&result);
	assert_file_is("payload", healthy.data + DEMO_AT, DEMO_SIZE);
	RECAM(&result, "inspect", "demo.bin");
	expect_status(&result, 0);
	run_result_free(&result);
}

static void a_changed_file_in_root(void **state)
{
	static const char text[] = "a line of mine\n";
	struct rc_buffer demo;
	struct run_result result;
	struct rc_error err;

	(void)state;
	RECAM(&result, "unpack", "demo.bin", "mine");
	expect_status(&result, 0);
	run_result_free(&result);
	support_ok(rc_file_replace("mine/root/etc/mine", text, strlen(text), 0644, &err), &err);
	RECAM(&result, "pack", "--board", "dafang", "mine", "-o", "mine.bin");
	expect_status(&result, 0);
	assert_has(&result.out, "root      made from its files");
	assert_has(&result.out, "kernel    as it was unpacked");
	run_result_free(&result);
	support_ok(rc_file_read("mine.bin", RC_MAX_FLASH, &demo, &err), &err);
	assert_int_equal(demo.size, 64 + DEMO_SIZE);
	support_ok(rc_file_replace("root.squashfs", demo.data + 64 + ROOT_AT - DEMO_AT, 0x350000,
				   0600, &err),
		   &err);
	rc_buffer_free(&demo);
	JUDGE(&result, "unsquashfs", "-cat", "root.squashfs", "etc/mine");
	assert_string_equal((const char *)result.out.data, text);
	run_result_free(&result);
	RECAM(&result, "inspect", "mine.bin");
	expect_status(&result, 0);
	run_result_free(&result);
}

/* The rescue takes what pack makes, and archives of it. */
static void firmware_for_a_plan(void **state)
{
	static const char *const sources[] = { "demo.bin", "demo.tar.gz", "parts.tar" };
	struct rc_buffer broken = { .data = malloc(healthy.size), .size = healthy.size };
	struct run_result result;
	struct rc_error err;

	(void)state;
	memcpy(broken.data, healthy.data, healthy.size);
	memset(broken.data + DEMO_AT, 0xff, 0x200000);
	support_ok(rc_file_replace("broken.bin", broken.data, broken.size, 0600, &err), &err);
	rc_buffer_free(&broken);
	JUDGE(&result, "tar", "-czf", "demo.tar.gz", "demo.bin");
	run_result_free(&result);
	JUDGE(&result, "tar", "-C", "there", "-cf", "parts.tar", "kernel.bin", "root.bin");
	run_result_free(&result);
	for (size_t i = 0; i < RC_COUNT(sources); i++) {
		RECAM(&result, "plan", "broken.bin", "--from", sources[i], "--board", "dafang");
		expect_status(&result, 0);
		assert_has(&result.out, "kernel");
		assert_has(&result.out, "write");
		run_result_free(&result);
	}
	RECAM(&result, "backup", "healthy.bin", "-o", "backup.bin", "--reference", "demo.tar.gz",
	      "--board", "dafang");
	expect_status(&result, 0);
	run_result_free(&result);
}

static void a_wounded_flash_is_unpacked_and_said_to_be(void **state)
{
	struct run_result result;

	(void)state;
	RECAM(&result, "unpack", "broken.bin", "wounded");
	expect_status(&result, 1);
	assert_has(&result.err, "recam inspect broken.bin");
	assert_has(&result.out, "erased");
	run_result_free(&result);
}

/* The upper half was never read: FF in the file is not what the camera has there. */
static void a_partial_copy(void **state)
{
	const size_t blocks = healthy.size / RC_ERASE_BLOCK;
	struct backup backup = { .data = healthy.data,
				 .size = (uint32_t)healthy.size,
				 .proofs = calloc(1, blocks),
				 .block_count = blocks,
				 .jedec = 0x1c7018 };
	struct run_result result;
	struct rc_error err;

	(void)state;
	memset(backup.proofs, PROOF_CHECKSUM, blocks / 2);
	memset(backup.proofs + blocks / 2, PROOF_UNREACHED, blocks / 2);
	support_ok(backup_save(&backup, "partial.bin", NULL, &err), &err);
	free(backup.proofs);
	RECAM(&result, "unpack", "partial.bin", "partial");
	expect_status(&result, 0);
	assert_has(&result.out, "was not read");
	run_result_free(&result);
	assert_true(rc_file_exists("partial/root.bin"));
	assert_false(rc_file_exists("partial/appfs.bin"));
	assert_false(rc_file_exists("partial/para.bin"));
	RECAM(&result, "pack", "--board", "dafang", "partial", "-o", "never.bin");
	expect_status(&result, 2);
	assert_has(&result.err, "there is no appfs.bin");
	run_result_free(&result);
	RECAM(&result, "pack", "--board", "dafang", "partial", "-o", "root.bin", "--as", "root");
	expect_status(&result, 0);
	run_result_free(&result);
	assert_file_is("root.bin", healthy.data + ROOT_AT, 0x350000);
}

static void refusals_leave_nothing(void **state)
{
	static const char other[] = "#!/bin/sh\nmount /dev/mmcblk0p1 /mnt && exec /mnt/run\n";
	struct run_result result;
	struct rc_error err;

	(void)state;
	RECAM(&result, "unpack", "healthy.bin", "there");
	expect_status(&result, 2);
	assert_has(&result.err, "is there already");
	run_result_free(&result);
	RECAM(&result, "pack", "--board", "mjsxj05cm", "there", "-o", "never.bin");
	expect_status(&result, 2);
	assert_has(&result.err, "[image-wrong-model]");
	run_result_free(&result);
	/* A start script that looks for a card already is somebody else's custom firmware. */
	support_ok(rc_file_replace("mine/root/etc/init.d/rcS", other, strlen(other), 0755, &err),
		   &err);
	RECAM(&result, "pack", "--board", "dafang", "mine", "-o", "never.bin", "--cfw");
	expect_status(&result, 2);
	assert_has(&result.err, "/etc/init.d/rcS");
	run_result_free(&result);
	RECAM(&result, "pack", "--board", "dafang", "there", "-o", "never.bin", "--key",
	      "healthy.bin");
	expect_status(&result, 2);
	assert_has(&result.err, "healthy.bin is larger than");
	run_result_free(&result);
	RECAM(&result, "pack", "--board", "dafang", "there", "-o", "never.bin", "--key",
	      "there/recam.json");
	expect_status(&result, 2);
	assert_has(&result.err, "a seed of 32 bytes");
	run_result_free(&result);
	support_ok(rc_file_replace("my.key", other, 32, 0600, &err), &err);
	RECAM(&result, "pack", "--board", "dafang", "there", "-o", "never.bin", "--key", "my.key");
	expect_status(&result, 2);
	assert_has(&result.err, "--key signs recovery images");
	run_result_free(&result);
	RECAM(&result, "pack", "--board", "dafang", "there", "-o", "never.bin", "--as", "kernel",
	      "--cfw");
	expect_status(&result, 2);
	assert_has(&result.err, "--cfw changes root");
	run_result_free(&result);
	assert_false(rc_file_exists("never.bin"));
}

/* The stock root with our start script in the place of the vendor's, which stays beside it. */
static void the_custom_firmware_step(void **state)
{
	struct run_result result;
	struct rc_buffer flash, demo;
	struct rc_error err;

	(void)state;
	support_dafang_flash(&flash);
	support_ok(rc_file_replace("stock.bin", flash.data, flash.size, 0600, &err), &err);
	RECAM(&result, "unpack", "stock.bin", "stock");
	expect_status(&result, 0);
	run_result_free(&result);
	RECAM(&result, "pack", "--board", "dafang", "stock", "-o", "cfw.bin", "--as", "demo",
	      "--cfw");
	expect_status(&result, 0);
	assert_has(&result.out, "with the start script for the SD card");
	run_result_free(&result);
	support_ok(rc_file_read("cfw.bin", RC_MAX_FLASH, &demo, &err), &err);
	/* Nothing but root. */
	assert_memory_equal(demo.data + 64, flash.data + DEMO_AT, 0x200000);
	assert_memory_equal(demo.data + 64 + 0x550000, flash.data + 0x590000, 0x540000);
	support_ok(rc_file_replace("cfw.squashfs", demo.data + 64 + ROOT_AT - DEMO_AT, 0x350000,
				   0600, &err),
		   &err);
	JUDGE(&result, "unsquashfs", "-ll", "cfw.squashfs");
	assert_has(&result.out, "squashfs-root/etc/init.d/rcS.stock");
	run_result_free(&result);
	rc_buffer_free(&demo);
	rc_buffer_free(&flash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(a_demo_bin_that_mkimage_knows),
		cmocka_unit_test(a_changed_file_in_root),
		cmocka_unit_test(firmware_for_a_plan),
		cmocka_unit_test(a_wounded_flash_is_unpacked_and_said_to_be),
		cmocka_unit_test(a_partial_copy),
		cmocka_unit_test(refusals_leave_nothing),
		cmocka_unit_test(the_custom_firmware_step),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
