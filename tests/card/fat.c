/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Volumes that are made, judged by fsck.fat and mtools; volumes of mkfs.fat, read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "card/fat.h"
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

/* "config/wifi.conf" */
static void path_of(const struct fat_node *nodes, size_t index, char *out, size_t size)
{
	char above[512] = "";

	if (nodes[index].parent)
		path_of(nodes, nodes[index].parent - 1, above, sizeof(above));
	snprintf(out, size, "%.500s%s%s", above, *above ? "/" : "", nodes[index].name);
}

static void assert_same(const struct rc_buffer *got, const struct fat_node *node)
{
	assert_int_equal(got->size, node->bytes.size);
	if (got->size)
		assert_memory_equal(got->data, node->bytes.data, got->size);
}

/* A volume as others see it: no complaint, and each file byte for byte under its name. */
static void judge_volume(const uint8_t *volume, size_t size, const struct fat_node *nodes,
			 size_t count)
{
	char *path = rc_path_join(support_temp_dir(), "volume");
	char *copy = rc_path_join(support_temp_dir(), "copy");
	struct run_result result;
	struct rc_error err;

	support_ok(rc_file_replace(path, volume, size, 0600, &err), &err);
	run_judge((const char *const[]){ "fsck.fat", "-n", "-v", path, NULL }, &result);
	assert_null(strstr((const char *)result.out.data, "differ"));
	assert_null(strstr((const char *)result.out.data, "wrong"));
	run_result_free(&result);
	run_judge((const char *const[]){ "mdir", "-/", "-b", "-i", path, NULL }, &result);
	for (size_t i = 0; i < count; i++) {
		char inside[600], name[608];
		struct rc_buffer bytes;

		path_of(nodes, i, inside, sizeof(inside));
		snprintf(name, sizeof(name), "::/%s%s\n", inside, nodes[i].folder ? "/" : "");
		assert_non_null(strstr((const char *)result.out.data, name));
		if (nodes[i].folder)
			continue;
		name[strlen(name) - 1] = '\0';
		judge((const char *const[]){ "mcopy", "-n", "-i", path, name, copy, NULL });
		support_ok(rc_file_read(copy, RC_MIB(128), &bytes, &err), &err);
		assert_same(&bytes, &nodes[i]);
		rc_buffer_free(&bytes);
	}
	run_result_free(&result);
	free(path);
	free(copy);
}

static void assert_reads(const uint8_t *volume, size_t size, const struct fat_node *nodes,
			 size_t count)
{
	struct rc_error err;
	struct fat fat;

	support_ok(fat_open((struct rc_span){ volume, size }, &fat, &err), &err);
	assert_int_equal(fat.kind, fat_size_is_16(size) ? 16 : 32);
	for (size_t i = 0; i < count; i++) {
		struct fat_entry entry;
		struct rc_buffer bytes;
		char path[600];

		path_of(nodes, i, path, sizeof(path));
		support_ok(fat_find(&fat, path, &entry, &err), &err);
		assert_string_equal(entry.long_name, nodes[i].name);
		assert_int_equal(entry.folder, nodes[i].folder);
		if (entry.folder)
			continue;
		support_ok(fat_read(&fat, path, &bytes, &err), &err);
		assert_same(&bytes, &nodes[i]);
		assert_true(fat_is_contiguous(&fat, &entry));
		rc_buffer_free(&bytes);
	}
}

/* Each kind, and both sides of where one becomes the other. */
static void test_volumes(void **state)
{
	static const size_t sizes[] = { RC_MIB(8),  RC_MIB(9) + 512, RC_MIB(64) - 512,
					RC_MIB(64), RC_MIB(100),     RC_MIB(512) };
	uint8_t *bytes = random_bytes(0x300001, 11);
	const struct fat_node nodes[] = {
		{ "KERNEL.BIN", { bytes, 0x200000 } },
		{ "EMPTY", { NULL, 0 } },
		{ "A.B", { bytes + 5, 1 } },
		{ "config", .folder = true },
		{ "wpa_supplicant.conf", { bytes + 7, 4095 }, .parent = 4 },
		{ "demo.bin", { bytes + 9, 4096 } },
		{ "deep", .folder = true, .parent = 4 },
		{ "a name of many letters, thirteen in each of its parts",
		  { bytes, 4097 },
		  .parent = 7 },
		{ "Grüße 日本.txt", { bytes, 3 }, .parent = 7 },
		{ ".hidden", { bytes, 4 } },
		{ "tf_update.img", { bytes + 11, 0x300001 - 11 } },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(sizes); i++) {
		uint8_t *volume = calloc(1, sizes[i]);
		struct rc_error err;
		size_t used;

		assert_non_null(volume);
		support_ok(fat_make(volume, sizes[i], 2048, nodes, RC_COUNT(nodes), &used, &err),
			   &err);
		assert_true(rc_all_bytes(volume + used, sizes[i] - used, 0));
		assert_reads(volume, sizes[i], nodes, RC_COUNT(nodes));
		if (sizes[i] <= RC_MIB(100))
			judge_volume(volume, sizes[i], nodes, RC_COUNT(nodes));
		free(volume);
	}
	free(bytes);
}

