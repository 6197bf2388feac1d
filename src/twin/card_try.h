/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A start of the camera's own bootloader in the exact twin, with a card in its slot: what its
 * console said, what its lights did, and what became of the flash.
 */
#ifndef RECAM_TWIN_CARD_TRY_H
#define RECAM_TWIN_CARD_TRY_H

#include "base/text.h"
#include "twin/twin.h"

struct card_try_config {
	struct rc_span flash; /* a whole dump of the camera */
	uint32_t jedec;       /* its chip, 0: the usual one */
	bool button_held;
	uint8_t *card; /* in the slot; the camera may write to it. NULL: none */
	size_t card_size;
	/* Ends where the console has shown this (a start takes a second of ours then);
	 * NULL: where the kernel takes over. */
	const char *until;
};

struct card_try {
	struct twin *twin; /* as it was left, with its flash and events; twin_close */
	enum twin_state state;
	struct rc_text log;                   /* the console since power came on */
	uint64_t erases, programs;            /* commands that the chip got */
	uint32_t first_change, behind_change; /* of the flash, beside the dump: both 0: none */
};

/* RC_EUNSUPPORTED where the exact engine cannot start this flash. */
int card_try_run(const struct card_try_config *config, struct card_try *result,
		 struct rc_error *err);
void card_try_clear(struct card_try *result);

/* What a light (or another output) did: the settings of one pin, those that lasted for less
 * than a millisecond left out. At most limit of them; returns how many. */
size_t card_try_pin(const struct card_try *result, int gpio, struct twin_pin_event *events,
		    size_t limit);

#endif
