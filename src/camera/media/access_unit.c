/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/access_unit.h"

#include <stdlib.h>
#include <string.h>

#include "camera/media/h264.h"

struct parameter_sets *parameter_sets_new(struct rc_span sps, struct rc_span pps)
{
	struct parameter_sets *sets;
	struct h264_sps parsed;

	if (sps.size > MEDIA_MAX_PARAMETER_SET || pps.size > MEDIA_MAX_PARAMETER_SET ||
	    pps.size < 2 || nal_type_of(pps.data[0]) != H264_PPS ||
	    h264_read_sps(sps, &parsed, NULL) < 0)
		return NULL;
	sets = calloc(1, sizeof(*sets));
	if (!sets)
		return NULL;
	atomic_init(&sets->references, 1);
	memcpy(sets->sps, sps.data, sps.size);
	memcpy(sets->pps, pps.data, pps.size);
	sets->sps_size = (uint16_t)sps.size;
	sets->pps_size = (uint16_t)pps.size;
	sets->width = parsed.width;
	sets->height = parsed.height;
	sets->rate_num = parsed.rate_num;
	sets->rate_den = parsed.rate_den;
	return sets;
}

struct parameter_sets *parameter_sets_ref(struct parameter_sets *sets)
{
	atomic_fetch_add_explicit(&sets->references, 1, memory_order_relaxed);
	return sets;
}

void parameter_sets_unref(struct parameter_sets *sets)
{
	if (sets && atomic_fetch_sub_explicit(&sets->references, 1, memory_order_acq_rel) == 1)
		free(sets);
}

bool parameter_sets_equal(const struct parameter_sets *a, const struct parameter_sets *b)
{
	return a == b || (a && b && a->sps_size == b->sps_size && a->pps_size == b->pps_size &&
			  memcmp(a->sps, b->sps, a->sps_size) == 0 &&
			  memcmp(a->pps, b->pps, a->pps_size) == 0);
}

static unsigned count_nals(struct rc_span annexb)
{
	struct rc_span nal;
	size_t position = 0;
	unsigned count = 0;

	while (count <= MEDIA_MAX_NALS && annexb_next(annexb, &position, &nal))
		count++;
	return count;
}

struct access_unit *access_unit_new(struct rc_span annexb, struct parameter_sets *sets,
				    const struct access_unit_times *times)
{
	unsigned count = annexb.size <= MEDIA_MAX_UNIT ? count_nals(annexb) : 0;
	struct access_unit *unit;
	struct rc_span nal;
	uint8_t *bytes;

	if (count == 0 || count > MEDIA_MAX_NALS)
		return NULL;
	unit = malloc(sizeof(*unit) + count * sizeof(unit->nals[0]) + annexb.size);
	if (!unit)
		return NULL;
	bytes = (uint8_t *)&unit->nals[count];
	memcpy(bytes, annexb.data, annexb.size);
	*unit = (struct access_unit){
		.captured_us = times->captured_us,
		.pts_90k = times->pts_90k,
		.duration_90k = times->duration_90k ? times->duration_90k : 1,
		.sets = parameter_sets_ref(sets),
		.bytes = { bytes, annexb.size },
	};
	atomic_init(&unit->references, 1);
	for (size_t position = 0; annexb_next(unit->bytes, &position, &nal);) {
		unit->nals[unit->nal_count++] = (struct nal){ nal.data, (uint32_t)nal.size };
		unit->key |= nal_type_of(nal.data[0]) == H264_IDR;
	}
	return unit;
}

struct access_unit *access_unit_ref(struct access_unit *unit)
{
	atomic_fetch_add_explicit(&unit->references, 1, memory_order_relaxed);
	return unit;
}

void access_unit_unref(struct access_unit *unit)
{
	if (unit && atomic_fetch_sub_explicit(&unit->references, 1, memory_order_acq_rel) == 1) {
		parameter_sets_unref(unit->sets);
		free(unit);
	}
}
