/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks of a backup that is not finished: FILE.partial is the image so far,
 * FILE.partial.json one JSON object a line. A block's bytes are on the disk before
 * the line that says so. Nothing in it is believed: every block of it counts only
 * where the camera's CRC-32 of that block agrees, so that what another camera left
 * there does no harm.
 */
#ifndef RECAM_RESCUE_PARTIAL_H
#define RECAM_RESCUE_PARTIAL_H

#include "base/bytes.h"
#include "base/error.h"

struct partial {
	int image; /* descriptors; -1 where nothing is kept */
	int lines;
	char path[512]; /* of FILE, for messages */
};

/* Opens or creates both files. data (size bytes) gets the bytes of the blocks that an
 * earlier try finished, have[i] says which they are. path NULL: keeps nothing. */
int partial_open(const char *path, uint8_t *data, uint32_t size, bool *have,
		 struct partial *partial, struct rc_error *err);
/* Keeps one block. */
int partial_keep(struct partial *partial, size_t block, const uint8_t *data, struct rc_error *err);
void partial_close(struct partial *partial);
/* Takes both files away: the backup is complete. */
void partial_remove(const char *path);

/* Pure: the blocks that the lines name, with the CRC-32 that they should have. Lines that
 * are torn or make no sense are passed over. */
void partial_parse(struct rc_span lines, size_t block_count, bool *have, uint32_t *crcs);

#endif
