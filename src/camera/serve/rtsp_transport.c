/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/serve/rtsp_transport.h"

#include <string.h>

#include "camera/serve/rtsp_message.h"

/* "A-B", or "A" for A and A + 1; both from 0 to max. */
static bool read_pair(struct rc_span text, unsigned max, unsigned pair[2])
{
	unsigned which = 0;
	bool digits = false;

	pair[0] = pair[1] = 0;
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];

		if (c == '-' && which == 0 && digits) {
			which = 1;
			digits = false;
			continue;
		}
		if (c < '0' || c > '9')
			return false;
		pair[which] = pair[which] * 10 + (unsigned)(c - '0');
		digits = true;
		if (pair[which] > max)
			return false;
	}
	if (which == 0)
		pair[1] = pair[0] + 1;
	return digits && pair[1] <= max;
}

static bool read_tcp(struct rc_span one, struct rtsp_transport *out)
{
	struct rc_span value;
	unsigned pair[2];

	out->tcp = true;
	out->has_channels = rtsp_parameter(one, ';', "interleaved", &value);
	if (!out->has_channels)
		return true;
	if (!read_pair(value, 255, pair) || pair[0] == pair[1])
		return false;
	out->channels[0] = (uint8_t)pair[0];
	out->channels[1] = (uint8_t)pair[1];
	return true;
}

static bool read_udp(struct rc_span one, struct rtsp_transport *out)
{
	struct rc_span value;
	unsigned pair[2];

	if (rtsp_parameter(one, ';', "multicast", &value) ||
	    !rtsp_parameter(one, ';', "client_port", &value) || !read_pair(value, 65535, pair) ||
	    pair[0] == 0 || pair[1] == 0)
		return false;
	out->ports[0] = (uint16_t)pair[0];
	out->ports[1] = (uint16_t)pair[1];
	return true;
}

bool rtsp_transport_choose(struct rc_span header, bool udp, struct rtsp_transport *chosen)
{
	while (header.size) {
		const uint8_t *comma = memchr(header.data, ',', header.size);
		struct rc_span one = header;
		struct rc_span protocol;

		one.size = comma ? (size_t)(comma - header.data) : header.size;
		header = rc_span_sub(header, comma ? one.size + 1 : one.size, header.size);
		while (one.size && one.data[0] == ' ')
			one = rc_span_sub(one, 1, one.size);
		protocol = one;
		for (size_t i = 0; i < one.size && protocol.size == one.size; i++)
			if (one.data[i] == ';')
				protocol.size = i;
		*chosen = (struct rtsp_transport){ 0 };
		if (rtsp_span_is(protocol, "RTP/AVP/TCP") && read_tcp(one, chosen))
			return true;
		if (udp &&
		    (rtsp_span_is(protocol, "RTP/AVP") || rtsp_span_is(protocol, "RTP/AVP/UDP")) &&
		    read_udp(one, chosen))
			return true;
	}
	return false;
}
