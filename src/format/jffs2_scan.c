/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the nodes of a JFFS2 by going over the region in steps of four bytes, as the
 * kernel does at mount (Linux, fs/jffs2/scan.c), but verifies all of each node, and
 * accounts for every byte: what is no node must be FF or 00.
 *
 * Power that goes while a node is being written leaves a torn one: its front is
 * there, the rest is still FF. The kernel steps over it and writes on behind it, so
 * on a camera in use that is normal. A byte that changed later is not: it leaves
 * the node's end as it was.
 */
#include "format/jffs2.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"

/* So many erased bytes at the end of a node that does not hold make it a torn one;
 * compressed data never ends like this. */
#define TORN_TAIL 4u

/* Erase blocks of the cameras' chips and drivers; 32 KiB is what Linux says on the
 * T20 (facts/bootloaders-and-flash.md 1.1). */
static const uint32_t erase_blocks[] = { 0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000 };
#define USUAL_ERASE_BLOCK 0x8000u

/* A run of bytes that are no node ends where so much blank space follows. */
#define GARBAGE_BREAK 256u

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

bool jffs2_add_node(struct jffs2_nodes *nodes, const struct jffs2_node *node)
{
	if (nodes->count == nodes->room) {
		size_t room = nodes->room ? nodes->room * 2 : 64;
		struct jffs2_node *bigger = realloc(nodes->at, room * sizeof(*bigger));

		if (!bigger)
			return false;
		nodes->at = bigger;
		nodes->room = room;
	}
	nodes->at[nodes->count++] = *node;
	return true;
}

void jffs2_scan_free(struct jffs2_scan *scan)
{
	free(scan->dirents.at);
	free(scan->inodes.at);
	*scan = (struct jffs2_scan){ 0 };
}

/* CRC of the first size bytes of a node as they were before it became obsolete. */
static uint32_t head_crc(const uint8_t *node, size_t size)
{
	uint8_t head[64];

	memcpy(head, node, size);
	rc_put_le16(head + 2, rc_le16(head + 2) | JFFS2_NODE_ACCURATE);
	return rc_crc32_jffs2(head, size);
}

bool jffs2_header_holds(struct rc_span region, size_t offset)
{
	const uint8_t *p = region.data + offset;

	if (offset > region.size || region.size - offset < JFFS2_HEADER_SIZE ||
	    rc_le16(p) != JFFS2_MAGIC)
		return false;
	return head_crc(p, 8) == rc_le32(p + 8) && rc_le32(p + 4) >= JFFS2_HEADER_SIZE;
}

/* --- what each kind of node must be --- */

struct mismatch {
	const char *what;
	uint32_t computed;
	uint32_t stored;
};

static bool differs(struct mismatch *mismatch, const char *what, uint32_t computed, uint32_t stored)
{
	*mismatch = (struct mismatch){ what, computed, stored };
	return computed != stored;
}

static bool verify_dirent(const uint8_t *node, uint32_t length, struct mismatch *m)
{
	return !differs(m, "node checksum", head_crc(node, 32), rc_le32(node + 32)) &&
	       !differs(m, "length", JFFS2_DIRENT_SIZE + node[28], length) &&
	       !differs(m, "name checksum", rc_crc32_jffs2(node + JFFS2_DIRENT_SIZE, node[28]),
			rc_le32(node + 36));
}

static bool verify_inode(const uint8_t *node, uint32_t length, struct mismatch *m)
{
	uint32_t packed = rc_le32(node + 48);

	return !differs(m, "node checksum", head_crc(node, 60), rc_le32(node + 64)) &&
	       !differs(m, "length", JFFS2_INODE_SIZE + packed, length) &&
	       !differs(m, "data checksum", rc_crc32_jffs2(node + JFFS2_INODE_SIZE, packed),
			rc_le32(node + 60));
}

