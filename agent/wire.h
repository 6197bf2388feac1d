/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program in the camera's RAM and the PC say to each other. This file and
 * wire.c are compiled for both; they use nothing but the compiler.
 *
 * A frame on the line, between zero bytes:
 *
 *     COBS( salt, whitened( kind, index, payload, CRC-32 of these three parts ) )
 *
 * COBS takes one byte in 254 and keeps zero for the ends of frames, so that a receiver
 * is right again after the next zero, whatever happened. Whitening (a fixed sequence that
 * begins at salt) makes a frame look like nothing: a watcher of the line never takes the
 * flash's contents for console text, and a sender may choose the salt so that a frame
 * holds no byte that would do something at U-Boot's prompt, should the camera have
 * returned there. Numbers are little-endian.
 *
 * The PC asks, the camera answers; of itself it sends only a zero and WIRE_HELLO at its
 * start. Each request holds a tag of its own in index, which comes back in the answer. In
 * WIRE_DATA index is the frame's number within a block, and kind holds the lower half of
 * the tag with which that block was asked for, or announced.
 */
#ifndef RECAM_AGENT_WIRE_H
#define RECAM_AGENT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_VERSION 2u

enum wire_kind {
	/* Asked by the PC. */
	WIRE_ASK = 0x41, /* are you there? WIRE_HELLO. */
	WIRE_READ,       /* address, size: pack this; all its WIRE_DATA, then WIRE_PACKED */
	WIRE_MORE,       /* a bitmap: these frames again, then WIRE_PACKED */
	WIRE_WRITE,      /* address, size, packed size: WIRE_NEED */
	WIRE_POLL,       /* WIRE_NEED, or when none is missing, unpack and WIRE_WRITTEN */
	WIRE_SPEED,      /* divisor: WIRE_HELLO, then the line changes */
	WIRE_END,        /* back to the prompt */
	WIRE_SUM, /* address, size, count: WIRE_SUMS of so many pieces, one behind the other */
	/* Either way: 0x50 to 0x5f. */
	WIRE_DATA = 0x50,
	/* Said by the camera. */
	WIRE_HELLO = 0x61, /* version */
	WIRE_PACKED,       /* packed size, size */
	WIRE_NEED,         /* a bitmap of what is missing */
	WIRE_WRITTEN,      /* 1: unpacked; 0: what came cannot be unpacked */
	WIRE_REFUSED,      /* the request makes no sense */
	WIRE_SUMS,         /* the CRC-32 of each */
};

/* The most that is packed and moved as one: an erase block. */
#define WIRE_BLOCK  65536u
#define WIRE_CHUNK  1024u
#define WIRE_CHUNKS (WIRE_BLOCK / WIRE_CHUNK)
#define WIRE_BITMAP (WIRE_CHUNKS / 8)

/* Of at most so many pieces of at most a block each the CRC-32 is computed at once: nobody is
 * heard meanwhile. */
#define WIRE_MOST_SUMS 16u

static inline uint8_t wire_data_kind(uint8_t tag)
{
	return (uint8_t)(WIRE_DATA | (tag & 0x0f));
}

#define WIRE_HEAD 3u /* salt, kind, index */
#define WIRE_BODY (WIRE_HEAD + WIRE_CHUNK + 4)
/* With COBS and a zero at the end. */
#define WIRE_FRAME (WIRE_BODY + WIRE_BODY / 254 + 2)

/* CRC-32 as zlib's; start with 0. */
uint32_t wire_crc32(uint32_t crc, const uint8_t *data, size_t size);

/* Writes a frame, at most WIRE_FRAME bytes, with the zero that ends it; how many bytes.
 * size <= WIRE_CHUNK. */
size_t wire_encode(uint8_t out[WIRE_FRAME], uint8_t salt, uint8_t kind, uint8_t index,
		   const uint8_t *payload, size_t size);

/* Frames out of bytes as they come. Zero-initialise. */
struct wire_decoder {
	uint8_t body[WIRE_BODY];
	uint32_t size;
	uint8_t left;  /* of this COBS group */
	bool full;     /* this group stands for 254 bytes: no zero follows it */
	bool started;  /* a group was begun */
	bool overlong; /* nothing but a zero ends this */
};

struct wire_frame {
	uint8_t kind, index;
	const uint8_t *payload; /* in the decoder, until its next byte */
	uint32_t size;
};

/* True where byte ends a whole and right frame. */
bool wire_decode(struct wire_decoder *decoder, uint8_t byte, struct wire_frame *frame);

static inline uint32_t wire_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void wire_put32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
	p[2] = (uint8_t)(value >> 16);
	p[3] = (uint8_t)(value >> 24);
}

#endif
