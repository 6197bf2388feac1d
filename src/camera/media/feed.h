/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that fills streams: opens a source, reads it, encodes where it delivers raw pictures,
 * and opens it again when it stops. Meanwhile it sends a slate: a still that says what is amiss,
 * once a second, of the size that the stream had.
 */
#ifndef RECAM_CAMERA_FEED_H
#define RECAM_CAMERA_FEED_H

#include "base/error.h"
#include "camera/media/media.h"

#define FEED_MAX_OUTPUTS 2u

struct feed_output {
	struct stream *stream;
	struct media_stream_settings settings; /* source is the first output's */
};

struct feed_settings {
	struct feed_output outputs[FEED_MAX_OUTPUTS];
	unsigned count; /* more than one only where the source delivers raw pictures */
};

struct feed;

int feed_open(const struct feed_settings *settings, struct feed **feed, struct rc_error *err);
/* Waits for the thread: at most as long as one picture takes, or a helper takes to end. */
void feed_close(struct feed *feed); /* NULL: nothing */

#endif
