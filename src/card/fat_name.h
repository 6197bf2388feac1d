/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names on a FAT volume: the short one in its 11 bytes, the long one in entries before it. */
#ifndef RECAM_CARD_FAT_NAME_H
#define RECAM_CARD_FAT_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "card/fat.h"

#define FAT_ENTRY       32u
#define FAT_SHORT       11u
#define FAT_UNITS       255u /* of UTF-16 in a long name */
#define FAT_SLOT_UNITS  13u
#define FAT_SLOTS       20u
#define FAT_LAST_SLOT   0x40
#define FAT_ATTR_VOLUME 0x08
#define FAT_ATTR_FOLDER 0x10
#define FAT_ATTR_FILE   0x20
#define FAT_ATTR_LONG   0x0f

struct fat_name {
	uint16_t units[FAT_UNITS];
	size_t count;
	bool plain;   /* the short name says it all */
	bool capital; /* in capitals it would be plain */
};

/* RC_EUSAGE where no FAT volume can have it. */
int fat_name_parse(const char *name, struct fat_name *out, struct rc_error *err);

/* Entries of the long name: 0 where it is plain. */
size_t fat_name_slots(const struct fat_name *name);

/* The short name: number 0 for a plain or capital one, else the n of "NAME~n". */
void fat_name_short(const struct fat_name *name, unsigned number, uint8_t out[FAT_SHORT]);

/* The slots, last part first, as they stand before the entry of that short name. */
void fat_name_write(const struct fat_name *name, const uint8_t short_name[FAT_SHORT],
		    uint8_t *slots);

/* Reading: a long name that is gathered slot by slot. Zero-initialise. */
struct fat_gather {
	uint16_t units[FAT_SLOTS * FAT_SLOT_UNITS];
	unsigned expected; /* number of the next slot; 0: none, or complete */
	unsigned slots;
	uint8_t checksum;
};
void fat_gather_slot(struct fat_gather *gather, const uint8_t *slot);
/* The names of the entry behind them; forgets what was gathered. */
void fat_gather_names(struct fat_gather *gather, const uint8_t *entry, struct fat_entry *out);

#endif
