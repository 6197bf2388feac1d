/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How board files are read; for this floor only. */
#ifndef RECAM_BOARD_PARSE_H
#define RECAM_BOARD_PARSE_H

#include "board/board.h"

#define BOARD_FILE_LIMIT RC_KIB(256)

/* Where "include = NAME" finds its text. NULL read: nowhere, includes are refused. */
struct board_parts {
	int (*read)(void *context, const char *name, struct rc_buffer *out, struct rc_error *err);
	void *context;
};

/* As board_parse, with parts. */
int board_parse_with(const char *name, struct rc_span text, const struct board_parts *parts,
		     struct board *board, struct rc_error *err);

/* True if sha256 (whole, as hex) is one of the two digests of this build. */
bool board_bootloader_has_digest(const struct board_bootloader *loader, const char *sha256);

/* Kinds of clues that a board file may name in [evidence]; NULL where there is none such. */
struct clue_kind {
	const char *name;
	const char *sentence; /* of a reason; %W where it was seen, %V the value */
};
const struct clue_kind *clue_kind_find(const char *name);
/* "bootloader version boardline ...", for messages. */
const char *clue_kind_names(void);

#endif
