/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input as something packed, and packed itself. */
#include <stdlib.h>
#include <string.h>

#include "agent/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pack_table table;
	uint8_t *out = malloc(3000), *packed = malloc(size + 1), *back = malloc(size + 1);
	size_t length;

	if (out && packed && back && size <= 65536) {
		lz_unpack(data, size, out, 3000);
		length = lz_pack(&table, data, size, packed, size);
		if (length && (!lz_unpack(packed, length, back, size) || memcmp(data, back, size)))
			abort();
	}
	free(back);
	free(packed);
	free(out);
	return 0;
}
