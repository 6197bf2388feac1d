/* SPDX-License-Identifier: GPL-2.0-or-later */
/* H.264 as others write it (ffmpeg with x264), and cut into pieces as a pipe does. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "camera/media/assembler.h"
#include "camera/media/h264.h"
#include "run.h"

enum { PICTURES = 40 };

/* ffmpeg's own test picture, coded with these words. */
static void make_stream(const char *size, const char *words, struct rc_buffer *out)
{
	char source[64];
	const char *argv[] = {
		"ffmpeg",       "-nostdin",  "-v",        "error", "-f",       "lavfi",
		"-i",           source,      "-frames:v", "40",    "-c:v",     "libx264",
		"-preset",      "ultrafast", "-g",        "15",    "-pix_fmt", "yuv420p",
		"-x264-params", words,       "-f",        "h264",  "-",        NULL
	};

	snprintf(source, sizeof(source), "testsrc=size=%s:rate=30", size);
	run_ffmpeg(argv, out);
}

static struct rc_span first_of(struct rc_buffer *stream, enum nal_type type)
{
	struct rc_span nal = { 0 };

	for (size_t at = 0; annexb_next((struct rc_span){ stream->data, stream->size }, &at, &nal);)
		if (nal_type_of(nal.data[0]) == type)
			return nal;
	fail_msg("no NAL unit of type %d", type);
	return nal;
}

static void parameter_sets_of_all_kinds_are_read(void **state)
{
	static const struct {
		const char *size, *words;
		unsigned width, height, profile;
	} cases[] = {
		{ "1920x1080", "cabac=1:8x8dct=1", 1920, 1080, 100 }, /* cropped: 1088 rows */
		{ "322x182", "cabac=0:8x8dct=0", 322, 182, 66 },
		{ "320x240", "bframes=2", 320, 240, 77 },
		{ "176x144", "interlaced=1", 176, 144, 77 },
		{ "176x144", "nal-hrd=cbr:bitrate=500:vbv-maxrate=500:vbv-bufsize=500", 176, 144,
		  66 },
		{ "176x144", "cqm=jvt:8x8dct=1", 176, 144, 100 },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rc_buffer stream;
		struct h264_sps sps;
		struct rc_error err;
		struct rc_span nal;

		make_stream(cases[i].size, cases[i].words, &stream);
		nal = first_of(&stream, H264_SPS);
		support_ok(h264_read_sps(nal, &sps, &err), &err);
		assert_int_equal(sps.width, cases[i].width);
		assert_int_equal(sps.height, cases[i].height);
		assert_int_equal(sps.rate_num, 30 * sps.rate_den);
		assert_int_equal(sps.profile, cases[i].profile);
		for (size_t size = 0; size < nal.size; size++)
			h264_read_sps(rc_span_sub(nal, 0, size), &sps, &err);
		support_fails(h264_read_sps(rc_span_sub(nal, 0, 6), &sps, &err), RC_EFORMAT, &err,
			      "the SPS");
		rc_buffer_free(&stream);
	}
}

/* Gives the stream in pieces of "step" bytes; returns what comes out. */
static unsigned assemble(const struct rc_buffer *stream, size_t step, struct rc_buffer *out,
			 struct access_unit *units[PICTURES])
{
	struct assembler assembler = { 0 };
	struct rc_span annexb;
	unsigned count = 0;

	for (size_t at = 0; at < stream->size;) {
		size_t room;
		uint8_t *space = assembler_space(&assembler, &room);
		size_t size = stream->size - at < step ? stream->size - at : step;

		if (size > room)
			size = room;
		memcpy(space, stream->data + at, size);
		assembler_filled(&assembler, size);
		at += size;
		while (assembler_next(&assembler, &annexb)) {
			rc_buffer_append(out, annexb.data, annexb.size);
			assert_true(count < PICTURES);
			units[count] = assembler_unit(&assembler, annexb, 40000ull * count, 25, 1);
			count += units[count] != NULL;
		}
	}
	assert_true(assembler_flush(&assembler, &annexb));
	rc_buffer_append(out, annexb.data, annexb.size);
	units[count] = assembler_unit(&assembler, annexb, 40000ull * count, 25, 1);
	count += units[count] != NULL;
	assert_false(assembler_flush(&assembler, &annexb));
	assembler_free(&assembler);
	return count;
}

