/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings as a file: written from the table, and changed with the owner's own words in it. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "camera/settings/settings.h"

#define FILE_LIMIT RC_KIB(256)
#define AT_START   "A change is taken by the next start."

static void add_commented(struct rc_text *out, const char *lines)
{
	while (*lines) {
		size_t size = strcspn(lines, "\n");

		rc_text_add(out, "# %.*s\n", (int)size, lines);
		lines += size + (lines[size] == '\n');
	}
}

void settings_describe(struct rc_text *out)
{
	const char *section = "";

	add_commented(out, "Settings of recamd. What stands behind # holds until a line without # "
			   "says otherwise.\n\"recamd --check --config FILE\" tells whether all "
			   "is right; kill -HUP makes a\nrunning recamd read the file again.");
	for (unsigned id = 0; id < SETTING_COUNT; id++) {
		const struct setting *setting = setting_of((enum setting_id)id);

		if (strcmp(setting->section, section) != 0)
			rc_text_add(out, "\n[%s]\n", setting->section);
		section = setting->section;
		rc_text_add(out, "\n");
		add_commented(out, setting->help);
		for (const struct setting_form *form = setting->forms; form && form->form; form++)
			rc_text_add(out, "#   %-18s %s\n", form->form, form->meaning);
		if (setting->type == SETTING_NUMBER)
			rc_text_add(out, "# %ld to %ld%s%s\n", setting->min, setting->max,
				    *setting->unit ? " " : "", setting->unit);
		if (setting->at_start)
			add_commented(out, AT_START);
		rc_text_add(out, "#%s =%s%s\n", setting->key, *setting->fallback ? " " : "",
			    setting->fallback);
	}
}

/* troff takes a line that begins with . or ' for a request. */
static void add_troff(struct rc_text *out, const char *lines)
{
	for (bool start = true; *lines; lines++) {
		if (start && (*lines == '.' || *lines == '\''))
			rc_text_add(out, "\\&");
		if (*lines == '\\' || *lines == '-')
			rc_text_add(out, "\\");
		rc_text_add(out, "%c", *lines);
		start = *lines == '\n';
	}
	rc_text_add(out, "\n");
}

static void add_manual_of(struct rc_text *out, const struct setting *setting)
{
	rc_text_add(out, ".TP\n.B ");
	add_troff(out, setting->key);
	add_troff(out, setting->help);
	if (setting->forms)
		rc_text_add(out, ".RS\n");
	for (const struct setting_form *form = setting->forms; form && form->form; form++) {
		rc_text_add(out, ".TP\n.B ");
		add_troff(out, form->form);
		add_troff(out, form->meaning);
	}
	if (setting->forms)
		rc_text_add(out, ".RE\n.IP\n");
	if (setting->type == SETTING_NUMBER)
		rc_text_add(out, "%ld to %ld%s%s.\n", setting->min, setting->max,
			    *setting->unit ? " " : "", setting->unit);
	if (*setting->fallback)
		rc_text_add(out, "Where the file says nothing:\n.BR \"%s\" .\n", setting->fallback);
	else
		rc_text_add(out, "Where the file says nothing: none.\n");
	if (setting->at_start)
		add_troff(out, AT_START);
}

void settings_manual(struct rc_text *out)
{
	const char *section = "";

	for (unsigned id = 0; id < SETTING_COUNT; id++) {
		const struct setting *setting = setting_of((enum setting_id)id);

		if (strcmp(setting->section, section) != 0)
			rc_text_add(out, ".SS [%s]\n", setting->section);
		section = setting->section;
		add_manual_of(out, setting);
	}
}

/* One line of the old file, with its end. */
struct line {
	const char *text;
	size_t size;
	bool is_section, is_comment;
	char section[32]; /* of a section: its name */
	char key[32];     /* of "key = value" and of "#key = value" */
};

static size_t copy_word(char *out, size_t room, const char *from, size_t size)
{
	if (size >= room)
		size = 0;
	memcpy(out, from, size);
	out[size] = '\0';
	return size;
}

static struct line read_line(const char *text, size_t left)
{
	const char *end = memchr(text, '\n', left);
	struct line line = { .text = text, .size = end ? (size_t)(end - text) + 1 : left };
	const char *equals = memchr(text, '=', line.size);
	const char *close = memchr(text, ']', line.size);

