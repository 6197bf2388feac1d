/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recamd whole: settings, users, streams, and what serves them, on one loop. */
#ifndef RECAM_CAMERA_DAEMON_H
#define RECAM_CAMERA_DAEMON_H

#include "base/error.h"

struct daemon_words {
	const char *config; /* NULL: every setting as it is without a file */
	const char *state;  /* folder of users, certificate and their like; NULL: the usual one */
};

/* Only looks whether the settings are right. */
int daemon_check(const struct daemon_words *words, struct rc_error *err);
/* Runs until SIGTERM or SIGINT. */
int daemon_run(const struct daemon_words *words, struct rc_error *err);

#endif
