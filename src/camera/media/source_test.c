/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "test:1280x720@25": the made-up picture, at the pace of the clock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "camera/media/media.h"
#include "camera/media/source_kinds.h"
#include "camera/media/test_picture.h"

struct test_state {
	struct picture picture;
	uint64_t started_us;
	uint64_t number; /* of the next picture */
};

struct test_words {
	unsigned width, height, rate;
};

static int bad_words(const char *words, struct rc_error *err)
{
	return rc_fail(err, RC_EUSAGE,
		       "\"test:%s\" is no test picture; the form is test:WIDTHxHEIGHT@RATE, as "
		       "test:1280x720@25, or test: alone",
		       words);
}

static int parse(const char *words, struct test_words *out, struct rc_error *err)
{
	int used = 0;
	int end = (int)strlen(words);

	*out = (struct test_words){ 1280, 720, 25 };
	if (end == 0)
		return RC_OK;
	if (sscanf(words, "%4ux%4u%n", &out->width, &out->height, &used) != 2)
		return bad_words(words, err);
	if (words[used] == '@') {
		uint64_t rate;

		if (!rc_parse_number(words + used + 1, 120, &rate) || rate == 0)
			return rc_fail(
				err, RC_ERANGE,
				"\"test:%s\": the rate must be from 1 to 120 pictures a second",
				words);
		out->rate = (unsigned)rate;
	} else if (used != end) {
		return bad_words(words, err);
	}
	return picture_check_size(out->width, out->height, "the test picture", err);
}

static int test_check(const char *words, struct rc_error *err)
{
	struct test_words parsed;

	return parse(words, &parsed, err);
}

static int test_open(struct source *source, const char *words, struct rc_error *err)
{
	struct test_state *state = calloc(1, sizeof(*state));
	struct test_words parsed;
	int result = parse(words, &parsed, err);

	if (!state)
		return rc_fail_memory(err, sizeof(*state));
	if (result == RC_OK)
		result = picture_alloc(&state->picture, parsed.width, parsed.height, err);
	if (result < 0) {
		free(state);
		return result;
	}
	state->started_us = media_now_us();
	source->state = state;
	source->rate_num = parsed.rate;
	source->rate_den = 1;
	return RC_OK;
}

static uint64_t due_us(const struct source *source, uint64_t number)
{
	const struct test_state *state = source->state;

	return state->started_us + number * 1000000u / source->rate_num;
}

static int test_read(struct source *source, struct source_output *out, struct rc_error *err)
{
	struct test_state *state = source->state;
	uint64_t number = state->number;
	int result;

	/* Too late by more than a second (a machine that slept): numbers are left out then. */
	if (media_now_us() > due_us(source, number) + 1000000u)
		number = (media_now_us() - state->started_us) * source->rate_num / 1000000u;
	result = source_wait(source, -1, due_us(source, number), err);
	if (result != RC_ETIMEOUT)
		return result;
	state->number = number + 1;
	state->picture.captured_us = due_us(source, number);
	test_picture_draw(&state->picture, number, source->rate_num, source->rate_den);
	out->picture = &state->picture;
	out->number = number;
	return RC_OK;
}

static void test_close(struct source *source)
{
	struct test_state *state = source->state;

	picture_free(&state->picture);
	free(state);
}

const struct source_kind source_test = {
	.scheme = "test",
	.form = "test:[WIDTHxHEIGHT[@RATE]]",
	.summary = "a made-up moving picture with a clock and a counter",
	.pictures = true,
	.max_pause_seconds = 60,
	.check = test_check,
	.open = test_open,
	.read = test_read,
	.close = test_close,
};
