/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIRMWARE of contracts/recam.md: parts that belong at places of a flash. */
#ifndef RECAM_RESCUE_FIRMWARE_H
#define RECAM_RESCUE_FIRMWARE_H

#include "base/bytes.h"
#include "base/error.h"
#include "board/board.h"
#include "inspect/inspect.h"

struct firmware_part {
	struct partition place; /* where it belongs in this board's layout */
	enum partition_role role;
	struct rc_buffer bytes; /* owned; at most place.size */
};

struct firmware {
	char source[256];
	struct firmware_part parts[RC_MAX_PARTITIONS];
	size_t part_count;
	struct board_match board;     /* the camera that the firmware itself speaks for */
	struct inspection inspection; /* of all parts at their places: findings of the firmware */
};

/* A whole flash image, a folder of NAME.bin, or a demo.bin. board gives the layout. Refuses
 * (RC_EREFUSED, RC_EFORMAT) what is no firmware, is corrupt, does not fit, or belongs to
 * another camera, naming the finding id (image-too-large, image-wrong-model ...) in brackets. */
int firmware_load(const char *path, const struct boards *boards, const struct board *board,
		  struct firmware *firmware, struct rc_error *err);
void firmware_clear(struct firmware *firmware);

#endif
