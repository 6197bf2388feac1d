/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pure parts: requests, transports, digests, RTP packets, RTCP. */
#include "support.h"

#include <string.h>

#include "camera/media/encoder.h"
#include "camera/media/h264.h"
#include "camera/media/test_picture.h"
#include "camera/serve/digest.h"
#include "camera/serve/rtcp.h"
#include "camera/serve/rtp_frame.h"
#include "camera/serve/rtsp_message.h"
#include "camera/serve/rtsp_transport.h"

static struct rc_span span(const char *text)
{
	return (struct rc_span){ (const uint8_t *)text, strlen(text) };
}

static void assert_span(struct rc_span got, const char *wanted)
{
	assert_int_equal(got.size, strlen(wanted));
	assert_memory_equal(got.data, wanted, got.size);
}

static void requests_are_read_whole_or_not(void **state)
{
	static const char text[] = "\r\nSETUP rtsp://h:8554/main/trackID=0 RTSP/1.0\r\n"
				   "cseq: 7\r\nTransport : RTP/AVP;unicast \r\n"
				   "Content-Length: 3\r\n\r\nabcOPTIONS";
	size_t whole = strlen(text) - strlen("OPTIONS");
	struct rtsp_request request;
	struct rc_span path;
	size_t used;

	for (size_t size = 0; size < whole; size++)
		assert_int_equal(
			rtsp_next((struct rc_span){ (const uint8_t *)text, size }, &request, &used),
			RTSP_NEXT_MORE);
	assert_int_equal(rtsp_next(span(text), &request, &used), RTSP_NEXT_REQUEST);
	assert_int_equal(used, whole);
	assert_int_equal(request.method, RTSP_SETUP);
	assert_true(request.has_cseq);
	assert_int_equal(request.cseq, 7);
	assert_span(rtsp_header(&request, "TRANSPORT"), "RTP/AVP;unicast");
	assert_span(request.body, "abc");
	assert_true(rtsp_uri_path(request.uri, &path));
	assert_span(path, "main/trackID=0");
	assert_true(rtsp_uri_path(span("RTSPS://h//sub/?a=b/c"), &path));
	assert_span(path, "sub");
	assert_false(rtsp_uri_path(span("http://h/main"), &path));
}

static void what_is_no_request_is_refused(void **state)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\r\n\r\n",
		"OPTIONS *\r\n\r\n",
		"OPTIONS * RTSP/2.0\r\n\r\n",
		"OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n",
		"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n folded: x\r\n\r\n",
		"OPTIONS * RTSP/1.0\r\nContent-Length: 8193\r\n\r\n",
		"OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n",
		"OPTIONS * RTSP/1.0\r\nContent-Length: 99999999999\r\n\r\n",
		"\x16\x03\x01\x02\n\n",
	};
	char many[RTSP_MAX_HEADERS * 4 + 64] = "OPTIONS * RTSP/1.0\r\n";
	uint8_t endless[RTSP_MAX_REQUEST];
	struct rtsp_request request;
	size_t used;

	for (size_t i = 0; i < RC_COUNT(bad); i++)
		assert_int_equal(rtsp_next(span(bad[i]), &request, &used), RTSP_NEXT_BAD);
	for (unsigned i = 0; i <= RTSP_MAX_HEADERS; i++)
		strcat(many, "a:\r\n");
	strcat(many, "\r\n");
	assert_int_equal(rtsp_next(span(many), &request, &used), RTSP_NEXT_BAD);
	memset(endless, 'a', sizeof(endless));
	assert_int_equal(rtsp_next((struct rc_span){ endless, sizeof(endless) }, &request, &used),
			 RTSP_NEXT_BAD);
	memset(endless, '\n', sizeof(endless));
	assert_int_equal(rtsp_next((struct rc_span){ endless, sizeof(endless) }, &request, &used),
			 RTSP_NEXT_BAD);
	assert_int_equal(
		rtsp_next((struct rc_span){ (const uint8_t *)"$\1\0\5xy", 6 }, &request, &used),
		RTSP_NEXT_INTERLEAVED);
	assert_int_equal(used, 9);
}

