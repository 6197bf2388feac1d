/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the rows of a capture to its bytes. */
#include "inspect/capture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flash/layout.h"
#include "format/format.h"
#include "inspect/capture_rows.h"

/* Whoever dumps a flash begins and ends at round addresses. */
#define ROUND 0x1000u

/* How often each byte was said, and another in its place: two counts of 4 bits. */
struct votes {
	uint8_t *counts; /* for bytes, in the low half; for other, in the high half */
	uint8_t *other;
};

static void vote(struct capture *capture, struct votes *votes, size_t at, uint8_t byte, bool *again,
		 bool *contradicts)
{
	uint8_t *count = &votes->counts[at];

	if ((*count & 0xf) == 0 || capture->bytes[at] == byte) {
		*again &= (*count & 0xf) != 0;
		capture->bytes[at] = byte;
		*count += (*count & 0xf) < 0xf;
		return;
	}
	*again = false;
	*contradicts = true;
	if (*count >> 4 && votes->other[at] != byte)
		return;
	votes->other[at] = byte;
	*count = (uint8_t)(*count + ((*count >> 4) < 0xf ? 0x10 : 0));
}

static void take_row(struct capture *capture, struct votes *votes, uint64_t begin,
		     const struct capture_row *row, const uint8_t *bytes)
{
	bool again = row->count > 0, contradicts = false;

	for (size_t i = 0; i < row->count && row->place - begin + i < capture->size; i++)
		vote(capture, votes, (size_t)(row->place - begin) + i, bytes[i], &again,
		     &contradicts);
	capture->rows++;
	capture->repeated += again;
	capture->contradicting += contradicts;
	capture->wrapped += row->joined;
}

/* "*": the row before, again and again, up to the next address. */
static void take_repeat(struct capture *capture, struct votes *votes, uint64_t begin,
			const struct capture_row *row, const uint8_t *bytes)
{
	uint64_t from = row[-1].place + row[-1].count;
	bool again = false, contradicts = false;

	if (row[-1].place == CAPTURE_NOWHERE || row[-1].count == 0 ||
	    row[1].place == CAPTURE_NOWHERE)
		return;
	for (uint64_t at = from; at < row[1].place && at - begin < capture->size; at++)
		vote(capture, votes, (size_t)(at - begin), bytes[(at - from) % row[-1].count],
		     &again, &contradicts);
}

static void take_all(struct capture *capture, struct votes *votes, const struct capture_rows *rows,
		     uint64_t begin)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct capture_row *row = &rows->at[i];

		if (row->kind == CAPTURE_GARBLED) {
			if (capture->garbled++ == 0)
				capture->first_garbled = row->line;
		} else if (row->kind == CAPTURE_ROW && row->place != CAPTURE_NOWHERE) {
			capture->tool = row->tool;
			take_row(capture, votes, begin, row, rows->bytes.data + row->bytes);
		} else if (row->kind == CAPTURE_REPEAT && i > 0 && i + 1 < rows->count) {
			take_repeat(capture, votes, begin, row, rows->bytes.data + row[-1].bytes);
		}
	}
}

/* --- How far it goes --- */

struct extent {
	uint64_t begin, end;
	uint64_t address; /* of begin, as printed */
	bool end_told;
	bool garbled; /* the last line of all */
};

static void measure_row(const struct capture_rows *rows, size_t i, struct extent *extent)
{
	const struct capture_row *row = &rows->at[i];

	if (row->kind == CAPTURE_GARBLED)
		extent->garbled = true;
	if (row->place == CAPTURE_NOWHERE)
		return;
	extent->garbled = false;
	if (row->kind == CAPTURE_END) {
		extent->end = row->place;
		extent->end_told = true;
		return;
	}
	if (row->kind != CAPTURE_ROW)
		return;
	if (row->place < extent->begin) {
		extent->begin = row->place;
		extent->address = row->tool == CAPTURE_MD ? row->address[CAPTURE_HEX] : row->place;
	}
	if (row->place + row->count > extent->end) {
		extent->end = row->place + row->count;
		extent->end_told = row->tool == CAPTURE_XXD && row->count % 16 != 0;
	}
}

static void measure(const struct capture_rows *rows, const struct capture_options *options,
		    struct extent *extent)
{
	uint64_t begin, end;
	bool promised = capture_promised(rows, options, &begin, &end);

	*extent = (struct extent){ .begin = UINT64_MAX };
	for (size_t i = 0; i < rows->count; i++)
		measure_row(rows, i, extent);
	if (extent->begin == UINT64_MAX)
		return;
	if (!promised) {
		extent->end_told |= extent->end % ROUND == 0;
		extent->end_told &= !extent->garbled;
		begin = extent->begin - extent->begin % ROUND;
	} else {
		extent->end_told = true;
		extent->end = end > extent->end ? end : extent->end;
	}
	if (begin < extent->begin) {
		extent->address -= extent->begin - begin;
		extent->begin = begin;
	}
}

/* --- Gaps --- */

static bool is_known(uint8_t counts)
{
	return (counts & 0xf) != counts >> 4;
}

