/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksums and digests that flash formats and consoles use. */
#ifndef RECAM_BASE_CHECKSUM_H
#define RECAM_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 as zlib, U-Boot's crc32 command and uImage compute it. */
uint32_t rc_crc32(uint32_t seed, const uint8_t *data, size_t size);

/* rc_crc32(0, ...) of two pieces one behind the other, from that of each. */
uint32_t rc_crc32_join(uint32_t first, uint32_t second, size_t second_size);

/* CRC-32 as JFFS2 computes it: the same polynomial, start 0, no final inversion. */
uint32_t rc_crc32_jffs2(const uint8_t *data, size_t size);

/* CRC-7, polynomial 0x09, start 0, most significant bit first; 7-bit value
 * (Ingenic SPL header: facts/bootloaders-and-flash.md 5.3). */
uint8_t rc_crc7(const uint8_t *data, size_t size);

/* CRC-8, reflected polynomial 0xAB; chain by passing the last value, start with
 * 0xFF (FLSH settings: facts/mstar-mi360.md 1.6). */
uint8_t rc_crc8_flsh(uint8_t crc, const uint8_t *data, size_t size);

/* CRC-16/XMODEM, polynomial 0x1021, start 0 (Ymodem). */
uint16_t rc_crc16_xmodem(const uint8_t *data, size_t size);

/* SHA-256 of data as 64 lower-case hex digits and a NUL. */
void rc_sha256_hex(const uint8_t *data, size_t size, char hex[65]);

#endif
