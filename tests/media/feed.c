/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a source to the loop: files, helpers, pipes; what comes when they stop; stills. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "camera/media/encoder.h"
#include "camera/media/media.h"
#include "camera/media/sei.h"
#include "camera/media/source.h"
#include "camera/media/test_picture.h"

enum { WIDTH = 176, HEIGHT = 144, PICTURES = 12, KEPT = 256 };

/* --- what the tests hold together ------------------------------------------------------- */

struct house {
	struct ev_loop *loop;
	struct media_settings settings;
	struct media *media;
	struct stream *stream;
	struct stream_subscriber subscriber;
	struct access_unit *units[KEPT];
	unsigned count;
};

static void on_unit(struct stream_subscriber *subscriber, struct access_unit *unit)
{
	struct house *house = (struct house *)((char *)subscriber -
					       offsetof(struct house, subscriber));

	assert_true(house->count < KEPT);
	house->units[house->count++] = access_unit_ref(unit);
}

static void open_house(struct house *house, const char *source, const char *still)
{
	struct rc_error err;

	memset(house, 0, sizeof(*house));
	house->loop = ev_loop_new(EVFLAG_AUTO);
	media_settings_default(&house->settings);
	snprintf(house->settings.main.source, MEDIA_MAX_SOURCE, "%s", source);
	snprintf(house->settings.main.still, MEDIA_MAX_SOURCE, "%s", still);
	support_ok(media_open(house->loop, &house->settings, &house->media, &err), &err);
	house->stream = media_stream(house->media, MEDIA_MAIN);
	house->subscriber.unit = on_unit;
	stream_subscribe(house->stream, &house->subscriber);
}

static void forget_units(struct house *house)
{
	while (house->count)
		access_unit_unref(house->units[--house->count]);
}

static void close_house(struct house *house)
{
	stream_unsubscribe(house->stream, &house->subscriber);
	media_close(house->media);
	forget_units(house);
	ev_loop_destroy(house->loop);
}

/* Runs the loop until there are so many units, or fails after half a minute. */
static void wait_units(struct house *house, unsigned count)
{
	uint64_t end = media_now_us() + 30000000;

	while (house->count < count) {
		assert_true(media_now_us() < end);
		ev_run(house->loop, EVRUN_NOWAIT);
		usleep(500);
	}
}

static bool timing_of(const struct access_unit *unit, struct sei_timing *timing)
{
	for (unsigned i = 0; i < unit->nal_count; i++)
		if (sei_get_timing((struct rc_span){ unit->nals[i].data, unit->nals[i].size },
				   timing))
			return true;
	return false;
}

/* PICTURES pictures at 25 a second, a key frame every 5, each unit for itself too. */
static void make_units(struct access_unit *units[PICTURES])
{
	struct encoder_settings settings = { WIDTH, HEIGHT, 25, 1, 0, 5 };
	struct encoder *encoder;
	struct picture picture;
	struct rc_error err;

	support_ok(picture_alloc(&picture, WIDTH, HEIGHT, &err), &err);
	support_ok(encoder_open(&settings, &encoder, &err), &err);
	for (unsigned i = 0; i < PICTURES; i++) {
		test_picture_draw(&picture, i, 25, 1);
		support_ok(encoder_encode(encoder, &picture, i, false, &units[i], &err), &err);
	}
	encoder_close(encoder);
	picture_free(&picture);
}

static const char *make_file(void)
{
	static char path[300];
	struct access_unit *units[PICTURES];
	struct rc_buffer stream = { 0 };
	struct rc_error err;

	make_units(units);
	for (unsigned i = 0; i < PICTURES; i++) {
		rc_buffer_append(&stream, units[i]->bytes.data, units[i]->bytes.size);
		access_unit_unref(units[i]);
	}
	snprintf(path, sizeof(path), "%s/stream.h264", support_temp_dir());
	support_ok(rc_file_replace(path, stream.data, stream.size, 0644, &err), &err);
	rc_buffer_free(&stream);
	return path;
}

/* --- the tests -------------------------------------------------------------------------- */

