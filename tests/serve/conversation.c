/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the RTSP server answers, word by word, to clients good and bad. */
#include "support.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "camera/media/media.h"
#include "fixture.h"

static struct fixture fixture;
static uint16_t port; /* that log_in calls */

struct talk {
	int fd;
	unsigned cseq;
	char nonce[64], session[64];
	char input[1 << 18]; /* what came and was not looked at */
	size_t size;
};

static void hang_up(struct talk *talk)
{
	close(talk->fd);
}

static void call(struct talk *talk, uint16_t to)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(to) };
	struct timeval limit = { .tv_sec = 20 };

	memset(talk, 0, sizeof(*talk));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	talk->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(talk->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(talk->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void say(const struct talk *talk, const char *text)
{
	assert_int_equal(send(talk->fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* More input; false at the end of the connection. */
static bool listen_on(struct talk *talk)
{
	ssize_t got = recv(talk->fd, talk->input + talk->size, sizeof(talk->input) - 1 - talk->size,
			   0);

	if (got <= 0)
		return false;
	talk->size += (size_t)got;
	talk->input[talk->size] = '\0';
	return true;
}

static void forget(struct talk *talk, size_t size)
{
	talk->size -= size;
	memmove(talk->input, talk->input + size, talk->size + 1);
}

/* The size of the '$' frame or answer that the input begins with; 0: not whole. */
static size_t whole(const struct talk *talk)
{
	const char *end;
	const char *length;
	size_t size;

	if (talk->size >= 4 && talk->input[0] == '$')
		size = 4u + rc_be16((const uint8_t *)talk->input + 2);
	else if (talk->size && talk->input[0] != '$' && (end = strstr(talk->input, "\r\n\r\n"))) {
		length = strstr(talk->input, "Content-Length: ");
		size = (size_t)(end - talk->input) + 4;
		if (length && length < end)
			size += strtoul(length + 16, NULL, 10);
	} else {
		return 0;
	}
	return size <= talk->size ? size : 0;
}

/* The next answer, '$' frames before it left out (and counted). Anything else between them
 * fails the test: an answer in the middle of a packet. */
static unsigned hear(struct talk *talk, char answer[8192])
{
	unsigned frames = 0;
	size_t size;

	for (;;) {
		while ((size = whole(talk)) == 0)
			assert_true(listen_on(talk));
		if (talk->input[0] != '$')
			break;
		frames++;
		forget(talk, size);
	}
	assert_memory_equal(talk->input, "RTSP/1.0 ", 9);
	assert_true(size < 8192);
	memcpy(answer, talk->input, size);
	answer[size] = '\0';
	forget(talk, size);
	return frames;
}

static void expect(struct talk *talk, const char *status)
{
	char answer[8192];

	hear(talk, answer);
	if (strncmp(answer + 9, status, strlen(status)) != 0)
		fail_msg("wanted %s, got %s", status, answer);
}

static void expect_end(struct talk *talk)
{
	while (listen_on(talk))
		talk->size = 0;
}

static void md5_hex(const char *text, char hex[33])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size;

	EVP_Digest(text, strlen(text), digest, &size, EVP_md5(), NULL);
	for (unsigned i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* A request with credentials and session as far as there are any. */
static void write_request(struct talk *talk, const char *method, const char *path,
			  const char *headers, const char *password, char out[2048])
{
	char text[512];
	char ha1[33];
	char ha2[33];
	char response[33];
	int size = snprintf(out, 2048, "%s rtsp://127.0.0.1/%s RTSP/1.0\r\nCSeq: %u\r\n%s", method,
			    path, ++talk->cseq, headers);

	if (talk->nonce[0]) {
		snprintf(text, sizeof(text), FIXTURE_USER ":recamd:%s", password);
		md5_hex(text, ha1);
		snprintf(text, sizeof(text), "%s:/x", method);
		md5_hex(text, ha2);
		snprintf(text, sizeof(text), "%s:%s:%s", ha1, talk->nonce, ha2);
		md5_hex(text, response);
		size += snprintf(
			out + size, 2048 - (size_t)size,
			"Authorization: Digest username=\"" FIXTURE_USER
			"\", realm=\"recamd\", nonce=\"%s\", uri=\"/x\", response=\"%s\"\r\n",
			talk->nonce, response);
	}
	if (talk->session[0])
		size += snprintf(out + size, 2048 - (size_t)size, "Session: %s\r\n", talk->session);
	snprintf(out + size, 2048 - (size_t)size, "\r\n");
}

static void ask(struct talk *talk, const char *method, const char *path, const char *headers)
{
	char request[2048];

	write_request(talk, method, path, headers, FIXTURE_PASSWORD, request);
	say(talk, request);
}

static void keep(const char *answer, const char *before, char kept[64])
{
	const char *at = strstr(answer, before);

	assert_non_null(at);
	at += strlen(before);
	snprintf(kept, 64, "%.*s", (int)strcspn(at, "\";\r"), at);
}

static void log_in(struct talk *talk)
{
	char answer[8192];

	call(talk, port);
	ask(talk, "DESCRIBE", "main", "");
	hear(talk, answer);
	assert_memory_equal(answer + 9, "401", 3);
	assert_non_null(strstr(answer, "algorithm=SHA-256"));
	keep(answer, "nonce=\"", talk->nonce);
}

static void set_up(struct talk *talk, const char *path, const char *transport)
{
	char answer[8192];

	log_in(talk);
	ask(talk, "SETUP", path, transport);
	hear(talk, answer);
	assert_memory_equal(answer + 9, "200", 3);
	keep(answer, "Session: ", talk->session);
}

#define TCP_TRANSPORT "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"

/* --- the tests -------------------------------------------------------------------------- */

static void describe_tells_all_a_player_needs(void **state)
{
	struct talk talk;
	char answer[8192];

	log_in(&talk);
	ask(&talk, "DESCRIBE", "unicast/", "");
	hear(&talk, answer);
	assert_memory_equal(answer + 9, "200", 3);
	assert_non_null(strstr(answer, "Content-Base: rtsp://127.0.0.1/unicast/\r\n"));
	assert_non_null(strstr(answer, "m=video 0 RTP/AVP 96\r\n"));
	assert_non_null(strstr(answer, "packetization-mode=1;profile-level-id=42C0"));
	assert_non_null(strstr(answer, "sprop-parameter-sets=Z0"));
	assert_non_null(strstr(answer, "a=framerate:25.000\r\n"));
	assert_non_null(strstr(answer, "a=framesize:96 320-192\r\n"));
	hang_up(&talk);
}

static void what_is_not_there_is_said_to_be_so(void **state)
{
	struct talk talk;

	log_in(&talk);
	ask(&talk, "DESCRIBE", "nowhere", "");
	expect(&talk, "404");
	ask(&talk, "SETUP", "../main", TCP_TRANSPORT);
	expect(&talk, "404");
	ask(&talk, "PLAY", "main", "");
	expect(&talk, "454");
	ask(&talk, "TEARDOWN", "main", "Session: 0123456789ABCDEF\r\n");
	expect(&talk, "454");
	ask(&talk, "SETUP", "main", "Transport: RTP/SAVP;unicast;client_port=4000-4001\r\n");
	expect(&talk, "461");
	ask(&talk, "SETUP", "main", "");
	expect(&talk, "461");
	ask(&talk, "RECORD", "main", "");
	expect(&talk, "501");
	ask(&talk, "OPTIONS", "main", "");
	expect(&talk, "200");
	ask(&talk, "SETUP", "main/trackID=0", TCP_TRANSPORT);
	expect(&talk, "200");
	say(&talk, "OPTIONS * RTSP/1.0\r\n\r\n");
	expect(&talk, "400");
	expect_end(&talk);
	hang_up(&talk);
}

static void nothing_is_served_without_the_password(void **state)
{
	static const char *const methods[] = { "DESCRIBE", "SETUP", "PLAY" };
	struct talk talk;

	call(&talk, port);
	for (size_t i = 0; i < RC_COUNT(methods); i++) {
		ask(&talk, methods[i], "main", TCP_TRANSPORT);
		expect(&talk, "401");
	}
	hang_up(&talk);
}

static void wrong_passwords_end_the_connection(void **state)
{
	char request[2048];
	char answer[8192];
	struct talk talk;

	log_in(&talk);
	for (unsigned i = 0; i < 8; i++) {
		write_request(&talk, "DESCRIBE", "main", "", "guess", request);
		say(&talk, request);
		hear(&talk, answer);
		assert_memory_equal(answer + 9, "401", 3);
		keep(answer, "nonce=\"", talk.nonce);
	}
	expect_end(&talk);
	hang_up(&talk);
}

static void another_connections_nonce_is_of_no_use(void **state)
{
	struct talk first;
	struct talk second;

	log_in(&first);
	log_in(&second);
	memcpy(second.nonce, first.nonce, sizeof(second.nonce));
	ask(&second, "DESCRIBE", "main", "");
	expect(&second, "401");
	ask(&first, "DESCRIBE", "main", "");
	expect(&first, "200");
	hang_up(&first);
	hang_up(&second);
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

	set_up(&talk, "sub", TCP_TRANSPORT);
	for (size_t i = 0; i < RC_COUNT(methods); i++) {
		write_request(&talk, methods[i], "sub", "", FIXTURE_PASSWORD, one);
		strcat(requests, one);
	}
	say(&talk, requests);
	for (unsigned i = 0; i < RC_COUNT(methods); i++) {
		char wanted[64];

		hear(&talk, answer);
		assert_memory_equal(answer + 9, "200", 3);
		snprintf(wanted, sizeof(wanted), "CSeq: %zu\r\n",
			 talk.cseq - RC_COUNT(methods) + 1 + i);
		assert_non_null(strstr(answer, wanted));
	}
	hang_up(&talk);
}

/* Sequence number and time that PLAY's answer names are those of the first packet. */
static void play_names_the_first_packet(void **state)
{
	char answer[8192];
	char number[64];
	struct talk talk;

	set_up(&talk, "main", "Transport: RTP/AVP/TCP;unicast;interleaved=6-7\r\n");
	ask(&talk, "PLAY", "main", "Range: npt=0.000-\r\n");
	assert_int_equal(hear(&talk, answer), 0);
	assert_non_null(strstr(answer, "RTP-Info: url=rtsp://127.0.0.1/main/trackID=0;seq="));
	while (whole(&talk) == 0)
		assert_true(listen_on(&talk));
	assert_int_equal(talk.input[0], '$');
	assert_int_equal(talk.input[1], 6);
	keep(answer, ";seq=", number);
	assert_int_equal(rc_be16((const uint8_t *)talk.input + 6), strtoul(number, NULL, 10));
	keep(answer, ";rtptime=", number);
	assert_int_equal(rc_be32((const uint8_t *)talk.input + 8), strtoul(number, NULL, 10));
	/* It begins with SPS and PPS, in one packet. */
	assert_int_equal(talk.input[16] & 0x1f, 24);
	assert_int_equal(talk.input[19] & 0x1f, 7);
	hang_up(&talk);
}

/* Between packets of the picture, and however often: each answer is whole. */
static void pauses_and_answers_leave_packets_whole(void **state)
{
	char answer[8192];
	unsigned frames = 0;
	struct talk talk;

	set_up(&talk, "main", TCP_TRANSPORT);
	for (unsigned i = 0; i < 12; i++) {
		ask(&talk, "PLAY", "main", "");
		expect(&talk, "200");
		ask(&talk, "GET_PARAMETER", "main", "");
		frames += hear(&talk, answer);
		usleep(50000);
		ask(&talk, "PAUSE", "main", "");
		frames += hear(&talk, answer);
	}
	assert_true(frames > 12);
	hang_up(&talk);
}

/* What a client sends interleaved is skipped, were it longer than any request may be. */
static void interleaved_frames_of_any_length_are_skipped(void **state)
{
	static uint8_t frame[4 + 60000];
	struct talk talk;

	set_up(&talk, "main", TCP_TRANSPORT);
	memcpy(frame, "$\0\xea\x60", 4);
	assert_int_equal(send(talk.fd, frame, sizeof(frame), MSG_NOSIGNAL), sizeof(frame));
	ask(&talk, "GET_PARAMETER", "main", "");
	expect(&talk, "200");
	hang_up(&talk);
}

static void a_second_setup_may_change_the_transport_only(void **state)
{
	struct talk talk;

	set_up(&talk, "main", TCP_TRANSPORT);
	ask(&talk, "SETUP", "main", "Transport: RTP/AVP;unicast;client_port=40000-40001\r\n");
	expect(&talk, "200");
	ask(&talk, "SETUP", "sub", TCP_TRANSPORT);
	expect(&talk, "459");
	ask(&talk, "PLAY", "main", "");
	expect(&talk, "200");
	ask(&talk, "SETUP", "main", TCP_TRANSPORT);
	expect(&talk, "455");
	hang_up(&talk);
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
	call(&talk, open_house.port);
	ask(&talk, "DESCRIBE", "main", "");
	expect(&talk, "403");
	hang_up(&talk);
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
		call(&talks[i], small.port);
	expect(&talks[2], "503");
	expect_end(&talks[2]);
	ask(&talks[0], "OPTIONS", "main", "");
	expect(&talks[0], "200");
	for (unsigned i = 0; i < 3; i++)
		hang_up(&talks[i]);
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
	set_up(&talk, "main", "Transport: RTP/AVP;unicast;client_port=40000-40001\r\n");
	ask(&talk, "PLAY", "main", "");
	expect(&talk, "200");
	expect_end(&talk);
	port = fixture.port;
	hang_up(&talk);
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
		cmocka_unit_test(a_second_setup_may_change_the_transport_only),
		cmocka_unit_test(without_a_password_nothing_is_told),
		cmocka_unit_test(one_client_too_many_is_told_so),
		cmocka_unit_test(silence_ends_a_session),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
