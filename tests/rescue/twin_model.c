/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rescues and backups of the demonstration's camera on the model of a bootloader: they need
 * nobody's firmware. */
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "twin_camera.h"

static struct rc_error err;

static void the_demonstration_comes_back(void **state)
{
	char *firmware = camera_folder(camera_flash.data, "kernel,rootfs,driver,appfs");
	struct twin_camera camera;

	(void)state;
	twin_camera_open(&camera, camera_flash.data, TWIN_AUTO, KERNEL_AT, 0x200000, 0xff);
	memset(twin_nor(camera.twin)->data + ROOT_AT + 0x20000, 0x5a, 300);
	twin_camera_connect(&camera);
	twin_camera_rescue(&camera, firmware, true);
	expect_verdict(VERDICT_STARTS);
	expect_told("only on an imitation of the bootloader");
	expect_whole(&camera);
	/* And once more: nothing to do. */
	support_ok(twin_power_cycle(camera.twin, &err), &err);
	twin_camera_connect(&camera);
	twin_camera_rescue(&camera, firmware, true);
	expect_verdict(VERDICT_NOTHING_TO_DO);
	twin_camera_close(&camera);
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
		struct twin_camera camera = { 0 };
		struct backup backup;

		support_ok(twin_open(&config, &camera.twin, &err), &err);
		twin_camera_connect(&camera);
		if (backup_take(camera.link, &options, &backup, &err) == 0) {
			assert_memory_equal(backup.data, camera_flash.data, FLASH_SIZE);
			assert_true(camera.link->wire_in > RC_MIB(1));
			whole++;
		} else {
			print_message("seed %u: %s\n", (unsigned)seed, err.text);
			assert_true(strlen(err.text) > 20);
		}
		backup_clear(&backup);
		twin_camera_close(&camera);
	}
	assert_true(whole >= 1);
	free(known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_demonstration_comes_back),
		cmocka_unit_test(a_backup_over_a_bad_line_is_exact_or_none),
	};

	return cmocka_run_group_tests(tests, camera_setup, camera_teardown);
}
