/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is nobody else's business: the secrets found in a dump or a log, what stands in
 * their place in a copy that can be shared, and every way in which each may be written.
 *
 * A placeholder has the length and shape of its secret, so that what reads the one reads
 * the other; equal secrets get equal placeholders, different ones (of more than a few
 * characters) different ones.
 */
#ifndef RECAM_INSPECT_SECRETS_H
#define RECAM_INSPECT_SECRETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum secret_kind {
	SECRET_MAC,
	SECRET_SSID,
	SECRET_PASSPHRASE,
	SECRET_PSK,
	SECRET_KEY,
	SECRET_TOKEN,
	SECRET_ID, /* of the device or its owner at a cloud; a serial number */
	SECRET_ACCOUNT,
	SECRET_ADDRESS, /* a public IP address */
	SECRET_PLACE,   /* where on Earth */
};
const char *secret_kind_name(enum secret_kind kind); /* "MAC address" */

#define SECRET_MAX 1024 /* bytes of a secret; longer ones are cut into several */

struct secret {
	enum secret_kind kind;
	uint8_t *value, *placeholder; /* owned, size bytes each; a MAC: its 6 bytes */
	size_t size;
	bool everywhere;   /* long enough to be looked for where nothing says what it is */
	bool bounded;      /* only where no letter or digit touches it */
	uint64_t found_at; /* where it was first seen: offset in the file */
	char found_in[64]; /* in which file of a file system, "" */
	size_t times;      /* replaced */
};

struct secret_form;

/* Zero-initialise; secrets_clear when done. */
struct secrets {
	struct secret *at;
	size_t count, room;
	struct secret_form *forms; /* of secrets_prepare */
	size_t form_count, form_room;
	int32_t *heads; /* first form for each pair of first bytes */
	size_t longest; /* bytes of the longest form */
	bool failed;    /* memory ran out */
};
void secrets_clear(struct secrets *secrets);

/* Notes a secret (a copy) and returns it; NULL for what is none: empty, all one character,
 * a MAC that is nobody's. A MAC may be written in any usual way. */
struct secret *secrets_add(struct secrets *secrets, enum secret_kind kind, const void *value,
			   size_t size, uint64_t found_at, const char *found_in);

/* Overwrites value, which secrets_add has taken, with its placeholder as it is written
 * here. For what is too short to be looked for. */
void secrets_put(struct secret *secret, uint8_t *value, size_t size);

/* Adds the PSK of each network name and passphrase (IEEE 802.11i, PBKDF2), then makes all
 * the forms. To be called once, when all are added. */
int secrets_prepare(struct secrets *secrets, struct rc_error *err);

/* Replaces every form of every secret in data; how many there were. across: SECRETS_ALL,
 * or a place in data of which only those count that begin before and end behind it. */
#define SECRETS_ALL SIZE_MAX
size_t secrets_replace(struct secrets *secrets, uint8_t *data, size_t size, size_t across);
/* The first secret that is in data, or NULL; strong: of those only that chance does not
 * make. */
const struct secret *secrets_find(const struct secrets *secrets, const uint8_t *data, size_t size,
				  bool strong);

/* MAC in text: six pairs of hex digits with one separator (':', '-', '.', '_', ' ') or
 * none. Its length, 0 where there is none at text. */
size_t mac_read(const uint8_t *text, size_t size, uint8_t mac[6]);

#endif
