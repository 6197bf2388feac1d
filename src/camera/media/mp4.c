/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/mp4.h"

#include <stdlib.h>
#include <string.h>

#define BOX(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* --- boxes ------------------------------------------------------------------------------ */

/* Takes the next box off *rest. */
static bool next_box(struct rc_span *rest, uint32_t *type, struct rc_span *body)
{
	uint64_t size;
	size_t head = 8;

	if (rest->size < 8)
		return false;
	size = rc_be32(rest->data);
	*type = rc_be32(rest->data + 4);
	if (size == 1) {
		if (rest->size < 16)
			return false;
		size = (uint64_t)rc_be32(rest->data + 8) << 32 | rc_be32(rest->data + 12);
		head = 16;
	} else if (size == 0) {
		size = rest->size;
	}
	if (size < head || size > rest->size)
		return false;
	*body = rc_span_sub(*rest, head, (size_t)size - head);
	*rest = rc_span_sub(*rest, (size_t)size, rest->size);
	return true;
}

static struct rc_span find_box(struct rc_span in, uint32_t wanted)
{
	struct rc_span body;
	uint32_t type;

	while (next_box(&in, &type, &body))
		if (type == wanted)
			return body;
	return (struct rc_span){ 0 };
}

/* A table of the sample table box: behind version and flags, a count, and rows of 32-bit words. */
struct table {
	struct rc_span rows;
	uint32_t count; /* rows that are there */
	unsigned words; /* of a row */
	bool there;
};

static struct table find_table(struct rc_span stbl, uint32_t type, unsigned words)
{
	struct rc_span body = find_box(stbl, type);
	struct table table = { .words = words };

	if (!body.data || body.size < 8)
		return table;
	table.there = true;
	table.rows = rc_span_sub(body, 8, body.size);
	table.count = rc_be32(body.data + 4);
	if (table.count > table.rows.size / (4u * words))
		table.count = (uint32_t)(table.rows.size / (4u * words));
	return table;
}

static uint32_t cell(const struct table *table, uint32_t row, unsigned word)
{
	return rc_be32(table->rows.data + ((size_t)row * table->words + word) * 4);
}

/* --- what the track is ------------------------------------------------------------------ */

/* A parameter set behind its 16-bit length; moves *at. */
static struct rc_span take_set(struct rc_span avcc, size_t *at)
{
	struct rc_span set = { 0 };

	if (*at + 2 <= avcc.size) {
		size_t size = rc_be16(avcc.data + *at);

		set = rc_span_sub(avcc, *at + 2, size);
		if (set.size != size)
			set.size = 0;
		*at += 2 + size;
	}
	return set;
}

/* avcC (14496-15 5.3.3.1); the first of each kind. */
static int read_avcc(struct rc_span avcc, struct mp4_track *track, struct rc_error *err)
{
	struct rc_span sps = { 0 };
	struct rc_span pps = { 0 };
	size_t at = 6;

	if (!avcc.data || avcc.size < 7)
		return rc_fail(err, RC_EFORMAT, "the MP4 file has an avcC box of %zu bytes",
			       avcc.size);
	if (avcc.data[5] & 0x1f) {
		sps = take_set(avcc, &at);
		for (unsigned i = 1; i < (avcc.data[5] & 0x1fu); i++)
			take_set(avcc, &at);
		if (at < avcc.size && avcc.data[at++])
			pps = take_set(avcc, &at);
	}
	if (sps.size && pps.size)
		track->sets = parameter_sets_new(sps, pps);
	if (!track->sets)
		return rc_fail(err, RC_EFORMAT, "the MP4 file has no SPS and PPS in its avcC box");
	track->length_size = (avcc.data[4] & 3u) + 1;
	if (track->length_size == 3)
		return rc_fail(err, RC_EFORMAT, "the MP4 file has NAL lengths of 3 bytes");
	return RC_OK;
}

