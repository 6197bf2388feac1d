/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the parts of the capture reader: from text to rows (capture_rows.c), which rows
 * are of the flash (capture_flash.c), from rows to bytes (capture.c). */
#ifndef RECAM_INSPECT_CAPTURE_ROWS_H
#define RECAM_INSPECT_CAPTURE_ROWS_H

#include "inspect/capture.h"
#include "inspect/log_lines.h"

/* Lines of a capture, with those joined that a terminal wrapped. */
struct capture_reader {
	struct log_cursor cursor;
	struct log_line next;
	bool has_next;
	struct rc_span all;
	size_t counted;  /* bytes of it whose lines are counted */
	size_t number;   /* of the line in text, counted from 1 */
	size_t sequence; /* of those that this reader brought */
	bool joined;
	char text[CAPTURE_TEXT];
	struct capture_line line;
};
void capture_reader_begin(struct capture_reader *reader, struct rc_span text);
bool capture_reader_next(struct capture_reader *reader);

#define CAPTURE_NOWHERE UINT64_MAX

struct capture_row {
	uint64_t address[CAPTURE_RADIXES];
	uint64_t place;    /* where its bytes belong; CAPTURE_NOWHERE: not taken */
	uint32_t bytes;    /* where they lie in capture_rows.bytes */
	uint32_t line;     /* in text, counted from 1 */
	uint32_t sequence; /* as capture_reader counts */
	uint8_t count;
	uint8_t kind; /* enum capture_line_kind: ROW, REPEAT, END, GARBLED */
	uint8_t tool;
	uint8_t joined;
	uint16_t read; /* of capture_rows.reads: how many were typed before it */
};

/* "sf read ADDRESS OFFSET LENGTH" as typed. */
struct capture_sf_read {
	uint64_t address, offset, length;
	bool failed;
};

/* "md ADDRESS LENGTH" as typed. length in bytes. */
struct capture_command {
	uint64_t address, length;
	uint16_t read; /* of capture_rows.reads: how many were typed before it */
};

#define CAPTURE_COMMANDS 1024

struct capture_rows {
	struct capture_row *at;
	size_t count, room;
	struct rc_buffer bytes;
	struct capture_sf_read reads[CAPTURE_COMMANDS];
	size_t read_count;
	struct capture_command commands[CAPTURE_COMMANDS];
	size_t command_count;
	uint64_t objects; /* that the last md was to show; 0: none was typed yet */
};

int capture_rows_read(struct rc_span text, struct capture_rows *rows, struct rc_error *err);
void capture_rows_free(struct capture_rows *rows);

/* Sets place of each row: where in the flash (or in what was dumped) it belongs. False
 * where nothing in the capture says that what md showed is the flash: then the places are
 * by address, and right if the bytes look as a flash does. */
bool capture_place_rows(struct capture_rows *rows, const struct capture_options *options,
			struct capture *capture);

/* What the commands typed promise to be there: the places from *begin to *end; false where
 * none is seen. */
bool capture_promised(const struct capture_rows *rows, const struct capture_options *options,
		      uint64_t *begin, uint64_t *end);

/* Where place of the flash was in memory when md showed it. */
uint64_t capture_address_of(const struct capture_rows *rows, const struct capture *capture,
			    uint64_t place);

/* Takes note of an sf read or md in a line, and of how the last sf read ended. */
void capture_note_commands(struct capture_rows *rows, const char *text);

#endif
