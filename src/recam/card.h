/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of "recam card", and what they share. */
#ifndef RECAM_RECAM_CARD_H
#define RECAM_RECAM_CARD_H

#include "card/fat.h"
#include "inspect/card_rules.h"
#include "recam/command.h"

extern const struct command command_card_make, command_card_check, command_card_take;

/* A card (device or image file) as memory, of which only what is looked at is read. Changes
 * stay with us. */
int card_map(const char *path, struct rc_span *card, struct rc_error *err);
void card_unmap(struct rc_span card);

/* What the options of several words tell of the camera that a card is for. */
struct card_camera_options {
	const char *board;      /* id; NULL: of the dump */
	const char *bootloader; /* a dump of the camera, or its boot partition; may be NULL */
	const char *chip;       /* JEDEC id, may be NULL */
	bool no_button;
};
/* RC_EUSAGE where the board is not told and the dump does not say it. dump, which may hold
 * nothing, is freed by the caller, after the camera. */
int card_camera_find(const struct card_camera_options *options, const struct boards *boards,
		     struct card_camera *camera, struct rc_buffer *dump, struct rc_error *err);

/* --- What goes onto a card (card_tree.c) --- */

struct card_tree {
	struct fat_node *nodes; /* names and bytes are owned */
	size_t count, room;
};

/* Adds all files and folders below folder; says what it leaves out. */
int card_tree_read(struct card_tree *tree, const char *folder, struct rc_error *err);
/* Puts a copy of bytes at a path such as "config/mqtt.conf", in place of what is there. */
int card_tree_put(struct card_tree *tree, const char *path, struct rc_span bytes,
		  struct rc_error *err);
/* The node of a path, in any case; NULL where there is none. */
const struct fat_node *card_tree_find(const struct card_tree *tree, const char *path);
void card_tree_free(struct card_tree *tree);

/* Firmware as files and an index, for a card that a rescue loads from (card_transfer.c). */
int card_put_firmware(struct card_tree *tree, const char *path, const struct boards *boards,
		      const struct board *board, struct rc_error *err);

/* --- Settings (card_settings.c) --- */

/* Asks for the passphrase of the network and puts wpa_supplicant.conf where the tree has its
 * settings. */
int card_put_wifi(struct card_tree *tree, const char *ssid, struct rc_error *err);
/* "FILE:KEY=VALUE", value "?": asks for it. */
int card_put_setting(struct card_tree *tree, const char *setting, struct rc_error *err);

/* --- Where it goes (card_target.c) --- */

/* Asks before a device is erased; yes_erase (may be NULL) is its name, given beforehand. RC_*
 * as card_write; RC_EREFUSED where the answer is another. */
struct card_content;
int card_write_to(const char *path, uint64_t size, const char *yes_erase,
		  const struct card_content *content, struct rc_error *err);
/* The size of the card behind path, where it is a device; 0: an image file is to be made. */
int card_target_size(const char *path, uint64_t *size, struct rc_error *err);

#endif
