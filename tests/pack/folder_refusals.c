/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders that make no firmware, and why; and places where none may be made. */
#include "container.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "run.h"
#include "support.h"

static struct rc_span span_of(const struct rc_buffer *bytes)
{
	return (struct rc_span){ bytes->data, bytes->size };
}

static void a_tree_that_does_not_fit(void **state)
{
	char *folder = container_unpack("dump.bin", &container_flash, NULL, NULL);
	struct rc_buffer noise = { .data = malloc(RC_MIB(4)), .size = RC_MIB(4) };
	struct repacked packed;
	struct rc_error err;
	uint64_t seed = 3;

	(void)state;
	for (size_t i = 0; i < noise.size; i++)
		noise.data[i] = (uint8_t)support_random(&seed);
	container_put(folder, "root/bin/noise", noise.data, noise.size);
	support_fails(container_pack(folder, "dafang", "demo", &packed, &err), RC_ERANGE, &err,
		      "root does not fit", "3473408", "too many", "/bin/noise 4 MiB");
	rc_buffer_free(&noise);
	free(folder);
}

static void a_bin_that_does_not_do(void **state)
{
	static const char page[] = "<!DOCTYPE html><html>not found</html>";
	char *folder = container_unpack("dump.bin", &container_flash, NULL, NULL);
	uint8_t *large = calloc(1, 0x200001);
	struct repacked packed;
	struct rc_error err;

	(void)state;
	container_put(folder, "kernel.bin", page, strlen(page));
	support_fails(container_pack(folder, "dafang", NULL, &packed, &err), RC_EREFUSED, &err,
		      "[image-not-firmware]", "kernel", "web page");
	memcpy(large, container_flash.data + 0x40000, 0x200000);
	container_put(folder, "kernel.bin", large, 0x200001);
	support_fails(container_pack(folder, "dafang", NULL, &packed, &err), RC_EREFUSED, &err,
		      "[image-too-large]", "2097153", "2097152", "1 too many");
	large[0x1000] ^= 1;
	container_put(folder, "kernel.bin", large, 0x200000);
	support_fails(container_pack(folder, "dafang", NULL, &packed, &err), RC_EREFUSED, &err,
		      "[image-bad-checksum]", "kernel.bin was changed", "checksum");
	free(large);
	free(folder);
}

static void missing_parts(void **state)
{
	static const struct {
		const char *as, *missing;
	} cases[] = { { "full", "boot" },   { "full", "para" },  { "full", "flag" },
		      { "demo", "kernel" }, { "demo", "appfs" }, { "flash-full", "boot" } };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		char *folder = container_unpack("dump.bin", &container_flash, NULL, NULL);
		struct repacked packed;
		struct rc_error err;
		char name[32];

		snprintf(name, sizeof(name), "%s.bin", cases[i].missing);
		container_remove(folder, name);
		container_remove(folder, cases[i].missing);
		snprintf(name, sizeof(name), "%s.mtree", cases[i].missing);
		container_remove(folder, name);
		support_fails(container_pack(folder, "dafang", cases[i].as, &packed, &err),
			      RC_EREFUSED, &err, "needs the", cases[i].missing, ".bin");
		free(folder);
	}
}

static void words_that_make_no_sense(void **state)
{
	struct rc_buffer demo;
	struct repacked packed;
	struct rc_error err;
	char *folder;

	(void)state;
	container_demo(span_of(&container_flash), &demo);
	folder = container_unpack("demo.bin", &demo, "dafang", NULL);
	support_fails(container_pack(folder, "dafang", "dmeo", &packed, &err), RC_EUSAGE, &err,
		      "--as dmeo", "demo, full, recovery");
	support_fails(container_pack(folder, "dafang", "recovery", &packed, &err), RC_EUSAGE, &err,
		      "no bootloader of a Xiaomi Dafang DF3 takes a tf_recovery.img");
	support_fails(container_pack(folder, "dafang", "full", &packed, &err), RC_EREFUSED, &err,
		      "there is no boot.bin");
	support_fails(container_pack(folder, "mjsxj05cm", NULL, &packed, &err), RC_EREFUSED, &err,
		      "[image-wrong-model]", "dafang", "mjsxj05cm");
	support_fails(container_pack(folder, "dafang", "para", &packed, &err), RC_EREFUSED, &err,
		      "neither para.bin nor para/");
	free(folder);
	rc_buffer_free(&demo);
}

