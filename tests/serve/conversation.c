/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the RTSP server answers, word by word, to clients good and bad. */
#include "support.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "camera/media/media.h"
#include "fixture.h"
#include "talk.h"

static struct fixture fixture;
static uint16_t port; /* that log_in calls */

/* --- the tests -------------------------------------------------------------------------- */

static void describe_tells_all_a_player_needs(void **state)
{
	struct talk talk;
	char answer[8192];

	talk_log_in(&talk, port);
	talk_ask(&talk, "DESCRIBE", "unicast/", "");
	talk_hear(&talk, answer);
	assert_memory_equal(answer + 9, "200", 3);
	assert_non_null(strstr(answer, "Content-Base: rtsp://127.0.0.1/unicast/\r\n"));
	assert_non_null(strstr(answer, "m=video 0 RTP/AVP 96\r\n"));
	assert_non_null(strstr(answer, "packetization-mode=1;profile-level-id=42C0"));
	assert_non_null(strstr(answer, "sprop-parameter-sets=Z0"));
	assert_non_null(strstr(answer, "a=framerate:25.000\r\n"));
	assert_non_null(strstr(answer, "a=framesize:96 320-192\r\n"));
	talk_hang_up(&talk);
}

static void what_is_not_there_is_said_to_be_so(void **state)
{
	struct talk talk;

	talk_log_in(&talk, port);
	talk_ask(&talk, "DESCRIBE", "nowhere", "");
	talk_expect(&talk, "404");
	talk_ask(&talk, "SETUP", "../main", TCP_TRANSPORT);
	talk_expect(&talk, "404");
	talk_ask(&talk, "PLAY", "main", "");
	talk_expect(&talk, "454");
	talk_ask(&talk, "TEARDOWN", "main", "Session: 0123456789ABCDEF\r\n");
	talk_expect(&talk, "454");
	talk_ask(&talk, "SETUP", "main", "Transport: RTP/SAVP;unicast;client_port=4000-4001\r\n");
	talk_expect(&talk, "461");
	talk_ask(&talk, "SETUP", "main", "");
	talk_expect(&talk, "461");
	talk_ask(&talk, "RECORD", "main", "");
	talk_expect(&talk, "501");
	talk_ask(&talk, "OPTIONS", "main", "");
	talk_expect(&talk, "200");
	talk_ask(&talk, "SETUP", "main/trackID=0", TCP_TRANSPORT);
	talk_expect(&talk, "200");
	talk_say(&talk, "OPTIONS * RTSP/1.0\r\n\r\n");
	talk_expect(&talk, "400");
	talk_expect_end(&talk);
	talk_hang_up(&talk);
}

static void nothing_is_served_without_the_password(void **state)
{
	static const char *const methods[] = { "DESCRIBE", "SETUP", "PLAY" };
	struct talk talk;

	talk_call(&talk, port);
	for (size_t i = 0; i < RC_COUNT(methods); i++) {
		talk_ask(&talk, methods[i], "main", TCP_TRANSPORT);
		talk_expect(&talk, "401");
	}
	talk_hang_up(&talk);
}

static void wrong_passwords_end_the_connection(void **state)
{
	char request[2048];
	char answer[8192];
	struct talk talk;

	talk_log_in(&talk, port);
	for (unsigned i = 0; i < 8; i++) {
		talk_write(&talk, "DESCRIBE", "main", "", "guess", request);
		talk_say(&talk, request);
		talk_hear(&talk, answer);
		assert_memory_equal(answer + 9, "401", 3);
		talk_keep(answer, "nonce=\"", talk.nonce);
	}
	talk_expect_end(&talk);
	talk_hang_up(&talk);
}

static void another_connections_nonce_is_of_no_use(void **state)
{
	struct talk first;
	struct talk second;

	talk_log_in(&first, port);
	talk_log_in(&second, port);
	memcpy(second.nonce, first.nonce, sizeof(second.nonce));
	talk_ask(&second, "DESCRIBE", "main", "");
	talk_expect(&second, "401");
	talk_ask(&first, "DESCRIBE", "main", "");
	talk_expect(&first, "200");
	talk_hang_up(&first);
	talk_hang_up(&second);
}

