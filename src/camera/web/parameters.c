/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/web/parameters.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode(struct rc_span text, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];

		if (c == '%') {
			int high = i + 2 < text.size ? hex_digit(text.data[i + 1]) : -1;
			int low = i + 2 < text.size ? hex_digit(text.data[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (uint8_t)(high << 4 | low);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		if (c == 0 || used + 1 >= size)
			return false;
		out[used++] = (char)c;
	}
	out[used] = '\0';
	return true;
}

/* Up to the next mark, which is skipped. */
static struct rc_span next_part(struct rc_span *rest, char mark)
{
	const uint8_t *end = rest->size ? memchr(rest->data, mark, rest->size) : NULL;
	struct rc_span part = { rest->data, end ? (size_t)(end - rest->data) : rest->size };

	*rest = rc_span_sub(*rest, part.size + (end ? 1 : 0), rest->size);
	return part;
}

bool form_value(struct rc_span form, const char *name, char *out, size_t size)
{
	size_t length = strlen(name);

	while (form.size > 0) {
		struct rc_span part = next_part(&form, '&');

		if (part.size > length && memcmp(part.data, name, length) == 0 &&
		    part.data[length] == '=')
			return decode(rc_span_sub(part, length + 1, part.size), out, size);
	}
	return false;
}

bool cookie_value(const char *header, const char *name, char *out, size_t size)
{
	size_t length = strlen(name);

	for (const char *at = header; at; at = strchr(at, ';')) {
		size_t value;

		at += strspn(at, "; ");
		if (strncmp(at, name, length) != 0 || at[length] != '=')
			continue;
		at += length + 1;
		value = strcspn(at, "; ");
		if (value >= size)
			return false;
		memcpy(out, at, value);
		out[value] = '\0';
		return true;
	}
	return false;
}

char *basic_credentials(const char *header, char *out, size_t size)
{
	static const char scheme[] = "Basic ";
	size_t used = 0;
	char *colon;

	if (strncasecmp(header, scheme, strlen(scheme)) != 0)
		return NULL;
	header += strlen(scheme);
	header += strspn(header, " ");
	if (sodium_base642bin((uint8_t *)out, size - 1, header, strlen(header), NULL, &used, NULL,
			      sodium_base64_VARIANT_ORIGINAL))
		return NULL;
	out[used] = '\0';
	colon = strchr(out, ':');
	if (!colon || strlen(out) != used)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

void hide_credentials(char *line)
{
	static const char mark[] = "://";

	for (char *at = line; (at = strstr(at, mark));) {
		size_t size;

		at += strlen(mark);
		/* A password may hold an '@' itself: the last before the host's end is the mark. */
		size = strcspn(at, "/ \t\"'<>");
		while (size > 0 && at[size - 1] != '@')
			size--;
		for (size_t i = 0; i + 1 < size; i++)
			at[i] = '*';
	}
}
