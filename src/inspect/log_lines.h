/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a terminal capture as the lines that a person saw: picocom, minicom
 * and PuTTY leave carriage returns, backspaces, escape sequences and line noise in.
 */
#ifndef RECAM_INSPECT_LOG_LINES_H
#define RECAM_INSPECT_LOG_LINES_H

#include <stdbool.h>

#include "base/bytes.h"

/* Longer lines are cut into several. */
#define LOG_LINE_MAX 1000

struct log_line {
	char text[LOG_LINE_MAX +
		  1]; /* printable ASCII and tabs, terminated; empty where all was junk */
	size_t size;
	uint64_t offset; /* of its first byte in the capture */
	size_t junk;     /* bytes in it that no console prints, left out of text */
};

struct log_cursor {
	struct rc_span bytes;
	size_t at;
	bool wide; /* UTF-16, as PowerShell saves a log: every second byte is 0 */
};

void log_lines_begin(struct log_cursor *cursor, struct rc_span bytes);
/* The next line that has anything in it; false at the end. */
bool log_lines_next(struct log_cursor *cursor, struct log_line *line);

/* True for bytes that text from a console can hold. */
bool log_is_text_byte(uint8_t byte);

#endif
