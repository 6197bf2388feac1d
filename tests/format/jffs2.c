/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JFFS2 held to mkfs.jffs2 and sumtool, and to nodes put together here: what a camera
 * in use leaves behind, which no tool makes.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checksum.h"
#include "base/file.h"
#include "format/jffs2.h"
#include "format/lzo.h"
#include "make.h"
#include "run.h"
#include "tree.h"

#define MKFS    "/usr/sbin/mkfs.jffs2"
#define SUMTOOL "/usr/sbin/sumtool"
#define BLOCK   0x8000u

static void check_image(const struct rc_buffer *image, const struct fs_visitor *visitor,
			struct format_report *report)
{
	struct rc_error err;

	support_ok(format_check((struct rc_span){ image->data, image->size }, &format_jffs2,
				visitor, report, &err),
		   &err);
}

/* As above, with the tree; the report must be good. */
static void read_good(const struct rc_buffer *image, struct tree *tree,
		      struct format_report *report)
{
	struct fs_visitor visitor = tree_visitor(tree);

	check_image(image, &visitor, report);
	assert_good(report);
	assert_ptr_equal(report->format, &format_jffs2);
	assert_int_equal(report->files, tree->count);
}

static void assert_damage(const struct rc_buffer *image, size_t at, const char *text)
{
	struct format_report report;

	check_image(image, NULL, &report);
	for (size_t i = 0; i < report.problem_count && i < FORMAT_MAX_PROBLEMS; i++) {
		if (strstr(report.problems[i].text, text) && report.problems[i].offset == at) {
			assert_int_equal(report.state, REGION_DAMAGED);
			format_report_clear(&report);
			return;
		}
	}
	fail_msg("\"%s\" at 0x%zX is not in: 0x%X: %s", text, at, report.problems[0].offset,
		 report.problems[0].text);
}

/* --- images of mkfs.jffs2 --- */

static void make_image(const char *folder, const char *const *options, struct rc_buffer *image)
{
	const char *argv[32] = { MKFS, "-l", "-r", folder, "-o" };
	char *path = rc_path_join(support_temp_dir(), "image");
	struct rc_error err;
	size_t count = 5;

	argv[count++] = path;
	while (*options)
		argv[count++] = *options++;
	argv[count] = NULL;
	run_well(argv);
	support_ok(rc_file_read(path, RC_MIB(16), image, &err), &err);
	free(path);
}

static void every_option_of_mkfs_gives_the_folder_back(void **state)
{
	static const char *const cases[][12] = {
		{ "-n", "-e", "0x8000", NULL },
		{ "-e", "0x8000", NULL },
		{ "-e", "0x10000", "-p", NULL },
		{ "-e", "0x10000", "-n", "-s", "0x1000", "-p0x80000", NULL },
		{ "-e", "0x8000", "-x", "zlib", "-x", "rtime", NULL },
		{ "-e", "0x8000", "-x", "zlib", NULL },
		{ "-e", "0x8000", "-X", "rtime", "-y", "100:rtime", NULL },
		{ "-e", "0x8000", "-m", "size", NULL },
		{ "-e", "0x8000", "-m", "none", NULL },
		{ "-e", "0x20000", "-s", "0x4000", NULL },
		{ "-e", "0x8000", "-X", "lzo", "-x", "zlib", NULL },
	};
	const char *folder = tree_make_folder();

	for (size_t i = 0; i < RC_COUNT(cases) - !lzo_available(); i++) {
		struct rc_buffer image = { 0 };
		struct tree tree = { 0 };
		struct format_report report;

		make_image(folder, cases[i], &image);
		read_good(&image, &tree, &report);
		assert_tree_is_folder(&tree, folder);
		assert_int_equal(detail_number(&report, "torn"), 0);
		assert_int_equal(detail_number(&report, "orphans"), 0);
		assert_in_range(report.used, rc_used_before_fill(image.data, image.size, 0xff),
				image.size);
		format_report_clear(&report);
		tree_free(&tree);
		rc_buffer_free(&image);
	}
}

