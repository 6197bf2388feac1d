/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libflashrom's state, held once: a programmer, and what it has said so far. */
#ifndef RECAM_LINK_FLASHROM_LIBRARY_H
#define RECAM_LINK_FLASHROM_LIBRARY_H

#include <libflashrom.h>

#include "link/flashrom.h"
#include "link/flashrom_log.h"

struct flashrom_library {
	struct flashrom_programmer *programmer;
	struct flashrom_log log;
	bool lost; /* libflashrom did not come back: it must not be called any more */
};

/* RC_EREFUSED where another link has it. library is to stay where it is until closed. */
int flashrom_library_open(struct flashrom_library *library, const struct flashrom_spec *spec,
			  struct rc_error *err);
void flashrom_library_close(struct flashrom_library *library);

/* Runs act(context) and waits for it, at most milliseconds. libflashrom 1.3 waits for the
 * end of an erase or a page program for ever (spi25.c, spi_poll_wip): a clip that slips
 * off then leaves it spinning on a status register of FF. False: that happened; from then on
 * library is lost, and it, context and what they lead to must stay where they are. */
bool flashrom_library_run(struct flashrom_library *library, int (*act)(void *context),
			  void *context, unsigned milliseconds, int *status);

/* Reads the JEDEC id from the chip's pins; false where this libflashrom does not tell. */
bool flashrom_library_read_id(struct flashrom_library *library, uint32_t *id);

/* Whether an id is what pins give that nobody drives. */
bool flashrom_is_no_id(uint32_t id);

/* The usual causes of a silent chip, in the order in which to look for them. */
#define FLASHROM_SILENT_CAUSES                                                                   \
	"look for, in this order: contact (the clip sits straight on all eight pins, pin 1 at "  \
	"the dot), supply (3.3 V between pins 8 and 4, HOLD# and WP# high), the clip and its "   \
	"wires (under 10 cm), a camera that draws the programmer's supply down or talks to its " \
	"chip (unplug it; hold its reset, or unsolder the chip)"

#endif
