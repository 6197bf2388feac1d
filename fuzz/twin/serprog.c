/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client that says anything, and the small chip behind it. Takes in pieces and at once
 * must come to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "twin/serprog.h"

#define CHIP 0xef4010 /* 64 KiB */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(struct nor *nor, const uint8_t *data, size_t size, size_t piece,
		 struct rc_buffer *answer)
{
	struct serprog serprog = { .nor = nor };

	nor->four_byte = false;
	for (size_t at = 0; at < size;) {
		size_t part = size - at < piece ? size - at : piece;

		answer->size = 0; /* the client has taken it */
		at += serprog_feed(&serprog, data + at, part, answer);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_buffer answer = { 0 };
	struct nor whole, pieces;

	if (size > 4096)
		return 0;
	if (nor_open(&whole, CHIP, NULL, 0, NULL) || nor_open(&pieces, CHIP, NULL, 0, NULL))
		abort();
	feed(&whole, data, size, size, &answer);
	feed(&pieces, data, size, 1, &answer);
	if (memcmp(whole.data, pieces.data, whole.size) != 0 ||
	    memcmp(whole.status, pieces.status, sizeof(whole.status)) != 0)
		abort();
	nor_close(&whole);
	nor_close(&pieces);
	rc_buffer_free(&answer);
	return 0;
}
