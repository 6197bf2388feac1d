/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/repack_part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "pack/cfw.h"
#include "pack/fs_disk.h"
#include "pack/fs_manifest.h"

/* What a folder has of one partition. */
struct forms {
	char name[RC_PARTITION_NAME]; /* as its files are called: "rootfs" */
	bool has_bin, has_tree;
	struct rc_buffer bin;
	const struct folder_part *part; /* of the record; NULL: not in it */
	bool bin_is_original;
};

/* ---- what is there ---- */

static bool exists(int fd, const char *name, const char *extension, mode_t type)
{
	char path[RC_PARTITION_NAME + 8];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", name, extension);
	return fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && (st.st_mode & S_IFMT) == type;
}

static bool names_partition(const char *file, const char *extension, const char *partition,
			    char name[RC_PARTITION_NAME])
{
	size_t length = strlen(file);
	size_t tail = strlen(extension);

	if (length <= tail || length - tail >= RC_PARTITION_NAME ||
	    strcasecmp(file + length - tail, extension) != 0)
		return false;
	snprintf(name, RC_PARTITION_NAME, "%.*s", (int)(length - tail), file);
	return firmware_same_name(name, partition);
}

/* The name under which the folder has the partition: "rootfs" for root. Two names for one
 * partition are refused. */
static int find_name(const struct repack_folder *folder, const char *partition, char *name,
		     struct rc_error *err)
{
	int copy = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy >= 0 ? fdopendir(copy) : NULL;
	const struct dirent *entry;
	int result = 0;

	*name = '\0';
	if (!entries) {
		if (copy >= 0)
			close(copy);
		return rc_fail_errno(err, RC_EIO, errno, "cannot read the folder %s",
				     folder->request->folder);
	}
	while (!result && (entry = readdir(entries))) {
		char found[RC_PARTITION_NAME];

		if (!names_partition(entry->d_name, ".bin", partition, found) &&
		    !names_partition(entry->d_name, ".mtree", partition, found))
			continue;
		if (*name && strcmp(name, found) != 0)
			result = rc_fail(
				err, RC_EREFUSED,
				"%s holds two files for the %s partition (%s and %s): take "
				"one away",
				folder->request->folder, partition, name, found);
		snprintf(name, RC_PARTITION_NAME, "%s", found);
	}
	closedir(entries);
	return result;
}

static int look(const struct repack_folder *folder, const struct partition *place,
		struct forms *forms, struct rc_error *err)
{
	char path[RC_PARTITION_NAME + 8];
	bool has_manifest;
	char sha256[65];
	int result = find_name(folder, place->name, forms->name, err);

	if (result || !forms->name[0])
		return result;
	if (folder->has_record)
		forms->part = folder_record_part(&folder->record, place->name);
	forms->has_bin = exists(folder->fd, forms->name, ".bin", S_IFREG);
	forms->has_tree = exists(folder->fd, forms->name, "", S_IFDIR);
	has_manifest = exists(folder->fd, forms->name, ".mtree", S_IFREG);
	if (forms->has_tree != has_manifest)
		return rc_fail(err, RC_EREFUSED,
			       "%s holds %s%s and no %s%s: both belong together; take the one away "
			       "too, or unpack again",
			       folder->request->folder, forms->name, has_manifest ? ".mtree" : "/",
			       forms->name, has_manifest ? "/" : ".mtree");
	if (!forms->has_bin)
		return 0;
	snprintf(path, sizeof(path), "%s.bin", forms->name);
	result = fs_disk_get_text(folder->fd, path, RC_MAX_FLASH, &forms->bin, err);
	if (result || !forms->part)
		return result;
	rc_sha256_hex(forms->bin.data, forms->bin.size, sha256);
	forms->bin_is_original = strcmp(sha256, forms->part->sha256) == 0;
	return 0;
}

/* ---- judging what was changed ---- */

