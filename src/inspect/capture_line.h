/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of a hex dump, as people's terminals kept it: U-Boot's md (common/cmd_mem.c),
 * hexdump and hexdump -C (util-linux and busybox), od (coreutils and busybox), xxd. Text
 * in, bytes out and back again; which address is which place is capture.h's business.
 */
#ifndef RECAM_INSPECT_CAPTURE_LINE_H
#define RECAM_INSPECT_CAPTURE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum capture_tool { CAPTURE_MD, CAPTURE_XXD, CAPTURE_HEXDUMP_C, CAPTURE_HEXDUMP, CAPTURE_OD };
const char *capture_tool_name(enum capture_tool tool);

enum capture_line_kind {
	CAPTURE_NO_DUMP, /* anything else that a console prints */
	CAPTURE_ROW,     /* an address and bytes; its ASCII column, if any, agrees */
	CAPTURE_GARBLED, /* begins as a row, and is none */
	CAPTURE_REPEAT,  /* "*": the last row again, up to the next address */
	CAPTURE_END,     /* an address alone, behind the last byte of hexdump or od */
};

#define CAPTURE_ROW_MAX 64   /* bytes in a row: od -w64 */
#define CAPTURE_TEXT    2048 /* of a line, or of two that a terminal made of one */

/* Addresses of hexdump and od are hex, octal or decimal, and a line alone does not say
 * which. CAPTURE_NO_ADDRESS: the digits are none of that radix. */
enum capture_radix { CAPTURE_HEX, CAPTURE_OCTAL, CAPTURE_DECIMAL, CAPTURE_RADIXES };
#define CAPTURE_NO_ADDRESS UINT64_MAX

struct capture_line {
	enum capture_line_kind kind;
	enum capture_tool tool;
	uint64_t address[CAPTURE_RADIXES];
	uint8_t bytes[CAPTURE_ROW_MAX];
	size_t count;
	/* How the bytes are written: groups of so many bytes and digits, where the first digit
	 * of each stands, and where the ASCII column begins (0: there is none). */
	unsigned group, digits;
	bool octal;
	bool big_endian; /* the order of bytes in a group: xxd's, else the camera's */
	uint16_t column[CAPTURE_ROW_MAX];
	uint16_t ascii;
};

/* Reads one line (terminated, without control bytes). */
void capture_line_read(const char *text, struct capture_line *line);

/* Puts line->bytes (changed by the caller) into text at the places that they were read
 * from: the same columns, the same digits. text is the one that was read, with room for
 * CAPTURE_TEXT bytes. */
void capture_line_write(const struct capture_line *line, char *text);

#endif
