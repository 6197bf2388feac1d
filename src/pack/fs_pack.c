/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "pack/fs_disk.h"
#include "pack/fs_manifest.h"
#include "pack/jffs2_write.h"

#define LARGEST 5

/* --- folder and manifest together --- */

struct sources {
	struct fs_tree manifest; /* empty where there is none */
	struct fs_tree tree;     /* the folder; then what is packed */
	struct fs_recipe recipe; /* of the manifest; format NULL: none */
	uint32_t stamp;          /* the time of what is new */
};

static int read_manifest(int dir_fd, const char *name, struct sources *sources,
			 struct rc_error *err)
{
	char file[280];
	struct rc_buffer text;
	int result;

	snprintf(file, sizeof(file), "%s.mtree", name);
	result = fs_disk_get_text(dir_fd, file, FS_MAX_MANIFEST, &text, err);
	if (result == RC_ENOTFOUND)
		return 0;
	if (result == 0)
		result = fs_manifest_read((struct rc_span){ text.data, text.size },
					  &sources->manifest, &sources->recipe, err);
	rc_buffer_free(&text);
	return result;
}

/* reproducible-builds.org/specs/source-date-epoch */
static uint32_t choose_stamp(const struct fs_tree *manifest)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds;
	uint32_t newest = 0;

	if (epoch && rc_parse_number(epoch, UINT32_MAX, &seconds))
		return (uint32_t)seconds;
	for (size_t i = 0; i < manifest->count; i++) {
		if (manifest->nodes[i].mtime > newest)
			newest = manifest->nodes[i].mtime;
	}
	return newest;
}

static bool is_unchanged(const struct fs_node *found, const struct fs_node *listed)
{
	if (found->type == FS_FILE)
		return found->size == listed->size &&
		       memcmp(found->sha256, listed->sha256, sizeof(found->sha256)) == 0;
	return found->type != FS_SYMLINK || strcmp(found->target, listed->target) == 0;
}

/* Gives what was found on disk the attributes that the manifest lists, or those of new files. */
static void apply(const struct sources *sources, struct fs_node *found)
{
	size_t i = fs_tree_find(&sources->manifest, found->path);
	const struct fs_node *listed = i == FS_NO_NODE ? NULL : &sources->manifest.nodes[i];

	if (!listed || listed->type != found->type) {
		found->uid = found->gid = 0;
		found->mode &= 0755;
		if (found->type == FS_SYMLINK)
			found->mode = 0777;
		found->mtime = sources->stamp;
		return;
	}
	found->mode = listed->mode;
	found->uid = listed->uid;
	found->gid = listed->gid;
	found->device = listed->device;
	found->inode = listed->inode;
	found->mtime = is_unchanged(found, listed) ? listed->mtime : sources->stamp;
}

/* What an unpacked folder does not have on disk. */
static bool is_special(const struct fs_node *node)
{
	return node->type != FS_FILE && node->type != FS_DIRECTORY && node->type != FS_SYMLINK;
}

/* Adds what only the manifest has, if its folder is there. */
static int add_specials(struct sources *sources, struct rc_error *err)
{
	size_t count = sources->tree.count;

	for (size_t i = 0; i < sources->manifest.count; i++) {
		const struct fs_node *listed = &sources->manifest.nodes[i];
		struct fs_tree found = { sources->tree.nodes, count, 0 };
		size_t parent;
		struct fs_node node;

		if (!is_special(listed) || fs_tree_find(&found, listed->path) != FS_NO_NODE)
			continue;
		parent = fs_tree_parent(&sources->manifest, i);
		parent = fs_tree_find(&found, sources->manifest.nodes[parent].path);
		if (parent == FS_NO_NODE || found.nodes[parent].type != FS_DIRECTORY)
			continue;
		node = *listed;
		node.path = strdup(listed->path);
		if (!node.path)
			return rc_fail_memory(err, strlen(listed->path));
		if (!fs_tree_add(&sources->tree, &node, err))
			return RC_ERANGE;
	}
	return fs_tree_sort(&sources->tree, "the folder", err);
}

static int gather(int dir_fd, const char *name, int root, struct sources *sources,
		  struct rc_error *err)
{
	int result = read_manifest(dir_fd, name, sources, err);

	if (result == 0)
		result = fs_disk_read(root, &sources->tree, err);
	if (result < 0)
		return result;
	sources->stamp = choose_stamp(&sources->manifest);
	for (size_t i = 0; i < sources->tree.count; i++)
		apply(sources, &sources->tree.nodes[i]);
	return add_specials(sources, err);
}

int fs_tree_of_folder(int dir_fd, const char *name, struct fs_tree *tree, struct fs_recipe *recipe,
		      struct rc_error *err)
{
	int root = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct sources sources = { 0 };
	int result;

	*tree = (struct fs_tree){ 0 };
	*recipe = (struct fs_recipe){ 0 };
	if (root < 0)
		return rc_fail_errno(err, errno == ENOENT ? RC_ENOTFOUND : RC_EIO, errno,
				     "cannot open the folder %s", name);
	result = gather(dir_fd, name, root, &sources, err);
	close(root);
	fs_tree_free(&sources.manifest);
	*tree = sources.tree;
	*recipe = sources.recipe;
	return result;
}

/* --- the image --- */

void fs_fill(struct rc_buffer *image, uint8_t value, size_t size)
{
	uint8_t piece[4096];

	memset(piece, value, sizeof(piece));
	while (size > 0 && !image->failed) {
		size_t part = size < sizeof(piece) ? size : sizeof(piece);

		rc_buffer_append(image, piece, part);
		size -= part;
	}
}