static void transports_are_chosen_in_the_clients_order(void **state)
{
	static const struct {
		const char *header;
		bool udp, found, tcp;
		unsigned first, second;
	} cases[] = {
		{ "RTP/AVP;unicast;client_port=5000-5001", true, true, false, 5000, 5001 },
		{ "RTP/AVP/UDP;unicast;client_port=5000", true, true, false, 5000, 5001 },
		{ "RTP/AVP/TCP;unicast;interleaved=2-3", true, true, true, 2, 3 },
		{ "RTP/AVP/TCP;interleaved=4", true, true, true, 4, 5 },
		{ "RTP/AVP;multicast;port=1-2, RTP/AVP/TCP;interleaved=0-1", true, true, true, 0,
		  1 },
		{ "RTP/AVP;client_port=8-9,RTP/AVP/TCP;interleaved=0-1", false, true, true, 0, 1 },
		{ "RTP/AVP;unicast", true, false, false, 0, 0 },
		{ "RTP/AVP;unicast;client_port=0-1", true, false, false, 0, 0 },
		{ "RTP/AVP;unicast;client_port=65535", true, false, false, 0, 0 },
		{ "RTP/AVP;unicast;client_port=5000-70000", true, false, false, 0, 0 },
		{ "RTP/AVP;unicast;client_port=50x", true, false, false, 0, 0 },
		{ "RTP/AVP/TCP;interleaved=3-3", true, false, false, 0, 0 },
		{ "RTP/AVP/TCP;interleaved=255", true, false, false, 0, 0 },
		{ "RTP/SAVP;unicast;client_port=5000-5001", true, false, false, 0, 0 },
		{ "", true, false, false, 0, 0 },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rtsp_transport got;

		assert_int_equal(rtsp_transport_choose(span(cases[i].header), cases[i].udp, &got),
				 cases[i].found);
		if (!cases[i].found)
			continue;
		assert_int_equal(got.tcp, cases[i].tcp);
		assert_int_equal(got.tcp ? got.channels[0] : got.ports[0], cases[i].first);
		assert_int_equal(got.tcp ? got.channels[1] : got.ports[1], cases[i].second);
	}
}

/* The examples of RFC 7616 3.9.1, and one made with openssl as RFC 2069 has it. */
static void digests_are_those_of_the_rfc(void **state)
{
	static const char head[] = "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
				   "uri=\"/dir/index.html\", algorithm=%s, "
				   "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
				   "nc=00000001, "
				   "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", "
				   "qop=auth, response=\"%s\"";
	static const struct {
		const char *algorithm, *ha1, *response;
	} cases[] = {
		/* ha1: printf 'Mufasa:http-auth@example.org:Circle of Life' | md5sum, sha256sum */
		{ "MD5", "3d78807defe7de2157e2b0b6573a855f", "8ca523f5e9506fed4657c9700eebdbec" },
		{ "SHA-256", "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232",
		  "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" },
	};
	struct digest_claim claim;
	char text[1024];

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		snprintf(text, sizeof(text), head, cases[i].algorithm, cases[i].response);
		assert_true(digest_read(span(text), &claim));
		assert_true(digest_right(&claim, cases[i].ha1, span("GET")));
		assert_false(digest_right(&claim, cases[i].ha1, span("PUT")));
		text[strlen(text) - 2] ^= 1;
		assert_true(digest_read(span(text), &claim));
		assert_false(digest_right(&claim, cases[i].ha1, span("GET")));
	}
	assert_false(digest_read(span("Basic YTpi"), &claim));
	assert_false(digest_read(span("Digest username=\"a\""), &claim));
	assert_false(digest_read(span(""), &claim));
}

/* --- RTP -------------------------------------------------------------------------------- */

