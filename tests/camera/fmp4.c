/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The film for browsers, made of H.264 as ffmpeg writes it, and judged by ffmpeg. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "camera/media/assembler.h"
#include "camera/web/fmp4.h"
#include "run.h"

static void make_stream(const char *words, struct rc_buffer *out)
{
	const char *argv[] = { "ffmpeg",
			       "-nostdin",
			       "-v",
			       "error",
			       "-f",
			       "lavfi",
			       "-i",
			       "testsrc=size=322x182:rate=25",
			       "-frames:v",
			       "40",
			       "-c:v",
			       "libx264",
			       "-preset",
			       "ultrafast",
			       "-g",
			       "15",
			       "-pix_fmt",
			       "yuv420p",
			       "-x264-params",
			       words,
			       "-f",
			       "h264",
			       "-",
			       NULL };

	run_ffmpeg(argv, out);
}

static void take(struct assembler *assembler, struct rc_span annexb, struct fmp4_clock *clock,
		 struct rc_buffer *film)
{
	struct access_unit *unit = assembler_unit(assembler, annexb,
						  40000ull * (25 + clock->sequence), 25, 1);

	if (!unit)
		return;
	if (film->size == 0)
		assert_true(fmp4_start(unit->sets, film));
	assert_true(fmp4_fragment(unit, clock, film));
	access_unit_unref(unit);
}

static void make_film(struct rc_span stream, struct rc_buffer *film)
{
	struct assembler assembler = { 0 };
	struct fmp4_clock clock = { 0 };
	struct rc_span annexb;

	*film = (struct rc_buffer){ 0 };
	for (size_t at = 0; at < stream.size;) {
		size_t room, size = stream.size - at;
		uint8_t *space = assembler_space(&assembler, &room);

		assert_non_null(space);
		if (size > room)
			size = room;
		memcpy(space, stream.data + at, size);
		assembler_filled(&assembler, size);
		at += size;
		while (assembler_next(&assembler, &annexb))
			take(&assembler, annexb, &clock, film);
	}
	if (assembler_flush(&assembler, &annexb))
		take(&assembler, annexb, &clock, film);
	assembler_free(&assembler);
}

/* The MD5 of each decoded picture, in the order of showing, a line each. */
static void decode(const struct rc_buffer *film, const char *format, struct rc_text *out)
{
	struct run_result result;

	run_program((const char *[]){ "ffmpeg", "-v", "error", "-xerror", "-f", format, "-i", "-",
				      "-fps_mode", "passthrough", "-f", "framemd5", "-", NULL },
		    (struct rc_span){ film->data, film->size }, &result);
	if (result.status != 0 || result.err.size > 0)
		fail_msg("ffmpeg: %s", (const char *)result.err.data);
	for (char *line = strtok((char *)result.out.data, "\n"); line; line = strtok(NULL, "\n"))
		if (*line != '#')
			rc_text_add(out, "%s\n", strrchr(line, ','));
	run_result_free(&result);
}

static const char *const kinds[] = { "bframes=0", "bframes=3:b-adapt=0:b-pyramid=normal",
				     "slices=4:aud=1", "cabac=1:8x8dct=1" };

static void every_picture_is_in_the_film(void **state)
{
	(void)state;
	for (size_t i = 0; i < RC_COUNT(kinds); i++) {
		struct rc_text expected = { 0 }, got = { 0 };
		struct rc_buffer stream, film;
		unsigned lines = 0;

		make_stream(kinds[i], &stream);
		make_film((struct rc_span){ stream.data, stream.size }, &film);
		decode(&stream, "h264", &expected);
		decode(&film, "mp4", &got);
		for (const char *at = rc_text_get(&got); (at = strchr(at, '\n')); at++)
			lines++;
		assert_int_equal(lines, 40);
		assert_string_equal(rc_text_get(&got), rc_text_get(&expected));
		rc_text_free(&got);
		rc_text_free(&expected);
		rc_buffer_free(&film);
		rc_buffer_free(&stream);
	}
}

/* Size, and times that are 40 ms apart in the order of showing. */
static void times_and_size_are_those_of_the_stream(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct rc_buffer stream, film;
		struct run_result result;
		unsigned count = 0;
		double last = 0;

		make_stream(kinds[i], &stream);
		make_film((struct rc_span){ stream.data, stream.size }, &film);
		run_program((const char *[]){ "ffprobe", "-v", "error", "-show_entries",
					      "stream=width,height:frame=pts_time", "-of",
					      "csv=p=0", "-", NULL },
			    (struct rc_span){ film.data, film.size }, &result);
		assert_int_equal(result.err.size, 0);
		assert_non_null(strstr((const char *)result.out.data, "322,182"));
		for (char *line = strtok((char *)result.out.data, "\n"); line;
		     line = strtok(NULL, "\n")) {
			double time = strtod(line, NULL);

			if (strstr(line, "322,"))
				continue;
			/* Of the first group, what comes when is not yet known. */
			if (count > 16 && (time - last < 0.039 || time - last > 0.041))
				fail_msg("%s: picture %u at %f, the one before at %f", kinds[i],
					 count, time, last);
			last = time;
			count++;
		}
		assert_int_equal(count, 40);
		run_result_free(&result);
		rc_buffer_free(&film);
		rc_buffer_free(&stream);
	}
}

static void the_codec_s_name_is_that_of_the_sps(void **state)
{
	struct rc_buffer stream, film;
	struct run_result result;
	const uint8_t *avcc;

	(void)state;
	make_stream("cabac=1:8x8dct=1", &stream);
	make_film((struct rc_span){ stream.data, stream.size }, &film);
	avcc = rc_find((struct rc_span){ film.data, film.size }, "avcC", 4);
	assert_non_null(avcc);
	assert_int_equal(avcc[5], 100); /* High */
	run_program((const char *[]){ "ffprobe", "-v", "error", "-show_entries",
				      "stream=codec_tag_string,profile,level", "-of", "csv=p=0",
				      "-", NULL },
		    (struct rc_span){ film.data, film.size }, &result);
	assert_non_null(strstr((const char *)result.out.data, "High,avc1,"));
	assert_int_equal(avcc[7], atoi(strrchr((const char *)result.out.data, ',') + 1));
	run_result_free(&result);
	rc_buffer_free(&film);
	rc_buffer_free(&stream);
}

static void damaged_streams_make_smaller_films(void **state)
{
	uint64_t seed = 20261120;
	struct rc_buffer stream;

	(void)state;
	make_stream("bframes=2:slices=2", &stream);
	for (unsigned round = 0; round < 200; round++) {
		struct rc_buffer film;

		for (unsigned i = 0; i < 20; i++)
			stream.data[support_random(&seed) % stream.size] ^= (uint8_t)support_random(
				&seed);
		make_film((struct rc_span){ stream.data, stream.size }, &film);
		assert_true(film.size < stream.size + 40 * 200 + 1000);
		rc_buffer_free(&film);
	}
	rc_buffer_free(&stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_picture_is_in_the_film),
		cmocka_unit_test(times_and_size_are_those_of_the_stream),
		cmocka_unit_test(the_codec_s_name_is_that_of_the_sps),
		cmocka_unit_test(damaged_streams_make_smaller_films),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
