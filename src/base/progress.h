/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Progress of one long act, on standard error, with an ETA; nothing where
 * standard error is no terminal or -q was given.
 *
 * Work is counted in units that take equally long (bytes on a wire, blocks).
 */
#ifndef RECAM_BASE_PROGRESS_H
#define RECAM_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct rc_progress {
	const char *label; /* "reading", borrowed */
	uint64_t total;
	uint64_t done;
	double started; /* seconds, rc_clock_seconds */
	double drawn;   /* when the line was last drawn */
	bool visible;
};

void rc_progress_start(struct rc_progress *progress, const char *label, uint64_t total);
/* Says how much is done by now (not how much more); total may be corrected at any time. */
void rc_progress_update(struct rc_progress *progress, uint64_t done);
void rc_progress_finish(struct rc_progress *progress);

/* Takes the progress line off the terminal so that a message can be printed. */
void rc_progress_clear_line(void);

/* Monotonic seconds. */
double rc_clock_seconds(void);

#endif
