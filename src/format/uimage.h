/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * U-Boot's legacy image ("uImage"): 64 bytes of header, then the data. Kernels,
 * the MStar bootloader slot and demo.bin are such (U-Boot: include/image.h).
 */
#ifndef RECAM_FORMAT_UIMAGE_H
#define RECAM_FORMAT_UIMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "format/decompress.h"

#define UIMAGE_MAGIC       0x27051956u
#define UIMAGE_HEADER_SIZE 64u
#define UIMAGE_NAME_SIZE   32

/* Codes that occur on these cameras; others are kept as they are. */
enum {
	UIMAGE_OS_LINUX = 5,
	UIMAGE_OS_FIRMWARE = 17,
	UIMAGE_ARCH_ARM = 2,
	UIMAGE_ARCH_MIPS = 5,
	UIMAGE_TYPE_KERNEL = 2,
	UIMAGE_TYPE_FIRMWARE = 5, /* demo.bin */
	UIMAGE_TYPE_FILESYSTEM = 7,
	UIMAGE_COMPRESSION_NONE = 0,
	UIMAGE_COMPRESSION_GZIP = 1,
	UIMAGE_COMPRESSION_LZMA = 3, /* MStar says this and means XZ */
};

struct uimage_header {
	uint32_t magic;
	uint32_t header_crc;
	uint32_t time; /* seconds since 1970 */
	uint32_t size; /* bytes of data behind the header */
	uint32_t load;
	uint32_t entry;
	uint32_t data_crc;
	uint8_t os;
	uint8_t arch;
	uint8_t type;
	uint8_t compression;
	char name[UIMAGE_NAME_SIZE + 1]; /* as stored, up to its first NUL; may hold any byte */
};

/* The fields as they stand, without a judgement. False if data is shorter than a header. */
bool uimage_read_header(struct rc_span data, struct uimage_header *header);

/* The checksum that a header at data (UIMAGE_HEADER_SIZE bytes) should have. */
uint32_t uimage_header_crc(const uint8_t *data);

/* Reads the header and both checksums; the data are not unpacked. data may go on
 * behind the image. RC_EFORMAT says what does not hold, with both numbers. */
int uimage_parse(struct rc_span data, struct uimage_header *header, struct rc_error *err);

/* The compression that the payload has, whatever the header calls it. False where it is
 * one that decompress.h cannot read. */
bool uimage_compression(const struct uimage_header *header, struct rc_span payload,
			enum compression *compression);

/* The 64 bytes for payload: magic, size and both checksums are computed, all other
 * fields are taken from header. RC_ERANGE where the payload is too large for it. */
int uimage_build(const struct uimage_header *header, struct rc_span payload,
		 uint8_t out[UIMAGE_HEADER_SIZE], struct rc_error *err);

#endif
