/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File systems to folders and back, held to the tools that usually make and read them. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../format/make.h"
#include "../format/tree.h"
#include "base/file.h"
#include "box.h"
#include "run.h"

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

/* The image holds just what the folder holds, by our own reader. */
static void assert_image_is_folder(const struct rc_buffer *image)
{
	struct tree tree = { 0 };
	struct fs_visitor visitor = tree_visitor(&tree);
	struct format_report report;
	struct rc_error err;

	support_ok(format_check(span_of(image), NULL, &visitor, &report, &err), &err);
	assert_good(&report);
	assert_tree_is_folder(&tree, folder);
	format_report_clear(&report);
	tree_free(&tree);
}

static const char *write_image(const struct rc_buffer *image)
{
	static char path[1024];
	struct rc_error err;

	snprintf(path, sizeof(path), "%s/image", support_temp_dir());
	support_ok(rc_file_replace(path, image->data, image->size, 0644, &err), &err);
	return path;
}

/* The image holds just what other holds, by unsquashfs. */
static void assert_unsquashes(const struct rc_buffer *image, const char *other)
{
	char *out = rc_path_join(support_temp_dir(), "out");
	const char *const unpack[] = {
		"unsquashfs", "-quiet", "-no-progress", "-d", out, write_image(image), NULL,
	};
	const char *const compare[] = { "diff", "-r", "--no-dereference", other, out, NULL };

	run_well(unpack);
	run_well(compare);
	free(out);
}

static void squashfs_of_every_kind_comes_back(void **state)
{
	static const char *const cases[][10] = {
		{ "-comp", "xz", NULL },
		{ "-comp", "xz", "-Xbcj", "arm,x86", "-Xdict-size", "50%", "-b", "65536", NULL },
		{ "-comp", "gzip", "-Xcompression-level", "3", "-Xwindow-size", "12", NULL },
		{ "-comp", "lz4", "-Xhc", NULL },
		{ "-comp", "zstd", "-Xcompression-level", "5", NULL },
		{ "-comp", "gzip", "-no-fragments", "-no-exports", "-b", "4096", NULL },
		{ "-comp", "gzip", "-always-use-fragments", NULL },
		{ "-comp", "gzip", "-noI", "-noD", "-noF", NULL },
		{ "-comp", "gzip", "-noI", "-noId", "-nopad", "-b", "1048576", NULL },
	};
	struct box box;

	box_open(&box);
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rc_buffer original, image;
		char name[2][16];

		snprintf(name[0], sizeof(name[0]), "first%zu", i);
		snprintf(name[1], sizeof(name[1]), "second%zu", i);
		box_mksquashfs(folder, cases[i], &original);
		box_unpack(&box, &original, name[0]);
		box_pack(&box, name[0], &image);
		assert_image_is_folder(&image);
		assert_unsquashes(&image, folder);
		assert_same_manifest(&box, &image, name[1], name[0]);
		/* Not much larger either: at most a twentieth. */
		assert_true(image.size <= original.size + original.size / 20 + 4096);
		rc_buffer_free(&original);
		rc_buffer_free(&image);
	}
	box_close(&box);
}

static void devices_and_owners_live_in_the_manifest(void **state)
{
	static const char *const options[] = { "-comp", "xz",
					       "-p",    "null c 666 0 5 1 300",
					       "-p",    "mtd b 640 7 70000 31 9",
					       "-p",    "log i 600 1 2 f",
					       "-p",    "plug i 600 1 2 s",
					       NULL };
	struct rc_buffer original, image;
	struct box box;
	struct stat st;
	char *text;

	box_open(&box);
	box_mksquashfs(folder, options, &original);
	box_unpack(&box, &original, "root");
	text = box_manifest(&box, "root");
	assert_non_null(strstr(text, "./null time="));
	assert_non_null(strstr(text, "type=char device=native,1,300\n"));
	assert_non_null(strstr(text, "mode=640 gid=70000 uid=7 "));
	assert_non_null(strstr(text, "type=block device=native,31,9\n"));
	assert_non_null(strstr(text, "type=fifo"));
	assert_non_null(strstr(text, "type=socket"));
	free(text);
	assert_int_not_equal(lstat(box_path(&box, "root/null"), &st), 0);
	assert_int_not_equal(lstat(box_path(&box, "root/plug"), &st), 0);
	box_pack(&box, "root", &image);
	assert_same_manifest(&box, &image, "again", "root");
	rc_buffer_free(&original);
	rc_buffer_free(&image);
	box_close(&box);
}

/* --- JFFS2 --- */

