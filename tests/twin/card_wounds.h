/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cards as owners bring them, each with one thing that is other than it should be. */
#ifndef RECAM_TESTS_TWIN_CARD_WOUNDS_H
#define RECAM_TESTS_TWIN_CARD_WOUNDS_H

#include "card/fat.h"
#include "inspect/card_rules.h"

#define WOUND_CARD_SIZE  RC_MIB(80) /* FAT32 */
#define WOUND_SMALL_SIZE RC_MIB(16) /* FAT16 */

/* A card in the making. Wounds change the file before it is put on, or the card after it. */
struct wounded {
	struct rc_buffer file; /* the update */
	const char *name;      /* of it; NULL: DEMO.BIN */
	size_t size;           /* of the card */
	bool not_fat;          /* nothing of the usual kind is put on it */
	uint8_t *card;         /* once it is made */
	struct rc_span volume; /* its partition 1, in card */
	struct fat fat;
};

struct wound {
	const char *name;
	void (*file)(struct wounded *wounded); /* before, may be NULL */
	void (*card)(struct wounded *wounded); /* after, may be NULL */
	enum card_outcome outcome;
	const char *says; /* a line of the console; NULL: nothing in particular */
	bool no_button;
	uint32_t jedec;   /* 0: the usual chip */
	const char *tool; /* a program that it takes to make it; NULL: none */
	bool again;       /* its way through the bootloader is that of another one, too */
};

/* A card of WOUND_CARD_SIZE with an update of 64 KiB, wounded; freed with wound_free. */
void wound_make(struct wounded *wounded, const struct wound *wound);
void wound_free(struct wounded *wounded);

extern const struct wound wounds[];
extern const size_t wound_count;

#endif