static void the_erase_block_is_recognised(void **state)
{
	static const struct {
		const char *option;
		bool markers;
		uint32_t size;
	} cases[] = {
		{ "0x8000", false, 0x8000 },
		{ "0x10000", false, 0x10000 },
		{ "0x8000", true, 0x8000 },
		{ "0x20000", true, 0x20000 },
	};
	const char *folder = tree_make_folder();

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		const char *const options[] = { "-e", cases[i].option,
						cases[i].markers ? NULL : "-n", NULL };
		struct rc_buffer image = { 0 };
		struct format_report report;

		make_image(folder, options, &image);
		check_image(&image, NULL, &report);
		assert_int_equal(detail_number(&report, "erase_block"), cases[i].size);
		format_report_clear(&report);
		rc_buffer_free(&image);
	}
}

static void summaries_are_read_over(void **state)
{
	const char *const options[] = { "-e", "0x8000", NULL };
	const char *folder = tree_make_folder();
	const char *work = support_temp_dir();
	char plain[64], summed[64];
	struct rc_buffer image = { 0 };
	struct tree tree = { 0 };
	struct format_report report;
	struct rc_error err;

	snprintf(plain, sizeof(plain), "%s/plain", work);
	snprintf(summed, sizeof(summed), "%s/summed", work);
	make_image(folder, options, &image);
	support_ok(rc_file_replace(plain, image.data, image.size, 0600, &err), &err);
	rc_buffer_free(&image);
	const char *const argv[] = { SUMTOOL, "-l",  "-e", "0x8000", "-p",
				     "-i",    plain, "-o", summed,   NULL };
	run_well(argv);
	support_ok(rc_file_read(summed, RC_MIB(16), &image, &err), &err);
	read_good(&image, &tree, &report);
	assert_tree_is_folder(&tree, folder);
	assert_flips_are_damage(&format_jffs2, (struct rc_span){ image.data, image.size },
				BLOCK - 64, BLOCK, 20, 11, 4096);
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
}

static void devices_are_told(void **state)
{
	static const char table[] = "/dev d 755 0 0 - - - - -\n"
				    "/dev/null c 666 0 5 1 3 - - -\n"
				    "/dev/mtd b 640 7 8 31 9 - - -\n"
				    "/dev/log p 600 0 0 - - - - -\n";
	char *path = rc_path_join(support_temp_dir(), "table");
	const char *const options[] = { "-D", path, NULL };
	struct rc_buffer image = { 0 };
	struct tree tree = { 0 };
	struct format_report report;
	struct rc_error err;

	support_ok(rc_file_replace(path, table, strlen(table), 0600, &err), &err);
	make_image(tree_make_folder(), options, &image);
	read_good(&image, &tree, &report);
	assert_int_equal(tree_find(&tree, "/dev/null")->type, FS_CHAR_DEVICE);
	assert_int_equal(tree_find(&tree, "/dev/null")->device, 1 << 8 | 3);
	assert_int_equal(tree_find(&tree, "/dev/null")->gid, 5);
	assert_int_equal(tree_find(&tree, "/dev/mtd")->type, FS_BLOCK_DEVICE);
	assert_int_equal(tree_find(&tree, "/dev/mtd")->device, 31 << 8 | 9);
	assert_int_equal(tree_find(&tree, "/dev/mtd")->mode, 0640);
	assert_int_equal(tree_find(&tree, "/dev/log")->type, FS_FIFO);
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
	free(path);
}

static void one_flipped_byte_is_damage(void **state)
{
	static const char *const cases[][4] = {
		{ "-n", "-e", "0x8000", NULL },
		{ "-e", "0x10000", "-p", NULL },
		{ "-mnone", "-e", "0x8000", NULL },
	};
	const char *folder = tree_make_folder();

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rc_buffer image = { 0 };

		make_image(folder, cases[i], &image);
		assert_flips_are_damage(&format_jffs2, (struct rc_span){ image.data, image.size },
					0, image.size, 100, 4711 + i, 0);
		rc_buffer_free(&image);
	}
}

