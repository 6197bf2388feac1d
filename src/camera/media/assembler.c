/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/assembler.h"

#include <stdlib.h>
#include <string.h>

enum { READ_STEP = 65536, LIMIT = MEDIA_MAX_UNIT + READ_STEP };

/* Brings the unit under way to the front. */
static void compact(struct assembler *a)
{
	a->size -= a->begin;
	memmove(a->data, a->data + a->begin, a->size);
	a->scanned -= a->begin;
	a->begin = 0;
}

uint8_t *assembler_space(struct assembler *a, size_t *room)
{
	if (a->begin)
		compact(a);
	if (a->size >= LIMIT - 1) {
		/* No picture is so large: wait for the start of the next. */
		a->size = a->scanned = 0;
		a->picture = false;
		a->overflowed = true;
		a->skipped++;
	}
	if (a->room - a->size < READ_STEP && a->room < LIMIT) {
		size_t larger = a->room ? a->room * 2 : 2 * READ_STEP;
		uint8_t *data;

		if (larger > LIMIT)
			larger = LIMIT;
		data = realloc(a->data, larger);
		if (!data)
			return NULL;
		a->data = data;
		a->room = larger;
	}
	*room = a->room - a->size;
	return a->data + a->size;
}

void assembler_filled(struct assembler *a, size_t size)
{
	a->size += size;
}

static bool is_slice(enum nal_type type)
{
	return type == H264_SLICE || type == H264_PARTITION_A || type == H264_IDR;
}

/* Does a NAL unit that begins with these two bytes begin a new access unit behind a picture
 * (7.4.1.2.3)? first_mb_in_slice, ue(v), is 0 where its first bit is 1. */
static bool begins_unit(const uint8_t head[2])
{
	enum nal_type type = nal_type_of(head[0]);

	return (type >= H264_SEI && type <= H264_DELIMITER) || (type >= 14 && type <= 18) ||
	       (is_slice(type) && head[1] & 0x80);
}

static bool hand_out(struct assembler *a, size_t end, struct rc_span *annexb)
{
	bool whole = !a->overflowed;

	*annexb = (struct rc_span){ a->data + a->begin, end - a->begin };
	a->begin = end;
	a->picture = false;
	a->overflowed = false;
	return whole;
}

bool assembler_next(struct assembler *a, struct rc_span *annexb)
{
	/* Start code, header and one byte of the slice: 5 bytes tell all. */
	while (a->size >= 5 && a->scanned <= a->size - 5) {
		const uint8_t *one = memchr(a->data + a->scanned + 2, 1, a->size - a->scanned - 4);
		size_t at;

		if (!one) {
			a->scanned = a->size - 4;
			break;
		}
		at = (size_t)(one - a->data) - 2;
		if (one[-1] != 0 || one[-2] != 0) {
			a->scanned = at + 1;
			continue;
		}
		if ((a->picture || a->overflowed) && begins_unit(one + 1)) {
			/* The zero_byte of a start code of four belongs to the next unit. */
			size_t end = at > a->begin && a->data[at - 1] == 0 ? at - 1 : at;

			a->scanned = at;
			if (hand_out(a, end, annexb))
				return true;
			continue;
		}
		a->picture |= is_slice(nal_type_of(one[1]));
		a->scanned = at + 3;
	}
	return false;
}

bool assembler_waiting(const struct assembler *a)
{
	return a->picture && !a->overflowed;
}

bool assembler_flush(struct assembler *a, struct rc_span *annexb)
{
	if (!assembler_waiting(a))
		return false;
	a->scanned = a->size;
	return hand_out(a, a->size, annexb);
}

void assembler_restart(struct assembler *a)
{
	a->size = a->scanned = a->begin = 0;
	a->picture = a->overflowed = a->started = false;
}

void assembler_free(struct assembler *a)
{
	free(a->data);
	parameter_sets_unref(a->sets);
	*a = (struct assembler){ 0 };
}

/* --- units ------------------------------------------------------------------------------ */

/* True if it is another one than before. */
static bool keep_set(struct rc_span nal, uint8_t *kept, size_t *kept_size)
{
	if (nal.size > MEDIA_MAX_PARAMETER_SET ||
	    (nal.size == *kept_size && memcmp(nal.data, kept, nal.size) == 0))
		return false;
	memcpy(kept, nal.data, nal.size);
	*kept_size = nal.size;
	return true;
}

static void renew_sets(struct assembler *a)
{
	struct parameter_sets *sets = parameter_sets_new((struct rc_span){ a->sps, a->sps_size },
							 (struct rc_span){ a->pps, a->pps_size });

	parameter_sets_unref(a->sets);
	a->sets = sets;
	if (sets)
		h264_read_sps((struct rc_span){ a->sps, a->sps_size }, &a->parsed, NULL);
}

/* Reads parameter sets; returns the first slice, or an empty span. */
static struct rc_span look_through(struct assembler *a, struct rc_span annexb)
{
	struct rc_span slice = { 0 };
	struct rc_span nal;
	bool renewed = false;

	for (size_t at = 0; annexb_next(annexb, &at, &nal);) {
		enum nal_type type = nal_type_of(nal.data[0]);

		if (type == H264_SPS)
			renewed |= keep_set(nal, a->sps, &a->sps_size);
		else if (type == H264_PPS)
			renewed |= keep_set(nal, a->pps, &a->pps_size);
		else if (is_slice(type) && !slice.data)
			slice = nal;
	}
	if (renewed && a->sps_size && a->pps_size)
		renew_sets(a);
	return slice;
}

/* By how many pictures this one is shown later than it comes; negative: earlier. */
static int64_t shown_later(struct assembler *a, const struct h264_slice *slice)
{
	int64_t later = 0;
	int32_t order;

	if (slice->idr)
		a->since_key = 0;
	if (a->parsed.order_type == 0 && !slice->field) {
		order = h264_picture_order(&a->order, &a->parsed, slice);
		if (order & 1)
			a->single_order = true;
		if (!slice->idr && order < a->last_order)
			a->reorders = true;
		a->last_order = order;
		later = order / (a->single_order ? 1 : 2) - (int64_t)a->since_key;
		/* H.264 reorders by at most 16; more is a stream with pictures left out. */
		if (!a->reorders || later > 16 || later < -16)
			later = 0;
	}
	a->since_key++;
	return later;
}

bool assembler_look(struct assembler *a, struct rc_span annexb)
{
	struct rc_span slice = look_through(a, annexb);

	return a->sets && slice.data && (a->started || nal_type_of(slice.data[0]) == H264_IDR);
}

struct access_unit *assembler_unit(struct assembler *a, struct rc_span annexb, uint64_t captured_us,
				   unsigned rate_num, unsigned rate_den)
{
	struct rc_span nal = look_through(a, annexb);
	struct access_unit_times times = { .captured_us = captured_us };
	struct access_unit *unit = NULL;
	struct h264_slice slice;
	int64_t later;

	if (a->sets && nal.data && h264_read_slice(nal, &a->parsed, &slice, NULL) == RC_OK &&
	    (a->started || slice.idr)) {
		a->started = true;
		times.duration_90k = rate_num ? (uint32_t)(90000ull * rate_den / rate_num) : 3600;
		later = shown_later(a, &slice) * (int64_t)times.duration_90k;
		times.pts_90k = captured_us * 9 / 100 + (uint64_t)later;
		unit = access_unit_new(annexb, a->sets, &times);
	}
	if (!unit)
		a->skipped++;
	return unit;
}
