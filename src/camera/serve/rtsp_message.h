/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTSP requests (RFC 2326) out of bytes: pure, bounded, borrowing.
 *
 * Between requests, a TCP connection carries RTP and RTCP in frames that begin with '$'
 * (10.12); rtsp_next tells the two apart.
 */
#ifndef RECAM_CAMERA_RTSP_MESSAGE_H
#define RECAM_CAMERA_RTSP_MESSAGE_H

#include <stdbool.h>

#include "base/bytes.h"

#define RTSP_MAX_REQUEST 8192u /* with its body */
#define RTSP_MAX_HEADERS 48u

enum rtsp_method {
	RTSP_OPTIONS,
	RTSP_DESCRIBE,
	RTSP_SETUP,
	RTSP_PLAY,
	RTSP_PAUSE,
	RTSP_TEARDOWN,
	RTSP_GET_PARAMETER,
	RTSP_SET_PARAMETER,
	RTSP_UNKNOWN,
};

const char *rtsp_method_name(enum rtsp_method method);

struct rtsp_request {
	enum rtsp_method method;
	struct rc_span method_text, uri;
	unsigned cseq;
	bool has_cseq;
	struct rc_span body;
	struct {
		struct rc_span name, value;
	} headers[RTSP_MAX_HEADERS];
	unsigned header_count;
};

enum rtsp_next {
	RTSP_NEXT_MORE,        /* not whole yet */
	RTSP_NEXT_REQUEST,     /* request is filled */
	RTSP_NEXT_INTERLEAVED, /* a '$' frame: *used is 4 and its length; may lie beyond the bytes
				*/
	RTSP_NEXT_BAD,         /* no RTSP; or longer than RTSP_MAX_REQUEST */
};

/* What the bytes begin with; *used: how many belong to it. Empty lines before a request are
 * taken with it. */
enum rtsp_next rtsp_next(struct rc_span bytes, struct rtsp_request *request, size_t *used);

/* The first header of that name (any case), or an empty span. */
struct rc_span rtsp_header(const struct rtsp_request *request, const char *name);
bool rtsp_span_is(struct rc_span span, const char *text); /* any case */

/* The path of "rtsp://HOST[:PORT]/PATH?QUERY" without query, leading and trailing slashes; of
 * "*", empty. False: no such URI. */
bool rtsp_uri_path(struct rc_span uri, struct rc_span *path);

/* Finds key in "key=value;key2=..." or "key=\"value\", ...": parameters parted by separator. The
 * value without quotes; false where it is not there. */
bool rtsp_parameter(struct rc_span list, char separator, const char *key, struct rc_span *value);

#endif
