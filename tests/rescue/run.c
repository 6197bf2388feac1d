/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole rescues over a link straight to a chip: interrupted everywhere, lied to, declined. */
#include "rescue/rescue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "camera.h"
#include "fake.h"
#include "rescue/journal.h"
#include "support.h"

static struct fake fake;            /* large */
static struct rescue_result result; /* large */
static struct rc_error err;
static char stages[4096];
static volatile int stop;

static void note_stage(void *context, const char *stage, const char *text)
{
	(void)context;
	(void)text;
	if (!strstr(stages, stage)) {
		strcat(stages, stage);
		strcat(stages, " ");
	}
}

static bool decline(void *context, const struct plan *plan)
{
	(void)context;
	assert_true(plan->step_count > 0);
	return false;
}

/* firmware and backup are paths; the options of every run here. */
static struct rescue_options options_for(const char *firmware, const char *backup)
{
	return (struct rescue_options){ .boards = &camera_boards,
					.firmware_path = firmware,
					.backup_path = backup,
					.stage = note_stage,
					.stop = &stop };
}

static int run(const char *firmware, const char *backup)
{
	struct rescue_options options = options_for(firmware, backup);

	stages[0] = '\0';
	rescue_result_clear(&result);
	return rescue_run(&fake.link, &options, &result, &err);
}

static void expect_verdict(enum verdict verdict)
{
	assert_string_equal(verdict_name(result.verdict), verdict_name(verdict));
}

static void expect_whole(void)
{
	assert_memory_equal(fake.nor.data, camera_flash.data, FLASH_SIZE);
}

static uint64_t erases_in(uint32_t offset, uint32_t size)
{
	uint64_t sum = 0;

	for (uint32_t at = offset; at < offset + size; at += BLOCK)
		sum += fake.erased_blocks[at / BLOCK];
	return sum;
}

/* Law 1, as the chip saw it. */
static void expect_untouched(void)
{
	assert_int_equal(erases_in(BOOT_AT, 0x40000), 0);
	assert_int_equal(erases_in(CONFIG_AT, 0x40000), 0);
	assert_int_equal(erases_in(PARA_AT, 0x40000), 0);
}

struct scene {
	uint8_t *flash;
	char *firmware;
	char *backup;
};

static void open_scene(struct scene *scene, uint32_t wound_at, size_t wound_size)
{
	scene->flash = camera_copy();
	memset(scene->flash + wound_at, 0xff, wound_size);
	scene->firmware = camera_folder(camera_flash.data, "kernel,rootfs,driver,appfs");
	scene->backup = rc_path_join(support_temp_dir(), "b.bin");
	fake_open(&fake, scene->flash, FLASH_SIZE);
	stop = 0;
}

static void close_scene(struct scene *scene)
{
	rescue_result_clear(&result);
	link_close(&fake.link);
	free(scene->flash);
	free(scene->firmware);
	free(scene->backup);
}

static void load_journal(const char *backup, struct journal *journal)
{
	char path[512];

	snprintf(path, sizeof(path), "%s.journal", backup);
	support_ok(journal_load(path, journal, &err), &err);
}

static void a_dead_camera_comes_back(void **state)
{
	static struct journal journal;
	struct backup backup;
	struct scene scene;

	(void)state;
	open_scene(&scene, KERNEL_AT, 0x200000);
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_STARTS);
	expect_whole();
	expect_untouched();
	assert_string_equal(stages, "identify backup inspect plan rehearsal apply verify boot ");
	assert_int_equal(fake.boots, 1);
	assert_non_null(inspection_find(&result.before, "kernel-erased"));
	assert_null(inspection_find(&result.after, "kernel-erased"));
	assert_non_null(strstr(result.text, scene.backup));
	/* The backup is what it was before, proven. */
	support_ok(backup_load(scene.backup, &backup, &err), &err);
	assert_memory_equal(backup.data, scene.flash, FLASH_SIZE);
	assert_false(backup_is_partial(&backup));
	backup_clear(&backup);
	load_journal(scene.backup, &journal);
	assert_true(journal.finished);
	assert_string_equal(journal.verdict, "starts");

	/* Again, on a camera that is well: nothing to do, nothing done. */
	memset(fake.erased_blocks, 0, sizeof(fake.erased_blocks));
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_NOTHING_TO_DO);
	assert_int_equal(erases_in(0, FLASH_SIZE), 0);
	expect_whole();
	close_scene(&scene);
}

