/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways in which a secret is written (secret_forms.c), for the search (secrets.c). */
#ifndef RECAM_INSPECT_SECRET_FORMS_H
#define RECAM_INSPECT_SECRET_FORMS_H

#include "inspect/secrets.h"

struct secret_form {
	uint8_t *find, *put; /* owned, size bytes each */
	size_t size;
	size_t secret; /* index */
	int32_t next;  /* form with the same first two bytes, -1: none */
	bool fold;     /* whatever the case of letters */
	bool bounded;
	/* Base64: so many low bits of the character before and high bits of the one behind
	 * belong to the secret too. */
	bool base64;
	uint8_t bits_before, put_before, bits_behind, put_behind;
};

/* Adds all forms of one secret. */
void secret_forms_make(struct secrets *secrets, size_t index);

/* The value of a base64 character of either alphabet, -1: it is none. */
int base64_value(uint8_t character);
/* The character for value in the alphabet that like is of. */
uint8_t base64_character(unsigned value, uint8_t like);

#endif