/* The sample entry of H.264 begins with 78 bytes that are of no use here (VisualSampleEntry). */
static struct rc_span find_avcc(struct rc_span stbl)
{
	struct rc_span stsd = find_box(stbl, BOX('s', 't', 's', 'd'));
	struct rc_span entries = rc_span_sub(stsd, 8, stsd.size);
	struct rc_span entry = find_box(entries, BOX('a', 'v', 'c', '1'));

	if (!entry.data)
		entry = find_box(entries, BOX('a', 'v', 'c', '3'));
	return find_box(rc_span_sub(entry, 78, entry.size), BOX('a', 'v', 'c', 'C'));
}

/* --- its samples ------------------------------------------------------------------------ */

static int read_sizes(struct rc_span stbl, struct mp4_track *track, struct rc_error *err)
{
	struct rc_span stsz = find_box(stbl, BOX('s', 't', 's', 'z'));
	uint32_t same;

	if (!stsz.data || stsz.size < 12)
		return rc_fail(err, RC_EFORMAT, "the MP4 file has no table of sample sizes");
	same = rc_be32(stsz.data + 4);
	track->count = rc_be32(stsz.data + 8);
	if (!same && track->count > (stsz.size - 12) / 4)
		return rc_fail(err, RC_EFORMAT,
			       "the MP4 file names %u samples and has sizes of %zu", track->count,
			       (stsz.size - 12) / 4);
	if (track->count == 0)
		return rc_fail(
			err, RC_EUNSUPPORTED,
			"the MP4 file has no samples in its movie box: fragmented files are not "
			"read");
	if (track->count > MP4_MAX_SAMPLES)
		return rc_fail(err, RC_ERANGE, "the MP4 file has %u pictures; at most %u are read",
			       track->count, MP4_MAX_SAMPLES);
	track->samples = calloc(track->count, sizeof(track->samples[0]));
	if (!track->samples)
		return rc_fail_memory(err, track->count * sizeof(track->samples[0]));
	for (uint32_t i = 0; i < track->count; i++)
		track->samples[i].size = same ? same : rc_be32(stsz.data + 12 + (size_t)i * 4);
	return RC_OK;
}

/* Samples lie in chunks; stsc says how many in each, from a chunk (counted from 1) on. */
static int read_places(struct rc_span stbl, struct mp4_track *track, struct rc_error *err)
{
	struct table runs = find_table(stbl, BOX('s', 't', 's', 'c'), 3);
	struct table chunks = find_table(stbl, BOX('s', 't', 'c', 'o'), 1);
	uint32_t sample = 0;
	uint32_t run = 0;

	if (!chunks.count)
		chunks = find_table(stbl, BOX('c', 'o', '6', '4'), 2);
	for (uint32_t chunk = 0; runs.count && chunk < chunks.count; chunk++) {
		uint64_t offset = cell(&chunks, chunk, 0);
		uint32_t count;

		if (chunks.words == 2)
			offset = offset << 32 | cell(&chunks, chunk, 1);
		while (run + 1 < runs.count && cell(&runs, run + 1, 0) <= chunk + 1)
			run++;
		count = cell(&runs, run, 1);
		for (uint32_t i = 0; i < count && sample < track->count; i++, sample++) {
			track->samples[sample].offset = offset;
			offset += track->samples[sample].size;
		}
	}
	if (sample < track->count)
		return rc_fail(err, RC_EFORMAT, "the MP4 file says where %u of its %u samples lie",
			       sample, track->count);
	return RC_OK;
}

static void read_times(struct rc_span stbl, struct mp4_track *track)
{
	struct table durations = find_table(stbl, BOX('s', 't', 't', 's'), 2);
	struct table shifts = find_table(stbl, BOX('c', 't', 't', 's'), 2);
	uint32_t sample = 0;

	for (uint32_t row = 0; row < durations.count; row++)
		for (uint32_t i = 0; i < cell(&durations, row, 0) && sample < track->count; i++)
			track->samples[sample++].duration = cell(&durations, row, 1);
	sample = 0;
	for (uint32_t row = 0; row < shifts.count; row++)
		for (uint32_t i = 0; i < cell(&shifts, row, 0) && sample < track->count; i++)
			track->samples[sample++].shift = (int32_t)cell(&shifts, row, 1);
}