/* Largest first; of equal ones by their place. */
static int compare_sizes(const void *left, const void *right)
{
	const struct fs_node *a = *(const struct fs_node *const *)left;
	const struct fs_node *b = *(const struct fs_node *const *)right;

	if (a->size != b->size)
		return a->size < b->size ? 1 : -1;
	return (a > b) - (a < b);
}

static void list_largest(const struct fs_tree *tree, struct rc_text *text)
{
	const struct fs_node **files = malloc((tree->count + 1) * sizeof(void *));
	size_t count = 0;

	for (size_t i = 0; files && i < tree->count; i++) {
		if (tree->nodes[i].type == FS_FILE && tree->nodes[i].first == i)
			files[count++] = &tree->nodes[i];
	}
	if (files)
		qsort(files, count, sizeof(void *), compare_sizes);
	for (size_t i = 0; i < count && i < LARGEST; i++) {
		char size[RC_SIZE_TEXT];

		rc_text_add(text, "%s", i ? ", " : "");
		rc_text_add_escaped(text, (const uint8_t *)files[i]->path, strlen(files[i]->path),
				    80);
		rc_text_add(text, " %s", rc_size_text(size, files[i]->size));
	}
	free(files);
}

static int does_not_fit(const struct fs_tree *tree, const char *name, size_t size, size_t room,
			struct rc_error *err)
{
	struct rc_text largest = { 0 };

	list_largest(tree, &largest);
	rc_fail(err, RC_ERANGE,
		"%s does not fit: packed it takes %zu bytes, and there is room for %zu: %zu too "
		"many. Largest, unpacked: %s",
		name, size, room, size - room, rc_text_get(&largest));
	rc_text_free(&largest);
	return RC_ERANGE;
}

/* What follows the image, as it was in the original. */
static void pad(const struct fs_recipe *recipe, size_t room, struct rc_buffer *image)
{
	bool is_jffs2 = recipe->format == &format_jffs2;
	size_t over = recipe->align ? image->size % recipe->align : 0;
	size_t end = recipe->pad_to < room ? recipe->pad_to : room;

	if (over && image->size + recipe->align - over <= room)
		fs_fill(image, is_jffs2 ? 0xff : 0x00, recipe->align - over);
	if (is_jffs2 && recipe->erase_block && image->size % recipe->erase_block == 0)
		jffs2_write_markers(recipe, end, image);
	if (image->size < end)
		fs_fill(image, (uint8_t)recipe->fill, end - image->size);
}

int fs_image_of_tree(struct fs_tree *tree, const char *name, const struct fs_recipe *recipe,
		     size_t room, struct rc_buffer *image, struct rc_error *err)
{
	int result;

	*image = (struct rc_buffer){ 0 };
	if (!fs_is_file_system(recipe->format))
		return rc_fail(
			err, RC_EUSAGE,
			"nothing says which file system %s is to become: %s.mtree has no line "
			"\"#recam squashfs ...\" or \"#recam jffs2 ...\"",
			name, name);
	result = fs_tree_link_names(tree, err);
	if (result == 0)
		result = recipe->format == &format_squashfs
				 ? squashfs_write(tree, recipe, image, err)
				 : jffs2_write(tree, recipe, image, err);
	if (result == 0 && image->size > room)
		result = does_not_fit(tree, name, image->size, room, err);
	if (result == 0)
		pad(recipe, room, image);
	if (result == 0 && image->failed)
		result = rc_fail_memory(err, room);
	if (result < 0)
		rc_buffer_free(image);
	return result;
}

int fs_pack(int dir_fd, const char *name, const struct fs_recipe *recipe, size_t room,
	    struct rc_buffer *image, struct rc_error *err)
{
	struct fs_recipe own;
	struct fs_tree tree;
	int result = fs_tree_of_folder(dir_fd, name, &tree, &own, err);

	*image = (struct rc_buffer){ 0 };
	if (result == 0)
		result = fs_image_of_tree(&tree, name, recipe ? recipe : &own, room, image, err);
	fs_tree_free(&tree);
	return result;
}

/* --- unchanged --- */

static bool is_equal(const struct fs_tree *a_tree, const struct fs_tree *b_tree, size_t i)
{
	const struct fs_node *a = &a_tree->nodes[i], *b = &b_tree->nodes[i];

	return strcmp(a->path, b->path) == 0 && a->type == b->type && a->mode == b->mode &&
	       a->uid == b->uid && a->gid == b->gid && a->mtime == b->mtime &&
	       a->device == b->device && a->first == b->first && is_unchanged(a, b);
}

static bool is_same_recipe(const struct fs_recipe *a, const struct fs_recipe *b)
{
	char left[FS_RECIPE_LINE], right[FS_RECIPE_LINE];

	if (!a->format || !b->format)
		return a->format == b->format;
	fs_recipe_print(a, left);
	fs_recipe_print(b, right);
	return strcmp(left, right) == 0;
}

int fs_unchanged(int dir_fd, const char *name, struct rc_span original, const struct format *format,
		 bool *unchanged, struct rc_error *err)
{
	struct fs_recipe recipe = { 0 }, own;
	struct fs_tree tree = { 0 }, folder;
	int result = fs_tree_of_folder(dir_fd, name, &folder, &own, err);

	if (result == 0)
		result = fs_tree_of_image(original, format, &tree, &recipe, err);
	if (result == 0)
		result = fs_tree_link_names(&tree, err);
	if (result == 0)
		result = fs_tree_link_names(&folder, err);
	*unchanged = result == 0 && tree.count == folder.count && is_same_recipe(&recipe, &own);
	for (size_t i = 0; *unchanged && i < tree.count; i++)
		*unchanged = is_equal(&tree, &folder, i);
	fs_tree_free(&tree);
	fs_tree_free(&folder);
	return result;
}
