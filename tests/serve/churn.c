/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients that come, say half of what they should or nonsense, play, stop reading, and go at any
 * moment, in an order that a seed gives. CHURN_MINUTES in the environment makes it longer
 * (bench/soak).
 */
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"
#include "talk.h"

enum { CLIENTS = 12, TURNS = 160 };

static struct fixture fixture;
static struct talk talks[CLIENTS];
static bool called[CLIENTS];
static uint64_t seed = 20261120;

static unsigned below(unsigned limit)
{
	return (unsigned)(support_random(&seed) % limit);
}

static void comes(unsigned i)
{
	talk_call(&talks[i], fixture.port);
}

static void comes_by_tls_in_the_clear(unsigned i)
{
	talk_call(&talks[i], fixture.tls_port);
	talk_ask(&talks[i], "OPTIONS", "main", "");
}

static void says_half(unsigned i)
{
	char request[TALK_REQUEST];

	talk_call(&talks[i], fixture.port);
	talk_write(&talks[i], "DESCRIBE", "main", "", "", request);
	request[below((unsigned)strlen(request))] = '\0';
	talk_say(&talks[i], request);
}

static void says_nonsense(unsigned i)
{
	uint8_t bytes[600];

	talk_call(&talks[i], fixture.port);
	for (size_t b = 0; b < sizeof(bytes); b++)
		bytes[b] = (uint8_t)support_random(&seed);
	send(talks[i].fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
}

static const char *const paths[] = { "main", "sub" };
static const char *const transports[] = {
	TCP_TRANSPORT,
	"Transport: RTP/AVP;unicast;client_port=39990-39991\r\n",
	"Transport: RTP/AVP/TCP;unicast;interleaved=8-9\r\n",
};

static void plays(unsigned i)
{
	const char *path = paths[below(RC_COUNT(paths))];

	talk_set_up(&talks[i], fixture.port, path, transports[below(RC_COUNT(transports))]);
	talk_ask(&talks[i], "PLAY", path, "");
	/* Some leave before the answer. */
	if (below(3))
		talk_expect(&talks[i], "200");
}

static void plays_and_goes(unsigned i)
{
	char answer[TALK_ANSWER];

	talk_set_up(&talks[i], fixture.port, "main", transports[below(RC_COUNT(transports))]);
	talk_ask(&talks[i], "PLAY", "main", "");
	talk_ask(&talks[i], "PAUSE", "main", "");
	talk_ask(&talks[i], "PLAY", "main", "");
	talk_ask(&talks[i], "TEARDOWN", "main", "");
	for (unsigned n = 0; n < 4; n++)
		talk_hear(&talks[i], answer);
}

static void goes(unsigned i)
{
	struct linger at_once = { 1, 0 };

	/* By a reset, now and then. */
	if (below(2))
		setsockopt(talks[i].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	talk_hang_up(&talks[i]);
}

static void clients_come_and_go(void **state)
{
	static void (*const acts[])(unsigned) = { comes,         comes_by_tls_in_the_clear,
						  says_half,     says_nonsense,
						  plays,         plays,
						  plays_and_goes };
	const char *minutes = getenv("CHURN_MINUTES");
	uint64_t end = media_now_us() + (minutes ? strtoul(minutes, NULL, 10) : 0) * 60000000ull;
	struct rtsp_status status;

	fixture_init(&fixture, "test:320x192@50");
	fixture.settings.send_buffer = 4096;
	fixture.settings.stalled_seconds = 1;
	fixture_start(&fixture);
	for (unsigned turn = 0; turn < TURNS || media_now_us() < end; turn++) {
		unsigned i = below(CLIENTS);

		if (called[i])
			goes(i);
		else
			acts[below(RC_COUNT(acts))](i);
		called[i] = !called[i];
	}
	for (unsigned i = 0; i < CLIENTS; i++)
		if (called[i])
			goes(i);
	/* Who comes now is served as ever. */
	talk_set_up(&talks[0], fixture.port, "main", TCP_TRANSPORT);
	talk_ask(&talks[0], "PLAY", "main", "");
	talk_expect(&talks[0], "200");
	while (talk_whole(&talks[0]) == 0)
		assert_true(talk_listen(&talks[0]));
	talk_hang_up(&talks[0]);
	usleep(300000);
	fixture_stop(&fixture, &status);
	assert_true(status.bytes > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
