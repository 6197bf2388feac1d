/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Law 5: a plan runs on the camera's twin before it runs on the camera. */
#ifndef RECAM_RESCUE_REHEARSE_H
#define RECAM_RESCUE_REHEARSE_H

#include "rescue/plan.h"

struct rehearsal {
	bool held;      /* false: no twin could be made of this camera; text says why */
	char engine[8]; /* "exact", "model" */
	char text[320]; /* what was seen, for the user */
};

/* Builds a twin that holds the backup behind a chip of the same id, applies the plan to it
 * over its console, compares its flash with the target, and lets it start. RC_EREFUSED where
 * that fails: then the plan is not fit for the camera. reach: of the camera's link; a twin
 * that reaches less gets what the camera got (link_extend). */
int rehearse(const struct plan *plan, const struct backup *backup, uint32_t reach,
	     const struct boards *boards, const volatile int *stop, struct rehearsal *rehearsal,
	     struct rc_error *err);

#endif
