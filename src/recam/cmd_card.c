/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recam/card.h"

static const struct command *const words[] = { &command_card_make, &command_card_check,
					       &command_card_take, NULL };

const struct command command_card = {
	.name = "card",
	.arguments = "make|check|take PATH [options]",
	.summary =
		"makes SD cards for a camera, foretells what it does with one, takes backups off",
	.text = "recam card make card.img --board ID --firmware demo.bin makes a card that this\n"
		"camera's own bootloader takes; recam card check PATH --board ID says what it "
		"would\n"
		"do with any card, and --rehearse DUMP shows it on the virtual camera.\n"
		"With a card from \"recam card make card.img --transfer\" in its slot, a camera on "
		"a\n"
		"U-Boot console gives its whole flash in a minute (recam backup LINK -o FILE\n"
		"--via-card, then recam card take CARD -o FILE), and takes firmware from it.\n",
	.words = words,
};
