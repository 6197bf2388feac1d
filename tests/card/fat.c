/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cards that are made, judged by fsck.fat and mtools; cards of mkfs.fat, read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "card/transfer.h"
#include "run.h"
#include "support.h"

static uint8_t *random_bytes(size_t size, uint64_t seed)
{
	uint8_t *bytes = malloc(size);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(support_random(&seed) >> 32);
	return bytes;
}

static void run_judge(const char *const *argv, struct run_result *result)
{
	run_program(argv, (struct rc_span){ 0 }, result);
	if (result->status != 0)
		print_error("%s %s: %s%s\n", argv[0], argv[1], (const char *)result->out.data,
			    (const char *)result->err.data);
	assert_int_equal(result->status, 0);
}

static void judge(const char *const *argv)
{
	struct run_result result;

	run_judge(argv, &result);
	run_result_free(&result);
}

/* A volume as others see it: no complaint, and each file byte for byte. */
static void judge_volume(const uint8_t *volume, size_t size, const struct fat_file *files,
			 size_t count)
{
	char *path = rc_path_join(support_temp_dir(), "volume");
	char *copy = rc_path_join(support_temp_dir(), "copy");
	struct run_result result;
	struct rc_error err;

	support_ok(rc_file_replace(path, volume, size, 0600, &err), &err);
	judge((const char *const[]){ "fsck.fat", "-n", "-v", path, NULL });
	run_judge((const char *const[]){ "mdir", "-b", "-i", path, NULL }, &result);
	for (size_t i = 0; i < count; i++) {
		struct rc_buffer bytes;
		char name[FAT_NAME + 8];

		snprintf(name, sizeof(name), "::/%.*s\n", FAT_NAME - 1, files[i].name);
		assert_non_null(strstr((const char *)result.out.data, name));
		name[strlen(name) - 1] = '\0';
		judge((const char *const[]){ "mcopy", "-n", "-i", path, name, copy, NULL });
		support_ok(rc_file_read(copy, RC_MIB(64), &bytes, &err), &err);
		assert_int_equal(bytes.size, files[i].bytes.size);
		if (bytes.size)
			assert_memory_equal(bytes.data, files[i].bytes.data, bytes.size);
		rc_buffer_free(&bytes);
	}
	run_result_free(&result);
	free(path);
	free(copy);
}

static void assert_reads(const uint8_t *volume, size_t size, const struct fat_file *files,
			 size_t count)
{
	struct fat_entry entries[32];
	struct rc_error err;
	struct fat fat;
	size_t found;

	support_ok(fat_open((struct rc_span){ volume, size }, &fat, &err), &err);
	assert_int_equal(fat.is_16, fat_size_is_16(size));
	support_ok(fat_list(&fat, entries, RC_COUNT(entries), &found, &err), &err);
	assert_int_equal(found, count);
	for (size_t i = 0; i < count; i++) {
		struct rc_buffer bytes;

		assert_string_equal(entries[i].name, files[i].name);
		support_ok(fat_read(&fat, files[i].name, &bytes, &err), &err);
		assert_int_equal(bytes.size, files[i].bytes.size);
		if (bytes.size)
			assert_memory_equal(bytes.data, files[i].bytes.data, bytes.size);
		rc_buffer_free(&bytes);
	}
}

/* Each kind, and both sides of where one becomes the other. */
static void test_volumes(void **state)
{
	static const size_t sizes[] = { RC_MIB(8),  RC_MIB(9) + 512, RC_MIB(64) - 512,
					RC_MIB(64), RC_MIB(100),     RC_MIB(512) };
	uint8_t *bytes = random_bytes(0x300001, 11);
	const struct fat_file files[] = {
		{ "KERNEL.BIN", { bytes, 0x200000 } }, { "EMPTY", { NULL, 0 } },
		{ "A.B", { bytes + 5, 1 } },           { "ROOT.FILE", { bytes, 0 } },
		{ "DRIVER.BIN", { bytes, 0x300001 } },
	};
	struct fat_file good[RC_COUNT(files)];

	(void)state;
	memcpy(good, files, sizeof(good));
	memcpy(good[3].name, "ROOT_1-2.X", 11);
	good[3].bytes = (struct rc_span){ bytes + 9, 4096 };
	for (size_t i = 0; i < RC_COUNT(sizes); i++) {
		uint8_t *volume = calloc(1, sizes[i]);
		struct rc_error err;

		assert_non_null(volume);
		support_fails(fat_make(volume, sizes[i], 2048, files, RC_COUNT(files), &err),
			      RC_EUSAGE, &err, "ROOT.FILE");
		support_ok(fat_make(volume, sizes[i], 2048, good, RC_COUNT(good), &err), &err);
		assert_reads(volume, sizes[i], good, RC_COUNT(good));
		if (sizes[i] <= RC_MIB(100))
			judge_volume(volume, sizes[i], good, RC_COUNT(good));
		free(volume);
	}
	free(bytes);
}

