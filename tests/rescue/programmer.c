/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rescues with the chip on a programmer: the demonstration's camera, its chip behind
 * serprog, through libflashrom. All chips are W25Q128s (see tests/link/flashrom.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../twin/served_chip.h"
#include "base/file.h"
#include "camera.h"
#include "rescue/rescue.h"
#include "support.h"

static struct served_chip chip;
static struct link *link;
static struct rescue_result result; /* large */
static struct rc_error err;
static char *backup_path;
static const char *forced_board;
static const char *const *only;

static void open_chip(void)
{
	char spec[128];

	snprintf(spec, sizeof(spec), "flashrom:serprog:ip=%s", chip.where);
	support_ok(link_open(spec, NULL, &link, &err), &err);
}

static int serve(void **state)
{
	(void)state;
	served_chip_start(&chip, 0xef4018, camera_flash.data, camera_flash.size);
	backup_path = rc_path_join(support_temp_dir(), "b.bin");
	forced_board = NULL;
	only = NULL;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rescue_result_clear(&result);
	link_close(link);
	link = NULL;
	served_chip_stop(&chip);
	free(backup_path);
	return 0;
}

static int run(const char *firmware)
{
	const struct rescue_options options = { .boards = &camera_boards,
						.board = forced_board,
						.firmware_path = firmware,
						.backup_path = backup_path,
						.only = only,
						.rehearse = true };

	rescue_result_clear(&result);
	return rescue_run(link, &options, &result, &err);
}

static void expect_verdict(enum verdict verdict, const char *says)
{
	if (result.verdict != verdict || !strstr(result.text, says))
		fail_msg("%s instead of %s, or not \"%s\": %s", verdict_name(result.verdict),
			 verdict_name(verdict), says, result.text);
}

/* The text of the plan, as the user sees it. */
static void expect_plan(const char *says)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	bool there;

	plan_print(file, &result.plan, &link->info, false);
	fclose(file);
	there = strstr(text, says);
	if (!there)
		print_error("%s", text);
	free(text);
	if (!there)
		fail_msg("the plan does not say \"%s\"", says);
}

/* Another owner's whole dump: the same firmware, other settings and identity. */
static char *donor_dump(uint8_t **copy)
{
	uint64_t seed = 11;

	*copy = camera_copy();
	for (uint32_t at = CONFIG_AT; at < FLAG_AT; at++)
		(*copy)[at] ^= (uint8_t)(support_random(&seed) | 1);
	return camera_image_file(*copy);
}

static void test_protected_and_wounded(void **state)
{
	uint8_t *donor;
	char *firmware = donor_dump(&donor);

	(void)state;
	memset(chip.nor.data + KERNEL_AT, 0xff, 0x200000);
	memset(chip.nor.data + ROOT_AT + 0x20000, 0x5a, 300);
	chip.nor.status[0] = 0x38; /* the lower half */
	open_chip();
	support_ok(run(firmware), &err);
	expect_verdict(VERDICT_WRITTEN, "put the flash back into the camera");
	expect_plan("Danger: on this chip the lower half, 0x0 to 0x7FFFFF, is protected (status "
		    "register 38): that is lifted while this is written, and put back");
	expect_plan("para stays: it holds what makes this camera this one; the firmware has other "
		    "bytes there, another camera's perhaps, which are left out");
	expect_plan("config stays: your settings are written only when you name it; the "
		    "firmware has other bytes there, another camera's perhaps, which are left out");
	assert_memory_equal(chip.nor.data, camera_flash.data, FLASH_SIZE);
	link_close(link);
	assert_int_equal(chip.nor.status[0], 0x38);

	/* The status register is in the backup. */
	{
		struct backup backup;

		support_ok(backup_load(backup_path, &backup, &err), &err);
		assert_int_equal(backup.status_count, 1);
		assert_int_equal(backup.status[0], 0x38);
		assert_int_equal(backup.jedec, 0xef4018);
		backup_clear(&backup);
	}
	open_chip();
	free(donor);
	free(firmware);
}

