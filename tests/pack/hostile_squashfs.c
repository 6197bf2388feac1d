/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SquashFS images that mksquashfs does not make: our own writer takes any names, and what it writes
 * without compressing can be changed afterwards. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sqfs/super.h>

#include "cage.h"
#include "format/squashfs.h"
#include "pack/fs_tree.h"

#define MAX_NODES 8

struct node {
	const char *path; /* NULL: no more */
	enum fs_type type;
	uint32_t mode;
	const char *text;      /* of a file or link */
	struct rc_span shared; /* of a file: content that is not copied */
};

static void add_node(struct fs_tree *tree, const struct node *from)
{
	struct fs_node node = { .path = strdup(from->path),
				.type = from->type,
				.mode = from->mode,
				.mtime = 1500000000,
				.device = FS_DEVICE(1, 1) };
	struct rc_error err;

	if (from->type == FS_SYMLINK)
		node.target = strdup(from->text);
	else if (from->text)
		rc_buffer_append(&node.content, from->text, strlen(from->text));
	if (from->shared.data)
		node.content = (struct rc_buffer){ (uint8_t *)(uintptr_t)from->shared.data,
						   from->shared.size, from->shared.size, false };
	node.size = node.content.size;
	assert_non_null(fs_tree_add(tree, &node, &err));
}

/* The image of the tree as it stands: neither sorted nor looked at. */
static void make(struct fs_tree *tree, struct rc_buffer *image)
{
	struct fs_recipe recipe = { .format = &format_squashfs,
				    .align = 4096,
				    .block_size = 1u << 20,
				    .compressor = SQFS_COMP_GZIP,
				    .flags = SQFS_FLAG_UNCOMPRESSED_INODES |
					     SQFS_FLAG_UNCOMPRESSED_DATA |
					     SQFS_FLAG_UNCOMPRESSED_FRAGMENTS };
	struct rc_error err;

	support_ok(fs_image_of_tree(tree, "x", &recipe, RC_MIB(64), image, &err), &err);
}

static void add_root(struct fs_tree *tree)
{
	add_node(tree, &(struct node){ .path = "/", .type = FS_DIRECTORY, .mode = 0755 });
}

/* --- images that a few nodes do not make --- */

static void make_and_free(struct fs_tree *tree, struct rc_buffer *image)
{
	make(tree, image);
	fs_tree_free(tree);
}

static void deep(struct rc_buffer *image)
{
	struct fs_tree tree = { 0 };
	char path[400] = "";

	add_root(&tree);
	for (unsigned i = 0; i < 70; i++) {
		strcat(path, "/d");
		add_node(&tree, &(struct node){ .path = path, .type = FS_DIRECTORY, .mode = 0755 });
	}
	make_and_free(&tree, image);
}

/* Five files of 64 MiB of nothing take a few hundred bytes. */
static void zeros(struct rc_buffer *image)
{
	const struct rc_span nothing = { calloc(1, RC_MIB(64)), RC_MIB(64) };
	const char *const paths[] = { "/a", "/b", "/c", "/d", "/e" };
	struct fs_tree tree = { 0 };

	add_root(&tree);
	for (size_t i = 0; i < RC_COUNT(paths); i++)
		add_node(&tree, &(struct node){ .path = paths[i],
						.type = FS_FILE,
						.mode = 0644,
						.shared = nothing });
	make(&tree, image);
	for (size_t i = 1; i <= RC_COUNT(paths); i++)
		tree.nodes[i].content = (struct rc_buffer){ 0 };
	fs_tree_free(&tree);
	free((void *)(uintptr_t)nothing.data);
}

/* The directory entry of that name: 8 bytes, then the name. */
static uint8_t *entry_of(struct rc_buffer *image, const char *name)
{
	uint64_t begin = rc_le64(image->data + 72);
	size_t size = strlen(name);

	for (size_t at = begin; at + 8 + size < image->size; at++) {
		if (rc_le16(image->data + at + 6) == size - 1 &&
		    memcmp(image->data + at + 8, name, size) == 0)
			return image->data + at;
	}
	fail_msg("there is no entry %s", name);
	return NULL;
}

/* /a/in becomes /a itself: its inode is the one numbered before. */
static void loop(struct rc_buffer *image)
{
	struct fs_tree tree = { 0 };
	uint8_t *in;

	add_root(&tree);
	add_node(&tree, &(struct node){ .path = "/a", .type = FS_DIRECTORY, .mode = 0755 });
	add_node(&tree, &(struct node){ .path = "/a/in", .type = FS_DIRECTORY, .mode = 0755 });
	make_and_free(&tree, image);
	in = entry_of(image, "in");
	rc_put_le16(in, rc_le16(entry_of(image, "a")));
	rc_put_le16(in + 2, 0xffff);
}

