/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/secret_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Words, and what stands behind them: as wpa_supplicant, the drivers' messages, miio, the
 * nvram of the Mi 360 family and the files of the others have them (facts/mstar-mi360.md 1.6,
 * facts/bootloaders-and-flash.md 1.5). least: a shorter value is something else. */
static const struct secret_word {
	const char *word;
	enum secret_kind kind;
	unsigned least;
} words[] = {
	{ "ssid", SECRET_SSID, 1 },
	{ "essid", SECRET_SSID, 1 },
	{ "miio_ssid", SECRET_SSID, 1 },
	{ "UserRelated_SSID", SECRET_SSID, 1 },
	{ "psk", SECRET_PASSPHRASE, 8 },
	{ "passphrase", SECRET_PASSPHRASE, 8 },
	{ "wpa_passphrase", SECRET_PASSPHRASE, 8 },
	{ "passwd", SECRET_PASSPHRASE, 3 },
	{ "miio_passwd", SECRET_PASSPHRASE, 1 },
	{ "password", SECRET_PASSPHRASE, 3 },
	{ "passwort", SECRET_PASSPHRASE, 3 },
	{ "pwd", SECRET_PASSPHRASE, 3 },
	{ "wep_key0", SECRET_PASSPHRASE, 5 },
	{ "secret", SECRET_KEY, 8 },
	{ "app_secret", SECRET_KEY, 8 },
	{ "access_key", SECRET_KEY, 8 },
	{ "bind_key", SECRET_KEY, 8 },
	{ "bindkey", SECRET_KEY, 8 },
	{ "encryptkey", SECRET_KEY, 8 },
	{ "key", SECRET_KEY, 12 },
	{ "NETRELATED_IP", SECRET_KEY, 8 },
	{ "token", SECRET_TOKEN, 8 },
	{ "miio_token", SECRET_TOKEN, 8 },
	{ "Bearer", SECRET_TOKEN, 8 },
	{ "did", SECRET_ID, 5 },
	{ "miio_did", SECRET_ID, 5 },
	{ "uid", SECRET_ID, 5 },
	{ "miio_uid", SECRET_ID, 5 },
	{ "hid", SECRET_ID, 4 },
	{ "fid", SECRET_ID, 5 },
	{ "serial", SECRET_ID, 6 },
	{ "serial#", SECRET_ID, 6 },
	{ "serialno", SECRET_ID, 6 },
	{ "serial_number", SECRET_ID, 6 },
	{ "SerialNumber", SECRET_ID, 6 },
	{ "Snr", SECRET_ID, 6 },
	{ "sn", SECRET_ID, 8 },
	{ "device_id", SECRET_ID, 5 },
	{ "deviceid", SECRET_ID, 5 },
	{ "mac", SECRET_MAC, 12 },
	{ "macaddr", SECRET_MAC, 12 },
	{ "ethaddr", SECRET_MAC, 12 },
	{ "wlanaddr", SECRET_MAC, 12 },
	{ "rtw_initmac", SECRET_MAC, 12 },
	{ "NETRELATED_MAC", SECRET_MAC, 12 },
	{ "UserRelated_UID", SECRET_ID, 12 },
	{ "username", SECRET_ACCOUNT, 1 },
	{ "latitude", SECRET_PLACE, 4 },
	{ "longitude", SECRET_PLACE, 4 },
};

/* Values that are none: a program's own words for nothing, and for what it fills in. */
static const char *const nothings[] = { "none", "null", "(null)",  "nil",   "true",  "false",
					"any",  "auto", "default", "off",   "hide",  "hidden",
					"open", "root", "admin",   "error", "failed" };

static bool is_word_byte(uint8_t c)
{
	return isalnum(c) || c == '_';
}

static bool is_nothing(const uint8_t *value, size_t size)
{
	if (size == 0 || strchr("$%<`{*", value[0]))
		return true;
	for (size_t i = 0; i < RC_COUNT(nothings); i++) {
		if (strlen(nothings[i]) == size &&
		    strncasecmp((const char *)value, nothings[i], size) == 0)
			return true;
	}
	return false;
}

static bool has_digit(const uint8_t *value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (isdigit(value[i]))
			return true;
	}
	return false;
}

