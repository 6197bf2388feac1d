/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JFFS2, little-endian, as mkfs.jffs2 writes it and Linux reads it: for each name a
 * directory entry, for each inode its nodes (Linux, include/uapi/linux/jffs2.h). A node
 * lies in one erase block; a file's nodes each hold at most a page. Where a page does
 * not fit in what is left of an erase block, the part that fits goes there, as Linux
 * does it, so that no room is lost.
 */
#include "pack/jffs2_write.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checksum.h"
#include "format/jffs2.h"

#define MAX_NAME  254u /* Linux: JFFS2_MAX_NAME_LEN */
#define FIRST_INO (JFFS2_ROOT_INO + 1)

/* --- nodes --- */

static size_t left_in_block(const struct jffs2_writer *w)
{
	return w->recipe->erase_block - w->image->size % w->recipe->erase_block;
}

/* magic, type, length, and their checksum */
static void put_head(uint8_t *node, unsigned type, uint32_t length)
{
	rc_put_le16(node, JFFS2_MAGIC);
	rc_put_le16(node + 2, (uint16_t)type);
	rc_put_le32(node + 4, length);
	rc_put_le32(node + 8, rc_crc32_jffs2(node, 8));
}

/* An erase block begins with a clean marker, where this file system has them. */
static void begin_block(struct jffs2_writer *w)
{
	uint8_t node[JFFS2_HEADER_SIZE];

	if (w->recipe->cleanmarker == 0 || w->image->size % w->recipe->erase_block != 0)
		return;
	put_head(node, JFFS2_CLEANMARKER, w->recipe->cleanmarker);
	rc_buffer_append(w->image, node, sizeof(node));
	fs_fill(w->image, 0xff, w->recipe->cleanmarker - sizeof(node));
	fs_fill(w->image, 0xff, -w->image->size & 3);
}

/* Goes on to the next erase block if size bytes do not fit in this one. */
static void reserve(struct jffs2_writer *w, size_t size)
{
	begin_block(w);
	if (left_in_block(w) >= size)
		return;
	fs_fill(w->image, 0xff, left_in_block(w));
	begin_block(w);
}

/* A head with what follows it; nodes begin at multiples of four. */
static void put_node(struct jffs2_writer *w, const uint8_t *head, size_t head_size,
		     const void *data, size_t size)
{
	reserve(w, head_size + size);
	rc_buffer_append(w->image, head, head_size);
	if (size)
		rc_buffer_append(w->image, data, size);
	fs_fill(w->image, 0xff, -w->image->size & 3);
}

static void put_dirent(struct jffs2_writer *w, size_t i)
{
	const struct fs_node *node = &w->tree->nodes[i];
	const char *name = fs_node_name(node);
	size_t size = strlen(name);
	size_t parent = fs_tree_parent(w->tree, i);
	uint8_t head[JFFS2_DIRENT_SIZE] = { 0 };

	put_head(head, JFFS2_DIRENT, (uint32_t)(sizeof(head) + size));
	rc_put_le32(head + 12, w->inos[parent]);
	rc_put_le32(head + 16, ++w->versions[parent]);
	rc_put_le32(head + 20, w->inos[node->first]);
	/* Linux takes it for the time at which the directory was changed. */
	rc_put_le32(head + 24, w->tree->nodes[parent].mtime);
	head[28] = (uint8_t)size;
	head[29] = (uint8_t)(fs_node_st_mode(node) >> 12);
	rc_put_le32(head + 32, rc_crc32_jffs2(head, 32));
	rc_put_le32(head + 36, rc_crc32_jffs2((const uint8_t *)name, size));
	put_node(w, head, sizeof(head), name, size);
}

/* What an inode node holds of the file's content. */
struct piece {
	uint32_t offset; /* in the file */
	uint32_t size;   /* unpacked */
	unsigned compression;
	struct rc_span packed;
};

