/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same act on each of several things that have nothing to do with each other, on all cores. */
#ifndef RECAM_BASE_PARALLEL_H
#define RECAM_BASE_PARALLEL_H

#include <stddef.h>

/* More at once need more memory than they save time. */
#define RC_MAX_THREADS 8u

/* Calls act(context, i) once for each i below count, the lower ones first, on at most threads
 * threads (0: one for each core that this process may use; never more than RC_MAX_THREADS), the
 * caller's own among them; comes back when all are done. A thread that the system does not give
 * is done without. */
void rc_parallel(size_t count, unsigned threads, void (*act)(void *context, size_t index),
		 void *context);

#endif
