/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "link/flashrom.h"

char *flashrom_range_text(char text[FLASHROM_RANGE_TEXT], uint32_t start, uint32_t length,
			  uint32_t chip_size)
{
	uint32_t last = start + length - 1;
	const char *end = start == 0 ? "lower" : "upper";
	bool at_end = start == 0 || (uint64_t)start + length == chip_size;

	text[0] = '\0';
	if (length == 0)
		return text;
	if (length >= chip_size)
		snprintf(text, FLASHROM_RANGE_TEXT, "the whole chip, 0x0 to 0x%" PRIX32, last);
	else if (at_end && length == chip_size / 2)
		snprintf(text, FLASHROM_RANGE_TEXT, "the %s half, 0x%" PRIX32 " to 0x%" PRIX32, end,
			 start, last);
	else if (at_end && chip_size % length == 0)
		snprintf(text, FLASHROM_RANGE_TEXT,
			 "the %s 1/%" PRIu32 ", 0x%" PRIX32 " to 0x%" PRIX32, end,
			 chip_size / length, start, last);
	else
		snprintf(text, FLASHROM_RANGE_TEXT, "0x%" PRIX32 " to 0x%" PRIX32, start, last);
	return text;
}
