/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream ("main", "sub"): where the thread of a source meets the loop.
 *
 * The thread publishes; everything else here is called on the loop's thread, and calls back
 * there. Between the two lies a short queue. Where the loop is late, a key frame throws out all
 * that waits before it, and pictures that cannot be decoded any more are left out (the latest
 * GOP wins): the queue bounds memory and delay, and is not there to be filled.
 *
 * A stream lives as long as the process. Its source may stop, come back or be exchanged
 * meanwhile; subscribers notice by the parameter sets of the units they get.
 */
#ifndef RECAM_CAMERA_STREAM_H
#define RECAM_CAMERA_STREAM_H

#include <ev.h>

#include "base/error.h"
#include "camera/media/access_unit.h"
#include "camera/media/shared_bytes.h"

/* Units that wait for the loop; 64 are 2.5 s at 25 pictures per second. */
#define STREAM_MAX_WAITING 64u

struct stream;

struct stream *stream_new(struct ev_loop *loop, const char *name);
/* After its feed has been closed and everybody unsubscribed. */
void stream_free(struct stream *stream);
const char *stream_name(const struct stream *stream);

/* --- units ------------------------------------------------------------------------------ */

/* Embedded in what wants the units; lives until unsubscribed. */
struct stream_subscriber {
	/* The unit is borrowed: take a reference to keep it. May unsubscribe itself or others. */
	void (*unit)(struct stream_subscriber *subscriber, struct access_unit *unit);
	struct stream_subscriber *next; /* the stream's */
};

/* From the next unit on, whatever it is: wait for unit->key, and ask for one. While nobody
 * is subscribed nothing is encoded. */
void stream_subscribe(struct stream *stream, struct stream_subscriber *subscriber);
void stream_unsubscribe(struct stream *stream, struct stream_subscriber *subscriber);

/* Asks the encoder for a key frame with its next picture. Without effect where the source
 * delivers coded pictures (file, pipe): there the next key frame is waited for. */
void stream_ask_key(struct stream *stream);

/* --- pictures --------------------------------------------------------------------------- */

/* One picture as JPEG. The request is the caller's and must stay until done or cancelled. */
struct still_request {
	/* Called once, on the loop's thread, perhaps before stream_still returns. jpeg is borrowed;
	 * NULL: there is none, and err says why. */
	void (*done)(struct still_request *request, struct shared_bytes *jpeg,
		     const struct rc_error *err);
	struct still_request *next; /* the stream's */
};

/* However many ask within the time of one picture, it is encoded once. A source that hangs
 * keeps the request waiting: who asks sets the time-out, and cancels. */
void stream_still(struct stream *stream, struct still_request *request);
void stream_still_cancel(struct stream *stream, struct still_request *request);

/* Each picture as JPEG (MJPEG), for as long as subscribed; encoded once for all. */
struct jpeg_subscriber {
	void (*picture)(struct jpeg_subscriber *subscriber, struct shared_bytes *jpeg,
			uint64_t captured_us);
	struct jpeg_subscriber *next; /* the stream's */
};

void stream_subscribe_jpeg(struct stream *stream, struct jpeg_subscriber *subscriber);
void stream_unsubscribe_jpeg(struct stream *stream, struct jpeg_subscriber *subscriber);

/* --- what is known ---------------------------------------------------------------------- */

struct stream_status {
	bool live;                /* the source delivers; false: what is sent is the slate */
	bool has_pictures;        /* JPEG can be had */
	unsigned width, height;   /* 0: not known yet */
	unsigned rate_millihertz; /* pictures per 1000 s: 25000 for 25 a second; 0: not known yet */
	uint64_t units;           /* published since the start */
	uint64_t units_dropped;   /* left out because the loop was late */
	uint64_t last_unit_us;    /* CLOCK_MONOTONIC of the last one; 0: none yet */
	unsigned subscribers, jpeg_subscribers;
	char fault[256]; /* why it is not live, for people; "" while live */
};

void stream_get_status(struct stream *stream, struct stream_status *status);

/* The newest parameter sets with a reference for the caller, or NULL: none known yet. */
struct parameter_sets *stream_parameter_sets(struct stream *stream);

/* --- the side of the source's thread ---------------------------------------------------- */

/* Any thread. The stream takes over the caller's reference. */
void stream_publish(struct stream *stream, struct access_unit *unit);
void stream_publish_jpeg(struct stream *stream, struct shared_bytes *jpeg, uint64_t captured_us);
/* There is none to be had this time: those who wait are told why. */
void stream_publish_no_jpeg(struct stream *stream, const char *why);
/* The loop's thread: an eventfd that is written to when somebody begins to want JPEG; -1: none. */
void stream_set_still_fd(struct stream *stream, int fd);
/* Takes a reference of its own. */
void stream_set_parameter_sets(struct stream *stream, struct parameter_sets *sets);
/* fault NULL: live. rate as in the status, 0: leave as it is. */
void stream_set_state(struct stream *stream, const char *fault, bool has_pictures);
void stream_set_rate(struct stream *stream, unsigned millihertz);

/* Does anybody want units (JPEG pictures) now? */
bool stream_wants_units(const struct stream *stream);
bool stream_wants_jpeg(const struct stream *stream);
/* True once after each stream_ask_key. */
bool stream_take_key_wish(struct stream *stream);

#endif