static void put_inode(struct jffs2_writer *w, size_t i, uint32_t file_size,
		      const struct piece *piece)
{
	const struct fs_node *node = &w->tree->nodes[i];
	uint8_t head[JFFS2_INODE_SIZE] = { 0 };

	put_head(head, JFFS2_INODE, (uint32_t)(sizeof(head) + piece->packed.size));
	rc_put_le32(head + 12, w->inos[i]);
	rc_put_le32(head + 16, ++w->versions[i]);
	rc_put_le32(head + 20, fs_node_st_mode(node));
	rc_put_le16(head + 24, (uint16_t)node->uid);
	rc_put_le16(head + 26, (uint16_t)node->gid);
	rc_put_le32(head + 28, file_size);
	for (unsigned at = 32; at <= 40; at += 4) /* read, written, changed */
		rc_put_le32(head + at, node->mtime);
	rc_put_le32(head + 44, piece->offset);
	rc_put_le32(head + 48, (uint32_t)piece->packed.size);
	rc_put_le32(head + 52, piece->size);
	head[56] = (uint8_t)piece->compression;
	if (piece->packed.size)
		rc_put_le32(head + 60, rc_crc32_jffs2(piece->packed.data, piece->packed.size));
	rc_put_le32(head + 64, rc_crc32_jffs2(head, 60));
	put_node(w, head, sizeof(head), piece->packed.data, piece->packed.size);
}

/* --- contents --- */

/* Packs size bytes; what does not get smaller stays as it is. */
static void pack(struct jffs2_writer *w, const uint8_t *data, size_t size, struct piece *piece)
{
	z_stream *zlib = &w->zlib;

	piece->size = (uint32_t)size;
	piece->compression = JFFS2_COMPR_NONE;
	piece->packed = (struct rc_span){ data, size };
	if (!w->recipe->zlib)
		return;
	deflateReset(zlib);
	zlib->next_in = data;
	zlib->avail_in = (uInt)size;
	zlib->next_out = w->packed;
	zlib->avail_out = (uInt)(size - 1);
	if (deflate(zlib, Z_FINISH) != Z_STREAM_END)
		return;
	piece->compression = JFFS2_COMPR_ZLIB;
	piece->packed = (struct rc_span){ w->packed, zlib->total_out };
}

/* Packs as much of the page as fits in the rest of this erase block, or all of it where
 * hardly anything would fit. */
static void pack_to_fit(struct jffs2_writer *w, const uint8_t *data, size_t size,
			struct piece *piece)
{
	size_t room = left_in_block(w);
	size_t part = size;

	room = room > JFFS2_INODE_SIZE ? room - JFFS2_INODE_SIZE : 0;
	pack(w, data, size, piece);
	while (room >= JFFS2_SMALLEST_PIECE && piece->packed.size > room) {
		size_t shorter = part - part / 8;
		size_t likely = part * room / piece->packed.size;

		part = likely < shorter ? likely : shorter;
		pack(w, data, part, piece);
	}
}

/* Length of the zeros that begin data, in whole pages, or up to its end. */
static size_t zeros(const uint8_t *data, size_t size)
{
	size_t at = 0;

	while (at < size) {
		size_t part = size - at < JFFS2_PAGE ? size - at : JFFS2_PAGE;

		if (!rc_all_bytes(data + at, part, 0))
			break;
		at += part;
	}
	return at;
}

static void put_file(struct jffs2_writer *w, size_t i)
{
	const struct rc_buffer *content = &w->tree->nodes[i].content;
	struct piece piece = { 0 };

	if (content->size == 0)
		put_inode(w, i, 0, &piece);
	for (size_t at = 0; at < content->size; at += piece.size) {
		const uint8_t *data = content->data + at;
		size_t left = content->size - at;
		size_t page = JFFS2_PAGE - at % JFFS2_PAGE;
		size_t hole = at % JFFS2_PAGE == 0 ? zeros(data, left) : 0;

		begin_block(w);
		piece = (struct piece){ .size = (uint32_t)hole, .compression = JFFS2_COMPR_ZERO };
		if (hole == 0)
			pack_to_fit(w, data, page < left ? page : left, &piece);
		piece.offset = (uint32_t)at;
		put_inode(w, i, (uint32_t)content->size, &piece);
	}
}

/* Symlinks hold their target, devices their number: two bytes, or four where it needs them. */
static void put_special(struct jffs2_writer *w, size_t i)
{
	const struct fs_node *node = &w->tree->nodes[i];
	struct piece piece = { 0 };
	uint8_t device[4];

	rc_put_le32(device, node->device);
	if (node->type == FS_SYMLINK)
		piece.packed = (struct rc_span){ (const uint8_t *)node->target,
						 strlen(node->target) };
	else if (node->type == FS_CHAR_DEVICE || node->type == FS_BLOCK_DEVICE)
		piece.packed = (struct rc_span){ device, node->device > 0xffff ? 4 : 2 };
	piece.size = (uint32_t)piece.packed.size;
	put_inode(w, i, node->type == FS_SYMLINK ? piece.size : 0, &piece);
}

