/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A byte stream (Annex B) to access units: found by their start codes (H.264 7.4.1.2.3), each
 * with the parameter sets that it decodes with and its time.
 *
 * That a picture has ended is known only when the next begins. So that this does not cost the
 * time of a picture, its owner says when the stream pauses (assembler_flush).
 */
#ifndef RECAM_CAMERA_ASSEMBLER_H
#define RECAM_CAMERA_ASSEMBLER_H

#include "base/bytes.h"
#include "base/error.h"
#include "camera/media/access_unit.h"
#include "camera/media/h264.h"

/* Zero-initialise; assembler_free when done. */
struct assembler {
	uint8_t *data;
	size_t size, room;
	size_t scanned;  /* no start code begins before this, but those already looked at */
	size_t begin;    /* of the unit under way; what lies before was handed out */
	bool picture;    /* there is a slice in what was scanned */
	bool overflowed; /* a unit was too large: nothing until the next start of one */

	uint8_t sps[MEDIA_MAX_PARAMETER_SET], pps[MEDIA_MAX_PARAMETER_SET];
	size_t sps_size, pps_size;
	struct h264_sps parsed; /* of sps; valid where sets is there */
	struct parameter_sets *sets;
	struct h264_order order;
	bool started;       /* a key frame came: what follows can be decoded */
	bool reorders;      /* pictures are not shown in the order in which they come */
	bool single_order;  /* PicOrderCnt counts frames by 1 and not by 2 */
	uint64_t since_key; /* pictures since the last IDR */
	int32_t last_order;
	uint64_t skipped; /* units that could not be taken */
};

/* Where to put the next bytes, and how many fit (at least 1); NULL: no memory. */
uint8_t *assembler_space(struct assembler *assembler, size_t *room);
void assembler_filled(struct assembler *assembler, size_t size);

/* The next whole picture as Annex B; valid until assembler_space. false: more bytes are needed. */
bool assembler_next(struct assembler *assembler, struct rc_span *annexb);
/* Takes what is there as whole; false where there is no picture in it. */
bool assembler_flush(struct assembler *assembler, struct rc_span *annexb);
/* True if a picture, perhaps whole, is waiting. */
bool assembler_waiting(const struct assembler *assembler);

/* Takes the parameter sets in it, if any; assembler_unit does so too. True where the picture can
 * be used: its sets are known, and it or one before it was a key frame. */
bool assembler_look(struct assembler *assembler, struct rc_span annexb);

/* Makes the unit of what assembler_next gave. NULL where it cannot be used: before the first
 * key frame, without parameter sets, too large (counted in skipped). rate of the stream for the
 * duration; captured_us as in the unit. */
struct access_unit *assembler_unit(struct assembler *assembler, struct rc_span annexb,
				   uint64_t captured_us, unsigned rate_num, unsigned rate_den);

/* Forgets bytes, not parameter sets: the stream begins anew (end of a file). */
void assembler_restart(struct assembler *assembler);
void assembler_free(struct assembler *assembler);

#endif
