/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recamd of the test's own, on loopback ports that were free, with a made-up picture. */
#ifndef RECAM_TESTS_SERVICE_H
#define RECAM_TESTS_SERVICE_H

#include <sys/types.h>

#include "run.h"

struct service {
	pid_t pid;
	int output; /* its standard error */
	char state[256], config[300];
	char base[64];     /* "https://127.0.0.1:12345" */
	char password[64]; /* of admin, as it printed it */
	unsigned https, http, rtsp, rtsps;
};

/* settings: further lines of its file, with their sections; may be "". */
void service_start(struct service *service, const char *settings);
/* SIGTERM; true where it ended by itself with 0. */
bool service_stop(struct service *service);

/* curl -sk with these further words (NULL-terminated). What it printed is in result->out, with
 * the status behind it as " 200" where the words hold -w " %{http_code}". */
void service_curl(const struct service *service, const char *path, const char *const *words,
		  struct run_result *result);
#define CURL(service, path, result, ...) \
	service_curl(service, path, (const char *const[]){ __VA_ARGS__, NULL }, result)

/* The status alone, with these words. */
unsigned service_status(const struct service *service, const char *path, const char *const *words);
#define STATUS(service, path, ...) \
	service_status(service, path, (const char *const[]){ __VA_ARGS__, NULL })

/* Logs in as a browser does: two header lines. */
void service_log_in(const struct service *service, const char *user, const char *password,
		    char cookie[128], char csrf[128]);

#endif
