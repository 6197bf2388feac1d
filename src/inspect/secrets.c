/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/secrets.h"

#include <ctype.h>
#include <nettle/pbkdf2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "inspect/secret_forms.h"

/* Shorter ones are replaced where their place says what they are, and looked for nowhere. */
#define LEAST_SEARCHED 5u

/* IEEE 802.11i: how a passphrase becomes a key. */
#define PSK_ROUNDS   4096u
#define PSK_SIZE     32u
#define PSK_PAIR_MAX 64u

static const uint8_t placeholder_oui[4] = { 0x02, 0x00, 0x00, 0x00 };

const char *secret_kind_name(enum secret_kind kind)
{
	static const char *const names[] = {
		"MAC address", "Wi-Fi name", "password",       "Wi-Fi key", "key",
		"token",       "id",         "name of a user", "address",   "place",
	};

	return names[kind];
}

void secrets_clear(struct secrets *secrets)
{
	for (size_t i = 0; i < secrets->count; i++) {
		free(secrets->at[i].value);
		free(secrets->at[i].placeholder);
	}
	for (size_t i = 0; i < secrets->form_count; i++) {
		free(secrets->forms[i].find);
		free(secrets->forms[i].put);
	}
	free(secrets->at);
	free(secrets->forms);
	free(secrets->heads);
	*secrets = (struct secrets){ 0 };
}

/* --- MAC addresses --- */

