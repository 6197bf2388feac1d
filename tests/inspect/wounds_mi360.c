/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Mi 360's flash, wounded. */
#include "flashes.h"
#include "support.h"
#include "wounds.h"

static const struct wounded mi360_wounds[] = {
	{ "BOOT",
	  { "boot-erased", "boot-damaged environment-damaged", "boot-damaged", "boot-damaged" } },
	{ "KERNEL", { "kernel-erased", "kernel-damaged", "kernel-damaged", "kernel-damaged" } },
	{ "ROOTFS", { "root-erased", "root-damaged", "root-damaged", "root-damaged" } },
	{ "DATA", { "appfs-erased", "appfs-damaged", "appfs-damaged", "appfs-damaged" } },
	{ "CONFIG",
	  { "settings-erased", "settings-damaged", "settings-damaged", "settings-damaged" } },
	{ "FACTORY",
	  { "identity-missing", "identity-damaged", "identity-damaged", "identity-damaged" } },
};

static void test_mi360_wounds(void **state)
{
	struct rc_buffer flash;

	(void)state;
	make_mi360(&flash);
	wound_all(&flash, mi360_wounds, RC_COUNT(mi360_wounds));
	rc_buffer_free(&flash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mi360_wounds),
	};

	return cmocka_run_group_tests(tests, flashes_setup, flashes_teardown);
}
