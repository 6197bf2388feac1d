/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the backup of a rescue lies whose owner names no FILE. */
#ifndef RECAM_RESCUE_DEFAULT_PATH_H
#define RECAM_RESCUE_DEFAULT_PATH_H

#include "base/error.h"

#define DEFAULT_PATH_SIZE 32u

struct default_path {
	/* recam-backup.bin, recam-backup-2.bin, ... in this folder: the last that is there, or
	 * the next where the rescue of that one came to its end. What the camera holds now has
	 * no backup then, and the old one is never overwritten. */
	char file[DEFAULT_PATH_SIZE];
	char before[DEFAULT_PATH_SIZE]; /* the last that is there where file is the next, or "" */
};

/* Fails where a journal cannot be read, or there are too many. */
int default_path_choose(struct default_path *path, struct rc_error *err);

#endif