/* Puts NAL units together again as RFC 6184 says a receiver does. */
static void depacketise(const struct rtp_frame *frame, struct rc_buffer *out)
{
	static const uint8_t code[] = { 0, 0, 0, 1 };

	for (unsigned i = 0; i < frame->packet_count; i++) {
		const struct rtp_packet *p = &frame->packets[i];
		const uint8_t *fu = p->head + RTP_PREFIX + RTP_HEADER;
		struct rc_span rest = { p->payload, p->payload_size };

		assert_true(rtp_packet_size(p) <= RTP_MAX_PACKET);
		assert_int_equal(rc_be16(p->head + 2), rtp_packet_size(p));
		assert_int_equal(p->head[RTP_PREFIX + 1] >> 7, i + 1 == frame->packet_count);
		if (p->head_size == RTP_HEADER + 2) {
			uint8_t header = (uint8_t)((fu[0] & 0xe0) | (fu[1] & 0x1f));

			assert_int_equal(fu[0] & 0x1f, 28);
			if (fu[1] & 0x80) {
				rc_buffer_append(out, code, 4);
				rc_buffer_append(out, &header, 1);
			}
			rc_buffer_append(out, rest.data, rest.size);
		} else if ((rest.data[0] & 0x1f) == 24) {
			rest = rc_span_sub(rest, 1, rest.size);
			while (rest.size > 2) {
				size_t size = rc_be16(rest.data);

				rc_buffer_append(out, code, 4);
				rc_buffer_append(out, rest.data + 2, size);
				rest = rc_span_sub(rest, 2 + size, rest.size);
			}
			assert_int_equal(rest.size, 0);
		} else {
			rc_buffer_append(out, code, 4);
			rc_buffer_append(out, rest.data, rest.size);
		}
	}
}

static void packets_hold_all_nal_units_once(void **state)
{
	struct encoder_settings settings = { 640, 368, 25, 1, 20000, 3 };
	struct rtp_numbers numbers = { 0x01020304, 65530, 0xfffffff0 };
	struct picture picture;
	struct encoder *encoder;
	struct rc_error err;

	support_ok(picture_alloc(&picture, 640, 368, &err), &err);
	support_ok(encoder_open(&settings, &encoder, &err), &err);
	for (unsigned n = 0; n < 8; n++) {
		struct rc_buffer sent = { 0 };
		struct access_unit *unit;
		struct rtp_frame *frame;
		size_t at = 0;
		struct rc_span nal;
		unsigned index = 0;

		test_picture_draw(&picture, n, 25, 1);
		support_ok(encoder_encode(encoder, &picture, n, false, &unit, &err), &err);
		assert_int_equal(unit->key, n % 3 == 0);
		frame = rtp_frame_new(unit, &numbers);
		assert_non_null(frame);
		assert_int_equal(frame->key, unit->key);
		assert_int_equal(rc_be16(frame->packets[0].head + RTP_PREFIX + 2),
				 numbers.sequence);
		assert_int_equal(rc_be32(frame->packets[0].head + RTP_PREFIX + 4), 0xfffffff0);
		depacketise(frame, &sent);
		while (annexb_next((struct rc_span){ sent.data, sent.size }, &at, &nal)) {
			assert_int_equal(nal.size, unit->nals[index].size);
			assert_memory_equal(nal.data, unit->nals[index].data, nal.size);
			index++;
		}
		assert_int_equal(index, unit->nal_count);
		numbers.sequence = (uint16_t)(numbers.sequence + frame->packet_count);
		rtp_frame_unref(frame);
		access_unit_unref(unit);
		rc_buffer_free(&sent);
	}
	assert_true(numbers.sequence < 65530); /* it wrapped */
	encoder_close(encoder);
	picture_free(&picture);
}

