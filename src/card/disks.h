/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disks of this computer, and which of them may be a card that is to be written. */
#ifndef RECAM_CARD_DISKS_H
#define RECAM_CARD_DISKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define CARD_MAX_DISKS 64

/* No camera of these reads a larger card, and what is larger is somebody's disk. */
#define CARD_MAX_DISK ((uint64_t)256 << 30)

struct card_disk {
	char name[32];  /* "sdb": what /dev/ and lsblk call it */
	char model[64]; /* "Generic STORAGE DEVICE"; "" not known */
	uint64_t size;  /* bytes */
	char bus[8];    /* "usb", "sd", "" other */
	bool removable;
	char refused[192]; /* why it is not written; "" it may be */
};

/* Those that are removable or on a card reader, and all others that the system's folder root
 * ("" for this computer, a made one in tests) has are left out: /sys/block, and
 * /proc/self/mountinfo and /proc/swaps for what is in use. */
int card_disks(const char *root, struct card_disk disks[CARD_MAX_DISKS], size_t *count,
	       struct rc_error *err);

/* The one of a path such as /dev/sdb; a partition (/dev/sdb1) is refused, and so is what
 * card_disks leaves out. */
int card_disk_find(const char *root, const char *path, struct card_disk *disk,
		   struct rc_error *err);

#endif
