/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/capture_line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* md and xxd write so many bytes in a row (md's DISP_LINE_LEN; xxd's default). */
#define COLON_ROW 16u

/* Digits of an address: od -A x has 6, hexdump and od 7, the others 8. */
#define ADDRESS_MIN 6u
#define ADDRESS_MAX 11u

/* How a group of so many digits is to be read. */
static const struct {
	unsigned digits, bytes;
	bool octal;
} groups[] = {
	{ 2, 1, false }, { 4, 2, false }, { 8, 4, false }, { 16, 8, false },
	{ 3, 1, true },  { 6, 2, true },  { 11, 4, true },
};

const char *capture_tool_name(enum capture_tool tool)
{
	static const char *const names[] = { "md", "xxd", "hexdump -C", "hexdump", "od" };

	return names[tool];
}

static size_t token_length(const char *text)
{
	return strcspn(text, " \t");
}

static uint64_t read_digits(const char *text, size_t size, int radix)
{
	char digits[24];
	char *end;
	unsigned long long value;

	if (size == 0 || size >= sizeof(digits) || !isxdigit((unsigned char)text[0]))
		return CAPTURE_NO_ADDRESS;
	memcpy(digits, text, size);
	digits[size] = '\0';
	value = strtoull(digits, &end, radix);
	return *end ? CAPTURE_NO_ADDRESS : value;
}

/* Where the address ends; 0 where text begins with none. */
static size_t read_address(const char *text, struct capture_line *line)
{
	static const int radixes[CAPTURE_RADIXES] = { 16, 8, 10 };
	size_t size = 0;

	while (isxdigit((unsigned char)text[size]))
		size++;
	if (size < ADDRESS_MIN || size > ADDRESS_MAX ||
	    (text[size] && text[size] != ':' && text[size] != ' '))
		return 0;
	for (size_t i = 0; i < CAPTURE_RADIXES; i++)
		line->address[i] = read_digits(text, size, radixes[i]);
	return size;
}

static bool choose_group(const char *token, size_t size, bool colon, struct capture_line *line)
{
	for (size_t i = 0; i < RC_COUNT(groups); i++) {
		if (groups[i].digits != size || (colon && groups[i].octal) ||
		    read_digits(token, size, groups[i].octal ? 8 : 16) == CAPTURE_NO_ADDRESS)
			continue;
		line->digits = groups[i].digits;
		line->group = groups[i].bytes;
		line->octal = groups[i].octal;
		return true;
	}
	return false;
}

/* Value into bytes as the camera, which is little-endian, has it in memory. */
static bool take_group(const char *text, size_t at, struct capture_line *line)
{
	uint64_t value = read_digits(text + at, line->digits, line->octal ? 8 : 16);

	if (value == CAPTURE_NO_ADDRESS && line->digits < 16)
		return false;
	if (line->group < 8 && value >> (8 * line->group))
		return false;
	line->column[line->count / line->group] = (uint16_t)at;
	for (unsigned i = 0; i < line->group; i++)
		line->bytes[line->count++] = (uint8_t)(value >> (8 * i));
	return true;
}

/* xxd's last group may have fewer bytes. */
static bool take_rest(const char *text, size_t at, size_t size, struct capture_line *line,
		      size_t *end)
{
	uint64_t value = read_digits(text + at, size, 16);
	size_t bytes = size / 2;

	if (value == CAPTURE_NO_ADDRESS || size % 2 || line->count + bytes > COLON_ROW)
		return false;
	line->column[line->count / line->group] = (uint16_t)at;
	for (size_t i = 0; i < bytes; i++)
		line->bytes[line->count++] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
	*end = at + size;
	return true;
}

/* Reads the groups; false where one of them is not what the first was. *at is behind them. */
static bool read_groups(const char *text, size_t *at, bool colon, struct capture_line *line)
{
	size_t most = colon ? COLON_ROW : CAPTURE_ROW_MAX;

	for (;;) {
		size_t blanks = strspn(text + *at, " ");
		const char *token = text + *at + blanks;
		size_t size = token_length(token);

		/* Two blanks part hexdump -C's halves; more, or a mark, begin the ASCII column. */
		if (size == 0 || blanks > 2 || *token == '|' || *token == '>')
			return line->count > 0;
		if (line->count + (line->count ? line->group : 1) > most)
			return line->count > 0;
		if (line->count == 0 && !choose_group(token, size, colon, line))
			return false;
		if (colon && size < line->digits && blanks == 1)
			return take_rest(text, (size_t)(token - text), size, line, at);
		if (size != line->digits || blanks == 0 ||
		    !take_group(text, (size_t)(token - text), line))
			return false;
		*at += blanks + size;
	}
}

