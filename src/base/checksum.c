/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/checksum.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <zlib.h>

uint32_t rc_crc32(uint32_t seed, const uint8_t *data, size_t size)
{
	return (uint32_t)crc32_z(seed, data, size);
}

uint32_t rc_crc32_join(uint32_t first, uint32_t second, size_t second_size)
{
	return (uint32_t)crc32_combine(first, second, (z_off_t)second_size);
}

uint32_t rc_crc32_jffs2(const uint8_t *data, size_t size)
{
	/* zlib inverts its value on the way in and on the way out. */
	return ~rc_crc32(0xffffffffu, data, size);
}

uint8_t rc_crc7(const uint8_t *data, size_t size)
{
	uint8_t crc = 0;

	for (size_t i = 0; i < size; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint8_t)(crc & 0x80 ? crc << 1 ^ 0x09 << 1 : crc << 1);
	}
	return crc >> 1;
}

uint8_t rc_crc8_flsh(uint8_t crc, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint8_t)(crc & 1 ? crc >> 1 ^ 0xab : crc >> 1);
	}
	return crc;
}

uint16_t rc_crc16_xmodem(const uint8_t *data, size_t size)
{
	uint16_t crc = 0;

	for (size_t i = 0; i < size; i++) {
		crc = (uint16_t)(crc ^ data[i] << 8);
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
	}
	return crc;
}

/* nettle's uses the processor's own instructions where it has any: five times as fast. */
void rc_sha256_hex(const uint8_t *data, size_t size, char hex[65])
{
	struct sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_init(&context);
	sha256_update(&context, size, data);
	sha256_digest(&context, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
