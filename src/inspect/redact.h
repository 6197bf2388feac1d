/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A copy of a dump, a log or a console capture without anybody's secrets, fit to be shared:
 * still what it was in everything else, so that whoever helps sees what its owner sees.
 */
#ifndef RECAM_INSPECT_REDACT_H
#define RECAM_INSPECT_REDACT_H

#include "board/board.h"
#include "inspect/inspect.h"
#include "inspect/secrets.h"

struct redaction {
	enum inspect_kind kind;
	struct rc_buffer bytes; /* the copy */
	struct secrets secrets; /* what was taken out; times 0: not found as such */
	struct layout layout;   /* of an image: names for places; offsets in the file */
	size_t repacked, wiped; /* packed nodes made anew, remains of old ones overwritten */
	size_t emptied;         /* nodes that had no room for their placeholders: zeros now */
};

/* RC_EUNSUPPORTED for what is none of those; RC_EREFUSED where a secret lies in a file
 * system that cannot be changed in place; RC_EVERIFY where the copy is not as good as the
 * original. The redaction is to be cleared in any case. */
int redact_bytes(struct rc_span bytes, const struct boards *boards, struct redaction *redaction,
		 struct rc_error *err);
void redaction_clear(struct redaction *redaction);

/* "para:.product_config at 0xFB00AC", "line 12". */
void redaction_place(const struct redaction *redaction, const struct secret *secret, char *out,
		     size_t out_size);

#endif
