/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/test_picture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"

static const struct yuv black = { 0, 128, 128 };
static const struct yuv white = { 255, 128, 128 };
static const struct yuv grey = { 64, 128, 128 };

/* The upper quarter belongs to the number: 32 bits, the highest first, then the parity (1
 * where an odd number of them is set), 11 blocks to a row. Between and around them lies grey. */
enum { CODE_BITS = 33, CODE_COLUMNS = 11, CODE_ROWS = 3 };

struct block {
	unsigned x, y, width, height;
};

static struct block code_block(unsigned bit, unsigned width, unsigned height)
{
	unsigned column = bit % CODE_COLUMNS;
	unsigned row = bit / CODE_COLUMNS;
	struct block block;

	block.x = width * column / CODE_COLUMNS;
	block.y = height / 4 * row / CODE_ROWS;
	block.width = width * (column + 1) / CODE_COLUMNS - block.x;
	block.height = height / 4 * (row + 1) / CODE_ROWS - block.y;
	return block;
}

static bool parity(uint32_t number)
{
	return __builtin_parity(number);
}

static void draw_number(struct picture *picture, uint32_t number)
{
	picture_fill(picture, 0, 0, (int)picture->width, (int)picture->height / 4, grey);
	for (unsigned bit = 0; bit < CODE_BITS; bit++) {
		struct block b = code_block(bit, picture->width, picture->height);
		bool set = bit < 32 ? number >> (31 - bit) & 1 : parity(number);

		picture_fill(picture, (int)(b.x + b.width / 8), (int)(b.y + b.height / 8),
			     (int)(b.width * 3 / 4), (int)(b.height * 3 / 4), set ? white : black);
	}
}

/* Mean of the middle of a block. */
static unsigned brightness(const uint8_t *luma, unsigned stride, struct block b)
{
	unsigned sum = 0;
	unsigned count = 0;

	for (unsigned y = b.y + b.height / 3; y < b.y + b.height * 2 / 3 + 1; y++)
		for (unsigned x = b.x + b.width / 3; x < b.x + b.width * 2 / 3 + 1; x++, count++)
			sum += luma[(size_t)y * stride + x];
	return count ? sum / count : 0;
}

bool test_picture_read(const uint8_t *luma, unsigned stride, unsigned width, unsigned height,
		       uint32_t *number)
{
	uint32_t read = 0;
	bool last = false;

	if (width < PICTURE_MIN_SIDE || height < PICTURE_MIN_SIDE)
		return false;
	for (unsigned bit = 0; bit < CODE_BITS; bit++) {
		last = brightness(luma, stride, code_block(bit, width, height)) > 127;
		if (bit < 32)
			read = read << 1 | last;
	}
	*number = read;
	return last == parity(read);
}

static void draw_bars(struct picture *picture)
{
	/* 75 % bars: white, yellow, cyan, green, magenta, red, blue. */
	static const struct yuv bars[] = { { 191, 128, 128 }, { 169, 32, 144 }, { 134, 160, 32 },
					   { 112, 64, 48 },   { 79, 192, 208 }, { 57, 96, 224 },
					   { 22, 224, 112 } };
	int top = (int)picture->height / 4;

	for (unsigned i = 0; i < RC_COUNT(bars); i++) {
		unsigned left = picture->width * i / RC_COUNT(bars);
		unsigned right = picture->width * (i + 1) / RC_COUNT(bars);

		picture_fill(picture, (int)left, top, (int)(right - left),
			     (int)picture->height - top, bars[i]);
	}
}

/* To and fro once in "period" steps. */
static unsigned swing(uint64_t step, unsigned period, unsigned room)
{
	unsigned phase = (unsigned)(step % period);
	unsigned half = period / 2;

	return room * (phase < half ? phase : period - phase) / half;
}

static void draw_box(struct picture *picture, uint64_t number)
{
	unsigned side = picture->height / 6 & ~1u;
	unsigned top = picture->height / 4;
	unsigned x = swing(number, 200, picture->width - side) & ~1u;
	unsigned y = top + (swing(number, 130, picture->height - top - side) & ~1u);

	picture_fill(picture, (int)x, (int)y, (int)side, (int)side, white);
	picture_fill(picture, (int)(x + side / 4), (int)(y + side / 4), (int)side / 2,
		     (int)side / 2, black);
}

static unsigned text_scale(const struct picture *picture, unsigned characters)
{
	unsigned scale = picture->width * 3 / 4 / (PICTURE_GLYPH_WIDTH * characters);

	return scale ? scale : 1;
}

static void draw_centred(struct picture *picture, int y, unsigned scale, const char *text)
{
	int width = (int)(strlen(text) * PICTURE_GLYPH_WIDTH * scale);
	int x = ((int)picture->width - width) / 2;

	picture_fill(picture, x - (int)scale, y - (int)scale, width + (int)scale,
		     (int)(PICTURE_GLYPH_HEIGHT * scale) + (int)scale, black);
	picture_text(picture, x, y, scale, white, text);
}

void test_picture_draw(struct picture *picture, uint64_t number, unsigned rate_num,
		       unsigned rate_den)
{
	struct timespec now;
	struct tm local;
	char text[80];
	unsigned scale = text_scale(picture, 30);

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	draw_number(picture, (uint32_t)number);
	draw_bars(picture);
	draw_box(picture, number);
	snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d:%02d.%03ld", local.tm_year + 1900,
		 local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
		 now.tv_nsec / 1000000);
	draw_centred(picture, (int)picture->height / 2, scale, text);
	snprintf(text, sizeof(text), "recamd test %ux%u@%.4g  #%llu", picture->width,
		 picture->height, (double)rate_num / rate_den, (unsigned long long)number);
	draw_centred(picture, (int)(picture->height / 2 + 2 * PICTURE_GLYPH_HEIGHT * scale), scale,
		     text);
}

/* Characters to a line of the slate. */
enum { SLATE_COLUMNS = 44, SLATE_LINES = 6 };

/* Length of the part of text that fills a line: up to the last space that fits. */
static size_t line_length(const char *text)
{
	size_t length = strlen(text);

	if (length <= SLATE_COLUMNS)
		return length;
	for (length = SLATE_COLUMNS; length > SLATE_COLUMNS / 2; length--)
		if (text[length] == ' ')
			return length;
	return SLATE_COLUMNS;
}

void slate_draw(struct picture *picture, const char *title, const char *text)
{
	unsigned scale = text_scale(picture, SLATE_COLUMNS);
	int step = (int)(PICTURE_GLYPH_HEIGHT * scale) * 3 / 2;
	int y = (int)picture->height / 3;
	char line[SLATE_COLUMNS + 1];

	picture_fill(picture, 0, 0, (int)picture->width, (int)picture->height, grey);
	draw_centred(picture, y, scale * 2, title);
	y += step * 2;
	for (unsigned i = 0; i < SLATE_LINES && *text; i++, y += step) {
		size_t length = line_length(text);

		snprintf(line, sizeof(line), "%.*s", (int)length, text);
		draw_centred(picture, y, scale, line);
		text += length;
		while (*text == ' ')
			text++;
	}
}
