/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RECAM_PACK_JFFS2_WRITE_H
#define RECAM_PACK_JFFS2_WRITE_H

#include "pack/fs_write.h"

#define ZLIB_CONST
#include <zlib.h>

enum {
	JFFS2_PAGE = 4096,          /* no node holds more: Linux's page size on these cameras */
	JFFS2_SMALLEST_PIECE = 128, /* as Linux's JFFS2_MIN_DATA_LEN */
	JFFS2_SMALLEST_BLOCK = 0x2000,
	JFFS2_LARGEST_MARKER = 64,
};

struct jffs2_writer {
	const struct fs_tree *tree;
	const struct fs_recipe *recipe;
	struct rc_buffer *image;
	/* One for each node of the tree. */
	uint32_t *inos;
	uint32_t *versions; /* of the last node that has been written of it, or entry in it */
	z_stream zlib;
	uint8_t packed[JFFS2_PAGE];
};

/* Fills image, which ends with an erase block, up to end with erased blocks that bear
 * their clean markers; does nothing where the recipe has none. */
void jffs2_write_markers(const struct fs_recipe *recipe, size_t end, struct rc_buffer *image);

#endif
