/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JFFS2 nodes of an image: unpacked, searched, and packed again into their own places. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/checksum.h"
#include "format/jffs2.h"
#include "inspect/redact_image.h"
#include "inspect/secret_text.h"

/* A node holds a page; the largest of Linux has 256 KiB. */
#define MAX_NODE_DATA RC_KIB(256)
/* All nodes together: a made-up image could ask for any amount. */
#define MAX_UNPACKED RC_MIB(256)

#define JFFS2_COMPR_NONE  0u
#define JFFS2_COMPR_ZERO  1u
#define JFFS2_COMPR_RTIME 2u
#define JFFS2_COMPR_ZLIB  6u

/* Offsets in nodes (Linux, include/uapi/linux/jffs2.h). */
enum {
	DIRENT_INO = 20,
	DIRENT_NAME_SIZE = 28,
	DIRENT_NODE_CRC = 32,
	DIRENT_NAME_CRC = 36,
	INODE_AT = 44,
	INODE_PACKED = 48,
	INODE_SIZE = 52,
	INODE_COMPRESSION = 56,
	INODE_DATA_CRC = 60,
	INODE_NODE_CRC = 64,
};

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* As it was before the node became obsolete. */
static uint32_t head_crc(const uint8_t *node, size_t size)
{
	uint8_t head[64];

	memcpy(head, node, size);
	rc_put_le16(head + 2, rc_le16(head + 2) | JFFS2_NODE_ACCURATE);
	return rc_crc32_jffs2(head, size);
}

/* Summaries and extended attributes: one checksum at 24 over all from 32 on. */
static bool has_payload(unsigned type)
{
	return type == (JFFS2_SUMMARY | JFFS2_NODE_ACCURATE) || type == JFFS2_XATTR;
}

static bool is_whole(const uint8_t *node, unsigned type, uint32_t length)
{
	if (type == JFFS2_DIRENT)
		return length >= JFFS2_DIRENT_SIZE &&
		       length == JFFS2_DIRENT_SIZE + (uint32_t)node[DIRENT_NAME_SIZE] &&
		       head_crc(node, DIRENT_NODE_CRC) == rc_le32(node + DIRENT_NODE_CRC);
	if (type == JFFS2_INODE)
		return length >= JFFS2_INODE_SIZE &&
		       length - JFFS2_INODE_SIZE == rc_le32(node + INODE_PACKED) &&
		       head_crc(node, INODE_DATA_CRC) == rc_le32(node + INODE_NODE_CRC) &&
		       rc_crc32_jffs2(node + JFFS2_INODE_SIZE, length - JFFS2_INODE_SIZE) ==
			       rc_le32(node + INODE_DATA_CRC);
	if (has_payload(type))
		return length > 32 && rc_crc32_jffs2(node + 32, length - 32) == rc_le32(node + 24);
	return true;
}

static int unpack(struct redact_image *image, struct redact_node *node, struct rc_error *err)
{
	const uint8_t *p = image->data + node->offset;
	struct rc_span packed = { p + JFFS2_INODE_SIZE, rc_le32(p + INODE_PACKED) };

	node->at = rc_le32(p + INODE_AT);
	node->size = rc_le32(p + INODE_SIZE);
	if (packed.size == 0 || node->size == 0 || node->size > MAX_NODE_DATA)
		return 0;
	image->unpacked += node->size;
	if (image->unpacked > MAX_UNPACKED)
		return rc_fail(err, RC_ERANGE,
			       "the nodes of its JFFS2 hold more than %zu MiB unpacked: that is no "
			       "camera's flash",
			       MAX_UNPACKED >> 20);
	node->data = malloc(node->size);
	if (!node->data)
		return rc_fail_memory(err, node->size);
	if (jffs2_unpack(p[INODE_COMPRESSION], packed, node->data, node->size) != JFFS2_UNPACKED) {
		free(node->data);
		node->data = NULL;
	}
	return 0;
}

