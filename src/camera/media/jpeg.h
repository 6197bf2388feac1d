/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw pictures to JPEG, by libjpeg-turbo. */
#ifndef RECAM_CAMERA_JPEG_H
#define RECAM_CAMERA_JPEG_H

#include "base/error.h"
#include "camera/media/picture.h"
#include "camera/media/shared_bytes.h"

/* quality 1..100. *jpeg is the caller's reference. */
int jpeg_encode(const struct picture *picture, unsigned quality, struct shared_bytes **jpeg,
		struct rc_error *err);

#endif
