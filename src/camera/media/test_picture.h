/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The made-up picture: bars, a box that travels, a clock, and the number of the picture as 33
 * blocks that survive compression and scaling, so that a test can read from what a player
 * decoded which pictures it got.
 */
#ifndef RECAM_CAMERA_TEST_PICTURE_H
#define RECAM_CAMERA_TEST_PICTURE_H

#include "camera/media/picture.h"

void test_picture_draw(struct picture *picture, uint64_t number, unsigned rate_num,
		       unsigned rate_den);

/* Reads the number (its lower 32 bits) from luma of any size that shows the whole picture.
 * False where the parity is wrong: not such a picture, or too damaged. */
bool test_picture_read(const uint8_t *luma, unsigned stride, unsigned width, unsigned height,
		       uint32_t *number);

/* A still with up to a few lines of text in the middle: what is sent while there is none. */
void slate_draw(struct picture *picture, const char *title, const char *text);

#endif
