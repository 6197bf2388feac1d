/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/serve/sdp.h"

#include <openssl/evp.h>

#include "camera/serve/rtp_frame.h"

static void add_base64(struct rc_text *out, const uint8_t *data, size_t size)
{
	unsigned char text[(MEDIA_MAX_PARAMETER_SET + 2) / 3 * 4 + 1];

	EVP_EncodeBlock(text, data, (int)size);
	rc_text_add(out, "%s", (const char *)text);
}

void sdp_write(const struct sdp *sdp, struct rc_text *out)
{
	const struct parameter_sets *sets = sdp->sets;

	rc_text_add(out,
		    "v=0\r\n"
		    "o=- %llu 1 IN %s %s\r\n"
		    "s=%s\r\n"
		    "c=IN %s %s\r\n"
		    "t=0 0\r\n"
		    "a=tool:recamd\r\n"
		    "a=type:broadcast\r\n"
		    "a=control:*\r\n"
		    "a=range:npt=now-\r\n"
		    "m=video 0 RTP/AVP %u\r\n"
		    "a=rtpmap:%u H264/90000\r\n",
		    (unsigned long long)sdp->session, sdp->ipv6 ? "IP6" : "IP4", sdp->address,
		    sdp->name, sdp->ipv6 ? "IP6" : "IP4", sdp->ipv6 ? "::" : "0.0.0.0",
		    RTP_PAYLOAD_TYPE, RTP_PAYLOAD_TYPE);
	rc_text_add(out,
		    "a=fmtp:%u packetization-mode=1;profile-level-id=%02X%02X%02X;"
		    "sprop-parameter-sets=",
		    RTP_PAYLOAD_TYPE, sets->sps[1], sets->sps[2], sets->sps[3]);
	add_base64(out, sets->sps, sets->sps_size);
	rc_text_add(out, ",");
	add_base64(out, sets->pps, sets->pps_size);
	rc_text_add(out, "\r\n");
	if (sdp->rate_millihertz)
		rc_text_add(out, "a=framerate:%u.%03u\r\n", sdp->rate_millihertz / 1000,
			    sdp->rate_millihertz % 1000);
	rc_text_add(out, "a=framesize:%u %u-%u\r\na=control:" SDP_TRACK "\r\n", RTP_PAYLOAD_TYPE,
		    sets->width, sets->height);
}
