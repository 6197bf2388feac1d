/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/bytes.h"
#include "base/parallel.h"

#define MOST 100

struct seen {
	atomic_uint times[MOST];
	atomic_uint waiting;
	unsigned wanted; /* so many must be at work at the same time */
};

static void count(void *context, size_t index)
{
	struct seen *seen = context;

	seen->times[index]++;
}

static void each_once(void **state)
{
	static const size_t counts[] = { 0, 1, 2, 7, MOST };

	for (unsigned threads = 0; threads < 12; threads++) {
		for (size_t i = 0; i < RC_COUNT(counts); i++) {
			struct seen seen = { 0 };

			rc_parallel(counts[i], threads, count, &seen);
			for (size_t k = 0; k < MOST; k++)
				assert_int_equal(seen.times[k], k < counts[i] ? 1 : 0);
		}
	}
}

/* Comes back only when the wanted number of threads is in here. */
static void meet(void *context, size_t index)
{
	struct seen *seen = context;

	seen->waiting++;
	while (seen->waiting < seen->wanted)
		sched_yield();
}

static void at_the_same_time(void **state)
{
	struct seen seen = { .wanted = 3 };

	rc_parallel(3, 3, meet, &seen);
	assert_int_equal(seen.waiting, 3);
}

static void one_thread_is_the_callers(void *context, size_t index)
{
	assert_true(pthread_equal(*(pthread_t *)context, pthread_self()));
}

static void alone_on_the_callers_thread(void **state)
{
	pthread_t self = pthread_self();

	rc_parallel(5, 1, one_thread_is_the_callers, &self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_once),
		cmocka_unit_test(at_the_same_time),
		cmocka_unit_test(alone_on_the_callers_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
