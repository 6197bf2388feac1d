/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BOOT partition of the Mi 360 family: IPL, IPL_CUST, the partition table, U-Boot
 * as XZ in a uImage, and its environment (facts/mstar-mi360.md 1.1 to 1.4). Each part
 * has a checksum but the table.
 */
#ifndef RECAM_FORMAT_MSTAR_BOOT_H
#define RECAM_FORMAT_MSTAR_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "format/mxpt.h"

#define MSTAR_BOOT_SIZE 0x50000u

/* IPL or IPL_CUST. */
struct mstar_ipl {
	uint32_t size;      /* from its own start */
	uint32_t checksum;  /* as the header says */
	uint32_t computed;  /* sum of the words from 0x10 to size */
	bool authenticated; /* a signature follows, and the chip may insist on it */
};

/* Reads the header at the start of span; magic is "IPL_" or "IPLC". RC_EFORMAT where it
 * is not that, is cut, or its sum does not hold. */
int mstar_ipl_parse(struct rc_span span, const char *magic, struct mstar_ipl *ipl,
		    struct rc_error *err);

/* What a boot partition tells about itself; "" where it does not. */
struct mstar_boot {
	struct mxpt table;     /* record_count 0: none was found */
	char version[96];      /* "2015.01 (Sep 15 2020 - 15:53:02)" */
	char build[64];        /* "ipc019_4_0_9_0425-4" */
	char image_name[33];   /* "MVX1##I6g46ec744CM_UBT1501###XVM" */
	char chip[3];          /* "I3", "I6" */
	char prompt[24];       /* "SigmaStar # " */
	char update_file[24];  /* "tf_update.img": what it looks for on a card */
	char sha256[65];       /* of the UBOOT slot, with its fill */
	char sha256_whole[65]; /* of the region, at most MSTAR_BOOT_SIZE bytes */
	uint32_t uboot_at;     /* the slots, from the table or where they usually are */
	uint32_t uboot_slot;
	uint32_t env_at;
	uint32_t env_slot;
};

/* Fills boot with all that can be found, however damaged the rest is. Fails only for
 * want of memory. */
int mstar_boot_parse(struct rc_span region, struct mstar_boot *boot, struct rc_error *err);

/* The U-Boot of a BOOT partition or a whole flash, unpacked; program is the caller's also
 * after a failure. RC_EFORMAT says what does not hold, as IPL_CUST would. */
int mstar_boot_unpack(struct rc_span region, struct rc_buffer *program, struct rc_error *err);

#endif