/* It prints the first node of a file, whole files up to a page therefore. */
static void assert_jffs2reader_agrees(const struct rc_buffer *image, const char *path)
{
	const char *const argv[] = { "jffs2reader", write_image(image), "-f", path, NULL };
	char *file = rc_path_join(folder, path);
	struct run_result result;
	struct rc_buffer content;
	struct rc_error err;

	run_program(argv, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	support_ok(rc_file_read(file, RC_MIB(4), &content, &err), &err);
	assert_int_equal(result.out.size, content.size);
	if (content.size)
		assert_memory_equal(result.out.data, content.data, content.size);
	rc_buffer_free(&content);
	run_result_free(&result);
	free(file);
}

/* jffs2dump computes every checksum again and says which are wrong. */
static void assert_jffs2dump_is_content(const struct rc_buffer *image)
{
	const char *const argv[] = { "jffs2dump", "-c", write_image(image), NULL };
	struct run_result result;

	run_program(argv, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	assert_null(strstr((char *)result.out.data, "Wrong"));
	assert_null(strstr((char *)result.out.data, "wrong"));
	assert_non_null(strstr((char *)result.out.data, "Inode"));
	run_result_free(&result);
}

/* Goes from node to node: none may reach from one erase block into the next, and each block
 * begins with a clean marker if it should. */
static void assert_nodes_keep_to_blocks(const struct rc_buffer *image, uint32_t erase_block,
					bool markers)
{
	for (size_t at = 0; at + 12 <= image->size;) {
		const uint8_t *p = image->data + at;
		uint32_t size = rc_le32(p + 4);

		if (rc_le16(p) != 0x1985) {
			assert_int_equal(rc_le32(p), 0xffffffff);
			at += 4;
			continue;
		}
		assert_int_equal(at / erase_block, (at + size - 1) / erase_block);
		if (at % erase_block == 0)
			assert_int_equal(rc_le16(p + 2) == 0x2003, markers);
		at += (size + 3) & ~3u;
	}
}

static void jffs2_of_every_kind_comes_back(void **state)
{
	static const struct {
		uint32_t erase_block;
		bool markers;
		const char *options[8];
	} cases[] = {
		{ 0x8000, true, { "-e", "0x8000", "-p", NULL } },
		{ 0x10000, false, { "-e", "0x10000", "-n", NULL } },
		{ 0x10000, true, { "-e", "0x10000", "--pad=0x200000", NULL } },
		{ 0x8000, false, { "-e", "0x8000", "-n", "-p", "-x", "zlib", "-x", "rtime" } },
	};
	struct box box;

	box_open(&box);
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		const char *options[10] = { 0 };
		struct rc_buffer original, image;
		char name[2][16];

		memcpy(options, cases[i].options, sizeof(cases[i].options));
		snprintf(name[0], sizeof(name[0]), "first%zu", i);
		snprintf(name[1], sizeof(name[1]), "second%zu", i);
		box_mkfs_jffs2(folder, options, &original);
		box_unpack(&box, &original, name[0]);
		box_pack(&box, name[0], &image);
		assert_image_is_folder(&image);
		assert_same_manifest(&box, &image, name[1], name[0]);
		assert_nodes_keep_to_blocks(&image, cases[i].erase_block, cases[i].markers);
		assert_jffs2dump_is_content(&image);
		assert_jffs2reader_agrees(&image, "/bin/page");
		assert_jffs2reader_agrees(&image, "/etc/init.d/rcS");
		assert_jffs2reader_agrees(&image, "/etc/small17");
		assert_true(image.size <= original.size);
		rc_buffer_free(&original);
		rc_buffer_free(&image);
	}
	box_close(&box);
}

static void jffs2_devices_and_holes_come_back(void **state)
{
	static const char table[] = "/dev d 755 0 0 - - - - -\n"
				    "/dev/null c 666 0 5 1 3 0 0 -\n"
				    "/dev/wide c 600 0 0 200 70 0 0 -\n"
				    "/dev/mtd b 640 7 8 31 9 0 0 -\n"
				    "/dev/log p 600 1 2 0 0 0 0 -\n";
	char *devices = rc_path_join(support_temp_dir(), "devices");
	const char *const options[] = { "-e", "0x8000", "-D", devices, NULL };
	struct rc_buffer original, image, hole = { 0 };
	struct rc_error err;
	struct box box;
	char *text;

	box_open(&box);
	support_ok(rc_file_replace(devices, table, strlen(table), 0644, &err), &err);
	box_mkfs_jffs2(folder, options, &original);
	box_unpack(&box, &original, "data");
	text = box_manifest(&box, "data");
	assert_non_null(strstr(text, "type=char device=native,200,70\n"));
	free(text);
	/* A minor number that takes the longer form. */
	box_edit_manifest(&box, "data", "native,200,70", "native,200,700");
	/* Zeros at the start, in the middle and at the end, not in whole pages. */
	assert_true(rc_buffer_append(&hole, (uint8_t[20000]){ 0 }, 20000));
	assert_true(rc_buffer_append(&hole, "middle", 6));
	assert_true(rc_buffer_append(&hole, (uint8_t[9000]){ 0 }, 9000));
	support_ok(rc_file_replace(box_path(&box, "data/hole"), hole.data, hole.size, 0600, &err),
		   &err);
	box_pack(&box, "data", &image);
	assert_jffs2dump_is_content(&image);
	box_unpack(&box, &image, "again");
	text = box_manifest(&box, "again");
	assert_non_null(strstr(text, "type=char device=native,200,700\n"));
	assert_non_null(strstr(text, "size=29006 "));
	free(text);
	rc_buffer_free(&image);
	box_pack(&box, "again", &image);
	assert_same_manifest(&box, &image, "third", "again");
	rc_buffer_free(&original);
	rc_buffer_free(&image);
	rc_buffer_free(&hole);
	free(devices);
	box_close(&box);
}

/* --- stock firmware --- */

static void stock_file_systems_come_back(void **state)
{
	static const char *const files[] = {
		"firmware/dafang-5.5.1.177/rootfs.bin",  "firmware/dafang-5.5.1.177/driver.bin",
		"firmware/dafang-5.5.1.177/appfs.bin",   "firmware/dafang-5.5.1.177/backupa.bin",
		"firmware/dafang-5.5.1.177/config.bin",  "firmware/dafang-5.5.1.177/para.bin",
		"firmware/dafang-5.5.1.177/backupd.bin", "firmware/mjsxj05cm/data.bin",
	};
	struct box box;

	box_open(&box);
	for (size_t i = 0; i < RC_COUNT(files); i++) {
		struct rc_buffer original, image;
		struct rc_error err;
		char name[2][16];
		bool unchanged;

		snprintf(name[0], sizeof(name[0]), "first%zu", i);
		snprintf(name[1], sizeof(name[1]), "second%zu", i);
		support_shared_file(files[i], &original);
		if (!fs_is_file_system(format_probe(span_of(&original)))) {
			rc_buffer_free(&original);
			continue;
		}
		box_unpack(&box, &original, name[0]);
		support_ok(
			fs_unchanged(box.fd, name[0], span_of(&original), NULL, &unchanged, &err),
			&err);
		assert_true(unchanged);
		/* As much room as the partition has. */
		support_ok(fs_pack(box.fd, name[0], NULL, original.size, &image, &err), &err);
		assert_true(image.size == original.size || i == RC_COUNT(files) - 1);
		assert_same_manifest(&box, &image, name[1], name[0]);
		if (format_probe(span_of(&image)) == &format_squashfs)
			assert_unsquashes(&image, box_path(&box, name[0]));
		else
			assert_jffs2dump_is_content(&image);
		rc_buffer_free(&original);
		rc_buffer_free(&image);
	}
	box_close(&box);
}

/* --- an ordinary user --- */

static int unpack_and_pack_as_nobody(const struct box *box, const struct rc_buffer *original)
{
	struct fs_summary summary;
	struct rc_buffer image;
	struct rc_error err;

	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 2;
	if (fs_unpack(span_of(original), NULL, box->fd, "root", &summary, &err) < 0 ||
	    fs_pack(box->fd, "root", NULL, RC_MIB(16), &image, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	rc_buffer_free(&image);
	fs_summary_clear(&summary);
	return 0;
}

static void an_ordinary_user_can_do_it_too(void **state)
{
	static const char *const options[] = { "-comp", "gzip",
					       "-p",    "mtd b 640 7 8 31 9",
					       "-p",    "secret f 0 0 0 echo x",
					       "-p",    "closed d 0 0 0",
					       "-p",    "su f 4755 0 0 echo y",
					       NULL };
	struct rc_buffer original;
	struct box box;
	struct stat st;
	int status;
	pid_t child;

	box_open(&box);
	box_mksquashfs(folder, options, &original);
	assert_int_equal(chmod(box.path, 0777), 0);
	child = fork();
	if (child == 0)
		_exit(unpack_and_pack_as_nobody(&box, &original));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(stat(box_path(&box, "root/secret"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(box_path(&box, "root/closed"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(box_path(&box, "root/su"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	rc_buffer_free(&original);
	box_close(&box);
}

static void what_is_there_is_not_overwritten(void **state)
{
	static const char *const options[] = { "-comp", "gzip", NULL };
	struct rc_buffer original;
	struct fs_summary summary;
	struct rc_error err;
	struct box box;

	box_open(&box);
	box_mksquashfs(folder, options, &original);
	box_unpack(&box, &original, "root");
	support_fails(fs_unpack(span_of(&original), NULL, box.fd, "root", &summary, &err),
		      RC_EREFUSED, &err,
		      "root or root.mtree is there already, and would be overwritten");
	support_ok(fs_remove(box.fd, "root", &err), &err);
	box_unpack(&box, &original, "root");
	support_fails(fs_unpack(span_of(&original), NULL, box.fd, "../root", &summary, &err),
		      RC_EUSAGE, &err, "\"../root\" cannot be the name of a folder here");
	support_fails(fs_unpack((struct rc_span){ (const uint8_t *)"no file system", 14 }, NULL,
				box.fd, "x", &summary, &err),
		      RC_EFORMAT, &err, "no file system that can be unpacked");
	rc_buffer_free(&original);
	box_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(squashfs_of_every_kind_comes_back),
		cmocka_unit_test(devices_and_owners_live_in_the_manifest),
		cmocka_unit_test(jffs2_of_every_kind_comes_back),
		cmocka_unit_test(jffs2_devices_and_holes_come_back),
		cmocka_unit_test(stock_file_systems_come_back),
		cmocka_unit_test(an_ordinary_user_can_do_it_too),
		cmocka_unit_test(what_is_there_is_not_overwritten),
	};

	return cmocka_run_group_tests(tests, make_folder, NULL);
}
