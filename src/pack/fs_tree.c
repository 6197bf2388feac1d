/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/fs_tree.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	enum fs_type type;
	uint32_t st_mode;
} types[] = {
	{ FS_FILE, S_IFREG },        { FS_DIRECTORY, S_IFDIR },    { FS_SYMLINK, S_IFLNK },
	{ FS_CHAR_DEVICE, S_IFCHR }, { FS_BLOCK_DEVICE, S_IFBLK }, { FS_FIFO, S_IFIFO },
	{ FS_SOCKET, S_IFSOCK },
};

bool fs_type_of_st_mode(uint32_t st_mode, enum fs_type *type)
{
	for (size_t i = 0; i < RC_COUNT(types); i++) {
		if (types[i].st_mode == (st_mode & S_IFMT)) {
			*type = types[i].type;
			return true;
		}
	}
	return false;
}

uint32_t fs_node_st_mode(const struct fs_node *node)
{
	for (size_t i = 0; i < RC_COUNT(types); i++) {
		if (types[i].type == node->type)
			return types[i].st_mode | (node->mode & 07777);
	}
	return 0;
}

const char *fs_node_name(const struct fs_node *node)
{
	return strrchr(node->path, '/') + 1;
}

bool fs_path_is_sound(const char *path)
{
	if (strcmp(path, "/") == 0)
		return true;
	while (*path == '/') {
		size_t size = strcspn(path + 1, "/");

		if (size == 0 || (size == 1 && path[1] == '.') ||
		    (size == 2 && path[1] == '.' && path[2] == '.'))
			return false;
		path += 1 + size;
	}
	return *path == '\0';
}

void fs_node_free(struct fs_node *node)
{
	free(node->path);
	free(node->target);
	rc_buffer_free(&node->content);
	*node = (struct fs_node){ 0 };
}

void fs_tree_free(struct fs_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		fs_node_free(&tree->nodes[i]);
	free(tree->nodes);
	*tree = (struct fs_tree){ 0 };
}

struct fs_node *fs_tree_add(struct fs_tree *tree, struct fs_node *node, struct rc_error *err)
{
	struct fs_node *bigger = tree->nodes;
	size_t room = tree->room;

	if (tree->count == FS_MAX_ENTRIES) {
		rc_fail(err, RC_ERANGE,
			"more than %u files and folders: no camera's file system holds that many",
			FS_MAX_ENTRIES);
		fs_node_free(node);
		return NULL;
	}
	if (tree->count == room) {
		room = room ? room * 2 : 64;
		bigger = realloc(tree->nodes, room * sizeof(*bigger));
	}
	if (!bigger) {
		rc_fail_memory(err, room * sizeof(*bigger));
		fs_node_free(node);
		return NULL;
	}
	tree->nodes = bigger;
	tree->room = room;
	tree->nodes[tree->count] = *node;
	*node = (struct fs_node){ 0 };
	return &tree->nodes[tree->count++];
}

/* '/' comes before every other byte, so that what lies in a directory follows it. */
static unsigned rank_of(const char *path, size_t at, size_t size)
{
	if (at == size)
		return 0;
	return path[at] == '/' ? 1 : 2u + (unsigned char)path[at];
}

static int compare_paths(const char *a, size_t a_size, const char *b, size_t b_size)
{
	size_t at = 0;
	unsigned left, right;

	while (at < a_size && at < b_size && a[at] == b[at])
		at++;
	left = rank_of(a, at, a_size);
	right = rank_of(b, at, b_size);
	return (left > right) - (left < right);
}

static int compare_nodes(const void *left, const void *right)
{
	const struct fs_node *a = left, *b = right;

	return compare_paths(a->path, strlen(a->path), b->path, strlen(b->path));
}

static size_t find(const struct fs_tree *tree, const char *path, size_t size)
{
	size_t low = 0, high = tree->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *other = tree->nodes[middle].path;
		int order = compare_paths(other, strlen(other), path, size);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return FS_NO_NODE;
}

size_t fs_tree_find(const struct fs_tree *tree, const char *path)
{
	return find(tree, path, strlen(path));
}

size_t fs_tree_parent(const struct fs_tree *tree, size_t node)
{
	const char *path = tree->nodes[node].path;
	size_t size = (size_t)(strrchr(path, '/') - path);

	if (strcmp(path, "/") == 0)
		return FS_NO_NODE;
	return size == 0 ? find(tree, "/", 1) : find(tree, path, size);
}

static bool is_below(const char *path, const char *directory)
{
	size_t size = strcmp(directory, "/") == 0 ? 0 : strlen(directory);

	return strncmp(path, directory, size) == 0 && path[size] == '/' && path[size + 1];
}

size_t fs_tree_skip(const struct fs_tree *tree, size_t i)
{
	const char *directory = tree->nodes[i++].path;

	while (i < tree->count && is_below(tree->nodes[i].path, directory))
		i++;
	return i;
}

int fs_tree_sort(struct fs_tree *tree, const char *what, struct rc_error *err)
{
	if (tree->count)
		qsort(tree->nodes, tree->count, sizeof(*tree->nodes), compare_nodes);
	if (tree->count == 0 || strcmp(tree->nodes[0].path, "/") != 0)
		return rc_fail(err, RC_EFORMAT, "%s has no root folder (\".\")", what);
	if (tree->nodes[0].type != FS_DIRECTORY)
		return rc_fail(err, RC_EFORMAT, "%s says that its root is no folder", what);
	for (size_t i = 1; i < tree->count; i++) {
		size_t parent;

		if (strcmp(tree->nodes[i - 1].path, tree->nodes[i].path) == 0)
			return rc_fail(err, RC_EFORMAT, "%s has %s twice", what,
				       tree->nodes[i].path);
		parent = fs_tree_parent(tree, i);
		if (parent == FS_NO_NODE || tree->nodes[parent].type != FS_DIRECTORY)
			return rc_fail(err, RC_EFORMAT, "%s has %s in what is no folder there",
				       what, tree->nodes[i].path);
	}
	return 0;
}

/* By inode, then by place. */
static int compare_names(const void *left, const void *right)
{
	const struct fs_node *a = *(const struct fs_node *const *)left;
	const struct fs_node *b = *(const struct fs_node *const *)right;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return (a > b) - (a < b);
}

static bool is_same_file(const struct fs_node *a, const struct fs_node *b)
{
	return a->inode && a->inode == b->inode && a->type == FS_FILE && b->type == FS_FILE &&
	       a->size == b->size && memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}

int fs_tree_link_names(struct fs_tree *tree, struct rc_error *err)
{
	struct fs_node **names = malloc((tree->count + 1) * sizeof(void *));
	struct fs_node *first = NULL;

	if (!names)
		return rc_fail_memory(err, tree->count * sizeof(void *));
	for (size_t i = 0; i < tree->count; i++)
		names[i] = &tree->nodes[i];
	qsort(names, tree->count, sizeof(void *), compare_names);
	for (size_t i = 0; i < tree->count; i++) {
		if (!first || !is_same_file(first, names[i]))
			first = names[i];
		names[i]->names = 0;
		names[i]->first = (size_t)(first - tree->nodes);
		first->names++;
	}
	free(names);
	return 0;
}