/* SETUP was answered; all the rest comes in one piece, and is answered in order. */
static void requests_in_one_piece_are_answered_in_order(void **state)
{
	char requests[8192] = "";
	char answer[8192];
	char one[2048];
	static const char *const methods[] = { "PLAY", "GET_PARAMETER", "PAUSE", "PLAY",
					       "TEARDOWN" };
	struct talk talk;

	talk_set_up(&talk, port, "sub", TCP_TRANSPORT);
	for (size_t i = 0; i < RC_COUNT(methods); i++) {
		talk_write(&talk, methods[i], "sub", "", FIXTURE_PASSWORD, one);
		strcat(requests, one);
	}
	talk_say(&talk, requests);
	for (unsigned i = 0; i < RC_COUNT(methods); i++) {
		char wanted[64];

		talk_hear(&talk, answer);
		assert_memory_equal(answer + 9, "200", 3);
		snprintf(wanted, sizeof(wanted), "CSeq: %zu\r\n",
			 talk.cseq - RC_COUNT(methods) + 1 + i);
		assert_non_null(strstr(answer, wanted));
	}
	talk_hang_up(&talk);
}

/* Sequence number and time that PLAY's answer names are those of the first packet. */
static void play_names_the_first_packet(void **state)
{
	char answer[8192];
	char number[64];
	struct talk talk;

	talk_set_up(&talk, port, "main", "Transport: RTP/AVP/TCP;unicast;interleaved=6-7\r\n");
	talk_ask(&talk, "PLAY", "main", "Range: npt=0.000-\r\n");
	assert_int_equal(talk_hear(&talk, answer), 0);
	assert_non_null(strstr(answer, "RTP-Info: url=rtsp://127.0.0.1/main/trackID=0;seq="));
	while (talk_whole(&talk) == 0)
		assert_true(talk_listen(&talk));
	assert_int_equal(talk.input[0], '$');
	assert_int_equal(talk.input[1], 6);
	talk_keep(answer, ";seq=", number);
	assert_int_equal(rc_be16((const uint8_t *)talk.input + 6), strtoul(number, NULL, 10));
	talk_keep(answer, ";rtptime=", number);
	assert_int_equal(rc_be32((const uint8_t *)talk.input + 8), strtoul(number, NULL, 10));
	/* It begins with SPS and PPS, in one packet. */
	assert_int_equal(talk.input[16] & 0x1f, 24);
	assert_int_equal(talk.input[19] & 0x1f, 7);
	talk_hang_up(&talk);
}

/* Between packets of the picture, and however often: each answer is whole. */
static void pauses_and_answers_leave_packets_whole(void **state)
{
	char answer[8192];
	unsigned frames = 0;
	struct talk talk;

	talk_set_up(&talk, port, "main", TCP_TRANSPORT);
	for (unsigned i = 0; i < 12; i++) {
		talk_ask(&talk, "PLAY", "main", "");
		talk_expect(&talk, "200");
		talk_ask(&talk, "GET_PARAMETER", "main", "");
		frames += talk_hear(&talk, answer);
		usleep(50000);
		talk_ask(&talk, "PAUSE", "main", "");
		frames += talk_hear(&talk, answer);
	}
	assert_true(frames > 12);
	talk_hang_up(&talk);
}

/* What a client sends interleaved is skipped, were it longer than any request may be. */
static void interleaved_frames_of_any_length_are_skipped(void **state)
{
	static uint8_t frame[4 + 60000];
	struct talk talk;

	talk_set_up(&talk, port, "main", TCP_TRANSPORT);
	memcpy(frame, "$\0\xea\x60", 4);
	assert_int_equal(send(talk.fd, frame, sizeof(frame), MSG_NOSIGNAL), sizeof(frame));
	talk_ask(&talk, "GET_PARAMETER", "main", "");
	talk_expect(&talk, "200");
	talk_hang_up(&talk);
}

/* Inside TLS, to a client that reads too slowly: packets and answers stay whole, whatever is left
 * out between them. */
static void a_slow_client_inside_tls_gets_whole_packets(void **state)
{
	struct fixture narrow;
	char answer[TALK_ANSWER];
	unsigned frames = 0;
	struct talk talk;

	fixture_init(&narrow, "test:640x384@50");
	narrow.sources.main.bitrate_kbps = 20000;
	narrow.sources.main.key_seconds_tenths = 2;
	narrow.settings.send_buffer = 4096;
	fixture_start(&narrow);
	talk_call_tls(&talk, narrow.tls_port, true);
	talk_introduce(&talk);
	/* In the clear, beside TLS, nothing is sent. */
	talk_ask(&talk, "SETUP", "main", "Transport: RTP/AVP;unicast;client_port=40000-40001\r\n");
	talk_expect(&talk, "461");
	talk_ask(&talk, "SETUP", "main", TCP_TRANSPORT);
	talk_hear(&talk, answer);
	talk_keep(answer, "Session: ", talk.session);
	for (unsigned i = 0; i < 6; i++) {
		talk_ask(&talk, "PLAY", "main", "");
		talk_expect(&talk, "200");
		usleep(400000);
		talk_ask(&talk, "GET_PARAMETER", "main", "");
		frames += talk_hear(&talk, answer);
		assert_memory_equal(answer + 9, "200", 3);
		talk_ask(&talk, "PAUSE", "main", "");
		frames += talk_hear(&talk, answer);
		assert_memory_equal(answer + 9, "200", 3);
	}
	assert_true(frames > 12);
	talk_hang_up(&talk);
	fixture_stop(&narrow, NULL);
}