static int judge_file(const struct repack_folder *folder, const struct partition *place,
		      const struct rc_buffer *bytes, struct rc_error *err)
{
	const struct board_partition *known = board_partition(folder->request->board, place->name);
	struct rc_span span = { bytes->data, bytes->size };
	struct format_report report = { 0 };
	int result = firmware_refuse_stranger(place->name, span, err);

	if (result)
		return result;
	if (bytes->size > place->size)
		return rc_fail(err, RC_EREFUSED,
			       "[image-too-large] %s.bin has %zu bytes, the %s partition of a %s "
			       "has %" PRIu32 ": %zu too many",
			       place->name, bytes->size, place->name, folder->request->board->name,
			       place->size, bytes->size - place->size);
	if (!known || !known->format)
		return 0;
	result = format_check(span, known->format, NULL, &report, err);
	if (!result && (report.state == REGION_DAMAGED || report.state == REGION_FOREIGN))
		result = rc_fail(
			err, RC_EREFUSED,
			"[image-bad-checksum] %s.bin was changed, and is no whole %s (%s): "
			"a %s would not start with it",
			place->name, known->format->name,
			report.problem_count ? report.problems[0].text
			: report.format      ? report.format->name
					     : "it is none",
			folder->request->board->name);
	format_report_clear(&report);
	return result;
}

/* ---- whether the files were changed ---- */

/* Whether NAME/ and NAME.mtree hold what NAME.bin does. */
static int tree_is_bin(const struct repack_folder *folder, const struct forms *forms, bool *same,
		       struct rc_error *err)
{
	struct rc_span bin = { forms->bin.data, forms->bin.size };
	const struct format *format = format_probe(bin);

	*same = false;
	if (!format || !fs_is_file_system(format))
		return 0;
	return fs_unchanged(folder->fd, forms->name, bin, format, same, err);
}

static bool is_listed(const struct fs_tree *manifest, const struct fs_node *found)
{
	size_t i = fs_tree_find(manifest, found->path);
	const struct fs_node *listed = i == FS_NO_NODE ? NULL : &manifest->nodes[i];

	if (!listed || listed->type != found->type)
		return false;
	if (found->type == FS_SYMLINK)
		return strcmp(found->target, listed->target) == 0;
	return found->type != FS_FILE ||
	       memcmp(found->sha256, listed->sha256, sizeof(found->sha256)) == 0;
}

static bool is_on_disk(enum fs_type type)
{
	return type == FS_FILE || type == FS_DIRECTORY || type == FS_SYMLINK;
}

static bool holds_manifest(const struct fs_tree *disk, const struct fs_tree *manifest)
{
	size_t listed = 0;

	for (size_t i = 0; i < manifest->count; i++)
		listed += is_on_disk(manifest->nodes[i].type);
	for (size_t i = 0; i < disk->count; i++)
		if (!is_listed(manifest, &disk->nodes[i]))
			return false;
	return listed == disk->count;
}

/* Whether NAME/ and NAME.mtree are as they were unpacked, whatever NAME.bin has become: the
 * digest in recam.json vouches for the manifest, and the manifest for the files. */
static int tree_is_original(const struct repack_folder *folder, const struct forms *forms,
			    bool *original, struct rc_error *err)
{
	struct fs_tree manifest = { 0 }, disk = { 0 };
	char name[RC_PARTITION_NAME + 8], sha256[65];
	struct fs_recipe recipe;
	struct rc_buffer text;
	int root, result;

	*original = false;
	if (!forms->part)
		return 0;
	snprintf(name, sizeof(name), "%s.mtree", forms->name);
	result = fs_disk_get_text(folder->fd, name, FS_MAX_MANIFEST, &text, err);
	if (result)
		return result;
	rc_sha256_hex(text.data, text.size, sha256);
	root = openat(folder->fd, forms->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root >= 0 && strcmp(sha256, forms->part->manifest_sha256) == 0) {
		result = fs_manifest_read((struct rc_span){ text.data, text.size }, &manifest,
					  &recipe, err);
		if (!result)
			result = fs_disk_read(root, &disk, err);
		*original = !result && holds_manifest(&disk, &manifest);
	}
	if (root >= 0)
		close(root);
	fs_tree_free(&manifest);
	fs_tree_free(&disk);
	rc_buffer_free(&text);
	return result;
}

