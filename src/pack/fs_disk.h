/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder on this computer's disk that holds somebody else's files.
 *
 * Each path is walked from the folder's own descriptor, one name at a time and without
 * following a link, so that nothing in an image, and nobody who changes the folder
 * meanwhile, leads out of it. Paths are those of struct fs_node; names are escaped on
 * disk as pack/fs.h says.
 */
#ifndef RECAM_PACK_FS_DISK_H
#define RECAM_PACK_FS_DISK_H

#include "pack/fs_tree.h"

/* A folder that is being filled. Most of what is put into it lies beside what was put there before:
 * the descriptor of that folder is kept. */
struct fs_disk {
	int root;          /* descriptor of the folder itself, borrowed */
	int parent;        /* of the folder in it that parent_path names; -1: none */
	char *parent_path; /* "" or "/etc/init.d" */
};

void fs_disk_begin(struct fs_disk *disk, int root);
void fs_disk_end(struct fs_disk *disk);

/* Each makes what is not there yet (RC_EFORMAT where it is), in a folder that is. mode:
 * permission bits; what its owner needs to read and change it later is added. */
int fs_disk_make_directory(struct fs_disk *disk, const struct fs_node *node, struct rc_error *err);
int fs_disk_put_file(struct fs_disk *disk, const struct fs_node *node, struct rc_span content,
		     struct rc_error *err);
int fs_disk_put_symlink(struct fs_disk *disk, const struct fs_node *node, struct rc_error *err);
/* A second name for the file first. RC_EUNSUPPORTED where the disk cannot do that. */
int fs_disk_put_hard_link(struct fs_disk *disk, const struct fs_node *node, const char *first,
			  struct rc_error *err);

/* Reads everything below root, contents too, into tree, sorted. */
int fs_disk_read(int root, struct fs_tree *tree, struct rc_error *err);

/* Removes name below dir_fd with all that is in it. What is not there is no error. */
int fs_disk_remove(int dir_fd, const char *name, struct rc_error *err);

/* A new file of that content in dir_fd, whole or not at all. */
int fs_disk_put_text(int dir_fd, const char *name, struct rc_span text, struct rc_error *err);
/* A regular file's content; RC_ENOTFOUND where there is none. No link is followed. */
int fs_disk_get_text(int dir_fd, const char *name, size_t limit, struct rc_buffer *text,
		     struct rc_error *err);

/* A name of an image as it is on disk; NULL where there is no memory. Freed by the caller. */
char *fs_disk_escape(const char *name, size_t size);
/* The reverse, in place. */
void fs_disk_unescape(char *name);

#endif