static void a_cut_or_shifted_image_is_damage(void **state)
{
	static const char *const options[] = { "-n", "-e", "0x8000", NULL };
	struct rc_buffer image = { 0 };
	struct format_report report;
	uint8_t *bytes;
	size_t half;

	make_image(tree_make_folder(), options, &image);
	bytes = malloc(image.size);
	assert_non_null(bytes);
	memcpy(bytes, image.data, image.size);

	half = image.size / 2;
	memset(image.data + half, 0xff, image.size - half);
	check_image(&image, NULL, &report);
	assert_int_equal(report.state, REGION_DAMAGED);
	assert_non_null(strstr(report.problems[0].text, "are in no node"));
	format_report_clear(&report);

	memset(image.data, 0xff, 64);
	memcpy(image.data + 64, bytes, image.size - 64);
	assert_damage(&image, 0, "the first node is at 0x40, where no erase block begins");
	memset(image.data, 0, 64);
	assert_damage(&image, 0, "the first node is at 0x40, where no erase block begins");

	memcpy(image.data, bytes + 64, image.size - 64);
	check_image(&image, NULL, &report);
	assert_int_equal(report.state, REGION_DAMAGED);
	format_report_clear(&report);
	free(bytes);
	rc_buffer_free(&image);
}

/* --- images put together from nodes --- */

static void put_head(uint8_t *node, unsigned type, size_t size)
{
	rc_put_le16(node, JFFS2_MAGIC);
	rc_put_le16(node + 2, (uint16_t)type);
	rc_put_le32(node + 4, (uint32_t)size);
	rc_put_le32(node + 8, rc_crc32_jffs2(node, 8));
}

/* Returns where in image the node begins. */
static size_t put_node(struct rc_buffer *image, const uint8_t *head, size_t head_size,
		       const void *rest, size_t rest_size)
{
	size_t at = image->size;

	assert_true(rc_buffer_append(image, head, head_size));
	assert_true(rc_buffer_append(image, rest, rest_size));
	while (image->size % 4)
		assert_true(rc_buffer_append(image, "\xff", 1));
	return at;
}

enum { DT_DIR = 4, DT_REG = 8 };

static size_t put_dirent(struct rc_buffer *image, uint32_t parent, uint32_t version, uint32_t ino,
			 unsigned type, const char *name)
{
	uint8_t node[JFFS2_DIRENT_SIZE] = { 0 };
	size_t size = strlen(name);

	put_head(node, JFFS2_DIRENT, sizeof(node) + size);
	rc_put_le32(node + 12, parent);
	rc_put_le32(node + 16, version);
	rc_put_le32(node + 20, ino);
	rc_put_le32(node + 24, 1500000000);
	node[28] = (uint8_t)size;
	node[29] = (uint8_t)type;
	rc_put_le32(node + 32, rc_crc32_jffs2(node, 32));
	rc_put_le32(node + 36, rc_crc32_jffs2((const uint8_t *)name, size));
	return put_node(image, node, sizeof(node), name, size);
}

struct piece {
	uint32_t ino, version, mode, isize, offset, dsize;
	uint8_t compression;
	const char *data;
	size_t size; /* 0: strlen(data) */
};

