/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads beside the loop's. */
#ifndef RECAM_CAMERA_THREAD_H
#define RECAM_CAMERA_THREAD_H

#include <pthread.h>

#include "base/error.h"

/* Starts a thread that gets no signals: those are the loop's. what: for the message. */
int media_thread_start(pthread_t *thread, void *(*run)(void *), void *argument, const char *what,
		       struct rc_error *err);

#endif
