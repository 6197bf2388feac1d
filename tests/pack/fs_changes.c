/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of files that were added, changed and removed in an unpacked folder. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../format/tree.h"
#include "box.h"

/* Made once, and only read. */
static const char *folder;

static int make_folder(void **state)
{
	folder = tree_make_folder();
	return 0;
}

static struct rc_span span_of(const struct rc_buffer *buffer)
{
	return (struct rc_span){ buffer->data, buffer->size };
}

static void make_root(const struct box *box, struct rc_buffer *original)
{
	static const char *const options[] = { "-comp", "gzip", "-p", "null c 666 0 0 1 3", NULL };

	box_mksquashfs(folder, options, original);
	box_unpack(box, original, "root");
}

static void new_files_get_sane_attributes(void **state)
{
	struct rc_buffer original, image;
	struct box box;
	char *text;

	box_open(&box);
	make_root(&box, &original);
	box_put(&box, "root/etc/new", "new", 0777);
	box_put(&box, "root/etc/one", "changed", 0777);
	assert_int_equal(unlink(box_path(&box, "root/etc/nothing")), 0);
	setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
	box_pack(&box, "root", &image);
	unsetenv("SOURCE_DATE_EPOCH");
	box_unpack(&box, &image, "again");
	text = box_manifest(&box, "again");
	assert_null(strstr(text, "./etc/nothing"));
	assert_non_null(strstr(text, "./etc/new time=1700000000.0 mode=755 gid=0 uid=0"));
	assert_non_null(strstr(text, "./etc/one time=1700000000.0 mode=444"));
	assert_non_null(strstr(text, "./etc/small17 time=1500000000.0 mode=644"));
	assert_non_null(strstr(text, "./null time="));
	free(text);
	rc_buffer_free(&image);
	rc_buffer_free(&original);
	box_close(&box);
}

static void manifest_decides_what_it_lists(void **state)
{
	struct rc_buffer original, image;
	struct box box;
	char *text;

	box_open(&box);
	make_root(&box, &original);
	/* A copy over another file system forgets modes. */
	assert_int_equal(chmod(box_path(&box, "root/bin/busybox"), 0600), 0);
	box_edit_manifest(&box, "root", "./etc/one time=1500000000.0 mode=444",
			  "./etc/one time=1500000009.0 mode=4711");
	box_pack(&box, "root", &image);
	box_unpack(&box, &image, "again");
	text = box_manifest(&box, "again");
	assert_non_null(strstr(text, "./etc/one time=1500000009.0 mode=4711"));
	assert_non_null(strstr(text, "./bin/busybox time=1500000000.0 mode=755"));
	free(text);
	rc_buffer_free(&image);
	rc_buffer_free(&original);
	box_close(&box);
}

static void same_input_makes_the_same_image(void **state)
{
	char *copy;
	struct rc_buffer original;
	struct box box;

	box_open(&box);
	make_root(&box, &original);
	/* In the order of another disk, and at another time. */
	copy = strdup(box_path(&box, "copy"));
	run_well((const char *const[]){ "mkdir", copy, NULL });
	run_well((const char *const[]){ "sh", "-c",
					"cd \"$0\"; ls -1A | sort -r | while read -r f; do cp -dR "
					"\"$f\" \"$1\"; done",
					box_path(&box, "root"), copy, NULL });
	run_well((const char *const[]){ "cp", box_path(&box, "root.mtree"), copy, NULL });
	run_well((const char *const[]){ "sh", "-c", "mv \"$0/root.mtree\" \"$0.mtree\"", copy,
					NULL });
	for (size_t i = 0; i < 2; i++) {
		struct fs_recipe recipe = { .format = i ? &format_jffs2 : &format_squashfs,
					    .align = i ? 32768 : 4096,
					    .block_size = 131072,
					    .compressor = 4,
					    .flags = 0xc0,
					    .erase_block = 32768,
					    .zlib = 1 };
		struct rc_buffer one, two;
		struct rc_error err;

		support_ok(fs_pack(box.fd, "root", &recipe, RC_MIB(8), &one, &err), &err);
		support_ok(fs_pack(box.fd, "copy", &recipe, RC_MIB(8), &two, &err), &err);
		assert_int_equal(one.size, two.size);
		assert_memory_equal(one.data, two.data, one.size);
		rc_buffer_free(&one);
		rc_buffer_free(&two);
	}
	free(copy);
	rc_buffer_free(&original);
	box_close(&box);
}

