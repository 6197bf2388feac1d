/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Executes the steps of a plan over a link, and nothing else. */
#ifndef RECAM_RESCUE_APPLY_H
#define RECAM_RESCUE_APPLY_H

#include "rescue/journal.h"
#include "rescue/plan.h"

/* A run of blocks that is erased, moved, written and checked together. On a serial line
 * (10 kB/s) four take about half a minute: starting a transfer costs little then, and an
 * interruption does not cost much. */
#define APPLY_RUN_BLOCKS 4u

struct apply {
	struct link *link;
	const struct plan *plan;
	const struct backup *backup;
	const struct journal *journal; /* what an earlier try has begun; NULL: nothing */
	const char *journal_path;      /* where this one writes down what it does; NULL: nowhere */
	const volatile int *stop;      /* may be NULL */
	bool begun;                    /* set when the first erase was announced */
};

/* Before each run every block must hold what the backup says, or what the plan wants, or
 * have been begun by an earlier try (RC_EREFUSED). After it every block's CRC-32 must be the
 * target's; one that is not is erased and written once more, then RC_EVERIFY. RC_ESTOPPED
 * between runs where stop was set. */
int apply_plan(struct apply *apply, struct rc_error *err);

/* Every block that the link reaches against the target, also those not touched. */
int apply_verify(struct apply *apply, struct rc_error *err);

#endif
