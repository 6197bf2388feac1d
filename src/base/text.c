/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct rc_text *text, size_t more)
{
	size_t room = text->room ? text->room : 128;
	char *grown;

	if (text->failed)
		return false;
	while (room < text->size + more + 1)
		room *= 2;
	if (room == text->room)
		return true;
	grown = realloc(text->data, room);
	if (!grown) {
		text->failed = true;
		return false;
	}
	text->data = grown;
	text->room = room;
	return true;
}

void rc_text_add_bytes(struct rc_text *text, const char *data, size_t size)
{
	if (size == 0 || !reserve(text, size)) /* nothing may have no address */
		return;
	memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = '\0';
}

void rc_text_add(struct rc_text *text, const char *format, ...)
{
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size < 0 || !reserve(text, (size_t)size))
		return;
	va_start(args, format);
	vsnprintf(text->data + text->size, (size_t)size + 1, format, args);
	va_end(args);
	text->size += (size_t)size;
}

void rc_text_add_escaped(struct rc_text *text, const uint8_t *data, size_t size, size_t limit)
{
	for (size_t i = 0; i < size && i < limit; i++) {
		if (data[i] >= 0x20 && data[i] < 0x7f)
			rc_text_add_bytes(text, (const char *)&data[i], 1);
		else
			rc_text_add(text, "\\x%02x", data[i]);
	}
	if (size > limit)
		rc_text_add(text, "...");
}

const char *rc_text_get(const struct rc_text *text)
{
	return text->data ? text->data : "";
}

void rc_text_free(struct rc_text *text)
{
	free(text->data);
	*text = (struct rc_text){ 0 };
}

char *rc_size_text(char buffer[RC_SIZE_TEXT], uint64_t bytes)
{
	static const char *const unit[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	size_t i = 0;

	if (bytes < 1024) {
		snprintf(buffer, RC_SIZE_TEXT, "%u bytes", (unsigned)bytes);
		return buffer;
	}
	for (value /= 1024; value >= 1024 && i + 1 < sizeof(unit) / sizeof(unit[0]); i++)
		value /= 1024;
	if (value == (double)(uint64_t)value)
		snprintf(buffer, RC_SIZE_TEXT, "%.0f %s", value, unit[i]);
	else
		snprintf(buffer, RC_SIZE_TEXT, "%.1f %s", value, unit[i]);
	return buffer;
}

char *rc_duration_text(char buffer[RC_DURATION_TEXT], double seconds)
{
	unsigned long whole = seconds > 0 && seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 0;

	if (whole >= 3600)
		snprintf(buffer, RC_DURATION_TEXT, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60,
			 whole % 60);
	else
		snprintf(buffer, RC_DURATION_TEXT, "%lu:%02lu", whole / 60, whole % 60);
	return buffer;
}

static bool is_mac(const char *text)
{
	size_t size = strlen(text);
	size_t digits = 0;

	for (size_t i = 0; i < size; i++) {
		if (isxdigit((unsigned char)text[i]))
			digits++;
		else if (text[i] != ':' && text[i] != '-')
			return false;
	}
	return digits == 12 && (size == 12 || size == 17);
}

void rc_mask_secret(const char *secret, char *out, size_t out_size)
{
	bool mac = is_mac(secret);
	size_t size = strlen(secret);

	if (out_size == 0)
		return;
	for (size_t i = 0; i + 1 < out_size && i < size; i++) {
		bool keep = mac && (i < 2 || i + 2 >= size || !isxdigit((unsigned char)secret[i]));

		out[i] = keep ? secret[i] : '*';
	}
	out[size < out_size ? size : out_size - 1] = '\0';
}

static bool parse(const char *text, int base, uint64_t max, uint64_t *value)
{
	uint64_t sum = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		int c = tolower((unsigned char)*text);
		int digit = isdigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : base;

		if (digit >= base || sum > (max - (uint64_t)digit) / (uint64_t)base ||
		    (uint64_t)digit > max)
			return false;
		sum = sum * (uint64_t)base + (uint64_t)digit;
	}
	*value = sum;
	return true;
}

bool rc_parse_hex(const char *text, uint64_t max, uint64_t *value)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	return parse(text, 16, max, value);
}

bool rc_parse_number(const char *text, uint64_t max, uint64_t *value)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return rc_parse_hex(text, max, value);
	return parse(text, 10, max, value);
}