static size_t put_inode(struct rc_buffer *image, const struct piece *piece)
{
	uint8_t node[JFFS2_INODE_SIZE] = { 0 };
	const char *data = piece->data ? piece->data : "";
	size_t size = piece->size ? piece->size : strlen(data);

	put_head(node, JFFS2_INODE, sizeof(node) + size);
	rc_put_le32(node + 12, piece->ino);
	rc_put_le32(node + 16, piece->version);
	rc_put_le32(node + 20, piece->mode ? piece->mode : S_IFREG | 0644);
	rc_put_le32(node + 28, piece->isize);
	rc_put_le32(node + 36, 1500000000);
	rc_put_le32(node + 44, piece->offset);
	rc_put_le32(node + 48, (uint32_t)size);
	rc_put_le32(node + 52, piece->dsize ? piece->dsize : (uint32_t)size);
	node[56] = piece->compression;
	rc_put_le32(node + 60, rc_crc32_jffs2((const uint8_t *)data, size));
	rc_put_le32(node + 64, rc_crc32_jffs2(node, 60));
	return put_node(image, node, sizeof(node), data, size);
}

/* A file of one node, in the root. Returns where its inode node begins. */
static size_t put_file(struct rc_buffer *image, uint32_t ino, const char *name, const char *data)
{
	const struct piece piece = {
		.ino = ino, .version = 1, .isize = (uint32_t)strlen(data), .data = data
	};

	put_dirent(image, JFFS2_ROOT_INO, ino, ino, DT_REG, name);
	return put_inode(image, &piece);
}

/* What the kernel does on NOR to a node that is superseded. */
static void make_obsolete(struct rc_buffer *image, size_t at)
{
	rc_put_le16(image->data + at + 2,
		    (uint16_t)(rc_le16(image->data + at + 2) & ~JFFS2_NODE_ACCURATE));
}

static void fill_block(struct rc_buffer *image)
{
	do
		assert_true(rc_buffer_append(image, "\xff\xff\xff\xff", 4));
	while (image->size % BLOCK);
}

static void assert_content(const struct tree *tree, const char *path, const char *content)
{
	const struct fs_entry *entry = tree_find(tree, path);

	if (!entry)
		fail_msg("there is no %s", path);
	assert_int_equal(entry->content.size, strlen(content));
	assert_memory_equal(entry->content.data, content, strlen(content));
}

static void the_highest_version_counts(void **state)
{
	struct rc_buffer image = { 0 };
	struct tree tree = { 0 };
	struct format_report report;
	const struct piece pieces[] = {
		/* Newer ones first: the place in flash says nothing. */
		{ .ino = 2, .version = 3, .isize = 8, .offset = 4, .data = "NEW!" },
		{ .ino = 2, .version = 2, .isize = 8, .offset = 4, .data = "old?" },
		{ .ino = 2, .version = 1, .isize = 4, .offset = 0, .data = "text" },
		/* Cut to two bytes, then a hole written, then two bytes more. */
		{ .ino = 3, .version = 1, .isize = 6, .offset = 0, .data = "abcdef" },
		{ .ino = 3, .version = 2, .isize = 2 },
		{ .ino = 3, .version = 3, .isize = 4, .offset = 2, .dsize = 2, .compression = 1 },
		{ .ino = 3, .version = 4, .isize = 6, .offset = 4, .data = "gh" },
	};

	for (size_t i = 0; i < RC_COUNT(pieces); i++)
		put_inode(&image, &pieces[i]);
	put_dirent(&image, 1, 7, 0, 0, "gone");
	put_dirent(&image, 1, 1, 2, DT_REG, "a");
	put_dirent(&image, 1, 2, 3, DT_REG, "b");
	put_dirent(&image, 1, 3, 3, DT_REG, "gone");
	put_dirent(&image, 1, 9, 2, DT_REG, "moved");
	put_dirent(&image, 1, 8, 3, DT_REG, "moved");
	fill_block(&image);
	read_good(&image, &tree, &report);
	assert_int_equal(tree.count, 3);
	assert_content(&tree, "/a", "textNEW!");
	assert_content(&tree, "/moved", "textNEW!");
	assert_int_equal(tree_find(&tree, "/b")->content.size, 6);
	assert_memory_equal(tree_find(&tree, "/b")->content.data, "ab\0\0gh", 6);
	assert_int_equal(detail_number(&report, "highest_version"), 9);
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
}

