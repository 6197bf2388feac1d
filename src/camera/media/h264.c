/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/h264.h"

#include <string.h>

/* --- Annex B ---------------------------------------------------------------------------- */

/* Offset of the next 00 00 01 at or after from, or bytes.size. */
static size_t find_start_code(struct rc_span bytes, size_t from)
{
	while (bytes.size >= 3 && from <= bytes.size - 3) {
		const uint8_t *one = memchr(bytes.data + from + 2, 1, bytes.size - from - 2);

		if (!one)
			break;
		from = (size_t)(one - bytes.data) - 2;
		if (one[-1] == 0 && one[-2] == 0)
			return from;
		from++;
	}
	return bytes.size;
}

bool annexb_next(struct rc_span bytes, size_t *position, struct rc_span *nal)
{
	while (*position < bytes.size) {
		size_t start = find_start_code(bytes, *position);
		size_t end;

		if (start == bytes.size) {
			*position = bytes.size;
			return false;
		}
		start += 3;
		end = find_start_code(bytes, start);
		*position = end;
		/* trailing_zero_8bits, and the zero_byte of the next start code. */
		while (end > start && bytes.data[end - 1] == 0)
			end--;
		if (end > start) {
			*nal = (struct rc_span){ bytes.data + start, end - start };
			return true;
		}
	}
	return false;
}

/* --- bits ------------------------------------------------------------------------------- */

/* Reads bits of a NAL unit behind its header, leaving out emulation_prevention_three_byte
 * (7.3.1). Reading beyond the end gives zeros and sets "beyond". */
struct bits {
	struct rc_span nal;
	size_t byte;
	unsigned zeros; /* zero bytes seen in a row */
	uint8_t current;
	unsigned left; /* bits of current */
	bool beyond;
};

static void bits_start(struct bits *bits, struct rc_span nal)
{
	*bits = (struct bits){ .nal = nal, .byte = 1 };
}

static unsigned read_bit(struct bits *bits)
{
	if (bits->left == 0) {
		if (bits->zeros >= 2 && bits->byte < bits->nal.size &&
		    bits->nal.data[bits->byte] == 3) {
			bits->byte++;
			bits->zeros = 0;
		}
		if (bits->byte >= bits->nal.size) {
			bits->beyond = true;
			return 0;
		}
		bits->current = bits->nal.data[bits->byte++];
		bits->zeros = bits->current == 0 ? bits->zeros + 1 : 0;
		bits->left = 8;
	}
	return (bits->current >> --bits->left) & 1u;
}

static uint32_t read_bits(struct bits *bits, unsigned count)
{
	uint32_t value = 0;

	while (count--)
		value = value << 1 | read_bit(bits);
	return value;
}

/* ue(v), 9.1. */
static uint32_t read_ue(struct bits *bits)
{
	unsigned zeros = 0;

	while (!bits->beyond && read_bit(bits) == 0)
		if (++zeros > 31) {
			bits->beyond = true;
			return 0;
		}
	return bits->beyond ? 0 : (uint32_t)((1u << zeros) - 1 + read_bits(bits, zeros));
}

static int32_t read_se(struct bits *bits)
{
	uint32_t code = read_ue(bits);

	return code & 1 ? (int32_t)(code / 2 + 1) : -(int32_t)(code / 2);
}

/* --- sequence parameter set ------------------------------------------------------------- */

static void skip_scaling_list(struct bits *bits, unsigned size)
{
	int last = 8;
	int next = 8;

	for (unsigned i = 0; i < size && !bits->beyond; i++) {
		if (next != 0)
			next = (last + read_se(bits) % 256 + 256) % 256;
		if (next != 0)
			last = next;
	}
}

static bool has_chroma_fields(unsigned profile)
{
	static const uint8_t profiles[] = { 100, 110, 122, 244, 44,  83, 86,
					    118, 128, 138, 139, 134, 135 };

	return memchr(profiles, (int)profile, sizeof(profiles)) != NULL;
}

/* Returns chroma_format_idc. */
static unsigned read_chroma(struct bits *bits, struct h264_sps *sps)
{
	unsigned format = read_ue(bits);

	if (format == 3)
		sps->separate_planes = read_bit(bits);
	read_ue(bits);  /* bit_depth_luma_minus8 */
	read_ue(bits);  /* bit_depth_chroma_minus8 */
	read_bit(bits); /* qpprime_y_zero_transform_bypass_flag */
	if (read_bit(bits))
		for (unsigned i = 0; i < (format == 3 ? 12u : 8u); i++)
			if (read_bit(bits))
				skip_scaling_list(bits, i < 6 ? 16 : 64);
	return format;
}

