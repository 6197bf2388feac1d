/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw pictures: planar YUV 4:2:0 (I420), full range as JPEG has it (the encoder says so in the
 * VUI), even sizes. */
#ifndef RECAM_CAMERA_PICTURE_H
#define RECAM_CAMERA_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define PICTURE_MIN_SIDE 64u
#define PICTURE_MAX_SIDE 4096u

struct picture {
	unsigned width, height; /* even, PICTURE_MIN_SIDE..PICTURE_MAX_SIDE */
	unsigned stride[3];     /* bytes per row of Y, U, V */
	uint8_t *plane[3];      /* into data */
	uint64_t captured_us;   /* CLOCK_MONOTONIC */
	uint8_t *data;          /* owned */
};

/* Says what is wrong with a size, in a message that begins with "what". */
int picture_check_size(unsigned width, unsigned height, const char *what, struct rc_error *err);

int picture_alloc(struct picture *picture, unsigned width, unsigned height, struct rc_error *err);
void picture_free(struct picture *picture); /* zeroed ones too */

struct yuv {
	uint8_t y, u, v;
};

/* A filled rectangle; what lies outside of the picture is left out. Corners are rounded down to
 * even places where colour (u, v) is concerned. */
void picture_fill(struct picture *picture, int x, int y, int width, int height, struct yuv colour);

/* Text in a 5x7 font with a row and column between, enlarged "scale" times; characters that the
 * font has not are shown as '?'. */
void picture_text(struct picture *picture, int x, int y, unsigned scale, struct yuv colour,
		  const char *text);
#define PICTURE_GLYPH_WIDTH  6u
#define PICTURE_GLYPH_HEIGHT 8u

/* Fills "to" with all of "from", scaled (each pixel the mean of those it covers going down). */
void picture_scale(const struct picture *from, struct picture *to);

#endif
