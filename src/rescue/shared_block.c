/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/shared_block.h"

#include <string.h>

#include "format/mstar_boot.h"

bool shared_block_find(struct rc_span flash, const struct board *board, struct shared_block *shared)
{
	struct mstar_boot boot;

	if (!board || strcmp(board->console.dialect, "mstar") != 0 ||
	    mstar_boot_parse(flash, &boot, NULL) < 0)
		return false;
	*shared = (struct shared_block){ .block = boot.env_at - boot.env_at % RC_ERASE_BLOCK,
					 .offset = boot.env_at,
					 .size = boot.env_slot };
	return shared->size < RC_ERASE_BLOCK &&
	       shared->offset - shared->block + shared->size <= RC_ERASE_BLOCK &&
	       flash.size >= (size_t)shared->block + RC_ERASE_BLOCK;
}

bool shared_block_alone(const struct shared_block *shared, const uint8_t *have, const uint8_t *want)
{
	uint32_t before = shared->offset - shared->block;
	uint32_t behind = shared->offset + shared->size;
	uint32_t rest = shared->block + RC_ERASE_BLOCK - behind;

	return memcmp(have + shared->block, want + shared->block, before) == 0 &&
	       memcmp(have + behind, want + behind, rest) == 0 &&
	       memcmp(have + shared->offset, want + shared->offset, shared->size) != 0;
}
