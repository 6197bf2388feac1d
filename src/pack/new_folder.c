/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/new_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "pack/fs_disk.h"

static bool is_empty(const char *path)
{
	DIR *entries = opendir(path);
	const struct dirent *entry;
	bool empty = entries != NULL;

	while (empty && (entry = readdir(entries)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (entries)
		closedir(entries);
	return empty;
}

static void clear(struct new_folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
	free(folder->path);
	free(folder->temporary);
	*folder = (struct new_folder){ .fd = -1 };
}

static int make(struct new_folder *folder, const char *path, struct rc_error *err)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	folder->path = strndup(path, length);
	folder->temporary = malloc(length + sizeof(".XXXXXX"));
	if (!folder->path || !folder->temporary)
		return rc_fail_memory(err, length);
	snprintf(folder->temporary, length + sizeof(".XXXXXX"), "%s.XXXXXX", folder->path);
	if (!mkdtemp(folder->temporary))
		return rc_fail_errno(err, RC_EIO, errno, "cannot make the folder %s", folder->path);
	folder->fd = open(folder->temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder->fd < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot open the folder %s",
				     folder->temporary);
	return 0;
}

int new_folder_begin(const char *path, struct new_folder *folder, struct rc_error *err)
{
	int result;

	*folder = (struct new_folder){ .fd = -1 };
	if (access(path, F_OK) == 0 && !is_empty(path))
		return rc_fail(err, RC_EREFUSED,
			       "%s is there already, and is not an empty folder: nothing in it is "
			       "touched; name a folder that is not there yet",
			       path);
	result = make(folder, path, err);
	if (result)
		clear(folder);
	return result;
}

int new_folder_finish(struct new_folder *folder, struct rc_error *err)
{
	if (rename(folder->temporary, folder->path)) {
		int result = rc_fail_errno(err, RC_EIO, errno,
					   "cannot put the folder in its place, %s", folder->path);

		new_folder_drop(folder);
		return result;
	}
	clear(folder);
	return 0;
}

void new_folder_drop(struct new_folder *folder)
{
	if (folder->temporary)
		fs_disk_remove(AT_FDCWD, folder->temporary, NULL);
	clear(folder);
}
