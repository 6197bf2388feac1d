/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the halves of the SquashFS writer: squashfs_write.c has the order of things,
 * squashfs_io.c the bytes and the compressors. */
#ifndef RECAM_PACK_SQUASHFS_WRITE_H
#define RECAM_PACK_SQUASHFS_WRITE_H

#include "pack/fs_write.h"

#include <sqfs/compressor.h>
#include <sqfs/io.h>
#include <sqfs/super.h>

/* An image in memory that libsquashfs writes and reads back. */
struct squashfs_image {
	sqfs_file_t base;
	struct rc_buffer *image;
};

struct squashfs_writer {
	const struct fs_tree *tree;
	const struct fs_recipe *recipe;
	uint32_t flags; /* of the super block */
	struct squashfs_image file;
	sqfs_super_t super;
	sqfs_compressor_t *compressor, *unpacker;
	/* The one above, or one that stores; by what the recipe's flags say. */
	sqfs_compressor_t *data_compressor, *table_compressor, *id_compressor;
	sqfs_frag_table_t *fragments;
	sqfs_id_table_t *ids;
	sqfs_dir_writer_t *directories;
	/* One for each node of the tree. */
	sqfs_inode_generic_t **inodes;
	uint64_t *places; /* inode references */
	sqfs_u32 *numbers;
	struct rc_error *err;
};

/* Checks the recipe and opens file and compressors. RC_EUSAGE where the recipe makes no sense,
 * RC_EUNSUPPORTED where libsquashfs lacks the compressor. Closed in any case. */
int squashfs_writer_open(struct squashfs_writer *w, struct rc_buffer *image);
void squashfs_writer_close(struct squashfs_writer *w);

#endif