static int hex_value(uint8_t c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

size_t mac_read(const uint8_t *text, size_t size, uint8_t mac[6])
{
	uint8_t separator = size > 2 && hex_value(text[2]) < 0 ? text[2] : 0;
	size_t step = separator ? 3 : 2, length = 6 * step - (separator != 0);

	if (size < length || (separator && !strchr(":-._ ", separator)))
		return 0;
	for (size_t i = 0; i < 6; i++) {
		int high = hex_value(text[i * step]), low = hex_value(text[i * step + 1]);

		if (high < 0 || low < 0 || (separator && i < 5 && text[i * step + 2] != separator))
			return 0;
		mac[i] = (uint8_t)(high << 4 | low);
	}
	return size > length && hex_value(text[length]) >= 0 ? 0 : length;
}

/* Group addresses, blank ones, and those that stand in for one already. */
static bool is_nobodys(const uint8_t mac[6])
{
	return (mac[0] & 1) || rc_all_bytes(mac, 6, 0) || memcmp(mac, placeholder_oui, 4) == 0;
}

/* --- Adding --- */

static uint8_t blank_of(const struct secret *secret, uint8_t c, bool digit)
{
	if (digit || isdigit(c))
		return '0';
	if (isalpha(c) || c >= 0x80 || c == '+' || c == '/')
		return isupper(c) ? 'X' : 'x';
	/* What makes an address one, and the end of base64. */
	return c == '=' || (secret->kind == SECRET_ADDRESS && (c == '.' || c == ':')) ? c : '-';
}

/* Letters to x, digits to 0, the last three to a number. */
static void make_placeholder(struct secret *secret, size_t number)
{
	bool hex = secret->size >= 8;
	size_t left = secret->size > 4 ? 3 : 1;

	for (size_t i = 0; i < secret->size; i++)
		hex &= hex_value(secret->value[i]) >= 0;
	for (size_t i = secret->size; i-- > 0;) {
		uint8_t c = secret->value[i];
		bool digit = hex || isdigit(c);

		if (left && isalnum(c)) {
			secret->placeholder[i] = (uint8_t)(digit        ? '0' + number % 10
							   : isupper(c) ? 'A' + number % 26
									: 'a' + number % 26);
			number /= digit ? 10 : 26;
			left--;
			continue;
		}
		secret->placeholder[i] = blank_of(secret, c, digit);
	}
}

/* What chance, or other people's words, could be: to be taken only as a word of its own. */
static bool is_common(const uint8_t *value, size_t size)
{
	bool digits = true, lower = true;

	for (size_t i = 0; i < size; i++) {
		digits &= isdigit(value[i]) != 0;
		lower &= islower(value[i]) != 0;
	}
	return size < 8 || (digits && size < 12) || (lower && size < 10);
}

static struct secret *find(struct secrets *secrets, const uint8_t *value, size_t size, bool mac)
{
	for (size_t i = 0; i < secrets->count; i++) {
		struct secret *known = &secrets->at[i];

		if (known->size == size && (known->kind == SECRET_MAC) == mac &&
		    memcmp(known->value, value, size) == 0)
			return known;
	}
	return NULL;
}

static struct secret *new_secret(struct secrets *secrets, enum secret_kind kind,
				 const uint8_t *value, size_t size)
{
	struct secret *secret;

	if (secrets->count == secrets->room) {
		size_t room = secrets->room ? 2 * secrets->room : 32;
		struct secret *grown = realloc(secrets->at, room * sizeof(*grown));

		if (!grown) {
			secrets->failed = true;
			return NULL;
		}
		secrets->at = grown;
		secrets->room = room;
	}
	secret = &secrets->at[secrets->count];
	*secret = (struct secret){
		.kind = kind, .value = malloc(size), .placeholder = malloc(size), .size = size
	};
	if (!secret->value || !secret->placeholder) {
		free(secret->value);
		free(secret->placeholder);
		secrets->failed = true;
		return NULL;
	}
	memcpy(secret->value, value, size);
	secrets->count++;
	return secret;
}

static struct secret *add_mac(struct secrets *secrets, const uint8_t mac[6])
{
	struct secret *secret = find(secrets, mac, 6, true);
	size_t number = 1;

	if (secret || is_nobodys(mac))
		return secret;
	for (size_t i = 0; i < secrets->count; i++)
		number += secrets->at[i].kind == SECRET_MAC;
	secret = new_secret(secrets, SECRET_MAC, mac, 6);
	if (!secret)
		return NULL;
	memcpy(secret->placeholder, placeholder_oui, 4);
	secret->placeholder[4] = (uint8_t)(number >> 8);
	secret->placeholder[5] = (uint8_t)number;
	secret->everywhere = true;
	return secret;
}

static struct secret *add_text(struct secrets *secrets, enum secret_kind kind, const uint8_t *value,
			       size_t size)
{
	struct secret *secret;

	while (size && (value[size - 1] == 0 || isspace(value[size - 1])))
		size--;
	while (size && isspace(*value)) {
		value++;
		size--;
	}
	if (size == 0 || size > SECRET_MAX || rc_all_bytes(value, size, value[0]))
		return NULL;
	secret = find(secrets, value, size, false);
	if (secret)
		return secret;
	secret = new_secret(secrets, kind, value, size);
	if (!secret)
		return NULL;
	make_placeholder(secret, secrets->count);
	secret->everywhere = size >= LEAST_SEARCHED;
	secret->bounded = is_common(value, size);
	return secret;
}

struct secret *secrets_add(struct secrets *secrets, enum secret_kind kind, const void *value,
			   size_t size, uint64_t found_at, const char *found_in)
{
	size_t before = secrets->count;
	struct secret *secret;
	uint8_t mac[6];

	if (kind == SECRET_MAC && mac_read(value, size, mac))
		secret = add_mac(secrets, mac);
	else if (kind == SECRET_MAC && size == 6)
		secret = add_mac(secrets, value);
	else
		secret = add_text(secrets, kind, value, size);
	if (secret && secrets->count > before) {
		secret->found_at = found_at;
		snprintf(secret->found_in, sizeof(secret->found_in), "%s", found_in);
	}
	return secret;
}

void secrets_put(struct secret *secret, uint8_t *value, size_t size)
{
	while (size && isspace(*value)) {
		value++;
		size--;
	}
	if (size < secret->size || memcmp(value, secret->value, secret->size) != 0)
		return;
	memcpy(value, secret->placeholder, secret->size);
	secret->times++;
}

/* --- Forms and their index --- */

static void add_psk(struct secrets *secrets, size_t ssid, size_t passphrase)
{
	const struct secret *name = &secrets->at[ssid], *word = &secrets->at[passphrase];
	uint8_t key[PSK_SIZE];
	char hex[2 * PSK_SIZE + 1], found_in[sizeof(word->found_in)];

	if (name->kind != SECRET_SSID || word->kind != SECRET_PASSPHRASE || word->size < 8 ||
	    word->size > 63 || name->size > 32)
		return;
	pbkdf2_hmac_sha1(word->size, word->value, PSK_ROUNDS, name->size, name->value, sizeof(key),
			 key);
	for (size_t i = 0; i < sizeof(key); i++)
		snprintf(hex + 2 * i, 3, "%02x", key[i]);
	/* Adding may move what name and word point to. */
	memcpy(found_in, word->found_in, sizeof(found_in));
	secrets_add(secrets, SECRET_PSK, hex, 2 * PSK_SIZE, word->found_at, found_in);
}

/* A placeholder that is somebody's secret would be taken for it. */
static void keep_apart(struct secrets *secrets, struct secret *secret)
{
	size_t number = secrets->count;

	for (size_t i = 0; i < secrets->count && number < 3 * secrets->count; i++) {
		const struct secret *other = &secrets->at[i];

		if (secret->kind == SECRET_MAC || other->size != secret->size ||
		    strncasecmp((const char *)other->value, (const char *)secret->placeholder,
				secret->size) != 0)
			continue;
		make_placeholder(secret, ++number);
		i = SIZE_MAX; /* from the first again */
	}
}

static size_t pair_of(const uint8_t *data)
{
	return (size_t)tolower(data[0]) << 8 | (size_t)tolower(data[1]);
}

static int longest_first(const void *left, const void *right)
{
	const struct secret_form *a = left, *b = right;

	return (a->size < b->size) - (a->size > b->size);
}

/* Heads of chains by the first two bytes, in lower case; the longest form of each first. */
static void make_index(struct secrets *secrets)
{
	qsort(secrets->forms, secrets->form_count, sizeof(*secrets->forms), longest_first);
	for (size_t i = 0; i < 0x10000; i++)
		secrets->heads[i] = -1;
	for (size_t i = secrets->form_count; i-- > 0;) {
		struct secret_form *form = &secrets->forms[i];
		int32_t *head = &secrets->heads[pair_of(form->find)];

		form->next = *head;
		*head = (int32_t)i;
	}
	secrets->longest = secrets->form_count ? secrets->forms[0].size : 0;
}

int secrets_prepare(struct secrets *secrets, struct rc_error *err)
{
	size_t count = secrets->count;

	for (size_t i = 0; i < count && i < PSK_PAIR_MAX; i++) {
		for (size_t j = 0; j < count && j < PSK_PAIR_MAX; j++)
			add_psk(secrets, i, j);
	}
	for (size_t i = 0; i < secrets->count; i++)
		keep_apart(secrets, &secrets->at[i]);
	for (size_t i = 0; i < secrets->count; i++)
		secret_forms_make(secrets, i);
	secrets->heads = malloc(0x10000 * sizeof(*secrets->heads));
	if (!secrets->heads || secrets->failed)
		return rc_fail_memory(err, 0x10000 * sizeof(*secrets->heads));
	if (secrets->form_count)
		make_index(secrets);
	else
		memset(secrets->heads, 0xff, 0x10000 * sizeof(*secrets->heads));
	return 0;
}

/* --- The search --- */

static bool matches(const struct secret_form *form, const uint8_t *data, size_t size, size_t at)
{
	if (form->size > size - at)
		return false;
	for (size_t i = 0; i < form->size; i++) {
		if (form->fold ? tolower(data[at + i]) != tolower(form->find[i])
			       : data[at + i] != form->find[i])
			return false;
	}
	if (!form->bounded)
		return true;
	return !(at > 0 && isalnum(data[at - 1])) &&
	       !(at + form->size < size && isalnum(data[at + form->size]));
}

static const struct secret_form *match_at(const struct secrets *secrets, const uint8_t *data,
					  size_t size, size_t at)
{
	int32_t i = secrets->heads[pair_of(data + at)];

	while (i >= 0 && !matches(&secrets->forms[i], data, size, at))
		i = secrets->forms[i].next;
	return i >= 0 ? &secrets->forms[i] : NULL;
}

/* The characters of base64 at the ends, which hold bits of the neighbours too. */
static void put_edges(const struct secret_form *form, uint8_t *data, size_t size, size_t at)
{
	size_t end = at + form->size;
	int before = at > 0 ? base64_value(data[at - 1]) : -1;
	int behind = end < size ? base64_value(data[end]) : -1;

	if (form->bits_before && before >= 0) {
		unsigned mask = (1u << form->bits_before) - 1;

		data[at - 1] = base64_character(((unsigned)before & ~mask) | form->put_before,
						data[at - 1]);
	}
	if (form->bits_behind && behind >= 0) {
		unsigned shift = 6u - form->bits_behind;
		unsigned mask = (1u << shift) - 1;

		data[end] = base64_character(
			((unsigned)behind & mask) | (unsigned)form->put_behind << shift, data[end]);
	}
}

static void put(const struct secret_form *form, uint8_t *data, size_t size, size_t at)
{
	for (size_t i = 0; i < form->size; i++) {
		bool upper = form->fold && isupper(data[at + i]);

		data[at + i] = upper ? (uint8_t)toupper(form->put[i]) : form->put[i];
	}
	if (form->base64)
		put_edges(form, data, size, at);
}

static size_t replace_once(struct secrets *secrets, uint8_t *data, size_t size, size_t across)
{
	size_t count = 0;

	for (size_t at = 0; at + 1 < size; at++) {
		const struct secret_form *form = match_at(secrets, data, size, at);

		if (!form)
			continue;
		if (across != SECRETS_ALL && (at >= across || at + form->size <= across))
			continue;
		put(form, data, size, at);
		secrets->at[form->secret].times++;
		count++;
		at += form->size - 1;
	}
	return count;
}

/* A placeholder and what stands beside it may make what is another secret. */
#define REPLACE_ROUNDS 4u

size_t secrets_replace(struct secrets *secrets, uint8_t *data, size_t size, size_t across)
{
	size_t count = 0, now = 1;

	for (unsigned round = 0; round < REPLACE_ROUNDS && now; round++) {
		now = replace_once(secrets, data, size, across);
		count += now;
	}
	return count;
}

const struct secret *secrets_find(const struct secrets *secrets, const uint8_t *data, size_t size,
				  bool strong)
{
	for (size_t at = 0; at + 1 < size; at++) {
		const struct secret_form *form = match_at(secrets, data, size, at);

		if (form && !(strong && secrets->at[form->secret].bounded))
			return &secrets->at[form->secret];
	}
	return NULL;
}
