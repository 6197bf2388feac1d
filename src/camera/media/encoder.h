/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw pictures to access units: x264, without delay, for one thread. */
#ifndef RECAM_CAMERA_ENCODER_H
#define RECAM_CAMERA_ENCODER_H

#include "base/error.h"
#include "camera/media/access_unit.h"
#include "camera/media/picture.h"

struct encoder_settings {
	unsigned width, height; /* of the pictures that come */
	unsigned rate_num, rate_den;
	unsigned bitrate_kbps; /* 0: by size and rate */
	unsigned key_interval; /* pictures; at least 1 */
};

struct encoder;

int encoder_open(const struct encoder_settings *settings, struct encoder **encoder,
		 struct rc_error *err);
void encoder_close(struct encoder *encoder); /* NULL: nothing */

/* SPS and PPS, known before the first picture; the encoder's reference. */
struct parameter_sets *encoder_sets(const struct encoder *encoder);

/* One picture in, its unit out (the caller's reference), with an SEI message that holds number
 * and time of the picture (sei.h). key: make it a key frame. */
int encoder_encode(struct encoder *encoder, const struct picture *picture, uint64_t number,
		   bool key, struct access_unit **unit, struct rc_error *err);

#endif