static void a_healthy_camera_is_left_alone(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene, 0, 0);
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_NOTHING_TO_DO);
	assert_int_equal(erases_in(0, FLASH_SIZE), 0);
	assert_int_equal(fake.boots, 0);
	close_scene(&scene);
}

/* Known firmware spares the line: of a whole flash only what is not in it is moved. */
static void firmware_spares_the_line(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene, KERNEL_AT, 0x200000);
	support_ok(run(scene.firmware, scene.backup), &err);
	/* boot, backupa, config and para hold content that the firmware does not. */
	assert_in_range(fake.read_bytes, BLOCK, 0x100000);
	close_scene(&scene);
}

static void a_no_writes_nothing_and_keeps_the_backup(void **state)
{
	struct rescue_options options;
	uint64_t moved;
	struct scene scene;

	(void)state;
	open_scene(&scene, DRIVER_AT, 0xa0000);
	options = options_for(scene.firmware, scene.backup);
	options.confirm = decline;
	rescue_result_clear(&result);
	support_ok(rescue_run(&fake.link, &options, &result, &err), &err);
	expect_verdict(VERDICT_DECLINED);
	assert_int_equal(erases_in(0, FLASH_SIZE), 0);
	moved = fake.read_bytes;
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_STARTS);
	expect_whole();
	assert_int_equal(fake.read_bytes, moved);
	close_scene(&scene);
}

static void a_refusal_is_a_verdict(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene, DRIVER_AT, 0xa0000);
	free(scene.firmware);
	scene.firmware = camera_folder(camera_flash.data, "kernel,rootfs");
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_REFUSED);
	assert_non_null(strstr(result.text, "driver"));
	assert_int_equal(erases_in(0, FLASH_SIZE), 0);
	close_scene(&scene);
}

static void what_is_no_firmware_is_told_before_anything_is_read(void **state)
{
	struct scene scene;
	char *page;

	(void)state;
	open_scene(&scene, DRIVER_AT, 0xa0000);
	page = rc_path_join(support_temp_dir(), "demo.bin");
	support_ok(rc_file_replace(page, "<html></html>", 13, 0600, &err), &err);
	support_fails(run(page, scene.backup), RC_EREFUSED, &err, "[image-not-firmware]");
	support_fails(run("/nowhere", scene.backup), RC_ENOTFOUND, &err, "/nowhere");
	assert_int_equal(fake.checksums, 0);
	assert_int_equal(fake.read_bytes, 0);
	assert_false(rc_file_exists(scene.backup));
	free(page);
	close_scene(&scene);
}

static void a_bad_start_is_told(void **state)
{
	static struct journal journal;
	struct scene scene;

	(void)state;
	open_scene(&scene, KERNEL_AT, 0x200000);
	fake.console = fake_bad_start;
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_DOES_NOT_START);
	assert_non_null(inspection_find(&result.after, "kernel-bad-crc"));
	load_journal(scene.backup, &journal);
	assert_false(journal.finished);
	/* Again: nothing is left to write, so it is checked and watched once more. */
	fake.console = fake_good_start;
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_STARTS);
	assert_int_equal(fake.boots, 2);
	close_scene(&scene);
}

/* ---- interrupted ---- */

#define WOUND_ROOT (ROOT_AT + 0x20000)

