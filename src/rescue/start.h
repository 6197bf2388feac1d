/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watching a camera start, and what its console says about it. */
#ifndef RECAM_RESCUE_START_H
#define RECAM_RESCUE_START_H

#include "inspect/inspect.h"
#include "link/link.h"

struct start {
	bool kernel_seen;            /* the bootloader handed over to a kernel */
	const struct finding *fatal; /* what stops it, or NULL; in log */
	struct inspection log;       /* of the console */
};

/* Lets the camera start and judges its console. */
int start_watch(struct link *link, const struct inspect_options *options, struct start *start,
		struct rc_error *err);
void start_clear(struct start *start);

#endif
