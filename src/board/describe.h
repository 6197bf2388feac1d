/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the cameras, for people and for scripts ("recam boards"). */
#ifndef RECAM_BOARD_DESCRIBE_H
#define RECAM_BOARD_DESCRIBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "board/board.h"

/* A table, one camera a line. */
void boards_describe(FILE *out, const struct boards *boards, bool colour);
/* All of one camera. */
void board_describe(FILE *out, const struct board *board, bool colour);

/* New references, NULL where memory ran out. Sizes and offsets are numbers of bytes;
 * ids of chips and digests are strings of hex digits. */
json_t *boards_json(const struct boards *boards); /* array of what board_json gives */
json_t *board_json(const struct board *board);

#endif
