/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/mask.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

/* Words whose value is a secret, as wpa_supplicant, the nvram of the Mi 360 family and the
 * product_config of the others write them (facts/mstar-mi360.md 1.6,
 * facts/bootloaders-and-flash.md 1.5). */
static const char *const secret_words[] = {
	"essid",    "ssid", "psk", "passwd", "passphrase", "password",   "token",
	"key_mgmt", "key",  "did", "hid",    "miio_uid",   "uid",        "bind_key",
	"pin",      "_MAC", "mac", "_SSID",  "_IP",        "encryptkey",
};

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Length of a MAC address at text: six pairs of hex digits with one separator throughout. */
static size_t mac_length(const char *text)
{
	for (size_t i = 0; i < 17; i++) {
		bool separator = i % 3 == 2;

		if (separator ? (text[i] != ':' && text[i] != '-') || text[i] != text[2]
			      : !isxdigit((unsigned char)text[i]))
			return 0;
	}
	return isxdigit((unsigned char)text[17]) || text[17] == ':' ? 0 : 17;
}

/* Length of "word" plus "=", ":", "(" or quotes where text is such; the value lies behind it. */
static size_t secret_prefix(const char *text)
{
	for (size_t i = 0; i < RC_COUNT(secret_words); i++) {
		size_t at = strlen(secret_words[i]);
		bool assigned = false;

		if (strncasecmp(text, secret_words[i], at) != 0 || is_word_byte(text[at]))
			continue;
		for (; text[at] && strchr(" =:(\"'[", text[at]); at++)
			assigned |= text[at] != ' ';
		if (assigned && text[at])
			return at;
	}
	return 0;
}

/* The value ends at its quote where it began with one, else at the next blank or comma. */
static size_t value_length(const char *text, char before)
{
	const char *ends = before == '"' ? "\"" : before == '\'' ? "'" : " \t,;)]\"'&";

	return strcspn(text, ends);
}

void mask_line(const char *line, char *out, size_t out_size)
{
	size_t used = 0;

	while (*line && used + 1 < out_size) {
		size_t mac = mac_length(line);
		size_t prefix = mac ? 0 : secret_prefix(line);
		size_t secret = mac      ? mac
				: prefix ? value_length(line + prefix, line[prefix - 1])
					 : 0;
		char piece[128];

		for (size_t i = 0; i < prefix && used + 1 < out_size; i++)
			out[used++] = *line++;
		if (!prefix && !secret) {
			out[used++] = *line++;
			continue;
		}
		while (secret) {
			size_t part = secret < sizeof(piece) ? secret : sizeof(piece) - 1;

			memcpy(piece, line, part);
			piece[part] = '\0';
			rc_mask_secret(piece, out + used, out_size - used);
			used += strlen(out + used);
			line += part;
			secret -= part;
		}
	}
	if (out_size)
		out[used] = '\0';
}
