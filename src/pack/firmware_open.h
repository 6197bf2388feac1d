/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the bytes of any file to its partitions: archive, firmware file, flash, partition. */
#ifndef RECAM_PACK_FIRMWARE_OPEN_H
#define RECAM_PACK_FIRMWARE_OPEN_H

#include "inspect/inspect.h"
#include "pack/firmware_archive.h"

struct firmware_opened {
	const char *name;    /* of the file, or of that in the archive; borrowed */
	struct rc_span file; /* the bytes of the same; borrowed */
	struct flash_map map;
	struct firmware_file split;
	const struct board *board;    /* as given, or recognised with some certainty; else NULL */
	struct inspection inspection; /* of file; empty where an archive holds parts only */
	struct firmware_archive archive;
};

struct firmware_open_options {
	const struct boards *boards;
	const struct board *board; /* as the user says, or NULL */
	/* Bytes from the start of a whole flash that were really read, 0: all. Slices behind
	 * have no bytes. */
	uint32_t reach;
};

/* bytes and name have to outlive out. RC_EREFUSED for what is no firmware; RC_EUSAGE where only
 * the user can say which camera's it is. */
int firmware_open(const char *name, struct rc_span bytes,
		  const struct firmware_open_options *options, struct firmware_opened *out,
		  struct rc_error *err);
void firmware_opened_clear(struct firmware_opened *opened);

#endif
