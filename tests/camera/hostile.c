/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What scanners, broken clients and the patient do to HTTPS. */
#include "support.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "service.h"

#define CROWD    200u
#define PATIENCE 40 /* s: twice what recamd waits for */

static struct service service;
static char basic[128];
static SSL_CTX *tls;

static int start(void **state)
{
	(void)state;
	/* What was freed is not to count as growth. */
	setenv("ASAN_OPTIONS", "malloc_context_size=2:quarantine_size_mb=1", 1);
	service_start(&service, "");
	snprintf(basic, sizeof(basic), "admin:%s", service.password);
	tls = SSL_CTX_new(TLS_client_method());
	assert_non_null(tls);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	SSL_CTX_free(tls);
	assert_true(service_stop(&service));
	return 0;
}

/* --- a client that says what it is told to ------------------------------------------------ */

struct client {
	int fd;
	SSL *ssl; /* NULL: TCP alone */
};

static void client_connect(struct client *client)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)service.https),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	*client = (struct client){ socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), NULL };
	assert_true(client->fd >= 0);
	setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ PATIENCE, 0 },
		   sizeof(struct timeval));
	setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){ PATIENCE, 0 },
		   sizeof(struct timeval));
	assert_int_equal(connect(client->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void client_open(struct client *client)
{
	client_connect(client);
	client->ssl = SSL_new(tls);
	assert_non_null(client->ssl);
	SSL_set_fd(client->ssl, client->fd);
	assert_int_equal(SSL_connect(client->ssl), 1);
}

static void client_close(struct client *client)
{
	SSL_free(client->ssl);
	close(client->fd);
}

/* False: it was closed meanwhile. */
static bool client_say(struct client *client, const char *text, size_t size)
{
	return SSL_write(client->ssl, text, (int)size) > 0;
}

/* All that comes until the server closes; fails where it does not. */
static void client_hear(struct client *client, char *text, size_t room)
{
	size_t size = 0;
	int got;

	while (size + 1 < room &&
	       (got = SSL_read(client->ssl, text + size, (int)(room - 1 - size))) > 0)
		size += (size_t)got;
	text[size] = '\0';
}

/* Closed by the other side, whatever it said before? */
static bool is_closed(const struct client *client, int seconds)
{
	struct timespec begin, now;
	uint8_t bytes[4096];

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (;;) {
		struct pollfd ready = { client->fd, POLLIN, 0 };

		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - begin.tv_sec > seconds)
			return false;
		if (poll(&ready, 1, 1000) > 0 &&
		    recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT) <= 0)
			return true;
	}
}

static void talk(const char *request, char *text, size_t room)
{
	struct client client;

	client_open(&client);
	client_say(&client, request, strlen(request));
	client_hear(&client, text, room);
	client_close(&client);
}

static void still_answers(void)
{
	assert_int_equal(STATUS(&service, "/healthz", "-m", "15"), 200);
}

/* --- what is wrong ------------------------------------------------------------------------ */

static void a_path_leads_nowhere_else(void **state)
{
	static const char *const paths[] = {
		"/../../../../etc/passwd",
		"/..%2f..%2f..%2fetc/passwd",
		"/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
		"/%252e%252e/etc/passwd",
		"//etc/passwd",
		"/cgi-bin/../../../etc/passwd",
		"/cgi-bin/action.cgi/../../../etc/passwd",
		"/api/v1/../../../etc/passwd",
		"/app.js/../../../../etc/passwd",
		"/..\\..\\..\\etc\\passwd",
		"/etc/passwd%00.jpg",
		"/snapshot.jpg%00",
		"/.git/config",
		"/recamd.conf",
		"/users",
		"/certificate-key.pem",
		"/./users",
		"/?file=/etc/passwd",
		"https://127.0.0.1/etc/passwd",
		"*",
		"",
	};
	char request[400], answer[65536];

	(void)state;
	for (size_t i = 0; i < RC_COUNT(paths); i++) {
		snprintf(request, sizeof(request),
			 "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", paths[i]);
		talk(request, answer, sizeof(answer));
		assert_null(strstr(answer, "root:"));
		assert_null(strstr(answer, "PRIVATE KEY"));
		assert_null(strstr(answer, "[core]"));
	}
	still_answers();
}

