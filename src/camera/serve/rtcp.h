/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTCP (RFC 3550 6): sender reports out, receiver reports and wishes for key frames in. Pure. */
#ifndef RECAM_CAMERA_RTCP_H
#define RECAM_CAMERA_RTCP_H

#include <stdbool.h>

#include "base/bytes.h"

#define RTCP_MAX_REPORT 64u

struct rtcp_sender {
	uint32_t ssrc;
	uint32_t timestamp; /* RTP's, of the time below */
	uint64_t unix_us;   /* wall clock, microseconds since 1970 */
	uint32_t packets, octets;
};

/* SR and SDES (CNAME "recamd"), and BYE where bye. Returns the size. */
size_t rtcp_put_report(uint8_t out[RTCP_MAX_REPORT], const struct rtcp_sender *sender, bool bye);

struct rtcp_answer {
	bool alive; /* a report, of whatever SSRC: somebody listens */
	bool bye;
	bool wants_key; /* PLI (RFC 4585 6.3.1) or FIR (RFC 5104 4.3.1) */
	bool has_loss;
	uint8_t fraction_lost; /* 1/256 */
	uint32_t jitter;       /* in ticks of 90 kHz */
};

/* Reads a compound packet; false where it is none (answer says what was read before). ssrc: of
 * the stream that reports are about. */
bool rtcp_read(struct rc_span bytes, uint32_t ssrc, struct rtcp_answer *answer);

#endif
