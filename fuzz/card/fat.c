/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A FAT volume of anybody, long names and folders with it. Its first sectors are the input;
 * behind them all is 0, so that a small input can be a large volume. */
#include <stdlib.h>
#include <string.h>

#include "card/fat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VOLUME RC_MIB(3)

struct visit {
	const struct fat *fat;
	unsigned left, depth;
};

static bool visit(void *context, const struct fat_entry *entry)
{
	struct visit *above = context;
	struct visit below = { above->fat, 8, above->depth + 1 };
	struct rc_buffer bytes;

	if (strlen(entry->name) >= FAT_NAME || strlen(entry->long_name) >= FAT_LONG_NAME)
		abort();
	if (entry->folder && above->depth < 3)
		fat_scan(above->fat, entry, visit, &below, NULL);
	else if (fat_read_entry(above->fat, entry, &bytes, NULL) == 0)
		rc_buffer_free(&bytes);
	fat_is_contiguous(above->fat, entry);
	return --above->left > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t volume[VOLUME];
	size_t used = size < VOLUME ? size : VOLUME;
	struct rc_buffer bytes = { 0 };
	struct fat fat;

	if (size)
		memcpy(volume, data, used);
	if (fat_open((struct rc_span){ volume, VOLUME }, &fat, NULL) == 0) {
		fat_scan(&fat, NULL, visit, &(struct visit){ &fat, 8, 0 }, NULL);
		fat_read(&fat, "config/wifi.conf", &bytes, NULL);
		rc_buffer_free(&bytes);
	}
	memset(volume, 0, used);
	return 0;
}
