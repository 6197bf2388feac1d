/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Transport header of SETUP (RFC 2326 12.39). Pure. */
#ifndef RECAM_CAMERA_RTSP_TRANSPORT_H
#define RECAM_CAMERA_RTSP_TRANSPORT_H

#include <stdbool.h>

#include "base/bytes.h"

struct rtsp_transport {
	bool tcp;            /* interleaved; else UDP */
	uint16_t ports[2];   /* UDP: where the client listens for RTP and RTCP */
	uint8_t channels[2]; /* TCP */
	bool has_channels;
};

/* The first of the alternatives in the header that is served here: RTP/AVP by unicast UDP
 * (only where udp), or by TCP. False: none is. */
bool rtsp_transport_choose(struct rc_span header, bool udp, struct rtsp_transport *chosen);

#endif