static void what_is_no_http_is_ended(void **state)
{
	static const char *const requests[] = {
		"\r\n\r\n\r\n",
		"GET\r\n\r\n",
		"GET / HTTP/9.9\r\n\r\n",
		"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
		"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: "
		"99999999999999999999\r\n\r\n{}",
		"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n{}",
		"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
		"Connection: close\r\n\r\nffffffffffffffff\r\n",
		"GET /snapshot.jpg HTTP/1.1\r\nHost: x\r\nAuthorization: Digest x\r\n"
		"Connection: close\r\n\r\n",
		"GET /live/main HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: "
		"Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n"
		"Sec-WebSocket-Protocol: live\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	};
	struct client clients[RC_COUNT(requests)];
	static char answer[65536];

	(void)state;
	for (size_t i = 0; i < RC_COUNT(requests); i++) {
		client_open(&clients[i]);
		client_say(&clients[i], requests[i], strlen(requests[i]));
	}
	for (size_t i = 0; i < RC_COUNT(requests); i++) {
		client_hear(&clients[i], answer, sizeof(answer));
		assert_true(is_closed(&clients[i], PATIENCE));
		client_close(&clients[i]);
		assert_null(strstr(answer, "HTTP/1.1 5"));
		assert_null(strstr(answer, "\"role\":"));
		assert_null(strstr(answer, "codec"));
	}
	still_answers();
}

static void headers_without_end_are_ended(void **state)
{
	static char much[65536];
	struct client client;
	size_t sent = 0;

	(void)state;
	memset(much, 'a', sizeof(much));
	client_open(&client);
	client_say(&client, "GET / HTTP/1.1\r\nX: ", 19);
	while (sent < RC_MIB(16) && client_say(&client, much, sizeof(much)))
		sent += sizeof(much);
	client_close(&client);
	assert_true(sent < RC_MIB(16));
	client_open(&client);
	client_say(&client, "GET / HTTP/1.1\r\n", 16);
	for (sent = 0; sent < RC_MIB(16) && client_say(&client, "X-A: b\r\nX-B: c\r\n", 16);)
		sent += 16;
	client_close(&client);
	assert_true(sent < RC_MIB(16));
	still_answers();
}

static void requests_in_one_go_are_answered_in_turn(void **state)
{
	static const char one[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
	static const char last[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	static char answer[65536];
	char requests[2048] = "";
	unsigned answers = 0;

	(void)state;
	for (unsigned i = 0; i < 19; i++)
		strcat(requests, one);
	strcat(requests, last);
	talk(requests, answer, sizeof(answer));
	for (const char *at = answer; (at = strstr(at, "HTTP/1.1 200 ")); at++)
		answers++;
	assert_int_equal(answers, 20);
}

static void another_origin_gets_no_live_picture(void **state)
{
	char cookie[128], csrf[128], request[700];
	struct client client;
	static const struct {
		const char *origin, *answer;
	} cases[] = {
		{ "https://evil.example", NULL },
		{ "null", NULL },
		{ "https://camera.example", "101" },
	};

	(void)state;
	service_log_in(&service, "admin", service.password, cookie, csrf);
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		char answer[64] = "";
		int got;

		snprintf(request, sizeof(request),
			 "GET /live/main HTTP/1.1\r\nHost: camera.example\r\nUpgrade: websocket\r\n"
			 "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
			 "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
			 "Sec-WebSocket-Protocol: live\r\nOrigin: %s\r\n%s\r\n\r\n",
			 cases[i].origin, cookie);
		client_open(&client);
		client_say(&client, request, strlen(request));
		got = SSL_read(client.ssl, answer, sizeof(answer) - 1);
		if (cases[i].answer)
			assert_non_null(strstr(answer, cases[i].answer));
		else /* refused: with an HTTP answer or by closing, but never with a picture */
			assert_true(got <= 0 || !strstr(answer, " 101 "));
		client_close(&client);
	}
}

/* --- what is patient ---------------------------------------------------------------------- */

static void send_half(struct client *client, unsigned i)
{
	static const char *const halves[] = {
		"GET / HTTP/1.1\r\nHost: x\r\n",
		"G",
		"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"us",
		"POST /cgi-bin/action.cgi HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\ncmd=",
	};
	static const char garbage[] = "\x16\x03\x01\xff\xff garbage, and no ClientHello at all";

	switch (i % 8) {
	case 0:
		client_connect(client); /* says nothing */
		break;
	case 1:
		client_connect(client);
		assert_true(send(client->fd, garbage, sizeof(garbage), MSG_NOSIGNAL) > 0);
		break;
	case 2:
		client_connect(client);
		assert_true(send(client->fd, "\x16\x03\x01\x02", 4, MSG_NOSIGNAL) > 0);
		break;
	default:
		client_open(client);
		assert_true(client_say(client, halves[i % 4], strlen(halves[i % 4])));
	}
}

static unsigned descriptors(void)
{
	char path[64];
	unsigned count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)service.pid);
	folder = opendir(path);
	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static struct client crowd[CROWD];
static unsigned descriptors_before;

static void a_crowd_that_waits_keeps_nobody_out(void **state)
{
	(void)state;
	descriptors_before = descriptors();
	for (unsigned i = 0; i < CROWD; i++)
		send_half(&crowd[i], i);
	assert_true(descriptors() >= descriptors_before + CROWD / 2);
	still_answers();
	assert_int_equal(STATUS(&service, "/snapshot.jpg", "-u", basic, "-m", "15"), 200);
}

/* 256 at once are the most: who comes then is closed without a word. */
static void and_no_crowd_grows_without_bound(void **state)
{
	static struct client more[200];

	(void)state;
	for (unsigned i = 0; i < RC_COUNT(more); i++)
		client_connect(&more[i]);
	assert_true(is_closed(&more[RC_COUNT(more) - 1], 10));
	assert_true(descriptors() < descriptors_before + 260);
	for (unsigned i = 0; i < RC_COUNT(more); i++)
		client_close(&more[i]);
	still_answers();
}

static void and_is_sent_away(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CROWD; i++) {
		if (!is_closed(&crowd[i], PATIENCE))
			fail_msg("number %u is still connected after %d s", i, PATIENCE);
		client_close(&crowd[i]);
	}
	still_answers();
	assert_true(descriptors() <= descriptors_before + 2);
}

