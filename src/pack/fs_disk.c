/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing below a folder: what is in an image decides names and contents, never places. */
#include "pack/fs_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- names --- */

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte != 0x7f && byte != '\\';
}

char *fs_disk_escape(const char *name, size_t size)
{
	char *escaped = malloc(size * 4 + 1);
	char *end = escaped;

	for (size_t i = 0; escaped && i < size; i++) {
		unsigned char byte = (unsigned char)name[i];

		if (is_plain(byte))
			*end++ = name[i];
		else
			end += snprintf(end, 5, "\\%03o", byte);
	}
	if (escaped)
		*end = '\0';
	return escaped;
}

/* The byte that \ooo stands for, or 0 where it is nothing that escape makes. */
static unsigned char escaped_byte(const char *text)
{
	unsigned value = 0;

	for (unsigned i = 1; i <= 3; i++) {
		if (text[0] != '\\' || text[i] < '0' || text[i] > '7')
			return 0;
		value = value * 8 + (unsigned)(text[i] - '0');
	}
	return value > 0 && value < 0x80 && !is_plain((unsigned char)value) ? (unsigned char)value
									    : 0;
}

void fs_disk_unescape(char *name)
{
	char *out = name;

	while (*name) {
		unsigned char byte = escaped_byte(name);

		*out++ = byte ? (char)byte : *name;
		name += byte ? 4 : 1;
	}
	*out = '\0';
}

/* --- places --- */

void fs_disk_begin(struct fs_disk *disk, int root)
{
	*disk = (struct fs_disk){ .root = root, .parent = -1 };
}

void fs_disk_end(struct fs_disk *disk)
{
	if (disk->parent >= 0)
		close(disk->parent);
	free(disk->parent_path);
	fs_disk_begin(disk, disk->root);
}

/* Descriptor of the folder that the first size bytes of path name (0: the root itself). */
static int open_folder(int root, const char *path, size_t size, struct rc_error *err)
{
	int fd = fcntl(root, F_DUPFD_CLOEXEC, 0);

	if (fd < 0) {
		rc_fail_errno(err, RC_EIO, errno, "cannot open the folder for %s", path);
		return RC_EIO;
	}
	for (size_t at = 0, part; at < size; at += part) {
		char *name;
		int next = -1;

		part = 1 + strcspn(path + at + 1, "/");
		name = fs_disk_escape(path + at + 1, part - 1);
		if (name)
			next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		if (!name)
			return rc_fail_memory(err, part);
		free(name);
		if (next < 0)
			return rc_fail_errno(err, RC_EFORMAT, errno,
					     "%s lies in what is no folder on this disk", path);
		fd = next;
	}
	return fd;
}

static size_t parent_size(const char *path)
{
	return (size_t)(strrchr(path, '/') - path);
}

/* Descriptor of the folder that holds path, which stays the disk's. */
static int open_parent(struct fs_disk *disk, const char *path, struct rc_error *err)
{
	size_t size = parent_size(path);

	if (disk->parent >= 0 && strlen(disk->parent_path) == size &&
	    memcmp(disk->parent_path, path, size) == 0)
		return disk->parent;
	fs_disk_end(disk);
	disk->parent_path = strndup(path, size);
	if (!disk->parent_path)
		return rc_fail_memory(err, size);
	return disk->parent = open_folder(disk->root, path, size, err);
}

/* path's last name as it is on disk, freed by the caller; NULL: no memory. */
static char *name_on_disk(const char *path, struct rc_error *err)
{
	const char *last = path + parent_size(path) + 1;
	char *name = fs_disk_escape(last, strlen(last));

	if (!name)
		rc_fail_memory(err, strlen(last));
	return name;
}

/* Where path is to be: its folder's descriptor, which stays the disk's, and its name there, freed
 * by the caller. */
static int find_place(struct fs_disk *disk, const char *path, char **name, struct rc_error *err)
{
	int fd = open_parent(disk, path, err);

	*name = fd < 0 ? NULL : name_on_disk(path, err);
	return fd >= 0 && !*name ? RC_ENOMEM : fd;
}

