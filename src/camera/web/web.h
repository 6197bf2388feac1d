/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTPS: the page, pictures, and the API, on libwebsockets and the process's one loop.
 * HTTP sends everybody on to HTTPS. docs/recamd.md says what is bounded, and by how much.
 */
#ifndef RECAM_CAMERA_WEB_WEB_H
#define RECAM_CAMERA_WEB_WEB_H

#include <ev.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "camera/media/media.h"
#include "camera/settings/certificate.h"
#include "camera/settings/settings.h"
#include "camera/settings/throttle.h"
#include "camera/settings/users.h"

/* All borrowed, and used on the loop's thread only. */
struct web_context {
	struct media *media;
	struct users *users;
	struct throttle *throttle;
	struct settings *settings;
	const char *settings_path;
	/* After the file was changed, by the page or the API: take it. */
	int (*settings_changed)(void *owner, struct rc_error *err);
	/* Adds what others of the process count, as Prometheus text. May be NULL. */
	void (*add_metrics)(void *owner, struct rc_text *out);
	/* Sessions of RTSP end with the right to see. May be NULL. */
	void (*user_gone)(void *owner, const char *user);
	void *owner;
	/* CLOCK_MONOTONIC ms: until then somebody on the local network who knows no password
	 * may set one, since nobody has chosen one yet; 0: not. Cleared once that is done. */
	uint64_t setup_until_ms;
};

struct web_settings {
	uint16_t tls_port;
	uint16_t port;      /* 0: no HTTP */
	bool loopback_only; /* tests */
	const struct certificate *certificate;
};

struct web;

int web_open(struct ev_loop *loop, const struct web_settings *settings, struct web_context *context,
	     struct web **out, struct rc_error *err);
void web_close(struct web *web); /* NULL: nothing */
/* For connections from now on. */
int web_set_certificate(struct web *web, const struct certificate *certificate,
			struct rc_error *err);

#endif
