/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A font of 5 columns and 7 rows for what is written into pictures: ASCII 0x20 to 0x5a; small
 * letters are shown as capitals. */
#ifndef RECAM_CAMERA_FONT_H
#define RECAM_CAMERA_FONT_H

#include <stdint.h>

/* Five columns from the left; bit 0 is the upper row. '?' for what the font has not. */
const uint8_t *font_glyph(char c);

#endif
