/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much of H.264 (ITU-T H.264, numbers of clauses below) as one needs to move its pictures
 * about: NAL units, parameter sets, the head of a slice, the order of pictures.
 */
#ifndef RECAM_CAMERA_H264_H
#define RECAM_CAMERA_H264_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/* nal_unit_type, table 7-1. */
enum nal_type {
	H264_SLICE = 1,
	H264_PARTITION_A = 2,
	H264_PARTITION_C = 4,
	H264_IDR = 5,
	H264_SEI = 6,
	H264_SPS = 7,
	H264_PPS = 8,
	H264_DELIMITER = 9,
	H264_END_OF_SEQUENCE = 10,
	H264_END_OF_STREAM = 11,
	H264_FILLER = 12,
};

static inline enum nal_type nal_type_of(uint8_t header)
{
	return (enum nal_type)(header & 0x1f);
}

/* Steps through Annex B bytes: the next NAL unit at or after *position (without start code and
 * trailing zeros), or false. Moves *position behind it. */
bool annexb_next(struct rc_span bytes, size_t *position, struct rc_span *nal);

/* What is used of a sequence parameter set (7.3.2.1.1, E.1.1). */
struct h264_sps {
	unsigned profile, constraints, level; /* the three bytes of profile-level-id */
	unsigned width, height;               /* after cropping */
	unsigned rate_num, rate_den;          /* 0/1 where not given */
	unsigned frame_num_bits;
	unsigned order_type; /* pic_order_cnt_type */
	unsigned order_bits; /* of pic_order_cnt_lsb, type 0 */
	unsigned reorder;    /* num_reorder_frames; 0 with profile Baseline; else 2 if not given */
	bool frames_only;    /* frame_mbs_only_flag */
	bool separate_planes;
};

/* nal: with its header byte. RC_EFORMAT says what does not fit. */
int h264_read_sps(struct rc_span nal, struct h264_sps *sps, struct rc_error *err);

struct h264_slice {
	bool first; /* first_mb_in_slice is 0: a picture begins */
	bool field; /* one field of a frame */
	bool idr;
	bool reference;     /* nal_ref_idc is not 0 */
	unsigned order_lsb; /* type 0 only, else 0 */
};

/* The head of a slice (7.3.3); sps may be NULL: then only "first", "idr" and "reference". */
int h264_read_slice(struct rc_span nal, const struct h264_sps *sps, struct h264_slice *slice,
		    struct rc_error *err);

/* Picture order (8.2.1.1), type 0; zero-initialise. */
struct h264_order {
	int32_t previous_msb;
	uint32_t previous_lsb;
};

/* PicOrderCnt of the picture that this slice begins: 2 for each frame as a rule. */
int32_t h264_picture_order(struct h264_order *order, const struct h264_sps *sps,
			   const struct h264_slice *slice);

#endif
