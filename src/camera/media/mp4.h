/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The H.264 track of an MP4 file (ISO/IEC 14496-12 and -15), out of its movie box: where each
 * sample lies, how long it lasts. Pure; fragmented files have no samples there.
 */
#ifndef RECAM_CAMERA_MP4_H
#define RECAM_CAMERA_MP4_H

#include "base/bytes.h"
#include "base/error.h"
#include "camera/media/access_unit.h"

#define MP4_MAX_MOOV    RC_MIB(16)
#define MP4_MAX_SAMPLES 1000000u /* 11 hours at 25 a second */

struct mp4_sample {
	uint64_t offset; /* in the file */
	uint32_t size;
	uint32_t duration; /* ticks of the track's timescale */
	int32_t shift;     /* shown so many ticks later than it comes */
	bool key;
};

struct mp4_track {
	uint32_t timescale;   /* ticks per second; not 0 */
	unsigned length_size; /* bytes before each NAL unit of a sample: 1, 2 or 4 */
	struct parameter_sets *sets;
	struct mp4_sample *samples; /* owned */
	uint32_t count;             /* at least 1 */
};

/* moov: what is in the box. */
int mp4_read_track(struct rc_span moov, struct mp4_track *track, struct rc_error *err);
void mp4_track_free(struct mp4_track *track); /* a zeroed one too */

/* A sample's NAL units as Annex B, behind whatever is in out. RC_EFORMAT where a length does not
 * fit. */
int mp4_to_annexb(const struct mp4_track *track, struct rc_span sample, struct rc_buffer *out,
		  struct rc_error *err);

#endif
