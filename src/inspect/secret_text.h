/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets in text: behind the words that these cameras' programs write before them, and by
 * the shape that MAC addresses have anywhere. */
#ifndef RECAM_INSPECT_SECRET_TEXT_H
#define RECAM_INSPECT_SECRET_TEXT_H

#include "inspect/secrets.h"

struct secret_text {
	struct secrets *secrets;
	uint8_t *data; /* changed in place where a secret is too short to be looked for later */
	size_t size;
	uint64_t offset; /* of data in the file */
	bool packed;     /* it is packed there: offset is all that can be said of a place */
	const char *name;
	/* A log from a person's computer: also names of users, paths, public addresses. */
	bool log;
	size_t changed; /* secrets that were overwritten at once */
};

void secret_text_read(struct secret_text *text);

/* For the parts of it: a secret of size bytes at data + at. */
void secret_text_take(struct secret_text *text, enum secret_kind kind, size_t at, size_t size);
/* The patterns of logs that begin at data + at (secret_patterns.c). */
void secret_patterns_at(struct secret_text *text, size_t at);

#endif
