/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A camera whose bootloader takes its chip of 16 MiB for one of 8, kernel and root wounded:
 * the stock bootloader in the exact twin, with the size corrected and with that declined.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "camera.h"
#include "rescue/firmware.h"
#include "rescue/rescue.h"
#include "support.h"

#define HALF     RC_MIB(8)
#define FIRMWARE "firmware/dafang-5.5.1.177"

static struct rescue_result result; /* large */
static struct rc_error err;
static char told[8192];

struct bench {
	struct rc_buffer flash;
	uint8_t *wounded;
	struct twin *twin;
	struct link *link;
	char *backup;
};

static void tell(void *context, const char *stage, const char *text)
{
	size_t used = strlen(told);

	(void)context;
	snprintf(told + used, sizeof(told) - used, "%s: %s\n", stage, text);
}

static void open_bench(struct bench *bench)
{
	struct twin_config config = { .jedec = 0x1c7018, .engine = TWIN_EXACT };
	struct link_options options = { .boards = &camera_boards };

	*bench = (struct bench){ 0 };
	support_dafang_flash(&bench->flash);
	bench->wounded = malloc(FLASH_SIZE);
	assert_non_null(bench->wounded);
	memcpy(bench->wounded, bench->flash.data, FLASH_SIZE);
	memset(bench->wounded + KERNEL_AT, 0xff, 0x10000);
	memset(bench->wounded + ROOT_AT + 0x40000, 0x5a, 300);
	config.image = (struct rc_span){ bench->wounded, FLASH_SIZE };
	support_ok(twin_open(&config, &bench->twin, &err), &err);
	support_ok(link_open_twin(bench->twin, &options, &bench->link, &err), &err);
	bench->backup = rc_path_join(support_temp_dir(), "b.bin");
}

static void close_bench(struct bench *bench)
{
	rescue_result_clear(&result);
	link_close(bench->link);
	twin_close(bench->twin);
	free(bench->wounded);
	free(bench->backup);
	rc_buffer_free(&bench->flash);
}

static int run(const struct bench *bench, bool rehearse)
{
	struct rescue_options options = { .boards = &camera_boards,
					  .firmware_path = support_shared(FIRMWARE),
					  .backup_path = bench->backup,
					  .rehearse = rehearse,
					  .stage = tell };

	told[0] = '\0';
	rescue_result_clear(&result);
	return rescue_run(bench->link, &options, &result, &err);
}

static void expect_told(const char *text)
{
	if (!strstr(told, text))
		fail_msg("\"%s\" is not in:\n%s", text, told);
}

static void expect_starts(const struct bench *bench)
{
	if (result.verdict != VERDICT_STARTS)
		fail_msg("%s: %s\n%s", verdict_name(result.verdict), result.text, told);
	assert_memory_equal(twin_nor(bench->twin)->data, bench->flash.data, FLASH_SIZE);
}

static bool in_dangers(const char *text)
{
	for (size_t i = 0; i < PLAN_MAX_DANGERS; i++)
		if (strstr(result.plan.dangers[i], text))
			return true;
	return false;
}

static void with_the_cure(void **state)
{
	struct backup backup;
	struct bench bench;

	open_bench(&bench);
	support_ok(link_extend(bench.link, &err), &err);
	support_ok(run(&bench, true), &err);
	expect_starts(&bench);
	expect_told("all of the chip can be reached until the next restart (word 83fc7f0c");
	expect_told("backup: whole, every block proven");
	/* On its own bootloader, which had to be cured as well. */
	expect_told("rehearsal: passed: the camera's own bootloader");
	assert_true(in_dangers("a restart undoes that"));
	support_ok(backup_load(bench.backup, &backup, &err), &err);
	assert_false(backup_is_partial(&backup));
	assert_int_equal(backup_reach(&backup), FLASH_SIZE);
	assert_memory_equal(backup.data, bench.wounded, FLASH_SIZE);
	backup_clear(&backup);
	close_bench(&bench);
}

static void with_the_cure_declined(void **state)
{
	struct backup backup;
	struct bench bench;

	open_bench(&bench);
	support_ok(run(&bench, false), &err);
	expect_starts(&bench);
	expect_told("[chip-size-misdetected] only 0x800000 of 0x1000000 bytes");
	expect_told("backup: PARTIAL COPY");
	assert_non_null(strstr(result.text, "PARTIAL COPY"));
	assert_true(in_dangers("para, which holds this camera's identity, lies behind"));
	assert_false(in_dangers("a restart undoes that"));
	/* Nothing is said of what was not read, neither before nor after. */
	assert_non_null(inspection_find(&result.before, "chip-size-misdetected"));
	assert_null(inspection_find(&result.before, "identity-missing"));
	assert_null(inspection_find(&result.after, "identity-missing"));
	support_ok(backup_load(bench.backup, &backup, &err), &err);
	assert_true(backup_is_partial(&backup));
	assert_int_equal(backup_reach(&backup), HALF);
	assert_memory_equal(backup.data, bench.wounded, HALF);
	assert_true(rc_all_bytes(backup.data + HALF, HALF, 0xff));
	backup_clear(&backup);
	close_bench(&bench);
}

/* A partial copy is no backup for what is reached now. */
static void the_cure_after_a_partial_copy(void **state)
{
	struct backup backup;
	struct bench bench;

	open_bench(&bench);
	camera_backup(bench.wounded, &backup);
	backup.jedec = 0x1c7018;
	memset(backup.proofs + HALF / BLOCK, PROOF_UNREACHED, HALF / BLOCK);
	support_ok(backup_save(&backup, bench.backup, NULL, &err), &err);
	backup_clear(&backup);
	support_ok(link_extend(bench.link, &err), &err);
	support_fails(run(&bench, false), RC_EREFUSED, &err, "partial copy", "0x800000",
		      "--no-cure-size");
	assert_memory_equal(twin_nor(bench.twin)->data, bench.wounded, FLASH_SIZE);
	close_bench(&bench);
}

/* Firmware has no parts that nobody read: FF would be written over what is there. */
static void a_partial_copy_as_firmware(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "partial.bin");
	const struct board *board = boards_find(&camera_boards, "dafang");
	struct firmware firmware;
	struct backup backup;

	camera_backup(camera_flash.data, &backup);
	memset(backup.data + HALF, 0xff, FLASH_SIZE - HALF);
	memset(backup.proofs + HALF / BLOCK, PROOF_UNREACHED, HALF / BLOCK);
	support_ok(backup_save(&backup, path, NULL, &err), &err);
	support_ok(firmware_read(path, board, &firmware, &err), &err);
	assert_non_null(firmware_part(&firmware, "kernel"));
	assert_non_null(firmware_part(&firmware, "driver"));
	assert_null(firmware_part(&firmware, "appfs"));
	assert_null(firmware_part(&firmware, "para"));
	assert_null(firmware_part(&firmware, "flag"));
	assert_non_null(strstr(firmware.notes[0], "partial copy"));
	firmware_clear(&firmware);
	backup_clear(&backup);
	free(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_the_cure),
		cmocka_unit_test(with_the_cure_declined),
		cmocka_unit_test(the_cure_after_a_partial_copy),
		cmocka_unit_test(a_partial_copy_as_firmware),
	};

	return cmocka_run_group_tests(tests, camera_setup, camera_teardown);
}
