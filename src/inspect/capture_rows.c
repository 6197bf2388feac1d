/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the text of a capture to its rows, in the order in which they were printed. */
#include "inspect/capture_rows.h"

#include <stdlib.h>
#include <string.h>

/* --- Lines --- */

void capture_reader_begin(struct capture_reader *reader, struct rc_span text)
{
	memset(reader, 0, sizeof(*reader));
	reader->all = text;
	reader->number = 1;
	log_lines_begin(&reader->cursor, text);
	reader->has_next = log_lines_next(&reader->cursor, &reader->next);
}

static bool is_row(const char *text)
{
	struct capture_line line;

	capture_line_read(text, &line);
	return line.kind == CAPTURE_ROW && line.ascii;
}

/* A terminal narrower than the row broke it: the two lines together are a row. What was at
 * the break may have been a blank, which the line reader does not keep. */
static bool join(struct capture_reader *reader)
{
	size_t size = strlen(reader->text);
	struct capture_line joined;
	char text[CAPTURE_TEXT];

	if (!reader->has_next || size + reader->next.size + 2 > sizeof(text) ||
	    is_row(reader->next.text))
		return false;
	/* From many to few: what fits md's columns with four blanks fits xxd's with two. */
	for (unsigned blanks = 8; blanks-- > 0;) {
		memcpy(text, reader->text, size);
		memset(text + size, ' ', blanks);
		memcpy(text + size + blanks, reader->next.text, reader->next.size + 1);
		capture_line_read(text, &joined);
		if (joined.kind != CAPTURE_ROW || !joined.ascii)
			continue;
		memcpy(reader->text, text, sizeof(text));
		reader->line = joined;
		return true;
	}
	return false;
}

bool capture_reader_next(struct capture_reader *reader)
{
	if (!reader->has_next)
		return false;
	for (; reader->counted < reader->next.offset; reader->counted++)
		reader->number += reader->all.data[reader->counted] == '\n';
	reader->sequence++;
	memcpy(reader->text, reader->next.text, reader->next.size + 1);
	capture_line_read(reader->text, &reader->line);
	reader->has_next = log_lines_next(&reader->cursor, &reader->next);
	reader->joined = reader->line.kind == CAPTURE_GARBLED && join(reader);
	if (reader->joined)
		reader->has_next = log_lines_next(&reader->cursor, &reader->next);
	return true;
}

/* --- Rows --- */

static bool add_row(struct capture_rows *rows, const struct capture_reader *reader)
{
	const struct capture_line *line = &reader->line;
	struct capture_row *row;

	if (rows->count == rows->room) {
		size_t room = rows->room ? rows->room * 2 : 1024;
		struct capture_row *grown = realloc(rows->at, room * sizeof(*grown));

		if (!grown)
			return false;
		rows->at = grown;
		rows->room = room;
	}
	row = &rows->at[rows->count++];
	*row = (struct capture_row){ .place = CAPTURE_NOWHERE,
				     .bytes = (uint32_t)rows->bytes.size,
				     .line = (uint32_t)reader->number,
				     .sequence = (uint32_t)reader->sequence,
				     .count = (uint8_t)line->count,
				     .kind = (uint8_t)line->kind,
				     .tool = (uint8_t)line->tool,
				     .joined = reader->joined,
				     .read = (uint16_t)rows->read_count };
	memcpy(row->address, line->address, sizeof(row->address));
	if (line->kind != CAPTURE_ROW)
		row->count = 0;
	return rc_buffer_append(&rows->bytes, line->bytes, row->count);
}

/* Lines that only look like the end or a repetition of a dump stand alone in every log. */
static bool belongs(const struct capture_rows *rows, const struct capture_line *line)
{
	const struct capture_row *last = rows->count ? &rows->at[rows->count - 1] : NULL;

	if (line->kind == CAPTURE_ROW || line->kind == CAPTURE_GARBLED)
		return true;
	if (!last || last->kind == CAPTURE_GARBLED)
		return last != NULL;
	if (line->kind == CAPTURE_REPEAT)
		return last->kind == CAPTURE_ROW;
	return last->kind != CAPTURE_END && last->tool != CAPTURE_MD && last->tool != CAPTURE_XXD;
}

int capture_rows_read(struct rc_span text, struct capture_rows *rows, struct rc_error *err)
{
	struct capture_reader *reader = malloc(sizeof(*reader));

	memset(rows, 0, sizeof(*rows));
	if (!reader)
		return rc_fail_memory(err, sizeof(*reader));
	capture_reader_begin(reader, text);
	while (capture_reader_next(reader)) {
		if (reader->line.kind == CAPTURE_NO_DUMP) {
			capture_note_commands(rows, reader->text);
		} else if (belongs(rows, &reader->line) && !add_row(rows, reader)) {
			free(reader);
			return rc_fail_memory(err, rows->room * 2 * sizeof(*rows->at));
		}
	}
	free(reader);
	return 0;
}

void capture_rows_free(struct capture_rows *rows)
{
	free(rows->at);
	rc_buffer_free(&rows->bytes);
	memset(rows, 0, sizeof(*rows));
}

bool capture_probe(struct rc_span text)
{
	struct capture_reader *reader = malloc(sizeof(*reader));
	size_t lines = 0, hex = 0;

	if (!reader)
		return false;
	capture_reader_begin(reader, rc_span_sub(text, 0, RC_MIB(1)));
	while (capture_reader_next(reader)) {
		lines++;
		hex += reader->line.kind == CAPTURE_ROW;
	}
	free(reader);
	return hex >= 4 && hex * 2 > lines;
}

int capture_other_lines(struct rc_span text, void (*visit)(void *context, char *line),
			void *context, struct rc_error *err)
{
	struct capture_reader *reader = malloc(sizeof(*reader));

	if (!reader)
		return rc_fail_memory(err, sizeof(*reader));
	capture_reader_begin(reader, text);
	while (capture_reader_next(reader)) {
		if (reader->line.kind == CAPTURE_NO_DUMP)
			visit(context, reader->text);
	}
	free(reader);
	return 0;
}
