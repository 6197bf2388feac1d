/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rescues of a Mi 360 over the console of its own bootloader, on the exact twin: no files over
 * the line, protection bits that the bootloader itself lifts and sets, and a block that holds
 * the end of the bootloader beside its environment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../twin/mi360.h"
#include "base/file.h"
#include "rescue/rescue.h"
#include "rescue/shared_block.h"
#include "run.h"

#define ROOT_AT   0x250000u
#define KERNEL_AT 0x050000u
#define ENV_AT    0x4f000u
#define RESTING   0xbcu /* what this bootloader leaves in the EN25QH128A's status register */

static struct rc_buffer flash; /* whole and good */
static struct boards boards;
static char *firmware; /* the same as a file */
static char told[16384];

/* A root of the tests' own in the place of the vendor's. */
static void put_root(void)
{
	const char *folder = support_temp_dir();
	char *issue = rc_path_join(folder, "issue");
	char *file = rc_path_join(support_temp_dir(), "root.squashfs");
	const char *argv[] = { "mksquashfs", folder,         file,     "-comp",     "xz",
			       "-noappend",  "-no-progress", "-quiet", "-all-root", NULL };
	struct run_result result;
	struct rc_buffer root;
	struct rc_error err;

	support_ok(rc_file_replace(issue, "recam tests\n", 12, 0644, &err), &err);
	run_program(argv, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	support_ok(rc_file_read(file, 0x760000, &root, &err), &err);
	memcpy(flash.data + ROOT_AT, root.data, root.size);
	rc_buffer_free(&root);
	free(issue);
	free(file);
}

static int setup(void **state)
{
	struct rc_error err;

	(void)state;
	mi360_flash(&flash);
	put_root();
	firmware = rc_path_join(support_temp_dir(), "firmware.bin");
	support_ok(rc_file_replace(firmware, flash.data, flash.size, 0600, &err), &err);
	return boards_load(NULL, &boards, &err);
}

static int teardown(void **state)
{
	(void)state;
	rc_buffer_free(&flash);
	boards_free(&boards);
	free(firmware);
	return 0;
}

struct camera {
	struct twin *twin;
	struct link *link;
	char *backup;
};

/* As the camera lies there: its chip protected by the start before. */
static void open_camera(struct camera *camera, const uint8_t *image, uint64_t cut_at)
{
	struct twin_config config = { .image = { image, flash.size },
				      .jedec = 0x1c7018,
				      .engine = TWIN_EXACT,
				      .chip_faults.cut_at_op = cut_at };
	struct link_options options = { .boards = &boards };
	struct rc_error err;

	support_ok(twin_open(&config, &camera->twin, &err), &err);
	twin_nor(camera->twin)->status[0] = RESTING;
	support_ok(link_open_twin(camera->twin, &options, &camera->link, &err), &err);
	camera->backup = rc_path_join(support_temp_dir(), "b.bin");
}

static void close_camera(struct camera *camera)
{
	link_close(camera->link);
	twin_close(camera->twin);
	free(camera->backup);
}

static void tell(void *context, const char *stage, const char *text)
{
	size_t used = strlen(told);

	(void)context;
	snprintf(told + used, sizeof(told) - used, "%s: %s\n", stage, text);
}

static int run_rescue(struct camera *camera, const char *only, struct rescue_result *result,
		      struct rc_error *err)
{
	const char *names[] = { only, NULL };
	struct rescue_options options = { .boards = &boards,
					  .firmware_path = firmware,
					  .backup_path = camera->backup,
					  .only = only ? names : NULL,
					  .stage = tell };

	told[0] = '\0';
	return rescue_run(camera->link, &options, result, err);
}

static uint8_t *copy_of_flash(void)
{
	uint8_t *copy = malloc(flash.size);

	assert_non_null(copy);
	memcpy(copy, flash.data, flash.size);
	return copy;
}

static void kernel_and_root_are_made_whole(void **state)
{
	static struct rescue_result result; /* large */
	uint8_t *wounded = copy_of_flash();
	struct camera camera;
	struct rc_error err;

	(void)state;
	memset(wounded + KERNEL_AT + 0x30100, 0x5a, 900);
	memset(wounded + ROOT_AT, 0xff, 64);
	open_camera(&camera, wounded, 0);
	assert_string_equal(camera.link->info.prompt, "SigmaStar # ");
	assert_int_equal(camera.link->info.jedec, 0x1c7018);
	support_ok(run_rescue(&camera, NULL, &result, &err), &err);
	if (result.verdict != VERDICT_STARTS)
		fail_msg("%s: %s\n%s", verdict_name(result.verdict), result.text, told);
	assert_memory_equal(twin_nor(camera.twin)->data, flash.data, flash.size);
	assert_int_equal(twin_nor(camera.twin)->status[0], RESTING);
	assert_int_equal(twin_nor(camera.twin)->counts.erases, 2);
	assert_int_equal(twin_nor(camera.twin)->counts.refused, 0);
	rescue_result_clear(&result);
	close_camera(&camera);
	free(wounded);
}

/* The same command again, after the power came back. */
static void go_on_with_the_environment(struct camera *camera, struct rescue_result *result)
{
	struct link_options options = { .boards = &boards };
	struct rc_error err;

	rescue_result_clear(result);
	link_close(camera->link);
	support_ok(link_open_twin(camera->twin, &options, &camera->link, &err), &err);
	support_ok(run_rescue(camera, "BOOT", result, &err), &err);
	if (result->verdict != VERDICT_STARTS)
		fail_msg("%s: %s\n%s", verdict_name(result->verdict), result->text, told);
	assert_memory_equal(twin_nor(camera->twin)->data, flash.data, flash.size);
	assert_int_equal(twin_nor(camera->twin)->status[0], RESTING);
}

/* Only its 4 KiB are erased, so that a power cut in the middle leaves the bootloader whole. */
static void an_environment_is_repaired_beside_the_bootloader(void **state)
{
	static struct rescue_result result; /* large */
	uint8_t *wounded = copy_of_flash();
	struct camera camera;
	struct rc_error err;

	(void)state;
	wounded[ENV_AT + 9] ^= 0x40;
	open_camera(&camera, wounded, 1);
	assert_int_equal(run_rescue(&camera, "BOOT", &result, &err), RC_ESTOPPED);
	assert_memory_equal(twin_nor(camera.twin)->data, flash.data, ENV_AT);
	assert_memory_not_equal(twin_nor(camera.twin)->data + ENV_AT, flash.data + ENV_AT, 0x1000);
	if (support_runs_all("the run that finishes the environment"))
		go_on_with_the_environment(&camera, &result);
	rescue_result_clear(&result);
	close_camera(&camera);
	free(wounded);
}

/* A plan for the environment alone, over a link of that kind. */
static void plan_environment(enum link_kind kind, uint32_t fine_step, struct plan *plan)
{
	static struct inspection inspection; /* large */
	static struct firmware source;
	const char *names[] = { "BOOT", NULL };
	struct link_info limits = { .kind = kind,
				    .name = "somewhere",
				    .prompt = "#",
				    .flash_size = 16u << 20,
				    .reach = 16u << 20,
				    .step = RC_ERASE_BLOCK,
				    .fine_step = fine_step };
	struct backup backup = { 0 };
	struct plan_input input = { .backup = &backup,
				    .inspection = &inspection,
				    .firmware = &source,
				    .board = boards_find(&boards, "mjsxj05cm"),
				    .limits = &limits,
				    .only = names };
	struct inspect_options options = { .boards = &boards };
	struct rc_error err;

	backup.data = copy_of_flash();
	backup.size = (uint32_t)flash.size;
	backup.data[ENV_AT + 9] ^= 0x40;
	backup.block_count = flash.size / RC_ERASE_BLOCK;
	backup.proofs = malloc(backup.block_count);
	assert_non_null(backup.proofs);
	memset(backup.proofs, PROOF_CHECKSUM, backup.block_count);
	support_ok(inspect_flash((struct rc_span){ backup.data, backup.size }, &options,
				 &inspection, &err),
		   &err);
	support_ok(firmware_load(firmware, &boards, input.board, &source, &err), &err);
	support_ok(plan_make(&input, plan, &err), &err);
	firmware_clear(&source);
	inspection_clear(&inspection);
	backup_clear(&backup);
}

static bool warns(const struct plan *plan, const char *text)
{
	bool found = false;

	for (size_t i = 0; i < PLAN_MAX_DANGERS; i++)
		found |= strstr(plan->dangers[i], text) != NULL;
	return found;
}

static void the_shared_block_is_never_erased_whole_from_afar(void **state)
{
	struct plan plan;

	(void)state;
	plan_environment(LINK_UBOOT, 0x1000, &plan);
	assert_int_equal(plan.refusal, PLAN_OK);
	assert_int_equal(plan.step_count, 1);
	assert_int_equal(plan.steps[0].offset, ENV_AT);
	assert_int_equal(plan.steps[0].size, 0x1000);
	assert_true(warns(&plan, "only the 4096 bytes of the environment"));
	plan_clear(&plan);
	plan_environment(LINK_LINUX, 0, &plan);
	assert_string_equal(plan_refusal_name(plan.refusal), "shared-block");
	assert_non_null(strstr(plan.why, "0x40000"));
	plan_clear(&plan);
	plan_environment(LINK_FLASHROM, 0, &plan);
	assert_int_equal(plan.refusal, PLAN_OK);
	assert_int_equal(plan.steps[0].offset, 0x40000);
	assert_int_equal(plan.steps[0].size, 0x10000);
	plan_clear(&plan);
}

/* What differs outside of the environment is the bootloader's, and goes with its block. */
static void a_damaged_bootloader_is_not_taken_for_its_environment(void **state)
{
	struct shared_block shared;
	uint8_t *other = copy_of_flash();

	(void)state;
	assert_true(shared_block_find((struct rc_span){ flash.data, flash.size },
				      boards_find(&boards, "mjsxj05cm"), &shared));
	assert_int_equal(shared.block, 0x40000);
	assert_int_equal(shared.offset, ENV_AT);
	assert_int_equal(shared.size, 0x1000);
	assert_false(shared_block_alone(&shared, flash.data, other));
	other[ENV_AT] ^= 1;
	assert_true(shared_block_alone(&shared, flash.data, other));
	other[ENV_AT - 1] ^= 1;
	assert_false(shared_block_alone(&shared, flash.data, other));
	assert_false(shared_block_find((struct rc_span){ flash.data, flash.size },
				       boards_find(&boards, "dafang"), &shared));
	free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shared_block_is_never_erased_whole_from_afar),
		cmocka_unit_test(a_damaged_bootloader_is_not_taken_for_its_environment),
		cmocka_unit_test(an_environment_is_repaired_beside_the_bootloader),
		cmocka_unit_test(kernel_and_root_are_made_whole),
	};
	int missing = mi360_needed("rescues of a Mi 360");

	return missing ? missing : cmocka_run_group_tests(tests, setup, teardown);
}
