/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders for tests of file systems, and what such a test saw of one. */
#ifndef RECAM_TESTS_FORMAT_TREE_H
#define RECAM_TESTS_FORMAT_TREE_H

#include "format/format.h"

struct tree_entry {
	struct fs_entry seen; /* with copies of all it points at */
};

/* Zero-initialise; tree_free when done. Its visitor collects every entry, and asserts
 * that a parent comes before its children and nothing comes twice. */
struct tree {
	struct tree_entry *entries;
	size_t count;
};
struct fs_visitor tree_visitor(struct tree *tree);
const struct fs_entry *tree_find(const struct tree *tree, const char *path); /* or NULL */
void tree_free(struct tree *tree);

/* A folder of all that a camera's file system has but device nodes: files that pack
 * and files that do not, empty, tiny and of many blocks, folders in folders, an empty
 * one, symlinks and a hard link. Static memory for one test. */
const char *tree_make_folder(void);

/* Asserts that the tree holds what the folder holds: names, types, permissions, owners,
 * times, contents and targets; of everything in it, and nothing more. */
void assert_tree_is_folder(const struct tree *tree, const char *folder);

/* Runs a program that must succeed; arguments end with NULL. */
void run_well(const char *const *argv);

/* Flips bits in one byte of region at each of count seeded places of [from, to), one at
 * a time, and asserts that format_check calls each damaged, with a problem near it. */
void assert_flips_are_damage(const struct format *format, struct rc_span region, size_t from,
			     size_t to, unsigned count, uint64_t seed, size_t near);

#endif
