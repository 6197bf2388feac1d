/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client says: requests and '$' frames, one behind the other, with the headers that are
 * looked into. */
#include "camera/serve/digest.h"
#include "camera/serve/rtsp_message.h"
#include "camera/serve/rtsp_transport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_into(const struct rtsp_request *request)
{
	struct rtsp_transport transport;
	struct digest_claim claim;
	struct rc_span path;

	rtsp_uri_path(request->uri, &path);
	rtsp_transport_choose(rtsp_header(request, "Transport"), true, &transport);
	rtsp_transport_choose(rtsp_header(request, "Transport"), false, &transport);
	if (digest_read(rtsp_header(request, "Authorization"), &claim))
		digest_right(&claim, "0123456789abcdef", request->method_text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_span rest = { data, size };
	struct rtsp_request request;
	size_t used;

	for (;;) {
		enum rtsp_next next = rtsp_next(rest, &request, &used);

		if (next == RTSP_NEXT_REQUEST)
			look_into(&request);
		else if (next != RTSP_NEXT_INTERLEAVED)
			return 0;
		rest = rc_span_sub(rest, used, rest.size);
	}
}
