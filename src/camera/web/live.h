/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The live picture of the page: a WebSocket (protocol "live", path /live/main or /live/sub)
 * that carries fragmented MP4.
 *
 * It begins with a text message, {"codec": "avc1...", "width": W, "height": H}, and the
 * initialisation segment; both come again when the parameter sets change. Then a fragment for
 * each picture. Each binary message has 8 bytes in front: the kind (0 initialisation, 1
 * fragment; u32, big-endian) and how old the picture was when it was given to the kernel (ms).
 */
#ifndef RECAM_CAMERA_WEB_LIVE_H
#define RECAM_CAMERA_WEB_LIVE_H

#include <libwebsockets.h>

#include "camera/media/stream.h"
#include "camera/web/fmp4.h"

/* Pictures that wait for a slow browser: then it goes on with the next key frame. */
#define LIVE_WAITING 32u

struct live_client {
	struct stream_subscriber subscriber;
	struct lws *wsi;
	struct stream *stream; /* NULL: not subscribed */
	struct access_unit *waiting[LIVE_WAITING];
	unsigned first, count;
	bool wants_key;              /* units are left out until one comes */
	struct parameter_sets *sets; /* that the browser has; NULL: none yet */
	bool sets_announced;         /* as text; the segment itself is next */
	struct fmp4_clock clock;
};

int live_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		  size_t size);

#endif
