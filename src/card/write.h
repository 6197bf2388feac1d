/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a card so that it is either whole or none: first its old partition table goes, then
 * the new contents come and are read back, then the whole partition is tried for capacity
 * that is not there, and the new partition table comes last.
 */
#ifndef RECAM_CARD_WRITE_H
#define RECAM_CARD_WRITE_H

#include "base/bytes.h"
#include "card/device.h"

/* Stretches of the card's image that are written; the first begins at 0. */
struct card_stretch {
	uint64_t offset;
	size_t size;
};
#define CARD_STRETCHES 2

struct card_content {
	struct rc_span image; /* as card_make made it, from the card's first byte */
	struct card_stretch stretches[CARD_STRETCHES];
	size_t count;
	/* Called with how much of 100 is done; may be NULL. */
	void (*progress)(void *context, unsigned percent);
	void *context;
};

/* RC_EVERIFY where the card does not keep what was written, saying at which byte, or that it
 * has less room than it says; RC_EIO where it cannot be read or written; RC_ERANGE where it
 * is smaller than the image. */
int card_write(struct card_device *device, const struct card_content *content,
	       struct rc_error *err);

#endif
