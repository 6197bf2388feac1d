/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans: what is written, what stays, and what is refused, on the demonstration's flash. */
#include "rescue/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "camera.h"
#include "support.h"

/* ---- wounds ---- */

static void none(uint8_t *flash)
{
	(void)flash;
}

static void kernel_erased(uint8_t *flash)
{
	memset(flash + KERNEL_AT, 0xff, 0x200000);
}

static void root_damaged(uint8_t *flash)
{
	memset(flash + ROOT_AT + 0x20000, 0x5a, 300);
}

static void driver_erased(uint8_t *flash)
{
	memset(flash + DRIVER_AT, 0xff, 0xa0000);
}

static void appfs_erased(uint8_t *flash)
{
	memset(flash + APPFS_AT, 0xff, 0x4a0000);
}

static void boot_erased(uint8_t *flash)
{
	memset(flash, 0xff, 0x40000);
}

static void config_erased(uint8_t *flash)
{
	memset(flash + CONFIG_AT, 0xff, 0x40000);
}

static void para_erased(uint8_t *flash)
{
	memset(flash + PARA_AT, 0xff, 0x40000);
}

/* What an update over the air leaves when its backup partitions were never filled. */
static void update_pending(uint8_t *flash)
{
	memcpy(flash + FLAG_AT, "FWGRADEUP=kernel+drivers", 25);
}

static void kernel_erased_update_pending(uint8_t *flash)
{
	kernel_erased(flash);
	update_pending(flash);
}

/* ---- one plan ---- */

struct scene {
	uint8_t *flash;
	struct backup backup;
	struct inspection inspection;
	struct firmware firmware;
	struct link_info limits;
	struct plan_input input;
	struct plan plan;
};

static struct scene scene; /* large */

static void open_scene(void (*wound)(uint8_t *flash), char *firmware)
{
	struct inspect_options options = { .boards = &camera_boards, .jedec = 0xc84018 };
	struct rc_error err;

	memset(&scene, 0, sizeof(scene));
	scene.flash = camera_copy();
	wound(scene.flash);
	camera_backup(scene.flash, &scene.backup);
	support_ok(inspect_flash((struct rc_span){ scene.flash, FLASH_SIZE }, &options,
				 &scene.inspection, &err),
		   &err);
	assert_non_null(scene.inspection.board.board);
	assert_string_equal(scene.inspection.board.board->id, "dafang");
	support_ok(firmware_load(firmware, &camera_boards, camera_board(), &scene.firmware, &err),
		   &err);
	free(firmware);
	scene.limits = (struct link_info){ .kind = LINK_UBOOT,
					   .name = "uboot:/dev/fake",
					   .prompt = "isvp_t20# ",
					   .jedec = 0xc84018,
					   .chip = chip_find(0xc84018),
					   .flash_size = FLASH_SIZE,
					   .reach = FLASH_SIZE,
					   .step = BLOCK,
					   .status_count = 1,
					   .write_rate = 10000,
					   .checksum_seconds = 0.1,
					   .survey_seconds = 0.1 };
	scene.input = (struct plan_input){ .backup = &scene.backup,
					   .inspection = &scene.inspection,
					   .firmware = &scene.firmware,
					   .board = camera_board(),
					   .limits = &scene.limits,
					   .backup_path = "b.bin" };
}

static void close_scene(void)
{
	plan_clear(&scene.plan);
	backup_clear(&scene.backup);
	inspection_clear(&scene.inspection);
	firmware_clear(&scene.firmware);
	free(scene.flash);
}

static void make_plan(void)
{
	struct rc_error err;

	support_ok(plan_make(&scene.input, &scene.plan, &err), &err);
}

static void expect_refusal(enum plan_refusal refusal, const char *first, const char *second)
{
	assert_string_equal(plan_refusal_name(scene.plan.refusal), plan_refusal_name(refusal));
	if (first && !strstr(scene.plan.why, first))
		fail_msg("\"%s\" is not in: %s", first, scene.plan.why);
	if (second && !strstr(scene.plan.why, second))
		fail_msg("\"%s\" is not in: %s", second, scene.plan.why);
}

/* The names of the partitions that the steps touch, in order, with commas. */
static const char *touched(void)
{
	static char names[256];

	names[0] = '\0';
	for (size_t i = 0; i < scene.plan.step_count; i++) {
		const char *name = scene.plan.steps[i].partition;

		if (!strstr(names, name)) {
			strcat(names, names[0] ? "," : "");
			strcat(names, name);
		}
	}
	return names;
}

