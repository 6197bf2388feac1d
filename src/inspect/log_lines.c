/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/log_lines.h"

#include <string.h>

#define ESC 0x1b

bool log_is_text_byte(uint8_t byte)
{
	return (byte >= 0x20 && byte < 0x7f) || (byte && strchr("\t\n\r\b\a\f\x1b", byte));
}

void log_lines_begin(struct log_cursor *cursor, struct rc_span bytes)
{
	*cursor = (struct log_cursor){ .bytes = bytes };
	if (bytes.size >= 2 && bytes.data[0] == 0xff && bytes.data[1] == 0xfe) {
		cursor->wide = true;
		cursor->at = 2;
	}
	if (bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
		cursor->at = 3;
}

/* Length of the escape sequence at data: CSI up to its final byte, OSC up to BEL or ST,
 * else ESC and one byte (ECMA-48). */
static size_t escape_length(const uint8_t *data, size_t size)
{
	size_t at = 2;

	if (size < 2)
		return size;
	if (data[1] == '[') {
		while (at < size && data[at] >= 0x20 && data[at] < 0x40)
			at++;
		return at < size && data[at] >= 0x40 && data[at] < 0x7f ? at + 1 : at;
	}
	if (data[1] == ']') {
		while (at < size && at < 128 && data[at] != '\a' && data[at] != ESC)
			at++;
		return at < size && data[at] == '\a' ? at + 1 : at;
	}
	return data[1] >= 0x20 && data[1] < 0x7f ? 2 : 1;
}

/* Puts one byte where the terminal's cursor stands. */
static void put(struct log_line *line, size_t *column, uint8_t byte)
{
	line->text[*column] = (char)byte;
	(*column)++;
	if (line->size < *column)
		line->size = *column;
}

static void finish(struct log_line *line)
{
	while (line->size &&
	       (line->text[line->size - 1] == ' ' || line->text[line->size - 1] == '\t'))
		line->size--;
	line->text[line->size] = '\0';
}

/* Takes one byte (or escape sequence) in; returns how many bytes that was. */
static size_t take(struct log_cursor *cursor, struct log_line *line, size_t *column)
{
	const uint8_t *data = cursor->bytes.data + cursor->at;
	size_t left = cursor->bytes.size - cursor->at;

	if (*data == ESC)
		return escape_length(data, left);
	if (*data == '\b')
		*column -= *column > 0;
	else if ((*data >= 0x20 && *data < 0x7f) || *data == '\t')
		put(line, column, *data);
	else if (*data != '\a' && *data != '\f' && !(cursor->wide && *data == 0))
		line->junk++;
	return 1;
}

bool log_lines_next(struct log_cursor *cursor, struct log_line *line)
{
	while (cursor->at < cursor->bytes.size) {
		size_t column = 0;

		line->size = 0;
		line->junk = 0;
		line->offset = cursor->at;
		while (cursor->at < cursor->bytes.size && column < LOG_LINE_MAX) {
			uint8_t byte = cursor->bytes.data[cursor->at];

			if (byte == '\n' || byte == '\r') {
				cursor->at++;
				break;
			}
			cursor->at += take(cursor, line, &column);
		}
		finish(line);
		if (line->size || line->junk)
			return true;
	}
	return false;
}