static void reverse_groups(struct capture_line *line)
{
	for (size_t from = 0; from + line->group <= line->count; from += line->group) {
		for (size_t i = 0; i < line->group / 2; i++) {
			uint8_t *a = &line->bytes[from + i];
			uint8_t *b = &line->bytes[from + line->group - 1 - i];
			uint8_t swapped = *a;

			*a = *b;
			*b = swapped;
		}
	}
	line->big_endian = !line->big_endian;
}

static char shown(uint8_t byte)
{
	return byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
}

/* The ASCII column at column says what the bytes say. Blanks at a line's end are lost. */
static bool ascii_agrees(const char *text, size_t column, const struct capture_line *line)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < line->count; i++) {
		if ((column + i < size ? text[column + i] : ' ') != shown(line->bytes[i]))
			return false;
	}
	return true;
}

/* md puts four blanks before its ASCII column, xxd two; the order of bytes in xxd's groups
 * is that of the file. The column itself says which of them a line is from. */
static bool check_colon_row(const char *text, size_t colon, struct capture_line *line)
{
	static const struct {
		enum capture_tool tool;
		unsigned blanks;
		bool big_endian;
	} variants[] = { { CAPTURE_MD, 4, false },
			 { CAPTURE_XXD, 2, true },
			 { CAPTURE_XXD, 2, false } };
	size_t row = COLON_ROW / line->group;

	for (size_t i = 0; i < RC_COUNT(variants); i++) {
		size_t column = colon + 1 + row * (line->digits + 1) + variants[i].blanks;

		if (line->big_endian != variants[i].big_endian)
			reverse_groups(line);
		if (!ascii_agrees(text, column, line))
			continue;
		/* Nothing may stand behind it. */
		if (strlen(text) > column + line->count)
			continue;
		line->tool = variants[i].tool;
		line->ascii = (uint16_t)column;
		return true;
	}
	return false;
}

/* "|...|" of hexdump -C, ">...<" of od's z; the others have none. */
static bool check_plain_row(const char *text, size_t at, struct capture_line *line)
{
	const char *mark = text + at + strspn(text + at, " ");
	char close = *mark == '|' ? '|' : '<';

	line->tool = line->octal || line->group != 2 ? CAPTURE_OD : CAPTURE_HEXDUMP;
	if (!*mark)
		return true;
	if ((*mark != '|' && *mark != '>') || line->group != 1)
		return false;
	line->tool = *mark == '|' ? CAPTURE_HEXDUMP_C : CAPTURE_OD;
	line->ascii = (uint16_t)(mark + 1 - text);
	return strlen(mark) == line->count + 2 && mark[line->count + 1] == close &&
	       ascii_agrees(text, line->ascii, line);
}

static enum capture_line_kind read_row(const char *text, size_t address_end,
				       struct capture_line *line)
{
	bool colon = text[address_end] == ':';
	size_t at = address_end + colon;

	if (!text[at])
		return colon ? CAPTURE_GARBLED : CAPTURE_END;
	if (text[at] != ' ')
		return CAPTURE_NO_DUMP;
	if (!read_groups(text, &at, colon, line))
		return line->count || colon ? CAPTURE_GARBLED : CAPTURE_NO_DUMP;
	return (colon ? check_colon_row(text, address_end, line) : check_plain_row(text, at, line))
		       ? CAPTURE_ROW
		       : CAPTURE_GARBLED;
}

void capture_line_read(const char *text, struct capture_line *line)
{
	size_t end;

	*line = (struct capture_line){ .kind = CAPTURE_NO_DUMP };
	if (strcmp(text, "*") == 0) {
		line->kind = CAPTURE_REPEAT;
		return;
	}
	end = read_address(text, line);
	if (end)
		line->kind = read_row(text, end, line);
}

void capture_line_write(const struct capture_line *line, char *text)
{
	size_t size = strlen(text), end = line->ascii + line->count;
	char digits[24];

	for (size_t at = 0; line->group && at < line->count; at += line->group) {
		size_t bytes = line->count - at < line->group ? line->count - at : line->group;
		size_t width = bytes == line->group ? line->digits : 2 * bytes;
		uint64_t value = 0;

		for (size_t i = 0; i < bytes; i++) {
			bool last_first = line->big_endian || bytes < line->group;

			value |= (uint64_t)line->bytes[at + i]
				 << (8 * (last_first ? bytes - 1 - i : i));
		}
		snprintf(digits, sizeof(digits), line->octal ? "%0*llo" : "%0*llx", (int)width,
			 (unsigned long long)value);
		memcpy(text + line->column[at / line->group], digits, width);
	}
	/* Blanks at the line's end may have been lost; what stands there now may be none. */
	if (line->ascii && end > size) {
		memset(text + size, ' ', end - size);
		text[end] = '\0';
	}
	for (size_t i = 0; line->ascii && i < line->count; i++) {
		size_t at = line->ascii + i;

		text[at] = shown(line->bytes[i]);
	}
}
