/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digest authentication (RFC 7616, and RFC 2069 as most players have it), for RTSP. */
#ifndef RECAM_CAMERA_DIGEST_H
#define RECAM_CAMERA_DIGEST_H

#include "base/bytes.h"
#include "camera/settings/users.h"

#define DIGEST_HEX   65 /* room for the longest digest in hex with its NUL */
#define DIGEST_NONCE 33

/* What an Authorization header says; borrowed. */
struct digest_claim {
	enum digest_algorithm algorithm;
	struct rc_span user, realm, nonce, uri, response, qop, nc, cnonce;
};

/* False: not Digest, an algorithm that is not offered, or something is missing. */
bool digest_read(struct rc_span header, struct digest_claim *claim);

/* Is the claim's response the one of him whose H(user:realm:password) this is? Compares in
 * constant time. */
bool digest_right(const struct digest_claim *claim, const char *ha1, struct rc_span method);

/* A nonce that nobody can foresee: 32 hex digits. False: no random numbers. */
bool digest_nonce(char nonce[DIGEST_NONCE]);

#endif
