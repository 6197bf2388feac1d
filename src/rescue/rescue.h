/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole rescue: backup, plan, rehearsal, question, apply, read-back, boot,
 * verdict. Interrupted anywhere, the same call again ends in the same state.
 *
 * Beside the backup FILE lies FILE.journal: one JSON object a line, each on disk
 * before the act that it announces.
 */
#ifndef RECAM_RESCUE_RESCUE_H
#define RECAM_RESCUE_RESCUE_H

#include "rescue/plan.h"

enum verdict {
	VERDICT_NOTHING_TO_DO,
	VERDICT_STARTS,         /* written, read back right, and the kernel was seen to start */
	VERDICT_WRITTEN,        /* written and read back right; this link cannot watch a start */
	VERDICT_DOES_NOT_START, /* written and right, but the start shows a fatal finding */
	VERDICT_DECLINED,       /* the user said no; nothing was written */
	VERDICT_REFUSED,        /* plan.refusal; nothing was written */
};
const char *verdict_name(enum verdict verdict);

struct rescue_options {
	const struct boards *boards;
	const char *board; /* forced id or NULL */
	const char *firmware_path;
	const char *backup_path; /* FILE; NULL: see default_path.h */
	const char *const *only;
	bool rehearse; /* on a twin, where the backup's bootloader can be run */
	/* Asked once, with the plan at hand; false declines. NULL: yes. */
	bool (*confirm)(void *context, const struct plan *plan);
	/* Told as it goes on: "backup", "plan", "rehearsal", "apply", "verify", "boot". */
	void (*stage)(void *context, const char *stage, const char *text);
	/* Called with the state before and after, for drawing; may be NULL. */
	void (*show)(void *context, const char *when, const struct inspection *inspection);
	void *context;
	const volatile int *stop; /* set by a signal handler: stop at the next safe place */
};

struct rescue_result {
	enum verdict verdict;
	struct plan plan;
	struct inspection before, after; /* after: of the flash as read back; boot findings added */
	char text[512];                  /* the verdict in a sentence */
};

/* RC_ESTOPPED: stopped half-way, the journal has what was done; run it again. */
int rescue_run(struct link *link, const struct rescue_options *options,
	       struct rescue_result *result, struct rc_error *err);
/* The first half only: reads (proven, as a backup does, going on from backup_path's partial
 * copy if there is one), inspects, plans. Writes nothing anywhere. The plan is to be cleared. */
int rescue_plan(struct link *link, const struct rescue_options *options, struct plan *plan,
		struct rc_error *err);
void rescue_result_clear(struct rescue_result *result);

#endif
