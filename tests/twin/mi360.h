/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Mi 360's flash, put together from ../shared/firmware/mjsxj05cm. */
#ifndef RECAM_TESTS_TWIN_MI360_H
#define RECAM_TESTS_TWIN_MI360_H

#include "support.h"

/* The whole 16 MiB; ROOTFS stays erased. Skips the running test where the firmware is not at
 * hand. */
void mi360_flash(struct rc_buffer *out);

/* Puts this key in the place of the vendor's: the U-Boot in flash is unpacked, changed, packed
 * again, and its checksums made right. */
void mi360_put_key(struct rc_buffer *flash, const uint8_t key[32]);

/* For main() of tests that are nothing without it, as support_needs_dafang. */
int mi360_needed(const char *tests);

#endif
