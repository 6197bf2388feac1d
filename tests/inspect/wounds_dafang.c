/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vendor's Dafang flash, wounded. */
#include "flashes.h"
#include "support.h"
#include "wounds.h"

static const struct wounded dafang_wounds[] = {
	{ "boot", { "boot-erased", "boot-damaged", "boot-damaged", "boot-misplaced" } },
	{ "kernel", { "kernel-erased", "kernel-damaged", "kernel-damaged", "kernel-damaged" } },
	{ "root", { "root-erased", "root-damaged", "root-damaged", "root-damaged" } },
	{ "driver", { "driver-erased", "driver-damaged", "driver-damaged", "driver-damaged" } },
	{ "appfs", { "appfs-erased", "appfs-damaged", "appfs-damaged", "appfs-damaged" } },
	{ "backupk", { NULL, "backup-damaged", NULL, "backup-damaged" } },
	{ "backupd", { NULL, "backup-damaged", "backup-damaged", "backup-damaged" } },
	{ "backupa", { NULL, "backup-damaged", NULL, "backup-damaged" } },
	{ "config",
	  { "settings-erased", "settings-damaged", "settings-damaged", "settings-damaged" } },
	{ "para",
	  { "identity-missing", "identity-damaged identity-at-risk", "identity-damaged",
	    "identity-damaged identity-at-risk" } },
	{ "flag", { NULL, NULL, NULL, NULL } },
};

static void test_dafang_wounds(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_dafang_flash(&flash);
	wound_all(&flash, dafang_wounds, RC_COUNT(dafang_wounds));
	rc_buffer_free(&flash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dafang_wounds),
	};

	return cmocka_run_group_tests(tests, flashes_setup, flashes_teardown);
}
