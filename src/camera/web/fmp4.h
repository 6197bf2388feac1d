/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragmented MP4 (ISO/IEC 14496-12, 14496-15) of one H.264 track: what browsers play through
 * Media Source. An initialisation segment (ftyp, moov), then one fragment (moof, mdat) for
 * each picture, so that none waits for the next.
 */
#ifndef RECAM_CAMERA_WEB_FMP4_H
#define RECAM_CAMERA_WEB_FMP4_H

#include "base/bytes.h"
#include "camera/media/access_unit.h"

#define FMP4_TIMESCALE 90000u

/* "avc1.64001F": profile, constraints and level of the SPS (RFC 6381). */
#define FMP4_CODEC 16
void fmp4_codec(const struct parameter_sets *sets, char codec[FMP4_CODEC]);

/* Appends the initialisation segment. False: no memory. */
bool fmp4_start(const struct parameter_sets *sets, struct rc_buffer *out);

/* Where one client's film is. Zero-initialise. */
struct fmp4_clock {
	uint32_t sequence;
	bool started;
	uint64_t origin_90k; /* pts of the first picture */
	uint64_t decode_90k; /* of the next picture, from 0 on */
};

/* Appends the fragment of one picture. SPS, PPS and delimiters are left out: they stand in the
 * initialisation segment. False: no memory. */
bool fmp4_fragment(const struct access_unit *unit, struct fmp4_clock *clock, struct rc_buffer *out);

#endif
