/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JFFS2 images that nobody's camera wrote. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checksum.h"
#include "cage.h"
#include "format/jffs2.h"

#define BLOCK 0x10000u

/* --- nodes, with right checksums and anything in them --- */

struct node {
	uint32_t ino;
	uint32_t parent; /* of a name; 0: it is an inode node */
	uint32_t mode;   /* of an inode; of a name only its type bits are taken */
	const char *text;
	size_t size;          /* of text */
	uint32_t file_size;   /* of an inode; 0: as text */
	uint32_t node_size;   /* unpacked; 0: as text */
	unsigned compression; /* of text */
};
#define MAX_NODES 8

#define NAME(in, number, type, name)                                           \
	{                                                                      \
		.parent = (in), .ino = (number), .mode = (type), .text = name, \
		.size = sizeof(name) - 1                                       \
	}
#define INODE(number, type, content)                                                          \
	{                                                                                     \
		.ino = (number), .mode = (type), .text = content, .size = sizeof(content) - 1 \
	}
#define ZEROS(number, bytes)                                                   \
	{                                                                      \
		.ino = (number), .mode = S_IFREG | 0644, .file_size = (bytes), \
		.node_size = (bytes), .compression = JFFS2_COMPR_ZERO          \
	}

static void put(struct rc_buffer *image, uint8_t *head, size_t head_size, const struct node *node)
{
	uint8_t filling[BLOCK];
	size_t left = BLOCK - image->size % BLOCK;

	memset(filling, 0xff, sizeof(filling));
	rc_put_le16(head, JFFS2_MAGIC);
	rc_put_le16(head + 2, node->parent ? JFFS2_DIRENT : JFFS2_INODE);
	rc_put_le32(head + 4, (uint32_t)(head_size + node->size));
	rc_put_le32(head + 8, rc_crc32_jffs2(head, 8));
	rc_put_le32(head + head_size - (node->parent ? 8 : 4), rc_crc32_jffs2(head, head_size - 8));
	if (left < head_size + node->size)
		rc_buffer_append(image, filling, left);
	rc_buffer_append(image, head, head_size);
	if (node->size)
		rc_buffer_append(image, node->text, node->size);
	rc_buffer_append(image, filling, -image->size & 3);
}

static void put_name(struct rc_buffer *image, const struct node *node, uint32_t version)
{
	uint8_t head[JFFS2_DIRENT_SIZE] = { 0 };

	rc_put_le32(head + 12, node->parent);
	rc_put_le32(head + 16, version);
	rc_put_le32(head + 20, node->ino);
	head[28] = (uint8_t)node->size;
	head[29] = (uint8_t)(node->mode >> 12);
	rc_put_le32(head + 36, rc_crc32_jffs2((const uint8_t *)node->text, node->size));
	put(image, head, sizeof(head), node);
}

static void put_inode(struct rc_buffer *image, const struct node *node, uint32_t version)
{
	uint8_t head[JFFS2_INODE_SIZE] = { 0 };
	uint32_t size = (uint32_t)node->size;

	rc_put_le32(head + 12, node->ino);
	rc_put_le32(head + 16, version);
	rc_put_le32(head + 20, node->mode);
	rc_put_le32(head + 28, node->file_size ? node->file_size : size);
	rc_put_le32(head + 48, size);
	rc_put_le32(head + 52, node->node_size ? node->node_size : size);
	head[56] = (uint8_t)node->compression;
	if (size)
		rc_put_le32(head + 60, rc_crc32_jffs2((const uint8_t *)node->text, size));
	put(image, head, sizeof(head), node);
}

static void put_node(struct rc_buffer *image, const struct node *node, uint32_t version)
{
	if (node->parent)
		put_name(image, node, version);
	else
		put_inode(image, node, version);
}

/* --- images that a few nodes do not make --- */

static void put_formatted(struct rc_buffer *image, uint32_t parent, uint32_t ino, uint32_t mode,
			  const char *form, unsigned number)
{
	char name[16];
	struct node node = { .parent = parent, .ino = ino, .mode = mode, .text = name };

	node.size = (size_t)snprintf(name, sizeof(name), "%s%u", form, number);
	put_node(image, &node, number + 1);
}

