/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The power cut while the real firmware of ../shared, where it is at hand, is written by its
 * own bootloader. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "rescue/apply.h"
#include "support.h"
#include "twin_camera.h"

static struct rc_error err;

/* What a rescue has made before it writes: the same for every cut below. */
struct prepared {
	struct backup backup;
	struct inspection inspection;
	struct firmware firmware;
	struct plan plan;
};

static void prepare(const struct twin_camera *camera, const char *firmware, struct prepared *p)
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

static int apply(const struct twin_camera *camera, const struct prepared *p,
		 const char *journal_path)
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
	struct twin_camera camera;
	char *firmware;

	(void)state;
	support_dafang_flash(&flash);
	firmware = twin_camera_firmware();
	twin_camera_open(&camera, flash.data, TWIN_EXACT, ROOT_AT + 0x110000, 300, 0x5a);
	twin_camera_connect(&camera);
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
		twin_camera_connect(&camera);
		support_ok(apply(&camera, &prepared, journal), &err);
		expect_whole(&camera);
		free(journal);
	}
	forget(&prepared);
	twin_camera_close(&camera);
	free(firmware);
	rc_buffer_free(&flash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_camera_with_its_power_cut),
	};

	return cmocka_run_group_tests(tests, camera_setup, camera_teardown);
}
