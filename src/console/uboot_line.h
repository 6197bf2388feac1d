/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the U-Boot console share; not for other floors. */
#ifndef RECAM_CONSOLE_UBOOT_LINE_H
#define RECAM_CONSOLE_UBOOT_LINE_H

#include "console/uboot.h"

/* How often a thing is tried again before the line is called too bad. At one byte in
 * 10,000 wrong a command of 100 bytes both ways fails once in 100 tries. */
#define UBOOT_TRIES 8

#define UBOOT_CTRL_C "\x03"

/* Types and enters a command whose echo was right; its answer is not waited for. */
int uboot_enter(struct uboot *uboot, const char *command, struct rc_error *err);

/* Ctrl-C until a fresh prompt comes: the line is empty then. */
int uboot_sync(struct uboot *uboot, struct rc_error *err);

/* Takes answer apart. 0; RC_EFORMAT: not clear, ask again; else failed for good. */
typedef int (*uboot_reader)(void *context, struct rc_span answer, struct rc_error *err);

/* A command that may be repeated, until reader is content with its answer. */
int uboot_ask(struct uboot *uboot, const char *command, unsigned limit_ms, uboot_reader reader,
	      void *context, struct rc_error *err);

/* Makes RAM equal to data where it is not, by mw.l; address and size are multiples of 4.
 * Nothing is proven after it. sent may be NULL. */
int uboot_type_words(struct uboot *uboot, uint32_t address, const uint8_t *data, size_t size,
		     void (*sent)(void *context, size_t bytes), void *context,
		     struct rc_error *err);

#endif
