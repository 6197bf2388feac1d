/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The things seen in a dump or a log by which a camera is known, with their own memory. */
#ifndef RECAM_INSPECT_CLUES_H
#define RECAM_INSPECT_CLUES_H

#include <stdbool.h>

#include "board/board.h"

#define CLUES_MAX 64

struct clues {
	struct board_clue all[CLUES_MAX]; /* strings owned */
	size_t count;
	bool failed; /* memory ran out */
};

/* Adds a copy unless it is there, or CLUES_MAX are: more than enough to know a camera by. */
void clues_add(struct clues *clues, const char *kind, const char *value, const char *where);
/* The value of the first clue of that kind, or NULL. */
const char *clues_value(const struct clues *clues, const char *kind);
void clues_free(struct clues *clues);

#endif
