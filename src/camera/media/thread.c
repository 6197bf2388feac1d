/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/thread.h"

#include <signal.h>

int media_thread_start(pthread_t *thread, void *(*run)(void *), void *argument, const char *what,
		       struct rc_error *err)
{
	sigset_t all;
	sigset_t before;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = pthread_create(thread, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result ? rc_fail_errno(err, RC_EIO, result, "no thread for %s", what) : RC_OK;
}
