/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole flashes to inspect. The Dafang's (support_dafang_flash) is the vendor's, from
 * ../shared; the Mi 360's is put together from parts and a root file system that
 * mksquashfs makes here.
 */
#ifndef RECAM_TESTS_INSPECT_FLASHES_H
#define RECAM_TESTS_INSPECT_FLASHES_H

#include "base/bytes.h"
#include "inspect/inspect.h"

/* Group fixtures: the boards. */
int flashes_setup(void **state);
int flashes_teardown(void **state);

/* Skips the running test where ../shared is absent. */
void make_mi360(struct rc_buffer *flash);

void inspect(const struct rc_buffer *flash, struct inspection *inspection);
/* With every file hashed, on so many threads. */
void inspect_on(const struct rc_buffer *flash, unsigned threads, struct inspection *inspection);
/* Fails the test where there is none of that name. */
const struct inspected_partition *part_of(const struct inspection *inspection, const char *name);
void print_findings(const struct inspection *inspection);

#endif
