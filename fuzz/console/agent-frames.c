/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input as bytes off the line; and as a payload, which must come back. */
#include <stdlib.h>
#include <string.h>

#include "agent/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_decoder decoder = { 0 };
	struct wire_frame frame;
	uint8_t line[WIRE_FRAME];
	size_t part = size < WIRE_CHUNK ? size : WIRE_CHUNK, length;
	bool right = false;

	for (size_t i = 0; i < size; i++)
		wire_decode(&decoder, data[i], &frame);
	/* Whatever came before, a zero ends it. */
	wire_decode(&decoder, 0, &frame);
	length = wire_encode(line, size ? data[0] : 0, 1, 2, data, part);
	for (size_t i = 0; i < length; i++)
		right = wire_decode(&decoder, line[i], &frame);
	if (!right || length > WIRE_FRAME || frame.kind != 1 || frame.index != 2 ||
	    frame.size != part || (part && memcmp(frame.payload, data, part)))
		abort();
	return 0;
}
