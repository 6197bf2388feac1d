/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The session description that DESCRIBE gives (RFC 4566, RFC 6184 8.2.1). Pure. */
#ifndef RECAM_CAMERA_SDP_H
#define RECAM_CAMERA_SDP_H

#include "base/text.h"
#include "camera/media/access_unit.h"

#define SDP_TRACK "trackID=0"

struct sdp {
	const char *name;    /* of the stream, for people */
	const char *address; /* of the server, as the client reached it */
	bool ipv6;
	uint64_t session;         /* a number of this session description */
	unsigned rate_millihertz; /* 0: not known */
	const struct parameter_sets *sets;
};

void sdp_write(const struct sdp *sdp, struct rc_text *out);

#endif
