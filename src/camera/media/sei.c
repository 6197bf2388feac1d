/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/sei.h"

#include <string.h>

#include "camera/media/h264.h"

enum { SEI_USER_DATA_UNREGISTERED = 5, UUID_SIZE = 16 };

/* Version 4, drawn once for this purpose. */
static const uint8_t uuid[UUID_SIZE] = { 0x5e, 0x1d, 0x90, 0xc6, 0x0b, 0x3a, 0x4c, 0x77,
					 0x9a, 0x52, 0x72, 0x65, 0x63, 0x61, 0x6d, 0x64 };

static void put_be64(uint8_t *p, uint64_t value)
{
	rc_put_be32(p, (uint32_t)(value >> 32));
	rc_put_be32(p + 4, (uint32_t)value);
}

static uint64_t get_be64(const uint8_t *p)
{
	return (uint64_t)rc_be32(p) << 32 | rc_be32(p + 4);
}

void sei_put_timing(uint8_t payload[SEI_TIMING_SIZE], const struct sei_timing *timing)
{
	memcpy(payload, uuid, UUID_SIZE);
	put_be64(payload + UUID_SIZE, timing->number);
	put_be64(payload + UUID_SIZE + 8, timing->captured_us);
}

/* The bytes of a NAL unit behind its header without emulation_prevention_three_byte. */
static size_t unescape(struct rc_span nal, uint8_t *out, size_t room)
{
	unsigned zeros = 0;
	size_t size = 0;

	for (size_t i = 1; i < nal.size && size < room; i++) {
		if (zeros >= 2 && nal.data[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = nal.data[i] == 0 ? zeros + 1 : 0;
		out[size++] = nal.data[i];
	}
	return size;
}

/* A number in steps of 255 (7.3.2.3.1); false at the end of the bytes. */
static bool read_number(struct rc_span bytes, size_t *at, size_t *number)
{
	*number = 0;
	while (*at < bytes.size) {
		*number += bytes.data[*at];
		if (bytes.data[(*at)++] != 255)
			return true;
	}
	return false;
}

bool sei_get_timing(struct rc_span nal, struct sei_timing *timing)
{
	uint8_t raw[1024]; /* ours comes first or behind x264's own description */
	struct rc_span bytes = { raw, 0 };
	size_t type;
	size_t size;

	if (nal.size == 0 || nal_type_of(nal.data[0]) != H264_SEI)
		return false;
	bytes.size = unescape(nal, raw, sizeof(raw));
	for (size_t at = 0; read_number(bytes, &at, &type) && read_number(bytes, &at, &size) &&
			    size <= bytes.size - at;
	     at += size) {
		if (type != SEI_USER_DATA_UNREGISTERED || size != SEI_TIMING_SIZE ||
		    memcmp(raw + at, uuid, UUID_SIZE) != 0)
			continue;
		timing->number = get_be64(raw + at + UUID_SIZE);
		timing->captured_us = get_be64(raw + at + UUID_SIZE + 8);
		return true;
	}
	return false;
}
