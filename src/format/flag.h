/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The update flag of the jz_sfc layout (facts/bootloaders-and-flash.md 1.6). */
#ifndef RECAM_FORMAT_FLAG_H
#define RECAM_FORMAT_FLAG_H

#include "base/bytes.h"

/* What the stock bootloader does at its next start without the button held. */
enum flag_update {
	FLAG_NONE,               /* nothing: no request in it */
	FLAG_KERNEL_AND_DRIVERS, /* copies backupk over kernel and backupd over driver */
	FLAG_KERNEL,             /* copies backupk over kernel */
	FLAG_DRIVERS,            /* copies backupd over driver */
	FLAG_UNKNOWN_REQUEST,    /* FWGRADEUP= with a value that the bootloader does not know */
};

enum flag_update flag_read(struct rc_span region);

/* "kernel+drivers", "kernel", "drivers"; "none", "unknown". */
const char *flag_update_name(enum flag_update update);

#endif
