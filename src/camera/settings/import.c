/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/settings/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "camera/settings/shell_conf.h"

#define FILE_LIMIT RC_KIB(64)

struct reading {
	struct import *import;
	const char *file;
	const struct shell_conf *conf;
	const struct shell_entry *entry;
};

static void __attribute__((format(printf, 3, 4)))
note(const struct reading *reading, enum import_outcome outcome, const char *format, ...)
{
	struct import *import = reading->import;
	struct import_note *to = &import->notes[import->note_count];
	int used;
	va_list args;

	if (import->note_count == IMPORT_NOTES)
		return;
	import->note_count++;
	to->outcome = outcome;
	used = snprintf(to->text, sizeof(to->text), "%s:%u: ", reading->file, reading->entry->line);
	va_start(args, format);
	vsnprintf(to->text + used, sizeof(to->text) - (size_t)used, format, args);
	va_end(args);
}

static void take_as(const struct reading *reading, enum setting_id id, const char *value)
{
	const struct setting *setting = setting_of(id);
	struct import *import = reading->import;
	size_t i = 0;
	struct rc_error why;

	if (strlen(value) >= sizeof(import->values[0])) {
		note(reading, IMPORT_NOT, "%s is too long to be taken", reading->entry->key);
		return;
	}
	if (setting_check(id, value, &why)) {
		note(reading, IMPORT_NOT, "%s cannot be taken: %.120s", reading->entry->key,
		     why.text);
		return;
	}
	while (i < import->change_count && import->changes[i].id != id)
		i++;
	import->change_count += i == import->change_count;
	snprintf(import->values[i], sizeof(import->values[i]), "%s", value);
	import->changes[i] = (struct setting_change){ id, import->values[i] };
	note(reading, strcmp(value, reading->entry->value) == 0 ? IMPORT_TAKEN : IMPORT_CHANGED,
	     "%s is [%s] %s = %s", reading->entry->key, setting->section, setting->key, value);
}

static void take_port(const struct reading *reading)
{
	take_as(reading, SETTING_RTSP_PORT, reading->entry->value);
}

static void take_bitrate(const struct reading *reading)
{
	take_as(reading, SETTING_BITRATE, reading->entry->value);
}

/* Both name and password must be there; neither is shown. */
static void take_user(const struct reading *reading)
{
	const char *name = shell_conf_value(reading->conf, "USERNAME");
	const char *password = shell_conf_value(reading->conf, "USERPASSWORD");
	struct import *import = reading->import;

	if (!name || !password || !*name) {
		note(reading, IMPORT_NOT,
		     "%s is nothing without the other of USERNAME and "
		     "USERPASSWORD",
		     reading->entry->key);
		return;
	}
	if (strlen(name) >= USER_NAME || strlen(password) < USER_PASSWORD_MIN ||
	    strlen(password) > USER_PASSWORD_MAX) {
		note(reading, IMPORT_NOT,
		     "the password of RTSP has %zu characters, and recamd asks for %u to %u: set "
		     "one "
		     "with recamd passwd",
		     strlen(password), USER_PASSWORD_MIN, USER_PASSWORD_MAX);
		return;
	}
	snprintf(import->user, sizeof(import->user), "%s", name);
	snprintf(import->password, sizeof(import->password), "%s", password);
	note(reading, IMPORT_CHANGED, "%s is that of the user \"%s\", who may see",
	     reading->entry->key, name);
}

static void ignore(const struct reading *reading)
{
	note(reading, IMPORT_NOT, "%s is nothing to recamd", reading->entry->key);
}

static void keep_for_later(const struct reading *reading)
{
	note(reading, IMPORT_LATER, "%s: this version of recamd does not have that yet",
	     reading->entry->key);
}

/* facts/dafang-cfw-contract.md A.2, A.10. A file's keys in order; the last, "", is for all
 * that it has else. */
static const struct {
	const char *file, *key;
	void (*take)(const struct reading *reading);
} table[] = {
	{ "rtspserver.conf", "PORT", take_port },
	{ "rtspserver.conf", "BITRATE", take_bitrate },
	{ "rtspserver.conf", "USERNAME", take_user },
	{ "rtspserver.conf", "USERPASSWORD", take_user },
	{ "rtspserver.conf", "LOG", ignore },
	{ "rtspserver.conf", "LOGDIR", ignore },
	{ "rtspserver.conf", "LOGPATH", ignore },
	{ "rtspserver.conf", "", keep_for_later },
	{ "mqtt.conf", "LD_LIBRARY_PATH", ignore },
	{ "mqtt.conf", "", keep_for_later },
	{ "motion.conf", "", keep_for_later },
	{ "osd.conf", "", keep_for_later },
	{ "timelapse.conf", "", keep_for_later },
	{ "autonight.conf", "", keep_for_later },
	{ "sendmail.conf", "", keep_for_later },
	{ "telegram.conf", "", keep_for_later },
	{ "matrix.conf", "", keep_for_later },
};

static void take_entry(const struct reading *reading)
{
	if (reading->entry->problem) {
		note(reading, IMPORT_NOT, "the line %s", reading->entry->problem);
		return;
	}
	for (size_t i = 0; i < RC_COUNT(table); i++) {
		if (strcmp(table[i].file, reading->file) != 0)
			continue;
		if (!*table[i].key || strcmp(table[i].key, reading->entry->key) == 0) {
			table[i].take(reading);
			return;
		}
	}
}

