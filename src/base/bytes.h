/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes: fixed-endian loads and stores, spans, and a growing buffer. */
#ifndef RECAM_BASE_BYTES_H
#define RECAM_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RC_KIB(n)       ((size_t)(n)*1024u)
#define RC_MIB(n)       ((size_t)(n)*1024u * 1024u)
#define RC_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline uint16_t rc_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t rc_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t rc_le64(const uint8_t *p)
{
	return (uint64_t)rc_le32(p) | (uint64_t)rc_le32(p + 4) << 32;
}

static inline uint16_t rc_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t rc_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline void rc_put_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void rc_put_le32(uint8_t *p, uint32_t v)
{
	rc_put_le16(p, (uint16_t)v);
	rc_put_le16(p + 2, (uint16_t)(v >> 16));
}

static inline void rc_put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/* Borrowed bytes; the owner outlives the span. */
struct rc_span {
	const uint8_t *data;
	size_t size;
};

/* The part of span from offset, at most size bytes; empty where it lies outside. */
struct rc_span rc_span_sub(struct rc_span span, size_t offset, size_t size);

/* True if all size bytes equal value (true for size 0). */
bool rc_all_bytes(const uint8_t *data, size_t size, uint8_t value);

/* Number of bytes up to and including the last one that is not value. */
size_t rc_used_before_fill(const uint8_t *data, size_t size, uint8_t value);

/* First place of needle in haystack, or NULL. */
const uint8_t *rc_find(struct rc_span haystack, const void *needle, size_t needle_size);

/* A growing array of bytes. Zero-initialise; rc_buffer_free when done. After a
 * failed append "failed" stays true and later appends do nothing, so a run of
 * appends is checked once. */
struct rc_buffer {
	uint8_t *data;
	size_t size;
	size_t room;
	bool failed;
};

bool rc_buffer_append(struct rc_buffer *buffer, const void *data, size_t size);
void rc_buffer_free(struct rc_buffer *buffer);

#endif