/* Nothing is in these, so nothing but FF or 00 may be. */
static bool verify_blank(const uint8_t *node, uint32_t length, struct mismatch *m)
{
	const uint8_t *rest = node + JFFS2_HEADER_SIZE;
	size_t size = length - JFFS2_HEADER_SIZE;

	*m = (struct mismatch){ "filling", 0, 0 };
	return rc_all_bytes(rest, size, 0xff) || rc_all_bytes(rest, size, 0x00);
}

static bool verify_summary(const uint8_t *node, uint32_t length, struct mismatch *m)
{
	return !differs(m, "node checksum", head_crc(node, 24), rc_le32(node + 28)) &&
	       !differs(m, "summary checksum", rc_crc32_jffs2(node + 32, length - 32),
			rc_le32(node + 24));
}

static bool verify_xattr(const uint8_t *node, uint32_t length, struct mismatch *m)
{
	uint32_t size = node[21] + 1u + rc_le16(node + 22);

	return !differs(m, "node checksum", head_crc(node, 28), rc_le32(node + 28)) &&
	       !differs(m, "length", 32 + size, length) &&
	       !differs(m, "data checksum", rc_crc32_jffs2(node + 32, size), rc_le32(node + 24));
}

static bool verify_xref(const uint8_t *node, uint32_t length, struct mismatch *m)
{
	return !differs(m, "node checksum", head_crc(node, 24), rc_le32(node + 24));
}

static const struct node_kind {
	uint16_t type;
	uint16_t smallest;
	const char *name;
	bool (*verify)(const uint8_t *node, uint32_t length, struct mismatch *mismatch);
} kinds[] = {
	{ JFFS2_DIRENT, JFFS2_DIRENT_SIZE, "directory entry", verify_dirent },
	{ JFFS2_INODE, JFFS2_INODE_SIZE, "inode node", verify_inode },
	{ JFFS2_CLEANMARKER, JFFS2_HEADER_SIZE, "clean marker", verify_blank },
	{ JFFS2_PADDING, JFFS2_HEADER_SIZE, "padding node", verify_blank },
	{ JFFS2_SUMMARY, 32, "summary", verify_summary },
	{ JFFS2_XATTR, 32, "extended attribute", verify_xattr },
	{ JFFS2_XREF, 28, "extended attribute reference", verify_xref },
};

static const struct node_kind *find_kind(unsigned type)
{
	for (size_t i = 0; i < RC_COUNT(kinds); i++) {
		if (kinds[i].type == (type | JFFS2_NODE_ACCURATE))
			return &kinds[i];
	}
	return NULL;
}

/* --- erase blocks --- */

/* Clean markers stand at the beginning of erase blocks. Where there are none, the
 * smallest block that no node reaches across is the likeliest. */
static uint32_t guess_erase_block(struct rc_span region)
{
	uint32_t marker_bits = 0;
	uint32_t markers = 0;
	bool crossed[RC_COUNT(erase_blocks)] = { false };
	size_t end = 0;

	for (size_t at = 0; at + JFFS2_HEADER_SIZE <= region.size;) {
		uint32_t length;

		if (!jffs2_header_holds(region, at)) {
			at += 4;
			continue;
		}
		length = rc_le32(region.data + at + 4);
		if (rc_le16(region.data + at + 2) == JFFS2_CLEANMARKER && ++markers)
			marker_bits |= (uint32_t)at;
		for (size_t i = 0; i < RC_COUNT(erase_blocks); i++)
			crossed[i] |= at / erase_blocks[i] != (at + length - 1) / erase_blocks[i];
		end = at + length;
		at = align4(end);
	}
	if (markers >= 2 && (marker_bits & -marker_bits) >= erase_blocks[0])
		return marker_bits & -marker_bits;
	for (size_t i = 0; i < RC_COUNT(erase_blocks); i++) {
		if (!crossed[i] && end >= (size_t)4 * erase_blocks[i])
			return erase_blocks[i];
	}
	return USUAL_ERASE_BLOCK;
}

/* --- the scan --- */

