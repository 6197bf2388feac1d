/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RTSP server with recamd's users, pauses after wrong passwords, and certificate. */
#ifndef RECAM_CAMERA_RECAMD_RTSP_H
#define RECAM_CAMERA_RECAMD_RTSP_H

#include "base/text.h"
#include "camera/serve/rtsp_server.h"
#include "camera/settings/certificate.h"
#include "camera/settings/settings.h"
#include "camera/settings/throttle.h"

/* Borrowed, and used on the loop's thread. */
struct rtsp_gate {
	const struct users *users;
	struct throttle *throttle;
};

/* *server stays NULL where the settings want no RTSP. */
int recamd_rtsp_open(struct ev_loop *loop, const struct settings *settings,
		     const struct certificate *certificate, struct rtsp_gate *gate,
		     struct media *media, struct rtsp_server **server, struct rc_error *err);

/* For RTSPS connections from now on. */
int recamd_rtsp_set_certificate(struct rtsp_server *server, const struct certificate *certificate,
				struct rc_error *err);

/* As Prometheus text. */
void recamd_rtsp_metrics(const struct rtsp_server *server, struct rc_text *out);

#endif
