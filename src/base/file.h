/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files: read whole with a limit, written so that a crash leaves the old or the new one. */
#ifndef RECAM_BASE_FILE_H
#define RECAM_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/* Reads the whole file into a buffer that the caller frees with rc_buffer_free.
 * RC_ERANGE where it is larger than limit, with both numbers. */
int rc_file_read(const char *path, size_t limit, struct rc_buffer *out, struct rc_error *err);

/* Writes a new file and puts it in the place of path in one step: temporary file
 * in the same folder, fsync, rename, fsync of the folder. mode as for open(2). What is there
 * and no file (a device, a pipe) is refused: RC_EUSAGE. */
int rc_file_replace(const char *path, const void *data, size_t size, unsigned mode,
		    struct rc_error *err);

/* Adds data at the end and waits until it is on the disk. Creates the file with
 * mode 0600 where it is not there. */
int rc_file_append(const char *path, const void *data, size_t size, struct rc_error *err);

/* The one message of a write that failed with errnum; where there was no room, what to do. */
int rc_fail_write(const char *path, size_t size, int errnum, struct rc_error *err);

bool rc_file_exists(const char *path);
bool rc_is_directory(const char *path);

/* "DIR/NAME" in new memory (NULL: none left). */
char *rc_path_join(const char *directory, const char *name);

#endif
