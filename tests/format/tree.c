/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include "support.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "make.h"
#include "run.h"

const struct fs_entry *tree_find(const struct tree *tree, const char *path)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (strcmp(tree->entries[i].seen.path, path) == 0)
			return &tree->entries[i].seen;
	}
	return NULL;
}

static int collect(void *context, const struct fs_entry *entry, struct rc_error *err)
{
	struct tree *tree = context;
	struct fs_entry copy = *entry;
	char *parent = strdup(entry->path);
	uint8_t *content = malloc(entry->content.size + 1);

	assert_non_null(parent);
	assert_non_null(content);
	assert_null(tree_find(tree, entry->path));
	*strrchr(parent, '/') = '\0';
	assert_true(*parent == '\0' || tree_find(tree, parent));
	free(parent);

	copy.path = strdup(entry->path);
	copy.target = entry->target ? strdup(entry->target) : NULL;
	if (entry->content.size)
		memcpy(content, entry->content.data, entry->content.size);
	copy.content.data = content;
	tree->entries = realloc(tree->entries, (tree->count + 1) * sizeof(*tree->entries));
	assert_non_null(tree->entries);
	tree->entries[tree->count++].seen = copy;
	return 0;
}

struct fs_visitor tree_visitor(struct tree *tree)
{
	return (struct fs_visitor){ .visit = collect, .context = tree };
}

void tree_free(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		free((void *)(uintptr_t)tree->entries[i].seen.path);
		free((void *)(uintptr_t)tree->entries[i].seen.target);
		free((void *)(uintptr_t)tree->entries[i].seen.content.data);
	}
	free(tree->entries);
	*tree = (struct tree){ 0 };
}

/* --- a folder --- */

static void put_file(const char *folder, const char *name, const struct rc_buffer *content,
		     unsigned mode)
{
	struct timespec times[2] = { { .tv_sec = 1500000000 }, { .tv_sec = 1500000000 } };
	char *path = rc_path_join(folder, name);
	struct rc_error err;

	support_ok(rc_file_replace(path, content->data, content->size, mode, &err), &err);
	assert_int_equal(chmod(path, mode), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	free(path);
}

static void put_text(const char *folder, const char *name, size_t size, unsigned mode)
{
	struct rc_buffer content = { 0 };

	make_payload(&content, size, size + 1);
	put_file(folder, name, &content, mode);
	rc_buffer_free(&content);
}

static void put_noise(const char *folder, const char *name, size_t size)
{
	struct rc_buffer content = { 0 };
	uint64_t state = size;

	while (content.size < size) {
		uint64_t number = support_random(&state);
		size_t part = size - content.size < 8 ? size - content.size : 8;

		assert_true(rc_buffer_append(&content, &number, part));
	}
	put_file(folder, name, &content, 0755);
	rc_buffer_free(&content);
}

static void put_folder(const char *folder, const char *name)
{
	char *path = rc_path_join(folder, name);

	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
}

static void put_link(const char *folder, const char *name, const char *target)
{
	char *path = rc_path_join(folder, name);

	assert_int_equal(symlink(target, path), 0);
	free(path);
}

static void put_hard_link(const char *folder, const char *from, const char *to)
{
	char *from_path = rc_path_join(folder, from);
	char *to_path = rc_path_join(folder, to);

	assert_int_equal(link(from_path, to_path), 0);
	free(from_path);
	free(to_path);
}

const char *tree_make_folder(void)
{
	const char *folder = support_temp_dir();

	put_folder(folder, "etc");
	put_folder(folder, "etc/init.d");
	put_folder(folder, "bin");
	put_folder(folder, "empty");
	put_text(folder, "etc/init.d/rcS", 700, 0755);
	put_text(folder, "etc/.hidden", 16, 0600);
	put_text(folder, "etc/nothing", 0, 0644);
	put_text(folder, "etc/one", 1, 0444);
	put_text(folder, "bin/busybox", 410000, 0755);
	put_text(folder, "bin/page", 4096, 0644);
	put_noise(folder, "bin/noise", 70001);
	put_noise(folder, "bin/block", 131072);
	for (unsigned i = 0; i < 300; i++) {
		char name[32];

		snprintf(name, sizeof(name), "etc/small%u", i);
		put_text(folder, name, i % 40 * 7 + 2, 0644);
	}
	put_link(folder, "bin/sh", "busybox");
	put_link(folder, "etc/up", "../../somewhere/that is not here");
	put_hard_link(folder, "bin/page", "bin/leaf");
	return folder;
}

/* --- comparing --- */

static size_t counted;

static int count_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	counted += ftw->level > 0;
	return 0;
}