static struct redact_node *add_node(struct redact_image *image)
{
	if (image->node_count == image->node_room) {
		size_t room = image->node_room ? 2 * image->node_room : 256;
		struct redact_node *grown = realloc(image->nodes, room * sizeof(*grown));

		if (!grown)
			return NULL;
		image->nodes = grown;
		image->node_room = room;
	}
	return &image->nodes[image->node_count++];
}

static uint16_t region_of(const struct redact_image *image, size_t at)
{
	for (size_t i = 0; i < image->region_count; i++) {
		const struct redact_region *region = &image->regions[i];

		if (at >= region->offset && at - region->offset < region->size)
			return (uint16_t)i;
	}
	return 0;
}

/* Takes the node at offset; *length 0 where none is whole there. */
static int take_node(struct redact_image *image, size_t offset, uint32_t *length,
		     struct rc_error *err)
{
	const uint8_t *p = image->data + offset;
	unsigned stored = rc_le16(p + 2), type = stored | JFFS2_NODE_ACCURATE;
	uint32_t size = rc_le32(p + 4);
	struct redact_node *node;

	*length = 0;
	if (size > image->size - offset || size < JFFS2_HEADER_SIZE || !is_whole(p, type, size))
		return 0;
	node = add_node(image);
	if (!node)
		return rc_fail_memory(err, image->node_room * 2 * sizeof(*node));
	*node = (struct redact_node){ .offset = (uint32_t)offset,
				      .length = size,
				      .type = (uint16_t)type,
				      .region = region_of(image, offset),
				      .obsolete = stored != type };
	*length = size;
	if (type == JFFS2_DIRENT || type == JFFS2_INODE)
		node->version = rc_le32(p + 16);
	if (type == JFFS2_DIRENT)
		node->ino = rc_le32(p + DIRENT_INO);
	if (type != JFFS2_INODE)
		return 0;
	node->ino = rc_le32(p + 12);
	return unpack(image, node, err);
}

int redact_find_nodes(struct redact_image *image, struct rc_error *err)
{
	struct rc_span all = { image->data, image->size };
	int status = 0;

	for (size_t at = 0; at + JFFS2_HEADER_SIZE <= all.size && status == 0;) {
		uint32_t length = 0;

		if (rc_le16(all.data + at) == JFFS2_MAGIC && jffs2_header_holds(all, at))
			status = take_node(image, at, &length, err);
		at += length ? align4(length) : 4;
	}
	return status;
}

void redact_node_name(const struct redact_image *image, const struct redact_node *node, char *out,
		      size_t out_size)
{
	*out = '\0';
	for (size_t i = image->node_count; i-- > 0;) {
		const struct redact_node *entry = &image->nodes[i];
		const uint8_t *p = image->data + entry->offset;
		size_t size;

		if (entry->type != JFFS2_DIRENT || entry->ino != node->ino ||
		    entry->region != node->region || node->ino == 0)
			continue;
		size = p[DIRENT_NAME_SIZE] < out_size ? p[DIRENT_NAME_SIZE] : out_size - 1;
		memcpy(out, p + JFFS2_DIRENT_SIZE, size);
		out[size] = '\0';
		return;
	}
}

/* --- Secrets in nodes --- */

/* Files that are a secret from their first to their last byte (facts 1.5). */
static const struct {
	const char *name;
	enum secret_kind kind;
} whole_files[] = {
	{ ".wifissid", SECRET_SSID },     { ".wifipasswd", SECRET_PASSPHRASE },
	{ ".camera_encyid", SECRET_KEY }, { "license.txt", SECRET_KEY },
	{ ".camera_id", SECRET_ID },
};

/* Program code is full of words, and of nobody's secrets. */
static bool is_texty(const struct redact_node *node)
{
	for (size_t i = 0; i < node->size; i++) {
		uint8_t c = node->data[i];

		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0 &&
		    !(i < 20 && memcmp(node->data, "FLSH", node->size < 4 ? node->size : 4) == 0))
			return false;
	}
	return true;
}