static void deep(struct rc_buffer *image)
{
	for (unsigned i = 1; i < 80; i++)
		put_formatted(image, i, i + 1, S_IFDIR, "d", i);
}

static void many_names(struct rc_buffer *image)
{
	struct node node = INODE(2, S_IFIFO | 0600, "");

	put_node(image, &node, 1);
	for (unsigned i = 0; i < FS_MAX_ENTRIES + 10; i++)
		put_formatted(image, JFFS2_ROOT_INO, 2, S_IFIFO, "n", i);
}

/* Each file of nothing but a hole costs 68 bytes. */
static void many_holes(struct rc_buffer *image)
{
	for (unsigned i = 2; i < 30; i++) {
		struct node node = ZEROS(i, RC_MIB(8));

		put_formatted(image, JFFS2_ROOT_INO, i, S_IFREG, "hole", i);
		put_node(image, &node, 1);
	}
}

static void long_name(struct rc_buffer *image)
{
	char name[255];
	struct node node = { .parent = 1, .ino = 2, .mode = S_IFDIR, .text = name, .size = 254 };

	memset(name, 'n', sizeof(name));
	put_node(image, &node, 1);
}

static void long_escapes(struct rc_buffer *image)
{
	char name[255];
	struct node node = { .parent = 1, .ino = 2, .mode = S_IFDIR, .text = name, .size = 254 };

	memset(name, '\a', sizeof(name));
	put_node(image, &node, 1);
}

static void long_link(struct rc_buffer *image)
{
	static char target[4000];
	struct node name = NAME(1, 2, S_IFLNK, "link");
	struct node link = { .ino = 2, .mode = S_IFLNK | 0777, .text = target, .size = 4000 };

	for (size_t i = 0; i < sizeof(target); i += 2)
		memcpy(target + i, "./", 2);
	put_node(image, &name, 1);
	put_node(image, &link, 1);
}

/* --- the cases --- */

