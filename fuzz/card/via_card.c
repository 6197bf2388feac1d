/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FILE.card.json. */
#include <stdlib.h>

#include "rescue/via_card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct via_card state;

	if (via_card_parse((struct rc_span){ data, size }, "fuzz", &state, NULL) == 0 &&
	    (state.reach > state.size || state.size > RC_MAX_FLASH))
		abort();
	return 0;
}