/* A file whose directory entry says that it is a folder. */
static void file_as_folder(struct rc_buffer *image)
{
	struct fs_tree tree = { 0 };

	add_root(&tree);
	add_node(&tree, &(struct node){ "/a", FS_FILE, 0644, "content", { 0 } });
	make_and_free(&tree, image);
	rc_put_le16(entry_of(image, "a") + 4, 1);
}

static void link_without_end(struct rc_buffer *image)
{
	struct fs_tree tree = { 0 };
	const uint8_t *target;

	add_root(&tree);
	add_node(&tree, &(struct node){ "/a", FS_SYMLINK, 0777, "b", { 0 } });
	make_and_free(&tree, image);
	/* The inode: 16 bytes that all have, link count, size, target. */
	target = rc_find((struct rc_span){ image->data, image->size }, "\1\0\0\0\1\0\0\0b", 9);
	assert_non_null(target);
	rc_put_le32(image->data + (target - image->data) + 4, 0x7fffffff);
}

static void huge_file(struct rc_buffer *image)
{
	struct fs_tree tree = { 0 };
	const uint8_t *size;

	add_root(&tree);
	add_node(&tree, &(struct node){ "/a", FS_FILE, 0644, "exactly 17 bytes.", { 0 } });
	make_and_free(&tree, image);
	size = rc_find((struct rc_span){ image->data, image->size }, "\0\0\0\0\21\0\0\0", 8);
	assert_non_null(size);
	rc_put_le32(image->data + (size - image->data) + 4, 0xfffffff0);
}

static void many_inodes(struct rc_buffer *image)
{
	struct fs_tree tree = { 0 };

	add_root(&tree);
	make_and_free(&tree, image);
	rc_put_le32(image->data + 4, 0xffffffff);
}

static void end_outside(struct rc_buffer *image)
{
	struct fs_tree tree = { 0 };

	add_root(&tree);
	make_and_free(&tree, image);
	rc_put_le32(image->data + 40, 0x7fffffff);
}

static void root_outside(struct rc_buffer *image)
{
	struct fs_tree tree = { 0 };

	add_root(&tree);
	make_and_free(&tree, image);
	rc_put_le32(image->data + 32, 0x00ff1000);
}

/* --- the cases --- */

#define DIR(name)                                                  \
	{                                                          \
		.path = (name), .type = FS_DIRECTORY, .mode = 0755 \
	}
#define FILE_OF(name, m)                                                            \
	{                                                                           \
		.path = (name), .type = FS_FILE, .mode = (m), .text = "overwritten" \
	}
#define LINK(name, to)                                                         \
	{                                                                      \
		.path = (name), .type = FS_SYMLINK, .mode = 0777, .text = (to) \
	}

