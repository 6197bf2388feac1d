/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hundreds of clients at once, and one that says PLAY and never reads (lab/rtsp-load.c). */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "fixture.h"
#include "run.h"

/* Files of 500 connections and of as many clients' UDP sockets, in two processes. */
static void allow_files(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static void load(struct fixture *fixture, const char *udp, const char *tcp, const char *stalled,
		 const char *seconds)
{
	const char *argv[] = { "timeout",   "120",       getenv("RTSP_LOAD"),
			       "--udp",     udp,         "--tcp",
			       tcp,         "--stalled", stalled,
			       "--seconds", seconds,     fixture_url(fixture, "main"),
			       NULL };
	struct run_result result;

	assert_non_null(argv[2]);
	run_program(argv, (struct rc_span){ 0 }, &result);
	print_message("%s", (const char *)result.out.data);
	if (result.status != 0)
		fail_msg("rtsp-load: status %d\n%s", result.status, (const char *)result.err.data);
	run_result_free(&result);
}

/* No packet and no picture is lost by any of them, in whatever time it takes this machine. */
static void five_hundred_clients_get_every_picture(void **state)
{
	struct rtsp_status status;
	struct fixture fixture;

	allow_files();
	fixture_init(&fixture, "test:320x192@5");
	fixture_start(&fixture);
	load(&fixture, "250", "250", "0", "6");
	fixture_stop(&fixture, &status);
	assert_int_equal(status.dropped, 0);
}

static void a_stalled_client_is_dropped_and_delays_nobody(void **state)
{
	struct rtsp_status status;
	struct fixture fixture;

	fixture_init(&fixture, "test:320x192@25");
	fixture.sources.main.bitrate_kbps = 2000;
	fixture.settings.stalled_seconds = 2;
	fixture.settings.send_buffer = 4096;
	fixture_start(&fixture);
	load(&fixture, "5", "5", "2", "7");
	fixture_stop(&fixture, &status);
	assert_int_equal(status.dropped, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_hundred_clients_get_every_picture),
		cmocka_unit_test(a_stalled_client_is_dropped_and_delays_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