static void assert_unchanged(const struct box *box, const struct rc_buffer *original, bool expected)
{
	struct rc_error err;
	bool unchanged;

	support_ok(fs_unchanged(box->fd, "root", span_of(original), NULL, &unchanged, &err), &err);
	assert_int_equal(unchanged, expected);
}

static void every_change_is_seen(void **state)
{
	struct rc_buffer original;
	struct box box;

	box_open(&box);
	make_root(&box, &original);
	assert_unchanged(&box, &original, true);
	/* What the manifest decides is not asked of the disk. */
	assert_int_equal(chmod(box_path(&box, "root/bin/busybox"), 0600), 0);
	assert_unchanged(&box, &original, true);
	box_put(&box, "root/new", "", 0644);
	assert_unchanged(&box, &original, false);
	assert_int_equal(unlink(box_path(&box, "root/new")), 0);
	assert_unchanged(&box, &original, true);
	box_edit_manifest(&box, "root", "native,1,3", "native,1,5");
	assert_unchanged(&box, &original, false);
	box_edit_manifest(&box, "root", "native,1,5", "native,1,3");
	box_edit_manifest(&box, "root", "block-size=131072", "block-size=65536");
	assert_unchanged(&box, &original, false);
	box_edit_manifest(&box, "root", "block-size=65536", "block-size=131072");
	assert_int_equal(unlink(box_path(&box, "root/bin/sh")), 0);
	assert_int_equal(symlink("busybox2", box_path(&box, "root/bin/sh")), 0);
	assert_unchanged(&box, &original, false);
	assert_int_equal(unlink(box_path(&box, "root/bin/sh")), 0);
	assert_int_equal(symlink("busybox", box_path(&box, "root/bin/sh")), 0);
	assert_unchanged(&box, &original, true);
	box_put(&box, "root/etc/one", "2", 0444);
	assert_unchanged(&box, &original, false);
	rc_buffer_free(&original);
	box_close(&box);
}

static void hard_links_stay_links_until_one_is_changed(void **state)
{
	struct rc_buffer original, image;
	struct stat st;
	struct box box;

	box_open(&box);
	make_root(&box, &original);
	assert_int_equal(stat(box_path(&box, "root/bin/leaf"), &st), 0);
	assert_int_equal(st.st_nlink, 2);
	/* As editors do: another file takes the name. */
	box_put(&box, "root/bin/leaf", "alone now", 0644);
	box_pack(&box, "root", &image);
	box_unpack(&box, &image, "again");
	assert_int_equal(stat(box_path(&box, "again/bin/leaf"), &st), 0);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(stat(box_path(&box, "again/bin/page"), &st), 0);
	assert_int_equal(st.st_size, 4096);
	rc_buffer_free(&image);
	rc_buffer_free(&original);
	box_close(&box);
}

static void what_does_not_fit_is_refused(void **state)
{
	struct rc_buffer original, image;
	struct rc_error err;
	struct box box;
	char too_many[64];
	size_t size;

	box_open(&box);
	make_root(&box, &original);
	box_pack(&box, "root", &image);
	rc_buffer_free(&image);
	box_edit_manifest(&box, "root", "align=4096", "align=1");
	box_pack(&box, "root", &image);
	size = image.size;
	rc_buffer_free(&image);
	support_ok(fs_pack(box.fd, "root", NULL, size, &image, &err), &err);
	rc_buffer_free(&image);
	snprintf(too_many, sizeof(too_many), "there is room for %zu: 1001 too many", size - 1001);
	support_fails(
		fs_pack(box.fd, "root", NULL, size - 1001, &image, &err), RC_ERANGE, &err,
		"root does not fit: packed it takes", too_many,
		"Largest, unpacked: /bin/busybox 400.4 KiB, /bin/block 128 KiB, /bin/noise 68.4 "
		"KiB, /bin/leaf 4 KiB, /etc/init.d/rcS 700 bytes");
	assert_null(image.data);
	rc_buffer_free(&original);
	box_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_files_get_sane_attributes),
		cmocka_unit_test(manifest_decides_what_it_lists),
		cmocka_unit_test(same_input_makes_the_same_image),
		cmocka_unit_test(every_change_is_seen),
		cmocka_unit_test(hard_links_stay_links_until_one_is_changed),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, make_folder, NULL);
}