/* A later page of a program may be nothing but text; its first page tells. */
static bool is_program(const struct redact_image *image, const struct redact_node *node)
{
	for (size_t i = 0; i < image->node_count; i++) {
		const struct redact_node *other = &image->nodes[i];

		if (other->data && other->at == 0 && node->at > 0 && other->ino == node->ino &&
		    other->region == node->region && other->size >= 4 &&
		    memcmp(other->data,
			   "\x7f"
			   "ELF",
			   4) == 0)
			return true;
	}
	return false;
}

static void collect_node(struct redact_image *image, struct redact_node *node)
{
	char name[64];
	struct secret_text text = { .secrets = image->secrets,
				    .data = node->data,
				    .size = node->size,
				    .offset = node->offset,
				    .packed = true,
				    .name = name };

	redact_node_name(image, node, name, sizeof(name));
	for (size_t i = 0; i < RC_COUNT(whole_files); i++) {
		if (strcmp(whole_files[i].name, name) == 0)
			secret_text_take(&text, whole_files[i].kind, 0, node->size);
	}
	secret_text_read(&text);
	node->dirty |= text.changed > 0;
}

void redact_collect_nodes(struct redact_image *image)
{
	for (size_t i = 0; i < image->node_count; i++) {
		if (image->nodes[i].data && is_texty(&image->nodes[i]) &&
		    !is_program(image, &image->nodes[i]))
			collect_node(image, &image->nodes[i]);
	}
}

/* --- Replacing --- */