	line.is_comment = line.size > 0 && *text == '#';
	line.is_section = line.size > 0 && *text == '[' && close;
	if (line.is_section) {
		copy_word(line.section, sizeof(line.section), text + 1, (size_t)(close - text) - 1);
	} else if (equals) {
		const char *start = text + line.is_comment;

		while (equals > start && equals[-1] == ' ')
			equals--;
		copy_word(line.key, sizeof(line.key), start, (size_t)(equals - start));
	}
	return line;
}

/* Where the change goes: in the place of the line that sets it, else of the comment that
 * shows its fallback, else behind the section's header; at the end where there is none. */
struct place {
	size_t at;      /* offset in the old file */
	size_t replace; /* bytes of it that go */
	bool section;   /* it has to be opened first */
};

static struct place find_place(struct rc_span old, const struct setting *setting)
{
	struct place set = { old.size, 0, true }, shown = set, header = set;
	bool here = false;

	for (size_t at = 0; at < old.size;) {
		struct line line = read_line((const char *)old.data + at, old.size - at);

		if (line.is_section)
			here = strcmp(line.section, setting->section) == 0;
		if (here && line.is_section)
			header = (struct place){ at + line.size, 0, false };
		else if (here && strcmp(line.key, setting->key) == 0)
			*(line.is_comment ? &shown : &set) = (struct place){ at, line.size, false };
		at += line.size;
	}
	return !set.section ? set : !shown.section ? shown : header;
}

static int change_one(struct rc_text *text, const struct setting_change *change,
		      struct rc_error *err)
{
	const struct setting *setting = setting_of(change->id);
	struct rc_span old = { (const uint8_t *)rc_text_get(text), text->size };
	struct place place = find_place(old, setting);
	struct rc_text out = { 0 };

	rc_text_add_bytes(&out, (const char *)old.data, place.at);
	if (place.at > 0 && old.data[place.at - 1] != '\n')
		rc_text_add(&out, "\n");
	if (place.section)
		rc_text_add(&out, "\n[%s]\n", setting->section);
	rc_text_add(&out, "%s = %s\n", setting->key, change->value);
	rc_text_add_bytes(&out, (const char *)old.data + place.at + place.replace,
			  old.size - place.at - place.replace);
	rc_text_free(text);
	*text = out;
	return out.failed ? rc_fail_memory(err, out.size) : 0;
}

int settings_edit(const char *file, struct rc_span old, const struct setting_change *changes,
		  size_t count, struct rc_text *out, struct rc_error *err)
{
	struct settings settings = { 0 };
	int result = settings_parse(file, old, &settings, err);

	*out = (struct rc_text){ 0 };
	for (size_t i = 0; i < count && !result; i++)
		result = setting_check(changes[i].id, changes[i].value, err);
	if (!result)
		rc_text_add_bytes(out, (const char *)old.data, old.size);
	for (size_t i = 0; i < count && !result; i++)
		result = change_one(out, &changes[i], err);
	/* What we write ourselves, we can read. */
	if (!result)
		result = settings_parse(
			file, (struct rc_span){ (const uint8_t *)rc_text_get(out), out->size },
			&settings, err);
	if (result)
		rc_text_free(out);
	settings_free(&settings);
	return result;
}

int settings_change(const char *path, const struct setting_change *changes, size_t count,
		    struct rc_error *err)
{
	struct rc_buffer old = { 0 };
	struct rc_text fresh = { 0 }, out = { 0 };
	int result = 0;

	if (rc_file_exists(path))
		result = rc_file_read(path, FILE_LIMIT, &old, err);
	else
		settings_describe(&fresh);
	if (!result && fresh.failed)
		result = rc_fail_memory(err, fresh.size);
	if (!result)
		result = settings_edit(
			path,
			fresh.size ? (struct rc_span){ (uint8_t *)fresh.data, fresh.size }
				   : (struct rc_span){ old.data, old.size },
			changes, count, &out, err);
	/* It may come to hold passwords of others' servers: for its owner alone. */
	if (!result)
		result = rc_file_replace(path, out.data ? out.data : "", out.size, 0600, err);
	rc_text_free(&out);
	rc_text_free(&fresh);
	rc_buffer_free(&old);
	return result;
}