/* Without a table each sample is one that a decoder can start with. */
static void read_keys(struct rc_span stbl, struct mp4_track *track)
{
	struct table keys = find_table(stbl, BOX('s', 't', 's', 's'), 1);

	for (uint32_t i = 0; i < track->count; i++)
		track->samples[i].key = !keys.there;
	for (uint32_t row = 0; row < keys.count; row++) {
		uint32_t number = cell(&keys, row, 0);

		if (number >= 1 && number <= track->count)
			track->samples[number - 1].key = true;
	}
}

/* --- the whole -------------------------------------------------------------------------- */

static int read_media(struct rc_span mdia, struct mp4_track *track, struct rc_error *err)
{
	struct rc_span mdhd = find_box(mdia, BOX('m', 'd', 'h', 'd'));
	struct rc_span minf = find_box(mdia, BOX('m', 'i', 'n', 'f'));
	struct rc_span stbl = find_box(minf, BOX('s', 't', 'b', 'l'));
	size_t at = mdhd.size && mdhd.data[0] == 1 ? 20 : 12;
	int result;

	if (mdhd.size >= at + 4)
		track->timescale = rc_be32(mdhd.data + at);
	if (!track->timescale)
		return rc_fail(err, RC_EFORMAT, "the MP4 file's video track has no timescale");
	result = read_avcc(find_avcc(stbl), track, err);
	if (result == RC_OK)
		result = read_sizes(stbl, track, err);
	if (result == RC_OK)
		result = read_places(stbl, track, err);
	if (result == RC_OK) {
		read_times(stbl, track);
		read_keys(stbl, track);
	}
	return result;
}

int mp4_read_track(struct rc_span moov, struct mp4_track *track, struct rc_error *err)
{
	struct rc_span body;
	uint32_t type;

	*track = (struct mp4_track){ 0 };
	while (moov.data && next_box(&moov, &type, &body)) {
		struct rc_span mdia = find_box(body, BOX('m', 'd', 'i', 'a'));
		struct rc_span minf = find_box(mdia, BOX('m', 'i', 'n', 'f'));
		int result;

		if (type != BOX('t', 'r', 'a', 'k') ||
		    !find_avcc(find_box(minf, BOX('s', 't', 'b', 'l'))).data)
			continue;
		result = read_media(mdia, track, err);
		if (result < 0)
			mp4_track_free(track);
		return result;
	}
	return rc_fail(err, RC_EFORMAT, "the MP4 file has no H.264 track");
}

void mp4_track_free(struct mp4_track *track)
{
	parameter_sets_unref(track->sets);
	free(track->samples);
	*track = (struct mp4_track){ 0 };
}

int mp4_to_annexb(const struct mp4_track *track, struct rc_span sample, struct rc_buffer *out,
		  struct rc_error *err)
{
	static const uint8_t code[] = { 0, 0, 0, 1 };

	while (sample.size) {
		size_t size = 0;

		if (sample.size < track->length_size)
			return rc_fail(err, RC_EFORMAT, "a sample of the MP4 file is cut short");
		for (unsigned i = 0; i < track->length_size; i++)
			size = size << 8 | sample.data[i];
		sample = rc_span_sub(sample, track->length_size, sample.size);
		if (size > sample.size)
			return rc_fail(
				err, RC_EFORMAT,
				"a NAL unit of %zu bytes in %zu bytes of an MP4 file's sample",
				size, sample.size);
		rc_buffer_append(out, code, sizeof(code));
		rc_buffer_append(out, sample.data, size);
		sample = rc_span_sub(sample, size, sample.size);
	}
	return out->failed ? rc_fail_memory(err, out->size) : RC_OK;
}
