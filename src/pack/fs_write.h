/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a tree with contents to an image, without padding behind it. */
#ifndef RECAM_PACK_FS_WRITE_H
#define RECAM_PACK_FS_WRITE_H

#include "pack/fs_tree.h"

/* Both add the image to an empty buffer, which the caller frees in any case. RC_EFORMAT where the
 * tree holds what the file system cannot, RC_EUSAGE where the recipe makes no sense. */
int squashfs_write(const struct fs_tree *tree, const struct fs_recipe *recipe,
		   struct rc_buffer *image, struct rc_error *err);
int jffs2_write(const struct fs_tree *tree, const struct fs_recipe *recipe, struct rc_buffer *image,
		struct rc_error *err);

/* Adds size bytes of value. */
void fs_fill(struct rc_buffer *image, uint8_t value, size_t size);

#endif
