/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MP4 files as ffmpeg writes them, against what ffmpeg itself takes out of them. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "camera/media/h264.h"
#include "camera/media/mp4.h"
#include "camera/media/source.h"
#include "run.h"

enum { PICTURES = 24 };

/* With B-frames, and sound beside the picture. */
static const char *make_mp4(const char *flags)
{
	static char path[300];
	const char *argv[] = { "ffmpeg",
			       "-nostdin",
			       "-v",
			       "error",
			       "-f",
			       "lavfi",
			       "-i",
			       "testsrc=size=176x144:rate=25",
			       "-f",
			       "lavfi",
			       "-i",
			       "sine",
			       "-frames:v",
			       "24",
			       "-shortest",
			       "-c:v",
			       "libx264",
			       "-g",
			       "8",
			       "-x264-params",
			       "bframes=2:b-adapt=0",
			       "-pix_fmt",
			       "yuv420p",
			       "-movflags",
			       flags,
			       path,
			       NULL };

	snprintf(path, sizeof(path), "%s/x.mp4", support_temp_dir());
	run_ffmpeg(argv, NULL);
	return path;
}

static bool next_picture_nal(struct rc_span bytes, size_t *at, struct rc_span *nal)
{
	while (annexb_next(bytes, at, nal))
		if (nal_type_of(nal->data[0]) == H264_SLICE ||
		    nal_type_of(nal->data[0]) == H264_IDR)
			return true;
	return false;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void pictures_are_those_that_ffmpeg_takes_out(const char *flags)
{
	const char *path = make_mp4(flags);
	const char *argv[] = { "ffmpeg", "-nostdin", "-v",   "error", "-i",   path, "-map",
			       "0:v",    "-c",       "copy", "-f",    "h264", "-",  NULL };
	uint64_t times[2 * PICTURES];
	struct rc_buffer wanted;
	struct source source;
	struct rc_error err;
	char text[320];
	size_t at = 0;

	run_ffmpeg(argv, &wanted);
	snprintf(text, sizeof(text), "file:%s", path);
	support_ok(source_open(&source, text, -1, &err), &err);
	for (unsigned i = 0; i < 2 * PICTURES; i++) {
		struct source_output out;
		struct rc_span nal;
		struct rc_span mine;
		size_t in_unit = 0;

		support_ok(source_read(&source, &out, &err), &err);
		assert_int_equal(out.unit->key, i % 8 == 0);
		times[i] = out.unit->pts_90k;
		if (i == PICTURES)
			at = 0;
		while (next_picture_nal(out.unit->bytes, &in_unit, &mine)) {
			assert_true(next_picture_nal((struct rc_span){ wanted.data, wanted.size },
						     &at, &nal));
			assert_int_equal(mine.size, nal.size);
			assert_memory_equal(mine.data, nal.data, nal.size);
		}
		access_unit_unref(out.unit);
	}
	assert_int_equal(source.rate_num / source.rate_den, 25);
	qsort(times, 2 * PICTURES, sizeof(times[0]), compare);
	for (unsigned i = 1; i < 2 * PICTURES; i++)
		assert_int_equal(times[i] - times[i - 1], 3600);
	source_close(&source);
	rc_buffer_free(&wanted);
}

static void pictures_come_with_their_times(void **state)
{
	pictures_are_those_that_ffmpeg_takes_out("faststart");
	pictures_are_those_that_ffmpeg_takes_out("disable_chpl");
}

static void what_cannot_be_read_is_told(void **state)
{
	const char *path = make_mp4("frag_keyframe+empty_moov");
	struct rc_buffer file = { 0 };
	struct source source;
	struct rc_error err;
	char text[320];

	snprintf(text, sizeof(text), "file:%s", path);
	support_fails(source_open(&source, text, -1, &err), RC_EUNSUPPORTED, &err, "fragmented");
	path = make_mp4("faststart");
	snprintf(text, sizeof(text), "file:%s", path);
	support_ok(rc_file_read(path, RC_MIB(4), &file, &err), &err);
	/* Cut anywhere, it is told and never believed. */
	for (size_t size = 12; size < file.size; size += 97) {
		struct source_output out;
		int result = RC_OK;

		support_ok(rc_file_replace(path, file.data, size, 0644, &err), &err);
		if (source_open(&source, text, -1, &err) < 0)
			continue;
		for (unsigned i = 0; i < PICTURES && result == RC_OK && size < file.size / 8; i++) {
			result = source_read(&source, &out, &err);
			if (result == RC_OK)
				access_unit_unref(out.unit);
		}
		source_close(&source);
	}
	rc_buffer_free(&file);
}

/* Damage within the movie box, at random. */
static void damage_is_survived(void **state)
{
	const char *path = make_mp4("faststart");
	struct rc_buffer file = { 0 };
	struct mp4_track track;
	struct rc_error err;
	uint64_t seed = 14496;
	const uint8_t *at;
	struct rc_span moov;

	support_ok(rc_file_read(path, RC_MIB(4), &file, &err), &err);
	at = rc_find((struct rc_span){ file.data, file.size }, "moov", 4);
	assert_non_null(at);
	moov = (struct rc_span){ at + 4, rc_be32(at - 4) - 8 };
	support_ok(mp4_read_track(moov, &track, &err), &err);
	assert_int_equal(track.count, PICTURES);
	assert_int_equal(track.sets->width, 176);
	mp4_track_free(&track);
	for (unsigned round = 0; round < 2000; round++) {
		size_t place = (size_t)(moov.data - file.data) + support_random(&seed) % moov.size;
		uint8_t before = file.data[place];

		file.data[place] = (uint8_t)support_random(&seed);
		if (mp4_read_track(moov, &track, &err) == RC_OK)
			mp4_track_free(&track);
		if (round % 3)
			file.data[place] = before;
	}
	rc_buffer_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_come_with_their_times),
		cmocka_unit_test(what_cannot_be_read_is_told),
		cmocka_unit_test(damage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