static void a_file_goes_round_without_a_break(void **state)
{
	struct house house;
	char source[320];

	snprintf(source, sizeof(source), "file:%s", make_file());
	open_house(&house, source, "");
	wait_units(&house, 3 * PICTURES);
	for (unsigned i = 0; i < house.count; i++) {
		struct sei_timing timing;

		assert_true(timing_of(house.units[i], &timing));
		if (i == 0)
			continue;
		/* 40 ms from one to the next, also where the file begins anew. */
		assert_int_equal(house.units[i]->captured_us - house.units[i - 1]->captured_us,
				 40000);
		assert_int_equal(house.units[i]->pts_90k - house.units[i - 1]->pts_90k, 3600);
	}
	close_house(&house);
}

static void a_file_is_read_at_the_clocks_pace(void **state)
{
	struct source source;
	struct rc_error err;
	char text[320];
	uint64_t started;

	snprintf(text, sizeof(text), "file:%s", make_file());
	support_ok(source_open(&source, text, -1, &err), &err);
	started = media_now_us();
	for (unsigned i = 0; i < 26; i++) {
		struct source_output out;

		support_ok(source_read(&source, &out, &err), &err);
		/* Never before its time; after it, as late as the machine is. */
		assert_true(media_now_us() >= out.unit->captured_us);
		assert_int_equal(out.number, i);
		access_unit_unref(out.unit);
	}
	assert_true(media_now_us() - started >= 25 * 40000);
	source_close(&source);
}

/* cat ends at once: clients get a slate of the same size until it is started again. */
static void a_helper_that_ends_is_started_again(void **state)
{
	struct stream_status status;
	struct house house;
	char source[320];
	unsigned slates = 0;
	unsigned pictures = 0;

	snprintf(source, sizeof(source), "exec:cat '%s'", make_file());
	open_house(&house, source, "");
	wait_units(&house, PICTURES + 1);
	for (unsigned i = 0; i < house.count; i++) {
		struct sei_timing timing;

		assert_int_equal(house.units[i]->sets->width, WIDTH);
		assert_int_equal(house.units[i]->sets->height, HEIGHT);
		assert_true(timing_of(house.units[i], &timing));
		if (parameter_sets_equal(house.units[i]->sets, house.units[0]->sets)) {
			assert_int_equal(timing.number, i);
			pictures++;
		} else {
			assert_true(house.units[i]->key);
			slates++;
		}
		if (i > 0)
			assert_true(house.units[i]->pts_90k > house.units[i - 1]->pts_90k);
	}
	assert_int_equal(pictures, PICTURES);
	assert_true(slates > 0);
	stream_get_status(house.stream, &status);
	assert_false(status.live);
	assert_string_equal(status.fault, "cat ended with status 0");
	forget_units(&house);
	/* A slate or two, and then the pictures again, from the first. */
	wait_units(&house, PICTURES + 1);
	close_house(&house);
}

static void what_does_not_start_is_told_and_shown(void **state)
{
	struct stream_status status;
	struct house house;

	open_house(&house, "exec:/nonexistent/helper -x", "");
	wait_units(&house, 1);
	assert_true(house.units[0]->key);
	assert_int_equal(house.units[0]->sets->width, 640);
	stream_get_status(house.stream, &status);
	assert_non_null(strstr(status.fault, "cannot start /nonexistent/helper: No such file"));
	close_house(&house);
}

/* Each picture reaches the loop before the next one is written: nothing waits for the start of
 * another picture. */
