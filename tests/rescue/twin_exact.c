/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole rescues of the real firmware of ../shared, where it is at hand, on its own
 * bootloader. */
#include <stdlib.h>

#include "support.h"
#include "twin_camera.h"

/* "What must be seen" 3. The rescue is the owner's: a folder of firmware, once with a
 * rehearsal (each costs the emulator half a minute), the start watched until the bootloader
 * hands over to the kernel. */
static void rescue_real_camera(uint32_t wound_at, size_t size, uint8_t with, bool rehearse)
{
	struct rc_buffer flash;
	struct twin_camera camera;
	char *firmware;

	support_dafang_flash(&flash);
	firmware = twin_camera_firmware();
	twin_camera_open(&camera, flash.data, TWIN_EXACT, wound_at, size, with);
	twin_camera_connect(&camera);
	twin_camera_rescue(&camera, firmware, rehearse);
	expect_verdict(VERDICT_STARTS);
	expect_told(rehearse ? "the camera's own bootloader" : "as you asked");
	expect_whole(&camera);
	twin_camera_close(&camera);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_camera_with_its_kernel_erased),
		cmocka_unit_test(real_camera_with_its_root_damaged),
		cmocka_unit_test(real_camera_with_its_driver_erased),
	};

	return cmocka_run_group_tests(tests, camera_setup, camera_teardown);
}
