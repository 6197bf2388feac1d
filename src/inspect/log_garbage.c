/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that are no text: is it the level, the ground, or the speed? */
#include <string.h>

#include "inspect/log.h"

struct garbage {
	size_t count; /* bytes that no console prints */
	size_t zero_or_ones;
	size_t inverted; /* would be text with the level turned round */
	size_t parity;   /* would be text without their highest bit */
	size_t repeats;  /* equal to the byte 1 to 4 places before */
	size_t distinct;
	size_t edges; /* changes of level inside the bytes */
};

static bool is_printable(uint8_t byte)
{
	return (byte >= 0x20 && byte < 0x7f) || byte == '\r' || byte == '\n';
}

static bool repeats(struct rc_span bytes, size_t at)
{
	for (size_t back = 1; back <= 4 && back <= at; back++) {
		if (bytes.data[at] == bytes.data[at - back])
			return true;
	}
	return false;
}

static void count(struct rc_span bytes, struct garbage *garbage)
{
	bool seen[256] = { false };

	for (size_t i = 0; i < bytes.size; i++) {
		uint8_t byte = bytes.data[i];
		uint8_t inverse = (uint8_t)~byte;

		if (log_is_text_byte(byte))
			continue;
		garbage->count++;
		garbage->zero_or_ones += byte == 0 || byte == 0xff;
		garbage->inverted += is_printable(inverse) || is_printable(inverse >> 1);
		garbage->parity += byte >= 0x80 && is_printable(byte & 0x7f);
		garbage->repeats += repeats(bytes, i);
		garbage->distinct += !seen[byte];
		garbage->edges += (size_t)__builtin_popcount((byte ^ (byte >> 1)) & 0x7f);
		seen[byte] = true;
	}
}

const char *log_garbage_hint(struct rc_span bytes)
{
	struct garbage g = { 0 };

	count(bytes, &g);
	if (g.count == 0)
		return "no pattern";
	if (g.zero_or_ones * 10 > g.count * 8)
		return "nearly all are 00 or FF, so the line is held at one level: the ground is "
		       "not "
		       "joined, or RX and TX are swapped";
	if (g.parity * 10 > g.count * 9)
		return "they are text but for their highest bit, so the terminal is set to another "
		       "number of bits or parity: set 8N1";
	/* A slower signal read too fast has long runs of one level, so few edges and few values. */
	if (g.edges * 10 < g.count * 22 && g.distinct <= 24)
		return "few values with long runs of one level, so the camera talks slower than "
		       "the "
		       "terminal listens: the speed (the Mi 360's boot ROM uses 38400)";
	if (g.inverted * 10 > g.count * 9)
		return "turned upside down they would be text, so it is the level: a true RS-232 "
		       "adapter inverts, take a 3.3 V TTL one";
	if (g.repeats * 10 > g.count * 6)
		return "patterns that repeat, so the ground is missing or poor, or the level is "
		       "wrong";
	return "no clear pattern: look at the ground first, then the level, then the speed";
}
