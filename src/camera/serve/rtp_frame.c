/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/serve/rtp_frame.h"

#include <stdlib.h>
#include <string.h>

#include "camera/media/h264.h"

enum {
	TYPE_STAP_A = 24, /* RFC 6184 5.7.1 */
	TYPE_FU_A = 28,   /* 5.8 */
	FU_START = 0x80,
	FU_END = 0x40,
	MAX_PAYLOAD = RTP_MAX_PACKET - RTP_HEADER,
};

/* What need not be sent: RTP marks the ends of pictures itself (RFC 6184 leaves delimiters to
 * the sender), and parameter sets go in front. */
static bool is_sent(const struct nal *nal)
{
	switch (nal_type_of(nal->data[0])) {
	case H264_SPS:
	case H264_PPS:
	case H264_DELIMITER:
	case H264_END_OF_SEQUENCE:
	case H264_END_OF_STREAM:
	case H264_FILLER:
		return false;
	default:
		return true;
	}
}

static unsigned fragments(uint32_t size)
{
	if (size <= MAX_PAYLOAD)
		return 1;
	/* The NAL header is in the FU indicator and header of each. */
	return (size - 1 + MAX_PAYLOAD - 3) / (MAX_PAYLOAD - 2);
}

static bool has_own_sets(const struct access_unit *unit)
{
	for (unsigned i = 0; i < unit->nal_count; i++) {
		enum nal_type type = nal_type_of(unit->nals[i].data[0]);

		if (type == H264_SPS || type == H264_PPS)
			return true;
	}
	return false;
}

static size_t aggregate_size(const struct parameter_sets *sets)
{
	return 1u + 2u + sets->sps_size + 2u + sets->pps_size;
}

static bool is_sent_with_sets(const struct access_unit *unit)
{
	return (unit->key || has_own_sets(unit)) && aggregate_size(unit->sets) <= MAX_PAYLOAD;
}

static struct rtp_packet *add_packet(struct rtp_frame *frame, const struct rtp_numbers *numbers)
{
	unsigned index = frame->packet_count++;
	struct rtp_packet *packet = &frame->packets[index];
	uint8_t *rtp = packet->head + RTP_PREFIX;
	uint16_t sequence = (uint16_t)(numbers->sequence + index);

	packet->head_size = RTP_HEADER;
	rtp[0] = 0x80; /* version 2 */
	rtp[1] = RTP_PAYLOAD_TYPE;
	rtp[2] = (uint8_t)(sequence >> 8);
	rtp[3] = (uint8_t)sequence;
	rc_put_be32(rtp + 4, numbers->timestamp);
	rc_put_be32(rtp + 8, numbers->ssrc);
	return packet;
}

static void finish_packet(struct rtp_frame *frame, struct rtp_packet *packet)
{
	size_t size = rtp_packet_size(packet);

	packet->head[0] = '$';
	packet->head[1] = 0;
	packet->head[2] = (uint8_t)(size >> 8);
	packet->head[3] = (uint8_t)size;
	frame->bytes += size;
}

static void add_sets(struct rtp_frame *frame, const struct rtp_numbers *numbers)
{
	const struct parameter_sets *sets = frame->unit->sets;
	struct rtp_packet *packet = add_packet(frame, numbers);
	uint8_t *at = frame->aggregate;

	/* The higher nal_ref_idc of the two, which is SPS's (5.7.1 asks for the maximum). */
	*at++ = (uint8_t)(((sets->sps[0] | sets->pps[0]) & 0x60) | TYPE_STAP_A);
	*at++ = (uint8_t)(sets->sps_size >> 8);
	*at++ = (uint8_t)sets->sps_size;
	memcpy(at, sets->sps, sets->sps_size);
	at += sets->sps_size;
	*at++ = (uint8_t)(sets->pps_size >> 8);
	*at++ = (uint8_t)sets->pps_size;
	memcpy(at, sets->pps, sets->pps_size);
	packet->payload = frame->aggregate;
	packet->payload_size = (uint16_t)aggregate_size(sets);
	finish_packet(frame, packet);
}

static void add_whole(struct rtp_frame *frame, const struct rtp_numbers *numbers,
		      const struct nal *nal)
{
	struct rtp_packet *packet = add_packet(frame, numbers);

	packet->payload = nal->data;
	packet->payload_size = (uint16_t)nal->size;
	finish_packet(frame, packet);
}

/* All fragments but the last are equally long: the kernel may then cut them itself (GSO). */
static void add_fragments(struct rtp_frame *frame, const struct rtp_numbers *numbers,
			  const struct nal *nal)
{
	const uint8_t *at = nal->data + 1;
	uint32_t left = nal->size - 1;
	uint8_t bits = FU_START;

	while (left) {
		uint32_t size = left < MAX_PAYLOAD - 2 ? left : MAX_PAYLOAD - 2;
		struct rtp_packet *packet = add_packet(frame, numbers);

		if (size == left)
			bits |= FU_END;
		packet->head_size = RTP_HEADER + 2;
		packet->head[RTP_PREFIX + RTP_HEADER] = (nal->data[0] & 0xe0) | TYPE_FU_A;
		packet->head[RTP_PREFIX + RTP_HEADER + 1] = bits | (nal->data[0] & 0x1f);
		packet->payload = at;
		packet->payload_size = (uint16_t)size;
		finish_packet(frame, packet);
		at += size;
		left -= size;
		bits = 0;
	}
}

struct rtp_frame *rtp_frame_new(struct access_unit *unit, const struct rtp_numbers *numbers)
{
	bool sets = is_sent_with_sets(unit);
	unsigned count = sets ? 1 : 0;
	size_t size = sizeof(struct rtp_frame) + (sets ? aggregate_size(unit->sets) : 0);
	struct rtp_frame *frame;

	for (unsigned i = 0; i < unit->nal_count; i++)
		if (is_sent(&unit->nals[i]))
			count += fragments(unit->nals[i].size);
	if (count == 0)
		return NULL;
	frame = calloc(1, size + count * sizeof(frame->packets[0]));
	if (!frame)
		return NULL;
	frame->references = 1;
	frame->key = unit->key;
	frame->timestamp = numbers->timestamp;
	frame->unit = access_unit_ref(unit);
	if (sets) {
		frame->aggregate = (uint8_t *)&frame->packets[count];
		add_sets(frame, numbers);
	}
	for (unsigned i = 0; i < unit->nal_count; i++) {
		if (!is_sent(&unit->nals[i]))
			continue;
		if (unit->nals[i].size <= MAX_PAYLOAD)
			add_whole(frame, numbers, &unit->nals[i]);
		else
			add_fragments(frame, numbers, &unit->nals[i]);
	}
	frame->packets[count - 1].head[RTP_PREFIX + 1] |= 0x80; /* marker: the picture ends */
	return frame;
}

struct rtp_frame *rtp_frame_ref(struct rtp_frame *frame)
{
	frame->references++;
	return frame;
}

void rtp_frame_unref(struct rtp_frame *frame)
{
	if (!frame || --frame->references)
		return;
	access_unit_unref(frame->unit);
	free(frame);
}
