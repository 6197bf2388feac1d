/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A card of anybody: how the bootloaders read it, what they would do, what is wrong with it. */
#include <stdlib.h>
#include <string.h>

#include "inspect/card_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CARD RC_KIB(256)

static const struct board_bootloader open_build = { .origin = BOOTLOADER_OPEN };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct board board = { .id = "dafang", .update.file = "demo.bin" };
	static uint8_t card[CARD];
	size_t used = size < CARD ? size : CARD;

	if (used)
		memcpy(card, data, used);
	for (int open = 0; open < 2; open++) {
		struct card_camera camera = { .board = &board,
					      .bootloader = open ? &open_build : NULL,
					      .button_held = true };
		struct inspection inspection = { 0 };

		camera.rules = card_rules_of(&camera);
		if (card_inspect((struct rc_span){ card, CARD }, &camera, &inspection, NULL) == 0 &&
		    inspection.card.outcome == CARD_TAKEN &&
		    (!inspection.card.flash_size ||
		     inspection.card.file_size > inspection.card.flash_size + 64))
			abort();
		inspection_clear(&inspection);
	}
	memset(card, 0, used);
	return 0;
}
