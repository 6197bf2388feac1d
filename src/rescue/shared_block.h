/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An erase block that holds two things. In the Mi 360 the end of the bootloader and its
 * environment lie in the one at 0x40000 (facts/mstar-mi360.md 1.4): who erases it for the
 * environment's sake, and loses power, has no bootloader any more.
 */
#ifndef RECAM_RESCUE_SHARED_BLOCK_H
#define RECAM_RESCUE_SHARED_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "board/board.h"

struct shared_block {
	uint32_t block;        /* offset of the erase block */
	uint32_t offset, size; /* of the environment in it */
};

/* False where this camera's flash has none such. */
bool shared_block_find(struct rc_span flash, const struct board *board,
		       struct shared_block *shared);

/* True where have and want (both of the whole flash) differ in the environment, and in nothing
 * else of the block. */
bool shared_block_alone(const struct shared_block *shared, const uint8_t *have,
			const uint8_t *want);

#endif
