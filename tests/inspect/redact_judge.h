/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Says whether a secret is still in some bytes, in any way of writing that this file knows
 * by itself, raw or inside of any zlib stream that begins anywhere, whole or cut. Knows
 * nothing of how recam looks for them.
 */
#ifndef RECAM_TESTS_REDACT_JUDGE_H
#define RECAM_TESTS_REDACT_JUDGE_H

#include "base/bytes.h"

/* The name of the way in which secret (text) is in bytes, NULL where it is not. */
const char *judge_text(struct rc_span bytes, const char *secret);
/* The same of a MAC. */
const char *judge_mac(struct rc_span bytes, const uint8_t mac[6]);

/* Writes, for tests that hide secrets: base64 with so many letters before it. */
void write_base64(struct rc_buffer *out, const void *data, size_t size, size_t before);

#endif
