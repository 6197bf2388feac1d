/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole rescues over the console of a virtual camera: the demonstration's on the model,
 * the real firmware of ../shared, where it is at hand, on its own bootloader.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "camera.h"
#include "rescue/apply.h"
#include "rescue/rescue.h"
#include "support.h"
#include "twin/twin.h"

static struct rescue_result result; /* large */
static struct rc_error err;
static char told[8192];

static void tell(void *context, const char *stage, const char *text)
{
	size_t used = strlen(told);

	(void)context;
	snprintf(told + used, sizeof(told) - used, "%s: %s\n", stage, text);
}

struct camera {
	uint8_t *flash; /* as it was before it was wounded */
	struct twin *twin;
	struct link *link;
	char *backup;
};

/* Switches a camera on that holds flash with size bytes at wound_at overwritten. */
static void open_camera(struct camera *camera, const uint8_t *flash, enum twin_engine engine,
			uint32_t wound_at, size_t size, uint8_t with)
{
	struct twin_config config = { .jedec = 0xc84018, .engine = engine };
	uint8_t *wounded = malloc(FLASH_SIZE);

	camera->flash = malloc(FLASH_SIZE);
	assert_non_null(wounded);
	assert_non_null(camera->flash);
	memcpy(camera->flash, flash, FLASH_SIZE);
	memcpy(wounded, flash, FLASH_SIZE);
	memset(wounded + wound_at, with, size);
	config.image = (struct rc_span){ wounded, FLASH_SIZE };
	support_ok(twin_open(&config, &camera->twin, &err), &err);
	free(wounded);
	camera->link = NULL;
	camera->backup = rc_path_join(support_temp_dir(), "b.bin");
}

static void connect(struct camera *camera)
{
	struct link_options options = { .boards = &camera_boards };

	if (camera->link)
		link_close(camera->link);
	support_ok(link_open_twin(camera->twin, &options, &camera->link, &err), &err);
}

static void close_camera(struct camera *camera)
{
	rescue_result_clear(&result);
	if (camera->link)
		link_close(camera->link);
	twin_close(camera->twin);
	free(camera->flash);
	free(camera->backup);
}

static int run(const struct camera *camera, const char *firmware, bool rehearse)
{
	struct rescue_options options = { .boards = &camera_boards,
					  .firmware_path = firmware,
					  .backup_path = camera->backup,
					  .rehearse = rehearse,
					  .stage = tell };

	told[0] = '\0';
	rescue_result_clear(&result);
	return rescue_run(camera->link, &options, &result, &err);
}

static void expect_verdict(enum verdict verdict)
{
	if (result.verdict != verdict)
		fail_msg("%s instead of %s: %s\n%s", verdict_name(result.verdict),
			 verdict_name(verdict), result.text, told);
}

static void expect_whole(const struct camera *camera)
{
	assert_memory_equal(twin_nor(camera->twin)->data, camera->flash, FLASH_SIZE);
}

static void expect_told(const char *text)
{
	if (!strstr(told, text))
		fail_msg("\"%s\" is not in:\n%s", text, told);
}

/* ---- the model: needs nobody's firmware ---- */

static void the_demonstration_comes_back(void **state)
{
	char *firmware = camera_folder(camera_flash.data, "kernel,rootfs,driver,appfs");
	struct camera camera;

	(void)state;
	open_camera(&camera, camera_flash.data, TWIN_AUTO, KERNEL_AT, 0x200000, 0xff);
	memset(twin_nor(camera.twin)->data + ROOT_AT + 0x20000, 0x5a, 300);
	connect(&camera);
	support_ok(run(&camera, firmware, true), &err);
	expect_verdict(VERDICT_STARTS);
	expect_told("only on an imitation of the bootloader");
	expect_whole(&camera);
	/* And once more: nothing to do. */
	support_ok(twin_power_cycle(camera.twin, &err), &err);
	connect(&camera);
	support_ok(run(&camera, firmware, true), &err);
	expect_verdict(VERDICT_NOTHING_TO_DO);
	close_camera(&camera);
	free(firmware);
}

/* Known firmware spares all but what only this camera has: 400 KiB over a line at which
 * about one byte in 10,000 is wrong or lost. */
static void a_backup_over_a_bad_line_is_exact_or_none(void **state)
{
	struct rc_span reference = { 0 };
	uint8_t *known = camera_copy();
	unsigned whole = 0;

	(void)state;
	memset(known, 0xff, KERNEL_AT);
	memset(known + CONFIG_AT, 0xff, FLASH_SIZE - CONFIG_AT);
	reference = (struct rc_span){ known, FLASH_SIZE };
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct twin_config config = {
			.image = { camera_flash.data, FLASH_SIZE },
			.jedec = 0xc84018,
			.engine = TWIN_MODEL,
			.line_faults = { .seed = seed, .flip_one_in = 20000, .drop_one_in = 20000 },
		};
		struct backup_options options = { .references = &reference, .reference_count = 1 };
		struct camera camera = { 0 };
		struct backup backup;

		support_ok(twin_open(&config, &camera.twin, &err), &err);
		connect(&camera);
		if (backup_take(camera.link, &options, &backup, &err) == 0) {
			assert_memory_equal(backup.data, camera_flash.data, FLASH_SIZE);
			assert_true(camera.link->wire_in > RC_MIB(1));
			whole++;
		} else {
			print_message("seed %u: %s\n", (unsigned)seed, err.text);
			assert_true(strlen(err.text) > 20);
		}
		backup_clear(&backup);
		close_camera(&camera);
	}
	assert_true(whole >= 1);
	free(known);
}

