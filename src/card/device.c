/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card/device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"

#define BOUNCE    RC_MIB(1)
#define ALIGNMENT 4096u /* of memory for O_DIRECT, on any reader */

struct file_device {
	struct card_device device;
	int descriptor;
	bool is_disk;
	uint8_t *bounce; /* BOUNCE bytes, aligned */
};

static int fail_io(const struct card_device *device, const char *act, uint64_t offset,
		   struct rc_error *err)
{
	int number = errno;

	return rc_fail_errno(err, RC_EIO, number, "cannot %s %s at byte %llu: %s", act,
			     device->name, (unsigned long long)offset,
			     number == ENOSPC
				     ? "make room on that disk and run the same command again"
				     : "try again with the card pushed in anew, or take "
				       "another card");
}

static int file_read(struct card_device *device, uint64_t offset, uint8_t *bytes, size_t size,
		     struct rc_error *err)
{
	struct file_device *file = (struct file_device *)device;

	for (size_t done = 0; done < size;) {
		size_t part = size - done < BOUNCE ? size - done : BOUNCE;
		ssize_t got = pread(file->descriptor, file->bounce, part, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EIO;
		if (got <= 0)
			return fail_io(device, "read", offset + done, err);
		memcpy(bytes + done, file->bounce, (size_t)got);
		done += (size_t)got;
	}
	return 0;
}

static int file_write(struct card_device *device, uint64_t offset, const uint8_t *bytes,
		      size_t size, struct rc_error *err)
{
	struct file_device *file = (struct file_device *)device;

	for (size_t done = 0; done < size;) {
		size_t part = size - done < BOUNCE ? size - done : BOUNCE;
		ssize_t put;

		memcpy(file->bounce, bytes + done, part);
		put = pwrite(file->descriptor, file->bounce, part, (off_t)(offset + done));
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return fail_io(device, "write", offset + done, err);
		done += (size_t)put;
	}
	return 0;
}

static int file_flush(struct card_device *device, struct rc_error *err)
{
	struct file_device *file = (struct file_device *)device;

	if (fsync(file->descriptor) != 0)
		return fail_io(device, "write", 0, err);
	/* Best effort: a kernel that still holds these pages reads them from memory. */
	posix_fadvise(file->descriptor, 0, 0, POSIX_FADV_DONTNEED);
	return 0;
}

static void file_close(struct card_device *device)
{
	struct file_device *file = (struct file_device *)device;

	/* So that the computer sees the new partitions without the card being pulled. */
	if (file->is_disk)
		ioctl(file->descriptor, BLKRRPART);
	close(file->descriptor);
	free(file->bounce);
	free(file);
}

static const struct card_device_ops file_ops = { file_read, file_write, file_flush, file_close };

static int new_device(const char *path, int descriptor, uint64_t size, bool is_disk,
		      struct card_device **device, struct rc_error *err)
{
	struct file_device *file = calloc(1, sizeof(*file));

	if (file)
		file->bounce = aligned_alloc(ALIGNMENT, BOUNCE);
	if (!file || !file->bounce) {
		free(file);
		close(descriptor);
		return rc_fail_memory(err, BOUNCE);
	}
	file->device.ops = &file_ops;
	file->device.size = size;
	file->device.is_file = !is_disk;
	snprintf(file->device.name, sizeof(file->device.name), "%s", path);
	file->descriptor = descriptor;
	file->is_disk = is_disk;
	*device = &file->device;
	return 0;
}

int card_open_disk(const char *path, struct card_device **device, struct rc_error *err)
{
	int descriptor = open(path, O_RDWR | O_EXCL | O_DIRECT | O_CLOEXEC);
	uint64_t size = 0;

	*device = NULL;
	if (descriptor < 0 && errno == EBUSY)
		return rc_fail(err, RC_EREFUSED,
			       "%s is in use (mounted, most likely): nothing was written; unmount "
			       "all of it first, as lsblk shows it",
			       path);
	if (descriptor < 0)
		return rc_fail_errno(err, RC_EIO, errno,
				     "cannot open %s to write it (only root may: sudo; a card with "
				     "its lock pushed down cannot be written)",
				     path);
	if (ioctl(descriptor, BLKGETSIZE64, &size) != 0) {
		close(descriptor);
		return rc_fail(err, RC_EUSAGE, "%s is no disk", path);
	}
	return new_device(path, descriptor, size, true, device, err);
}

int card_create_file(const char *path, uint64_t size, struct card_device **device,
		     struct rc_error *err)
{
	int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	*device = NULL;
	if (descriptor < 0)
		return rc_fail_errno(err, RC_EREFUSED, errno,
				     "cannot make the card image %s (a file that is there already "
				     "is not overwritten)",
				     path);
	if (ftruncate(descriptor, (off_t)size) != 0) {
		rc_fail_write(path, (size_t)size, errno, err);
		close(descriptor);
		unlink(path);
		return RC_EIO;
	}
	return new_device(path, descriptor, size, false, device, err);
}

void card_close(struct card_device *device)
{
	if (device)
		device->ops->close(device);
}