static const struct hostile {
	struct fate fate;
	struct node nodes[MAX_NODES];
	void (*build)(struct rc_buffer *image);
} cases[] = {
	/* Names that climb. */
	{ { "..", 0, "holds a name that no file can have", NULL },
	  { NAME(1, 2, S_IFREG, ".."), INODE(2, S_IFREG | 0644, "x") } },
	{ { ".", 0, "holds a name that no file can have", NULL },
	  { NAME(1, 2, S_IFDIR, "."), INODE(2, S_IFDIR | 0755, "") } },
	{ { "../x", 0, "holds a name that no file can have", NULL },
	  { NAME(1, 2, S_IFREG, "../x"), INODE(2, S_IFREG | 0644, "x") } },
	{ { "absolute", 0, "holds a name that no file can have", NULL },
	  { NAME(1, 2, S_IFREG, "/tmp/x"), INODE(2, S_IFREG | 0644, "x") } },
	{ { "slash inside", 0, "holds a name that no file can have", NULL },
	  { NAME(1, 2, S_IFREG, "../../outside/canary"), INODE(2, S_IFREG | 0644, "x") } },
	{ { "slash alone", 0, "holds a name that no file can have", NULL },
	  { NAME(1, 2, S_IFDIR, "/"), INODE(2, S_IFDIR | 0755, "") } },
	{ { "no name", 0, "holds a name that no file can have", NULL },
	  { NAME(1, 2, S_IFREG, ""), INODE(2, S_IFREG | 0644, "x") } },
	{ { "NUL in a name", 0, "holds a name that no file can have", NULL },
	  { NAME(1, 2, S_IFREG, "a\0b"), INODE(2, S_IFREG | 0644, "x") } },
	{ { "three dots", 0, NULL, "..." },
	  { NAME(1, 2, S_IFREG, "..."), INODE(2, S_IFREG | 0644, "x") } },
	/* Names that a terminal would obey. */
	{ { "line feed", 0, NULL, "a\\012b" },
	  { NAME(1, 2, S_IFREG, "a\nb"), INODE(2, S_IFREG | 0644, "x") } },
	{ { "escape sequence", 0, NULL, "\\033[2J" },
	  { NAME(1, 2, S_IFREG, "\033[2J"), INODE(2, S_IFREG | 0644, "x") } },
	{ { "delete", 0, NULL, "a\\177" },
	  { NAME(1, 2, S_IFREG, "a\177"), INODE(2, S_IFREG | 0644, "x") } },
	{ { "an escaped slash", 0, NULL, "..\\134057x" },
	  { NAME(1, 2, S_IFREG, "..\\057x"), INODE(2, S_IFREG | 0644, "x") } },
	{ { "no UTF-8", 0, NULL, "\xff\xfe" },
	  { NAME(1, 2, S_IFREG, "\xff\xfe"), INODE(2, S_IFREG | 0644, "x") } },
	{ { "longest name", 0, NULL, NULL }, { { 0 } }, long_name },
	{ { "longest name, escaped", RC_EFORMAT, "is a longer name than the disk", NULL },
	  { { 0 } },
	  long_escapes },
	/* Links out. */
	{ { "link out", 0, NULL, "out" },
	  { NAME(1, 2, S_IFLNK, "out"), INODE(2, S_IFLNK | 0777, "../../outside") } },
	{ { "a file through a link", 0, NULL, "out" },
	  { NAME(1, 2, S_IFLNK, "out"), INODE(2, S_IFLNK | 0777, "../../outside"),
	    NAME(2, 3, S_IFREG, "canary"), INODE(3, S_IFREG | 0644, "overwritten") } },
	{ { "a link that turns into a folder", 0, NULL, "out/canary" },
	  { NAME(1, 2, S_IFLNK, "out"), INODE(2, S_IFLNK | 0777, "../../outside"),
	    NAME(1, 4, S_IFDIR, "out"), INODE(4, S_IFDIR | 0755, ""), NAME(4, 3, S_IFREG, "canary"),
	    INODE(3, S_IFREG | 0644, "overwritten") } },
	{ { "a folder that turns into a link", 0, NULL, "out" },
	  { NAME(1, 4, S_IFDIR, "out"), INODE(4, S_IFDIR | 0755, ""), NAME(4, 3, S_IFREG, "canary"),
	    INODE(3, S_IFREG | 0644, "overwritten"), NAME(1, 2, S_IFLNK, "out"),
	    INODE(2, S_IFLNK | 0777, "../../outside") } },
	{ { "a folder's name with a link's inode", 0, NULL, "out" },
	  { NAME(1, 2, S_IFDIR, "out"), INODE(2, S_IFLNK | 0777, "../../outside"),
	    NAME(2, 3, S_IFREG, "canary"), INODE(3, S_IFREG | 0644, "overwritten") } },
	{ { "link to itself", 0, NULL, "self" },
	  { NAME(1, 2, S_IFLNK, "self"), INODE(2, S_IFLNK | 0777, "self") } },
	{ { "link to nothing", RC_EFORMAT, "the link /none leads nowhere", NULL },
	  { NAME(1, 2, S_IFLNK, "none"), INODE(2, S_IFLNK | 0777, "") } },
	{ { "link with a line feed", 0, NULL, "link" },
	  { NAME(1, 2, S_IFLNK, "link"), INODE(2, S_IFLNK | 0777, "a\n./evil type=file") } },
	{ { "long link", 0, NULL, "link" }, { { 0 } }, long_link },
	/* Devices, and modes that make root of a user. */
	{ { "memory device", 0, NULL, NULL },
	  { NAME(1, 2, S_IFCHR, "mem"), INODE(2, S_IFCHR | 0666, "\1\1") } },
	{ { "block device", 0, NULL, NULL },
	  { NAME(1, 2, S_IFBLK, "sda"), INODE(2, S_IFBLK | 0666, "\0\10") } },
	{ { "device number of seven bytes", 0, NULL, NULL },
	  { NAME(1, 2, S_IFBLK, "sda"), INODE(2, S_IFBLK | 0666, "\1\2\3\4\5\6\7") } },
	{ { "fifo", 0, NULL, NULL },
	  { NAME(1, 2, S_IFIFO, "wait"), INODE(2, S_IFIFO | 0666, "") } },
	{ { "socket", 0, NULL, NULL },
	  { NAME(1, 2, S_IFSOCK, "plug"), INODE(2, S_IFSOCK | 0666, "") } },
	{ { "set-user-id", 0, NULL, "su" },
	  { NAME(1, 2, S_IFREG, "su"), INODE(2, S_IFREG | 07777, "#!/bin/sh\n") } },
	{ { "folder that nobody may enter", 0, NULL, "shut/in" },
	  { NAME(1, 2, S_IFDIR, "shut"), INODE(2, S_IFDIR, ""), NAME(2, 3, S_IFREG, "in"),
	    INODE(3, S_IFREG, "x") } },
	{ { "no type", 0, "is of no known type", NULL },
	  { NAME(1, 2, S_IFREG, "odd"), INODE(2, 0170000, "x") } },
	/* Loops. */
	{ { "a folder in itself", 0, "is also somewhere else in the tree", "a/in" },
	  { NAME(1, 2, S_IFDIR, "a"), INODE(2, S_IFDIR | 0755, ""), NAME(2, 2, S_IFDIR, "in") } },
	{ { "two folders in each other", 0, "is also somewhere else in the tree", "a/b/a" },
	  { NAME(1, 2, S_IFDIR, "a"), NAME(2, 3, S_IFDIR, "b"), NAME(3, 2, S_IFDIR, "a") } },
	{ { "the root in a folder", 0, "is also somewhere else in the tree", "a/root" },
	  { NAME(1, 2, S_IFDIR, "a"), NAME(2, 1, S_IFDIR, "root") } },
	{ { "a folder in two", 0, "is also somewhere else in the tree", "b" },
	  { NAME(1, 2, S_IFDIR, "a"), NAME(1, 2, S_IFDIR, "b"), NAME(2, 3, S_IFREG, "in"),
	    INODE(3, S_IFREG | 0644, "x") } },
	{ { "folders without end", 0, "lies too deep in the tree", "d1/d2/d3" }, { { 0 } }, deep },
	/* Bombs. */
	{ { "hole of 64 MiB", 0, "the nodes hold more than", NULL },
	  { NAME(1, 2, S_IFREG, "hole"), ZEROS(2, 64u << 20) } },
	{ { "hole of 4 GiB", 0, "more than 64 MiB", NULL },
	  { NAME(1, 2, S_IFREG, "hole"), ZEROS(2, UINT32_MAX) } },
	{ { "a size with nothing behind it", 0, "are in no node", NULL },
	  { NAME(1, 2, S_IFREG, "size"),
	    { .ino = 2, .mode = S_IFREG, .text = "x", .size = 1, .file_size = 60u << 20 } } },
	{ { "a page that makes a megabyte", 0, "do not make", NULL },
	  { NAME(1, 2, S_IFREG, "bomb"),
	    { .ino = 2,
	      .mode = S_IFREG,
	      .text = "\x78\x9c\x63",
	      .size = 3,
	      .file_size = 1u << 20,
	      .node_size = 1u << 20,
	      .compression = JFFS2_COMPR_ZLIB } } },
	{ { "holes without end", 0, "the nodes hold more than", NULL }, { { 0 } }, many_holes },
	{ { "names without end", RC_ERANGE, "more than 65536 files and folders", NULL },
	  { { 0 } },
	  many_names },
};

static void hostile_images_leave_nothing_outside(void **state)
{
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rc_buffer image = { 0 };

		for (unsigned n = 0; n < MAX_NODES && cases[i].nodes[n].ino; n++)
			put_node(&image, &cases[i].nodes[n], n + 1);
		if (cases[i].build)
			cases[i].build(&image);
		assert_unpack_ends(&image, &cases[i].fate);
		rc_buffer_free(&image);
	}
	print_message("%zu hostile JFFS2 images\n", RC_COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_images_leave_nothing_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
