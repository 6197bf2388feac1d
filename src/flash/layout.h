/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the partitions of a flash lie.
 *
 * Offsets and sizes are bytes from the start of the flash. Partitions are in
 * order, do not overlap, and lie wholly inside the flash; gaps are allowed.
 */
#ifndef RECAM_FLASH_LAYOUT_H
#define RECAM_FLASH_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The erase block that everything above works in. The stock T20 bootloaders
 * destroy flash with some smaller lengths (facts/bootloaders-and-flash.md 0.4),
 * and every partition known is a multiple of it. */
#define RC_ERASE_BLOCK 0x10000u

#define RC_PARTITION_NAME 16
#define RC_MAX_PARTITIONS 32
#define RC_MAX_FLASH      (64u * 1024 * 1024)

struct partition {
	char name[RC_PARTITION_NAME];
	uint32_t offset;
	uint32_t size;
};

struct layout {
	uint32_t flash_size;
	size_t count;
	struct partition partitions[RC_MAX_PARTITIONS];
};

/* Parses the kernel's "mtdparts=" syntax for one device, with or without the
 * "mtdparts=" and the device name: "jz_sfc:256k(boot),2048k(kernel),-(rest)",
 * sizes with k, m or plain bytes (0x allowed), "@offset", "ro" suffix ignored.
 * "-" takes what is left of flash_size. text need not be terminated. */
int layout_parse_mtdparts(const char *text, size_t size, uint32_t flash_size, struct layout *layout,
			  struct rc_error *err);

/* The partition of that name, or NULL. "boot" and "uboot", "root" and "rootfs"
 * are the same (contracts/recam.md, FIRMWARE). */
const struct partition *layout_find(const struct layout *layout, const char *name);

/* The partition that holds offset, or NULL. */
const struct partition *layout_at(const struct layout *layout, uint32_t offset);

#endif
