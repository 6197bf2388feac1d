/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A FAT volume of anybody. Its first sectors are the input; behind them all is 0, so that
 * a small input can be a large volume. */
#include <stdlib.h>
#include <string.h>

#include "card/fat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VOLUME RC_MIB(3)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t volume[VOLUME];
	size_t used = size < VOLUME ? size : VOLUME;
	struct rc_buffer bytes = { 0 };
	struct fat_entry entries[64];
	struct fat fat;
	size_t count = 0;

	if (size)
		memcpy(volume, data, used);
	if (fat_open((struct rc_span){ volume, VOLUME }, &fat, NULL) == 0 &&
	    fat_list(&fat, entries, RC_COUNT(entries), &count, NULL) == 0)
		for (size_t i = 0; i < count && i < 4; i++) {
			if (fat_read(&fat, entries[i].name, &bytes, NULL) == 0 &&
			    bytes.size > VOLUME)
				abort();
			rc_buffer_free(&bytes);
		}
	memset(volume, 0, used);
	return 0;
}