struct scanner {
	struct rc_span region;
	struct jffs2_scan *scan;
	struct format_report *report;
	size_t node_end; /* of the last node */
	bool no_memory;
};

static bool is_blank(struct rc_span region, size_t at)
{
	uint32_t word = rc_le32(region.data + at);

	return word == 0xffffffff || word == 0;
}

/* Where size bytes at offset end in erased ones, as far as they are there. */
static bool ends_erased(struct rc_span region, size_t at, size_t size)
{
	size_t there = region.size - at < size ? region.size - at : size;

	return there > TORN_TAIL + JFFS2_HEADER_SIZE &&
	       rc_all_bytes(region.data + at + there - TORN_TAIL, TORN_TAIL, 0xff);
}

static bool name_is_sound(const uint8_t *name, size_t size)
{
	return size > 0 && !memchr(name, '/', size) && !memchr(name, '\0', size) &&
	       !(size == 1 && name[0] == '.') && !(size == 2 && name[0] == '.' && name[1] == '.');
}

static void take_dirent(struct scanner *s, size_t at, bool obsolete)
{
	const uint8_t *p = s->region.data + at;
	struct jffs2_node node = { .offset = (uint32_t)at,
				   .parent = rc_le32(p + 12),
				   .version = rc_le32(p + 16),
				   .ino = rc_le32(p + 20),
				   .obsolete = obsolete };

	if (!name_is_sound(p + JFFS2_DIRENT_SIZE, p[28])) {
		format_problem(s->report, at, rc_le32(p + 4),
			       "the directory entry at 0x%zX holds a name that no file can have",
			       at);
		return;
	}
	if (node.version > s->scan->highest_version)
		s->scan->highest_version = node.version;
	if (!jffs2_add_node(&s->scan->dirents, &node))
		s->no_memory = true;
}

static void take_inode(struct scanner *s, size_t at, bool obsolete)
{
	const uint8_t *p = s->region.data + at;
	struct jffs2_node node = { .offset = (uint32_t)at,
				   .ino = rc_le32(p + 12),
				   .version = rc_le32(p + 16) };

	if (node.version > s->scan->highest_version)
		s->scan->highest_version = node.version;
	if (obsolete)
		return;
	if (rc_le32(p + 52) > 0 && p[56] < 32)
		s->scan->compressions |= 1u << p[56];
	if (!jffs2_add_node(&s->scan->inodes, &node))
		s->no_memory = true;
}

static void take_whole_node(struct scanner *s, const struct node_kind *kind, size_t at)
{
	bool obsolete = !(rc_le16(s->region.data + at + 2) & JFFS2_NODE_ACCURATE);

	if (obsolete)
		s->scan->obsolete++;
	if (kind->type == JFFS2_DIRENT)
		take_dirent(s, at, obsolete);
	else if (kind->type == JFFS2_INODE)
		take_inode(s, at, obsolete);
}

static void check_node(struct scanner *s, size_t at, uint32_t length)
{
	const uint8_t *p = s->region.data + at;
	unsigned type = rc_le16(p + 2);
	const struct node_kind *kind = find_kind(type);
	struct mismatch m = { "length", length, 0 };

	if (!kind) {
		/* Bits 0xC000: Linux refuses to mount what it does not know. */
		if ((type & 0xc000) == 0xc000)
			format_problem(s->report, at, length,
				       "the node at 0x%zX is of the unknown type %04X", at, type);
		return;
	}
	if (length <= s->region.size - at && length >= kind->smallest &&
	    kind->verify(p, length, &m)) {
		take_whole_node(s, kind, at);
		return;
	}
	if (ends_erased(s->region, at, length)) {
		s->scan->torn++;
	} else if (length > s->region.size - at) {
		format_problem(s->report, at, s->region.size - at,
			       "the %s at 0x%zX is %u bytes long, and only %zu of them are here",
			       kind->name, at, length, s->region.size - at);
	} else {
		format_problem(s->report, at, length, "%s at 0x%zX: %s is %08X, the node says %08X",
			       kind->name, at, m.what, m.computed, m.stored);
	}
}

