/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/expect.h"

#include <stdlib.h>
#include <string.h>

int expect_init(struct expect *expect, struct stream *stream, struct rc_error *err)
{
	*expect = (struct expect){ .stream = stream, .last_ms = stream_now_ms(stream) };
	expect->data = malloc(EXPECT_ROOM);
	return expect->data ? 0 : rc_fail_memory(err, EXPECT_ROOM);
}

void expect_free(struct expect *expect)
{
	free(expect->data);
	*expect = (struct expect){ 0 };
}

void expect_keep(struct expect *expect, size_t keep)
{
	if (keep >= expect->size)
		return;
	memmove(expect->data, expect->data + expect->size - keep, keep);
	expect->size = keep;
}

int expect_more(struct expect *expect, unsigned timeout_ms, struct rc_error *err)
{
	int got;

	if (expect->size == EXPECT_ROOM)
		return rc_fail(err, RC_ERANGE,
			       "more than %zu bytes came on %s without an end that could be "
			       "understood: is it a camera's console?",
			       EXPECT_ROOM, expect->stream->name);
	got = stream_read(expect->stream, expect->data + expect->size, EXPECT_ROOM - expect->size,
			  timeout_ms, err);
	if (got > 0) {
		expect->size += (size_t)got;
		expect->last_ms = stream_now_ms(expect->stream);
	}
	return got;
}

int expect_quiet(struct expect *expect, unsigned quiet_ms, unsigned limit_ms, struct rc_error *err)
{
	uint64_t start = stream_now_ms(expect->stream);

	for (;;) {
		int got = expect_more(expect, quiet_ms, err);

		if (got <= 0)
			return got;
		if (stream_now_ms(expect->stream) - start >= limit_ms)
			return 0;
	}
}

int expect_find(const struct expect *expect, const char *const *texts, size_t count, size_t *end)
{
	struct rc_span all = { expect->data, expect->size };
	int first = -1;

	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(texts[i]);
		const uint8_t *place = rc_find(all, texts[i], length);

		if (!place || (first >= 0 && (size_t)(place - all.data) + length >= *end))
			continue;
		first = (int)i;
		*end = (size_t)(place - all.data) + length;
	}
	return first;
}

int expect_text(struct expect *expect, const char *text, unsigned quiet_ms, unsigned limit_ms,
		size_t *end, struct rc_error *err)
{
	uint64_t start = stream_now_ms(expect->stream);
	size_t length = strlen(text);
	size_t searched = 0;

	for (;;) {
		struct rc_span fresh = { expect->data + searched, expect->size - searched };
		const uint8_t *place = rc_find(fresh, text, length);
		uint64_t spent = stream_now_ms(expect->stream) - start;
		unsigned left = spent < limit_ms ? limit_ms - (unsigned)spent : 0;
		int got;

		if (place) {
			*end = (size_t)(place - expect->data) + length;
			return 0;
		}
		searched = expect->size >= length ? expect->size - length + 1 : 0;
		got = expect_more(expect, left < quiet_ms ? left : quiet_ms, err);
		if (got < 0)
			return got;
		if (got == 0)
			return rc_fail(
				err, RC_ETIMEOUT,
				"nothing came from the camera on %s for %u.%u s: is it still "
				"switched on, and the cable in place?",
				expect->stream->name, quiet_ms / 1000, quiet_ms % 1000 / 100);
	}
}
