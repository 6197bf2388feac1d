/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pack/fs_disk.h"
#include "pack/fs_manifest.h"

/* The first name of each file, for hard links; found by the file's inode. */
struct first_name {
	uint32_t inode;
	uint64_t number; /* in the manifest: counted from 1 */
	uint64_t size;
	char path[];
};

struct unpacking {
	struct fs_disk disk; /* root -1: only the manifest is wanted */
	struct fs_manifest *manifest;
	struct fs_summary *summary;
	void *first_names; /* tsearch(3) */
	uint64_t count;
};

bool fs_is_file_system(const struct format *format)
{
	return format == &format_squashfs || format == &format_jffs2;
}

void fs_summary_clear(struct fs_summary *summary)
{
	format_report_clear(&summary->report);
	*summary = (struct fs_summary){ 0 };
}

static int compare_inodes(const void *left, const void *right)
{
	const struct first_name *a = left, *b = right;

	return (a->inode > b->inode) - (a->inode < b->inode);
}

/* The file's first name, which may be this one. NULL: no memory. */
static const struct first_name *name_file(struct unpacking *state, const struct fs_entry *entry,
					  bool *is_new)
{
	size_t size = strlen(entry->path) + 1;
	struct first_name *name = malloc(sizeof(*name) + size);
	struct first_name *const *found;

	if (!name)
		return NULL;
	*name = (struct first_name){ .inode = entry->inode,
				     .number = state->count,
				     .size = entry->content.size };
	memcpy(name->path, entry->path, size);
	found = tsearch(name, &state->first_names, compare_inodes);
	*is_new = found && *found == name;
	if (!*is_new)
		free(name);
	return found ? *found : NULL;
}

static int put_file(struct unpacking *state, const struct fs_entry *entry, struct fs_node *node,
		    struct rc_error *err)
{
	bool is_new;
	const struct first_name *first = name_file(state, entry, &is_new);
	int result = RC_EUNSUPPORTED;

	if (!first)
		return rc_fail_memory(err, strlen(entry->path));
	node->inode = first->number;
	state->summary->files++;
	if (is_new)
		state->summary->bytes += entry->content.size;
	if (state->summary->bytes > FS_MAX_BYTES)
		return rc_fail(err, RC_ERANGE,
			       "%.200s and the files before it hold more than %zu MiB: no camera's "
			       "file system does; nothing was unpacked",
			       entry->path, FS_MAX_BYTES >> 20);
	if (state->disk.root < 0)
		return 0;
	if (!is_new)
		result = fs_disk_put_hard_link(&state->disk, node, first->path, err);
	if (result == RC_EUNSUPPORTED)
		result = fs_disk_put_file(&state->disk, node, entry->content, err);
	return result;
}

static int put_on_disk(struct unpacking *state, const struct fs_entry *entry, struct fs_node *node,
		       struct rc_error *err)
{
	bool to_disk = state->disk.root >= 0;

	switch (entry->type) {
	case FS_FILE:
		return put_file(state, entry, node, err);
	case FS_DIRECTORY:
		state->summary->directories++;
		return to_disk && strcmp(node->path, "/") != 0
			       ? fs_disk_make_directory(&state->disk, node, err)
			       : 0;
	case FS_SYMLINK:
		state->summary->links++;
		return to_disk ? fs_disk_put_symlink(&state->disk, node, err) : 0;
	default:
		state->summary->specials++;
		return 0;
	}
}

static void note_damage(struct fs_summary *summary, const char *path)
{
	if (summary->damaged++ == 0)
		snprintf(summary->first_damaged, sizeof(summary->first_damaged), "%s", path);
}

static int visit(void *context, const struct fs_entry *entry, struct rc_error *err)
{
	struct unpacking *state = context;
	/* Borrowed: the node is not freed. */
	struct fs_node node = { .path = (char *)(uintptr_t)entry->path,
				.type = entry->type,
				.mode = entry->mode,
				.uid = entry->uid,
				.gid = entry->gid,
				.mtime = entry->mtime,
				.inode = state->count + 1,
				.device = entry->device,
				.target = (char *)(uintptr_t)entry->target };
	int result;

	if (++state->count > FS_MAX_ENTRIES)
		return rc_fail(err, RC_ERANGE,
			       "more than %u files and folders: no camera's file system holds that "
			       "many; nothing was unpacked",
			       FS_MAX_ENTRIES);
	if (!fs_path_is_sound(entry->path))
		return rc_fail(err, RC_EFORMAT, "\"%.200s\" is no path that a file can have",
			       entry->path);
	if (entry->type == FS_SYMLINK && !*entry->target)
		return rc_fail(err, RC_EFORMAT, "the link %.200s leads nowhere", entry->path);
	if (entry->damaged)
		note_damage(state->summary, entry->path);
	result = put_on_disk(state, entry, &node, err);
	return result < 0 ? result : fs_manifest_add(state->manifest, &node, entry->content, err);
}