static void read_order(struct bits *bits, struct h264_sps *sps)
{
	sps->order_type = read_ue(bits);
	if (sps->order_type == 0) {
		sps->order_bits = read_ue(bits) + 4;
	} else if (sps->order_type == 1) {
		unsigned cycle;

		read_bit(bits);
		read_se(bits);
		read_se(bits);
		cycle = read_ue(bits);
		for (unsigned i = 0; i < cycle && i < 256 && !bits->beyond; i++)
			read_se(bits);
	}
}

static void skip_hrd(struct bits *bits)
{
	unsigned count = read_ue(bits) + 1;

	read_bits(bits, 8);
	for (unsigned i = 0; i < count && i < 32 && !bits->beyond; i++) {
		read_ue(bits);
		read_ue(bits);
		read_bit(bits);
	}
	read_bits(bits, 20);
}

/* Two ticks a frame (E.2.1). Less than one picture in 10 s or more than 1000 a second is no rate;
 * what is kept is small enough to multiply times with it. */
static void set_rate(struct h264_sps *sps, uint64_t scale, uint64_t units)
{
	uint64_t num = scale;
	uint64_t den = units * 2;

	while (num > 1000000 || den > 1000000) {
		num /= 2;
		den /= 2;
	}
	if (den && num <= den * 1000 && num * 10 >= den) {
		sps->rate_num = (unsigned)num;
		sps->rate_den = (unsigned)den;
	}
}

static void read_vui(struct bits *bits, struct h264_sps *sps)
{
	bool nal_hrd;
	bool vcl_hrd;

	if (read_bit(bits) && read_bits(bits, 8) == 255) /* aspect_ratio_idc: Extended_SAR */
		read_bits(bits, 32);
	if (read_bit(bits)) /* overscan_info_present_flag */
		read_bit(bits);
	if (read_bit(bits)) { /* video_signal_type_present_flag */
		read_bits(bits, 4);
		if (read_bit(bits))
			read_bits(bits, 24);
	}
	if (read_bit(bits)) { /* chroma_loc_info_present_flag */
		read_ue(bits);
		read_ue(bits);
	}
	if (read_bit(bits)) { /* timing_info_present_flag */
		uint32_t units = read_bits(bits, 32);
		uint32_t scale = read_bits(bits, 32);

		read_bit(bits); /* fixed_frame_rate_flag */
		if (!bits->beyond)
			set_rate(sps, scale, units);
	}
	nal_hrd = read_bit(bits);
	if (nal_hrd)
		skip_hrd(bits);
	vcl_hrd = read_bit(bits);
	if (vcl_hrd)
		skip_hrd(bits);
	if (nal_hrd || vcl_hrd)
		read_bit(bits);
	read_bit(bits);       /* pic_struct_present_flag */
	if (read_bit(bits)) { /* bitstream_restriction_flag */
		read_bit(bits);
		read_ue(bits);
		read_ue(bits);
		read_ue(bits);
		read_ue(bits);
		sps->reorder = read_ue(bits);
	}
}

/* Picture size in samples from macroblocks and cropping (7-18 and following). */
static int set_size(struct h264_sps *sps, const uint32_t mbs[2], const uint32_t crop[4],
		    unsigned chroma, struct rc_error *err)
{
	unsigned unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
	unsigned unit_y = (chroma == 1 ? 2 : 1) * (sps->frames_only ? 1 : 2);
	uint64_t cut_x = ((uint64_t)crop[0] + crop[1]) * unit_x;
	uint64_t cut_y = ((uint64_t)crop[2] + crop[3]) * unit_y;

	/* 16384 is above every level (table A-1). */
	if (mbs[0] > 1024 || mbs[1] > 1024)
		return rc_fail(
			err, RC_EFORMAT,
			"the SPS gives a picture of %u x %u macroblocks; at most 1024 x 1024 "
			"are possible here",
			mbs[0], mbs[1]);
	if (cut_x >= mbs[0] * 16u || cut_y >= mbs[1] * 16u)
		return rc_fail(err, RC_EFORMAT, "the SPS crops all of its %u x %u samples away",
			       mbs[0] * 16, mbs[1] * 16);
	sps->width = mbs[0] * 16 - (unsigned)cut_x;
	sps->height = mbs[1] * 16 - (unsigned)cut_y;
	return RC_OK;
}