static void a_second_setup_may_change_the_transport_only(void **state)
{
	struct talk talk;

	talk_set_up(&talk, port, "main", TCP_TRANSPORT);
	talk_ask(&talk, "SETUP", "main", "Transport: RTP/AVP;unicast;client_port=40000-40001\r\n");
	talk_expect(&talk, "200");
	talk_ask(&talk, "SETUP", "sub", TCP_TRANSPORT);
	talk_expect(&talk, "459");
	talk_ask(&talk, "PLAY", "main", "");
	talk_expect(&talk, "200");
	talk_ask(&talk, "SETUP", "main", TCP_TRANSPORT);
	talk_expect(&talk, "455");
	talk_hang_up(&talk);
}

static int start(void **state)
{
	fixture_init(&fixture, "test:320x192@25");
	fixture_start(&fixture);
	port = fixture.port;
	return 0;
}

static int stop(void **state)
{
	fixture_stop(&fixture, NULL);
	return 0;
}

static void without_a_password_nothing_is_told(void **state)
{
	struct fixture open_house;
	struct talk talk;

	fixture_init(&open_house, "test:320x192@5");
	open_house.no_password = true;
	fixture_start(&open_house);
	talk_call(&talk, open_house.port);
	talk_ask(&talk, "DESCRIBE", "main", "");
	talk_expect(&talk, "403");
	talk_hang_up(&talk);
	fixture_stop(&open_house, NULL);
}

static void one_client_too_many_is_told_so(void **state)
{
	struct fixture small;
	struct talk talks[3];

	fixture_init(&small, "test:320x192@5");
	small.settings.max_clients = 2;
	fixture_start(&small);
	for (unsigned i = 0; i < 3; i++)
		talk_call(&talks[i], small.port);
	talk_expect(&talks[2], "503");
	talk_expect_end(&talks[2]);
	talk_ask(&talks[0], "OPTIONS", "main", "");
	talk_expect(&talks[0], "200");
	talk_hang_up(&talks[2]);
	/* Who has said nothing of use for 3 s makes room for the next; one after the other. */
	sleep(4);
	talk_call(&talks[2], small.port);
	talk_ask(&talks[2], "OPTIONS", "main", "");
	talk_expect(&talks[2], "200");
	for (unsigned i = 0; i < 3; i++)
		talk_hang_up(&talks[i]);
	fixture_stop(&small, NULL);
}

/* Over UDP, a client that says nothing any more is forgotten. */
static void silence_ends_a_session(void **state)
{
	struct rtsp_status status;
	struct fixture quick;
	struct talk talk;

	fixture_init(&quick, "test:320x192@25");
	quick.settings.idle_seconds = 1;
	fixture_start(&quick);
	port = quick.port;
	talk_set_up(&talk, port, "main", "Transport: RTP/AVP;unicast;client_port=40000-40001\r\n");
	talk_ask(&talk, "PLAY", "main", "");
	talk_expect(&talk, "200");
	talk_expect_end(&talk);
	port = fixture.port;
	talk_hang_up(&talk);
	fixture_stop(&quick, &status);
	assert_int_equal(status.connections, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(describe_tells_all_a_player_needs),
		cmocka_unit_test(what_is_not_there_is_said_to_be_so),
		cmocka_unit_test(nothing_is_served_without_the_password),
		cmocka_unit_test(wrong_passwords_end_the_connection),
		cmocka_unit_test(another_connections_nonce_is_of_no_use),
		cmocka_unit_test(requests_in_one_piece_are_answered_in_order),
		cmocka_unit_test(play_names_the_first_packet),
		cmocka_unit_test(pauses_and_answers_leave_packets_whole),
		cmocka_unit_test(interleaved_frames_of_any_length_are_skipped),
		cmocka_unit_test(a_slow_client_inside_tls_gets_whole_packets),
		cmocka_unit_test(a_second_setup_may_change_the_transport_only),
		cmocka_unit_test(without_a_password_nothing_is_told),
		cmocka_unit_test(one_client_too_many_is_told_so),
		cmocka_unit_test(silence_ends_a_session),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
