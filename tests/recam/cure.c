/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chip taken for a smaller one, as its owner meets it on the command line. */
#include "cli.h"

#include <unistd.h>

#include "base/file.h"

#define CAMERA "twin:camera.bin?engine=exact&chip=1c7018"

static struct rc_buffer flash;

static int enter_folder(void **state)
{
	(void)state;
	return chdir(support_temp_dir());
}

static int leave_folder(void **state)
{
	(void)state;
	rc_buffer_free(&flash);
	return chdir("/");
}

/* Each test asks for it, so that each says that it was skipped. */
static void put_camera(void)
{
	struct rc_error err;

	if (!flash.data)
		support_dafang_flash(&flash);
	support_ok(rc_file_replace("camera.bin", flash.data, flash.size, 0600, &err), &err);
}

static void nobody_is_there_to_ask(void **state)
{
	struct run_result result;

	(void)state;
	put_camera();
	RECAM(&result, "backup", CAMERA, "-o", "b.bin");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "a restart undoes it");
	assert_has(&result.err, "nobody is there to say whether recam is to correct that");
	assert_has(&result.err, "--no-cure-size");
	assert_int_equal(result.out.size, 0);
	assert_false(rc_file_exists("b.bin"));
	run_result_free(&result);
}

static void two_answers_are_none(void **state)
{
	struct run_result result;

	(void)state;
	put_camera();
	RECAM(&result, "plan", CAMERA, "--from", "camera.bin", "--cure-size", "--no-cure-size");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "contradict each other");
	run_result_free(&result);
}

/* What was asked for and cannot be done is not passed over. */
static void an_imitation_is_not_cured(void **state)
{
	struct run_result result;
	struct rc_buffer demo;
	struct rc_error err;

	(void)state;
	support_demo_flash(&demo);
	support_ok(rc_file_replace("demo.bin", demo.data, demo.size, 0600, &err), &err);
	rc_buffer_free(&demo);
	RECAM(&result, "backup", "twin:demo.bin?chip=1c7018", "-o", "d.bin", "--cure-size");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "cannot reach more of its chip");
	assert_false(rc_file_exists("d.bin"));
	run_result_free(&result);
}

static void a_plan_with_the_cure(void **state)
{
	struct run_result result;

	(void)state;
	put_camera();
	RECAM(&result, "plan", CAMERA, "--from", "camera.bin", "--only", "kernel", "--cure-size");
	assert_int_equal(result.status, 0);
	assert_has(&result.err, "all 0x1000000 bytes can be reached until the camera restarts");
	assert_has(&result.err, "word 83fc7f0c");
	assert_has(&result.out, "para stays: you did not name it");
	run_result_free(&result);
}

static void a_backup_without_it(void **state)
{
	struct run_result result;
	struct rc_buffer file;
	struct rc_error err;

	(void)state;
	put_camera();
	RECAM(&result, "backup", CAMERA, "-o", "part.bin", "--reference", "camera.bin",
	      "--no-cure-size");
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "PARTIAL COPY");
	assert_has(&result.out, " 128 NOT REACHED");
	run_result_free(&result);
	support_ok(rc_file_read("part.bin", RC_MIB(16), &file, &err), &err);
	assert_memory_equal(file.data, flash.data, RC_MIB(8));
	rc_buffer_free(&file);
	/* Of what it does not hold, nothing is said. */
	RECAM(&result, "inspect", "part.bin");
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "? not read");
	assert_has(&result.out, "chip-size-misdetected");
	assert_null(strstr((const char *)result.out.data, "identity-missing"));
	run_result_free(&result);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_there_to_ask),    cmocka_unit_test(two_answers_are_none),
		cmocka_unit_test(an_imitation_is_not_cured), cmocka_unit_test(a_plan_with_the_cure),
		cmocka_unit_test(a_backup_without_it),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
