/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A byte stream in pieces: the first byte says how large. */
#include <string.h>

#include "camera/media/assembler.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(struct assembler *assembler, struct rc_span annexb)
{
	access_unit_unref(assembler_unit(assembler, annexb, 1000000, 25, 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assembler assembler = { 0 };
	struct rc_span annexb;
	size_t step;

	if (size < 1)
		return 0;
	step = data[0] + 1u;
	for (size_t at = 1; at < size;) {
		size_t room;
		uint8_t *space = assembler_space(&assembler, &room);
		size_t piece = size - at < step ? size - at : step;

		if (!space)
			break;
		if (piece > room)
			piece = room;
		memcpy(space, data + at, piece);
		assembler_filled(&assembler, piece);
		at += piece;
		while (assembler_next(&assembler, &annexb))
			take(&assembler, annexb);
		if (at % 7 == 0 && assembler_flush(&assembler, &annexb))
			take(&assembler, annexb);
	}
	assembler_free(&assembler);
	return 0;
}