/* A file that fills the volume to its last byte, and one byte more. */
static void test_full(void **state)
{
	static const size_t sizes[] = { RC_MIB(8), RC_MIB(64) };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(sizes); i++) {
		size_t room = fat_room(sizes[i]);
		uint8_t *volume = calloc(1, sizes[i]);
		uint8_t *bytes = random_bytes(room + 1, 14);
		struct fat_node node = { "DEMO.BIN", { bytes, room } };
		struct rc_error err;

		assert_true(room > sizes[i] * 9 / 10);
		support_ok(fat_make(volume, sizes[i], 2048, &node, 1, NULL, &err), &err);
		judge_volume(volume, sizes[i], &node, 1);
		memset(volume, 0, sizes[i]);
		node.bytes.size++;
		support_fails(fat_make(volume, sizes[i], 2048, &node, 1, NULL, &err), RC_ERANGE,
			      &err, "make a larger card");
		assert_true(rc_all_bytes(volume, sizes[i], 0));
		free(volume);
		free(bytes);
	}
}

/* More names than one cluster of a folder holds, all alike in their first letters. */
static void test_many(void **state)
{
	enum { COUNT = 700 };
	static char names[COUNT][40];
	static struct fat_node nodes[COUNT + 1];
	uint8_t *volume = calloc(1, RC_MIB(64));
	struct rc_error err;

	(void)state;
	nodes[0] = (struct fat_node){ "modules", .folder = true };
	for (size_t i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "a module of the kernel %03zu.ko", i);
		nodes[i + 1] = (struct fat_node){ .name = names[i],
						  .bytes = { (const uint8_t *)names[i], i % 9 },
						  .parent = i % 2 };
	}
	support_ok(fat_make(volume, RC_MIB(64), 2048, nodes, COUNT + 1, NULL, &err), &err);
	assert_reads(volume, RC_MIB(64), nodes, COUNT + 1);
	judge_volume(volume, RC_MIB(64), nodes, 12);
	/* The root folder of FAT16 has a fixed size. */
	memset(volume, 0, RC_MIB(8));
	support_fails(fat_make(volume, RC_MIB(8), 2048, nodes, COUNT + 1, NULL, &err), RC_ERANGE,
		      &err, "512 entries");
	free(volume);
}

static void test_refused(void **state)
{
	static const struct {
		const char *name, *says;
	} bad[] = {
		{ "", "empty" },
		{ "..", "ends with a dot" },
		{ "blank ", "ends with a dot or a blank" },
		{ "a/b", "none of" },
		{ "a:b.txt", "none of" },
		{ "a\nb", "control" },
		{ "\xff\xfe", "not UTF-8" },
		{ "\xc0\xaf", "not UTF-8" },
		{ "\xed\xa0\x80", "not UTF-8" },
	};
	uint8_t *volume = calloc(1, RC_MIB(8));
	struct fat_node nodes[] = { { "A.BIN" }, { "a.bin" } };
	struct rc_error err;
	char longest[300];

	(void)state;
	support_fails(fat_make(volume, RC_MIB(8) - 512, 0, NULL, 0, NULL, &err), RC_ERANGE, &err,
		      "8 MiB");
	support_fails(fat_make(volume, RC_MIB(8), 0, nodes, 2, NULL, &err), RC_EUSAGE, &err,
		      "both named a.bin");
	for (size_t i = 0; i < RC_COUNT(bad); i++) {
		nodes[0].name = bad[i].name;
		support_fails(fat_make(volume, RC_MIB(8), 0, nodes, 1, NULL, &err), RC_EUSAGE, &err,
			      bad[i].says);
	}
	memset(longest, 'x', sizeof(longest));
	longest[256] = '\0';
	nodes[0].name = longest;
	support_fails(fat_make(volume, RC_MIB(8), 0, nodes, 1, NULL, &err), RC_EUSAGE, &err,
		      "255 letters");
	assert_true(rc_all_bytes(volume, RC_MIB(8), 0));
	longest[255] = '\0';
	support_ok(fat_make(volume, RC_MIB(8), 0, nodes, 1, NULL, &err), &err);
	judge_volume(volume, RC_MIB(8), nodes, 1);
	free(volume);
}