/* What stopped the making of path. */
static int cannot_make(const char *path, int errnum, struct rc_error *err)
{
	if (errnum == EEXIST)
		return rc_fail(err, RC_EFORMAT,
			       "%s is there twice, or differs from another name only in capitals, "
			       "which the disk of this folder does not tell apart",
			       path);
	if (errnum == ENAMETOOLONG)
		return rc_fail(err, RC_EFORMAT,
			       "%s is a longer name than the disk of this folder can hold", path);
	return rc_fail_errno(err, RC_EIO, errnum, "cannot write %s", path);
}

static void set_time(int fd, const char *name, uint32_t mtime)
{
	struct timespec times[2] = { { .tv_sec = mtime }, { .tv_sec = mtime } };

	/* The manifest knows it anyway. */
	if (utimensat(fd, name, times, AT_SYMLINK_NOFOLLOW) != 0)
		errno = 0;
}

int fs_disk_make_directory(struct fs_disk *disk, const struct fs_node *node, struct rc_error *err)
{
	char *name;
	int fd = find_place(disk, node->path, &name, err);
	int result = 0;

	if (fd < 0)
		return fd;
	if (mkdirat(fd, name, (node->mode & 0755) | 0700) != 0)
		result = cannot_make(node->path, errno, err);
	free(name);
	return result;
}

static int write_all(int fd, struct rc_span content)
{
	for (size_t done = 0; done < content.size;) {
		ssize_t size = write(fd, content.data + done, content.size - done);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return errno;
		done += (size_t)size;
	}
	return 0;
}

static int put_file(int fd, const char *name, mode_t mode, struct rc_span content)
{
	int file = openat(fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	int errnum;

	if (file < 0)
		return errno;
	errnum = write_all(file, content);
	if (close(file) != 0 && errnum == 0)
		errnum = errno;
	return errnum;
}

int fs_disk_put_file(struct fs_disk *disk, const struct fs_node *node, struct rc_span content,
		     struct rc_error *err)
{
	char *name;
	int fd = find_place(disk, node->path, &name, err);
	int errnum;

	if (fd < 0)
		return fd;
	errnum = put_file(fd, name, (node->mode & 0755) | 0600, content);
	if (errnum == 0)
		set_time(fd, name, node->mtime);
	free(name);
	return errnum == 0 ? 0 : cannot_make(node->path, errnum, err);
}

int fs_disk_put_symlink(struct fs_disk *disk, const struct fs_node *node, struct rc_error *err)
{
	char *name;
	int fd = find_place(disk, node->path, &name, err);
	int result = 0;

	if (fd < 0)
		return fd;
	if (symlinkat(node->target, fd, name) != 0)
		result = cannot_make(node->path, errno, err);
	else
		set_time(fd, name, node->mtime);
	free(name);
	return result;
}

int fs_disk_put_hard_link(struct fs_disk *disk, const struct fs_node *node, const char *first,
			  struct rc_error *err)
{
	char *name, *first_name;
	int fd = find_place(disk, node->path, &name, err);
	int first_fd, errnum;

	if (fd < 0)
		return fd;
	first_fd = open_folder(disk->root, first, parent_size(first), err);
	if (first_fd < 0) {
		free(name);
		return first_fd;
	}
	first_name = name_on_disk(first, err);
	errnum = first_name && linkat(first_fd, first_name, fd, name, 0) == 0 ? 0 : errno;
	free(first_name);
	free(name);
	close(first_fd);
	if (errnum == EPERM || errnum == EMLINK || errnum == EOPNOTSUPP)
		return rc_fail(err, RC_EUNSUPPORTED, "no hard links on the disk of this folder");
	return errnum == 0 ? 0 : cannot_make(node->path, errnum, err);
}

int fs_disk_put_text(int dir_fd, const char *name, struct rc_span text, struct rc_error *err)
{
	int errnum = put_file(dir_fd, name, 0644, text);

	if (errnum == 0)
		return 0;
	if (errnum != EEXIST)
		unlinkat(dir_fd, name, 0);
	return rc_fail_errno(err, RC_EIO, errnum, "cannot write %s", name);
}
