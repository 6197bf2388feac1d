/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manifest: mtree(5) through libarchive, with one comment line more, which says how
 * the image was made.
 */
#ifndef RECAM_PACK_FS_MANIFEST_H
#define RECAM_PACK_FS_MANIFEST_H

#include "pack/fs_tree.h"

struct fs_manifest;

/* NULL: no memory. */
struct fs_manifest *fs_manifest_begin(struct rc_error *err);
/* Adds one entry; content of files is hashed. */
int fs_manifest_add(struct fs_manifest *manifest, const struct fs_node *node,
		    struct rc_span content, struct rc_error *err);
/* Ends it and puts its text, the recipe's line in it (NULL: none), into text, which the caller
 * frees in any case. Frees the manifest. */
int fs_manifest_end(struct fs_manifest *manifest, const struct fs_recipe *recipe,
		    struct rc_buffer *text, struct rc_error *err);
void fs_manifest_drop(struct fs_manifest *manifest);

/* Reads a manifest into a tree without contents, sorted. RC_EFORMAT, with the entry, where it is
 * none or says what cannot be. recipe->format is NULL where it does not say how the
 * image was made. */
int fs_manifest_read(struct rc_span text, struct fs_tree *tree, struct fs_recipe *recipe,
		     struct rc_error *err);

/* The recipe's line, with "#recam " before and no newline behind it. */
#define FS_RECIPE_LINE 512
void fs_recipe_print(const struct fs_recipe *recipe, char line[FS_RECIPE_LINE]);
/* RC_EFORMAT with the word that is not understood. */
int fs_recipe_parse(const char *line, struct fs_recipe *recipe, struct rc_error *err);

#endif