static void a_pipe_hands_on_each_picture_at_once(void **state)
{
	struct access_unit *units[PICTURES];
	struct house house;
	char path[300];
	char source[320];
	int fd;

	make_units(units);
	snprintf(path, sizeof(path), "%s/pipe", support_temp_dir());
	snprintf(source, sizeof(source), "pipe:%s", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	open_house(&house, source, "");
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	for (unsigned i = 0; i < PICTURES; i++) {
		struct rc_span bytes = units[i]->bytes;

		assert_int_equal(write(fd, bytes.data, bytes.size), bytes.size);
		wait_units(&house, i + 1);
		assert_int_equal(house.units[i]->bytes.size, bytes.size);
		assert_memory_equal(house.units[i]->bytes.data, bytes.data, bytes.size);
	}
	close(fd);
	close_house(&house);
	for (unsigned i = 0; i < PICTURES; i++)
		access_unit_unref(units[i]);
}

static void sources_are_checked_by_their_words(void **state)
{
	static const struct {
		const char *text;
		int status;
		const char *part;
	} cases[] = {
		{ "test:", 0, NULL },
		{ "test:1280x720@25", 0, NULL },
		{ "test:640x480", 0, NULL },
		{ "test:640", RC_EUSAGE, "test:WIDTHxHEIGHT@RATE" },
		{ "test:640x480@0", RC_ERANGE, "from 1 to 120" },
		{ "test:640x480@25x", RC_ERANGE, "from 1 to 120" },
		{ "test:641x480", RC_ERANGE, "must be even" },
		{ "test:9998x480", RC_ERANGE, "from 64 to 4096" },
		{ "file:", RC_EUSAGE, "file:PATH" },
		{ "pipe:", RC_EUSAGE, "mkfifo" },
		{ "exec:", RC_EUSAGE, "exec:COMMAND" },
		{ "exec: \"a b", RC_EUSAGE, "a quote is not closed" },
		{ "v4l2:/dev/video0", RC_EUNSUPPORTED, "not in this version" },
		{ "camera", RC_EUSAGE, "possible are test:" },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rc_error err;

		if (cases[i].status == 0)
			support_ok(source_check(cases[i].text, &err), &err);
		else
			support_fails(source_check(cases[i].text, &err), cases[i].status, &err,
				      cases[i].part);
	}
}

static void what_is_no_stream_is_told(void **state)
{
	struct source source;
	struct source_output out;
	struct rc_error err;
	char path[300];
	char text[320];

	snprintf(path, sizeof(path), "%s/x.mp4", support_temp_dir());
	snprintf(text, sizeof(text), "file:%s", path);
	support_fails(source_open(&source, text, -1, &err), RC_EIO, &err, "cannot open", "x.mp4");
	support_ok(rc_file_replace(path,
				   "\0\0\0\x18"
				   "ftypisom",
				   12, 0644, &err),
		   &err);
	support_fails(source_open(&source, text, -1, &err), RC_EFORMAT, &err, "x.mp4",
		      "without a movie box");
	support_ok(rc_file_replace(path, "just some text", 14, 0644, &err), &err);
	support_ok(source_open(&source, text, -1, &err), &err);
	support_fails(source_read(&source, &out, &err), RC_EFORMAT, &err, "no H.264 picture");
	source_close(&source);
	snprintf(text, sizeof(text), "pipe:%s", path);
	support_fails(source_open(&source, text, -1, &err), RC_EFORMAT, &err, "no named pipe");
}

/* --- stills ----------------------------------------------------------------------------- */

struct asked {
	struct still_request request;
	bool done;
	const struct shared_bytes *jpeg; /* to compare only */
	uint8_t head[3];
	char why[sizeof(((struct rc_error *)0)->text)];
};

static void on_still(struct still_request *request, struct shared_bytes *jpeg,
		     const struct rc_error *err)
{
	struct asked *asked = (struct asked *)request;

	assert_false(asked->done);
	asked->done = true;
	asked->jpeg = jpeg;
	if (jpeg)
		memcpy(asked->head, jpeg->data, 3);
	else
		snprintf(asked->why, sizeof(asked->why), "%s", err->text);
}

static void ask_stills(struct house *house, struct asked *asked, unsigned count)
{
	uint64_t end = media_now_us() + 30000000;

	memset(asked, 0, count * sizeof(*asked));
	for (unsigned i = 0; i < count; i++) {
		asked[i].request.done = on_still;
		stream_still(house->stream, &asked[i].request);
	}
	for (unsigned i = 0; i < count; i++) {
		while (!asked[i].done) {
			assert_true(media_now_us() < end);
			ev_run(house->loop, EVRUN_NOWAIT);
			usleep(500);
		}
	}
}

static void wait_live(struct house *house)
{
	struct stream_status status;
	uint64_t end = media_now_us() + 30000000;

	do {
		assert_true(media_now_us() < end);
		usleep(1000);
		stream_get_status(house->stream, &status);
	} while (!status.live);
}

static void a_still_is_encoded_once_for_all(void **state)
{
	struct house house;
	struct asked asked[10];

	open_house(&house, "test:320x192@5", "");
	wait_live(&house);
	ask_stills(&house, asked, RC_COUNT(asked));
	for (unsigned i = 0; i < RC_COUNT(asked); i++) {
		assert_ptr_equal(asked[i].jpeg, asked[0].jpeg);
		assert_memory_equal(asked[i].head, "\xff\xd8\xff", 3);
	}
	close_house(&house);
}

static void stills_of_coded_sources_come_from_a_helper(void **state)
{
	const char *folder = support_temp_dir();
	struct house house;
	struct asked asked[3];
	struct rc_error err;
	char source[320];
	char path[300];
	char still[320];

	snprintf(source, sizeof(source), "file:%s", make_file());
	open_house(&house, source, "");
	wait_live(&house);
	ask_stills(&house, asked, 1);
	assert_non_null(strstr(asked[0].why, "still = exec:COMMAND"));
	close_house(&house);

	snprintf(path, sizeof(path), "%s/still.jpg", folder);
	support_ok(rc_file_replace(path, "\xff\xd8\xff\xe0", 4, 0644, &err), &err);
	snprintf(still, sizeof(still), "exec:cat %s", path);
	open_house(&house, source, still);
	wait_live(&house);
	ask_stills(&house, asked, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_memory_equal(asked[i].head, "\xff\xd8\xff", 3);
	close_house(&house);

	open_house(&house, source, "exec:echo nothing");
	wait_live(&house);
	ask_stills(&house, asked, 2);
	assert_non_null(
		strstr(asked[1].why, "echo wrote no JPEG (8 bytes) and ended with status 0"));
	close_house(&house);
}

/* --- the queue -------------------------------------------------------------------------- */

static void a_late_loop_gets_the_latest_group_of_pictures(void **state)
{
	struct access_unit *units[PICTURES];
	struct house house = { .loop = ev_loop_new(EVFLAG_AUTO) };
	struct stream_status status;

	make_units(units);
	house.stream = stream_new(house.loop, "late");
	house.subscriber.unit = on_unit;
	stream_subscribe(house.stream, &house.subscriber);
	for (unsigned i = 0; i < 50 * PICTURES; i++)
		stream_publish(house.stream, access_unit_ref(units[i % PICTURES]));
	ev_run(house.loop, EVRUN_NOWAIT);
	assert_true(house.count > 0 && house.count <= STREAM_MAX_WAITING);
	/* What comes can be decoded: it begins with a key frame, ends with the newest picture, and
	 * nothing is left out between. */
	assert_true(house.units[0]->key);
	for (unsigned i = 0; i < house.count; i++)
		assert_ptr_equal(house.units[house.count - 1 - i],
				 units[(50 * PICTURES - 1 - i) % PICTURES]);
	stream_get_status(house.stream, &status);
	assert_int_equal(status.units, 50 * PICTURES);
	assert_int_equal(status.units_dropped, 50 * PICTURES - house.count);
	forget_units(&house);
	stream_unsubscribe(house.stream, &house.subscriber);
	stream_free(house.stream);
	ev_loop_destroy(house.loop);
	for (unsigned i = 0; i < PICTURES; i++)
		access_unit_unref(units[i]);
}

static void nothing_is_encoded_that_nobody_wants(void **state)
{
	struct stream_status status;
	struct house house;

	open_house(&house, "test:320x192@50", "");
	stream_unsubscribe(house.stream, &house.subscriber);
	wait_live(&house);
	usleep(200000);
	stream_get_status(house.stream, &status);
	/* One may have been under way. */
	assert_true(status.units <= 1);
	assert_int_equal(status.width, 320);
	stream_subscribe(house.stream, &house.subscriber);
	house.count = 0;
	wait_units(&house, 2);
	assert_true(house.units[0]->key);
	close_house(&house);
}

/* SIGHUP with another source: who is subscribed stays so, and gets the new one's pictures; a feed
 * whose settings stay goes on without a break. */
static void settings_change_under_subscribers(void **state)
{
	struct media_settings wanted;
	struct stream_status before;
	struct stream_status after;
	struct house house;
	struct rc_error err;
	char source[320];

	snprintf(source, sizeof(source), "file:%s", make_file());
	open_house(&house, "test:320x192@25", "");
	wait_units(&house, 3);
	wanted = house.settings;
	support_ok(media_change(house.media, &wanted, &err), &err);
	wait_units(&house, 8);
	for (unsigned i = 1; i < 8; i++) {
		struct sei_timing timings[2];

		assert_true(timing_of(house.units[i - 1], &timings[0]));
		assert_true(timing_of(house.units[i], &timings[1]));
		assert_int_equal(timings[1].number, timings[0].number + 1);
	}
	/* What is wrong changes nothing. */
	snprintf(wanted.main.source, MEDIA_MAX_SOURCE, "test:1x1");
	support_fails(media_change(house.media, &wanted, &err), RC_ERANGE, &err, "1x1");
	wait_units(&house, house.count + 2);
	snprintf(wanted.main.source, MEDIA_MAX_SOURCE, "%s", source);
	stream_get_status(house.stream, &before);
	support_ok(media_change(house.media, &wanted, &err), &err);
	forget_units(&house);
	wait_units(&house, 1);
	while (house.units[house.count - 1]->sets->width != WIDTH)
		wait_units(&house, house.count + 1);
	assert_true(house.units[house.count - 1]->key);
	stream_get_status(house.stream, &after);
	assert_int_equal(after.subscribers, before.subscribers);
	/* One stream only now: "sub" is main. */
	assert_ptr_equal(media_stream(house.media, MEDIA_SUB), house.stream);
	close_house(&house);
}

/* What a player sees of a picture is enough to read its number, also small and scaled. */
static void numbers_survive_scaling(void **state)
{
	static const unsigned sizes[][2] = { { 640, 360 }, { 426, 240 }, { 160, 90 }, { 128, 96 } };
	struct picture picture;
	struct rc_error err;

	support_ok(picture_alloc(&picture, 1280, 720, &err), &err);
	for (size_t i = 0; i < RC_COUNT(sizes); i++) {
		struct picture small;
		uint32_t number;

		test_picture_draw(&picture, 0xdeadbeef + i, 25, 1);
		support_ok(picture_alloc(&small, sizes[i][0], sizes[i][1], &err), &err);
		picture_scale(&picture, &small);
		assert_true(test_picture_read(small.plane[0], small.stride[0], small.width,
					      small.height, &number));
		assert_int_equal(number, 0xdeadbeef + i);
		picture_free(&small);
	}
	picture_free(&picture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_goes_round_without_a_break),
		cmocka_unit_test(a_file_is_read_at_the_clocks_pace),
		cmocka_unit_test(a_helper_that_ends_is_started_again),
		cmocka_unit_test(what_does_not_start_is_told_and_shown),
		cmocka_unit_test(a_pipe_hands_on_each_picture_at_once),
		cmocka_unit_test(sources_are_checked_by_their_words),
		cmocka_unit_test(what_is_no_stream_is_told),
		cmocka_unit_test(a_still_is_encoded_once_for_all),
		cmocka_unit_test(stills_of_coded_sources_come_from_a_helper),
		cmocka_unit_test(a_late_loop_gets_the_latest_group_of_pictures),
		cmocka_unit_test(nothing_is_encoded_that_nobody_wants),
		cmocka_unit_test(settings_change_under_subscribers),
		cmocka_unit_test(numbers_survive_scaling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
