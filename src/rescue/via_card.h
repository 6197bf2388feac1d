/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backup by way of a card: the camera writes its flash to the card's transfer area and
 * tells the CRC-32 of each MiB over the console; the card then goes into the PC, and what
 * comes off it is a proven backup where each MiB has the CRC-32 that the camera told.
 *
 * In between stands FILE.card.json (mode 0600), written when the camera is done.
 */
#ifndef RECAM_RESCUE_VIA_CARD_H
#define RECAM_RESCUE_VIA_CARD_H

#include "rescue/backup.h"

#define VIA_CARD_PIECE  RC_MIB(1)
#define VIA_CARD_PIECES (RC_MAX_FLASH / VIA_CARD_PIECE)

struct via_card {
	uint32_t size;  /* of the flash */
	uint32_t reach; /* of which so much is on the card */
	uint32_t crcs[VIA_CARD_PIECES];
	uint32_t jedec;
	uint8_t status[3];
	unsigned status_count;
	char bootloader[96];
	char link_name[160];
	char date[24];
};

/* Flash to card, and FILE.card.json. RC_ENOTFOUND where there is no such card; RC_ESTOPPED
 * where it failed meanwhile, or stop was set: the same again starts anew. */
int via_card_send(struct link *link, const char *path, const volatile int *stop,
		  struct rc_error *err);

/* card: all of it. state_path NULL: the one beside path. RC_EVERIFY names the first MiB
 * that is not what the camera had. */
int via_card_take(struct rc_span card, const char *path, const char *state_path,
		  struct backup *backup, struct rc_error *err);

/* Pure. name is for messages. */
int via_card_parse(struct rc_span text, const char *name, struct via_card *state,
		   struct rc_error *err);

#endif
