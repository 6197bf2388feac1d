/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How programs write what they know: as it is, in either case, a MAC with any separator or
 * as six bytes or inside an IPv6 address, in hex, base64 (at each of its three alignments),
 * percent-encoded, JSON-escaped, UTF-16.
 */
#include "inspect/secret_forms.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Six bits a character: shorter pieces turn up by chance. */
#define BASE64_LEAST 7u

/* A secret and its placeholder, written alike. */
struct spelling {
	uint8_t value[SECRET_MAX * 3];
	uint8_t placeholder[SECRET_MAX * 3];
	size_t size;
};

static void *copy(const void *data, size_t size)
{
	void *made = malloc(size ? size : 1);

	if (made && size)
		memcpy(made, data, size);
	return made;
}

static struct secret_form *add_form(struct secrets *secrets, size_t index, const uint8_t *find,
				    const uint8_t *put, size_t size)
{
	struct secret_form *form;

	if (secrets->form_count == secrets->form_room) {
		size_t room = secrets->form_room ? 2 * secrets->form_room : 256;
		struct secret_form *grown = realloc(secrets->forms, room * sizeof(*grown));

		if (!grown) {
			secrets->failed = true;
			return NULL;
		}
		secrets->forms = grown;
		secrets->form_room = room;
	}
	form = &secrets->forms[secrets->form_count];
	*form = (struct secret_form){ .find = copy(find, size),
				      .put = copy(put, size),
				      .size = size,
				      .secret = index,
				      .next = -1 };
	if (!form->find || !form->put) {
		free(form->find);
		free(form->put);
		secrets->failed = true;
		return NULL;
	}
	secrets->form_count++;
	return form;
}

/* Whatever the case. As a word of its own, where the secret is one that chance could make. */
static void add_word(struct secrets *secrets, size_t index, const struct spelling *s)
{
	struct secret_form *form = add_form(secrets, index, s->value, s->placeholder, s->size);

	if (!form)
		return;
	form->fold = true;
	form->bounded = secrets->at[index].bounded;
}

/* An encoding of it, which chance makes less easily. */
static void add_folded(struct secrets *secrets, size_t index, const struct spelling *s)
{
	struct secret_form *form = add_form(secrets, index, s->value, s->placeholder, s->size);

	if (form)
		form->fold = true;
}

/* --- Encodings of a spelling --- */

static void add_utf16(struct secrets *secrets, size_t index, const struct spelling *s)
{
	struct spelling wide = { .size = 2 * s->size };

	if (wide.size > sizeof(wide.value))
		return;
	for (unsigned big = 0; big < 2; big++) {
		memset(wide.value, 0, wide.size);
		memset(wide.placeholder, 0, wide.size);
		for (size_t i = 0; i < s->size; i++) {
			wide.value[2 * i + big] = s->value[i];
			wide.placeholder[2 * i + big] = s->placeholder[i];
		}
		/* From the first letter to the last: the zero bytes outside are anybody's. */
		add_folded(secrets, index, &wide);
	}
}

/* separator "" or one character. */
static void add_hex(struct secrets *secrets, size_t index, const uint8_t *value,
		    const uint8_t *placeholder, size_t size, const char *separator)
{
	struct spelling hex = { .size = 0 };

	for (size_t i = 0; i < size && hex.size + 4 < sizeof(hex.value); i++) {
		const char *before = i ? separator : "";
		char text[8];
		int length = snprintf(text, sizeof(text), "%s%02x", before, value[i]);

		memcpy(hex.value + hex.size, text, (size_t)length);
		snprintf(text, sizeof(text), "%s%02x", before, placeholder[i]);
		memcpy(hex.placeholder + hex.size, text, (size_t)length);
		hex.size += (size_t)length;
	}
	add_folded(secrets, index, &hex);
}

static bool is_unreserved(uint8_t c)
{
	return isalnum(c) || (c && strchr("-_.~", c));
}