static bool add_gap(struct capture *capture, const struct capture_rows *rows, size_t from,
		    size_t to, bool contradicting)
{
	struct capture_gap *grown = capture->gaps;

	if ((capture->gap_count & (capture->gap_count - 1)) == 0) {
		size_t room = capture->gap_count ? 2 * capture->gap_count : 1;

		grown = realloc(capture->gaps, room * sizeof(*grown));
		if (!grown)
			return false;
		capture->gaps = grown;
	}
	grown[capture->gap_count++] = (struct capture_gap){
		.offset = from,
		.size = to - from,
		.address = capture_address_of(rows, capture, capture->flash_offset + from),
		.contradicting = contradicting,
	};
	capture->missing += to - from;
	memset(capture->bytes + from, 0xff, to - from);
	return true;
}

/* Keeps of each byte what most lines say. */
static bool settle(struct capture *capture, const struct capture_rows *rows,
		   const struct votes *votes)
{
	for (size_t at = 0, end; at < capture->size; at = end) {
		bool empty = votes->counts[at] == 0;

		end = at + 1;
		if (is_known(votes->counts[at])) {
			if (votes->counts[at] >> 4 > (votes->counts[at] & 0xf))
				capture->bytes[at] = votes->other[at];
			continue;
		}
		while (end < capture->size && !is_known(votes->counts[end]) &&
		       (votes->counts[end] == 0) == empty)
			end++;
		if (!add_gap(capture, rows, at, end, !empty))
			return false;
	}
	return true;
}

/* --- The whole --- */

static int fill(const struct capture_rows *rows, const struct extent *extent,
		struct capture *capture, struct rc_error *err)
{
	struct votes votes;
	bool done;

	if (extent->end - extent->begin > RC_MAX_FLASH)
		return rc_fail(err, RC_ERANGE,
			       "the capture's lines go from 0x%" PRIX64 " to 0x%" PRIX64
			       ": more than the %u MiB of any flash; put what was dumped from "
			       "different places into a file each",
			       extent->begin, extent->end, RC_MAX_FLASH >> 20);
	capture->size = (size_t)(extent->end - extent->begin);
	capture->flash_offset = capture->has_offset ? (uint32_t)extent->begin : 0;
	capture->begin = extent->begin;
	capture->address = extent->address;
	capture->end_unknown = !extent->end_told;
	capture->bytes = malloc(capture->size + 1);
	votes.counts = calloc(1, capture->size + 1);
	votes.other = calloc(1, capture->size + 1);
	done = capture->bytes && votes.counts && votes.other;
	if (done) {
		memset(capture->bytes, 0xff, capture->size);
		take_all(capture, &votes, rows, extent->begin);
		done = settle(capture, rows, &votes);
	}
	free(votes.counts);
	free(votes.other);
	return done ? 0 : rc_fail_memory(err, 3 * (unsigned long long)capture->size);
}

/* Something on these flashes begins in it, or it is blank. */
static bool looks_like_flash(const struct capture *capture)
{
	struct rc_span all = { capture->bytes, capture->size };

	if (rc_all_bytes(all.data, all.size, 0xff))
		return true;
	for (size_t at = 0; at < all.size; at += RC_ERASE_BLOCK) {
		if (format_probe(rc_span_sub(all, at, all.size)))
			return true;
	}
	return false;
}

static void leave_memory_out(struct capture *capture)
{
	capture->of_memory = true;
	snprintf(capture->memory_why, sizeof(capture->memory_why),
		 "no sf read stands before the md of 0x%" PRIX64
		 ", and nothing in it begins as anything on the flashes of these cameras does",
		 capture->address);
	capture->size = 0;
	capture->missing = 0;
	capture->gap_count = 0;
	capture->end_unknown = false;
}

static int make_bytes(struct capture_rows *rows, const struct capture_options *options,
		      struct capture *capture, struct rc_error *err)
{
	bool told = capture_place_rows(rows, options, capture);
	struct extent extent;
	int status;

	measure(rows, options, &extent);
	if (extent.begin == UINT64_MAX && capture->of_memory)
		return 0;
	if (extent.begin == UINT64_MAX)
		return rc_fail(err, RC_EFORMAT,
			       "no line in it is one of md, hexdump, od or xxd: give the file in "
			       "which the terminal program kept the session");
	status = fill(rows, &extent, capture, err);
	if (status == 0 && !told && !looks_like_flash(capture))
		leave_memory_out(capture);
	return status;
}

int capture_read(struct rc_span text, const struct capture_options *options,
		 struct capture *capture, struct rc_error *err)
{
	struct capture_rows *rows = malloc(sizeof(*rows));
	int status;

	*capture = (struct capture){ 0 };
	if (!rows)
		return rc_fail_memory(err, sizeof(*rows));
	status = capture_rows_read(text, rows, err);
	if (status == 0)
		status = make_bytes(rows, options, capture, err);
	capture_rows_free(rows);
	free(rows);
	if (status)
		capture_clear(capture);
	return status;
}

void capture_clear(struct capture *capture)
{
	free(capture->bytes);
	free(capture->gaps);
	*capture = (struct capture){ 0 };
}