/* --- the whole --- */

/* A root that is as Linux takes it to be without a node. */
static bool is_plain_root(const struct fs_node *root)
{
	return root->mode == 0755 && root->uid == 0 && root->gid == 0 && root->mtime == 0;
}

static void put_everything(struct jffs2_writer *w)
{
	for (size_t i = 0; i < w->tree->count; i++) {
		const struct fs_node *node = &w->tree->nodes[i];

		if (i > 0)
			put_dirent(w, i);
		if (node->first != i || (i == 0 && is_plain_root(node)))
			continue;
		if (node->type == FS_FILE)
			put_file(w, i);
		else
			put_special(w, i);
	}
}

static int check_tree(const struct fs_tree *tree, struct rc_error *err)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct fs_node *node = &tree->nodes[i];

		if (strlen(fs_node_name(node)) > MAX_NAME)
			return rc_fail(err, RC_EFORMAT,
				       "%.100s...: a name in a JFFS2 has at most %u bytes",
				       node->path, MAX_NAME);
		if (node->uid > UINT16_MAX || node->gid > UINT16_MAX)
			return rc_fail(err, RC_EFORMAT,
				       "%.200s belongs to %u:%u; a JFFS2 has no owner above %u",
				       node->path, node->uid, node->gid, UINT16_MAX);
	}
	return 0;
}

static int check_recipe(const struct fs_recipe *recipe, struct rc_error *err)
{
	uint32_t size = recipe->erase_block;

	if (size < JFFS2_SMALLEST_BLOCK || size > RC_MIB(1) || (size & (size - 1)))
		return rc_fail(
			err, RC_EUSAGE,
			"a JFFS2 cannot have erase blocks of %u bytes: powers of two from %u "
			"to %zu are possible (erase-block= in the manifest's #recam line)",
			size, JFFS2_SMALLEST_BLOCK, RC_MIB(1));
	if (recipe->cleanmarker &&
	    (recipe->cleanmarker < JFFS2_HEADER_SIZE || recipe->cleanmarker > JFFS2_LARGEST_MARKER))
		return rc_fail(err, RC_EUSAGE,
			       "a clean marker cannot have %u bytes: 0 (none) or %u to %u "
			       "(cleanmarker= in the manifest's #recam line)",
			       recipe->cleanmarker, JFFS2_HEADER_SIZE, JFFS2_LARGEST_MARKER);
	return 0;
}

static int write_all(struct jffs2_writer *w, struct rc_error *err)
{
	uint32_t ino = FIRST_INO;

	w->inos = calloc(w->tree->count, sizeof(*w->inos));
	w->versions = calloc(w->tree->count, sizeof(*w->versions));
	if (!w->inos || !w->versions || deflateInit(&w->zlib, Z_BEST_COMPRESSION) != Z_OK)
		return rc_fail_memory(err, w->tree->count * sizeof(*w->inos));
	for (size_t i = 0; i < w->tree->count; i++) {
		if (i > 0 && w->tree->nodes[i].first == i)
			w->inos[i] = ino++;
	}
	w->inos[0] = JFFS2_ROOT_INO;
	put_everything(w);
	deflateEnd(&w->zlib);
	return w->image->failed ? rc_fail_memory(err, w->image->size) : 0;
}

int jffs2_write(const struct fs_tree *tree, const struct fs_recipe *recipe, struct rc_buffer *image,
		struct rc_error *err)
{
	struct jffs2_writer w = { .tree = tree, .recipe = recipe, .image = image };
	int result = check_recipe(recipe, err);

	if (result == 0)
		result = check_tree(tree, err);
	if (result == 0)
		result = write_all(&w, err);
	free(w.inos);
	free(w.versions);
	return result;
}

void jffs2_write_markers(const struct fs_recipe *recipe, size_t end, struct rc_buffer *image)
{
	struct jffs2_writer w = { .recipe = recipe, .image = image };

	while (recipe->cleanmarker && image->size + recipe->erase_block <= end && !image->failed) {
		begin_block(&w);
		fs_fill(image, 0xff, left_in_block(&w));
	}
}