/* Percent-encoded: what must be, or everything. plus: a blank is '+', as forms have it. */
static void add_url(struct secrets *secrets, size_t index, const struct spelling *s, bool all,
		    bool plus)
{
	struct spelling url = { .size = 0 };
	bool changed = false;

	for (size_t i = 0; i < s->size && url.size + 4 < sizeof(url.value); i++) {
		char text[8];

		if (!all && is_unreserved(s->value[i])) {
			url.value[url.size] = s->value[i];
			url.placeholder[url.size++] = s->placeholder[i];
			continue;
		}
		changed = true;
		if (plus && s->value[i] == ' ') {
			url.value[url.size] = url.placeholder[url.size] = '+';
			url.size++;
			continue;
		}
		snprintf(text, sizeof(text), "%%%02X", s->value[i]);
		memcpy(url.value + url.size, text, 3);
		snprintf(text, sizeof(text), "%%%02X", s->placeholder[i]);
		memcpy(url.placeholder + url.size, text, 3);
		url.size += 3;
	}
	if (changed)
		add_word(secrets, index, &url);
}

/* With a backslash before each of specials, as JSON, C and shells do. */
static void add_escaped(struct secrets *secrets, size_t index, const struct spelling *s,
			const char *specials)
{
	struct spelling escaped = { .size = 0 };
	bool changed = false;

	for (size_t i = 0; i < s->size && escaped.size + 2 < sizeof(escaped.value); i++) {
		if (s->value[i] && strchr(specials, s->value[i])) {
			changed = true;
			escaped.value[escaped.size] = '\\';
			escaped.placeholder[escaped.size++] = s->placeholder[i];
		}
		escaped.value[escaped.size] = s->value[i];
		escaped.placeholder[escaped.size++] = s->placeholder[i];
	}
	if (changed)
		add_word(secrets, index, &escaped);
}

/* --- Base64 --- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_value(uint8_t character)
{
	const char *found;

	if (character == '-' || character == '_')
		return character == '-' ? 62 : 63;
	found = character ? strchr(alphabet, character) : NULL;
	return found ? (int)(found - alphabet) : -1;
}

uint8_t base64_character(unsigned value, uint8_t like)
{
	if (value >= 62 && (like == '-' || like == '_'))
		return value == 62 ? '-' : '_';
	return (uint8_t)alphabet[value & 63];
}

/* Bits from to from + count - 1 of data with so many zero bytes before it. */
static unsigned bits_of(const uint8_t *data, size_t size, size_t before, size_t from,
			unsigned count)
{
	unsigned value = 0;

	for (size_t bit = from; bit < from + count; bit++) {
		size_t byte = bit / 8;
		unsigned one = byte < before || byte - before >= size
				       ? 0
				       : data[byte - before] >> (7 - bit % 8) & 1;

		value = value << 1 | one;
	}
	return value;
}

static void add_base64_at(struct secrets *secrets, size_t index, const struct spelling *s,
			  size_t before, bool url)
{
	size_t first = (8 * before + 5) / 6;
	size_t end = 8 * (before + s->size) / 6;
	unsigned bits_before = (unsigned)(6 * first - 8 * before);
	unsigned bits_behind = (unsigned)(8 * (before + s->size) - 6 * end);
	struct spelling text = { .size = end - first };
	struct secret_form *form;
	bool differs = false;

	if (end < first + BASE64_LEAST || text.size > sizeof(text.value))
		return;
	for (size_t i = 0; i < text.size; i++) {
		unsigned value = bits_of(s->value, s->size, before, 6 * (first + i), 6);

		differs |= value >= 62;
		text.value[i] = base64_character(value, url ? '-' : '+');
		text.placeholder[i] = base64_character(
			bits_of(s->placeholder, s->size, before, 6 * (first + i), 6),
			url ? '-' : '+');
	}
	if (url && !differs)
		return;
	form = add_form(secrets, index, text.value, text.placeholder, text.size);
	if (!form)
		return;
	form->base64 = true;
	form->bits_before = (uint8_t)bits_before;
	form->put_before = (uint8_t)bits_of(s->placeholder, s->size, before, 8 * before,
					    bits_before);
	form->bits_behind = (uint8_t)bits_behind;
	form->put_behind = (uint8_t)bits_of(s->placeholder, s->size, before, 6 * end, bits_behind);
}

