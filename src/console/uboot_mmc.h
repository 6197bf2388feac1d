/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An SD card in the camera's slot, by U-Boot's mmc and fatload commands. */
#ifndef RECAM_CONSOLE_UBOOT_MMC_H
#define RECAM_CONSOLE_UBOOT_MMC_H

#include "console/uboot.h"

#define MMC_BLOCK 512u

enum mmc_verdict {
	MMC_UNCLEAR, /* ask again */
	MMC_OK,
	MMC_FAILED, /* begun and not finished: the card is bad, or was pulled out */
	MMC_ABSENT, /* no card, no such file on it, or no such command */
};

/* "MMC write: dev # 0, block # 126976, count 2048 ... 2048 blocks write: OK" with the
 * numbers asked for. */
enum mmc_verdict mmc_parse(struct rc_span answer, bool write, uint32_t block, uint32_t count);
/* "reading kernel.bin", "65536 bytes read in 5 ms (12.5 MiB/s)". */
enum mmc_verdict fatload_parse(struct rc_span answer, uint32_t *size);

/* Looks for a card anew, as after one was put in. RC_ENOTFOUND: there is none, or this
 * bootloader cannot tell. */
int uboot_mmc_rescan(struct uboot *uboot, struct rc_error *err);
/* RAM to and from blocks of the card. RC_ENOTFOUND: no card. RC_EIO: the card failed. */
int uboot_mmc(struct uboot *uboot, bool write, uint32_t address, uint32_t block, uint32_t count,
	      struct rc_error *err);
/* size bytes of a file on the first partition, from position, to RAM; *got is how many
 * came. RC_ENOTFOUND: no card, or no such file. */
int uboot_fatload(struct uboot *uboot, uint32_t address, const char *name, uint32_t size,
		  uint32_t position, uint32_t *got, struct rc_error *err);

#endif
