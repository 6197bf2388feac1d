/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings that a program carries in itself: versions, prompts. */
#ifndef RECAM_FORMAT_PROGRAM_H
#define RECAM_FORMAT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* The printable ASCII text that starts with prefix, up to its NUL, line end or other
 * byte, without the prefix. Takes the first one that holds all of must_hold (NULL: any).
 * False, and out "", where there is none or it does not fit. */
bool program_string(struct rc_span program, const char *prefix, const char *must_hold, char *out,
		    size_t out_size);

/* A console prompt: a NUL-terminated string of its own that ends in "# " or "> " behind
 * a word or two, as "isvp_t20# ". */
bool program_prompt(struct rc_span program, char *out, size_t out_size);

#endif
