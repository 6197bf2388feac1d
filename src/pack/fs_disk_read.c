/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a folder, and removing one; links are things in it, never ways. */
#include "pack/fs_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/text.h"

/* Reads the whole file, if it has not more than limit bytes; frees out where it fails. */
static int read_all(int fd, size_t limit, struct rc_buffer *out, const char *path,
		    struct rc_error *err)
{
	struct stat st;
	ssize_t size = 1;

	*out = (struct rc_buffer){ 0 };
	if (fstat(fd, &st) != 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot read %s", path);
	if (!S_ISREG(st.st_mode))
		return rc_fail(err, RC_EFORMAT, "%s is no plain file", path);
	if ((uint64_t)st.st_size > limit)
		return rc_fail(err, RC_ERANGE,
			       "%s has %llu bytes: more than the %zu that are left here", path,
			       (unsigned long long)st.st_size, limit);
	out->room = (size_t)st.st_size + 1;
	out->data = malloc(out->room);
	if (!out->data)
		return rc_fail_memory(err, out->room);
	while (size != 0 && out->size < (size_t)st.st_size) {
		size = read(fd, out->data + out->size, (size_t)st.st_size - out->size);
		if (size < 0 && errno != EINTR) {
			rc_buffer_free(out);
			return rc_fail_errno(err, RC_EIO, errno, "cannot read %s", path);
		}
		out->size += size > 0 ? (size_t)size : 0;
	}
	return 0;
}

int fs_disk_get_text(int dir_fd, const char *name, size_t limit, struct rc_buffer *text,
		     struct rc_error *err)
{
	/* Without waiting, should it be a fifo. */
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int errnum = errno;
	int result;

