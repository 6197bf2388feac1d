/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of whatever an encoder gives: each NAL unit once, none larger than allowed. */
#include <stdlib.h>

#include "camera/media/assembler.h"
#include "camera/serve/rtp_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct access_unit *unit)
{
	struct rtp_numbers numbers = { 1, 65000, 3 };
	struct rtp_frame *frame = rtp_frame_new(unit, &numbers);
	size_t bytes = 0;

	if (!frame)
		return;
	for (unsigned i = 0; i < frame->packet_count; i++) {
		bytes += rtp_packet_size(&frame->packets[i]);
		if (rtp_packet_size(&frame->packets[i]) > RTP_MAX_PACKET ||
		    frame->packets[i].payload_size == 0)
			abort();
	}
	if (bytes != frame->bytes)
		abort();
	rtp_frame_unref(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* SPS and PPS of 176x144, so that all else is looked at. */
	static const uint8_t sps[] = { 0x67, 0x42, 0xc0, 0x0a, 0xd9, 0x04, 0x26, 0xc0, 0x5a, 0x80 };
	static const uint8_t pps[] = { 0x68, 0xce, 0x3c, 0x80 };
	const struct access_unit_times times = { 1, 2, 3 };
	struct parameter_sets *sets = parameter_sets_new((struct rc_span){ sps, sizeof(sps) },
							 (struct rc_span){ pps, sizeof(pps) });
	struct access_unit *unit = access_unit_new((struct rc_span){ data, size }, sets, &times);

	if (unit)
		check(unit);
	access_unit_unref(unit);
	parameter_sets_unref(sets);
	return 0;
}
