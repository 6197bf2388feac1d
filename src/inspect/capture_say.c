/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person is told of a capture, and the capture written again with other bytes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flash/layout.h"
#include "inspect/capture_rows.h"

#define SAID_GAPS     12
#define SAID_COMMANDS 24
/* So many holes in one stretch of flash are not worth a command each. */
#define HOLES_MAX 8

static void describe_gap(const struct capture *capture, const struct capture_gap *gap,
			 struct rc_text *out)
{
	char size[RC_SIZE_TEXT];

	rc_text_add(out, "%s at 0x%" PRIX64 "%s", rc_size_text(size, gap->size), gap->address,
		    gap->contradicting ? " contradict each other" : " are missing");
	if (capture->tool == CAPTURE_MD && capture->has_offset)
		rc_text_add(out, " (flash 0x%" PRIX64 ")", capture->flash_offset + gap->offset);
	rc_text_add(out, "\n");
}

void capture_describe(const struct capture *capture, struct rc_text *out)
{
	if (capture->of_memory)
		rc_text_add(out, "%s\n", capture->memory_why);
	if (capture->garbled)
		rc_text_add(out,
			    "%zu line%s garbled, the first is line %zu: the digits and the ASCII "
			    "column disagree, or one of them is cut\n",
			    capture->garbled, capture->garbled == 1 ? " is" : "s are",
			    capture->first_garbled);
	if (capture->contradicting)
		rc_text_add(out, "%zu line%s what another line of the same address says\n",
			    capture->contradicting,
			    capture->contradicting == 1 ? " contradicts" : "s contradict");
	for (size_t i = 0; i < capture->gap_count && i < SAID_GAPS; i++)
		describe_gap(capture, &capture->gaps[i], out);
	if (capture->gap_count > SAID_GAPS)
		rc_text_add(out, "and %zu more such places\n", capture->gap_count - SAID_GAPS);
	if (capture->end_unknown)
		rc_text_add(out,
			    "the end may be missing: nothing says that the line of 0x%" PRIX64
			    " is the last\n",
			    capture->address + (capture->size ? capture->size - 1 : 0));
}

/* --- Commands that get what is missing --- */

static void add_linux(enum capture_tool tool, const struct capture_gap *gap, struct rc_text *out)
{
	if (tool == CAPTURE_XXD)
		rc_text_add(out, "xxd -s 0x%" PRIX64 " -l %" PRIu64 " FILE\n", gap->address,
			    gap->size);
	else if (tool == CAPTURE_OD)
		rc_text_add(out, "od -A x -t x1 -v -j 0x%" PRIX64 " -N %" PRIu64 " FILE\n",
			    gap->address, gap->size);
	else
		rc_text_add(out, "hexdump -v -C -s 0x%" PRIX64 " -n %" PRIu64 " FILE\n",
			    gap->address, gap->size);
}

/* Gaps first to last - 1 lie in whole erase blocks that follow each other. */
static void add_group(const struct capture *capture, size_t first, size_t last, struct rc_text *out)
{
	const struct capture_gap *gap = &capture->gaps[first];
	uint64_t from = capture->flash_offset + gap->offset;
	uint64_t block = from - from % RC_ERASE_BLOCK;
	uint64_t memory = gap->address - from % RC_ERASE_BLOCK;
	uint64_t end = capture->flash_offset + gap[last - first - 1].offset +
		       gap[last - first - 1].size;
	uint64_t size = (end - block + RC_ERASE_BLOCK - 1) / RC_ERASE_BLOCK * RC_ERASE_BLOCK;

	rc_text_add(out, "sf read 0x%" PRIX64 " 0x%" PRIX64 " 0x%" PRIX64 "\n", memory, block,
		    size);
	if (last - first > HOLES_MAX) {
		rc_text_add(out, "md.b 0x%" PRIX64 " 0x%" PRIX64 "\n", memory, size);
		return;
	}
	for (size_t i = first; i < last; i++) {
		uint64_t place = capture->flash_offset + capture->gaps[i].offset - block;

		rc_text_add(out, "md.b 0x%" PRIX64 " 0x%" PRIX64 "\n", memory + place,
			    capture->gaps[i].size);
	}
}