/* Reads region, fills the folder root (-1: none) and gives the manifest's text. */
static int unpack_to(struct rc_span region, const struct format *format, int root,
		     struct fs_summary *summary, struct rc_buffer *manifest, struct rc_error *err)
{
	struct unpacking state = { .summary = summary };
	struct fs_visitor visitor = { .visit = visit, .context = &state, .with_root = true };
	struct fs_recipe recipe;
	int result = fs_recipe_of(region, format, &recipe, err);

	*manifest = (struct rc_buffer){ 0 };
	if (result < 0)
		return result;
	fs_disk_begin(&state.disk, root);
	state.manifest = fs_manifest_begin(err);
	if (!state.manifest)
		return RC_ENOMEM;
	result = format_check(region, recipe.format, &visitor, &summary->report, err);
	tdestroy(state.first_names, free);
	fs_disk_end(&state.disk);
	if (result == 0 && state.count == 0)
		result = rc_fail(err, RC_EFORMAT, "no file of this %s can be read: %s",
				 recipe.format->name,
				 summary->report.problem_count ? summary->report.problems[0].text
							       : "it is empty");
	if (result == 0)
		return fs_manifest_end(state.manifest, &recipe, manifest, err);
	fs_manifest_drop(state.manifest);
	return result;
}

static bool exists(int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* NAME/ and NAME.mtree, under names that are not theirs yet. */
struct places {
	char tree[280], manifest[280];
	char new_tree[280], new_manifest[280];
};

static int name_places(int dir_fd, const char *name, struct places *places, struct rc_error *err)
{
	if (!*name || *name == '.' || strchr(name, '/') || strlen(name) > 200)
		return rc_fail(err, RC_EUSAGE, "\"%.200s\" cannot be the name of a folder here",
			       name);
	snprintf(places->tree, sizeof(places->tree), "%s", name);
	snprintf(places->manifest, sizeof(places->manifest), "%s.mtree", name);
	snprintf(places->new_tree, sizeof(places->new_tree), ".%s.new", name);
	snprintf(places->new_manifest, sizeof(places->new_manifest), ".%s.mtree.new", name);
	if (exists(dir_fd, places->tree) || exists(dir_fd, places->manifest))
		return rc_fail(err, RC_EREFUSED,
			       "%s or %s is there already, and would be overwritten: unpack to "
			       "another folder, or move it away",
			       places->tree, places->manifest);
	return 0;
}

static int make_tree(struct rc_span region, const struct format *format, int dir_fd,
		     const struct places *places, struct fs_summary *summary, struct rc_error *err)
{
	struct rc_buffer manifest;
	int root, result;

	if (mkdirat(dir_fd, places->new_tree, 0700) != 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot make the folder %s",
				     places->new_tree);
	root = openat(dir_fd, places->new_tree, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot open the folder %s",
				     places->new_tree);
	result = unpack_to(region, format, root, summary, &manifest, err);
	if (result == 0)
		result = fs_disk_put_text(dir_fd, places->new_manifest,
					  (struct rc_span){ manifest.data, manifest.size }, err);
	rc_buffer_free(&manifest);
	fchmod(root, 0755);
	close(root);
	return result;
}

int fs_unpack(struct rc_span region, const struct format *format, int dir_fd, const char *name,
	      struct fs_summary *summary, struct rc_error *err)
{
	struct places places;
	int result;

	*summary = (struct fs_summary){ 0 };
	result = name_places(dir_fd, name, &places, err);
	if (result < 0)
		return result;
	/* Left by somebody who was stopped. */
	fs_disk_remove(dir_fd, places.new_tree, NULL);
	fs_disk_remove(dir_fd, places.new_manifest, NULL);
	result = make_tree(region, format, dir_fd, &places, summary, err);
	if (result == 0 && (renameat(dir_fd, places.new_manifest, dir_fd, places.manifest) != 0 ||
			    renameat(dir_fd, places.new_tree, dir_fd, places.tree) != 0))
		result = rc_fail_errno(err, RC_EIO, errno, "cannot give %s its name", name);
	if (result < 0) {
		fs_disk_remove(dir_fd, places.new_tree, NULL);
		fs_disk_remove(dir_fd, places.new_manifest, NULL);
	}
	return result;
}

int fs_remove(int dir_fd, const char *name, struct rc_error *err)
{
	char manifest[280];
	int result = fs_disk_remove(dir_fd, name, err);

	snprintf(manifest, sizeof(manifest), "%s.mtree", name);
	return result < 0 ? result : fs_disk_remove(dir_fd, manifest, err);
}

int fs_tree_of_image(struct rc_span region, const struct format *format, struct fs_tree *tree,
		     struct fs_recipe *recipe, struct rc_error *err)
{
	struct fs_summary summary = { 0 };
	struct rc_buffer manifest;
	int result = unpack_to(region, format, -1, &summary, &manifest, err);

	if (result == 0)
		result = fs_manifest_read((struct rc_span){ manifest.data, manifest.size }, tree,
					  recipe, err);
	rc_buffer_free(&manifest);
	fs_summary_clear(&summary);
	return result;
}