/* A key, token or id is no word of a sentence. */
static bool fits(const struct secret_word *word, const uint8_t *value, size_t size)
{
	if (size < word->least || is_nothing(value, size))
		return false;
	switch (word->kind) {
	case SECRET_KEY:
	case SECRET_TOKEN:
	case SECRET_ID:
	case SECRET_PLACE:
		return has_digit(value, size) && !memchr(value, ' ', size);
	default:
		return true;
	}
}

void secret_text_take(struct secret_text *text, enum secret_kind kind, size_t at, size_t size)
{
	struct secret *secret = secrets_add(text->secrets, kind, text->data + at, size,
					    text->offset + (text->packed ? 0 : at), text->name);

	if (!secret || secret->everywhere)
		return;
	secrets_put(secret, text->data + at, size);
	text->changed++;
}

/* "0200005EC0DE|00000001|KEY|0000": the MAC and numbers that belong together. */
static void take_parts(struct secret_text *text, size_t at, size_t size)
{
	size_t end = at + size;

	while (at < end) {
		const uint8_t *bar = memchr(text->data + at, '|', end - at);
		size_t part = bar ? (size_t)(bar - text->data) - at : end - at;
		uint8_t mac[6];
		bool is_mac = part == 12 && mac_read(text->data + at, part, mac);

		secret_text_take(text, is_mac ? SECRET_MAC : SECRET_ID, at, part);
		at += part + 1;
	}
}

/* The first 12 digits are the MAC; what follows is of no other camera either. */
static void take_mac(struct secret_text *text, size_t at, size_t size)
{
	uint8_t mac[6];
	size_t used = mac_read(text->data + at,
			       size > 12 && isxdigit(text->data[at + 2]) ? 12 : size, mac);

	if (!used)
		return;
	secret_text_take(text, SECRET_MAC, at, used);
	if (used == 12 && size >= 20)
		secret_text_take(text, SECRET_KEY, at + 12, size - 12);
}

/* What a program meant that wrote \" for " and \\ for \. */
static void take_unescaped(struct secret_text *text, enum secret_kind kind, size_t at, size_t size)
{
	uint8_t plain[SECRET_MAX];
	size_t used = 0;

	for (size_t i = 0; i < size && used < sizeof(plain); i++) {
		i += text->data[at + i] == '\\' && i + 1 < size;
		plain[used++] = text->data[at + i];
	}
	if (used < size)
		secrets_add(text->secrets, kind, plain, used,
			    text->offset + (text->packed ? 0 : at), text->name);
}

/* The end of what was taken; at where it is no secret. */
static size_t take(struct secret_text *text, const struct secret_word *word, size_t at, size_t size)
{
	if (!fits(word, text->data + at, size))
		return at;
	if (word->kind == SECRET_MAC) {
		take_mac(text, at, size);
	} else if (memchr(text->data + at, '|', size) && word->kind == SECRET_ID) {
		take_parts(text, at, size);
	} else {
		take_unescaped(text, word->kind, at, size);
		secret_text_take(text, word->kind, at, size);
	}
	return at + size;
}

/* --- Where a value begins and ends --- */

static bool at_line_start(const struct secret_text *text, size_t at)
{
	while (at > 0 && (text->data[at - 1] == ' ' || text->data[at - 1] == '\t'))
		at--;
	return at == 0 || strchr("\n\r", text->data[at - 1]) || text->data[at - 1] == 0;
}

/* Up to the quote that closes; a backslash before one does not. */
static size_t quoted_size(const struct secret_text *text, size_t at, uint8_t quote, bool escaped)
{
	size_t end = at;

	for (; end < text->size && end - at < SECRET_MAX; end++) {
		uint8_t c = text->data[end];

		if (c == '\n' || c == '\r' || c == 0)
			return 0;
		if (escaped && c == '\\' && end + 1 < text->size && text->data[end + 1] == quote)
			return end - at;
		if (!escaped && c == '\\')
			end++;
		else if (!escaped && c == quote)
			return end - at;
	}
	return 0;
}

static size_t plain_size(const struct secret_text *text, size_t at, bool whole_line)
{
	const char *ends = whole_line ? "\n\r" : " \t\n\r,;)]}&\"'<>\\";
	size_t end = at;

	while (end < text->size && end - at < SECRET_MAX && text->data[end] &&
	       !strchr(ends, text->data[end]))
		end++;
	return end - at;
}

static size_t skip_blanks(const struct secret_text *text, size_t at)
{
	while (at < text->size && (text->data[at] == ' ' || text->data[at] == '\t'))
		at++;
	return at;
}