static int by_place(const void *left, const void *right)
{
	const struct redact_node *a = ((const struct redact_ref *)left)->node;
	const struct redact_node *b = ((const struct redact_ref *)right)->node;

	if (a->region != b->region)
		return a->region < b->region ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

/* A secret may begin in one node of a file and end in the next. */
static void replace_across(struct redact_image *image, struct redact_node *first,
			   struct redact_node *second, uint8_t *window)
{
	size_t most = image->secrets->longest;
	size_t tail = first->size < most ? first->size : most;
	size_t head = second->size < most ? second->size : most;
	size_t count;

	memcpy(window, first->data + first->size - tail, tail);
	memcpy(window + tail, second->data, head);
	count = secrets_replace(image->secrets, window, tail + head, tail);
	if (!count)
		return;
	memcpy(first->data + first->size - tail, window, tail);
	memcpy(second->data, window + tail, head);
	first->dirty = second->dirty = true;
}

/* How many pairs of one node may be tried: versions of the same page are few. */
#define MAX_PAIRS 64u

/* With each node behind it that begins where it ends. */
static void replace_behind(struct redact_image *image, const struct redact_ref *order, size_t count,
			   uint8_t *window)
{
	struct redact_node *first = order[0].node;
	uint64_t end = (uint64_t)first->at + first->size;
	unsigned pairs = 0;

	for (size_t i = 1; i < count && pairs < MAX_PAIRS; i++) {
		struct redact_node *next = order[i].node;

		if (next->region != first->region || next->ino != first->ino || next->at > end)
			return;
		if (next->at != end)
			continue;
		pairs++;
		replace_across(image, first, next, window);
	}
}

static int replace_all_across(struct redact_image *image, struct rc_error *err)
{
	struct redact_ref *order = malloc((image->node_count + 1) * sizeof(*order));
	uint8_t *window = malloc(2 * image->secrets->longest + 1);
	size_t count = 0;
	int status = order && window ? 0 : rc_fail_memory(err, image->node_count * sizeof(*order));

	for (size_t i = 0; status == 0 && i < image->node_count; i++) {
		if (image->nodes[i].data)
			order[count++].node = &image->nodes[i];
	}
	if (count)
		qsort(order, count, sizeof(*order), by_place);
	for (size_t i = 0; i < count; i++)
		replace_behind(image, order + i, count - i, window);
	free(order);
	free(window);
	return status;
}

static void replace_names(struct redact_image *image, const struct redact_node *node)
{
	uint8_t *p = image->data + node->offset;
	size_t size = p[DIRENT_NAME_SIZE];

	if (secrets_replace(image->secrets, p + JFFS2_DIRENT_SIZE, size, SECRETS_ALL))
		rc_put_le32(p + DIRENT_NAME_CRC, rc_crc32_jffs2(p + JFFS2_DIRENT_SIZE, size));
}

static void replace_payload(struct redact_image *image, const struct redact_node *node)
{
	uint8_t *p = image->data + node->offset;

	if (secrets_replace(image->secrets, p + 32, node->length - 32, SECRETS_ALL))
		rc_put_le32(p + 24, rc_crc32_jffs2(p + 32, node->length - 32));
}

int redact_replace_nodes(struct redact_image *image, struct rc_error *err)
{
	int status = replace_all_across(image, err);

	for (size_t i = 0; status == 0 && i < image->node_count; i++) {
		struct redact_node *node = &image->nodes[i];

		if (node->data &&
		    secrets_replace(image->secrets, node->data, node->size, SECRETS_ALL))
			node->dirty = true;
		if (node->type == JFFS2_DIRENT)
			replace_names(image, node);
		else if (has_payload(node->type))
			replace_payload(image, node);
	}
	return status;
}

/* --- Packing again --- */

/* Into exactly room bytes: what a zlib stream leaves of them is behind its end, where
 * nobody reads (Linux, fs/jffs2/compr_zlib.c; jffs2reader likewise). */
static bool pack_zlib(const struct redact_node *node, uint8_t *out, size_t room)
{
	uLongf bound = compressBound(node->size);
	uint8_t *packed = malloc(bound);
	bool fits = packed &&
		    compress2(packed, &bound, node->data, node->size, Z_BEST_COMPRESSION) == Z_OK &&
		    bound <= room;

	if (fits) {
		memcpy(out, packed, bound);
		memset(out + bound, 0, room - bound);
	}
	free(packed);
	return fits;
}

/* The simple way that old images and small nodes have (Linux, fs/jffs2/compr_rtime.c): each
 * byte, and how many after it repeat what came after its last like. */
static bool pack_rtime(const struct redact_node *node, uint8_t *out, size_t room)
{
	size_t after[256] = { 0 };
	size_t used = 0, at = 0;

	while (at < node->size) {
		uint8_t value = node->data[at++];
		size_t from = after[value];
		uint8_t repeat = 0;

		if (used + 2 > room)
			return false;
		after[value] = at;
		while (at < node->size && repeat < 255 && from < at &&
		       node->data[from] == node->data[at]) {
			from++;
			at++;
			repeat++;
		}
		out[used++] = value;
		out[used++] = repeat;
	}
	memset(out + used, 0, room - used);
	return true;
}

static void write_node(struct redact_image *image, struct redact_node *node)
{
	uint8_t *p = image->data + node->offset;
	uint8_t *out = p + JFFS2_INODE_SIZE;
	size_t room = rc_le32(p + INODE_PACKED);

	if (p[INODE_COMPRESSION] == JFFS2_COMPR_NONE && room == node->size) {
		memcpy(out, node->data, room);
	} else if (pack_zlib(node, out, room)) {
		p[INODE_COMPRESSION] = JFFS2_COMPR_ZLIB;
		image->repacked++;
	} else if (pack_rtime(node, out, room)) {
		p[INODE_COMPRESSION] = JFFS2_COMPR_RTIME;
		image->repacked++;
	} else {
		/* Nothing else may stay of it. */
		p[INODE_COMPRESSION] = JFFS2_COMPR_ZERO;
		memset(out, 0, room);
		image->emptied++;
	}
	rc_put_le32(p + INODE_DATA_CRC, rc_crc32_jffs2(out, room));
	rc_put_le32(p + INODE_NODE_CRC, head_crc(p, INODE_DATA_CRC));
	node->dirty = false;
}

void redact_write_nodes(struct redact_image *image)
{
	for (size_t i = 0; i < image->node_count; i++) {
		if (image->nodes[i].dirty)
			write_node(image, &image->nodes[i]);
	}
}
