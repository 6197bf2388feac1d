/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a card's bytes are: an SD card in a reader, an image file, or memory that misbehaves
 * as cheap cards do (tests). Whoever writes a card works on this.
 */
#ifndef RECAM_CARD_DEVICE_H
#define RECAM_CARD_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct card_device;

/* Offsets and sizes are multiples of CARD_SECTOR. All or nothing is read; what was written of
 * a write that failed is not known. */
struct card_device_ops {
	int (*read)(struct card_device *device, uint64_t offset, uint8_t *bytes, size_t size,
		    struct rc_error *err);
	int (*write)(struct card_device *device, uint64_t offset, const uint8_t *bytes, size_t size,
		     struct rc_error *err);
	/* Waits until all that was written is on the card. */
	int (*flush)(struct card_device *device, struct rc_error *err);
	void (*close)(struct card_device *device);
};

struct card_device {
	const struct card_device_ops *ops;
	uint64_t size; /* bytes, as it says itself */
	bool is_file;  /* its room is the computer's own, and not tried */
	char name[96]; /* for messages: "/dev/sdb", "card.img" */
};

/* A card in a reader, to be written: for us alone (a mounted one is refused), and past the
 * computer's own cache, so that what is read comes from the card. */
int card_open_disk(const char *path, struct card_device **device, struct rc_error *err);

/* A new image file. RC_EREFUSED where the path is taken. */
int card_create_file(const char *path, uint64_t size, struct card_device **device,
		     struct rc_error *err);

void card_close(struct card_device *device); /* NULL is allowed */

#endif
