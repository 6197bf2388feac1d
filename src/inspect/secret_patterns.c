/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a log tells of the person who kept it: the name in paths and prompts, mail
 * addresses, names and passwords in URLs, the public addresses of house and cloud.
 * Addresses inside a house (192.168..., 10...) are everybody's and stay: they are wanted
 * when a network is looked into.
 */
#include "inspect/secret_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool begins(const struct secret_text *text, size_t at, const char *with)
{
	size_t size = strlen(with);

	return text->size - at >= size &&
	       strncasecmp((const char *)text->data + at, with, size) == 0;
}

static size_t run(const struct secret_text *text, size_t at, const char *more)
{
	size_t end = at;

	while (end < text->size && text->data[end] &&
	       (isalnum(text->data[end]) || strchr(more, text->data[end])))
		end++;
	return end - at;
}

static void home_at(struct secret_text *text, size_t at)
{
	static const char *const homes[] = { "/home/", "/Users/", "\\Users\\", "\\\\Users\\\\",
					     "\\Documents and Settings\\" };

	for (size_t i = 0; i < RC_COUNT(homes); i++) {
		size_t name = at + strlen(homes[i]);

		if (begins(text, at, homes[i]))
			secret_text_take(text, SECRET_ACCOUNT, name, run(text, name, "._-"));
	}
}

/* "name@host": a mail address, or the prompt of a shell. at is the @. */
static void name_at_host(struct secret_text *text, size_t at)
{
	size_t start = at, host = run(text, at + 1, ".-");
	size_t end = at + 1 + host;

	while (start > 0 && (isalnum(text->data[start - 1]) ||
			     strchr("._+-", text->data[start - 1] ? text->data[start - 1] : '!')))
		start--;
	if (start == at || host < 2)
		return;
	/* A prompt begins its line; a mail address has a dot behind the @. */
	if (!memchr(text->data + at + 1, '.', host) &&
	    !(end < text->size && text->data[end] == ':' &&
	      (start == 0 || strchr("\n\r[", text->data[start - 1]))))
		return;
	secret_text_take(text, SECRET_ACCOUNT, start, at - start);
	secret_text_take(text, SECRET_ACCOUNT, at + 1, host);
}

/* "://name:password@". */
static void url_at(struct secret_text *text, size_t at)
{
	size_t name = at + 3, end = name, colon = 0;

	if (!begins(text, at, "://"))
		return;
	while (end < text->size && end - name < 256 && isgraph(text->data[end]) &&
	       text->data[end] != '/' && text->data[end] != '@') {
		if (text->data[end] == ':' && !colon)
			colon = end;
		end++;
	}
	if (end == text->size || text->data[end] != '@' || !colon)
		return;
	secret_text_take(text, SECRET_ACCOUNT, name, colon - name);
	secret_text_take(text, SECRET_PASSPHRASE, colon + 1, end - colon - 1);
}

/* First address and bits of the networks that are nobody's in particular. 193.169.4.0/24
 * is what the cameras' bootloaders have compiled in (facts 4.4). */
static const struct {
	uint32_t address;
	unsigned bits;
} common_networks[] = {
	{ 0x00000000, 8 },  { 0x0a000000, 8 },  { 0x64400000, 10 }, { 0x7f000000, 8 },
	{ 0xa9fe0000, 16 }, { 0xac100000, 12 }, { 0xc0000200, 24 }, { 0xc0a80000, 16 },
	{ 0xc1a90400, 24 }, { 0xc6336400, 24 }, { 0xcb007100, 24 }, { 0xe0000000, 3 },
};

static bool is_common_address(uint32_t address)
{
	for (size_t i = 0; i < RC_COUNT(common_networks); i++) {
		if ((address ^ common_networks[i].address) >> (32 - common_networks[i].bits) == 0)
			return true;
	}
	return false;
}

/* Versions look like addresses: "AppVer=5.5.1.177". */
static bool is_version(const struct secret_text *text, size_t at)
{
	static const char *const signs[] = { "ersion", "AppVer", "_ver", " ver", "firmware" };
	size_t from = at > 24 ? at - 24 : 0;

	for (; from < at; from++) {
		if (text->data[from] == '\n')
			continue;
		for (size_t i = 0; i < RC_COUNT(signs); i++) {
			if (begins(text, from, signs[i]))
				return true;
		}
	}
	return false;
}

static void ipv4_at(struct secret_text *text, size_t at)
{
	uint32_t address = 0;
	size_t end = at;
	uint8_t next;

	if (at > 0 && (isalnum(text->data[at - 1]) ||
		       strchr("._-", text->data[at - 1] ? text->data[at - 1] : '!')))
		return;
	for (unsigned part = 0; part < 4; part++) {
		unsigned value = 0;
		size_t digits = end;

		while (end < text->size && end - digits < 3 && isdigit(text->data[end]))
			value = value * 10 + text->data[end++] - '0';
		if (end == digits || value > 255)
			return;
		address = address << 8 | value;
		if (part < 3 && (end == text->size || text->data[end++] != '.'))
			return;
	}
	next = end < text->size ? text->data[end] : '\n';
	if (isalnum(next) || next == '_' ||
	    (next == '.' && end + 1 < text->size && isdigit(text->data[end + 1])) ||
	    is_common_address(address) || is_version(text, at))
		return;
	secret_text_take(text, SECRET_ADDRESS, at, end - at);
}

/* Global ones begin with 2 or 3. */
static void ipv6_at(struct secret_text *text, size_t at)
{
	size_t size = 0;
	unsigned colons = 0;

	if ((text->data[at] != '2' && text->data[at] != '3') ||
	    (at > 0 && (isalnum(text->data[at - 1]) || text->data[at - 1] == ':')) ||
	    text->size - at < 5 || text->data[at + 4] != ':')
		return;
	while (at + size < text->size && size < 40 &&
	       (isxdigit(text->data[at + size]) || text->data[at + size] == ':'))
		colons += text->data[at + size++] == ':';
	if (colons >= 3 || (colons == 2 && memmem(text->data + at, size, "::", 2)))
		secret_text_take(text, SECRET_ADDRESS, at, size);
}

void secret_patterns_at(struct secret_text *text, size_t at)
{
	switch (text->data[at]) {
	case '/':
	case '\\':
		home_at(text, at);
		break;
	case '@':
		name_at_host(text, at);
		break;
	case ':':
		url_at(text, at);
		break;
	default:
		if (isdigit(text->data[at])) {
			ipv4_at(text, at);
			ipv6_at(text, at);
		}
		break;
	}
}