/* The up to three bytes that make a node's length a multiple of four. */
static void check_alignment(struct scanner *s, size_t end)
{
	size_t size = align4(end) - end;

	if (size == 0 || end + size > s->region.size)
		return;
	if (!rc_all_bytes(s->region.data + end, size, 0xff) &&
	    !rc_all_bytes(s->region.data + end, size, 0x00))
		format_problem(s->report, end, size,
			       "the %zu filling bytes behind the node that ends at 0x%zX are "
			       "neither FF nor 00",
			       size, end);
}

/* A gap inside an erase block, between two nodes. */
static void note_gap(struct scanner *s, size_t at)
{
	size_t before = align4(s->node_end);

	if (s->node_end && at > before &&
	    before / s->scan->erase_block == at / s->scan->erase_block)
		s->scan->gaps++;
}

/* JFFS2 begins each erase block with a node, so its first one lies on a round address. */
static void check_first(struct scanner *s, size_t at)
{
	if (s->scan->nodes == 1 && at % erase_blocks[0] != 0)
		format_problem(s->report, 0, at,
			       "the first node is at 0x%zX, where no erase block begins: the file "
			       "system is %zu bytes out of its place",
			       at, at % erase_blocks[0]);
}

static size_t scan_node(struct scanner *s, size_t at)
{
	uint32_t length = rc_le32(s->region.data + at + 4);
	size_t there = s->region.size - at;

	s->scan->nodes++;
	check_first(s, at);
	note_gap(s, at);
	check_node(s, at, length);
	s->node_end = at + (length < there ? length : there);
	check_alignment(s, s->node_end);
	return align4(s->node_end);
}

/* A header of which only the front was written. */
static bool is_torn_header(struct rc_span region, size_t at, size_t size)
{
	return size < JFFS2_HEADER_SIZE && rc_le16(region.data + at) == JFFS2_MAGIC &&
	       (region.size - at < JFFS2_HEADER_SIZE ||
		rc_all_bytes(region.data + at + 8, 4, 0xff));
}

/* Steps over bytes that are neither a node nor blank. */
static size_t scan_garbage(struct scanner *s, size_t begin)
{
	struct rc_span region = s->region;
	size_t end = begin + 4;
	size_t at;

	for (at = end; at + 4 <= region.size && !jffs2_header_holds(region, at); at += 4) {
		if (!is_blank(region, at))
			end = at + 4;
		else if (at - end >= GARBAGE_BREAK)
			break;
	}
	if (is_torn_header(region, begin, end - begin))
		s->scan->torn++;
	else if (rc_le16(region.data + begin) == JFFS2_MAGIC &&
		 region.size - begin >= JFFS2_HEADER_SIZE)
		format_problem(s->report, begin, end - begin,
			       "node at 0x%zX: header checksum is %08X, the node says %08X", begin,
			       head_crc(region.data + begin, 8), rc_le32(region.data + begin + 8));
	else
		format_problem(s->report, begin, end - begin,
			       "%zu bytes at 0x%zX are neither a node nor blank", end - begin,
			       begin);
	return end;
}

int jffs2_scan(struct rc_span region, struct jffs2_scan *scan, struct format_report *report,
	       struct rc_error *err)
{
	struct scanner s = { .region = region, .scan = scan, .report = report };
	size_t at = 0;

	*scan = (struct jffs2_scan){ .erase_block = guess_erase_block(region) };
	while (at + 4 <= region.size && !s.no_memory) {
		if (is_blank(region, at))
			at += 4;
		else if (jffs2_header_holds(region, at))
			at = scan_node(&s, at);
		else
			at = scan_garbage(&s, at);
	}
	scan->used = (uint32_t)s.node_end;
	if (s.no_memory)
		return rc_fail_memory(err, scan->inodes.room * sizeof(struct jffs2_node));
	return 0;
}