static void wound_root(struct scene *scene)
{
	memset(fake.nor.data + WOUND_ROOT, 0x5a, 300);
	memset(scene->flash + WOUND_ROOT, 0x5a, 300);
}

/* Ctrl-C at each of the runs of a rescue: 32 blocks of kernel, four at a time. */
static void stopped_between_runs(void **state)
{
	struct scene scene;
	unsigned stops = 0;

	(void)state;
	open_scene(&scene, KERNEL_AT, 0x200000);
	for (;;) {
		stop = 0;
		fake.stop = &stop;
		fake.stop_after = 1;
		if (run(scene.firmware, scene.backup) == 0)
			break;
		assert_int_equal(err.status, RC_ESTOPPED);
		assert_non_null(strstr(err.text, "b.bin.journal"));
		stops++;
		assert_true(stops < 10);
	}
	/* The last run of blocks is followed by no look at the flag. */
	assert_in_range(stops, 4, 7);
	expect_verdict(VERDICT_STARTS);
	expect_whole();
	/* Nothing that was done was done again. */
	for (uint32_t at = KERNEL_AT; at < ROOT_AT; at += BLOCK)
		assert_true(fake.erased_blocks[at / BLOCK] <= 1);
	close_scene(&scene);
}

static void pulled_while_backing_up(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene, KERNEL_AT, 0x200000);
	fake.die_after_read = 2 * BLOCK;
	support_fails(run(scene.firmware, scene.backup), RC_ESTOPPED, &err, "dead");
	assert_int_equal(erases_in(0, FLASH_SIZE), 0);
	fake.die_after_read = 0;
	fake_power_on(&fake);
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_STARTS);
	expect_whole();
	close_scene(&scene);
}

/* Other firmware after an interruption: the half-written blocks are put right as well. */
static void other_firmware_after_an_interruption(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene, DRIVER_AT, 0xa0000);
	wound_root(&scene);
	fake.nor.faults.cut_at_op = 50; /* in the root */
	support_fails(run(scene.firmware, scene.backup), RC_ESTOPPED, &err, "run the same command");
	fake_power_on(&fake);
	free(scene.firmware);
	scene.firmware = camera_demo_bin(camera_flash.data, 0xa90000);
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_STARTS);
	expect_whole();
	close_scene(&scene);
}

/* ---- chips and lines that lie ---- */

static void one_operation_that_fails_or_lies_is_done_again(void **state)
{
	struct scene scene;

	(void)state;
	for (int lie = 0; lie < 2; lie++) {
		open_scene(&scene, DRIVER_AT, 0xa0000);
		*(lie ? &fake.nor.faults.lie_at_op : &fake.nor.faults.fail_at_op) = 60;
		support_ok(run(scene.firmware, scene.backup), &err);
		expect_verdict(VERDICT_STARTS);
		expect_whole();
		expect_untouched();
		assert_int_equal(fake.erased_blocks[DRIVER_AT / BLOCK], 2);
		close_scene(&scene);
	}
}

static void a_chip_that_takes_nothing_is_named(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene, DRIVER_AT, 0xa0000);
	fake.break_at_program = 100;
	support_fails(run(scene.firmware, scene.backup), RC_ESTOPPED, &err, "block at 0x590000",
		      "should be", "second try", "protected", "b.bin.journal");
	fake.break_at_program = 0;
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_STARTS);
	expect_whole();
	close_scene(&scene);
}

static void garbled_answers_are_asked_for_again(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene, KERNEL_AT, 0x200000);
	fake.garble_one_in = 40;
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_STARTS);
	expect_whole();
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_NOTHING_TO_DO);
	close_scene(&scene);
}

/* ---- another camera ---- */

