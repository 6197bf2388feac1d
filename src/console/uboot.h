/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A camera's U-Boot console: its prompt won, commands sent, answers taken.
 *
 * The line may lose and change bytes both ways. So a command is sent without its
 * Enter first and its echo compared; only the right one is entered. What comes back
 * is parsed strictly and asked for again where it is not clear, and memory that was
 * read is proven by the camera's own CRC-32.
 */
#ifndef RECAM_CONSOLE_UBOOT_H
#define RECAM_CONSOLE_UBOOT_H

#include "console/answer.h"
#include "console/expect.h"

/* What differs between families of bootloaders. Pure data. */
struct uboot_dialect {
	const char *name;           /* as boards/ say it: "ingenic" */
	const char *const *prompts; /* those known, NULL ends; any other is learned */
	const char *autoboot_key;   /* stops autoboot, does nothing at the prompt */
	bool empty_line_repeats;    /* Enter alone does the last command again */
	uint32_t load_address;      /* RAM that is free for flash data */
	uint32_t load_size;
	const char *probe; /* finds the flash */
	const char *boot;  /* does what a start does */
	/* What only this family prints, and only as it starts; NULL ends. NULL: it is the family
	 * that is taken where nothing else was seen. */
	const char *const *signs;
	bool no_countdown;        /* the key must be there when it looks, soon after the signs */
	const char *const *noise; /* drivers print lines that begin so into any answer; NULL ends */
	uint32_t sector;          /* offsets and sizes of erases and writes are multiples of it */
	bool has_loady;           /* takes files over the line */
};

extern const struct uboot_dialect uboot_ingenic, uboot_mstar;

/* How to wait for a camera that is not at its prompt. */
struct uboot_wait {
	/* Told when a person must do something; may be NULL. */
	void (*ask)(void *context, const char *text);
	void *context;
	unsigned patience_ms;
};

struct uboot {
	struct expect in;
	const struct uboot_dialect *dialect;
	char prompt[24];   /* as learned, with its last space */
	char needle[26];   /* line end and prompt: ends every answer */
	uint64_t commands; /* entered */
	uint64_t retries;  /* typed or asked again because something was damaged */
	bool left;         /* the camera went on to start: no prompt any more */
	/* Where it said that it runs, if its start was seen; 0 else. */
	uint32_t running_at;
};

/* stream is borrowed. Nothing is sent yet. */
int uboot_init(struct uboot *uboot, struct stream *stream, const struct uboot_dialect *dialect,
	       struct rc_error *err);
void uboot_free(struct uboot *uboot);

/* Gets to the prompt: asks for it with Ctrl-C, or stops autoboot when the camera is
 * switched on within patience_ms. */
int uboot_win_prompt(struct uboot *uboot, const struct uboot_wait *wait, struct rc_error *err);

/* Enters one command, once its echo was right, and takes what comes until the next
 * prompt. *answer is valid until the next call. Never empty: on an empty line U-Boot
 * does the last command again. limit_ms: longest that it may take. */
int uboot_command(struct uboot *uboot, const char *command, unsigned limit_ms,
		  struct rc_span *answer, struct rc_error *err);

/* Enters "boot" and leaves: what comes then is the caller's to read from the stream. */
int uboot_boot(struct uboot *uboot, struct rc_error *err);

int uboot_version(struct uboot *uboot, char version[VERSION_TEXT], struct rc_error *err);
/* sf probe, believed when two answers were equal. RC_EUNSUPPORTED is for the caller to
 * say: probe->refused and probe->failed are answers too. */
int uboot_probe(struct uboot *uboot, struct probe_answer *probe, struct rc_error *err);
/* Bytes that the bootloader can address: it names them when it refuses a read beyond. */
int uboot_flash_reach(struct uboot *uboot, uint32_t *size, struct rc_error *err);

/* Flash to RAM, erase, RAM to flash; address is not used to erase. RC_EREFUSED, and
 * nothing sent, unless offset and size are multiples of the dialect's sector (law 4). */
int uboot_sf(struct uboot *uboot, enum sf_verb verb, uint32_t address, uint32_t offset,
	     uint32_t size, struct rc_error *err);

/* CRC-32 of RAM as the camera computes it. */
int uboot_crc32(struct uboot *uboot, uint32_t address, uint32_t size, uint32_t *crc,
		struct rc_error *err);
/* The same, believed when two answers were equal. */
int uboot_crc32_twice(struct uboot *uboot, uint32_t address, uint32_t size, uint32_t *crc,
		      struct rc_error *err);

/* Reads RAM and proves it by the camera's CRC-32. address and size are multiples of 16. */
int uboot_read_memory(struct uboot *uboot, uint32_t address, uint8_t *out, size_t size,
		      struct rc_error *err);

/* Brings data to RAM and proves it by the camera's CRC-32: by Ymodem, or where the dialect
 * has no loady by typing the words that differ from what is there (about UBOOT_TYPED_RATE
 * bytes a second). sent (may be NULL) is told of bytes that arrived. */
int uboot_load(struct uboot *uboot, uint32_t address, const uint8_t *data, size_t size,
	       void (*sent)(void *context, size_t bytes), void *context, struct rc_error *err);

/* Bytes a second that can be typed as words, at 115200 baud. */
#define UBOOT_TYPED_RATE 800.0

/* Bytes on the wire for one payload byte read with md.l, and for one CRC-32 of a range. */
#define UBOOT_READ_WIRE_FACTOR (67.0 / 16.0)
#define UBOOT_CRC_WIRE_BYTES   90u

#endif