int h264_read_sps(struct rc_span nal, struct h264_sps *sps, struct rc_error *err)
{
	struct bits bits;
	uint32_t mbs[2];
	uint32_t crop[4] = { 0 };
	unsigned chroma = 1;

	if (nal.size < 5 || nal_type_of(nal.data[0]) != H264_SPS)
		return rc_fail(err, RC_EFORMAT, "no SPS: %zu bytes", nal.size);
	bits_start(&bits, nal);
	*sps = (struct h264_sps){ .rate_den = 1 };
	sps->profile = read_bits(&bits, 8);
	sps->constraints = read_bits(&bits, 8);
	sps->level = read_bits(&bits, 8);
	sps->reorder = sps->profile == 66 ? 0 : 2;
	read_ue(&bits); /* seq_parameter_set_id */
	if (has_chroma_fields(sps->profile))
		chroma = read_chroma(&bits, sps);
	sps->frame_num_bits = read_ue(&bits) + 4;
	read_order(&bits, sps);
	read_ue(&bits);  /* max_num_ref_frames */
	read_bit(&bits); /* gaps_in_frame_num_value_allowed_flag */
	mbs[0] = read_ue(&bits);
	mbs[1] = read_ue(&bits);
	sps->frames_only = read_bit(&bits);
	if (mbs[0] >= 1024 || mbs[1] >= 1024)
		return rc_fail(err, RC_EFORMAT, "the SPS gives an impossible size");
	mbs[0]++;
	mbs[1] = (mbs[1] + 1) * (sps->frames_only ? 1 : 2);
	if (!sps->frames_only)
		read_bit(&bits); /* mb_adaptive_frame_field_flag */
	read_bit(&bits);         /* direct_8x8_inference_flag */
	if (read_bit(&bits))
		for (unsigned i = 0; i < 4; i++)
			crop[i] = read_ue(&bits);
	if (bits.beyond || chroma > 3 || sps->frame_num_bits > 16 || sps->order_type > 2 ||
	    sps->order_bits > 16)
		return rc_fail(err, RC_EFORMAT, "the SPS of %zu bytes is cut short or damaged",
			       nal.size);
	if (read_bit(&bits))
		read_vui(&bits, sps);
	if (sps->reorder > 16)
		sps->reorder = 2;
	return set_size(sps, mbs, crop, chroma, err);
}

/* --- slices ----------------------------------------------------------------------------- */

int h264_read_slice(struct rc_span nal, const struct h264_sps *sps, struct h264_slice *slice,
		    struct rc_error *err)
{
	struct bits bits;

	if (nal.size < 2)
		return rc_fail(err, RC_EFORMAT, "a slice of %zu bytes", nal.size);
	bits_start(&bits, nal);
	*slice = (struct h264_slice){ 0 };
	slice->idr = nal_type_of(nal.data[0]) == H264_IDR;
	slice->reference = (nal.data[0] & 0x60) != 0;
	slice->first = read_ue(&bits) == 0;
	if (sps) {
		read_ue(&bits); /* slice_type */
		read_ue(&bits); /* pic_parameter_set_id */
		if (sps->separate_planes)
			read_bits(&bits, 2);
		read_bits(&bits, sps->frame_num_bits);
		if (!sps->frames_only) {
			slice->field = read_bit(&bits);
			if (slice->field)
				read_bit(&bits);
		}
		if (slice->idr)
			read_ue(&bits); /* idr_pic_id */
		if (sps->order_type == 0)
			slice->order_lsb = read_bits(&bits, sps->order_bits);
	}
	if (bits.beyond)
		return rc_fail(err, RC_EFORMAT, "the head of a slice of %zu bytes is cut short",
			       nal.size);
	return RC_OK;
}

int32_t h264_picture_order(struct h264_order *order, const struct h264_sps *sps,
			   const struct h264_slice *slice)
{
	int32_t range = (int32_t)1 << sps->order_bits;
	int32_t lsb = (int32_t)slice->order_lsb;
	int32_t previous = (int32_t)order->previous_lsb;
	int32_t msb = order->previous_msb;

	if (slice->idr) {
		msb = 0;
	} else if (lsb < previous && previous - lsb >= range / 2) {
		/* Bounded: a stream that never has an IDR picture must not overflow this. */
		msb = msb < INT32_MAX / 2 ? msb + range : 0;
	} else if (lsb > previous && lsb - previous > range / 2) {
		msb = msb > INT32_MIN / 2 ? msb - range : 0;
	}
	if (slice->reference) {
		order->previous_msb = msb;
		order->previous_lsb = slice->order_lsb;
	}
	return msb + lsb;
}
