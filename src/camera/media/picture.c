/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/picture.h"

#include <stdlib.h>
#include <string.h>

#include "camera/media/font.h"

int picture_check_size(unsigned width, unsigned height, const char *what, struct rc_error *err)
{
	if (width % 2 || height % 2 || width < PICTURE_MIN_SIDE || height < PICTURE_MIN_SIDE ||
	    width > PICTURE_MAX_SIDE || height > PICTURE_MAX_SIDE)
		return rc_fail(err, RC_ERANGE,
			       "%s is %ux%u; width and height must be even, from %u to %u", what,
			       width, height, PICTURE_MIN_SIDE, PICTURE_MAX_SIDE);
	return RC_OK;
}

int picture_alloc(struct picture *picture, unsigned width, unsigned height, struct rc_error *err)
{
	/* Rows begin at multiples of 32 bytes for the encoder's sake. */
	unsigned luma = (width + 31) & ~31u;
	unsigned chroma = (width / 2 + 31) & ~31u;
	size_t size = (size_t)luma * height + (size_t)chroma * height;
	int result = picture_check_size(width, height, "the picture", err);

	*picture = (struct picture){ 0 };
	if (result < 0)
		return result;
	picture->data = aligned_alloc(32, (size + 31) & ~(size_t)31);
	if (!picture->data)
		return rc_fail_memory(err, size);
	memset(picture->data, 128, size);
	picture->width = width;
	picture->height = height;
	picture->stride[0] = luma;
	picture->stride[1] = picture->stride[2] = chroma;
	picture->plane[0] = picture->data;
	picture->plane[1] = picture->data + (size_t)luma * height;
	picture->plane[2] = picture->plane[1] + (size_t)chroma * (height / 2);
	return RC_OK;
}

void picture_free(struct picture *picture)
{
	free(picture->data);
	*picture = (struct picture){ 0 };
}

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

static void fill_plane(struct picture *picture, unsigned plane, const int corner[4], uint8_t value)
{
	for (int row = corner[1]; row < corner[3]; row++)
		memset(picture->plane[plane] + (size_t)row * picture->stride[plane] + corner[0],
		       value, (size_t)(corner[2] - corner[0]));
}

void picture_fill(struct picture *picture, int x, int y, int width, int height, struct yuv colour)
{
	int right = clamp(x + width, 0, (int)picture->width);
	int bottom = clamp(y + height, 0, (int)picture->height);
	int left = clamp(x, 0, (int)picture->width);
	int top = clamp(y, 0, (int)picture->height);
	const int luma[4] = { left, top, right, bottom };
	const int chroma[4] = { left / 2, top / 2, right / 2, bottom / 2 };

	if (right <= left || bottom <= top)
		return;
	fill_plane(picture, 0, luma, colour.y);
	if (chroma[2] > chroma[0] && chroma[3] > chroma[1]) {
		fill_plane(picture, 1, chroma, colour.u);
		fill_plane(picture, 2, chroma, colour.v);
	}
}

void picture_text(struct picture *picture, int x, int y, unsigned scale, struct yuv colour,
		  const char *text)
{
	for (; *text; text++, x += (int)(PICTURE_GLYPH_WIDTH * scale)) {
		const uint8_t *glyph = font_glyph(*text);

		for (unsigned column = 0; column < 5; column++)
			for (unsigned row = 0; row < 7; row++)
				if (glyph[column] >> row & 1)
					picture_fill(picture, x + (int)(column * scale),
						     y + (int)(row * scale), (int)scale, (int)scale,
						     colour);
	}
}

/* A pixel of the target covers the source's from *first to before *last, at least one. */
static void covered(unsigned at, unsigned to, unsigned from, unsigned *first, unsigned *last)
{
	*first = (unsigned)((uint64_t)at * from / to);
	*last = (unsigned)(((uint64_t)at + 1) * from / to);
	if (*last <= *first)
		*last = *first + 1;
}

static uint8_t mean(const uint8_t *plane, unsigned stride, const unsigned x[2], const unsigned y[2])
{
	unsigned sum = 0;
	unsigned count = (x[1] - x[0]) * (y[1] - y[0]);

	for (unsigned row = y[0]; row < y[1]; row++)
		for (unsigned column = x[0]; column < x[1]; column++)
			sum += plane[(size_t)row * stride + column];
	return (uint8_t)((sum + count / 2) / count);
}

/* The usual case, half of each side, without divisions. */
static void halve_plane(const uint8_t *from, unsigned from_stride, uint8_t *to, unsigned to_stride,
			unsigned width, unsigned height)
{
	for (unsigned y = 0; y < height; y++) {
		const uint8_t *upper = from + (size_t)(2 * y) * from_stride;
		const uint8_t *lower = upper + from_stride;
		uint8_t *out = to + (size_t)y * to_stride;

		for (unsigned x = 0; x < width; x++)
			out[x] = (uint8_t)((upper[2 * x] + upper[2 * x + 1] + lower[2 * x] +
					    lower[2 * x + 1] + 2) /
					   4);
	}
}

static void scale_plane(const struct picture *from, struct picture *to, unsigned plane)
{
	unsigned shift = plane ? 1 : 0;
	unsigned width = to->width >> shift;
	unsigned height = to->height >> shift;
	unsigned x[2];
	unsigned y[2];

	if (from->width == 2 * to->width && from->height == 2 * to->height) {
		halve_plane(from->plane[plane], from->stride[plane], to->plane[plane],
			    to->stride[plane], width, height);
		return;
	}
	for (unsigned row = 0; row < height; row++) {
		covered(row, height, from->height >> shift, &y[0], &y[1]);
		for (unsigned column = 0; column < width; column++) {
			covered(column, width, from->width >> shift, &x[0], &x[1]);
			to->plane[plane][(size_t)row * to->stride[plane] + column] = mean(
				from->plane[plane], from->stride[plane], x, y);
		}
	}
}

void picture_scale(const struct picture *from, struct picture *to)
{
	for (unsigned plane = 0; plane < 3; plane++)
		scale_plane(from, to, plane);
	to->captured_us = from->captured_us;
}