static void obsolete_nodes_are_verified_and_ignored(void **state)
{
	struct rc_buffer image = { 0 };
	struct tree tree = { 0 };
	struct format_report report;
	struct piece piece = { .ino = 2, .version = 9, .isize = 3, .data = "OLD" };
	size_t at;

	put_file(&image, 2, "file", "now");
	at = put_inode(&image, &piece);
	make_obsolete(&image, at);
	make_obsolete(&image, put_dirent(&image, 1, 9, 2, DT_REG, "old-name"));
	fill_block(&image);
	read_good(&image, &tree, &report);
	assert_int_equal(tree.count, 1);
	assert_content(&tree, "/file", "now");
	assert_int_equal(detail_number(&report, "obsolete"), 2);
	image.data[at + JFFS2_INODE_SIZE] ^= 1;
	assert_damage(&image, at, "data checksum is");
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
}

/* facts/bootloaders-and-flash.md 1.5: what became of para on some cameras. */
static void directories_without_nodes_are_not_overlooked(void **state)
{
	struct rc_buffer image = { 0 };
	struct tree tree = { 0 };
	struct format_report report;
	const struct piece content = { .ino = 3, .version = 4, .isize = 5, .data = "[abc]" };

	/* "config" has no inode node; "older" has not even a living name. */
	put_dirent(&image, 1, 1, 2, DT_DIR, "config");
	put_dirent(&image, 2, 3, 3, DT_REG, ".product_config");
	put_inode(&image, &content);
	make_obsolete(&image, put_dirent(&image, 1, 1, 7, DT_DIR, "old"));
	make_obsolete(&image, put_dirent(&image, 1, 2, 7, DT_DIR, "older"));
	put_dirent(&image, 7, 3, 3, DT_REG, "link");
	fill_block(&image);
	read_good(&image, &tree, &report);
	assert_int_equal(tree.count, 4);
	assert_int_equal(tree_find(&tree, "/config")->type, FS_DIRECTORY);
	assert_content(&tree, "/config/.product_config", "[abc]");
	assert_content(&tree, "/older/link", "[abc]");
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
}

static void orphans_are_counted(void **state)
{
	struct rc_buffer image = { 0 };
	struct tree tree = { 0 };
	struct format_report report;
	const struct piece orphan = { .ino = 9, .version = 1, .isize = 1, .data = "x" };

	put_file(&image, 2, "file", "text");
	put_inode(&image, &orphan);
	fill_block(&image);
	read_good(&image, &tree, &report);
	assert_int_equal(tree.count, 1);
	assert_int_equal(detail_number(&report, "orphans"), 1);
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
}

/* Power that went while a node was written: its end is still FF. */
static void torn_nodes_are_survived(void **state)
{
	static const size_t kept[] = { 6, 14, 40, JFFS2_INODE_SIZE, JFFS2_INODE_SIZE + 40 };
	char data[101];

	memset(data, 'x', 100);
	data[100] = '\0';
	for (size_t i = 0; i < RC_COUNT(kept); i++) {
		const struct piece newer = { .ino = 2, .version = 2, .isize = 100, .data = data };
		struct rc_buffer image = { 0 };
		struct tree tree = { 0 };
		struct format_report report;
		size_t at;

		put_file(&image, 2, "file", "before");
		at = put_inode(&image, &newer);
		memset(image.data + at + kept[i], 0xff, image.size - at - kept[i]);
		/* The kernel goes on behind it at the next start. */
		if (kept[i] >= JFFS2_HEADER_SIZE)
			put_file(&image, 3, "later", "after");
		fill_block(&image);
		read_good(&image, &tree, &report);
		assert_content(&tree, "/file", "before");
		assert_int_equal(detail_number(&report, "torn"), 1);
		if (kept[i] >= JFFS2_HEADER_SIZE)
			assert_content(&tree, "/later", "after");
		format_report_clear(&report);
		tree_free(&tree);
		rc_buffer_free(&image);
	}
}