static void add_base64(struct secrets *secrets, size_t index, const struct spelling *s)
{
	for (size_t before = 0; before < 3; before++) {
		add_base64_at(secrets, index, s, before, false);
		add_base64_at(secrets, index, s, before, true);
	}
}

/* --- Spellings --- */

static void set_case(struct spelling *s, int (*convert)(int))
{
	for (size_t i = 0; i < s->size; i++) {
		s->value[i] = (uint8_t)convert(s->value[i]);
		s->placeholder[i] = (uint8_t)convert(s->placeholder[i]);
	}
}

static int same(int c)
{
	return c;
}

/* Every encoding in which the case of the letters matters, for one case. */
static void add_cased(struct secrets *secrets, size_t index, const struct spelling *s)
{
	add_base64(secrets, index, s);
	add_hex(secrets, index, s->value, s->placeholder, s->size, "");
	add_hex(secrets, index, s->value, s->placeholder, s->size, " ");
	add_hex(secrets, index, s->value, s->placeholder, s->size, ":");
	add_url(secrets, index, s, true, false);
}

static void add_spelling(struct secrets *secrets, size_t index, const struct spelling *s)
{
	static int (*const cases[])(int) = { same, tolower, toupper };
	struct spelling done[RC_COUNT(cases)];

	add_word(secrets, index, s);
	add_utf16(secrets, index, s);
	add_url(secrets, index, s, false, false);
	add_url(secrets, index, s, false, true);
	add_escaped(secrets, index, s, "\"\\");
	add_escaped(secrets, index, s, "\"\\/");
	add_escaped(secrets, index, s, " \"\\'$`");
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		bool known = false;

		done[i] = *s;
		set_case(&done[i], cases[i]);
		for (size_t j = 0; j < i; j++)
			known |= memcmp(done[i].value, done[j].value, s->size) == 0;
		if (!known)
			add_cased(secrets, index, &done[i]);
	}
}

static void spell_mac(struct spelling *s, const struct secret *secret, const char *separator)
{
	const uint8_t *v = secret->value, *p = secret->placeholder;

	s->size = 0;
	for (size_t i = 0; i < 6; i++) {
		char text[8];
		int length = snprintf(text, sizeof(text), "%s%02x", i ? separator : "", v[i]);

		memcpy(s->value + s->size, text, (size_t)length);
		snprintf(text, sizeof(text), "%s%02x", i ? separator : "", p[i]);
		memcpy(s->placeholder + s->size, text, (size_t)length);
		s->size += (size_t)length;
	}
}

/* An IPv6 address made from a MAC (EUI-64): its second bit flipped, ff:fe in the middle,
 * zeros at the front of each group left out. */
static void write_eui64(const uint8_t m[6], bool padded, char out[24])
{
	unsigned groups[4] = { (unsigned)(m[0] ^ 2) << 8 | m[1], (unsigned)m[2] << 8 | 0xff,
			       0xfe00u | m[3], (unsigned)m[4] << 8 | m[5] };
	size_t used = 0;

	for (size_t i = 0; i < 4; i++)
		used += (size_t)snprintf(out + used, 24 - used, "%s%0*x", i ? ":" : "",
					 padded ? 4 : 1, groups[i]);
}

