/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A root shell of a camera's Linux on a stream: logged in, commands sent, answers taken.
 *
 * The line may lose and change bytes, and the kernel and the camera's own programs print
 * on it as well. So a command is entered only once its echo was right, and answers come
 * through the camera's gzip, whose own CRC-32 proves them. The stock busybox has gzip, and
 * no base64, uuencode, hexdump, od or stty (their links lead to nothing).
 */
#ifndef RECAM_CONSOLE_SHELL_H
#define RECAM_CONSOLE_SHELL_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"
#include "console/expect.h"

#define SHELL_MAX_MTD  32
#define SHELL_MTD_NAME 16

/* What the camera prints, taken apart. Pure. */

struct shell_mtd {
	size_t count;
	struct {
		uint32_t offset, size, erase_size; /* offset: the partitions lie end to end */
		char name[SHELL_MTD_NAME];
	} parts[SHELL_MAX_MTD];
	uint32_t total;
};
/* /proc/mtd, every line of it and in order; false where it is anything else. */
bool shell_parse_mtd(struct rc_span answer, struct shell_mtd *mtd);

/* JEDEC id from the kernel's messages: "the id code = 1c7018" (jz_sfc), or "Flash is
 * detected (0x0509, 0xC2, 0x20, 0x18)" (MStar). 0 where neither is there. */
uint32_t shell_parse_flash_id(struct rc_span messages);

/* The number in "root=/dev/mtdblock2" of /proc/cmdline, or -1. */
int shell_parse_root(struct rc_span cmdline);

/* Where /proc/mounts says that /dev/mtdblockNUMBER is mounted. False: it is not. */
#define SHELL_PATH 64
bool shell_parse_mounted(struct rc_span mounts, unsigned number, char where[SHELL_PATH]);

/* The gzip stream that came over a terminal, which makes CR LF of each LF: from its magic
 * to the end. False where none begins. What it is worth, its own CRC-32 tells. */
bool shell_parse_gzip(struct rc_span answer, struct rc_buffer *out);

/* Bytes as lines that "while read -r l; do printf "$l"; done" makes bytes of again; a line
 * with a dot alone ends them. */
bool shell_make_lines(struct rc_span data, struct rc_buffer *out);

enum shell_sight {
	SHELL_NOTHING,  /* no end that is waiting for somebody */
	SHELL_LOGIN,    /* "Ingenic-uc1_1 login: " */
	SHELL_PASSWORD, /* "Password: " */
	SHELL_ENTER,    /* "Please press Enter to activate this console." */
	SHELL_ROOT,     /* ends in # */
	SHELL_USER,     /* ends in $ */
	SHELL_UBOOT,    /* a bootloader's prompt */
};
/* What the last line of a console is. *line is that line, without escape sequences at
 * its end. */
enum shell_sight shell_look(struct rc_span text, struct rc_span *line);

/* The conversation. */

struct shell_wait {
	/* Told when a person must do something; may be NULL. */
	void (*ask)(void *context, const char *text);
	/* The password of root for the try (0, 1, ...) after this login prompt; RC_ENOTFOUND
	 * where there is none to try any more. */
	int (*password)(void *context, const char *login, unsigned try, char *out, size_t size,
			struct rc_error *err);
	void *context;
	unsigned patience_ms;
};

struct shell {
	struct expect in;
	bool logged_in;    /* by us: log out at the end */
	bool started;      /* our own shell runs inside the one that was found */
	char login[64];    /* the login prompt as found, "" none was */
	uint64_t commands; /* entered */
	uint64_t retries;
};

/* stream is borrowed. Nothing is sent yet. */
int shell_init(struct shell *shell, struct stream *stream, struct rc_error *err);
void shell_free(struct shell *shell);

/* Finds a root shell, or logs in, and starts a shell of our own inside it. */
int shell_win(struct shell *shell, const struct shell_wait *wait, struct rc_error *err);
/* Leaves the line as it was found. */
void shell_leave(struct shell *shell);

/* Enters one command, once its echo was right, and takes what comes until the prompt.
 * *answer is valid until the next call. limit_ms: longest silence. Commands of at most
 * SHELL_COMMAND bytes: a longer line would wrap in the shell's line editing. */
#define SHELL_COMMAND 68
int shell_command(struct shell *shell, const char *command, unsigned limit_ms,
		  struct rc_span *answer, struct rc_error *err);

/* Enters a command that reads text from the terminal, and gives it that text (whole
 * lines, the last of which ends it). What arrived is the caller's to prove. sent (may be
 * NULL) is told of bytes. */
int shell_feed(struct shell *shell, const char *command, struct rc_span text,
	       void (*sent)(void *context, size_t bytes), void *context, struct rc_error *err);

#endif
