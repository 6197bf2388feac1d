/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the three reports share. */
#ifndef RECAM_INSPECT_REPORT_H
#define RECAM_INSPECT_REPORT_H

#include "inspect/inspect.h"

/* The findings, worst first, those of one kind and partition together, else as found. NULL where
 * memory ran out (or none are there). Freed by the caller. */
const struct finding **report_sorted(const struct inspection *inspection);
bool report_is_same(const struct finding *a, const struct finding *b);

/* The MAC as a person knows it, with colons; masked unless show_secrets. */
#define REPORT_MAC 32
void report_mac(const struct identity *identity, bool show_secrets, char out[REPORT_MAC]);

/* The advice for this finding on this camera. */
void report_advice(const struct inspection *inspection, const struct finding *finding,
		   struct rc_text *out);

/* "raw" and "erased" where no format was recognised (contracts/recam.md). */
const char *report_format_name(const struct format_report *report);

/* How a run of pieces looks: damage anywhere in it counts, then content. */
enum piece_look report_look(const struct inspection *inspection, uint64_t offset, uint64_t size);

/* "2 fatal, 1 warning, 3 notes"; "none". */
#define REPORT_COUNTS 64
void report_counts(const struct inspection *inspection, char out[REPORT_COUNTS]);

#endif