struct names {
	char all[8][64];
	size_t count;
};

static bool note_name(void *context, const struct fat_entry *entry)
{
	struct names *names = context;

	assert_true(names->count < 8);
	snprintf(names->all[names->count++], 64, "%.63s", entry->long_name);
	return true;
}

/* A card by others' hands: long names, a folder, files in pieces. */
static void test_of_others(void **state)
{
	static const char *const kinds[] = { "12", "16", "32" };
	static const char *const clusters[] = { "16", "1", "1" };
	static const char *const blocks[] = { "10240", "20480", "40960" };
	uint8_t *bytes = random_bytes(200000, 12);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *path = rc_path_join(support_temp_dir(), "volume");
		char *file = rc_path_join(support_temp_dir(), "A long name of a file.bin");
		struct names names = { .count = 0 };
		struct rc_buffer volume, got;
		struct fat_entry entry;
		struct rc_error err;
		struct fat fat;

		remove(path);
		support_ok(rc_file_replace(file, bytes, 200000, 0600, &err), &err);
		judge((const char *const[]){ "mkfs.fat", "-C", "-F", kinds[i], "-s", clusters[i],
					     "-n", "CAMERA", path, blocks[i], NULL });
		judge((const char *const[]){ "mcopy", "-i", path, file, "::/first.bin", NULL });
		judge((const char *const[]){ "mcopy", "-i", path, file, "::/second.bin", NULL });
		judge((const char *const[]){ "mdel", "-i", path, "::/first.bin", NULL });
		judge((const char *const[]){ "mmd", "-i", path, "::/folder", NULL });
		judge((const char *const[]){ "mcopy", "-i", path, file, "::", NULL });
		judge((const char *const[]){ "mcopy", "-i", path, file, "::/folder", NULL });
		support_ok(rc_file_read(path, RC_MIB(64), &volume, &err), &err);
		support_ok(fat_open((struct rc_span){ volume.data, volume.size }, &fat, &err),
			   &err);
		assert_int_equal(fat.kind, atoi(kinds[i]));
		support_ok(fat_scan(&fat, NULL, note_name, &names, &err), &err);
		assert_int_equal(names.count, 3);
		support_ok(fat_read(&fat, "Second.bin", &got, &err), &err);
		assert_int_equal(got.size, 200000);
		assert_memory_equal(got.data, bytes, 200000);
		rc_buffer_free(&got);
		support_ok(fat_read(&fat, "FOLDER/a LONG name of a file.bin", &got, &err), &err);
		assert_memory_equal(got.data, bytes, 200000);
		rc_buffer_free(&got);
		support_ok(fat_find(&fat, "ALONGN~1.BIN", &entry, &err), &err);
		assert_string_equal(entry.long_name, "A long name of a file.bin");
		support_fails(fat_read(&fat, "folder", &got, &err), RC_ENOTFOUND, &err, "folder");
		support_fails(fat_read(&fat, "folder/none", &got, &err), RC_ENOTFOUND, &err,
			      "no file folder/none");
		support_fails(fat_read(&fat, "second.bin/x", &got, &err), RC_ENOTFOUND, &err,
			      "second.bin/x");
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
	const struct fat_node node = { "A.BIN", { bytes, 5000 } };
	struct rc_span span = { volume, size };
	struct rc_buffer got;
	struct rc_error err;
	struct fat fat;

	(void)state;
	support_ok(fat_make(volume, size, 0, &node, 1, NULL, &err), &err);
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
		cmocka_unit_test(test_volumes),   cmocka_unit_test(test_full),
		cmocka_unit_test(test_many),      cmocka_unit_test(test_refused),
		cmocka_unit_test(test_of_others), cmocka_unit_test(test_damaged),
	};

	/* So that mtools prints names as UTF-8. */
	setenv("LC_ALL", "C.UTF-8", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
