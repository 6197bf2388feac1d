/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LZO1X, which JFFS2 and SquashFS may use; liblzo2 is optional in a build. */
#ifndef RECAM_FORMAT_LZO_H
#define RECAM_FORMAT_LZO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool lzo_available(void);

/* Unpacks all of in. *out_size is the room in out, and then what was put there.
 * False where the bytes are no LZO1X, do not fit, or this build has no liblzo2. */
bool lzo_unpack(const uint8_t *in, size_t in_size, uint8_t *out, size_t *out_size);

#endif
