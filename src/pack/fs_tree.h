/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree of files in memory: what a manifest lists, what a folder holds, what is packed. */
#ifndef RECAM_PACK_FS_TREE_H
#define RECAM_PACK_FS_TREE_H

#include "pack/fs.h"

#define FS_SHA256_SIZE 32u

struct fs_node {
	char *path; /* from the root: "/etc/passwd"; the root is "/"; owned */
	enum fs_type type;
	uint32_t mode, uid, gid, mtime;
	uint32_t device;          /* FS_DEVICE() */
	uint64_t inode;           /* equal for names of one file; 0: it has only this one */
	size_t first;             /* index of the file's first name (fs_tree_link_names) */
	uint32_t names;           /* how many it has, where this is the first */
	char *target;             /* of a symlink; owned */
	uint64_t size;            /* of a file */
	struct rc_buffer content; /* of a file, where it was read */
	uint8_t sha256[FS_SHA256_SIZE];
};

/* Sorted so that each directory is followed by all that is in it, in the order of
 * their bytes. Zero-initialise; fs_tree_free when done. */
struct fs_tree {
	struct fs_node *nodes;
	size_t count, room;
};
#define FS_NO_NODE SIZE_MAX

/* Takes over what node points at, also where it fails (NULL). */
struct fs_node *fs_tree_add(struct fs_tree *tree, struct fs_node *node, struct rc_error *err);
void fs_tree_free(struct fs_tree *tree);
void fs_node_free(struct fs_node *node);

/* Brings the nodes into their order. RC_EFORMAT where a path is there twice, or a node lies in
 * what is no directory; the root must be there. what: "the manifest", for the message. */
int fs_tree_sort(struct fs_tree *tree, const char *what, struct rc_error *err);
/* Sets first and names of all nodes: files of equal inode and content are one. */
int fs_tree_link_names(struct fs_tree *tree, struct rc_error *err);
/* Index in a sorted tree, or FS_NO_NODE. */
size_t fs_tree_find(const struct fs_tree *tree, const char *path);
/* Index of the directory that holds the node; FS_NO_NODE for the root. */
size_t fs_tree_parent(const struct fs_tree *tree, size_t node);
/* The node behind all that lies below node i. */
size_t fs_tree_skip(const struct fs_tree *tree, size_t i);

/* "etc" of "/etc", "" of the root; borrowed. */
const char *fs_node_name(const struct fs_node *node);
/* Type and permissions as stat(2) has them. */
uint32_t fs_node_st_mode(const struct fs_node *node);
bool fs_type_of_st_mode(uint32_t st_mode, enum fs_type *type);

/* What an image holds, without contents, and how it was made; errors as fs_unpack. The tree is
 * to be freed in any case. */
int fs_tree_of_image(struct rc_span region, const struct format *format, struct fs_tree *tree,
		     struct fs_recipe *recipe, struct rc_error *err);

/* What fs_pack would put into an image of NAME/ and NAME.mtree, contents included, and the
 * manifest's recipe (format NULL: it has none). The tree is to be freed in any case. */
int fs_tree_of_folder(int dir_fd, const char *name, struct fs_tree *tree, struct fs_recipe *recipe,
		      struct rc_error *err);
/* The image of a sorted tree with contents; name is for messages, the rest as fs_pack. Sets
 * first and names of its nodes. */
int fs_image_of_tree(struct fs_tree *tree, const char *name, const struct fs_recipe *recipe,
		     size_t room, struct rc_buffer *image, struct rc_error *err);

/* True where path has the form "/a/b" and no part of it is empty, "." or "..". */
bool fs_path_is_sound(const char *path);

#endif