/* The smallest sizes at which a NAL unit is cut, and cut in three. */
static void long_nal_units_are_cut_in_equal_parts(void **state)
{
	static const struct {
		size_t size;
		unsigned packets;
	} cases[] = { { 1388, 1 }, { 1389, 2 }, { 1 + 2 * 1386, 2 }, { 2 + 2 * 1386, 3 } };
	static const uint8_t sps[] = { 0x67, 0x42, 0xc0, 0x0a, 0xd9, 0x04, 0x26, 0xc0, 0x5a, 0x80 };
	static const uint8_t pps[] = { 0x68, 0xce, 0x3c, 0x80 };
	struct parameter_sets *sets;
	struct h264_sps parsed;
	struct rc_error err;

	support_ok(h264_read_sps((struct rc_span){ sps, sizeof(sps) }, &parsed, &err), &err);
	sets = parameter_sets_new((struct rc_span){ sps, sizeof(sps) },
				  (struct rc_span){ pps, sizeof(pps) });
	assert_non_null(sets);
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		static uint8_t annexb[4096] = { 0, 0, 1, 0x41 };
		struct access_unit_times times = { 1, 2, 3 };
		struct rtp_numbers numbers = { 0 };
		struct access_unit *unit;
		struct rtp_frame *frame;

		memset(annexb + 4, 0xaa, sizeof(annexb) - 4);
		unit = access_unit_new((struct rc_span){ annexb, 3 + cases[i].size }, sets, &times);
		frame = rtp_frame_new(unit, &numbers);
		assert_int_equal(frame->packet_count, cases[i].packets);
		for (unsigned p = 0; p + 1 < frame->packet_count; p++)
			assert_int_equal(rtp_packet_size(&frame->packets[p]), RTP_MAX_PACKET);
		rtp_frame_unref(frame);
		access_unit_unref(unit);
	}
	parameter_sets_unref(sets);
}

/* --- RTCP ------------------------------------------------------------------------------- */

static void sender_reports_are_as_rfc_3550_has_them(void **state)
{
	static const uint8_t wanted[] = {
		0x80, 200,  0,    6,    1,    2,   3, 4, /* SR, 7 words */
		0x83, 0xaa, 0x7e, 0x85, 0x80, 0,   0, 0, /* 1970 and 5.5 s, in NTP */
		0xde, 0xad, 0xbe, 0xef, 0,    0,   0, 7, 0,   0,   1,   0,   0x81, 202,
		0,    4,    1,    2,    3,    4,   1, 6, 'r', 'e', 'c', 'a', 'm',  'd',
		0,    0,    0,    0,    0x81, 203, 0, 1, 1,   2,   3,   4,
	};
	struct rtcp_sender sender = { 0x01020304, 0xdeadbeef, 5500000, 7, 256 };
	uint8_t out[RTCP_MAX_REPORT];

	assert_int_equal(rtcp_put_report(out, &sender, true), sizeof(wanted));
	assert_memory_equal(out, wanted, sizeof(wanted));
	assert_int_equal(rtcp_put_report(out, &sender, false), sizeof(wanted) - 8);
}

static void receiver_reports_are_read(void **state)
{
	uint8_t report[] = { 0x81, 201, 0,    7,   9, 9, 9, 9, 1, 2, 3, 4, 64, 0, 0,
			     1,    0,   0,    0,   0, 0, 0, 1, 0, 0, 0, 0, 0,  0, 0,
			     0,    0,   0x81, 206, 0, 2, 9, 9, 9, 9, 1, 2, 3,  4 };
	struct rtcp_answer answer;

	assert_true(rtcp_read((struct rc_span){ report, sizeof(report) }, 0x01020304, &answer));
	assert_true(answer.alive && answer.has_loss && answer.wants_key && !answer.bye);
	assert_int_equal(answer.fraction_lost, 64);
	assert_int_equal(answer.jitter, 256);
	assert_true(rtcp_read((struct rc_span){ report, sizeof(report) }, 1, &answer));
	assert_false(answer.has_loss);
	for (size_t size = 1; size < sizeof(report); size++)
		assert_int_equal(rtcp_read((struct rc_span){ report, size }, 1, &answer),
				 size == 32);
	report[0] = 0x9f; /* 31 blocks, and one is there */
	assert_true(rtcp_read((struct rc_span){ report, 32 }, 0x01020304, &answer));
	report[0] = 0x41;
	assert_false(rtcp_read((struct rc_span){ report, 32 }, 0x01020304, &answer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_read_whole_or_not),
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(transports_are_chosen_in_the_clients_order),
		cmocka_unit_test(digests_are_those_of_the_rfc),
		cmocka_unit_test(packets_hold_all_nal_units_once),
		cmocka_unit_test(long_nal_units_are_cut_in_equal_parts),
		cmocka_unit_test(sender_reports_are_as_rfc_3550_has_them),
		cmocka_unit_test(receiver_reports_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
