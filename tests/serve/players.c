/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real players read real streams, and the numbers in the pictures that they decoded tell
 * whether they got every one of them once. Debian's VLC is built without an RTSP client (the
 * live555 module), and there is no other program of live555's in Debian.
 */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "camera/media/test_picture.h"
#include "fixture.h"
#include "run.h"

enum { WIDTH = 320, HEIGHT = 192, PICTURES = 60 };

static struct fixture fixture;

static int start(void **state)
{
	fixture_init(&fixture, "test:320x192@25");
	fixture_start(&fixture);
	return 0;
}

static int stop(void **state)
{
	fixture_stop(&fixture, NULL);
	return 0;
}

/* Every picture has the number of the one before and 1. */
static void numbers_follow(struct rc_span luma, unsigned width, unsigned height, unsigned at_least)
{
	size_t size = (size_t)width * height;
	uint32_t number = 0;

	assert_true(luma.size / size >= at_least);
	for (size_t i = 0; (i + 1) * size <= luma.size; i++) {
		uint32_t before = number;

		assert_true(test_picture_read(luma.data + i * size, width, width, height, &number));
		if (i > 0 && number != before + 1)
			fail_msg("picture %zu has the number %u behind %u", i, number, before);
	}
}

static void skip_without(const char *program)
{
	if (run_exists(program))
		return;
	print_message("%s is not installed\n", program);
	skip();
}

static void fail_with(const struct run_result *result, const char *what)
{
	fail_msg("%s: status %d\n%.2000s", what, result->status,
		 result->err.data ? (const char *)result->err.data : "");
}

static void ffmpeg_reads(const char *url, const char *transport, unsigned width, unsigned height)
{
	char count[16];
	const char *argv[] = { "timeout",  "40",        "ffmpeg",      "-nostdin",
			       "-v",       "warning",   "-xerror",     "-rtsp_transport",
			       transport,  "-i",        url,           "-frames:v",
			       count,      "-fps_mode", "passthrough", "-f",
			       "rawvideo", "-pix_fmt",  "gray",        "-",
			       NULL };
	struct run_result result;

	skip_without("ffmpeg");
	snprintf(count, sizeof(count), "%d", PICTURES);
	run_program(argv, (struct rc_span){ 0 }, &result);
	if (result.status != 0 || strstr((const char *)result.err.data, "error"))
		fail_with(&result, "ffmpeg");
	numbers_follow((struct rc_span){ result.out.data, result.out.size }, width, height,
		       PICTURES);
	run_result_free(&result);
}

static void ffmpeg_reads_main_by_udp(void **state)
{
	ffmpeg_reads(fixture_url(&fixture, "unicast"), "udp", WIDTH, HEIGHT);
}

static void ffmpeg_reads_main_by_tcp(void **state)
{
	ffmpeg_reads(fixture_url(&fixture, "main"), "tcp", WIDTH, HEIGHT);
}

static void ffmpeg_reads_sub_by_udp(void **state)
{
	ffmpeg_reads(fixture_url(&fixture, "sub"), "udp", WIDTH / 2, HEIGHT / 2);
}

static void ffmpeg_reads_sub_by_tcp(void **state)
{
	ffmpeg_reads(fixture_url(&fixture, "sub"), "tcp", WIDTH / 2, HEIGHT / 2);
}

static void ffmpeg_reads_main_by_tls(void **state)
{
	char url[256];

	snprintf(url, sizeof(url),
		 "rtsps://" FIXTURE_USER ":" FIXTURE_PASSWORD "@127.0.0.1:%u/main",
		 fixture.tls_port);
	ffmpeg_reads(url, "tcp", WIDTH, HEIGHT);
}

static void gstreamer_reads(const char *protocols)
{
	char location[300];
	char file[300];
	char sink[320];
	const char *argv[] = { "timeout",
			       "40",
			       "gst-launch-1.0",
			       "-q",
			       "rtspsrc",
			       location,
			       protocols,
			       "user-id=" FIXTURE_USER,
			       "user-pw=" FIXTURE_PASSWORD,
			       "latency=500",
			       "!",
			       "rtph264depay",
			       "!",
			       "avdec_h264",
			       "!",
			       "identity",
			       "eos-after=61",
			       "!",
			       "videoconvert",
			       "!",
			       "video/x-raw,format=GRAY8",
			       "!",
			       "filesink",
			       sink,
			       NULL };
	struct run_result result;
	struct rc_buffer luma = { 0 };
	struct rc_error err;

	skip_without("gst-launch-1.0");
	snprintf(location, sizeof(location), "location=rtsp://127.0.0.1:%u/main", fixture.port);
	snprintf(file, sizeof(file), "%s/gst.gray", support_temp_dir());
	snprintf(sink, sizeof(sink), "location=%s", file);
	run_program(argv, (struct rc_span){ 0 }, &result);
	if (result.status != 0 || result.err.size)
		fail_with(&result, "gst-launch-1.0");
	run_result_free(&result);
	support_ok(rc_file_read(file, RC_MIB(64), &luma, &err), &err);
	numbers_follow((struct rc_span){ luma.data, luma.size }, WIDTH, HEIGHT, PICTURES - 1);
	rc_buffer_free(&luma);
}

static void gstreamer_reads_by_udp(void **state)
{
	gstreamer_reads("protocols=udp");
}

static void gstreamer_reads_by_tcp(void **state)
{
	gstreamer_reads("protocols=tcp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ffmpeg_reads_main_by_udp),
		cmocka_unit_test(ffmpeg_reads_main_by_tcp),
		cmocka_unit_test(ffmpeg_reads_sub_by_udp),
		cmocka_unit_test(ffmpeg_reads_sub_by_tcp),
		cmocka_unit_test(ffmpeg_reads_main_by_tls),
		cmocka_unit_test(gstreamer_reads_by_udp),
		cmocka_unit_test(gstreamer_reads_by_tcp),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
