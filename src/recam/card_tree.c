/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/log.h"
#include "recam/card.h"

#define MAX_NODES 8192u
#define MAX_FILE  RC_MIB(512)
#define MAX_DEPTH 16

/* What computers leave behind, and version control: never part of a camera's card. */
static const char *const left_out[] = { ".DS_Store", ".git", ".gitignore", "Thumbs.db",
					"desktop.ini" };

static bool is_left_out(const char *name)
{
	for (size_t i = 0; i < RC_COUNT(left_out); i++)
		if (strcmp(name, left_out[i]) == 0)
			return true;
	return strncmp(name, "._", 2) == 0;
}

/* *index: its number as fat_node.parent counts. The bytes become the tree's. */
static int add(struct card_tree *tree, size_t parent, const char *name, bool folder,
	       struct rc_buffer *bytes, size_t *index, struct rc_error *err)
{
	char *copy = strdup(name);

	if (tree->count == tree->room && copy) {
		size_t room = tree->room ? tree->room * 2 : 64;
		struct fat_node *grown = realloc(tree->nodes, room * sizeof(*grown));

		if (grown) {
			tree->nodes = grown;
			tree->room = room;
		}
	}
	if (!copy || tree->count == tree->room || tree->count == MAX_NODES) {
		free(copy);
		rc_buffer_free(bytes);
		return rc_fail(err, RC_ERANGE,
			       "no more than %u files and folders are put onto a card, and memory "
			       "must hold them",
			       MAX_NODES);
	}
	tree->nodes[tree->count++] = (struct fat_node){ .name = copy,
							.bytes = { bytes->data, bytes->size },
							.folder = folder,
							.parent = parent };
	*index = tree->count;
	return 0;
}

struct walk {
	struct card_tree *tree;
	size_t folders[MAX_DEPTH + 1]; /* by level: the folder that is open */
	unsigned passed_over;
};

static int visit(struct walk *walk, const FTSENT *entry, struct rc_error *err)
{
	struct rc_buffer bytes = { 0 };
	size_t index, level = (size_t)entry->fts_level;
	int result = 0;

	if (level > MAX_DEPTH)
		return rc_fail(err, RC_ERANGE, "%s lies more than %d folders deep", entry->fts_path,
			       MAX_DEPTH);
	if (entry->fts_info == FTS_F)
		result = rc_file_read(entry->fts_accpath, MAX_FILE, &bytes, err);
	if (!result)
		result = add(walk->tree, walk->folders[level - 1], entry->fts_name,
			     entry->fts_info == FTS_D, &bytes, &index, err);
	if (!result && entry->fts_info == FTS_D)
		walk->folders[level] = index;
	return result;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int walk_all(FTS *fts, struct walk *walk, struct rc_error *err)
{
	FTSENT *entry;
	int result = 0;

	while (!result && (entry = fts_read(fts))) {
		if (entry->fts_level == 0 || entry->fts_info == FTS_DP)
			continue;
		if (is_left_out(entry->fts_name)) {
			fts_set(fts, entry, FTS_SKIP);
			continue;
		}
		if (entry->fts_info == FTS_D || entry->fts_info == FTS_F)
			result = visit(walk, entry, err);
		else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
			result = rc_fail_errno(err, RC_EIO, entry->fts_errno, "cannot read %s",
					       entry->fts_path);
		else
			walk->passed_over++;
	}
	return result;
}

int card_tree_read(struct card_tree *tree, const char *folder, struct rc_error *err)
{
	char *const paths[] = { (char *)folder, NULL };
	struct walk walk = { .tree = tree };
	FTS *fts;
	int result;

	if (!rc_is_directory(folder))
		return rc_fail(err, RC_EUSAGE,
			       "%s is no folder: give the one whose contents are to be on the card",
			       folder);
	fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (!fts)
		return rc_fail_errno(err, RC_EIO, errno, "cannot read %s", folder);
	result = walk_all(fts, &walk, err);
	fts_close(fts);
	if (!result && walk.passed_over)
		rc_log_note("%u links and special files of %s are left out: FAT has none",
			    walk.passed_over, folder);
	return result;
}

static size_t child(const struct card_tree *tree, size_t parent, const char *name, size_t length)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->nodes[i].parent == parent && strlen(tree->nodes[i].name) == length &&
		    strncasecmp(tree->nodes[i].name, name, length) == 0)
			return i + 1;
	return 0;
}

const struct fat_node *card_tree_find(const struct card_tree *tree, const char *path)
{
	size_t parent = 0;

	for (;;) {
		size_t length = strcspn(path, "/");

		parent = child(tree, parent, path, length);
		if (parent == 0)
			return NULL;
		if (!path[length])
			return &tree->nodes[parent - 1];
		path += length + 1;
	}
}

/* The folder that a path's file is in, made where it is not there; *name: the file's. */
static int open_folders(struct card_tree *tree, const char **name, size_t *parent,
			struct rc_error *err)
{
	const char *path = *name;
	int result = 0;

	*parent = 0;
	for (size_t length; !result && path[length = strcspn(path, "/")]; path += length + 1) {
		struct rc_buffer none = { 0 };
		size_t found = child(tree, *parent, path, length);
		char part[256];

		snprintf(part, sizeof(part), "%.*s", (int)(length < 255 ? length : 255), path);
		if (found && !tree->nodes[found - 1].folder)
			return rc_fail(err, RC_EUSAGE, "%s is a file, no folder", part);
		if (!found)
			result = add(tree, *parent, part, true, &none, &found, err);
		*parent = found;
	}
	*name = path;
	return result;
}

int card_tree_put(struct card_tree *tree, const char *path, struct rc_span bytes,
		  struct rc_error *err)
{
	struct rc_buffer copy = { 0 };
	size_t parent, index;
	int result = open_folders(tree, &path, &parent, err);

	if (result)
		return result;
	if (!rc_buffer_append(&copy, bytes.data, bytes.size) && bytes.size)
		return rc_fail_memory(err, bytes.size);
	index = child(tree, parent, path, strlen(path));
	if (index == 0)
		return add(tree, parent, path, false, &copy, &index, err);
	free((void *)tree->nodes[index - 1].bytes.data);
	tree->nodes[index - 1].bytes = (struct rc_span){ copy.data, copy.size };
	return 0;
}

void card_tree_free(struct card_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		free((void *)tree->nodes[i].name);
		free((void *)tree->nodes[i].bytes.data);
	}
	free(tree->nodes);
	*tree = (struct card_tree){ 0 };
}
