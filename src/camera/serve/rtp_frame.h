/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An access unit cut into RTP packets (RFC 6184, packetization-mode 1): once, for all clients
 * of a stream. The packets' heads lie here, their payload in the unit itself; both are given
 * to the kernel as they lie.
 *
 * Of the loop's thread alone, so the count of references is a plain number.
 */
#ifndef RECAM_CAMERA_RTP_FRAME_H
#define RECAM_CAMERA_RTP_FRAME_H

#include "camera/media/access_unit.h"

/* A packet with its RTP header: fits an Ethernet frame over IPv6 and a tunnel or two. */
#define RTP_MAX_PACKET   1400u
#define RTP_HEADER       12u
#define RTP_PREFIX       4u /* '$', channel, length: RFC 2326 10.12 */
#define RTP_PAYLOAD_TYPE 96u

struct rtp_packet {
	uint8_t head[RTP_PREFIX + RTP_HEADER + 2]; /* the last two: FU indicator and header */
	uint8_t head_size;                         /* RTP_HEADER, or 2 more */
	uint16_t payload_size;
	const uint8_t *payload;
};

/* With its RTP header, without the prefix. */
static inline size_t rtp_packet_size(const struct rtp_packet *packet)
{
	return (size_t)packet->head_size + packet->payload_size;
}

struct rtp_frame {
	unsigned references;
	bool key;
	uint64_t number; /* in its stream; the next frame has the next */
	uint32_t timestamp;
	size_t bytes; /* of all packets without prefixes */
	struct access_unit *unit;
	uint8_t *aggregate; /* SPS and PPS in one packet (STAP-A), or NULL; in this allocation */
	unsigned packet_count;
	struct rtp_packet packets[];
};

struct rtp_numbers {
	uint32_t ssrc;
	uint16_t sequence; /* of the first packet */
	uint32_t timestamp;
};

/* NULL: no memory, or nothing in the unit is to be sent. A key frame begins with its parameter
 * sets, those of the stream where the unit has none. */
struct rtp_frame *rtp_frame_new(struct access_unit *unit, const struct rtp_numbers *numbers);
struct rtp_frame *rtp_frame_ref(struct rtp_frame *frame);
void rtp_frame_unref(struct rtp_frame *frame); /* NULL: nothing */

#endif
