/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the lines of a console say: one table, read by log.c and judged by log_judge.c. */
#ifndef RECAM_INSPECT_LOG_RULES_H
#define RECAM_INSPECT_LOG_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* Things that happen on the way from power-on to the camera's application. */
enum log_event {
	EV_NONE, /* the rule's finding says it all */
	/* The bootloader's stages. */
	EV_SPL,
	EV_IPL,
	EV_UBOOT,
	EV_VERSION, /* "Version: I6g..." */
	EV_MSTAR,
	EV_OPEN_BUILD,
	EV_T10,
	EV_DRAM,
	EV_PROMPT,
	EV_DEFAULT_ENV,
	/* The flash as the bootloader sees it. */
	EV_ID_CODE,
	EV_ID_UNKNOWN,
	EV_MAKER_UNKNOWN,
	EV_FLASH_SILENT,
	EV_PAST_SIZE,
	EV_LEN_PLUS_OFFSET,
	/* The card. */
	EV_CARD_UNREADABLE,
	EV_CARD_NONE,
	EV_CARD_FAT,
	EV_CARD_NOT_FAT,
	EV_CARD_FILE_MISSING,
	EV_LINUX_CARD,
	/* The card update. */
	EV_DEMO_SEEN,   /* demo.bin named outside of the update itself */
	EV_AUTO_UPDATE, /* once in each start */
	EV_BUTTON_ASKED,
	EV_BUTTON_HELD,
	EV_READING_UPDATE,
	EV_READING_OTHER, /* flash-*.bin of the open builds */
	EV_UPDATE_CHECKED,
	EV_UPDATE_REFUSED,
	EV_ERASING,
	EV_WRITING,
	EV_ERASE_FAILED,
	EV_WRITE_FAILED,
	EV_COMMAND_FAILED, /* of sf: typed, or by the Mi 360 itself */
	EV_COPY_CRC,
	EV_BLUE_OFF,
	EV_MSTAR_WRITTEN,
	EV_PENDING_COPY,
	EV_FLAG_ERASE,
	EV_READ_START,
	EV_RENAMED,
	/* The start. */
	EV_BOOTM,
	EV_IMAGE_NAME,
	EV_STARTING,
	EV_LINUX,
	EV_CMDLINE,
	EV_PANIC,
	EV_NO_ROOT,
	EV_SQUASHFS_ERROR,
	EV_USERSPACE,
	EV_COUNT
};

struct log_rule {
	/* Substring of the line; '^' first: its beginning; '*': anything in between. */
	const char *pattern;
	enum log_event event;
	const char *finding; /* id: this line alone is enough for it; NULL: see the judge */
	const char *partition;
};

const struct log_rule *log_rules(size_t *count);

/* Lines that look like errors and are not (facts/bootloaders-and-flash.md 3.3). */
struct log_noise {
	const char *pattern;
	const char *why;
};
const struct log_noise *log_noises(size_t *count);

bool log_matches(const char *line, const char *pattern);

#endif