static int read_file(const char *path, const char *file, const char *hostname,
		     struct import *import, struct rc_error *err)
{
	struct shell_conf conf = { 0 };
	struct rc_buffer text;
	struct rc_error why;
	int result = rc_file_read(path, FILE_LIMIT, &text, err);

	if (result)
		return result;
	result = shell_conf_read((struct rc_span){ text.data, text.size }, hostname, &conf, &why);
	if (result)
		rc_fail(err, why.status, "%s: %s", path, why.text);
	for (size_t i = 0; i < conf.count && !result; i++)
		take_entry(&(struct reading){ import, file, &conf, &conf.entries[i] });
	shell_conf_free(&conf);
	rc_buffer_free(&text);
	return result;
}

/* hostname.conf holds nothing but the name. */
static int read_hostname(const char *directory, char name[64], struct import *import,
			 struct rc_error *err)
{
	static const char file[] = "hostname.conf";
	struct shell_entry entry = { .line = 1, .key = "the name" };
	char *path = rc_path_join(directory, file);
	struct rc_buffer text = { 0 };
	int result = path ? 0 : rc_fail_memory(err, strlen(directory));

	snprintf(name, 64, "DAFANG"); /* its fallback */
	if (path && rc_file_exists(path))
		result = rc_file_read(path, FILE_LIMIT, &text, err);
	if (!result && text.size > 0) {
		snprintf(entry.value, sizeof(entry.value), "%.*s",
			 (int)(text.size < 200 ? text.size : 200), (const char *)text.data);
		entry.value[strcspn(entry.value, "\r\n")] = '\0';
		take_as(&(struct reading){ import, file, NULL, &entry }, SETTING_NAME, entry.value);
		snprintf(name, 64, "%.63s", entry.value);
	}
	rc_buffer_free(&text);
	free(path);
	return result;
}

/* A.10: what is not read, so that nobody looks for it in vain. */
static const struct {
	const char *file;
	enum import_outcome outcome;
	const char *why;
} others[] = {
	{ "ptz_presets.conf", IMPORT_LATER, "this version of recamd has no motors" },
	{ "cameraposition", IMPORT_LATER, "this version of recamd has no motors" },
	{ "ldr-average.conf", IMPORT_LATER, "this version of recamd has no automatic night mode" },
	{ "autostart", IMPORT_NOT, "recamd is one process: its settings say what it does" },
	{ "lighttpd.user", IMPORT_NOT, "passwords of the page cannot be taken: run recamd passwd" },
	{ "letsencrypt.conf", IMPORT_NOT,
	  "put your certificate into the state folder as certificate.pem and certificate-key.pem" },
	{ "updates.conf", IMPORT_NOT, "recamd does not update itself" },
	{ "wifi.conf", IMPORT_NOT, "the network is the system's" },
	{ "hostapd.conf", IMPORT_NOT, "the network is the system's" },
	{ "udhcpd.conf", IMPORT_NOT, "the network is the system's" },
	{ "wpa_supplicant.conf", IMPORT_NOT, "the network is the system's" },
	{ "staticip.conf", IMPORT_NOT, "the network is the system's" },
	{ "defaultgw.conf", IMPORT_NOT, "the network is the system's" },
	{ "resolv.conf", IMPORT_NOT, "the network is the system's" },
	{ "usb_eth_driver.conf", IMPORT_NOT, "the network is the system's" },
	{ "ntp_srv.conf", IMPORT_NOT, "the clock is the system's" },
	{ "timezone.conf", IMPORT_NOT, "the clock is the system's" },
	{ "ssh.conf", IMPORT_NOT, "ssh is the system's" },
	{ "swap.conf", IMPORT_NOT, "memory is the system's" },
};

static void name_others(const char *directory, struct import *import)
{
	for (size_t i = 0; i < RC_COUNT(others) && import->note_count < IMPORT_NOTES; i++) {
		char *path = rc_path_join(directory, others[i].file);

		if (path && rc_file_exists(path)) {
			struct import_note *to = &import->notes[import->note_count++];

			to->outcome = others[i].outcome;
			snprintf(to->text, sizeof(to->text), "%s: %s", others[i].file,
				 others[i].why);
		}
		free(path);
	}
}

int import_read(const char *directory, struct import *import, struct rc_error *err)
{
	char hostname[64];
	size_t found;
	int result;

	*import = (struct import){ .notes = calloc(IMPORT_NOTES, sizeof(*import->notes)) };
	if (!import->notes)
		return rc_fail_memory(err, IMPORT_NOTES * sizeof(*import->notes));
	result = read_hostname(directory, hostname, import, err);
	found = import->note_count;
	for (size_t i = 0; i < RC_COUNT(table) && !result; i++) {
		char *path;

		if (i > 0 && strcmp(table[i].file, table[i - 1].file) == 0)
			continue;
		path = rc_path_join(directory, table[i].file);
		if (!path)
			result = rc_fail_memory(err, strlen(directory));
		else if (rc_file_exists(path) && ++found)
			result = read_file(path, table[i].file, hostname, import, err);
		free(path);
	}
	if (!result && found == 0)
		result = rc_fail(
			err, RC_ENOTFOUND,
			"%s holds none of the Dafang firmware's settings (rtspserver.conf, "
			"mqtt.conf, motion.conf ...): name the folder \"config\" of its card",
			directory);
	if (result)
		import_free(import);
	else
		name_others(directory, import);
	return result;
}

void import_free(struct import *import)
{
	explicit_bzero(import->password, sizeof(import->password));
	free(import->notes);
	*import = (struct import){ 0 };
}
