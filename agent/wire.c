/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire.h"

/* Four bits at a time: a table of 64 bytes instead of 1 KiB, which would have to go
 * over the line too. */
uint32_t wire_crc32(uint32_t crc, const uint8_t *data, size_t size)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	crc = ~crc;
	for (size_t i = 0; i < size; i++) {
		crc ^= data[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

/* The next byte of the whitening: a linear congruential generator's high bits. */
static uint8_t whiten(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (uint8_t)(*state >> 24);
}

/* COBS, one byte after the other. */
struct encoder {
	uint8_t *out;
	size_t size, group; /* where the next byte, and the length of this group, go */
};

static void put(struct encoder *encoder, uint8_t byte)
{
	if (byte)
		encoder->out[encoder->size++] = byte;
	if (byte && encoder->size - encoder->group < 255)
		return;
	encoder->out[encoder->group] = (uint8_t)(encoder->size - encoder->group);
	encoder->group = encoder->size++;
}

size_t wire_encode(uint8_t out[WIRE_FRAME], uint8_t salt, uint8_t kind, uint8_t index,
		   const uint8_t *payload, size_t size)
{
	const uint8_t head[2] = { kind, index };
	struct encoder encoder = { out, 1, 0 };
	uint32_t state = salt;
	uint8_t crc[4];

	wire_put32(crc, wire_crc32(wire_crc32(0, head, 2), payload, size));
	put(&encoder, salt);
	for (size_t i = 0; i < 2; i++)
		put(&encoder, head[i] ^ whiten(&state));
	for (size_t i = 0; i < size; i++)
		put(&encoder, payload[i] ^ whiten(&state));
	for (size_t i = 0; i < 4; i++)
		put(&encoder, crc[i] ^ whiten(&state));
	out[encoder.group] = (uint8_t)(encoder.size - encoder.group);
	out[encoder.size] = 0;
	return encoder.size + 1;
}

static bool finish(struct wire_decoder *decoder, struct wire_frame *frame)
{
	uint8_t *body = decoder->body;
	uint32_t size = decoder->size;
	uint32_t state = body[0];

	if (size < WIRE_HEAD + 4)
		return false;
	for (uint32_t i = 1; i < size; i++)
		body[i] ^= whiten(&state);
	if (wire_crc32(0, body + 1, size - 5) != wire_get32(body + size - 4))
		return false;
	*frame = (struct wire_frame){ body[1], body[2], body + WIRE_HEAD, size - WIRE_HEAD - 4 };
	return true;
}

static void take(struct wire_decoder *decoder, uint8_t byte)
{
	if (decoder->size < WIRE_BODY)
		decoder->body[decoder->size++] = byte;
	else
		decoder->overlong = true;
}

bool wire_decode(struct wire_decoder *decoder, uint8_t byte, struct wire_frame *frame)
{
	if (byte == 0) {
		bool right = decoder->started && decoder->left == 0 && !decoder->overlong &&
			     finish(decoder, frame);

		decoder->size = 0;
		decoder->left = 0;
		decoder->started = decoder->full = decoder->overlong = false;
		return right;
	}
	if (decoder->left > 0) {
		decoder->left--;
		take(decoder, byte);
		return false;
	}
	/* A new group: the one before stood for a zero behind its bytes. */
	if (decoder->started && !decoder->full)
		take(decoder, 0);
	decoder->started = true;
	decoder->full = byte == 255;
	decoder->left = byte - 1;
	return false;
}