/* Its placeholder has zeros in the places of the digits. */
static void add_eui64(struct secrets *secrets, size_t index, bool padded)
{
	struct spelling s = { .size = 0 };
	char value[24];
	const char *from = value;

	write_eui64(secrets->at[index].value, padded, value);
	/* A group of zeros may be gone, into "::". */
	if (strncmp(from, "0:", 2) == 0)
		from += 2;
	s.size = strlen(from);
	memcpy(s.value, from, s.size);
	for (size_t i = 0; i < s.size; i++)
		s.placeholder[i] = from[i] == ':' ? ':' : '0';
	add_folded(secrets, index, &s);
	add_utf16(secrets, index, &s);
}

static void add_bytes(struct secrets *secrets, size_t index, const uint8_t *value,
		      const uint8_t *placeholder, size_t size)
{
	add_form(secrets, index, value, placeholder, size);
}

static void make_mac(struct secrets *secrets, size_t index)
{
	static const char *const separators[] = { "", ":", "-", ".", " ", "_", "%3a", "\\:" };
	uint8_t reversed[6], placeholder[6];
	struct spelling raw = { .size = 6 };
	struct spelling dotted = { .size = 0 };

	for (size_t i = 0; i < RC_COUNT(separators); i++) {
		struct spelling s;

		spell_mac(&s, &secrets->at[index], separators[i]);
		add_spelling(secrets, index, &s);
	}
	spell_mac(&raw, &secrets->at[index], "");
	for (size_t i = 0; i < 12; i += 4) {
		memcpy(dotted.value + dotted.size, raw.value + i, 4);
		memcpy(dotted.placeholder + dotted.size, raw.placeholder + i, 4);
		dotted.value[dotted.size + 4] = dotted.placeholder[dotted.size + 4] = '.';
		dotted.size += 5;
	}
	dotted.size--;
	add_spelling(secrets, index, &dotted);
	add_eui64(secrets, index, false);
	add_eui64(secrets, index, true);
	for (size_t i = 0; i < 6; i++) {
		reversed[i] = secrets->at[index].value[5 - i];
		placeholder[i] = secrets->at[index].placeholder[5 - i];
	}
	add_bytes(secrets, index, secrets->at[index].value, secrets->at[index].placeholder, 6);
	add_bytes(secrets, index, reversed, placeholder, 6);
	raw.size = 6;
	memcpy(raw.value, secrets->at[index].value, 6);
	memcpy(raw.placeholder, secrets->at[index].placeholder, 6);
	add_base64(secrets, index, &raw);
}

/* Hex digits that stand for bytes, such as a PSK: the bytes themselves. */
static void add_unhexed(struct secrets *secrets, size_t index)
{
	const struct secret *secret = &secrets->at[index];
	uint8_t bytes[2][SECRET_MAX / 2];
	size_t size = secret->size / 2;

	if (secret->size < 16 || secret->size % 2 || secret->size > SECRET_MAX)
		return;
	for (size_t i = 0; i < size; i++) {
		char pair[3] = { (char)secret->value[2 * i], (char)secret->value[2 * i + 1] };
		char other[3] = { (char)secret->placeholder[2 * i],
				  (char)secret->placeholder[2 * i + 1] };

		if (!isxdigit((uint8_t)pair[0]) || !isxdigit((uint8_t)pair[1]))
			return;
		bytes[0][i] = (uint8_t)strtoul(pair, NULL, 16);
		bytes[1][i] = (uint8_t)strtoul(other, NULL, 16);
	}
	add_bytes(secrets, index, bytes[0], bytes[1], size);
}

void secret_forms_make(struct secrets *secrets, size_t index)
{
	const struct secret *secret = &secrets->at[index];
	struct spelling s = { .size = secret->size };

	if (!secret->everywhere)
		return;
	if (secret->kind == SECRET_MAC) {
		make_mac(secrets, index);
		return;
	}
	memcpy(s.value, secret->value, s.size);
	memcpy(s.placeholder, secret->placeholder, s.size);
	add_spelling(secrets, index, &s);
	add_unhexed(secrets, index);
}
