/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strict_ini.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct ini_reader {
	struct rc_span left;
	struct ini_place place;
	const struct ini_events *events;
	struct rc_error *err;
	int result; /* of the first thing that failed */
};

int ini_fail(const struct ini_place *place, struct rc_error *err, const char *format, ...)
{
	char reason[512];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return rc_fail(err, RC_EFORMAT, "%s:%u: %s", place->file, place->line, reason);
}

/* The next line without its end. */
static struct rc_span take_line(struct ini_reader *reader)
{
	struct rc_span line = reader->left;
	const uint8_t *end = memchr(line.data, '\n', line.size);

	if (end)
		line.size = (size_t)(end - line.data);
	reader->left = rc_span_sub(reader->left, line.size + 1, SIZE_MAX);
	if (line.size > 0 && line.data[line.size - 1] == '\r')
		line.size--;
	return line;
}

static bool is_allowed(uint8_t byte, bool utf8)
{
	return byte >= 0x20 && byte != 0x7f && (byte < 0x7f || utf8);
}

static int check_bytes(const struct ini_reader *reader, struct rc_span line)
{
	for (size_t i = 0; i < line.size; i++) {
		if (!is_allowed(line.data[i], reader->events->utf8))
			return ini_fail(&reader->place, reader->err,
					"column %zu holds the byte 0x%02x: the file is plain %s, "
					"with blanks for tabs",
					i + 1, line.data[i],
					reader->events->utf8 ? "text" : "ASCII");
		if (line.data[i] == ';' && i > 0 && line.data[i - 1] == ' ')
			return ini_fail(&reader->place, reader->err,
					"column %zu holds a ';' behind a blank, which would cut "
					"the line there: put the comment on a line of its own",
					i + 1);
	}
	return 0;
}

static int open_section(const struct ini_reader *reader, const char *line)
{
	const char *end = strchr(line, ']');
	char name[INI_LINE_LIMIT + 1];

	if (!end || end[1])
		return ini_fail(&reader->place, reader->err,
				"\"%s\" is no section: write [NAME] and nothing behind it", line);
	snprintf(name, sizeof(name), "%.*s", (int)(end - line - 1), line + 1);
	return reader->events->section(reader->events->context, &reader->place, name, reader->err);
}

/* Judges one line, and tells of it where it opens a section. */
static int check_line(const struct ini_reader *reader, struct rc_span bytes, const char *line)
{
	if (bytes.size == strspn(line, " ") || line[0] == '#' || line[0] == ';')
		return 0;
	if (check_bytes(reader, bytes))
		return RC_EFORMAT;
	if (line[0] == ' ')
		return ini_fail(&reader->place, reader->err,
				"the line begins with a blank: start it in the first column");
	if (line[0] == '[')
		return open_section(reader, line);
	if (line[0] == '=' || line[strcspn(line, "=:")] != '=')
		return ini_fail(&reader->place, reader->err,
				"\"%s\" is not \"key = value\", [section] or # comment", line);
	return 0;
}

/* inih's fgets: one whole line, or NULL at the end and after an error. */
static char *next_line(char *out, int room, void *stream)
{
	struct ini_reader *reader = stream;
	struct rc_span line;

	if (reader->result || reader->left.size == 0)
		return NULL;
	line = take_line(reader);
	reader->place.line++;
	if (line.size > INI_LINE_LIMIT || line.size + 2 > (size_t)room) {
		reader->result = ini_fail(&reader->place, reader->err,
					  "the line has %zu characters, %u are the most: use the "
					  "key again on a line of its own, or fewer words",
					  line.size, INI_LINE_LIMIT);
		return NULL;
	}
	memcpy(out, line.data, line.size);
	out[line.size] = '\0';
	reader->result = check_line(reader, line, out);
	if (reader->result)
		return NULL;
	/* What check_line has dealt with is blank to inih: only entries are left to it. */
	if (out[0] == '[' || out[0] == '#' || out[0] == ';')
		out[0] = '\0';
	memcpy(out + strlen(out), "\n", 2);
	return out;
}

static int on_entry(void *context, const char *section, const char *key, const char *value)
{
	struct ini_reader *reader = context;

	(void)section;
	if (reader->result == 0)
		reader->result = reader->events->entry(reader->events->context, &reader->place, key,
						       value, reader->err);
	return 1;
}

int ini_read(const char *file, struct rc_span text, const struct ini_events *events,
	     struct rc_error *err)
{
	struct ini_reader reader = {
		.left = text,
		.place = { .file = file },
		.events = events,
		.err = err,
	};
	int line = ini_parse_stream(next_line, &reader, on_entry, &reader);

	if (reader.result)
		return reader.result;
	if (line != 0)
		return rc_fail(err, RC_EFORMAT, "%s:%d: cannot be read as \"key = value\"", file,
			       line);
	return 0;
}