static bool is_at(const struct secret_text *text, size_t at, const char *of)
{
	return at < text->size && text->data[at] && strchr(of, text->data[at]);
}

/* Names and passwords of networks may have blanks in them. */
static bool is_phrase(const struct secret_word *word)
{
	return word->kind == SECRET_SSID || word->kind == SECRET_PASSPHRASE;
}

/* "ssid: Home Net, channel 6": up to the comma, or to the next "word=". */
static size_t phrase_size(const struct secret_text *text, size_t at)
{
	size_t end = at, blank = 0;

	while (end < text->size && end - at < SECRET_MAX && text->data[end] >= 0x20 &&
	       !strchr(",;)]}\"'<>\\", text->data[end])) {
		if (text->data[end] == ' ')
			blank = end;
		else if (blank && (text->data[end] == '=' || text->data[end] == ':'))
			return blank - at;
		end++;
	}
	return end - at;
}

/* Nothing says whether a name ends at its first blank: both may be it. */
static size_t take_phrase(struct secret_text *text, const struct secret_word *word, size_t at,
			  size_t size)
{
	size_t longer = phrase_size(text, at);

	if (longer <= size)
		return take(text, word, at, size);
	if (fits(word, text->data + at, size))
		secrets_add(text->secrets, word->kind, text->data + at, size, text->offset + at,
			    text->name);
	return take(text, word, at, longer);
}

/* The value behind a word that ends at "at": =, :, ( or [, or a quote alone. Where to go on. */
static size_t take_value(struct secret_text *text, const struct secret_word *word, size_t start,
			 size_t at)
{
	bool quote_before = is_at(text, at, "\"'") || (is_at(text, at, "\\") && ++at);
	bool assigned = false, escaped;
	size_t size;

	at = skip_blanks(text, at + quote_before);
	while (is_at(text, at, "=:([") && at - start < 64) {
		assigned = true;
		at++;
	}
	at = skip_blanks(text, at);
	escaped = is_at(text, at, "\\") && is_at(text, at + 1, "\"'");
	at += escaped;
	if ((assigned || !quote_before) && is_at(text, at, "\"'")) {
		size = quoted_size(text, at + 1, text->data[at], escaped);
		return take(text, word, at + 1, size);
	}
	if (assigned || strcmp(word->word, "Bearer") == 0 || strcmp(word->word, "Snr") == 0) {
		bool whole = assigned && at_line_start(text, start) && is_phrase(word);

		size = plain_size(text, at, whole);
		if (assigned && !whole && text->log && is_phrase(word))
			return take_phrase(text, word, at, size);
		return take(text, word, at, size);
	}
	return start;
}

/* Where to go on. */
static size_t words_at(struct secret_text *text, size_t at)
{
	/* "wifi_ssid", "CONFIG_PSK": a word may end a longer name, not stand in the middle. */
	if (at > 0 && isalnum(text->data[at - 1]))
		return at;
	for (size_t i = 0; i < RC_COUNT(words); i++) {
		size_t size = strlen(words[i].word);

		if (tolower(text->data[at]) != tolower((uint8_t)words[i].word[0]) ||
		    size >= text->size - at ||
		    strncasecmp((const char *)text->data + at, words[i].word, size) != 0 ||
		    is_word_byte(text->data[at + size]))
			continue;
		return take_value(text, &words[i], at, at + size);
	}
	return at;
}

/* Six pairs with ':' or '-', and not a piece of something longer. */
static void mac_at(struct secret_text *text, size_t at)
{
	const uint8_t *here = text->data + at;
	size_t left = text->size - at;
	uint8_t mac[6];

	if (left < 17 || (here[2] != ':' && here[2] != '-') || mac_read(here, left, mac) != 17 ||
	    (at > 0 && (isalnum(here[-1]) || here[-1] == here[2])) ||
	    (left > 18 && here[17] == here[2] && isxdigit(here[18])))
		return;
	secret_text_take(text, SECRET_MAC, at, 17);
}

void secret_text_read(struct secret_text *text)
{
	for (size_t at = 0; at + 2 < text->size; at++) {
		if (isxdigit(text->data[at]))
			mac_at(text, at);
		if (isalpha(text->data[at])) {
			size_t end = words_at(text, at);

			if (end > at) {
				at = end - 1;
				continue;
			}
		}
		if (text->log)
			secret_patterns_at(text, at);
	}
}
