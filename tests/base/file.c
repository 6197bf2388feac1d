/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static void a_file_comes_back_as_written(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "x");
	struct rc_buffer bytes;
	struct rc_error err;
	struct stat st;

	support_ok(rc_file_replace(path, "old", 3, 0600, &err), &err);
	support_ok(rc_file_replace(path, "newer", 5, 0600, &err), &err);
	support_ok(rc_file_append(path, "!", 1, &err), &err);
	support_ok(rc_file_read(path, 6, &bytes, &err), &err);
	assert_int_equal(bytes.size, 6);
	assert_memory_equal(bytes.data, "newer!", 6);
	rc_buffer_free(&bytes);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	support_fails(rc_file_read(path, 5, &bytes, &err), RC_ERANGE, &err, path, "5 bytes");
	assert_null(bytes.data);
	free(path);
}

static void what_cannot_be_read_says_so(void **state)
{
	const char *folder = support_temp_dir();
	struct rc_buffer bytes;
	struct rc_error err;

	support_fails(rc_file_read("/nonexistent/x", 9, &bytes, &err), RC_ENOTFOUND, &err,
		      "/nonexistent/x", "No such file");
	support_fails(rc_file_read(folder, 9, &bytes, &err), RC_EUSAGE, &err, folder, "folder");
}

static void a_failed_replace_leaves_nothing(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "folder");
	struct rc_error err;

	assert_int_equal(mkdir(path, 0700), 0);
	support_fails(rc_file_replace(path, "x", 1, 0600, &err), RC_EUSAGE, &err, path,
		      "is a folder");
	assert_true(rc_is_directory(path));
	support_fails(rc_file_replace("/dev/null", "x", 1, 0600, &err), RC_EUSAGE, &err,
		      "/dev/null is a device", "not overwritten");
	support_fails(rc_file_replace("/nonexistent/x", "x", 1, 0600, &err), RC_EIO, &err,
		      "/nonexistent/x");
	assert_int_equal(rmdir(path), 0);
	*strrchr(path, '/') = '\0';
	assert_int_equal(rmdir(path), 0); /* no temporary file was left in it */
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_comes_back_as_written),
		cmocka_unit_test(what_cannot_be_read_says_so),
		cmocka_unit_test(a_failed_replace_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