static void test_refused(void **state)
{
	uint8_t *volume = calloc(1, RC_MIB(8));
	uint8_t *bytes = calloc(1, RC_MIB(9));
	struct fat_file files[] = { { "A.BIN", { bytes, 1 } }, { "A.BIN", { bytes, 1 } } };
	struct rc_error err;

	(void)state;
	support_fails(fat_make(volume, RC_MIB(8) - 512, 0, NULL, 0, &err), RC_ERANGE, &err,
		      "8 MiB");
	support_fails(fat_make(volume, RC_MIB(8), 0, files, 2, &err), RC_EUSAGE, &err,
		      "both named A.BIN");
	files[0].bytes.size = RC_MIB(9);
	support_fails(fat_make(volume, RC_MIB(8), 0, files, 1, &err), RC_ERANGE, &err,
		      "make a larger card");
	strcpy(files[0].name, "a.bin");
	support_fails(fat_make(volume, RC_MIB(8), 0, files, 1, &err), RC_EUSAGE, &err, "capitals");
	assert_true(rc_all_bytes(volume, RC_MIB(8), 0));
	free(volume);
	free(bytes);
}

/* A card by others' hands: long names, a folder, files in pieces. */
static void test_of_others(void **state)
{
	static const char *const kinds[] = { "16", "32" };
	uint8_t *bytes = random_bytes(200000, 12);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *path = rc_path_join(support_temp_dir(), "volume");
		char *file = rc_path_join(support_temp_dir(), "A long name of a file.bin");
		struct rc_buffer volume, got;
		struct fat_entry entries[8];
		struct rc_error err;
		struct fat fat;
		size_t count;

		support_ok(rc_file_replace(file, bytes, 200000, 0600, &err), &err);
		judge((const char *const[]){ "mkfs.fat", "-C", "-F", kinds[i], "-s", "1", "-n",
					     "CAMERA", path, i ? "40960" : "20480", NULL });
		judge((const char *const[]){ "mcopy", "-i", path, file, "::/first.bin", NULL });
		judge((const char *const[]){ "mcopy", "-i", path, file, "::/second.bin", NULL });
		judge((const char *const[]){ "mdel", "-i", path, "::/first.bin", NULL });
		judge((const char *const[]){ "mmd", "-i", path, "::/folder", NULL });
		judge((const char *const[]){ "mcopy", "-i", path, file, "::", NULL });
		support_ok(rc_file_read(path, RC_MIB(64), &volume, &err), &err);
		support_ok(fat_open((struct rc_span){ volume.data, volume.size }, &fat, &err),
			   &err);
		assert_int_equal(fat.is_16, i == 0);
		support_ok(fat_list(&fat, entries, 8, &count, &err), &err);
		assert_int_equal(count, 3);
		support_ok(fat_read(&fat, "Second.bin", &got, &err), &err);
		assert_int_equal(got.size, 200000);
		assert_memory_equal(got.data, bytes, 200000);
		rc_buffer_free(&got);
		support_ok(fat_read(&fat, "ALONGN~1.BIN", &got, &err), &err);
		assert_memory_equal(got.data, bytes, 200000);
		rc_buffer_free(&got);
		support_fails(fat_read(&fat, "folder", &got, &err), RC_ENOTFOUND, &err, "folder");
		rc_buffer_free(&volume);
		free(path);
		free(file);
	}
	free(bytes);
}

static void test_damaged(void **state)
{
	const size_t size = RC_MIB(8);
	uint8_t *volume = calloc(1, size);
	uint8_t *bytes = random_bytes(5000, 13);
	const struct fat_file file = { "A.BIN", { bytes, 5000 } };
	struct rc_span span = { volume, size };
	struct rc_buffer got;
	struct rc_error err;
	struct fat fat;

	(void)state;
	support_ok(fat_make(volume, size, 0, &file, 1, &err), &err);
	support_fails(fat_open(rc_span_sub(span, 0, size - 512), &fat, &err), RC_EFORMAT, &err,
		      "sectors that it should have: 16384");
	support_fails(fat_open(rc_span_sub(span, 0, 100), &fat, &err), RC_EFORMAT, &err, "55 AA");
	support_ok(fat_open(span, &fat, &err), &err);
	/* The chain ends before the file does; then it runs in a circle, which is as long
	 * as it likes and no longer. */
	rc_put_le16(volume + fat.table + 4, 0xffff);
	support_fails(fat_read(&fat, "A.BIN", &got, &err), RC_EFORMAT, &err, "of its 5000 bytes");
	rc_put_le16(volume + fat.table + 4, 2);
	rc_put_le32(volume + fat.root + 32 + 28, 0xffffffff);
	support_fails(fat_read(&fat, "A.BIN", &got, &err), RC_EFORMAT, &err,
		      "claims 4294967295 bytes");
	volume[13] = 3;
	support_fails(fat_open(span, &fat, &err), RC_EFORMAT, &err, "sectors in a cluster: 3");
	free(volume);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_volumes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_of_others),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
