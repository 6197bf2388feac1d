/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wi-Fi and other settings for the tree on a card: files with Unix line ends, since the shells
 * and programs that read them take a carriage return for part of the value. */
#include <nettle/pbkdf2.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "recam/card.h"

/* IEEE 802.11-2020, J.4: the key of a network from its passphrase. */
#define PSK_SIZE       32u
#define PSK_ITERATIONS 4096u
#define SSID_MAX       32u
#define PASSPHRASE_MIN 8u
#define PASSPHRASE_MAX 63u

#define SECRET_SIZE 256

/* A line from standard input; not shown where that is a terminal. RC_EUSAGE at its end. */
static int ask_secret(const char *what, char secret[SECRET_SIZE], struct rc_error *err)
{
	bool terminal = isatty(STDIN_FILENO);
	struct termios before, silent;
	char *line;

	if (terminal) {
		fprintf(stderr, "%s: ", what);
		fflush(stderr);
		tcgetattr(STDIN_FILENO, &before);
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	line = fgets(secret, SECRET_SIZE, stdin);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (!line)
		return rc_fail(err, RC_EUSAGE, "%s: nothing came on standard input", what);
	secret[strcspn(secret, "\r\n")] = '\0';
	return 0;
}

static int get_passphrase(const char *ssid, char passphrase[SECRET_SIZE], struct rc_error *err)
{
	const char *given = getenv("RECAM_WIFI_PASSPHRASE");
	char what[SSID_MAX + 40];
	size_t length;
	int result = 0;

	snprintf(what, sizeof(what), "Passphrase of the Wi-Fi %s", ssid);
	if (given)
		snprintf(passphrase, SECRET_SIZE, "%s", given);
	else
		result = ask_secret(what, passphrase, err);
	if (result)
		return result;
	length = strlen(passphrase);
	if (length < PASSPHRASE_MIN || length > PASSPHRASE_MAX)
		return rc_fail(err, RC_EUSAGE,
			       "the passphrase of a Wi-Fi has %u to %u letters, this one %zu",
			       PASSPHRASE_MIN, PASSPHRASE_MAX, length);
	for (size_t i = 0; i < length; i++)
		if (passphrase[i] < ' ' || passphrase[i] > '~')
			return rc_fail(err, RC_EUSAGE,
				       "letter %zu of the passphrase is none of ASCII's, which "
				       "Wi-Fi does not have",
				       i + 1);
	return 0;
}

/* The folder where the tree has its settings: that of Dafang-Hacks, or ours. */
static const char *settings_folder(const struct card_tree *tree)
{
	if (card_tree_find(tree, "config"))
		return "config/";
	return card_tree_find(tree, "recam") ? "recam/" : "";
}

/* As a name in quotes where that says it, else as hex digits, which say any. */
static void add_ssid(struct rc_text *out, const char *ssid)
{
	bool plain = true;

	for (const char *at = ssid; *at; at++)
		plain &= *at >= ' ' && *at <= '~' && *at != '"' && *at != '\\';
	if (plain) {
		rc_text_add(out, "\tssid=\"%s\"\n", ssid);
		return;
	}
	rc_text_add(out, "\tssid=");
	for (const char *at = ssid; *at; at++)
		rc_text_add(out, "%02x", (uint8_t)*at);
	rc_text_add(out, "\n");
}

static void write_wifi(struct rc_text *out, const char *ssid, const char *passphrase)
{
	uint8_t psk[PSK_SIZE];

	pbkdf2_hmac_sha1(strlen(passphrase), (const uint8_t *)passphrase, PSK_ITERATIONS,
			 strlen(ssid), (const uint8_t *)ssid, sizeof(psk), psk);
	rc_text_add(out, "ctrl_interface=/var/run/wpa_supplicant\n"
			 "ctrl_interface_group=0\n"
			 "ap_scan=1\n"
			 "\n"
			 "network={\n");
	add_ssid(out, ssid);
	rc_text_add(out, "\tkey_mgmt=WPA-PSK\n\tpsk=");
	for (size_t i = 0; i < sizeof(psk); i++)
		rc_text_add(out, "%02x", psk[i]);
	rc_text_add(out, "\n}\n");
	sodium_memzero(psk, sizeof(psk));
}

int card_put_wifi(struct card_tree *tree, const char *ssid, struct rc_error *err)
{
	char passphrase[SECRET_SIZE] = "", path[64];
	struct rc_text text = { 0 };
	int result;

	if (strlen(ssid) == 0 || strlen(ssid) > SSID_MAX)
		return rc_fail(err, RC_EUSAGE,
			       "--wifi: the name of a Wi-Fi has 1 to %u bytes, this one %zu",
			       SSID_MAX, strlen(ssid));
	result = get_passphrase(ssid, passphrase, err);
	if (!result) {
		write_wifi(&text, ssid, passphrase);
		snprintf(path, sizeof(path), "%swpa_supplicant.conf", settings_folder(tree));
		result = text.failed ? rc_fail_memory(err, text.size)
				     : card_tree_put(tree, path,
						     (struct rc_span){ (const uint8_t *)text.data,
								       text.size },
						     err);
	}
	sodium_memzero(passphrase, sizeof(passphrase));
	if (text.data)
		sodium_memzero(text.data, text.size);
	rc_text_free(&text);
	return result;
}

/* --- KEY="VALUE" --- */

/* The files are read by shells: between these quotes four letters have a meaning. */
static void add_line(struct rc_text *out, const char *key, const char *value)
{
	rc_text_add(out, "%s=\"", key);
	for (; *value; value++)
		rc_text_add(out, "%s%c", strchr("\\\"$`", *value) ? "\\" : "", *value);
	rc_text_add(out, "\"\n");
}

/* Whether a line, perhaps behind "export" or a "#" that switches it off, sets the key. */
static bool sets(const char *line, size_t length, const char *key)
{
	size_t size = strlen(key);

	while (length && strchr("# \t", *line)) {
		line++;
		length--;
	}
	if (length > 7 && strncmp(line, "export ", 7) == 0) {
		line += 7;
		length -= 7;
	}
	return length > size && strncmp(line, key, size) == 0 && line[size] == '=';
}

/* The file with its line for key replaced, or with one more; line ends as Unix has them. */
static void edit(struct rc_span file, const char *key, const char *value, struct rc_text *out)
{
	bool done = false;
	size_t at = 0;

	while (at < file.size) {
		const char *line = (const char *)file.data + at;
		const char *end = memchr(line, '\n', file.size - at);
		size_t length = end ? (size_t)(end - line) : file.size - at;

		at += length + 1;
		if (length && line[length - 1] == '\r')
			length--;
		if (!sets(line, length, key)) {
			rc_text_add_bytes(out, line, length);
			rc_text_add(out, "\n");
		} else if (!done) {
			add_line(out, key, value);
			done = true;
		}
	}
	if (!done)
		add_line(out, key, value);
}

static bool is_key(const char *text, size_t length)
{
	return length && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_") == length;
}

static int put_value(struct card_tree *tree, const char *path, const char *key, const char *value,
		     struct rc_error *err)
{
	const struct fat_node *node = card_tree_find(tree, path);
	struct rc_text text = { 0 };
	char dist[300];
	int result;

	/* Dafang-Hacks ships its settings as FILE.dist and copies them at the first start. */
	snprintf(dist, sizeof(dist), "%.250s.dist", path);
	if (!node)
		node = card_tree_find(tree, dist);
	edit(node ? node->bytes : (struct rc_span){ NULL, 0 }, key, value, &text);
	result = text.failed
			 ? rc_fail_memory(err, text.size)
			 : card_tree_put(tree, path,
					 (struct rc_span){ (const uint8_t *)text.data, text.size },
					 err);
	rc_text_free(&text);
	return result;
}

int card_put_setting(struct card_tree *tree, const char *setting, struct rc_error *err)
{
	char path[256], key[64], secret[SECRET_SIZE] = "";
	size_t file = strcspn(setting, ":");
	const char *name = setting + file + (setting[file] == ':');
	size_t length = strcspn(name, "=");
	const char *value = name + length + 1;
	int result = 0;

	if (setting[file] != ':' || name[length] != '=' || file == 0 || file >= sizeof(path) ||
	    length >= sizeof(key) || !is_key(name, length))
		return rc_fail(err, RC_EUSAGE,
			       "--set %s: wanted is FILE:KEY=VALUE, as in "
			       "config/mqtt.conf:HOST=192.168.1.5 (the value ? is asked for)",
			       setting);
	snprintf(path, sizeof(path), "%.*s", (int)file, setting);
	snprintf(key, sizeof(key), "%.*s", (int)length, name);
	if (strcmp(value, "?") == 0) {
		result = ask_secret(key, secret, err);
		value = secret;
	}
	if (!result && strpbrk(value, "\r\n"))
		result = rc_fail(err, RC_EUSAGE, "--set %s: a value has one line", key);
	if (!result)
		result = put_value(tree, path, key, value, err);
	sodium_memzero(secret, sizeof(secret));
	return result;
}