static void folders_that_are_there(void **state)
{
	char *place = strdup(support_temp_dir());
	struct rc_span flash = span_of(&container_flash);
	struct rc_error err;
	char *folder;

	(void)state;
	container_put(place, "mine", "x", 1);
	support_fails(container_try_unpack("x", flash, NULL, place, NULL, &err), RC_EREFUSED, &err,
		      "is there already", "not an empty folder");
	assert_true(container_has(place, "mine"));
	assert_false(container_has(place, "recam.json"));
	folder = rc_path_join(place, "mine");
	support_fails(container_try_unpack("x", flash, NULL, folder, NULL, &err), RC_EREFUSED, &err,
		      "is there already");
	free(folder);
	folder = rc_path_join(place, "not/there/yet");
	support_fails(container_try_unpack("x", flash, NULL, folder, NULL, &err), RC_EIO, &err,
		      "not/there/yet", "No such file");
	free(folder);
	/* An empty one will do, with a slash behind it too. */
	container_remove(place, "mine");
	folder = rc_path_join(place, "");
	support_ok(container_try_unpack("x", flash, NULL, folder, NULL, &err), &err);
	assert_true(container_has(place, "recam.json"));
	free(folder);
	free(place);
}

/* No file may grow beyond 1 MiB: as on a full disk, in the middle of it. */
static void a_disk_that_is_full(void **state)
{
	const struct rlimit little = { .rlim_cur = RC_MIB(1), .rlim_max = RLIM_INFINITY };
	char *place = strdup(support_temp_dir());
	char *folder = rc_path_join(place, "folder");
	struct rlimit before;
	struct rc_error err;
	int result;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	result = container_try_unpack("x", span_of(&container_flash), NULL, folder, NULL, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	support_fails(result, RC_EIO, &err, "cannot write kernel.bin", "File too large");
	/* Nothing is left, under any name. */
	assert_int_equal(rmdir(place), 0);
	free(folder);
	free(place);
}

/* The user's word against what stands in the file. */
static void the_wrong_camera(void **state)
{
	struct rc_span flash = span_of(&container_flash);
	char *folder = rc_path_join(support_temp_dir(), "folder");
	struct rc_error err;

	(void)state;
	support_fails(container_try_unpack("x", flash, "mjsxj05cm", folder, NULL, &err),
		      RC_EREFUSED, &err, "[image-wrong-model]", "x is of a Xiaomi Dafang DF3",
		      "--board says mjsxj05cm");
	assert_false(rc_file_exists(folder));
	/* A relative with the same layout: only its owner can know. */
	support_ok(container_try_unpack("x", flash, "wyze-v2", folder, NULL, &err), &err);
	free(folder);
}

/* Parts alone, and nobody says of which camera. */
static void a_camera_that_nobody_names(void **state)
{
	static const char *const tar[] = { "tar", "-C", NULL, "-cf", NULL, "driver.bin", NULL };
	const struct partition *driver = layout_find(&container_board("dafang")->layout, "driver");
	char *place = strdup(support_temp_dir());
	char *path = rc_path_join(place, "parts.tar");
	const char *argv[RC_COUNT(tar)];
	struct run_result result;
	struct rc_buffer archive;
	struct rc_error err;

	(void)state;
	container_put(place, "driver.bin", container_flash.data + driver->offset, driver->size);
	memcpy(argv, tar, sizeof(argv));
	argv[2] = place;
	argv[4] = path;
	run_program(argv, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	container_get(place, "parts.tar", &archive);
	support_fails(container_try_unpack("parts.tar", span_of(&archive), NULL, "x", NULL, &err),
		      RC_EUSAGE, &err, "parts.tar does not say which camera", "--board ID");
	rc_buffer_free(&archive);
	free(path);
	free(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_that_does_not_fit),
		cmocka_unit_test(a_bin_that_does_not_do),
		cmocka_unit_test(missing_parts),
		cmocka_unit_test(words_that_make_no_sense),
		cmocka_unit_test(folders_that_are_there),
		cmocka_unit_test(a_disk_that_is_full),
		cmocka_unit_test(the_wrong_camera),
		cmocka_unit_test(a_camera_that_nobody_names),
	};

	return cmocka_run_group_tests(tests, container_setup, container_teardown);
}
