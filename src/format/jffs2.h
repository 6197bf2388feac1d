/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the two halves of the JFFS2 reader: jffs2_scan.c finds and verifies the
 * nodes on flash, jffs2.c makes the tree of them. Layout of nodes: Linux,
 * include/uapi/linux/jffs2.h; all of it little-endian here, as these cameras are.
 */
#ifndef RECAM_FORMAT_JFFS2_H
#define RECAM_FORMAT_JFFS2_H

#include "format/format.h"

enum {
	JFFS2_MAGIC = 0x1985,

	JFFS2_NODE_ACCURATE = 0x2000, /* cleared on NOR when a node becomes obsolete */
	JFFS2_DIRENT = 0xe001,
	JFFS2_INODE = 0xe002,
	JFFS2_CLEANMARKER = 0x2003,
	JFFS2_PADDING = 0x2004,
	JFFS2_SUMMARY = 0x2006,
	JFFS2_XATTR = 0xe008,
	JFFS2_XREF = 0xe009,

	JFFS2_HEADER_SIZE = 12,
	JFFS2_DIRENT_SIZE = 40, /* without the name */
	JFFS2_INODE_SIZE = 68,  /* without the data */

	JFFS2_ROOT_INO = 1,

	/* Ways of compression. */
	JFFS2_COMPR_NONE = 0,
	JFFS2_COMPR_ZERO = 1,
	JFFS2_COMPR_ZLIB = 6,
};

/* A dirent or an inode node whose checksums hold. */
struct jffs2_node {
	uint32_t offset;
	uint32_t ino;    /* of a dirent: what it names, 0: nothing any more */
	uint32_t parent; /* of a dirent only */
	uint32_t version;
	bool obsolete;
};

struct jffs2_nodes {
	struct jffs2_node *at;
	size_t count;
	size_t room;
};

struct jffs2_scan {
	struct jffs2_nodes dirents; /* obsolete ones too */
	struct jffs2_nodes inodes;  /* none that is obsolete */
	uint32_t nodes;             /* of all kinds */
	uint32_t obsolete;
	uint32_t torn; /* begun, and never finished: the power went */
	uint32_t gaps; /* stretches of FF or 00 between nodes of one erase block */
	uint32_t highest_version;
	uint32_t erase_block;  /* as far as the nodes tell */
	uint32_t compressions; /* 1 << JFFS2_COMPR_* of what is in use */
	uint32_t used;         /* end of the last node */
};

/* Finds all nodes and reports what is wrong with them. Fails only without memory. */
int jffs2_scan(struct rc_span region, struct jffs2_scan *scan, struct format_report *report,
	       struct rc_error *err);
void jffs2_scan_free(struct jffs2_scan *scan);
bool jffs2_add_node(struct jffs2_nodes *nodes, const struct jffs2_node *node);

/* True if a node header whose checksum holds is at offset. */
bool jffs2_header_holds(struct rc_span region, size_t offset);

enum jffs2_unpacked { JFFS2_UNPACKED, JFFS2_CANNOT_UNPACK, JFFS2_BAD_DATA };

/* Unpacks data into exactly size bytes. JFFS2_CANNOT_UNPACK: a way of compression that
 * this build does not know. */
enum jffs2_unpacked jffs2_unpack(unsigned compression, struct rc_span data, uint8_t *out,
				 size_t size);
const char *jffs2_compression_name(unsigned compression);

#endif
