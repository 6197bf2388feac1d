/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input of a fuzzer as frames with right checksums. A record: 0, count, raw bytes; or
 * kind, index, size (two bytes), payload.
 */
#ifndef RECAM_FUZZ_AGENT_RECORDS_H
#define RECAM_FUZZ_AGENT_RECORDS_H

#include <string.h>

#include "agent/wire.h"
#include "base/bytes.h"

/* The bytes that the next record puts on the line. tag, where not negative, replaces its
 * index, unless that is a frame's number. 0 at the end. */
static inline size_t next_record(struct rc_span *input, uint8_t out[WIRE_FRAME], int tag)
{
	const uint8_t *data = input->data;
	bool raw = input->size > 0 && data[0] == 0;
	size_t head = raw ? 2 : 4, size, length;
	struct rc_span payload;

	if (input->size < head)
		return 0;
	size = raw ? data[1] : rc_le16(data + 2) % (WIRE_CHUNK + 1);
	payload = rc_span_sub(*input, head, size);
	if (raw && payload.size)
		memcpy(out, payload.data, payload.size);
	length = raw ? payload.size
		     : wire_encode(out, data[1], data[0],
				   tag < 0 || data[0] < WIRE_HELLO ? data[1] : (uint8_t)tag,
				   payload.data, payload.size);
	*input = rc_span_sub(*input, head + payload.size, input->size);
	return length;
}

#endif