/* --- what it costs ------------------------------------------------------------------------ */

static size_t resident_kib(void)
{
	char path[64], line[200];
	size_t kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)service.pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtoul(line + 6, NULL, 10);
	fclose(file);
	return kib;
}

static void one_round(void **state)
{
	a_path_leads_nowhere_else(state);
	headers_without_end_are_ended(state);
	requests_in_one_go_are_answered_in_turn(state);
}

static void nothing_grows(void **state)
{
	size_t before, after;

	one_round(state);
	before = resident_kib();
	for (unsigned i = 0; i < 4; i++)
		one_round(state);
	after = resident_kib();
	print_message("resident: %zu KiB before, %zu KiB after\n", before, after);
	assert_true(after < before + 4096);
}

/* The last: this address has to wait from here on; another one has not. */
static void wrong_passwords_by_the_thousand_open_nothing(void **state)
{
	struct rc_buffer requests = { 0 };
	static char answer[1 << 21];
	static const char one[] = "GET /cgi-bin/currentpic.cgi HTTP/1.1\r\nHost: x\r\n"
				  "Authorization: Basic YWRtaW46d3Jvbmc=\r\n\r\n";
	unsigned refused = 0, waits = 0;
	struct client client;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		rc_buffer_append(&requests, one, strlen(one));
	rc_buffer_append(&requests, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 37);
	client_open(&client);
	client_say(&client, (const char *)requests.data, requests.size);
	client_hear(&client, answer, sizeof(answer));
	client_close(&client);
	rc_buffer_free(&requests);
	for (const char *at = answer; (at = strstr(at, "HTTP/1.1 ")); at++) {
		refused += strncmp(at, "HTTP/1.1 401", 12) == 0;
		waits += strncmp(at, "HTTP/1.1 429", 12) == 0;
	}
	assert_int_equal(refused + waits, 1000);
	assert_true(refused >= 4 && refused < 10);
	assert_int_equal(STATUS(&service, "/snapshot.jpg", "-u", basic), 429);
	assert_int_equal(STATUS(&service, "/snapshot.jpg", "-u", basic, "--interface", "127.0.0.2"),
			 200);
	still_answers();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crowd_that_waits_keeps_nobody_out),
		cmocka_unit_test(and_no_crowd_grows_without_bound),
		cmocka_unit_test(what_is_no_http_is_ended),
		cmocka_unit_test(and_is_sent_away),
		cmocka_unit_test(a_path_leads_nowhere_else),
		cmocka_unit_test(headers_without_end_are_ended),
		cmocka_unit_test(requests_in_one_go_are_answered_in_turn),
		cmocka_unit_test(another_origin_gets_no_live_picture),
		cmocka_unit_test(nothing_grows),
		cmocka_unit_test(wrong_passwords_by_the_thousand_open_nothing),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
