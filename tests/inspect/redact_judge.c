/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redact_judge.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void write_base64(struct rc_buffer *out, const void *data, size_t size, size_t before)
{
	uint8_t *all = calloc(1, before + size + 3);

	memset(all, '#', before);
	memcpy(all + before, data, size);
	for (size_t i = 0; i < before + size; i += 3) {
		unsigned v = (unsigned)all[i] << 16 | (unsigned)all[i + 1] << 8 | all[i + 2];
		char four[4] = { letters[v >> 18], letters[v >> 12 & 63], letters[v >> 6 & 63],
				 letters[v & 63] };

		if (i + 2 >= before + size)
			four[3] = '=';
		if (i + 1 >= before + size)
			four[2] = '=';
		rc_buffer_append(out, four, 4);
	}
	free(all);
}

static bool holds(struct rc_span bytes, const void *needle, size_t size)
{
	return memmem(bytes.data, bytes.size, needle, size) != NULL;
}

/* What is being judged, in lower case: made once for all forms of a secret. */
static struct rc_buffer lower;

static void make_lower(struct rc_span bytes)
{
	lower.size = 0;
	if (!rc_buffer_append(&lower, bytes.data, bytes.size))
		abort();
	for (size_t i = 0; i < lower.size; i++)
		lower.data[i] = (uint8_t)tolower(lower.data[i]);
}

static bool holds_in_any_case(const uint8_t *needle, size_t size)
{
	uint8_t folded[1024];

	for (size_t i = 0; i < size; i++)
		folded[i] = (uint8_t)tolower(needle[i]);
	return memmem(lower.data, lower.size, folded, size) != NULL;
}

/* What of the base64 does not depend on the neighbours. */
static bool holds_base64(struct rc_span bytes, const void *data, size_t size)
{
	for (size_t before = 0; before < 3; before++) {
		struct rc_buffer text = { 0 };
		size_t from = before ? before + 1 : 0;
		size_t to = (before + size) * 8 / 6;
		bool found;

		write_base64(&text, data, size, before);
		found = holds(bytes, text.data + from, to - from);
		rc_buffer_free(&text);
		if (found)
			return true;
	}
	return false;
}

static const char *judge_spelling(struct rc_span bytes, const char *text)
{
	size_t size = strlen(text);
	uint8_t hex[512], url[768], wide[512];

	for (size_t i = 0; i < size; i++) {
		char part[8];

		snprintf(part, sizeof(part), "%02x", text[i]);
		memcpy(hex + 2 * i, part, 2);
		snprintf(part, sizeof(part), "%%%02x", text[i]);
		memcpy(url + 3 * i, part, 3);
		wide[2 * i] = (uint8_t)text[i];
		wide[2 * i + 1] = 0;
	}
	if (holds_in_any_case((const uint8_t *)text, size))
		return "as it is";
	if (holds_in_any_case(hex, 2 * size))
		return "in hex";
	if (holds_in_any_case(url, 3 * size))
		return "percent-encoded";
	if (holds_in_any_case(wide, 2 * size - 1))
		return "in UTF-16";
	return holds_base64(bytes, text, size) ? "in base64" : NULL;
}

/* Those characters only that forms and JSON must write otherwise. */
static const char *judge_escaped(const char *text)
{
	char url[768] = "", form[768] = "", json[512] = "";

	for (; *text; text++) {
		bool plain = isalnum((unsigned char)*text);
		size_t u = strlen(url), f = strlen(form), j = strlen(json);

		snprintf(url + u, sizeof(url) - u, plain ? "%c" : "%%%02X", *text);
		if (*text == ' ')
			strcat(form, "+");
		else
			snprintf(form + f, sizeof(form) - f, plain ? "%c" : "%%%02X", *text);
		snprintf(json + j, sizeof(json) - j, strchr("\"\\", *text) ? "\\%c" : "%c", *text);
	}
	if (holds_in_any_case((const uint8_t *)url, strlen(url)) ||
	    holds_in_any_case((const uint8_t *)form, strlen(form)))
		return "in a URL";
	return holds_in_any_case((const uint8_t *)json, strlen(json)) ? "in JSON" : NULL;
}

static const char *judge_flat(struct rc_span bytes, const char *text)
{
	char small[256], large[256];
	const char *found = judge_spelling(bytes, text);

	for (size_t i = 0; i <= strlen(text); i++) {
		small[i] = (char)tolower((unsigned char)text[i]);
		large[i] = (char)toupper((unsigned char)text[i]);
	}
	if (!found)
		found = judge_spelling(bytes, small);
	if (!found)
		found = judge_spelling(bytes, large);
	return found ? found : judge_escaped(text);
}

static const char *judge_flat_mac(struct rc_span bytes, const uint8_t mac[6])
{
	static const char *const separators[] = { "", ":", "-", ".", "_", " ", "%3A" };
	uint8_t reversed[6];
	const char *found = NULL;
	char text[64];

	for (size_t i = 0; i < RC_COUNT(separators) && !found; i++) {
		text[0] = '\0';
		for (size_t j = 0; j < 6; j++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%02x",
				 j ? separators[i] : "", mac[j]);
		found = judge_flat(bytes, text);
	}
	snprintf(text, sizeof(text), "%02x%02x.%02x%02x.%02x%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	if (!found)
		found = judge_flat(bytes, text);
	snprintf(text, sizeof(text), "%02xff:fe%02x:%02x%02x", mac[2], mac[3], mac[4], mac[5]);
	if (!found)
		found = judge_flat(bytes, text);
	for (size_t i = 0; i < 6; i++)
		reversed[i] = mac[5 - i];
	if (!found && (holds(bytes, mac, 6) || holds(bytes, reversed, 6)))
		found = "as bytes";
	if (!found && holds_base64(bytes, mac, 6))
		found = "as bytes in base64";
	return found;
}

/* Calls judge on the bytes and on what any zlib stream in them holds. */
static const char *judge_all(struct rc_span bytes,
			     const char *(*judge)(struct rc_span, const void *), const void *secret)
{
	uint8_t *out = malloc(RC_KIB(256));
	const char *found;

	make_lower(bytes);
	found = judge(bytes, secret);

	for (size_t at = 0; at + 2 < bytes.size && !found; at++) {
		z_stream stream = { .next_in = (Bytef *)bytes.data + at,
				    .avail_in = (uInt)(bytes.size - at),
				    .next_out = out,
				    .avail_out = RC_KIB(256) };

		if (bytes.data[at] != 0x78 || (0x7800 | bytes.data[at + 1]) % 31 ||
		    inflateInit(&stream) != Z_OK)
			continue;
		inflate(&stream, Z_SYNC_FLUSH);
		inflateEnd(&stream);
		if (!stream.total_out)
			continue;
		make_lower((struct rc_span){ out, stream.total_out });
		found = judge((struct rc_span){ out, stream.total_out }, secret);
	}
	rc_buffer_free(&lower);
	free(out);
	return found;
}

static const char *text_judge(struct rc_span bytes, const void *secret)
{
	return judge_flat(bytes, secret);
}

static const char *mac_judge(struct rc_span bytes, const void *secret)
{
	return judge_flat_mac(bytes, secret);
}

const char *judge_text(struct rc_span bytes, const char *secret)
{
	return judge_all(bytes, text_judge, secret);
}

const char *judge_mac(struct rc_span bytes, const uint8_t mac[6])
{
	return judge_all(bytes, mac_judge, mac);
}
