/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Partitions are checked by several threads: what is reported must not show it. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "flashes.h"
#include "support.h"

#define DRIVER   0x590000u
#define DRIVER_2 0xcd0000u
#define SIZE     0xa0000u

static char *report_on(const struct rc_buffer *flash, unsigned threads)
{
	struct report_options options = { .show_secrets = true };
	struct inspection inspection;
	json_t *json;
	char *text;

	inspect_on(flash, threads, &inspection);
	json = report_json(&inspection, &options);
	text = json_dumps(json, JSON_INDENT(1));
	assert_non_null(text);
	json_decref(json);
	inspection_clear(&inspection);
	return text;
}

static void expect_same_reports(const struct rc_buffer *flash)
{
	static const unsigned threads[] = { 2, 3, 8, 8, 8, 0 };
	char *alone = report_on(flash, 1);

	assert_non_null(strstr(alone, "\"sha256\""));
	for (size_t i = 0; i < RC_COUNT(threads); i++) {
		char *together = report_on(flash, threads[i]);

		assert_string_equal(together, alone);
		free(together);
	}
	free(alone);
}

static void the_same_report(void **state)
{
	struct rc_buffer flash;
	uint64_t random = 2;

	support_demo_flash(&flash);
	expect_same_reports(&flash);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 300; i++)
			flash.data[support_random(&random) % flash.size] = (uint8_t)support_random(
				&random);
		expect_same_reports(&flash);
	}
	rc_buffer_free(&flash);
}

static void the_same_report_of_a_real_one(void **state)
{
	struct rc_buffer flash;

	support_dafang_flash(&flash);
	expect_same_reports(&flash);
	rc_buffer_free(&flash);
}

static const struct inspected_partition *check_backup(struct inspection *inspection,
						      const struct rc_buffer *flash)
{
	const struct inspected_partition *part;

	inspect_on(flash, 0, inspection);
	part = part_of(inspection, "backupd");
	assert_int_equal(part->place.offset, DRIVER_2);
	assert_int_equal(part->place.size, SIZE);
	return part;
}

/* A backup partition with the bytes of another is not checked again, and one with other bytes is.
 */
static void a_copy(void **state)
{
	const struct inspected_partition *driver, *backup;
	struct inspection inspection;
	struct rc_buffer flash;

	support_demo_flash(&flash);
	memcpy(flash.data + DRIVER_2, flash.data + DRIVER, SIZE);
	backup = check_backup(&inspection, &flash);
	driver = part_of(&inspection, "driver");
	assert_int_equal(backup->report.state, REGION_GOOD);
	assert_int_equal(backup->report.used, driver->report.used);
	assert_int_equal(backup->report.files, driver->report.files);
	assert_true(json_array_size(json_object_get(backup->report.detail, "digests")) > 0);
	assert_true(json_equal(backup->report.detail, driver->report.detail));
	assert_string_equal(backup->sha256, driver->sha256);
	inspection_clear(&inspection);

	flash.data[DRIVER_2 + 200] ^= 1;
	backup = check_backup(&inspection, &flash);
	driver = part_of(&inspection, "driver");
	assert_int_equal(driver->report.state, REGION_GOOD);
	assert_int_equal(backup->report.state, REGION_DAMAGED);
	assert_string_not_equal(backup->sha256, driver->sha256);
	inspection_clear(&inspection);
	rc_buffer_free(&flash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_report),
		cmocka_unit_test(the_same_report_of_a_real_one),
		cmocka_unit_test(a_copy),
	};

	return cmocka_run_group_tests(tests, flashes_setup, flashes_teardown);
}