static void gaps_are_survived(void **state)
{
	static const char zeros[32];
	struct rc_buffer image = { 0 };
	struct tree tree = { 0 };
	struct format_report report;

	fill_block(&image); /* the first erase block is blank */
	put_file(&image, 2, "file", "text");
	assert_true(rc_buffer_append(&image, zeros, sizeof(zeros)));
	put_file(&image, 3, "next", "more");
	fill_block(&image);
	put_file(&image, 4, "last", "end");
	assert_true(rc_buffer_append(&image, zeros, sizeof(zeros)));
	read_good(&image, &tree, &report);
	assert_int_equal(tree.count, 3);
	assert_int_equal(detail_number(&report, "gaps"), 1);
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
}

static void rtime_is_unpacked(void **state)
{
	/* "aaaaaabab": each byte with how many follow as they did after it the last time. */
	static const char packed[] = { 'a', 0, 'a', 4, 'b', 0, 'a', 0, 'b', 0 };
	const struct piece piece = { .ino = 2,
				     .version = 1,
				     .isize = 9,
				     .dsize = 9,
				     .compression = 2,
				     .data = packed,
				     .size = sizeof(packed) };
	struct rc_buffer image = { 0 };
	struct tree tree = { 0 };
	struct format_report report;

	put_dirent(&image, 1, 1, 2, DT_REG, "file");
	put_inode(&image, &piece);
	fill_block(&image);
	read_good(&image, &tree, &report);
	assert_content(&tree, "/file", "aaaaaabab");
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
}

/* Rubin and LZMA are known by name only: no damage, but no content either. */
static void what_cannot_be_unpacked_is_said(void **state)
{
	const struct piece piece = {
		.ino = 2, .version = 1, .isize = 9, .dsize = 9, .compression = 5, .data = "dynrubin"
	};
	struct rc_buffer image = { 0 };
	struct tree tree = { 0 };
	struct format_report report;

	put_dirent(&image, 1, 1, 2, DT_REG, "file");
	put_inode(&image, &piece);
	fill_block(&image);
	read_good(&image, &tree, &report);
	assert_true(tree_find(&tree, "/file")->damaged);
	assert_int_equal(detail_number(&report, "unreadable"), 1);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(report.detail, "compressors"), 0)),
		"dynrubin");
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
}

/* Nodes whose checksums hold, and which say what cannot be. */
static void impossible_nodes_are_damage(void **state)
{
	static const struct {
		struct piece piece;
		const char *name;
		uint32_t parent, ino;
		size_t inode_first; /* which of the two the problem is with */
		const char *text;
	} cases[] = {
		{ { .ino = 2, .isize = 1, .data = "x" }, "a/b", 1, 2, 0, "a name that no file" },
		{ { .ino = 2, .isize = 1, .data = "x" }, "..", 1, 2, 0, "a name that no file" },
		{ { .ino = 2, .isize = 1, .data = "x" }, ".", 1, 2, 0, "a name that no file" },
		{ { .ino = 2, .isize = 1, .data = "x" }, "a", 1, 5, 0, "/a: inode 5 has no node" },
		{ { .ino = 2, .isize = 0x4000001, .data = "x" }, "a", 1, 2, 1, "more than 64 MiB" },
		{ { .ino = 2, .isize = 9, .data = "x" },
		  "a",
		  1,
		  2,
		  1,
		  "/a: 8 of its 9 bytes, from 1 on, are in no node" },
		{ { .ino = 2, .isize = 9, .dsize = 9, .compression = 6, .data = "x" },
		  "a",
		  1,
		  2,
		  1,
		  "(zlib) do not make 9 bytes" },
		{ { .ino = 2, .isize = 9, .dsize = 9, .compression = 2, .data = "xxx" },
		  "a",
		  1,
		  2,
		  1,
		  "(rtime) do not make 9 bytes" },
		{ { .ino = 2, .mode = 0xf000 }, "a", 1, 2, 0, "is of no known type" },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rc_buffer image = { 0 };
		size_t dirent, inode;

		dirent = put_dirent(&image, cases[i].parent, 1, cases[i].ino, DT_REG,
				    cases[i].name);
		inode = put_inode(&image, &cases[i].piece);
		fill_block(&image);
		assert_damage(&image, cases[i].inode_first ? inode : dirent, cases[i].text);
		rc_buffer_free(&image);
	}
}

