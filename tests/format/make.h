/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of boot formats make for themselves. */
#ifndef RECAM_TESTS_FORMAT_MAKE_H
#define RECAM_TESTS_FORMAT_MAKE_H

#include "format/decompress.h"
#include "format/format.h"

/* size bytes that pack, yet not to nothing. */
void make_payload(struct rc_buffer *out, size_t size, uint64_t seed);

/* data as one stream of that compression. */
void make_compressed(struct rc_buffer *out, enum compression compression, struct rc_span data);

/* format->check on region with a report that counts as fresh; clear it afterwards. */
void check_region(const struct format *format, const uint8_t *data, size_t size,
		  struct format_report *report);

/* Asserts a good state without problems. */
void assert_good(const struct format_report *report);

/* Asserts that exactly one problem was noted, and that its text holds "text". */
void assert_problem(const struct format_report *report, const char *text);

/* The string or number that the detail has under key. */
const char *detail_text(const struct format_report *report, const char *key);
long long detail_number(const struct format_report *report, const char *key);

/* A whole BOOT partition of the Mi 360 family with an U-Boot that cannot run. */
void make_mstar_boot(uint8_t out[0x50000]);

#endif