static bool says(const char *list, size_t stride, size_t count, const char *name, const char *why)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(list + i * stride, name, strlen(name)) == 0 &&
		    strstr(list + i * stride, why))
			return true;
	return false;
}

static void expect_kept(const char *name, const char *why)
{
	if (!says(scene.plan.kept[0], sizeof(scene.plan.kept[0]), scene.plan.kept_count, name, why))
		fail_msg("%s is not kept because \"%s\"", name, why);
}

static void expect_danger(const char *what)
{
	for (size_t i = 0; i < PLAN_MAX_DANGERS; i++)
		if (strstr(scene.plan.dangers[i], what))
			return;
	fail_msg("no danger speaks of \"%s\"", what);
}

static char *all_parts(void)
{
	return camera_folder(camera_flash.data, "kernel,rootfs,driver,appfs");
}

/* ---- what is written ---- */

static void only_what_is_broken_is_written(void **state)
{
	static const struct {
		void (*wound)(uint8_t *flash);
		const char *touched;
	} cases[] = {
		{ kernel_erased, "kernel" }, { root_damaged, "root" },
		{ driver_erased, "driver" }, { appfs_erased, "appfs" },
		{ update_pending, "flag" },  { kernel_erased_update_pending, "kernel,flag" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		open_scene(cases[i].wound, all_parts());
		make_plan();
		expect_refusal(PLAN_OK, NULL, NULL);
		assert_string_equal(touched(), cases[i].touched);
		/* Everything is as it was, and nothing else is touched. */
		assert_memory_equal(scene.plan.target, camera_flash.data, FLASH_SIZE);
		for (size_t k = 0; k < scene.plan.step_count; k++) {
			const struct plan_step *step = &scene.plan.steps[k];

			assert_int_equal(step->offset % BLOCK, 0);
			assert_int_equal(step->size % BLOCK, 0);
			for (uint32_t at = 0; at < step->size; at += BLOCK)
				assert_memory_not_equal(scene.flash + step->offset + at,
							scene.plan.target + step->offset + at,
							BLOCK);
		}
		close_scene();
	}
}

static void a_wound_of_two_blocks_costs_two_blocks(void **state)
{
	(void)state;
	open_scene(none, all_parts());
	scene.backup.data[ROOT_AT + 0x2fff0] ^= 1;
	scene.backup.data[ROOT_AT + 0x30010] ^= 1;
	inspection_clear(&scene.inspection);
	support_ok(inspect_flash((struct rc_span){ scene.backup.data, FLASH_SIZE },
				 &(struct inspect_options){ .boards = &camera_boards },
				 &scene.inspection, NULL),
		   NULL);
	make_plan();
	assert_int_equal(scene.plan.step_count, 1);
	assert_int_equal(scene.plan.steps[0].offset, ROOT_AT + 0x20000);
	assert_int_equal(scene.plan.steps[0].size, 2 * BLOCK);
	assert_int_equal(scene.plan.erase_bytes, 2 * BLOCK);
	assert_int_equal(scene.plan.write_bytes, 2 * BLOCK);
	/* 131072 bytes at 10000 a second, and what the chip needs. */
	assert_in_range((unsigned)scene.plan.seconds, 13, 60);
	close_scene();
}

static void blank_targets_are_only_erased(void **state)
{
	(void)state;
	open_scene(update_pending, all_parts());
	make_plan();
	assert_int_equal(scene.plan.step_count, 1);
	assert_true(scene.plan.steps[0].erase_only);
	assert_int_equal(scene.plan.write_bytes, 0);
	assert_non_null(strstr(scene.plan.written[0], "flag is erased"));
	assert_non_null(strstr(scene.plan.written[0], "do not hold what they should"));
	close_scene();
}

/* Story 25: a driver of another version beside this kernel. Both are whole. */
static void kernel_root_and_driver_become_one_set(void **state)
{
	uint8_t *other = camera_copy();
	char *path;

	(void)state;
	/* The image's time stamp: another kernel, with right checksums below. */
	other[KERNEL_AT + 11] ^= 1;
	memset(other + KERNEL_AT + 4, 0, 4);
	rc_put_be32(other + KERNEL_AT + 4, rc_crc32(0, other + KERNEL_AT, 64));
	path = camera_image_file(other);
	open_scene(none, path);
	make_plan();
	expect_refusal(PLAN_OK, NULL, NULL);
	assert_string_equal(touched(), "kernel");
	assert_non_null(strstr(scene.plan.written[0], "one set"));
	expect_kept("root", "the firmware's already");
	close_scene();
	free(other);
}

static void padding_is_no_difference(void **state)
{
	uint8_t *padded = camera_copy();
	size_t used = rc_used_before_fill(padded + KERNEL_AT, 0x200000, 0xff);

	(void)state;
	memset(padded + KERNEL_AT + used, 0, 0x200000 - used);
	open_scene(none, camera_folder(padded, "kernel,rootfs,driver"));
	make_plan();
	expect_refusal(PLAN_NOTHING_TO_DO, "nothing to do", NULL);
	close_scene();
	free(padded);
}

static void a_good_appfs_stays_though_it_differs(void **state)
{
	uint8_t *other = camera_copy();

	(void)state;
	memset(other + APPFS_AT + 0x400000, 0, BLOCK); /* JFFS2 looks past it, bytes differ */
	open_scene(kernel_erased, camera_folder(other, "kernel,rootfs,driver"));
	make_plan();
	expect_kept("appfs", "files of its own");
	expect_kept("config", "your settings");
	expect_kept("para", "what makes this camera this one");
	expect_kept("boot", "only when it is named");
	expect_kept("backupk", "the camera starts without it");
	expect_kept("flag", "no update");
	close_scene();
	free(other);
}

static void a_whole_flash_of_the_camera_touches_no_identity(void **state)
{
	uint8_t *other = camera_copy();

	(void)state;
	other[CONFIG_AT + 0x3fff0] = 0;
	other[PARA_AT + 0x3fff0] = 0;
	other[0x3fff0] = 0;
	open_scene(root_damaged, camera_image_file(other));
	make_plan();
	expect_refusal(PLAN_OK, NULL, NULL);
	assert_string_equal(touched(), "root");
	assert_memory_equal(scene.plan.target, camera_flash.data, FLASH_SIZE);
	close_scene();
	free(other);
}

static void missing_settings_and_identity_are_no_reason_to_write(void **state)
{
	(void)state;
	open_scene(config_erased, camera_image_file(camera_flash.data));
	make_plan();
	expect_refusal(PLAN_NOTHING_TO_DO, NULL, NULL);
	close_scene();
	open_scene(para_erased, camera_image_file(camera_flash.data));
	make_plan();
	expect_refusal(PLAN_NOTHING_TO_DO, NULL, NULL);
	expect_danger("--only para");
	close_scene();
}

static void what_is_named_is_written_and_nothing_else(void **state)
{
	static const char *const only[] = { "rootfs", NULL };

	(void)state;
	open_scene(kernel_erased, all_parts());
	memset(scene.backup.data + ROOT_AT, 0, BLOCK);
	scene.input.only = only;
	make_plan();
	expect_refusal(PLAN_OK, NULL, NULL);
	assert_string_equal(touched(), "root");
	expect_kept("kernel", "did not name");
	expect_danger("kernel stays and is not this firmware's");
	close_scene();
}

static void the_unsafe_flag_is_told_where_it_was_not_named(void **state)
{
	static const char *const only[] = { "kernel", NULL };

	(void)state;
	open_scene(kernel_erased_update_pending, all_parts());
	scene.input.only = only;
	make_plan();
	assert_string_equal(touched(), "kernel");
	expect_danger("flag stays");
	close_scene();
}

static void a_named_boot_is_written_with_its_danger(void **state)
{
	static const char *const only[] = { "boot", NULL };

	(void)state;
	open_scene(boot_erased, camera_folder(camera_flash.data, "uboot"));
	scene.limits.prompt[0] = '\0';
	scene.input.only = only;
	make_plan();
	expect_refusal(PLAN_OK, NULL, NULL);
	assert_string_equal(touched(), "boot");
	expect_danger("programmer");
	assert_memory_equal(scene.plan.target, camera_flash.data, FLASH_SIZE);
	close_scene();
}

static void the_way_back_is_a_command(void **state)
{
	static const char *const only[] = { "root", NULL };

	(void)state;
	open_scene(none, all_parts());
	memset(scene.backup.data + ROOT_AT, 0, BLOCK);
	scene.input.only = only;
	make_plan();
	assert_non_null(strstr(scene.plan.way_back,
			       "recam rescue uboot:/dev/fake --from b.bin --only root"));
	close_scene();
	open_scene(kernel_erased, all_parts());
	make_plan();
	assert_non_null(strstr(scene.plan.way_back, "flashrom -p PROGRAMMER -w b.bin"));
	close_scene();
}

/* After an interruption the steps are those from what the camera holds now. */
static void a_plan_goes_on_from_now(void **state)
{
	uint32_t now[FLASH_SIZE / BLOCK];

	(void)state;
	open_scene(kernel_erased, all_parts());
	for (size_t i = 0; i < RC_COUNT(now); i++)
		now[i] = rc_crc32(0, camera_flash.data + i * BLOCK, BLOCK);
	now[6] ^= 1; /* 0x60000: half written */
	scene.input.now = now;
	make_plan();
	expect_refusal(PLAN_OK, NULL, NULL);
	assert_int_equal(scene.plan.step_count, 1);
	assert_int_equal(scene.plan.steps[0].offset, 0x60000);
	assert_int_equal(scene.plan.steps[0].size, BLOCK);
	now[6] ^= 1;
	plan_clear(&scene.plan);
	make_plan();
	expect_refusal(PLAN_NOTHING_TO_DO, NULL, NULL);
	close_scene();
}

/* ---- what is refused ---- */

static void unprove(size_t at, size_t size, enum proof proof)
{
	memset(scene.backup.proofs + at / BLOCK, proof, size / BLOCK);
}

static void a_broken_boot_that_was_not_named(void **state)
{
	(void)state;
	open_scene(boot_erased, camera_image_file(camera_flash.data));
	scene.limits.prompt[0] = '\0'; /* on a programmer */
	make_plan();
	expect_refusal(PLAN_BOOT_NOT_NAMED, "boot is not whole", "--only boot");
	close_scene();
}

static void identity_without_a_backup(void **state)
{
	(void)state;
	open_scene(kernel_erased, all_parts());
	unprove(PARA_AT + BLOCK, BLOCK, PROOF_NONE);
	make_plan();
	expect_refusal(PLAN_IDENTITY_UNPROVEN, "para", "proven backup");
	close_scene();
}

static void a_block_without_a_backup(void **state)
{
	(void)state;
	open_scene(kernel_erased, all_parts());
	unprove(KERNEL_AT, BLOCK, PROOF_NONE);
	scene.input.only = (const char *const[]){ "kernel", NULL };
	make_plan();
	expect_refusal(PLAN_NO_BACKUP, "0x40000", "kernel");
	close_scene();
}

static void what_the_link_cannot_reach(void **state)
{
	(void)state;
	open_scene(kernel_erased, all_parts());
	scene.limits.reach = FLASH_SIZE / 2;
	unprove(FLASH_SIZE / 2, FLASH_SIZE / 2, PROOF_UNREACHED);
	make_plan();
	/* What is not reached has no backup, and is not erased either. */
	assert_int_equal(scene.plan.refusal, PLAN_OK);
	assert_string_equal(scene.plan.steps[0].partition, "kernel");
	for (size_t i = 0; i < scene.plan.step_count; i++)
		assert_true(scene.plan.steps[i].offset + scene.plan.steps[i].size <=
			    FLASH_SIZE / 2);
	expect_danger("para, which holds this camera's identity, lies behind");
	expect_danger("flag cannot be read over this link");
	plan_clear(&scene.plan);
	/* What is half reached could be. */
	scene.limits.reach = PARA_AT + BLOCK;
	make_plan();
	expect_refusal(PLAN_IDENTITY_UNPROVEN, "para", "of 16777216");
	plan_clear(&scene.plan);
	scene.limits.reach = FLASH_SIZE / 2;
	scene.input.only = (const char *const[]){ "flag", NULL };
	memcpy(scene.backup.data + FLAG_AT, "x", 1);
	make_plan();
	expect_refusal(PLAN_UNREACHABLE, "flag", "0x800000");
	plan_clear(&scene.plan);
	scene.limits.can_extend = true;
	make_plan();
	expect_refusal(PLAN_UNREACHABLE, "flag", "--cure-size");
	close_scene();
}

static void a_reach_that_was_extended(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out;
	json_t *json;

	(void)state;
	open_scene(kernel_erased, all_parts());
	snprintf(scene.limits.extended, sizeof(scene.limits.extended), "word 83fc7f0c: 01000000");
	make_plan();
	assert_int_equal(scene.plan.refusal, PLAN_OK);
	expect_danger("a word in the bootloader's RAM was changed");
	out = open_memstream(&text, &size);
	plan_print(out, &scene.plan, &scene.limits, false);
	fclose(out);
	assert_non_null(strstr(text, "in RAM, done already: word 83fc7f0c: 01000000; a restart"));
	free(text);
	json = plan_json(&scene.plan, &scene.limits);
	assert_string_equal(json_string_value(json_object_get(json, "in_ram")),
			    "word 83fc7f0c: 01000000");
	json_decref(json);
	close_scene();
}

static void a_protected_chip(void **state)
{
	(void)state;
	open_scene(kernel_erased, all_parts());
	/* Block protect bits of the GD25Q128: all of them, the whole chip. */
	scene.limits.status[0] = scene.limits.chip->protection.block_protect_mask;
	make_plan();
	expect_refusal(PLAN_WRITE_PROTECTED, "[write-protected]", "flashrom");
	close_scene();
}

static void a_partition_that_the_firmware_lacks(void **state)
{
	(void)state;
	open_scene(driver_erased, camera_folder(camera_flash.data, "kernel,rootfs"));
	make_plan();
	expect_refusal(PLAN_NOT_IN_FIRMWARE, "driver", "no such part");
	plan_clear(&scene.plan);
	scene.input.only = (const char *const[]){ "appfs", NULL };
	make_plan();
	expect_refusal(PLAN_NOT_IN_FIRMWARE, "appfs", NULL);
	close_scene();
}

static void a_damaged_part_of_an_old_dump(void **state)
{
	uint8_t *other = camera_copy();

	(void)state;
	root_damaged(other);
	open_scene(kernel_erased, camera_image_file(other));
	make_plan();
	expect_refusal(PLAN_FIRMWARE_DAMAGED, "[image-bad-checksum] root", "itself damaged");
	plan_clear(&scene.plan);
	scene.input.only = (const char *const[]){ "kernel", NULL };
	make_plan();
	expect_refusal(PLAN_OK, NULL, NULL);
	close_scene();
	free(other);
}

static void somebody_elses_identity(void **state)
{
	(void)state;
	open_scene(none, camera_image_file(camera_flash.data));
	scene.input.only = (const char *const[]){ "para", NULL };
	snprintf(scene.firmware.inspection.identity.mac,
		 sizeof(scene.firmware.inspection.identity.mac), "020000AAAA01");
	make_plan();
	expect_refusal(PLAN_IDENTITY_FOREIGN, "another camera's", "02");
	assert_null(strstr(scene.plan.why, "AAAA"));
	close_scene();
}

static void firmware_of_another_model(void **state)
{
	(void)state;
	open_scene(kernel_erased, all_parts());
	scene.firmware.board = (struct board_match){
		.board = boards_find(&camera_boards, "wyze-v2"),
		.confidence = BOARD_LIKELY,
		.because_count = 1,
		.because = { "driver:/rtl8189ftv.ko is its Wi-Fi module" },
	};
	make_plan();
	expect_refusal(PLAN_WRONG_MODEL, "[image-wrong-model]", "rtl8189ftv.ko");
	close_scene();
}

static void no_board_or_one_out_of_scope(void **state)
{
	(void)state;
	open_scene(kernel_erased, all_parts());
	scene.input.board = NULL;
	make_plan();
	expect_refusal(PLAN_UNKNOWN_BOARD, "--board", NULL);
	plan_clear(&scene.plan);
	scene.input.board = boards_find(&camera_boards, "escamg02");
	make_plan();
	expect_refusal(PLAN_UNKNOWN_BOARD, "does not touch", NULL);
	close_scene();
}

static void a_part_that_does_not_fit(void **state)
{
	uint8_t more[16] = { 0 };

	(void)state;
	open_scene(kernel_erased, all_parts());
	for (size_t i = 0; i < scene.firmware.part_count; i++)
		if (scene.firmware.parts[i].role == ROLE_KERNEL)
			rc_buffer_append(&scene.firmware.parts[i].bytes, more, sizeof(more));
	make_plan();
	expect_refusal(PLAN_DOES_NOT_FIT, "2097168", "2097152");
	close_scene();
}

static void a_bootloader_that_does_not_know_the_chip(void **state)
{
	static const struct board_bootloader open_build = { .version = "open v2",
							    .makers = { 0xc2, 0xef } };

	(void)state;
	open_scene(none, camera_image_file(camera_flash.data));
	scene.backup.data[100] ^= 1;
	scene.firmware.inspection.bootloader.known = &open_build;
	scene.input.only = (const char *const[]){ "boot", NULL };
	make_plan();
	expect_refusal(PLAN_WRONG_MODEL, "[chip-unsupported]", "c84018");
	close_scene();
}

static void names_that_the_board_does_not_have(void **state)
{
	struct rc_error err;

	(void)state;
	open_scene(none, all_parts());
	scene.input.only = (const char *const[]){ "kernal", NULL };
	support_fails(plan_make(&scene.input, &scene.plan, &err), RC_EUSAGE, &err, "kernal",
		      "recam boards dafang");
	close_scene();
}

/* ---- for people and scripts ---- */

static void a_plan_is_printed_exactly(void **state)
{
	struct rc_buffer text;
	char *path = rc_path_join(support_temp_dir(), "plan.txt");
	struct rc_error err;
	json_t *json;
	FILE *out;

	(void)state;
	open_scene(root_damaged, all_parts());
	make_plan();
	out = fopen(path, "w");
	plan_print(out, &scene.plan, &scene.limits, false);
	fclose(out);
	support_ok(rc_file_read(path, 65536, &text, &err), &err);
	rc_buffer_append(&text, "", 1);
	for (const char *const *line =
		     (const char *const[]){ "Plan for Xiaomi Dafang", "0x00260000", "65536",
					    "root       erase, write, check", "para stays",
					    "Danger:", "Way back:", NULL };
	     *line; line++)
		if (!strstr((char *)text.data, *line))
			fail_msg("\"%s\" is not in:\n%s", *line, (char *)text.data);
	json = plan_json(&scene.plan, &scene.limits);
	assert_string_equal(json_string_value(json_object_get(json, "result")), "ok");
	assert_int_equal(json_array_size(json_object_get(json, "steps")), 1);
	json_decref(json);
	rc_buffer_free(&text);
	free(path);
	close_scene();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_broken_is_written),
		cmocka_unit_test(a_wound_of_two_blocks_costs_two_blocks),
		cmocka_unit_test(blank_targets_are_only_erased),
		cmocka_unit_test(kernel_root_and_driver_become_one_set),
		cmocka_unit_test(padding_is_no_difference),
		cmocka_unit_test(a_good_appfs_stays_though_it_differs),
		cmocka_unit_test(a_whole_flash_of_the_camera_touches_no_identity),
		cmocka_unit_test(missing_settings_and_identity_are_no_reason_to_write),
		cmocka_unit_test(what_is_named_is_written_and_nothing_else),
		cmocka_unit_test(the_unsafe_flag_is_told_where_it_was_not_named),
		cmocka_unit_test(a_named_boot_is_written_with_its_danger),
		cmocka_unit_test(the_way_back_is_a_command),
		cmocka_unit_test(a_plan_goes_on_from_now),
		cmocka_unit_test(a_broken_boot_that_was_not_named),
		cmocka_unit_test(identity_without_a_backup),
		cmocka_unit_test(a_block_without_a_backup),
		cmocka_unit_test(what_the_link_cannot_reach),
		cmocka_unit_test(a_reach_that_was_extended),
		cmocka_unit_test(a_protected_chip),
		cmocka_unit_test(a_partition_that_the_firmware_lacks),
		cmocka_unit_test(a_damaged_part_of_an_old_dump),
		cmocka_unit_test(somebody_elses_identity),
		cmocka_unit_test(firmware_of_another_model),
		cmocka_unit_test(no_board_or_one_out_of_scope),
		cmocka_unit_test(a_part_that_does_not_fit),
		cmocka_unit_test(a_bootloader_that_does_not_know_the_chip),
		cmocka_unit_test(names_that_the_board_does_not_have),
		cmocka_unit_test(a_plan_is_printed_exactly),
	};

	return cmocka_run_group_tests(tests, camera_setup, camera_teardown);
}