static void add_md(const struct capture *capture, struct rc_text *out)
{
	size_t said = 0;

	if (capture->gap_count && capture->has_offset)
		rc_text_add(out, "sf probe\n");
	for (size_t first = 0, last; first < capture->gap_count && said < SAID_COMMANDS;
	     first = last) {
		const struct capture_gap *gap = &capture->gaps[first];
		uint64_t block;

		last = first + 1;
		said++;
		if (!capture->has_offset) {
			rc_text_add(out, "md.b 0x%" PRIX64 " 0x%" PRIX64 "\n", gap->address,
				    gap->size);
			continue;
		}
		block = (capture->flash_offset + gap->offset) / RC_ERASE_BLOCK;
		while (last < capture->gap_count &&
		       (capture->flash_offset + capture->gaps[last].offset) / RC_ERASE_BLOCK <=
			       block + 1 &&
		       capture->gaps[last].address > gap->address) {
			const struct capture_gap *next = &capture->gaps[last++];

			block = (capture->flash_offset + next->offset + next->size - 1) /
				RC_ERASE_BLOCK;
		}
		add_group(capture, first, last, out);
	}
}

void capture_commands(const struct capture *capture, struct rc_text *out)
{
	if (capture->tool == CAPTURE_MD) {
		add_md(capture, out);
		return;
	}
	for (size_t i = 0; i < capture->gap_count && i < SAID_COMMANDS; i++)
		add_linux(capture->tool, &capture->gaps[i], out);
}

/* --- Written again --- */

struct rewriting {
	const struct capture_rewriter *how;
	const struct capture_rows *rows;
	uint64_t begin;
	size_t size;
	size_t next; /* row */
};

static void hide_digits(char *text)
{
	size_t address = strcspn(text, ": ");

	for (char *at = text + address; *at; at++)
		*at = *at == ' ' || *at == ':' ? *at : '?';
}

static void rewrite_row(struct rewriting *w, struct capture_reader *reader)
{
	const struct capture_row *row = w->next < w->rows->count ? &w->rows->at[w->next] : NULL;

	if (!row || row->sequence != reader->sequence)
		return; /* no row: its digits stay */
	w->next++;
	if (reader->line.kind == CAPTURE_REPEAT || reader->line.kind == CAPTURE_END)
		return;
	if (row->kind != CAPTURE_ROW || row->place == CAPTURE_NOWHERE || row->place < w->begin ||
	    row->place - w->begin + row->count > w->size) {
		hide_digits(reader->text);
		return;
	}
	memcpy(reader->line.bytes, w->how->bytes + (row->place - w->begin), row->count);
	capture_line_write(&reader->line, reader->text);
}

static void rewrite_all(struct rc_span text, struct rewriting *w, struct capture_reader *reader,
			struct rc_text *out)
{
	capture_reader_begin(reader, text);
	while (capture_reader_next(reader)) {
		if (reader->line.kind == CAPTURE_NO_DUMP && w->how->pass) {
			w->how->pass(w->how->context, reader->text, out);
		} else {
			rewrite_row(w, reader);
			rc_text_add_bytes(out, reader->text, strlen(reader->text));
			rc_text_add_bytes(out, "\n", 1);
		}
	}
}

static int rewrite(struct rc_span text, const struct capture_options *options,
		   const struct capture *capture, struct rewriting *w, struct capture_rows *rows,
		   struct rc_text *out, struct rc_error *err)
{
	struct capture_reader *reader = malloc(sizeof(*reader));
	struct capture ignored = { 0 };
	int status;

	if (!reader)
		return rc_fail_memory(err, sizeof(*reader));
	status = capture_rows_read(text, rows, err);
	if (status == 0) {
		w->rows = rows;
		w->begin = capture->begin;
		w->size = capture->size;
		capture_place_rows(rows, options, &ignored);
		rewrite_all(text, w, reader, out);
		status = out->failed ? rc_fail_memory(err, out->size) : 0;
	}
	free(reader);
	return status;
}

int capture_rewrite(struct rc_span text, const struct capture_options *options,
		    const struct capture *capture, const struct capture_rewriter *rewriter,
		    struct rc_text *out, struct rc_error *err)
{
	struct capture_rows *rows = calloc(1, sizeof(*rows));
	struct rewriting w = { .how = rewriter };
	int status;

	if (!rows)
		return rc_fail_memory(err, sizeof(*rows));
	status = rewrite(text, options, capture, &w, rows, out, err);
	capture_rows_free(rows);
	free(rows);
	return status;
}
