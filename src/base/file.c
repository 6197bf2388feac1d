/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE_PAGE RC_MIB(2)

static bool double_room(struct rc_buffer *buffer)
{
	size_t room = buffer->room < RC_KIB(64) ? RC_KIB(128) : 2 * buffer->room;
	uint8_t *bigger = realloc(buffer->data, room);

	if (!bigger)
		return false;
	buffer->data = bigger;
	buffer->room = room;
	return true;
}

/* Images of some MiB in large pages, where the system has them: a page fault each 4 KiB takes
 * longer than the reading. */
static uint8_t *room_for(size_t size)
{
	uint8_t *room;

	if (size < LARGE_PAGE)
		return malloc(size);
	size = (size + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	room = aligned_alloc(LARGE_PAGE, size);
	if (room)
		madvise(room, size, MADV_HUGEPAGE);
	return room;
}

/* expected: bytes there should be; with room for one more, the end is seen without growing. */
static int read_all(int fd, const char *path, size_t expected, size_t limit, struct rc_buffer *out,
		    struct rc_error *err)
{
	out->data = room_for(expected + 1);
	out->room = out->data ? expected + 1 : 0;
	for (;;) {
		ssize_t got;

		if (out->size == out->room && !double_room(out))
			return rc_fail_memory(err, 2 * out->size);
		got = read(fd, out->data + out->size, out->room - out->size);
		if (got == 0)
			return 0;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return rc_fail_errno(err, RC_EIO, errno, "cannot read %s", path);
		if ((size_t)got > limit - out->size)
			return rc_fail(err, RC_ERANGE,
				       "%s is larger than %zu bytes: too large to be what is "
				       "wanted here",
				       path, limit);
		out->size += (size_t)got;
	}
}

int rc_file_read(const char *path, size_t limit, struct rc_buffer *out, struct rc_error *err)
{
	struct stat st = { 0 };
	size_t expected = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result;

	*out = (struct rc_buffer){ 0 };
	if (fd < 0)
		return rc_fail_errno(err, errno == ENOENT ? RC_ENOTFOUND : RC_EIO, errno,
				     "cannot open %s", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		expected = (uint64_t)st.st_size < limit ? (size_t)st.st_size : limit;
	if (S_ISDIR(st.st_mode))
		result = rc_fail(err, RC_EUSAGE, "%s is a folder: name a file in it", path);
	else
		result = read_all(fd, path, expected, limit, out, err);
	close(fd);
	if (result)
		rc_buffer_free(out);
	return result;
}

int rc_fail_write(const char *path, size_t size, int errnum, struct rc_error *err)
{
	if (errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG)
		return rc_fail_errno(
			err, RC_EIO, errnum,
			"cannot write %zu bytes to %s: make room on that disk, and run "
			"the same command again",
			size, path);
	return rc_fail_errno(err, RC_EIO, errnum, "cannot write %zu bytes to %s", size, path);
}

static int write_all(int fd, const uint8_t *data, size_t size)
{
	while (size > 0) {
		ssize_t put = write(fd, data, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		data += put;
		size -= (size_t)put;
	}
	return 0;
}

/* The rename itself lives in the folder: without this a power cut may undo it. */
static void sync_folder_of(const char *path)
{
	char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	int fd;

	if (slash)
		slash[slash == folder ? 1 : 0] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

/* Whatever else bears that name (a device, a pipe) would be gone afterwards. */
static int check_replaceable(const char *path, struct rc_error *err)
{
	struct stat st;

	if (stat(path, &st) || S_ISREG(st.st_mode))
		return 0;
	return rc_fail(err, RC_EUSAGE, "%s is a %s, and not overwritten: name a file", path,
		       S_ISDIR(st.st_mode) ? "folder" : "device or a pipe");
}

int rc_file_replace(const char *path, const void *data, size_t size, unsigned mode,
		    struct rc_error *err)
{
	size_t name_size = strlen(path) + sizeof(".XXXXXX");
	char *name = malloc(name_size);
	int result = check_replaceable(path, err);
	int fd;

	if (result || !name) {
		free(name);
		return result ? result : rc_fail_memory(err, name_size);
	}
	snprintf(name, name_size, "%s.XXXXXX", path);
	fd = mkstemp(name);
	if (fd < 0) {
		result = rc_fail_errno(err, RC_EIO, errno, "cannot write %s", path);
		free(name);
		return result;
	}
	if (write_all(fd, data, size) || fsync(fd) || fchmod(fd, mode))
		result = rc_fail_write(path, size, errno, err);
	if (close(fd) && !result)
		result = rc_fail_errno(err, RC_EIO, errno, "cannot write %s", path);
	if (!result && rename(name, path))
		result = rc_fail_errno(err, RC_EIO, errno, "cannot write %s", path);
	if (result)
		unlink(name);
	else
		sync_folder_of(path);
	free(name);
	return result;
}

int rc_file_append(const char *path, const void *data, size_t size, struct rc_error *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	int result = 0;

	if (fd < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot open %s", path);
	if (write_all(fd, data, size) || fdatasync(fd))
		result = rc_fail_write(path, size, errno, err);
	close(fd);
	return result;
}

bool rc_file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool rc_is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *rc_path_join(const char *directory, const char *name)
{
	size_t length = strlen(directory) + strlen(name) + 2;
	char *path = malloc(length);

	if (path)
		snprintf(path, length, "%s/%s", directory, name);
	return path;
}
