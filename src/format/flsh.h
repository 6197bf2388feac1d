/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "FLSH" settings of the Mi 360 family's CONFIG and FACTORY: 20 bytes of header, then
 * "name=value\0" strings (facts/mstar-mi360.md 1.6). FACTORY holds the identity: what
 * comes from here is secret.
 */
#ifndef RECAM_FORMAT_FLSH_H
#define RECAM_FORMAT_FLSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

#define FLSH_HEADER_SIZE 20u
#define FLSH_SIZE        0x10000u /* of CONFIG and of FACTORY */

struct flsh {
	struct rc_span strings; /* behind the header, as long as the header says */
	uint32_t length;        /* as the header says */
	uint8_t crc;            /* as the header says */
	/* The camera counts the length without the header and takes the checksum over the
	 * whole partition; the vendor's build host counts it with the header and takes the
	 * checksum up to the length. */
	bool is_build_host;
};

/* Reads header and checksum. RC_EFORMAT with both checksums where neither way of
 * computing it gives the header's. */
int flsh_parse(struct rc_span region, struct flsh *settings, struct rc_error *err);

/* Steps through the settings: start with *position 0; false at the end. */
bool flsh_next(const struct flsh *settings, size_t *position, struct rc_span *name,
	       struct rc_span *value);

/* Copies the value of name. False where it is not there or does not fit. */
bool flsh_get(const struct flsh *settings, const char *name, char *out, size_t out_size);

/* Fills out (size bytes, the whole partition) as the camera itself writes it. entries
 * are "name=value". RC_ERANGE where they do not fit. */
int flsh_build(const char *const *entries, size_t count, uint8_t *out, size_t size,
	       struct rc_error *err);

#endif