/* ---- choosing ---- */

/* The start script goes into the tree that is packed, not into the folder. */
static int pack_with_cfw(const struct repack_folder *folder, const struct forms *forms,
			 const struct partition *place, struct rc_buffer *bytes,
			 struct rc_error *err)
{
	struct fs_recipe recipe;
	struct fs_tree tree;
	int result;

	if (!forms->has_tree)
		return rc_fail(err, RC_EREFUSED,
			       "--cfw needs the files of root, and %s has no %s/ with its .mtree: "
			       "unpack the firmware again into another folder",
			       folder->request->folder, forms->name[0] ? forms->name : "root");
	result = fs_tree_of_folder(folder->fd, forms->name, &tree, &recipe, err);
	if (!result)
		result = cfw_apply(&tree, err);
	if (!result)
		result = fs_image_of_tree(&tree, forms->name, &recipe, place->size, bytes, err);
	fs_tree_free(&tree);
	return result;
}

static int refuse_both(const struct repack_folder *folder, const struct forms *forms,
		       struct rc_error *err)
{
	return rc_fail(err, RC_EREFUSED,
		       "in %s, %s.bin is not what %s/ holds, and %s: remove %s.bin where the files "
		       "count, or %s/ and %s.mtree where %s.bin does",
		       folder->request->folder, forms->name, forms->name,
		       forms->part ? "neither is what was unpacked"
				   : "there is no recam.json to tell which was changed",
		       forms->name, forms->name, forms->name, forms->name);
}

/* NAME.bin counts where the files say the same, or are still what was unpacked. */
static int bin_counts(const struct repack_folder *folder, const struct forms *forms, bool *counts,
		      struct rc_error *err)
{
	int result = 0;

	*counts = forms->has_bin;
	if (!forms->has_bin || !forms->has_tree)
		return 0;
	result = tree_is_bin(folder, forms, counts, err);
	if (result || *counts || forms->bin_is_original)
		return result;
	result = tree_is_original(folder, forms, counts, err);
	if (!result && !*counts)
		result = refuse_both(folder, forms, err);
	return result;
}

static int choose(const struct repack_folder *folder, const struct partition *place,
		  struct forms *forms, enum part_source *source, struct rc_buffer *bytes,
		  struct rc_error *err)
{
	bool bin;
	int result;

	if (!forms->has_bin && !forms->has_tree)
		return 0;
	result = bin_counts(folder, forms, &bin, err);
	if (result)
		return result;
	if (!bin) {
		*source = PART_TREE;
		return fs_pack(folder->fd, forms->name, NULL, place->size, bytes, err);
	}
	*source = forms->bin_is_original ? PART_UNCHANGED : PART_FILE;
	*bytes = forms->bin;
	forms->bin = (struct rc_buffer){ 0 };
	return *source == PART_FILE ? judge_file(folder, place, bytes, err) : 0;
}

int repack_part(const struct repack_folder *folder, const struct partition *place,
		enum partition_role role, enum part_source *source, struct rc_buffer *bytes,
		struct rc_error *err)
{
	struct forms forms = { 0 };
	int result = look(folder, place, &forms, err);

	*source = PART_ABSENT;
	*bytes = (struct rc_buffer){ 0 };
	if (!result && folder->request->cfw && role == ROLE_ROOT) {
		*source = PART_CFW;
		result = pack_with_cfw(folder, &forms, place, bytes, err);
	} else if (!result) {
		result = choose(folder, place, &forms, source, bytes, err);
	}
	rc_buffer_free(&forms.bin);
	return result;
}