static void test_erased_chip(void **state)
{
	static const char *const all[] = { "boot", "kernel", "root", "driver", "appfs", NULL };
	uint8_t *donor;
	char *firmware = donor_dump(&donor);

	(void)state;
	/* The owner has a dump of para, and put it back; the rest is FF. */
	memset(chip.nor.data, 0xff, PARA_AT);
	open_chip();
	forced_board = "dafang";
	support_ok(run(firmware), &err);
	expect_verdict(VERDICT_REFUSED, "add --only boot,kernel,root,driver,appfs");
	assert_true(rc_all_bytes(chip.nor.data, PARA_AT, 0xff));

	only = all;
	support_ok(run(firmware), &err);
	expect_verdict(VERDICT_WRITTEN, "written and read back right");
	expect_plan("Danger: boot is written");
	assert_memory_equal(chip.nor.data, camera_flash.data, 0x630000);
	assert_true(rc_all_bytes(chip.nor.data + CONFIG_AT, PARA_AT - CONFIG_AT, 0xff));
	assert_memory_equal(chip.nor.data + PARA_AT, camera_flash.data + PARA_AT,
			    FLAG_AT - PARA_AT);
	free(donor);
	free(firmware);
}

static void test_unknown_board_of_an_erased_chip(void **state)
{
	char *firmware = camera_image_file(camera_flash.data);

	(void)state;
	memset(chip.nor.data, 0xff, FLASH_SIZE);
	open_chip();
	support_ok(run(firmware), &err);
	expect_verdict(VERDICT_REFUSED, "--board");
	assert_int_equal(chip.nor.counts.erases, 0);
	free(firmware);
}

/* A dump that was cut at the wrong place: its bootloader would begin at 64. */
static void test_bootloader_at_the_wrong_place(void **state)
{
	static const char *const boot[] = { "boot", NULL };
	char *folder = camera_folder(camera_flash.data, "uboot,kernel,rootfs,driver,appfs");
	char *path = rc_path_join(folder, "uboot.bin");
	uint8_t *shifted = calloc(1, 0x40000);

	(void)state;
	assert_non_null(shifted);
	memset(shifted, 0xff, 0x40000);
	memcpy(shifted + 64, camera_flash.data, 0x40000 - 64);
	support_ok(rc_file_replace(path, shifted, 0x40000, 0600, &err), &err);
	open_chip();
	only = boot;
	support_fails(run(folder), RC_EREFUSED, &err, "boot in it is damaged",
		      "begins 64 bytes later than its place");
	assert_int_equal(chip.nor.counts.erases, 0);
	assert_memory_equal(chip.nor.data, camera_flash.data, FLASH_SIZE);
	free(shifted);
	free(path);
	free(folder);
}

static void test_reads_that_differ(void **state)
{
	const struct nor_faults faults = { .seed = 5,
					   .unstable_offset = 0x310000,
					   .unstable_one_in = 1 };
	char *firmware = camera_image_file(camera_flash.data);

	(void)state;
	memset(chip.nor.data + KERNEL_AT, 0xff, BLOCK);
	open_chip();
	nor_set_faults(&chip.nor, &faults);
	support_fails(run(firmware), RC_EVERIFY, &err, "[reads-differ]", "block at 0x310000",
		      "smells of a few single bits");
	assert_int_equal(chip.nor.counts.erases, 0);
	free(firmware);
}

/* A write fails half-way; the same command again ends it. */
static void test_stopped_half_way(void **state)
{
	struct nor_faults faults = { .seed = 3 };
	char *firmware = camera_image_file(camera_flash.data);

	(void)state;
	memset(chip.nor.data + KERNEL_AT, 0x55, 0x100000);
	chip.nor.status[0] = 0x38;
	open_chip();
	faults.lie_at_op = 1500;
	nor_set_faults(&chip.nor, &faults);
	support_fails(run(firmware), RC_ESTOPPED, &err, "the chip does not hold them, first at 0x",
		      "stopped half-way", "run the same command");
	assert_int_not_equal(memcmp(chip.nor.data, camera_flash.data, FLASH_SIZE), 0);
	link_close(link);
	assert_int_equal(chip.nor.status[0], 0x38);

	open_chip();
	support_ok(run(firmware), &err);
	expect_verdict(VERDICT_WRITTEN, "written and read back right");
	assert_memory_equal(chip.nor.data, camera_flash.data, FLASH_SIZE);
	assert_int_equal(chip.nor.status[0], 0x38);
	free(firmware);
}

#define ON_CHIP(test) cmocka_unit_test_setup_teardown(test, serve, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_CHIP(test_protected_and_wounded),
		ON_CHIP(test_erased_chip),
		ON_CHIP(test_unknown_board_of_an_erased_chip),
		ON_CHIP(test_bootloader_at_the_wrong_place),
		ON_CHIP(test_reads_that_differ),
		ON_CHIP(test_stopped_half_way),
	};

	return cmocka_run_group_tests(tests, camera_setup, camera_teardown);
}
