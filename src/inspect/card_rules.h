/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a camera's bootloader would do with an SD card, without running it.
 *
 * A row of card_rules is one kind of bootloader: the names it looks for, whether it asks for
 * the button, and its tests of a file in their order. How the card itself is read is the same
 * in all of them (card/uboot_fat.h). Where the bootloader is at hand, the exact twin is
 * believed instead; tests/twin/card_verdict.c holds the two to each other.
 */
#ifndef RECAM_INSPECT_CARD_RULES_H
#define RECAM_INSPECT_CARD_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "board/board.h"
#include "card/uboot_fat.h"

struct card_rules;

/* The camera that a card is meant for. */
struct card_camera {
	const struct boards *boards;               /* all that are known; may be NULL */
	const struct board *board;                 /* never NULL */
	const struct card_rules *rules;            /* card_rules_of; NULL: takes no card */
	const struct board_bootloader *bootloader; /* the build, where it is known; else NULL */
	struct rc_span boot;                       /* its bytes, where they are at hand */
	uint32_t jedec;                            /* its chip; 0: one that the bootloader knows */
	bool button_held;
};

enum card_outcome {
	CARD_NOT_SEEN, /* the camera starts as if there were no update on the card */
	CARD_REFUSED,  /* the file is found, and nothing is erased */
	CARD_TAKEN,    /* the flash is erased and written */
};

struct card_verdict {
	enum card_outcome outcome;
	const char *finding; /* its id in the catalogue; NULL where all is well */
	char file[32];       /* the name that it is about: the first one, if none is there */
	char says[160];      /* the line that the bootloader prints; "" where it is silent */
	char why[320];       /* for a person: what it is, with the numbers */
	/* Where CARD_TAKEN: this range of the flash is erased, and the file's bytes from
	 * file_offset go to its start. */
	uint32_t flash_offset, flash_size;
	uint32_t file_offset, file_size;
};

#define CARD_MAX_FILES 4

/* One kind of bootloader. Both tests fill outcome, finding, says and why of the verdict, and
 * return whether it goes on; the last one also the ranges. A file that ends without a word
 * of the bootloader is CARD_NOT_SEEN. */
struct card_rules {
	const char *name; /* "ingenic-stock" */
	/* Whether this camera's bootloader is of this kind. Rows are asked in their order. */
	bool (*fits)(const struct card_camera *camera);
	/* The names it looks for in the root folder, in its order, small letters. */
	size_t (*files)(const struct card_camera *camera, const char *names[CARD_MAX_FILES]);
	bool wants_button;
	/* It reads header_size bytes first and looks at them (0: it does not), then load_limit
	 * bytes (0: all there are). */
	size_t header_size, load_limit;
	bool (*judge_header)(const struct card_camera *camera, size_t index, struct rc_span header,
			     struct card_verdict *verdict);
	bool (*judge_file)(const struct card_camera *camera, size_t index, struct rc_span file,
			   struct card_verdict *verdict);
};

extern const struct card_rules card_rules_stock, card_rules_open, card_rules_mstar;

/* For the rows: outcome, finding and why; and the line that the bootloader prints. */
void card_settle(struct card_verdict *verdict, enum card_outcome outcome, const char *finding,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
void card_say(struct card_verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The row for this camera, by its bootloader where it is known, else by its board: NULL where
 * its bootloaders take no card. */
const struct card_rules *card_rules_of(const struct card_camera *camera);

/* Pure: camera and card in, verdict out. RC_ENOMEM, or RC_EUNSUPPORTED where the camera takes
 * no card at all. */
int card_judge(const struct card_camera *camera, struct rc_span card, struct card_verdict *verdict,
	       struct rc_error *err);

const char *card_outcome_name(enum card_outcome outcome); /* "taken" */

#endif