/* What was cut off does not come back when the file grows again. */
static void a_cut_file_has_a_hole(void **state)
{
	const struct piece pieces[] = {
		{ .ino = 2, .version = 1, .isize = 6, .offset = 0, .data = "abcdef" },
		{ .ino = 2, .version = 2, .isize = 2 },
		{ .ino = 2, .version = 3, .isize = 6, .offset = 4, .data = "gh" },
	};
	struct rc_buffer image = { 0 };
	size_t at = 0;

	put_dirent(&image, 1, 1, 2, DT_REG, "file");
	for (size_t i = 0; i < RC_COUNT(pieces); i++)
		at = put_inode(&image, &pieces[i]);
	fill_block(&image);
	assert_damage(&image, at, "/file: 2 of its 6 bytes, from 2 on, are in no node");
	rc_buffer_free(&image);
}

static void a_loop_of_directories_ends(void **state)
{
	const struct piece folder = { .ino = 2, .version = 1, .mode = S_IFDIR | 0755 };
	struct rc_buffer image = { 0 };
	size_t at;

	put_inode(&image, &folder);
	at = put_dirent(&image, 2, 2, 2, DT_DIR, "again");
	put_dirent(&image, 1, 1, 2, DT_DIR, "folder");
	fill_block(&image);
	assert_damage(&image, at,
		      "directory inode 2 is also somewhere else in the tree: /folder/again");
	rc_buffer_free(&image);
}

static void a_deep_tree_ends(void **state)
{
	struct rc_buffer image = { 0 };
	struct format_report report;

	for (uint32_t i = 1; i <= 100; i++)
		put_dirent(&image, i, i, i + 1, DT_DIR, "deep");
	fill_block(&image);
	check_image(&image, NULL, &report);
	assert_int_equal(report.state, REGION_DAMAGED);
	assert_int_equal(report.files, 64);
	assert_non_null(strstr(report.problems[0].text, "lies too deep in the tree"));
	format_report_clear(&report);
	rc_buffer_free(&image);
}

static void damage_has_a_place_and_numbers(void **state)
{
	static const struct {
		size_t at; /* in the inode node */
		uint8_t bits;
		const char *text;
	} cases[] = {
		{ 0, 0xff, "are neither a node nor blank" },
		{ 2, 0x01, "header checksum is" },
		{ 4, 0x80, "header checksum is" },
		{ 20, 0x01, "node checksum is" },
		{ 66, 0x01, "node checksum is" },
		{ JFFS2_INODE_SIZE + 1, 0x80, "data checksum is" },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rc_buffer image = { 0 };
		size_t at;

		put_file(&image, 2, "first", "1");
		at = put_file(&image, 3, "file", "some more text");
		put_file(&image, 4, "last", "2");
		fill_block(&image);
		image.data[at + cases[i].at] ^= cases[i].bits;
		assert_damage(&image, at, cases[i].text);
		rc_buffer_free(&image);
	}
}

static void an_empty_one_is_good(void **state)
{
	struct rc_buffer image = { 0 };
	struct tree tree = { 0 };
	struct format_report report;
	uint8_t marker[JFFS2_HEADER_SIZE];

	put_head(marker, JFFS2_CLEANMARKER, sizeof(marker));
	for (unsigned i = 0; i < 4; i++) {
		put_node(&image, marker, sizeof(marker), "", 0);
		fill_block(&image);
	}
	read_good(&image, &tree, &report);
	assert_int_equal(tree.count, 0);
	assert_int_equal(detail_number(&report, "erase_block"), BLOCK);
	image.data[BLOCK + 2] ^= 0x40;
	assert_damage(&image, BLOCK, "header checksum is");
	format_report_clear(&report);
	rc_buffer_free(&image);
}

