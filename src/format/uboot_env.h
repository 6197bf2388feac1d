/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A U-Boot environment with one copy: CRC-32 (little-endian) of all that follows,
 * then NAME=VALUE strings, each ended by NUL, and one more NUL after the last
 * (U-Boot, include/env_internal.h). The area is 0x4000 bytes at 0x3C000 on the
 * T20 and T10, 0x1000 on the MStar (facts).
 */
#ifndef RECAM_FORMAT_UBOOT_ENV_H
#define RECAM_FORMAT_UBOOT_ENV_H

#include "base/bytes.h"
#include "base/error.h"

#define UBOOT_ENV_HEADER 4u

struct uboot_env_variable {
	const char *name; /* name_size bytes, then '=' */
	size_t name_size;
	const char *value; /* NUL-terminated */
	size_t value_size;
};

/* True if the checksum holds. */
bool uboot_env_is_whole(struct rc_span area);

/* One variable after the other: *position starts at 0 and is moved on. False at the
 * end, and at a string that is not ended inside the area or has no name; then
 * *position is where that is, from the start of the area. */
bool uboot_env_next(struct rc_span area, size_t *position, struct uboot_env_variable *variable);

/* The value of name inside area (NUL-terminated), or NULL. */
const char *uboot_env_get(struct rc_span area, const char *name);

/* Makes an environment of count "NAME=VALUE" strings that fills area. RC_EFORMAT for
 * a string without a name, RC_ERANGE where they do not fit. */
int uboot_env_build(const char *const *assignments, size_t count, uint8_t *area, size_t area_size,
		    struct rc_error *err);

#endif
