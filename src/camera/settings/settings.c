/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/settings/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/strict_ini.h"

#define FILE_LIMIT RC_KIB(256)

struct reading {
	struct settings settings;
	unsigned seen[SETTING_COUNT]; /* the line that set it; 0 none */
	char section[32];
};

static bool is_utf8(const char *text)
{
	const uint8_t *p = (const uint8_t *)text;

	while (*p) {
		unsigned more = *p < 0x80                 ? 0
				: *p >= 0xc2 && *p < 0xe0 ? 1
				: (*p & 0xf0) == 0xe0     ? 2
				: *p >= 0xf0 && *p < 0xf5 ? 3
							  : 9;

		if (more == 9)
			return false;
		for (p++; more; more--, p++)
			if ((*p & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static int check_number(const struct setting *setting, const char *value, struct rc_error *err)
{
	uint64_t number;

	if (!rc_parse_number(value, (uint64_t)setting->max, &number) || (long)number < setting->min)
		return rc_fail(err, RC_ERANGE,
			       "%s = %s: it is a number from %ld to %ld%s%s, such as %s",
			       setting->key, value, setting->min, setting->max,
			       *setting->unit ? " " : "", setting->unit, setting->fallback);
	return 0;
}

int setting_check(enum setting_id id, const char *value, struct rc_error *err)
{
	const struct setting *setting = setting_of(id);
	const char *should = setting->wrong ? setting->wrong(value) : NULL;
	size_t size = strlen(value);

	if (setting->type == SETTING_NUMBER)
		return check_number(setting, value, err);
	if (!is_utf8(value) || strpbrk(value, "\r\n") || strstr(value, " ;"))
		return rc_fail(err, RC_ERANGE, "%s: it is one line of UTF-8 text without \" ;\"",
			       setting->key);
	if (size < (size_t)setting->min || size > (size_t)setting->max)
		return rc_fail(err, RC_ERANGE, "%s has %zu characters, and may have %ld to %ld",
			       setting->key, size, setting->min, setting->max);
	if (should)
		return rc_fail(err, RC_ERANGE, "%s = %s: it is %s", setting->key, value, should);
	return 0;
}

static int replace_value(struct settings *settings, enum setting_id id, const char *value,
			 struct rc_error *err)
{
	char *copy = strdup(value);

	if (!copy)
		return rc_fail_memory(err, strlen(value) + 1);
	free(settings->values[id]);
	settings->values[id] = copy;
	return 0;
}

int settings_defaults(struct settings *settings, struct rc_error *err)
{
	int result = 0;

	*settings = (struct settings){ 0 };
	for (unsigned id = 0; id < SETTING_COUNT && !result; id++)
		result = replace_value(settings, (enum setting_id)id,
				       setting_of((enum setting_id)id)->fallback, err);
	if (result)
		settings_free(settings);
	return result;
}

static int on_section(void *context, const struct ini_place *place, const char *name,
		      struct rc_error *err)
{
	struct reading *reading = context;

	for (unsigned id = 0; id < SETTING_COUNT; id++) {
		if (strcmp(setting_of((enum setting_id)id)->section, name) == 0) {
			snprintf(reading->section, sizeof(reading->section), "%s", name);
			return 0;
		}
	}
	return ini_fail(place, err, "there is no section [%s]", name);
}

/* "source, still, bitrate" */
static void list_keys(const char *section, char *list, size_t size)
{
	*list = '\0';
	for (unsigned id = 0; id < SETTING_COUNT; id++) {
		const struct setting *setting = setting_of((enum setting_id)id);
		size_t length = strlen(list);

		if (strcmp(setting->section, section) == 0)
			snprintf(list + length, size - length, "%s%s", length ? ", " : "",
				 setting->key);
	}
}

static int on_entry(void *context, const struct ini_place *place, const char *key,
		    const char *value, struct rc_error *err)
{
	struct reading *reading = context;
	enum setting_id id = setting_find(reading->section, key);
	struct rc_error why;
	char keys[256];

	if (!*reading->section)
		return ini_fail(place, err, "\"%s\" stands before the first [section]", key);
	if (id == SETTING_COUNT) {
		list_keys(reading->section, keys, sizeof(keys));
		return ini_fail(place, err, "[%s] has no \"%s\"; it has %s", reading->section, key,
				keys);
	}
	if (reading->seen[id])
		return ini_fail(place, err, "%s was set in line %u already", key,
				reading->seen[id]);
	reading->seen[id] = place->line;
	if (setting_check(id, value, &why))
		return ini_fail(place, err, "%s", why.text);
	return replace_value(&reading->settings, id, value, err);
}

int settings_parse(const char *file, struct rc_span text, struct settings *settings,
		   struct rc_error *err)
{
	struct reading reading = { 0 };
	const struct ini_events events = { on_section, on_entry, &reading, .utf8 = true };
	int result = settings_defaults(&reading.settings, err);

	if (!result)
		result = ini_read(file, text, &events, err);
	if (result) {
		settings_free(&reading.settings);
		return result;
	}
	settings_free(settings);
	*settings = reading.settings;
	return 0;
}

int settings_load(const char *path, struct settings *settings, struct rc_error *err)
{
	struct rc_buffer text;
	int result = rc_file_read(path, FILE_LIMIT, &text, err);

	if (result)
		return result;
	result = settings_parse(path, (struct rc_span){ text.data, text.size }, settings, err);
	rc_buffer_free(&text);
	return result;
}

void settings_free(struct settings *settings)
{
	for (unsigned id = 0; id < SETTING_COUNT; id++)
		free(settings->values[id]);
	*settings = (struct settings){ 0 };
}

const char *settings_text(const struct settings *settings, enum setting_id id)
{
	return settings->values[id];
}

long settings_number(const struct settings *settings, enum setting_id id)
{
	return strtol(settings->values[id], NULL, 0);
}

bool settings_differ(const struct settings *a, const struct settings *b, enum setting_id id)
{
	return strcmp(a->values[id], b->values[id]) != 0;
}
