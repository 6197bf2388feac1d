/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole way, as its users go it: on the demonstration's flash in the virtual camera. */
#include "cli.h"

#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define KERNEL_OFFSET 0x40000u
#define KERNEL_SIZE   0x200000u
#define ROOT_OFFSET   0x240000u

static struct rc_buffer healthy;

static int enter_folder(void **state)
{
	struct rc_error err;

	support_demo_flash(&healthy);
	if (chdir(support_temp_dir()))
		return -1;
	return rc_file_replace("healthy.bin", healthy.data, healthy.size, 0600, &err);
}

static int leave_folder(void **state)
{
	rc_buffer_free(&healthy);
	return chdir("/");
}

/* The demonstration's wounds: kernel erased, 64 KiB of root overwritten. */
static void write_broken(const char *name)
{
	struct rc_error err;
	uint8_t *broken = malloc(healthy.size);

	assert_non_null(broken);
	memcpy(broken, healthy.data, healthy.size);
	memset(broken + KERNEL_OFFSET, 0xff, KERNEL_SIZE);
	memset(broken + ROOT_OFFSET + RC_KIB(128), 0x5a, RC_KIB(64));
	support_ok(rc_file_replace(name, broken, healthy.size, 0600, &err), &err);
	free(broken);
}

static json_t *json_of(const struct run_result *result)
{
	json_error_t error;
	json_t *json = json_loadb((const char *)result->out.data, result->out.size, 0, &error);

	if (!json)
		fail_msg("no JSON: %s", error.text);
	return json;
}

static void assert_file_equals(const char *path, const struct rc_buffer *bytes)
{
	struct rc_buffer file;
	struct rc_error err;

	support_ok(rc_file_read(path, RC_MIB(64), &file, &err), &err);
	assert_int_equal(file.size, bytes->size);
	assert_memory_equal(file.data, bytes->data, bytes->size);
	rc_buffer_free(&file);
}

static bool has_finding(json_t *report, const char *id)
{
	size_t i;
	json_t *finding;

	json_array_foreach(json_object_get(report, "findings"), i,
			   finding) if (strcmp(json_string_value(json_object_get(finding, "id")),
					       id) == 0) return true;
	return false;
}

static void a_healthy_flash_is_exit_0_and_masked(void **state)
{
	struct run_result result;
	json_t *report;
	json_t *board;

	RECAM(&result, "inspect", "healthy.bin", "--json");
	assert_int_equal(result.status, 0);
	report = json_of(&result);
	assert_string_equal(json_string_value(json_object_get(report, "kind")), "flash");
	assert_int_equal(json_integer_value(json_object_get(report, "size")), RC_MIB(16));
	board = json_object_get(report, "board");
	assert_string_equal(json_string_value(json_object_get(board, "id")), "dafang");
	assert_int_equal(json_array_size(json_object_get(report, "partitions")), 11);
	assert_null(strstr((const char *)result.out.data, "0200005EC0DE"));
	assert_null(strstr((const char *)result.out.data, "02:00:00:5E:C0:DE"));
	json_decref(report);
	run_result_free(&result);
}

static void a_broken_flash_is_exit_1_with_its_findings_and_no_other_fatal(void **state)
{
	struct run_result result;
	json_t *report;
	json_t *finding;
	size_t i;

	write_broken("broken.bin");
	RECAM(&result, "inspect", "broken.bin", "--json", "--html", "broken.html");
	assert_int_equal(result.status, 1);
	report = json_of(&result);
	assert_true(has_finding(report, "kernel-erased"));
	assert_true(has_finding(report, "root-damaged"));
	json_array_foreach(json_object_get(report, "findings"), i, finding)
	{
		const char *id = json_string_value(json_object_get(finding, "id"));

		if (strcmp(json_string_value(json_object_get(finding, "severity")), "fatal") == 0)
			assert_true(strcmp(id, "kernel-erased") == 0 ||
				    strcmp(id, "root-damaged") == 0);
	}
	assert_true(rc_file_exists("broken.html"));
	json_decref(report);
	run_result_free(&result);
}

static void a_plan_writes_nothing(void **state)
{
	struct run_result result;
	struct rc_buffer before;
	struct rc_error err;

	write_broken("broken.bin");
	support_ok(rc_file_read("broken.bin", RC_MIB(64), &before, &err), &err);
	RECAM(&result, "plan", "broken.bin", "--from", "healthy.bin");
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "kernel");
	run_result_free(&result);
	assert_file_equals("broken.bin", &before);
	rc_buffer_free(&before);
}

static void a_rescue_needs_a_yes(void **state)
{
	struct run_result result;

	write_broken("broken.bin");
	RECAM(&result, "rescue", "twin:broken.bin?save=after.bin", "--from", "healthy.bin",
	      "--backup", "unasked.bin");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "--yes");
	run_result_free(&result);
	write_broken("again.bin");
	{
		struct rc_buffer broken;
		struct rc_error err;

		support_ok(rc_file_read("again.bin", RC_MIB(64), &broken, &err), &err);
		assert_file_equals("after.bin", &broken);
		rc_buffer_free(&broken);
	}
}

static void a_rescue_ends_with_the_healthy_flash_and_a_private_backup(void **state)
{
	struct run_result result;
	struct stat st;

	write_broken("broken.bin");
	RECAM(&result, "rescue", "twin:broken.bin?save=rescued.bin", "--from", "healthy.bin",
	      "--backup", "backup.bin", "--yes");
	if (result.status != 0)
		fail_msg("status %d: %s", result.status, (const char *)result.err.data);
	run_result_free(&result);
	assert_file_equals("rescued.bin", &healthy);
	assert_int_equal(stat("backup.bin", &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	assert_true(rc_file_exists("backup.bin.json"));
	assert_true(rc_file_exists("backup.bin.journal"));
}

static void a_cut_rescue_is_exit_3_and_the_second_run_finishes(void **state)
{
	struct run_result result;

	write_broken("broken.bin");
	RECAM(&result, "rescue", "twin:broken.bin?save=cut.bin&fault=cut:700", "--from",
	      "healthy.bin", "--backup", "cut-backup.bin", "--yes");
	assert_int_equal(result.status, 3);
	run_result_free(&result);
	RECAM(&result, "rescue", "twin:cut.bin?save=finished.bin", "--from", "healthy.bin",
	      "--backup", "cut-backup.bin", "--yes");
	if (result.status != 0)
		fail_msg("status %d: %s", result.status, (const char *)result.err.data);
	run_result_free(&result);
	assert_file_equals("finished.bin", &healthy);
}

static void a_backup_of_the_twin_equals_its_flash(void **state)
{
	struct run_result result;
	json_t *report;

	RECAM(&result, "backup", "twin:healthy.bin", "-o", "mine.bin", "--reference", "healthy.bin",
	      "--json");
	if (result.status != 0)
		fail_msg("status %d: %s", result.status, (const char *)result.err.data);
	report = json_of(&result);
	json_decref(report);
	run_result_free(&result);
	assert_file_equals("mine.bin", &healthy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_flash_is_exit_0_and_masked),
		cmocka_unit_test(a_broken_flash_is_exit_1_with_its_findings_and_no_other_fatal),
		cmocka_unit_test(a_plan_writes_nothing),
		cmocka_unit_test(a_rescue_needs_a_yes),
		cmocka_unit_test(a_rescue_ends_with_the_healthy_flash_and_a_private_backup),
		cmocka_unit_test(a_cut_rescue_is_exit_3_and_the_second_run_finishes),
		cmocka_unit_test(a_backup_of_the_twin_equals_its_flash),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