static void another_camera_is_not_taken_for_this_one(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene, DRIVER_AT, 0xa0000);
	fake.nor.faults.cut_at_op = 50;
	support_fails(run(scene.firmware, scene.backup), RC_ESTOPPED, &err, "journal");
	fake_power_on(&fake);
	memset(fake.erased_blocks, 0, sizeof(fake.erased_blocks));
	fake.nor.data[PARA_AT + 9] ^= 1;
	support_fails(run(scene.firmware, scene.backup), RC_EREFUSED, &err, "1 of 256 blocks",
		      "0xfb0000", "para", "--backup");
	fake.nor.data[PARA_AT + 9] ^= 1;
	fake.link.info.jedec = 0xef4018;
	support_fails(run(scene.firmware, scene.backup), RC_EREFUSED, &err, "c84018", "ef4018",
		      "--backup");
	assert_int_equal(erases_in(0, FLASH_SIZE), 0);
	fake.link.info.jedec = 0xc84018;
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_STARTS);
	expect_whole();
	close_scene(&scene);
}

/* After a finished rescue the camera ran and changed its settings; later it breaks again.
 * What it holds now has no backup yet. */
static void an_old_backup_is_not_stretched(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene, KERNEL_AT, 0x200000);
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_STARTS);
	memset(fake.nor.data + KERNEL_AT, 0, BLOCK);
	support_fails(run(scene.firmware, scene.backup), RC_EREFUSED, &err, "0x40000", "kernel",
		      "--backup");
	free(scene.backup);
	scene.backup = rc_path_join(support_temp_dir(), "second.bin");
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_STARTS);
	expect_whole();
	close_scene(&scene);
}

/* ---- other ways ---- */

static void a_link_that_cannot_start_a_camera(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene, KERNEL_AT, 0x200000);
	fake.link.info.can_boot = false;
	fake.link.info.can_checksum = false;
	support_ok(run(scene.firmware, scene.backup), &err);
	expect_verdict(VERDICT_WRITTEN);
	assert_non_null(strstr(result.text, "put the flash back"));
	expect_whole();
	assert_int_equal(fake.boots, 0);
	close_scene(&scene);
}

static void a_plan_alone_leaves_no_trace(void **state)
{
	static struct plan plan;
	struct rescue_options options;
	struct scene scene;
	char json[512];

	(void)state;
	open_scene(&scene, KERNEL_AT, 0x200000);
	options = options_for(scene.firmware, scene.backup);
	support_ok(rescue_plan(&fake.link, &options, &plan, &err), &err);
	assert_int_equal(plan.refusal, PLAN_OK);
	assert_string_equal(plan.steps[0].partition, "kernel");
	assert_int_equal(erases_in(0, FLASH_SIZE), 0);
	snprintf(json, sizeof(json), "%s.partial", scene.backup);
	assert_false(rc_file_exists(scene.backup));
	assert_false(rc_file_exists(json));
	plan_clear(&plan);
	close_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_camera_comes_back),
		cmocka_unit_test(a_healthy_camera_is_left_alone),
		cmocka_unit_test(firmware_spares_the_line),
		cmocka_unit_test(a_no_writes_nothing_and_keeps_the_backup),
		cmocka_unit_test(a_refusal_is_a_verdict),
		cmocka_unit_test(what_is_no_firmware_is_told_before_anything_is_read),
		cmocka_unit_test(a_bad_start_is_told),
		cmocka_unit_test(stopped_between_runs),
		cmocka_unit_test(pulled_while_backing_up),
		cmocka_unit_test(other_firmware_after_an_interruption),
		cmocka_unit_test(one_operation_that_fails_or_lies_is_done_again),
		cmocka_unit_test(a_chip_that_takes_nothing_is_named),
		cmocka_unit_test(garbled_answers_are_asked_for_again),
		cmocka_unit_test(another_camera_is_not_taken_for_this_one),
		cmocka_unit_test(an_old_backup_is_not_stretched),
		cmocka_unit_test(a_link_that_cannot_start_a_camera),
		cmocka_unit_test(a_plan_alone_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, camera_setup, camera_teardown);
}
