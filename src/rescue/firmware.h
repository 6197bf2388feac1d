/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIRMWARE of contracts/recam.md: parts that belong at places of a flash. */
#ifndef RECAM_RESCUE_FIRMWARE_H
#define RECAM_RESCUE_FIRMWARE_H

#include "base/bytes.h"
#include "base/error.h"
#include "board/board.h"
#include "inspect/inspect.h"
#include "pack/firmware_file.h"

struct firmware_part {
	struct partition place; /* where it belongs in this board's layout */
	enum partition_role role;
	struct rc_buffer bytes; /* owned; at most place.size */
};

#define FIRMWARE_MAX_NOTES 8

struct firmware {
	char source[256];
	struct firmware_part parts[RC_MAX_PARTITIONS];
	size_t part_count;
	struct board_match board;            /* the camera that the firmware itself speaks for */
	struct inspection inspection;        /* of all parts at their places */
	char notes[FIRMWARE_MAX_NOTES][160]; /* files that were passed over; "" ends */
};

/* A whole flash image, a folder of NAME.bin, a demo.bin, a tf_recovery.img, an update file of
 * the open bootloader, or an archive (tar, tar.gz, zip) of one of those or of NAME.bin. board
 * gives the layout. Refuses
 * (RC_EREFUSED, RC_EFORMAT, RC_ERANGE) what is no firmware, is corrupt, does not fit, or
 * belongs to another camera, naming the finding id (image-too-large, image-wrong-model ...)
 * in brackets. */
int firmware_load(const char *path, const struct boards *boards, const struct board *board,
		  struct firmware *firmware, struct rc_error *err);

/* The first half of it: the parts at their places, judged only for fitting and for the
 * checksums of their wrapping. For references, and to refuse early what is no firmware.
 * RC_EUSAGE where board is NULL. */
int firmware_read(const char *path, const struct board *board, struct firmware *firmware,
		  struct rc_error *err);

/* The parts as one flash image, FF where there is none; freed by the caller. */
int firmware_image(const struct firmware *firmware, uint32_t flash_size, struct rc_buffer *image,
		   struct rc_error *err);

/* The part for a partition by name, or NULL. */
const struct firmware_part *firmware_part(const struct firmware *firmware, const char *name);

void firmware_clear(struct firmware *firmware);

/* Pure: splits the bytes of one file (no archive) into parts. name is for messages. The fuzz
 * target's entry. */
int firmware_split(const char *name, struct rc_span file, const struct board *board,
		   struct firmware *firmware, struct rc_error *err);

#endif
