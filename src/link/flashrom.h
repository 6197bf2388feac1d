/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programmers, through libflashrom 1.3: "flashrom:PROGRAMMER[:PARAMETERS][?chip=NAME]".
 *
 * libflashrom keeps one programmer in variables of its own, so one such link can be open
 * at a time, and the id of the chip that a process saw first is remembered by it to the
 * process's end.
 */
#ifndef RECAM_LINK_FLASHROM_H
#define RECAM_LINK_FLASHROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"

/* ---- flashrom_spec.c ---- */

struct flashrom_spec {
	char programmer[48];
	char parameters[256]; /* "" none */
	char chip[64];        /* libflashrom's name for it; "": probe for all */
};
/* address: what stands behind "flashrom:". */
int flashrom_spec_parse(const char *address, struct flashrom_spec *spec, struct rc_error *err);

/* ---- flashrom_contact.c ---- */

#define CONTACT_MAX_IDS 8

/* The id of a chip, read many times: what a clip, wires and supply are worth. */
struct contact {
	unsigned asked;
	unsigned answered; /* not all FF, not all 00 */
	unsigned differed; /* answered with another id than most */
	uint32_t id;       /* what most said, 0: none answered */
	struct {
		uint32_t id;
		unsigned count;
	} ids[CONTACT_MAX_IDS];
	size_t id_count; /* further ones are counted in no entry */
};

void contact_add(struct contact *contact, uint32_t id);
bool contact_is_good(const struct contact *contact);
/* A sentence with what to do next. */
void contact_text(const struct contact *contact, char *text, size_t size);

/* Reads it times times, or until *stop (may be NULL). Fails where there is no programmer,
 * and with RC_EUNSUPPORTED where this libflashrom does not tell ids. */
int flashrom_contact(const char *address, unsigned times, const volatile int *stop,
		     struct contact *contact, struct rc_error *err);

#endif
