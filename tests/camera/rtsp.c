/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recamd whole, seen by a player: its users, their rights, and a change of its settings. */
#include "support.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "service.h"

static struct service service;

static int start(void **state)
{
	service_start(&service, "");
	return 0;
}

static int stop(void **state)
{
	return service_stop(&service) ? 0 : -1;
}

/* ffprobe's answer about the first stream at this address; status 0 where it could be read. */
static void probe(const char *scheme, const char *credentials, const char *path,
		  struct run_result *result)
{
	char url[256];
	const char *argv[] = { "timeout",
			       "40",
			       "ffprobe",
			       "-v",
			       "error",
			       "-rtsp_transport",
			       "tcp",
			       "-of",
			       "csv",
			       "-show_entries",
			       "stream=width,height,r_frame_rate",
			       url,
			       NULL };

	if (!run_exists("ffprobe")) {
		print_message("ffprobe is not installed\n");
		skip();
	}
	snprintf(url, sizeof(url), "%s://%s@127.0.0.1:%u/%s", scheme, credentials,
		 strcmp(scheme, "rtsps") == 0 ? service.rtsps : service.rtsp, path);
	run_program(argv, (struct rc_span){ 0 }, result);
}

static void shows(const char *scheme, const char *credentials, const char *path, const char *wanted)
{
	struct run_result result;

	probe(scheme, credentials, path, &result);
	if (result.status != 0 || !strstr((const char *)result.out.data, wanted))
		fail_msg("ffprobe: status %d, %s%s", result.status, (const char *)result.out.data,
			 (const char *)result.err.data);
	run_result_free(&result);
}

static void refuses(const char *credentials)
{
	struct run_result result;

	probe("rtsp", credentials, "main", &result);
	assert_int_not_equal(result.status, 0);
	assert_non_null(strstr((const char *)result.err.data, "401 Unauthorized"));
	run_result_free(&result);
}

static const char *admin(void)
{
	static char credentials[128];

	snprintf(credentials, sizeof(credentials), "admin:%s", service.password);
	return credentials;
}

static void the_printed_password_opens_the_streams(void **state)
{
	shows("rtsp", admin(), "unicast", "320,240,10/1");
	shows("rtsp", admin(), "sub", "160,120,10/1");
	shows("rtsps", admin(), "main", "320,240,10/1");
	refuses("admin:guessed");
	refuses("nobody:guessed");
}

static void *remove_user_later(void *argument)
{
	sleep(3);
	STATUS(&service, "/api/v1/users/tv", "-u", admin(), "-X", "DELETE");
	return NULL;
}

/* A stream that is being watched ends with the right to see it, not a minute later. */
static void a_removed_user_sees_no_more(void **state)
{
	char url[256];
	const char *argv[] = {
		"timeout", "30", "ffmpeg", "-nostdin", "-v",   "error", "-rtsp_transport",
		"tcp",     "-i", url,      "-c",       "copy", "-f",    "null",
		"-",       NULL
	};
	struct run_result result;
	pthread_t thread;

	assert_int_equal(STATUS(&service, "/api/v1/users/tv", "-u", admin(), "-X", "PUT", "-H",
				"Content-Type: application/json", "-d",
				"{\"role\":\"see\",\"password\":\"not-a-secret\"}"),
			 200);
	shows("rtsp", "tv:not-a-secret", "main", "320,240");
	snprintf(url, sizeof(url), "rtsp://tv:not-a-secret@127.0.0.1:%u/main", service.rtsp);
	assert_int_equal(pthread_create(&thread, NULL, remove_user_later, NULL), 0);
	run_program(argv, (struct rc_span){ 0 }, &result);
	pthread_join(thread, NULL);
	/* 124: timeout had to end it. */
	assert_int_not_equal(result.status, 124);
	run_result_free(&result);
	refuses("tv:not-a-secret");
}

static void write_source(const char *source)
{
	struct rc_error err;
	char text[512];

	snprintf(text, sizeof(text),
		 "[rtsp]\nport = %u\ntls_port = %u\n[http]\ntls_port = %u\nport = %u\n"
		 "[video]\nsource = %s\n",
		 service.rtsp, service.rtsps, service.https, service.http, source);
	support_ok(rc_file_replace(service.config, text, strlen(text), 0600, &err), &err);
	kill(service.pid, SIGHUP);
	sleep(1);
}

static void sighup_takes_settings_that_are_right(void **state)
{
	write_source("test:352x288@20");
	shows("rtsp", admin(), "main", "352,288,20/1");
	write_source("test:1x1");
	shows("rtsp", admin(), "main", "352,288,20/1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_printed_password_opens_the_streams),
		cmocka_unit_test(a_removed_user_sees_no_more),
		cmocka_unit_test(sighup_takes_settings_that_are_right),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
