/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/fs_manifest.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MTREE_MAGIC  "#mtree\n"
#define RECIPE_MAGIC "#recam "

/* --- writing --- */

struct fs_manifest {
	struct archive *archive;
	struct archive_entry *entry;
	struct rc_buffer text;
};

static la_ssize_t take_text(struct archive *archive, void *context, const void *text, size_t size)
{
	struct fs_manifest *manifest = context;

	return rc_buffer_append(&manifest->text, text, size) ? (la_ssize_t)size : -1;
}

void fs_manifest_drop(struct fs_manifest *manifest)
{
	archive_write_free(manifest->archive);
	archive_entry_free(manifest->entry);
	rc_buffer_free(&manifest->text);
	free(manifest);
}

struct fs_manifest *fs_manifest_begin(struct rc_error *err)
{
	struct fs_manifest *manifest = calloc(1, sizeof(*manifest));
	struct archive *archive;

	if (!manifest) {
		rc_fail_memory(err, sizeof(*manifest));
		return NULL;
	}
	manifest->entry = archive_entry_new();
	archive = manifest->archive = archive_write_new();
	if (archive && manifest->entry && archive_write_set_format_mtree(archive) == ARCHIVE_OK &&
	    archive_write_set_options(archive, "mtree:sha256,mtree:inode,mtree:!nlink") ==
		    ARCHIVE_OK &&
	    archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
	    archive_write_open(archive, manifest, NULL, take_text, NULL) == ARCHIVE_OK)
		return manifest;
	rc_fail(err, RC_ENOMEM, "libarchive does not begin an mtree: %s",
		archive ? archive_error_string(archive) : "no memory");
	fs_manifest_drop(manifest);
	return NULL;
}

/* The root is "." and everything else "./..." in an mtree. */
static void set_path(struct archive_entry *entry, const char *path)
{
	size_t size = strcmp(path, "/") == 0 ? 0 : strlen(path);
	char *relative = malloc(size + 2);

	if (!relative)
		return;
	relative[0] = '.';
	memcpy(relative + 1, path, size);
	relative[size + 1] = '\0';
	archive_entry_copy_pathname(entry, relative);
	free(relative);
}

int fs_manifest_add(struct fs_manifest *manifest, const struct fs_node *node,
		    struct rc_span content, struct rc_error *err)
{
	struct archive_entry *entry = archive_entry_clear(manifest->entry);

	set_path(entry, node->path);
	archive_entry_set_mode(entry, fs_node_st_mode(node));
	archive_entry_set_uid(entry, node->uid);
	archive_entry_set_gid(entry, node->gid);
	archive_entry_set_mtime(entry, node->mtime, 0);
	if (node->inode)
		archive_entry_set_ino(entry, (la_int64_t)node->inode);
	if (node->type == FS_FILE)
		archive_entry_set_size(entry, (la_int64_t)content.size);
	if (node->type == FS_SYMLINK)
		archive_entry_copy_symlink(entry, node->target);
	if (node->type == FS_CHAR_DEVICE || node->type == FS_BLOCK_DEVICE) {
		archive_entry_set_rdevmajor(entry, FS_DEVICE_MAJOR(node->device));
		archive_entry_set_rdevminor(entry, FS_DEVICE_MINOR(node->device));
	}
	if (archive_write_header(manifest->archive, entry) != ARCHIVE_OK ||
	    archive_write_data(manifest->archive, content.data, content.size) !=
		    (la_ssize_t)content.size ||
	    archive_write_finish_entry(manifest->archive) != ARCHIVE_OK)
		return rc_fail(err, RC_EFORMAT, "%s cannot be put into a manifest: %s", node->path,
			       archive_error_string(manifest->archive));
	return 0;
}

int fs_manifest_end(struct fs_manifest *manifest, const struct fs_recipe *recipe,
		    struct rc_buffer *text, struct rc_error *err)
{
	const size_t magic = strlen(MTREE_MAGIC);
	char line[FS_RECIPE_LINE];
	int closed = archive_write_close(manifest->archive);

	*text = (struct rc_buffer){ 0 };
	if (closed == ARCHIVE_OK && manifest->text.size >= magic) {
		rc_buffer_append(text, MTREE_MAGIC, magic);
		if (recipe) {
			fs_recipe_print(recipe, line);
			rc_buffer_append(text, line, strlen(line));
			rc_buffer_append(text, "\n", 1);
		}
		rc_buffer_append(text, manifest->text.data + magic, manifest->text.size - magic);
	}
	fs_manifest_drop(manifest);
	if (text->size == 0 || text->failed)
		return rc_fail(err, RC_ENOMEM, "no memory for the manifest");
	return 0;
}

/* --- reading --- */

/* "./etc/passwd" and "etc/passwd" become "/etc/passwd". NULL: no memory. */
static char *path_of(const char *name)
{
	size_t size;
	char *path;

	while (name[0] == '.' && name[1] == '/')
		name += 2;
	if (strcmp(name, ".") == 0)
		name = "";
	size = strlen(name) + 1;
	path = malloc(size + 1);
	if (path) {
		path[0] = '/';
		memcpy(path + 1, name, size);
	}
	return path;
}

static bool fits32(la_int64_t number)
{
	return number >= 0 && number <= UINT32_MAX;
}