static const struct hostile {
	struct fate fate;
	struct node nodes[MAX_NODES];
	/* A name in the image, and what it becomes. */
	struct {
		const char *from, *to;
		size_t size;
	} patch;
	void (*build)(struct rc_buffer *image);
} cases[] = {
	{ .fate = { "..", 0, "is none, or makes too long a path", NULL },
	  .nodes = { DIR("/"), FILE_OF("/..", 0644) } },
	{ .fate = { ".", 0, "is none, or makes too long a path", NULL },
	  .nodes = { DIR("/"), FILE_OF("/.", 0644) } },
	{ .fate = { ".. as a folder", 0, "is none, or makes too long a path", NULL },
	  .nodes = { DIR("/"), DIR("/.."), FILE_OF("/../canary", 0644) } },
	{ .fate = { "slash", 0, "is none, or makes too long a path", NULL },
	  .nodes = { DIR("/"), FILE_OF("/..Xoutside", 0644) },
	  .patch = { "..Xoutside", "../outside", 10 } },
	{ .fate = { "absolute", 0, "is none, or makes too long a path", NULL },
	  .nodes = { DIR("/"), FILE_OF("/Xtmp", 0644) },
	  .patch = { "Xtmp", "/tmp", 4 } },
	{ .fate = { "NUL", 0, "is none, or makes too long a path", NULL },
	  .nodes = { DIR("/"), FILE_OF("/aXYZ", 0644) },
	  .patch = { "aXYZ", "a\0YZ", 4 } },
	{ .fate = { "line feed", 0, NULL, "a\\012b" },
	  .nodes = { DIR("/"), FILE_OF("/a\nb", 0644) } },
	{ .fate = { "escape sequence", 0, NULL, "\\033]0;x\\007" },
	  .nodes = { DIR("/"), FILE_OF("/\033]0;x\007", 0644) } },
	{ .fate = { "a link, then a folder of its name", RC_EFORMAT, "/out is there twice", NULL },
	  .nodes = { DIR("/"), LINK("/out", "../../outside"), DIR("/out"),
		     FILE_OF("/out/canary", 0644) } },
	{ .fate = { "a folder, then a link of its name", RC_EFORMAT, "/out is there twice", NULL },
	  .nodes = { DIR("/"), DIR("/out"), FILE_OF("/out/canary", 0644),
		     LINK("/out", "../../outside") } },
	{ .fate = { "a link, then a file of its name", RC_EFORMAT, "/out is there twice", NULL },
	  .nodes = { DIR("/"), LINK("/out", "../../outside/canary"), FILE_OF("/out", 0644) } },
	{ .fate = { "a file twice", RC_EFORMAT, "/a is there twice", NULL },
	  .nodes = { DIR("/"), FILE_OF("/a", 0644), FILE_OF("/a", 0755) } },
	{ .fate = { "links out", 0, NULL, "up" },
	  .nodes = { DIR("/"), LINK("/abs", "/etc/passwd"), LINK("/up", "../../outside/canary") } },
	{ .fate = { "links to each other", 0, NULL, "a" },
	  .nodes = { DIR("/"), LINK("/a", "b"), LINK("/b", "a") } },
	{ .fate = { "devices", 0, NULL, NULL },
	  .nodes = { DIR("/"),
		     { .path = "/mem", .type = FS_CHAR_DEVICE, .mode = 0666 },
		     { .path = "/sda", .type = FS_BLOCK_DEVICE, .mode = 0666 },
		     { .path = "/wait", .type = FS_FIFO, .mode = 0666 },
		     { .path = "/plug", .type = FS_SOCKET, .mode = 0666 } } },
	{ .fate = { "set-user-id", 0, NULL, "su" }, .nodes = { DIR("/"), FILE_OF("/su", 06777) } },
	{ .fate = { "folders without end", 0, "lies deeper than 64", "d/d/d/d" }, .build = deep },
	{ .fate = { "zeros without end", RC_ERANGE, "hold more than 256 MiB", NULL },
	  .build = zeros },
	{ .fate = { "a folder in itself", 0, "is also somewhere else in the tree", "a/in" },
	  .build = loop },
	{ .fate = { "a file as folder", 0, "should be inode", "a" }, .build = file_as_folder },
	{ .fate = { "a link of 2 GiB", 0, "the inode of /a", NULL }, .build = link_without_end },
	{ .fate = { "a file of 4 GiB", 0, "larger than 64 MiB", NULL }, .build = huge_file },
	{ .fate = { "4 milliards of inodes", RC_EFORMAT, "4294967295 inodes", NULL },
	  .build = many_inodes },
	{ .fate = { "end behind the end", RC_EFORMAT, "of them are here", NULL },
	  .build = end_outside },
	{ .fate = { "root outside", RC_EFORMAT, "the root directory's inode cannot be read", NULL },
	  .build = root_outside },
};

static void build(const struct hostile *hostile, struct rc_buffer *image)
{
	struct fs_tree tree = { 0 };
	const uint8_t *at;

	if (hostile->build) {
		hostile->build(image);
		return;
	}
	for (unsigned i = 0; i < MAX_NODES && hostile->nodes[i].path; i++)
		add_node(&tree, &hostile->nodes[i]);
	make_and_free(&tree, image);
	if (!hostile->patch.from)
		return;
	at = rc_find((struct rc_span){ image->data, image->size }, hostile->patch.from,
		     hostile->patch.size);
	assert_non_null(at);
	memcpy(image->data + (at - image->data), hostile->patch.to, hostile->patch.size);
}

static void hostile_images_leave_nothing_outside(void **state)
{
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rc_buffer image = { 0 };

		build(&cases[i], &image);
		assert_unpack_ends(&image, &cases[i].fate);
		rc_buffer_free(&image);
	}
	print_message("%zu hostile SquashFS images\n", RC_COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_images_leave_nothing_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
