/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each partition of a whole flash wounded in each way that its format can be: the right
 * finding, and no other fatal one.
 */
#ifndef RECAM_TESTS_INSPECT_WOUNDS_H
#define RECAM_TESTS_INSPECT_WOUNDS_H

#include "base/bytes.h"

enum wound { ERASED, FLIPPED, CUT, SHIFTED };

/* For each partition, the ids that may tell of each wound; NULL: none needs to. */
struct wounded {
	const char *name;
	const char *ids[SHIFTED + 1]; /* blank-separated alternatives */
};

/* Fails the test where a wound is not named. */
void wound_all(struct rc_buffer *flash, const struct wounded *wounded, size_t count);

#endif