static enum fs_type type_of(mode_t mode)
{
	if (S_ISDIR(mode))
		return FS_DIRECTORY;
	return S_ISLNK(mode) ? FS_SYMLINK : FS_FILE;
}

static void assert_entry_is_file(const struct fs_entry *entry, const char *folder)
{
	char path[1024], target[1024] = "";
	struct rc_buffer content = { 0 };
	struct rc_error err;
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", folder, entry->path);
	if (lstat(path, &st) != 0)
		fail_msg("%s is in the image and not in the folder", entry->path);
	assert_false(entry->damaged);
	assert_int_equal(entry->type, type_of(st.st_mode));
	assert_int_equal(entry->mode, st.st_mode & 07777);
	assert_int_equal(entry->uid, st.st_uid);
	assert_int_equal(entry->gid, st.st_gid);
	assert_int_equal(entry->mtime, st.st_mtime);
	if (entry->type == FS_SYMLINK) {
		assert_true(readlink(path, target, sizeof(target) - 1) > 0);
		assert_string_equal(entry->target, target);
	} else if (entry->type == FS_FILE) {
		support_ok(rc_file_read(path, RC_MIB(64), &content, &err), &err);
		assert_int_equal(entry->content.size, content.size);
		if (content.size)
			assert_memory_equal(entry->content.data, content.data, content.size);
		rc_buffer_free(&content);
	}
}

void assert_tree_is_folder(const struct tree *tree, const char *folder)
{
	counted = 0;
	assert_int_equal(nftw(folder, count_one, 16, FTW_PHYS), 0);
	assert_true(counted > 0);
	assert_int_equal(tree->count, counted);
	for (size_t i = 0; i < tree->count; i++)
		assert_entry_is_file(&tree->entries[i].seen, folder);
}

void run_well(const char *const *argv)
{
	struct run_result result;

	run_program(argv, (struct rc_span){ 0 }, &result);
	if (result.status != 0)
		fail_msg("%s ended with %d: %s%s", argv[0], result.status, result.out.data,
			 result.err.data);
	run_result_free(&result);
}

static bool is_near(const struct format_report *report, size_t at, size_t near)
{
	for (size_t i = 0; i < report->problem_count && i < FORMAT_MAX_PROBLEMS; i++) {
		const struct format_problem *problem = &report->problems[i];

		if (problem->offset <= at + near &&
		    at < (size_t)problem->offset + problem->size + near)
			return true;
	}
	return false;
}

void assert_flips_are_damage(const struct format *format, struct rc_span region, size_t from,
			     size_t to, unsigned count, uint64_t seed, size_t near)
{
	uint8_t *bytes = malloc(region.size);
	uint64_t state = seed;

	assert_non_null(bytes);
	memcpy(bytes, region.data, region.size);
	for (unsigned i = 0; i < count; i++) {
		size_t at = from + support_random(&state) % (to - from);
		uint8_t bits = (uint8_t)(1 + support_random(&state) % 255);
		struct format_report report;
		struct rc_error err;

		bytes[at] ^= bits;
		support_ok(format_check((struct rc_span){ bytes, region.size }, format, NULL,
					&report, &err),
			   &err);
		if (report.state != REGION_DAMAGED || report.format != format)
			fail_msg("0x%zX xor %02X: %s", at, bits, region_state_name(report.state));
		if (!is_near(&report, at, near))
			fail_msg("0x%zX xor %02X: the first problem is at 0x%X: %s", at, bits,
				 report.problems[0].offset, report.problems[0].text);
		format_report_clear(&report);
		bytes[at] ^= bits;
	}
	free(bytes);
}
