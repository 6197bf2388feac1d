/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The card in the slot of a camera at its U-Boot console: card/transfer.h says what is on it. */
#ifndef RECAM_LINK_UBOOT_CARD_H
#define RECAM_LINK_UBOOT_CARD_H

#include "card/transfer.h"
#include "console/uboot.h"

/* All 0 at the start: nothing was looked for yet. */
struct uboot_card {
	bool area_found;
	struct transfer_area area;
	bool index_asked, index_found;
	struct transfer_index index;
	uint64_t fetched; /* bytes that came from it */
};

/* Finds the transfer area. RC_ENOTFOUND: no card, or one without. */
int uboot_card_find(struct uboot_card *card, struct uboot *uboot, struct rc_error *err);

/* Flash to the same place of the area: offset and size are multiples of 0x10000, size at
 * most UBOOT_CARD_PIECE. *crc is what the camera computed of the flash, and again of what
 * it read back from the card. RC_ESTOPPED where the card is gone. */
#define UBOOT_CARD_PIECE RC_MIB(1)
int uboot_card_save(struct uboot_card *card, struct uboot *uboot, uint32_t offset, uint32_t size,
		    uint32_t *crc, struct rc_error *err);

/* Brings data to RAM from the card, where the card has it and the camera's CRC-32 of it is
 * right; else *fetched is false, and there is the line. */
int uboot_card_fetch(struct uboot_card *card, struct uboot *uboot, uint32_t address,
		     const uint8_t *data, uint32_t size, bool *fetched, struct rc_error *err);

#endif
