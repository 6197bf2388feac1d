/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that recamd has of pictures: the streams, and the feeds (a thread each: source, encoder,
 * slate) that fill them.
 *
 * Where main's source delivers raw pictures and sub names no source of its own, both come from
 * one feed, sub scaled down. Where main's source is coded and sub has none, there is one stream
 * and "sub" is another name for it.
 */
#ifndef RECAM_CAMERA_MEDIA_H
#define RECAM_CAMERA_MEDIA_H

#include <ev.h>

#include "base/error.h"
#include "camera/media/stream.h"

#define MEDIA_MAX_SOURCE 1024u

struct media_stream_settings {
	char source[MEDIA_MAX_SOURCE]; /* "" for sub: from main's */
	char still[MEDIA_MAX_SOURCE];  /* "exec:COMMAND": JPEG of a coded source; "": none */
	bool off;                      /* sub only: none of its own, "sub" is main */
	unsigned width, height;        /* encoded size; 0: as the source (sub: half of main) */
	unsigned bitrate_kbps;         /* 0: by the size */
	unsigned key_seconds_tenths;   /* between key frames, in 0.1 s; 0: 20 */
	unsigned jpeg_quality;         /* 1..100; 0: 80 */
};

struct media_settings {
	struct media_stream_settings main, sub;
};

/* Made-up picture, 1280x720 at 25 and 640x360. */
void media_settings_default(struct media_settings *settings);
/* Everything that can be said without opening a device. */
int media_settings_check(const struct media_settings *settings, struct rc_error *err);

struct media;

/* Sources that do not open are no error: their streams tell, and they are tried again. */
int media_open(struct ev_loop *loop, const struct media_settings *settings, struct media **media,
	       struct rc_error *err);
/* Takes other settings without touching subscribers; feeds that stay the same go on. */
int media_change(struct media *media, const struct media_settings *settings, struct rc_error *err);
void media_close(struct media *media); /* NULL: nothing */

enum media_which { MEDIA_MAIN, MEDIA_SUB };
/* The stream of that name itself, be it filled or not; lives as long as media. */
struct stream *media_stream_named(struct media *media, enum media_which which);
/* Never NULL; for MEDIA_SUB main's where there is one stream only. */
struct stream *media_stream(struct media *media, enum media_which which);

/* CLOCK_MONOTONIC in microseconds. */
uint64_t media_now_us(void);

#endif
