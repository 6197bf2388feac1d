/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packing for the line, in the LZ4 block format, so that somebody else's unpacker can
 * judge ours. What is on a camera's flash is mostly packed already (kernel, SquashFS,
 * JFFS2 nodes: zlib and LZMA both come to 92 % of a whole Dafang); what is not, the
 * bootloader and padding, any LZ77 makes small. Compiled for the camera and for the PC.
 */
#ifndef RECAM_AGENT_PACK_H
#define RECAM_AGENT_PACK_H

#include <stddef.h>
#include <stdint.h>

#define PACK_HASH_BITS 13
/* Where each value of the hash was last seen; its contents on entry do not matter. */
struct pack_table {
	uint16_t seen[1u << PACK_HASH_BITS];
};

/* Packs size bytes (at most 65536) into at most room bytes. 0: they did not fit. */
size_t lz_pack(struct pack_table *table, const uint8_t *data, size_t size, uint8_t *out,
	       size_t room);

/* True where packed is right and gives exactly size bytes. Trusts nothing. */
int lz_unpack(const uint8_t *packed, size_t packed_size, uint8_t *out, size_t size);

#endif
