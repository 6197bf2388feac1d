/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One coded picture of a stream (H.264 access unit), shared by everything that sends or keeps it.
 *
 * Made once, on the thread of its source, and never changed after that: whoever holds a
 * reference may read all of it from any thread. The bytes are copied out of the encoder's (or
 * the reader's) memory once, when the unit is made, and not again on the way to a socket.
 */
#ifndef RECAM_CAMERA_ACCESS_UNIT_H
#define RECAM_CAMERA_ACCESS_UNIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* A unit larger than this is not taken (a 1080p key frame at high quality has 0.3 MiB). */
#define MEDIA_MAX_UNIT RC_MIB(2)
/* NAL units in one access unit; a picture of more slices is not taken. */
#define MEDIA_MAX_NALS 128u
/* Bytes of one SPS or PPS (H.264 7.3.2.1: far below, but for scaling lists). */
#define MEDIA_MAX_PARAMETER_SET 512u

/* SPS and PPS as they stand in the stream: NAL header included, start code not. Immutable. */
struct parameter_sets {
	atomic_uint references;
	uint16_t sps_size, pps_size;
	uint8_t sps[MEDIA_MAX_PARAMETER_SET];
	uint8_t pps[MEDIA_MAX_PARAMETER_SET];
	/* Read from the SPS. Picture size after cropping; rate 0/1 where the VUI has none. */
	unsigned width, height;
	unsigned rate_num, rate_den; /* pictures per second */
};

/* NULL where the SPS cannot be read, one of them is too large, or no memory is left. */
struct parameter_sets *parameter_sets_new(struct rc_span sps, struct rc_span pps);
struct parameter_sets *parameter_sets_ref(struct parameter_sets *sets);
void parameter_sets_unref(struct parameter_sets *sets); /* NULL: nothing */
bool parameter_sets_equal(const struct parameter_sets *a, const struct parameter_sets *b);

/* One NAL unit: header byte first, no start code; points into its access unit's bytes. */
struct nal {
	const uint8_t *data;
	uint32_t size; /* at least 1 */
};

struct access_unit {
	atomic_uint references;
	bool key;             /* an IDR picture: a decoder can start here */
	uint64_t captured_us; /* CLOCK_MONOTONIC when the picture was taken (or its last byte read)
			       */
	/* When it is to be shown, in ticks of 90 kHz on the axis of CLOCK_MONOTONIC (us * 9 / 100).
	 * Pictures come in coding order: with B-frames this goes back and forth. */
	uint64_t pts_90k;
	uint32_t duration_90k;       /* until the next picture, as far as known; never 0 */
	struct parameter_sets *sets; /* a reference of its own; what this picture decodes with */
	struct rc_span bytes;        /* Annex B, with start codes: what a file of the stream has */
	unsigned nal_count;          /* at least 1 */
	struct nal nals[];
};

struct access_unit_times {
	uint64_t captured_us;
	uint64_t pts_90k;
	uint32_t duration_90k;
};

/* Copies Annex B bytes of one picture. Takes no reference of the caller's away: sets gets one
 * more. NULL where there is no NAL unit in it, too many, too much, or no memory. */
struct access_unit *access_unit_new(struct rc_span annexb, struct parameter_sets *sets,
				    const struct access_unit_times *times);
struct access_unit *access_unit_ref(struct access_unit *unit);
void access_unit_unref(struct access_unit *unit); /* NULL: nothing */

#endif