static int take_attributes(struct archive_entry *entry, struct fs_node *node, struct rc_error *err)
{
	const unsigned char *digest = archive_entry_digest(entry, ARCHIVE_ENTRY_DIGEST_SHA256);
	const char *target = archive_entry_symlink(entry);
	la_int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
	la_int64_t mtime = archive_entry_mtime(entry), size = archive_entry_size(entry);

	if (!fs_path_is_sound(node->path))
		return rc_fail(err, RC_EFORMAT,
			       "the manifest has %s, which is no path below the folder",
			       node->path);
	if (!fs_type_of_st_mode(archive_entry_filetype(entry), &node->type))
		return rc_fail(err, RC_EFORMAT, "the manifest does not say what %s is (type=)",
			       node->path);
	if (!fits32(uid) || !fits32(gid) || !fits32(mtime) || size < 0)
		return rc_fail(err, RC_EFORMAT,
			       "the manifest gives %s an owner, time or size that cannot be",
			       node->path);
	if (node->type == FS_SYMLINK && (!target || !*target))
		return rc_fail(err, RC_EFORMAT, "the manifest does not say where %s leads (link=)",
			       node->path);
	node->mode = archive_entry_perm(entry) & 07777;
	node->uid = (uint32_t)uid;
	node->gid = (uint32_t)gid;
	node->mtime = (uint32_t)mtime;
	node->size = (uint64_t)size;
	node->inode = node->type == FS_FILE ? (uint64_t)archive_entry_ino64(entry) : 0;
	if (node->type == FS_CHAR_DEVICE || node->type == FS_BLOCK_DEVICE)
		node->device = FS_DEVICE(archive_entry_rdevmajor(entry),
					 archive_entry_rdevminor(entry));
	memcpy(node->sha256, digest, sizeof(node->sha256));
	if (node->type == FS_SYMLINK)
		node->target = strdup(target);
	return node->type != FS_SYMLINK || node->target ? 0 : rc_fail_memory(err, strlen(target));
}

static int take_entry(struct archive_entry *entry, struct fs_tree *tree, struct rc_error *err)
{
	const char *name = archive_entry_pathname(entry);
	struct fs_node node = { .path = name ? path_of(name) : NULL };
	int result;

	if (!node.path)
		return rc_fail_memory(err, 1);
	result = take_attributes(entry, &node, err);
	if (result < 0) {
		fs_node_free(&node);
		return result;
	}
	return fs_tree_add(tree, &node, err) ? 0 : RC_ERANGE;
}

/* libarchive's reader does not know the type that its writer writes for sockets, takes
 * them for files, and says so. */
static bool is_socket_warning(struct archive *archive)
{
	const char *text = archive_error_string(archive);

	return text && strcmp(text, "Unrecognized file type \"socket\"; assuming \"file\"") == 0;
}

static int read_entries(struct archive *archive, struct fs_tree *tree, struct rc_error *err)
{
	struct archive_entry *entry;
	int result = 0;
	int got;

	while ((got = archive_read_next_header(archive, &entry)) <= ARCHIVE_OK && result == 0) {
		if (got == ARCHIVE_WARN && is_socket_warning(archive))
			archive_entry_set_filetype(entry, AE_IFSOCK);
		else if (got != ARCHIVE_OK)
			break;
		result = take_entry(entry, tree, err);
	}
	if (result < 0)
		return result;
	if (got != ARCHIVE_EOF)
		return rc_fail(err, RC_EFORMAT,
			       "the manifest is no mtree that can be read: %s (behind %s)",
			       archive_error_string(archive),
			       tree->count ? tree->nodes[tree->count - 1].path : "its beginning");
	return 0;
}

/* The recipe stands in a comment of its own. */
static int find_recipe(struct rc_span text, struct fs_recipe *recipe, struct rc_error *err)
{
	const uint8_t *at = rc_find(text, "\n" RECIPE_MAGIC, strlen("\n" RECIPE_MAGIC));
	char line[FS_RECIPE_LINE];
	const uint8_t *end;
	size_t size;

	*recipe = (struct fs_recipe){ 0 };
	if (!at)
		return 0;
	at++;
	end = memchr(at, '\n', text.size - (size_t)(at - text.data));
	size = (size_t)((end ? end : text.data + text.size) - at);
	if (size >= sizeof(line))
		return rc_fail(err, RC_EFORMAT,
			       "the manifest's line " RECIPE_MAGIC
			       "is longer than any that can be");
	memcpy(line, at, size);
	line[size] = '\0';
	return fs_recipe_parse(line, recipe, err);
}

int fs_manifest_read(struct rc_span text, struct fs_tree *tree, struct fs_recipe *recipe,
		     struct rc_error *err)
{
	struct archive *archive;
	int result = find_recipe(text, recipe, err);

	if (result < 0)
		return result;
	archive = archive_read_new();
	if (!archive)
		return rc_fail(err, RC_ENOMEM, "no memory for the manifest");
	archive_read_support_format_mtree(archive);
	archive_read_set_options(archive, "mtree:!checkfs");
	if (archive_read_open_memory(archive, text.data, text.size) != ARCHIVE_OK)
		result = rc_fail(err, RC_EFORMAT, "the manifest is no mtree that can be read: %s",
				 archive_error_string(archive));
	if (result == 0)
		result = read_entries(archive, tree, err);
	archive_read_free(archive);
	return result < 0 ? result : fs_tree_sort(tree, "the manifest", err);
}
