/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack.h"

/* Rules of the format (lz4_Block_format.md): matches of 4 bytes and more, from at most
 * 65535 back; the last 5 bytes are literals, and no match begins in the last 12. */
#define SHORTEST     4u
#define LAST_LITERAL 5u
#define LAST_MATCH   12u
#define LONG_RUN     15u /* in the token; more follows */

static uint32_t load32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t hash(uint32_t word)
{
	return word * 2654435761u >> (32 - PACK_HASH_BITS);
}

struct packer {
	uint8_t *out;
	size_t size, room;
};

static void put_length(struct packer *packer, size_t length)
{
	for (length -= LONG_RUN; length >= 255; length -= 255)
		packer->out[packer->size++] = 255;
	packer->out[packer->size++] = (uint8_t)length;
}

/* Literals, and a match behind them unless length is 0. 0: no room. */
static int put_sequence(struct packer *packer, const uint8_t *literals, size_t count, size_t offset,
			size_t length)
{
	size_t extra = length ? length - SHORTEST : 0;
	uint8_t *token = packer->out + packer->size;

	if (packer->room - packer->size < 1 + count + count / 255 + 1 + 2 + extra / 255 + 1)
		return 0;
	*token = (uint8_t)((count < LONG_RUN ? count : LONG_RUN) << 4 |
			   (extra < LONG_RUN ? extra : LONG_RUN));
	packer->size++;
	if (count >= LONG_RUN)
		put_length(packer, count);
	for (size_t i = 0; i < count; i++)
		packer->out[packer->size++] = literals[i];
	if (length == 0)
		return 1;
	packer->out[packer->size++] = (uint8_t)offset;
	packer->out[packer->size++] = (uint8_t)(offset >> 8);
	if (extra >= LONG_RUN)
		put_length(packer, extra);
	return 1;
}

static size_t match_length(const uint8_t *a, const uint8_t *b, const uint8_t *end)
{
	const uint8_t *start = b;

	while (b < end && *a == *b) {
		a++;
		b++;
	}
	return (size_t)(b - start);
}

size_t lz_pack(struct pack_table *table, const uint8_t *data, size_t size, uint8_t *out,
	       size_t room)
{
	struct packer packer = { out, 0, room };
	size_t literal = 0, at = 1;

	/* Position 0 is as good as none: what it holds is compared anyway. */
	for (size_t i = 0; i < sizeof(table->seen) / sizeof(table->seen[0]); i++)
		table->seen[i] = 0;
	while (at + LAST_MATCH < size) {
		uint32_t word = load32(data + at);
		uint16_t *slot = &table->seen[hash(word)];
		size_t from = *slot;
		size_t length;

		*slot = (uint16_t)at;
		if (load32(data + from) != word) {
			at++;
			continue;
		}
		length = match_length(data + from, data + at, data + size - LAST_LITERAL);
		if (!put_sequence(&packer, data + literal, at - literal, at - from, length))
			return 0;
		at += length;
		literal = at;
		/* A place inside the match, too: the next one may begin there. */
		table->seen[hash(load32(data + at - 2))] = (uint16_t)(at - 2);
	}
	if (!put_sequence(&packer, data + literal, size - literal, 0, 0))
		return 0;
	return packer.size;
}

/* The rest of a length that does not fit its half of the token. 0: cut short, or
 * longer than anything here can be. */
static int get_length(const uint8_t **in, const uint8_t *end, size_t limit, size_t *length)
{
	uint8_t byte;

	if (*length < LONG_RUN)
		return 1;
	do {
		if (*in == end || *length > limit)
			return 0;
		byte = *(*in)++;
		*length += byte;
	} while (byte == 255);
	return 1;
}

int lz_unpack(const uint8_t *packed, size_t packed_size, uint8_t *out, size_t size)
{
	const uint8_t *in = packed, *end = packed + packed_size;
	size_t done = 0;

	while (in < end) {
		uint8_t token = *in++;
		size_t count = token >> 4, length = token & 15, offset;

		if (!get_length(&in, end, size, &count) || count > (size_t)(end - in) ||
		    count > size - done)
			return 0;
		for (; count > 0; count--)
			out[done++] = *in++;
		if (in == end)
			return done == size;
		if (end - in < 2)
			return 0;
		offset = (size_t)in[0] | (size_t)in[1] << 8;
		in += 2;
		if (!get_length(&in, end, size, &length))
			return 0;
		length += SHORTEST;
		if (offset == 0 || offset > done || length > size - done)
			return 0;
		for (; length > 0; length--, done++)
			out[done] = out[done - offset];
	}
	return 0;
}