	*text = (struct rc_buffer){ 0 };
	if (fd < 0)
		return rc_fail_errno(err, errnum == ENOENT ? RC_ENOTFOUND : RC_EIO, errnum,
				     "cannot open %s", name);
	result = read_all(fd, limit, text, name, err);
	close(fd);
	return result;
}

/* --- reading --- */

struct reader {
	struct fs_tree *tree;
	uint64_t left; /* bytes that may still be read */
	unsigned depth;
	struct rc_error *err;
};

static int read_directory(struct reader *reader, int fd, const char *path);

static int read_file(struct reader *reader, int fd, const char *name, struct fs_node *node)
{
	int file = openat(fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct rc_buffer content;
	int result;

	if (file < 0)
		return rc_fail_errno(reader->err, RC_EIO, errno, "cannot open %s", node->path);
	result = read_all(file, reader->left, &content, node->path, reader->err);
	close(file);
	if (result < 0)
		return result;
	reader->left -= content.size;
	crypto_hash_sha256(node->sha256, content.data, content.size);
	node->size = content.size;
	node->content = content;
	return 0;
}

static int read_link(struct reader *reader, int fd, const char *name, const struct stat *st,
		     struct fs_node *node)
{
	size_t room = (size_t)st->st_size + 1;
	ssize_t size;

	node->target = malloc(room + 1);
	if (!node->target)
		return rc_fail_memory(reader->err, room);
	size = readlinkat(fd, name, node->target, room);
	if (size < 0)
		return rc_fail_errno(reader->err, RC_EIO, errno, "cannot read the link %s",
				     node->path);
	node->target[size] = '\0';
	return 0;
}

static int read_subdirectory(struct reader *reader, int fd, const char *name, const char *path)
{
	int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int result;

	if (below < 0)
		return rc_fail_errno(reader->err, RC_EIO, errno, "cannot open the folder %s", path);
	if (reader->depth == FS_MAX_DEPTH) {
		close(below);
		return rc_fail(reader->err, RC_ERANGE, "%s lies deeper than %u folders", path,
			       FS_MAX_DEPTH);
	}
	reader->depth++;
	result = read_directory(reader, below, path);
	reader->depth--;
	return result;
}

static char *path_below(const char *path, const char *name)
{
	struct rc_text text = { 0 };

	rc_text_add(&text, "%s/", strcmp(path, "/") == 0 ? "" : path);
	if (text.failed) {
		rc_text_free(&text);
		return NULL;
	}
	rc_text_add_bytes(&text, name, strlen(name));
	if (!text.failed) {
		fs_disk_unescape(strrchr(text.data, '/') + 1);
		return text.data;
	}
	rc_text_free(&text);
	return NULL;
}

static void describe(struct fs_node *node, const struct stat *st)
{
	node->mode = st->st_mode & 07777;
	node->uid = st->st_uid;
	node->gid = st->st_gid;
	node->mtime = (uint32_t)st->st_mtime;
	if (node->type == FS_CHAR_DEVICE || node->type == FS_BLOCK_DEVICE)
		node->device = FS_DEVICE(major(st->st_rdev), minor(st->st_rdev));
}

static int read_entry(struct reader *reader, int fd, const char *name, const char *directory)
{
	struct fs_node node = { .path = path_below(directory, name) };
	const struct fs_node *added;
	struct stat st;
	int result = 0;

	if (!node.path)
		return rc_fail_memory(reader->err, strlen(directory));
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		result = rc_fail_errno(reader->err, RC_EIO, errno, "cannot see %s", node.path);
	else if (!fs_type_of_st_mode(st.st_mode, &node.type))
		result = rc_fail(reader->err, RC_EFORMAT, "%s is of no known type", node.path);
	else
		describe(&node, &st);
	if (result == 0 && node.type == FS_FILE)
		result = read_file(reader, fd, name, &node);
	else if (result == 0 && node.type == FS_SYMLINK)
		result = read_link(reader, fd, name, &st, &node);
	if (result < 0) {
		fs_node_free(&node);
		return result;
	}
	added = fs_tree_add(reader->tree, &node, reader->err);
	if (!added)
		return RC_ERANGE;
	return added->type == FS_DIRECTORY ? read_subdirectory(reader, fd, name, added->path) : 0;
}

/* Takes fd over. */
static int read_directory(struct reader *reader, int fd, const char *path)
{
	DIR *directory = fdopendir(fd);
	const struct dirent *entry;
	int result = 0;

	if (!directory) {
		close(fd);
		return rc_fail_errno(reader->err, RC_EIO, errno, "cannot list %s", path);
	}
	while (result == 0 && (entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = read_entry(reader, dirfd(directory), entry->d_name, path);
	}
	closedir(directory);
	return result;
}

int fs_disk_read(int root, struct fs_tree *tree, struct rc_error *err)
{
	struct reader reader = { .tree = tree, .left = FS_MAX_BYTES, .err = err };
	struct fs_node node = { .path = strdup("/"), .type = FS_DIRECTORY };
	struct stat st;
	int fd, result;

	if (!node.path)
		return rc_fail_memory(err, 2);
	if (fstat(root, &st) != 0) {
		fs_node_free(&node);
		return rc_fail_errno(err, RC_EIO, errno, "cannot see the folder");
	}
	describe(&node, &st);
	if (!fs_tree_add(tree, &node, err))
		return RC_ENOMEM;
	fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot open the folder");
	result = read_directory(&reader, fd, "/");
	return result < 0 ? result : fs_tree_sort(tree, "the folder", err);
}

/* --- removing --- */

static int remove_inside(int fd, unsigned depth, struct rc_error *err);

static int remove_entry(int fd, const char *name, unsigned depth, struct rc_error *err)
{
	int below;
	int result;

	if (unlinkat(fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return rc_fail_errno(err, RC_EIO, errno, "cannot remove %s", name);
	below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot remove %s", name);
	result = remove_inside(below, depth, err);
	if (result == 0 && unlinkat(fd, name, AT_REMOVEDIR) != 0)
		result = rc_fail_errno(err, RC_EIO, errno, "cannot remove %s", name);
	return result;
}

/* Takes fd over. */
static int remove_inside(int fd, unsigned depth, struct rc_error *err)
{
	DIR *directory = fdopendir(fd);
	const struct dirent *entry;
	int result = 0;

	if (!directory || depth > 2 * FS_MAX_DEPTH) {
		if (directory)
			closedir(directory);
		else
			close(fd);
		return rc_fail(err, RC_EIO, "cannot list what is to be removed");
	}
	while (result == 0 && (entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = remove_entry(dirfd(directory), entry->d_name, depth + 1, err);
	}
	closedir(directory);
	return result;
}

int fs_disk_remove(int dir_fd, const char *name, struct rc_error *err)
{
	return remove_entry(dir_fd, name, 0, err);
}
