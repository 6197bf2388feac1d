/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recamd's streams and RTSP server, on free ports of the loopback, on a thread of its own. */
#ifndef RECAM_TESTS_SERVE_FIXTURE_H
#define RECAM_TESTS_SERVE_FIXTURE_H

#include <pthread.h>

#include "camera/media/media.h"
#include "camera/serve/rtsp_server.h"

#define FIXTURE_USER     "viewer"
#define FIXTURE_PASSWORD "a-made-up-one"

struct fixture {
	struct ev_loop *loop;
	struct ev_async stop;
	struct media *media;
	struct rtsp_server *server;
	struct rtsp_settings settings; /* may be changed before fixture_start */
	struct media_settings sources; /* filled by fixture_init; may be changed too */
	pthread_t thread;
	uint16_t port, tls_port;
	bool no_password; /* nobody has set one */
};

/* source: of main. */
void fixture_init(struct fixture *fixture, const char *source);
void fixture_start(struct fixture *fixture);
/* Ends all; the counts as they were last go to status (NULL: not wanted). */
void fixture_stop(struct fixture *fixture, struct rtsp_status *status);

/* "rtsp://viewer:...@127.0.0.1:PORT/PATH" in static memory. */
const char *fixture_url(const struct fixture *fixture, const char *path);

#endif
