/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --cure-size and --no-cure-size of the commands that read or write a camera. */
#ifndef RECAM_RECAM_CURE_H
#define RECAM_RECAM_CURE_H

#include <stdbool.h>

#include "link/link.h"

struct cure_choice {
	bool yes, no;
};

/* NOLINTBEGIN(bugprone-macro-parentheses): a type and a member take none */
#define CURE_OPTIONS(values, choice)                                                        \
	{ "cure-size",                                                                      \
	  0,                                                                                \
	  OPTION_FLAG,                                                                      \
	  NULL,                                                                             \
	  "where the bootloader takes the chip for a smaller one, correct that in its RAM", \
	  offsetof(values, choice.yes),                                                     \
	  NULL },                                                                           \
	{                                                                                   \
		"no-cure-size", 0, OPTION_FLAG, NULL, "never do that, and do not ask",      \
			offsetof(values, choice.no), NULL                                   \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

/* Asks where neither was said, and makes all of the chip reachable where that is wished
 * for. 0 also where it was declined, or is not needed. */
int cure_chip_size(struct link *link, const struct cure_choice *choice, struct rc_error *err);

#endif
