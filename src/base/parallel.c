/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

struct work {
	size_t count;
	atomic_size_t next;
	void (*act)(void *context, size_t index);
	void *context;
};

static unsigned cores(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

static void *run(void *argument)
{
	struct work *work = argument;

	for (size_t i; (i = atomic_fetch_add(&work->next, 1)) < work->count;)
		work->act(work->context, i);
	return NULL;
}

void rc_parallel(size_t count, unsigned threads, void (*act)(void *context, size_t index),
		 void *context)
{
	struct work work = { .count = count, .act = act, .context = context };
	pthread_t others[RC_MAX_THREADS];
	unsigned started = 0;

	if (threads == 0)
		threads = cores();
	if (threads > RC_MAX_THREADS)
		threads = RC_MAX_THREADS;
	while (started + 1 < threads && started + 1 < count &&
	       pthread_create(&others[started], NULL, run, &work) == 0)
		started++;
	run(&work);
	for (unsigned i = 0; i < started; i++)
		pthread_join(others[i], NULL);
}