static void big_endian_ones_are_named(void **state)
{
	struct rc_buffer image = { 0 };
	char *path = rc_path_join(support_temp_dir(), "image");
	const char *const argv[] = { MKFS, "-b", "-r", tree_make_folder(), "-o", path, NULL };
	struct rc_error err;

	run_well(argv);
	support_ok(rc_file_read(path, RC_MIB(16), &image, &err), &err);
	assert_damage(&image, 0, "a big-endian JFFS2");
	rc_buffer_free(&image);
	free(path);
}

/* --- stock firmware --- */

static void stock_partitions_are_read_whole(void **state)
{
	static const struct {
		const char *file;
		uint32_t files;
		uint32_t obsolete;
		const char *path; /* one of them */
		size_t size;
	} cases[] = {
		{ "dafang-5.5.1.177/para.bin", 2, 0, "/config/.product_config", 338 },
		{ "dafang-5.5.1.177/config.bin", 7, 0, "/.user_config", 80 },
		{ "dafang-5.5.1.177/appfs.bin", 38, 0, "/bin/hostapd", 731060 },
		{ "dafang-5.5.1.177/backupa.bin", 4, 42, "/app.ver", 23 },
		{ "dafang-5.5.1.177/backupk.bin", 0, 4, NULL, 0 },
		{ "mjsxj05cm/data.bin", 230, 0, "/etc/os-release", 272 },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		char relative[64];
		struct rc_buffer image = { 0 };
		struct tree tree = { 0 };
		struct format_report report;

		snprintf(relative, sizeof(relative), "firmware/%s", cases[i].file);
		support_shared_file(relative, &image);
		read_good(&image, &tree, &report);
		assert_int_equal(tree.count, cases[i].files);
		assert_int_equal(detail_number(&report, "obsolete"), cases[i].obsolete);
		if (cases[i].path) {
			assert_non_null(tree_find(&tree, cases[i].path));
			assert_int_equal(tree_find(&tree, cases[i].path)->content.size,
					 cases[i].size);
			assert_flips_are_damage(&format_jffs2,
						(struct rc_span){ image.data, image.size }, 0,
						report.used, 20, 1 + i, 0);
		}
		format_report_clear(&report);
		tree_free(&tree);
		rc_buffer_free(&image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_of_mkfs_gives_the_folder_back),
		cmocka_unit_test(the_erase_block_is_recognised),
		cmocka_unit_test(summaries_are_read_over),
		cmocka_unit_test(devices_are_told),
		cmocka_unit_test(one_flipped_byte_is_damage),
		cmocka_unit_test(a_cut_or_shifted_image_is_damage),
		cmocka_unit_test(the_highest_version_counts),
		cmocka_unit_test(obsolete_nodes_are_verified_and_ignored),
		cmocka_unit_test(directories_without_nodes_are_not_overlooked),
		cmocka_unit_test(orphans_are_counted),
		cmocka_unit_test(torn_nodes_are_survived),
		cmocka_unit_test(gaps_are_survived),
		cmocka_unit_test(rtime_is_unpacked),
		cmocka_unit_test(what_cannot_be_unpacked_is_said),
		cmocka_unit_test(impossible_nodes_are_damage),
		cmocka_unit_test(a_cut_file_has_a_hole),
		cmocka_unit_test(a_loop_of_directories_ends),
		cmocka_unit_test(a_deep_tree_ends),
		cmocka_unit_test(damage_has_a_place_and_numbers),
		cmocka_unit_test(an_empty_one_is_good),
		cmocka_unit_test(big_endian_ones_are_named),
		cmocka_unit_test(stock_partitions_are_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
