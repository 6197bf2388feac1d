/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

const char *support_shared(const char *relative)
{
	static char path[1024];
	const char *shared = getenv("RECAM_SHARED");

	snprintf(path, sizeof(path), "%s/%s", shared ? shared : "../shared", relative);
	return rc_file_exists(path) ? path : NULL;
}

/* A skipped test is left in the middle: what it held until then is no leak. Asked by
 * LeakSanitizer when the program ends (sanitizer/lsan_interface.h). */
static int skipped;
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return skipped;
}

int support_needs_dafang(const char *tests)
{
	if (support_shared("firmware/dafang-5.5.1.177/uboot.bin"))
		return 0;
	printf("SKIPPED: %s need ../shared/firmware/dafang-5.5.1.177, which is not here\n", tests);
	return 77;
}

void support_shared_file(const char *relative, struct rc_buffer *out)
{
	const char *path = support_shared(relative);
	struct rc_error err;

	if (!path) {
		print_message("SKIPPED: ../shared/%s is not here\n", relative);
		skipped = 1;
		skip();
	}
	support_ok(rc_file_read(path, RC_MIB(64), out, &err), &err);
}

void support_dafang_flash(struct rc_buffer *out)
{
	static const char *const names[] = { "uboot",  "kernel",  "rootfs",  "driver",
					     "appfs",  "backupk", "backupd", "backupa",
					     "config", "para",    "flag" };

	*out = (struct rc_buffer){ 0 };
	for (size_t i = 0; i < RC_COUNT(names); i++) {
		char relative[128];
		struct rc_buffer part;

		snprintf(relative, sizeof(relative), "firmware/dafang-5.5.1.177/%s.bin", names[i]);
		support_shared_file(relative, &part);
		assert_true(rc_buffer_append(out, part.data, part.size));
		rc_buffer_free(&part);
	}
	assert_int_equal(out->size, RC_MIB(16));
}

void support_demo_flash(struct rc_buffer *out)
{
	const char *path = getenv("RECAM_DEMO_FLASH");
	struct rc_error err;

	assert_non_null(path);
	support_ok(rc_file_read(path, RC_MIB(64), out, &err), &err);
	assert_int_equal(out->size, RC_MIB(16));
}

#define MAX_TEMP_DIRS 256
static char *temp_dirs[MAX_TEMP_DIRS];
static size_t temp_dir_count;
static pid_t temp_dir_owner;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_temp_dirs(void)
{
	if (getpid() != temp_dir_owner)
		return;
	for (size_t i = 0; i < temp_dir_count; i++) {
		nftw(temp_dirs[i], remove_one, 16, FTW_DEPTH | FTW_PHYS);
		free(temp_dirs[i]);
	}
}

const char *support_temp_dir(void)
{
	char *path = strdup("/tmp/recam-test-XXXXXX");

	assert_true(temp_dir_count < MAX_TEMP_DIRS);
	assert_non_null(path);
	assert_non_null(mkdtemp(path));
	if (temp_dir_count == 0) {
		temp_dir_owner = getpid();
		atexit(remove_temp_dirs);
	}
	temp_dirs[temp_dir_count++] = path;
	return path;
}

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif

bool support_runs_all(const char *left_out)
{
	bool all = !SANITIZED || getenv("RECAM_TEST_ALL");

	if (!all)
		print_message("left out under sanitizers: %s (RECAM_TEST_ALL=1)\n", left_out);
	return all;
}

unsigned support_count_files(const char *folder)
{
	DIR *entries = opendir(folder);
	unsigned count = 0;

	assert_non_null(entries);
	while (readdir(entries))
		count++;
	closedir(entries);
	return count - 2;
}

uint64_t support_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du;
}

void support_ok_at(int result, const struct rc_error *err, const char *file, int line)
{
	if (result == 0)
		return;
	print_error("%s:%d: status %d: %s\n", file, line, result, err ? err->text : "");
	_fail(file, line);
}

void support_fails_at(int result, int status, const struct rc_error *err, const char *file,
		      int line, ...)
{
	const char *part;
	va_list parts;

	if (result != status) {
		print_error("%s:%d: status %d instead of %d: %s\n", file, line, result, status,
			    result ? err->text : "no error");
		_fail(file, line);
	}
	va_start(parts, line);
	while ((part = va_arg(parts, const char *))) {
		if (strstr(err->text, part))
			continue;
		print_error("%s:%d: \"%s\" is not in: %s\n", file, line, part, err->text);
		va_end(parts);
		_fail(file, line);
	}
	va_end(parts);
}
