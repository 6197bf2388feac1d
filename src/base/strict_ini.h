/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A strict reading of INI text through inih.
 *
 * inih cuts long lines, drops what stands behind " ;", takes an indented line for
 * more of the one above it, and says nothing of any of that. A file that lost half a
 * line would say something else than its author, so all of that is refused here, with
 * the line's number, before inih sees the line.
 */
#ifndef RECAM_BASE_STRICT_INI_H
#define RECAM_BASE_STRICT_INI_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"

/* inih's line buffer as Debian builds it has 200 bytes with "\r\n" and NUL. */
#define INI_LINE_LIMIT 190u

struct ini_place {
	const char *file;
	unsigned line; /* from 1 */
};

/* Told of each thing in order; non-zero ends the reading and comes back from ini_read.
 * section is called at "[NAME]", entry at "key = value"; both strings are trimmed. */
struct ini_events {
	int (*section)(void *context, const struct ini_place *place, const char *name,
		       struct rc_error *err);
	int (*entry)(void *context, const struct ini_place *place, const char *key,
		     const char *value, struct rc_error *err);
	void *context;
	bool utf8; /* values and comments may hold UTF-8; else the whole file is ASCII */
};

int ini_read(const char *file, struct rc_span text, const struct ini_events *events,
	     struct rc_error *err);

/* RC_EFORMAT with "FILE:LINE: " before the text. */
int ini_fail(const struct ini_place *place, struct rc_error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