/* ---- the exact engine, on the firmware of ../shared ---- */

static char *shared_firmware(void)
{
	const char *kernel = support_shared("firmware/dafang-5.5.1.177/kernel.bin");
	char *folder = strdup(kernel ? kernel : "");

	if (kernel)
		*strrchr(folder, '/') = '\0';
	return folder;
}

/* "What must be seen" 3. The rescue is the owner's: a folder of firmware, once with a
 * rehearsal (each costs the emulator half a minute), the start watched until the bootloader
 * hands over to the kernel. */
static void rescue_real_camera(uint32_t wound_at, size_t size, uint8_t with, bool rehearse)
{
	struct rc_buffer flash;
	struct camera camera;
	char *firmware;

	support_dafang_flash(&flash);
	firmware = shared_firmware();
	open_camera(&camera, flash.data, TWIN_EXACT, wound_at, size, with);
	connect(&camera);
	support_ok(run(&camera, firmware, rehearse), &err);
	expect_verdict(VERDICT_STARTS);
	expect_told(rehearse ? "the camera's own bootloader" : "as you asked");
	expect_whole(&camera);
	close_camera(&camera);
	free(firmware);
	rc_buffer_free(&flash);
}

static void real_camera_with_its_kernel_erased(void **state)
{
	(void)state;
	rescue_real_camera(KERNEL_AT, 0x200000, 0xff, false);
}

static void real_camera_with_its_root_damaged(void **state)
{
	(void)state;
	rescue_real_camera(ROOT_AT + 0x123456, 5000, 0x00, true);
}

static void real_camera_with_its_driver_erased(void **state)
{
	(void)state;
	rescue_real_camera(DRIVER_AT, 0xa0000, 0xff, false);
}

/* What a rescue has made before it writes: the same for every cut below. */
struct prepared {
	struct backup backup;
	struct inspection inspection;
	struct firmware firmware;
	struct plan plan;
};

static void prepare(const struct camera *camera, const char *firmware, struct prepared *p)
{
	struct inspect_options options = { .boards = &camera_boards, .board = "dafang" };
	const struct plan_input input = { .backup = &p->backup,
					  .inspection = &p->inspection,
					  .firmware = &p->firmware,
					  .board = camera_board(),
					  .limits = &camera->link->info };

	camera_backup(twin_nor(camera->twin)->data, &p->backup);
	support_ok(inspect_flash((struct rc_span){ p->backup.data, p->backup.size }, &options,
				 &p->inspection, &err),
		   &err);
	support_ok(firmware_load(firmware, &camera_boards, camera_board(), &p->firmware, &err),
		   &err);
	support_ok(plan_make(&input, &p->plan, &err), &err);
	assert_int_equal(p->plan.refusal, PLAN_OK);
	assert_int_equal(p->plan.erase_bytes, BLOCK);
}

static void forget(struct prepared *p)
{
	plan_clear(&p->plan);
	firmware_clear(&p->firmware);
	inspection_clear(&p->inspection);
	backup_clear(&p->backup);
}

static int apply(const struct camera *camera, const struct prepared *p, const char *journal_path)
{
	static struct journal journal; /* large */
	struct apply apply = { .link = camera->link,
			       .plan = &p->plan,
			       .backup = &p->backup,
			       .journal = &journal,
			       .journal_path = journal_path };

	support_ok(journal_load(journal_path, &journal, &err), &err);
	return apply_plan(&apply, &err);
}

/* Power cut at 20 operations spread over the 257 of a block, on the camera's own
 * bootloader; then the plan again, from the journal. cuts.c does it for whole rescues. */
static void real_camera_with_its_power_cut(void **state)
{
	static struct prepared prepared; /* large */
	const struct journal header = {
		.backup_sha256 = "a", .target_sha256 = "b", .chip = "c84018", .board = "dafang"
	};
	const struct nor_faults none = { 0 };
	struct rc_buffer flash;
	struct camera camera;
	char *firmware;

	(void)state;
	support_dafang_flash(&flash);
	firmware = shared_firmware();
	open_camera(&camera, flash.data, TWIN_EXACT, ROOT_AT + 0x110000, 300, 0x5a);
	connect(&camera);
	prepare(&camera, firmware, &prepared);
	for (unsigned operation = 1; operation <= 248; operation += 13) {
		char *journal = rc_path_join(support_temp_dir(), "b.bin.journal");
		struct nor *nor = twin_nor(camera.twin);

		memcpy(nor->data, prepared.backup.data, FLASH_SIZE);
		support_ok(journal_add_plan(journal, &header, &err), &err);
		nor->faults.cut_at_op = nor->counts.erases + nor->counts.programs + operation;
		assert_int_equal(apply(&camera, &prepared, journal), RC_ESTOPPED);
		assert_true(nor->power_lost);
		nor->faults = none;
		support_ok(twin_power_cycle(camera.twin, &err), &err);
		connect(&camera);
		support_ok(apply(&camera, &prepared, journal), &err);
		expect_whole(&camera);
		free(journal);
	}
	forget(&prepared);
	close_camera(&camera);
	free(firmware);
	rc_buffer_free(&flash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_demonstration_comes_back),
		cmocka_unit_test(a_backup_over_a_bad_line_is_exact_or_none),
		cmocka_unit_test(real_camera_with_its_kernel_erased),
		cmocka_unit_test(real_camera_with_its_root_damaged),
		cmocka_unit_test(real_camera_with_its_driver_erased),
		cmocka_unit_test(real_camera_with_its_power_cut),
	};

	return cmocka_run_group_tests(tests, camera_setup, camera_teardown);
}
