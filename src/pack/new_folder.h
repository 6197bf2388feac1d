/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder that is there whole or not at all: made under another name, renamed when done. */
#ifndef RECAM_PACK_NEW_FOLDER_H
#define RECAM_PACK_NEW_FOLDER_H

#include "base/error.h"

struct new_folder {
	char *path;      /* where it is to be; owned */
	char *temporary; /* beside it; owned */
	int fd;          /* of the temporary one, mode 0700 */
};

/* RC_EREFUSED where path is there and is not an empty folder. */
int new_folder_begin(const char *path, struct new_folder *folder, struct rc_error *err);
/* Puts it in its place. */
int new_folder_finish(struct new_folder *folder, struct rc_error *err);
/* Removes what was made. */
void new_folder_drop(struct new_folder *folder);

#endif