static void pictures_come_out_whole_however_the_pipe_cuts(void **state)
{
	static const char *const words[] = { "bframes=0", "slices=4", "aud=1:slices=3",
					     "bframes=2" };
	static const size_t steps[] = { 1, 2, 3, 5, 7, 64, 1000, 65536, SIZE_MAX };

	for (size_t w = 0; w < RC_COUNT(words); w++) {
		struct rc_buffer stream;

		make_stream("176x144", words[w], &stream);
		for (size_t s = 0; s < RC_COUNT(steps); s++) {
			struct access_unit *units[PICTURES];
			struct rc_buffer out = { 0 };
			unsigned count = assemble(&stream, steps[s], &out, units);

			assert_int_equal(count, PICTURES);
			assert_int_equal(out.size, stream.size);
			assert_memory_equal(out.data, stream.data, out.size);
			for (unsigned i = 0; i < count; i++) {
				assert_int_equal(units[i]->key, i % 15 == 0);
				assert_int_equal(units[i]->sets->width, 176);
				access_unit_unref(units[i]);
			}
			rc_buffer_free(&out);
		}
		rc_buffer_free(&stream);
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* B-frames: from the second group of pictures on, each has a time of its own, 40 ms apart. */
static void times_follow_the_order_of_showing(void **state)
{
	struct access_unit *units[PICTURES];
	struct rc_buffer stream;
	struct rc_buffer out = { 0 };
	uint64_t times[PICTURES];
	bool went_back = false;
	unsigned count;

	make_stream("176x144", "bframes=3:b-adapt=0:b-pyramid=normal", &stream);
	count = assemble(&stream, 4096, &out, units);
	assert_int_equal(count, PICTURES);
	for (unsigned i = 0; i < count; i++) {
		times[i] = units[i]->pts_90k;
		went_back |= i > 0 && times[i] < times[i - 1];
		access_unit_unref(units[i]);
	}
	assert_true(went_back);
	qsort(times + 15, count - 15, sizeof(times[0]), compare);
	for (unsigned i = 16; i < count; i++)
		assert_int_equal(times[i] - times[i - 1], 3600);
	rc_buffer_free(&stream);
	rc_buffer_free(&out);
}

/* Damage loses pictures, and nothing else. */
static void damaged_streams_are_survived(void **state)
{
	struct rc_buffer stream;
	uint64_t seed = 20261120;

	make_stream("176x144", "bframes=1:slices=2", &stream);
	for (unsigned round = 0; round < 60; round++) {
		struct access_unit *units[PICTURES * 4];
		struct assembler assembler = { 0 };
		struct rc_span annexb;
		size_t room;
		uint8_t *space;
		unsigned count = 0;

		for (unsigned i = 0; i < 20; i++)
			stream.data[support_random(&seed) % stream.size] ^=
				(uint8_t)(1 << support_random(&seed) % 8);
		space = assembler_space(&assembler, &room);
		memcpy(space, stream.data, stream.size < room ? stream.size : room);
		assembler_filled(&assembler, stream.size < room ? stream.size : room);
		while (assembler_next(&assembler, &annexb) && count < RC_COUNT(units)) {
			units[count] = assembler_unit(&assembler, annexb, count, 25, 1);
			count += units[count] != NULL;
		}
		for (unsigned i = 0; i < count; i++)
			access_unit_unref(units[i]);
		assembler_free(&assembler);
	}
	rc_buffer_free(&stream);
}

/* A picture that never ends takes no more than the limit, and the next one is whole again. */
static void a_picture_too_large_is_left_out(void **state)
{
	struct assembler assembler = { 0 };
	struct rc_buffer stream;
	struct rc_span annexb;
	size_t fed = 0;
	unsigned units = 0;
	size_t room;
	uint8_t *space;

	make_stream("176x144", "bframes=0", &stream);
	while (fed < 3 * (size_t)MEDIA_MAX_UNIT) {
		static const uint8_t slice[] = { 0, 0, 1, 0x41, 0x9a };

		space = assembler_space(&assembler, &room);
		assert_non_null(space);
		memset(space, 0xaa, room);
		if (fed == 0)
			memcpy(space, slice, sizeof(slice));
		assembler_filled(&assembler, room);
		fed += room;
		assert_false(assembler_next(&assembler, &annexb));
	}
	assert_true(assembler.room <= MEDIA_MAX_UNIT + 65536);
	assert_true(assembler.skipped > 0);
	for (size_t at = 0; at < stream.size; at += room) {
		space = assembler_space(&assembler, &room);
		if (room > stream.size - at)
			room = stream.size - at;
		memcpy(space, stream.data + at, room);
		assembler_filled(&assembler, room);
		while (assembler_next(&assembler, &annexb)) {
			struct access_unit *unit = assembler_unit(&assembler, annexb, 1, 25, 1);

			units += unit != NULL;
			access_unit_unref(unit);
		}
	}
	assert_int_equal(units, PICTURES - 1);
	assembler_free(&assembler);
	rc_buffer_free(&stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameter_sets_of_all_kinds_are_read),
		cmocka_unit_test(pictures_come_out_whole_however_the_pipe_cuts),
		cmocka_unit_test(times_follow_the_order_of_showing),
		cmocka_unit_test(damaged_streams_are_survived),
		cmocka_unit_test(a_picture_too_large_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
