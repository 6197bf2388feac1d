/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for people: building it, sizes and durations in words, masking. */
#ifndef RECAM_BASE_TEXT_H
#define RECAM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing, always terminated string. Zero-initialise; rc_text_free when done.
 * "failed" says that memory ran out at some time; the text is then cut. */
struct rc_text {
	char *data; /* NULL while nothing was added: use rc_text_get */
	size_t size;
	size_t room;
	bool failed;
};

void rc_text_add(struct rc_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void rc_text_add_bytes(struct rc_text *text, const char *data, size_t size);
/* Adds bytes from outside with control and non-ASCII bytes as \xNN, at most limit of them. */
void rc_text_add_escaped(struct rc_text *text, const uint8_t *data, size_t size, size_t limit);
const char *rc_text_get(const struct rc_text *text); /* "" where empty */
void rc_text_free(struct rc_text *text);

/* "512 bytes", "64 KiB", "3.4 MiB". Returns buffer. */
#define RC_SIZE_TEXT 24
char *rc_size_text(char buffer[RC_SIZE_TEXT], uint64_t bytes);

/* "0:07", "12:05", "1:59:51": a duration in seconds as a clock shows it. Returns buffer. */
#define RC_DURATION_TEXT 24
char *rc_duration_text(char buffer[RC_DURATION_TEXT], double seconds);

/* Copies a secret with all but what tells two apart starred out. A MAC address
 * (six pairs of hex digits, with or without separators) keeps its first and last
 * pair; anything else keeps its length and nothing more. out has out_size bytes. */
void rc_mask_secret(const char *secret, char *out, size_t out_size);

/* Parses a whole string as a number: decimal, or hex behind 0x. False if it is
 * empty, has anything else in it, or is larger than max. */
bool rc_parse_number(const char *text, uint64_t max, uint64_t *value);
/* The same, always hex, 0x optional. */
bool rc_parse_hex(const char *text, uint64_t max, uint64_t *value);

#endif
