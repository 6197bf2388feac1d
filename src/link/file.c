/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flash image on disk, changed in place as a chip would be. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "flash/layout.h"
#include "link/kinds.h"

struct file_link {
	struct link link;
	int fd;
	bool read_only;
};

static int file_identify(struct link *link, struct rc_error *err)
{
	struct file_link *file = (struct file_link *)link;
	struct link_info *info = &link->info;
	struct stat st;

	info->kind = LINK_FILE;
	if (fstat(file->fd, &st))
		return rc_fail_errno(err, RC_EIO, errno, "cannot look at %s", info->name);
	if (S_ISDIR(st.st_mode))
		return rc_fail(err, RC_EUSAGE,
			       "%s is a folder, not a flash image: name a file (a folder can be "
			       "given with --from)",
			       info->name);
	if (!S_ISREG(st.st_mode))
		return rc_fail(err, RC_EUSAGE, "%s is no regular file, so no flash image",
			       info->name);
	if (st.st_size == 0 || st.st_size > RC_MAX_FLASH)
		return rc_fail(err, RC_ERANGE, "%s has %lld bytes: a flash image has 65536 to %u",
			       info->name, (long long)st.st_size, RC_MAX_FLASH);
	if (st.st_size % RC_ERASE_BLOCK)
		return rc_fail(err, RC_EFORMAT,
			       "%s has %lld bytes, %lld more than a multiple of 65536: it is no "
			       "whole flash image; recam inspect says what it is",
			       info->name, (long long)st.st_size,
			       (long long)(st.st_size % RC_ERASE_BLOCK));
	info->flash_size = (uint32_t)st.st_size;
	info->reach = info->flash_size;
	info->step = RC_ERASE_BLOCK;
	info->can_checksum = true;
	return 0;
}

static int get(struct file_link *file, uint32_t offset, uint8_t *out, size_t size,
	       struct rc_error *err)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(file->fd, out + done, size - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return rc_fail_errno(err, RC_EIO, errno, "cannot read %s at 0x%zx",
					     file->link.info.name, offset + done);
		if (got == 0)
			return rc_fail(err, RC_EIO,
				       "%s ends at 0x%zx: something has cut it since it was opened",
				       file->link.info.name, offset + done);
		done += (size_t)got;
	}
	return 0;
}

static int file_read(struct link *link, uint32_t offset, uint8_t *out, size_t size,
		     struct rc_error *err)
{
	int result = get((struct file_link *)link, offset, out, size, err);

	if (result == 0)
		link_progress(link, size);
	return result;
}

static int put(struct file_link *file, uint32_t offset, const uint8_t *data, size_t size,
	       struct rc_error *err)
{
	size_t done = 0;

	if (file->read_only)
		return rc_fail(err, RC_EIO,
			       "%s may not be written: give it write permission (chmod u+w)",
			       file->link.info.name);
	while (done < size) {
		ssize_t wrote = pwrite(file->fd, data + done, size - done, (off_t)(offset + done));

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return rc_fail_errno(err, RC_EIO, errno, "cannot write %s at 0x%zx",
					     file->link.info.name, offset + done);
		done += (size_t)wrote;
	}
	/* The next step of a rescue may rest on this one: it must be on the disk. */
	if (fdatasync(file->fd))
		return rc_fail_errno(err, RC_EIO, errno, "cannot write %s", file->link.info.name);
	link_progress(&file->link, size);
	return 0;
}

static int file_erase(struct link *link, uint32_t offset, size_t size, struct rc_error *err)
{
	uint8_t *blank = malloc(size);
	int result;

	if (!blank)
		return rc_fail_memory(err, size);
	memset(blank, 0xff, size);
	result = put((struct file_link *)link, offset, blank, size, err);
	free(blank);
	return result;
}

/* Programs as a chip does, clearing bits only: what was not erased shows in the
 * read-back here as it would there. */
static int file_write(struct link *link, uint32_t offset, const uint8_t *data, size_t size,
		      struct rc_error *err)
{
	uint8_t *cells = malloc(size);
	int result;

	if (!cells)
		return rc_fail_memory(err, size);
	result = get((struct file_link *)link, offset, cells, size, err);
	for (size_t i = 0; i < size; i++)
		cells[i] &= data[i];
	if (result == 0)
		result = put((struct file_link *)link, offset, cells, size, err);
	free(cells);
	return result;
}

static int file_checksum(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
			 struct rc_error *err)
{
	uint8_t *bytes = malloc(size);
	int result;

	if (!bytes)
		return rc_fail_memory(err, size);
	result = get((struct file_link *)link, offset, bytes, size, err);
	if (result == 0)
		*crc = rc_crc32(0, bytes, size);
	free(bytes);
	return result;
}

static void file_close(struct link *link)
{
	close(((struct file_link *)link)->fd);
	free(link);
}

static const struct link_ops file_ops = {
	.identify = file_identify,
	.read = file_read,
	.erase = file_erase,
	.write = file_write,
	.checksum = file_checksum,
	.close = file_close,
};

int file_link_new(const char *name, const char *path, struct link **link, struct rc_error *err)
{
	struct file_link *file = calloc(1, sizeof(*file));

	if (!file)
		return rc_fail_memory(err, sizeof(*file));
	file->link.ops = &file_ops;
	file->fd = open(path, O_RDWR | O_CLOEXEC);
	if (file->fd < 0 && (errno == EACCES || errno == EROFS || errno == EISDIR)) {
		file->read_only = true;
		file->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (file->fd < 0) {
		int result = rc_fail_errno(err, errno == ENOENT ? RC_ENOTFOUND : RC_EIO, errno,
					   "cannot open the flash image %s", name);

		free(file);
		return result;
	}
	*link = &file->link;
	return 0;
}
