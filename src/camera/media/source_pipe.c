/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "pipe:PATH" and "exec:COMMAND": an H.264 byte stream as it comes, from a named pipe or from
 * the standard output of a helper.
 *
 * Helpers write a picture at once. So when nothing has come for some milliseconds, the picture
 * that is there is taken to be whole, and not kept until the next one begins. Where that turns
 * out wrong (what comes next does not begin with a start code), the pause that counts as an end
 * is doubled, up to "never".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "camera/media/assembler.h"
#include "camera/media/child.h"
#include "camera/media/media.h"
#include "camera/media/source_kinds.h"

enum {
	QUIET_US = 4000,
	QUIET_NEVER_US = 64000,
	SILENT_SECONDS = 10,
	TURN_US = 1000000,
	APART_US = 100
};

struct pipe_state {
	int fd;             /* the named pipe's, or that of the helper's output */
	struct child child; /* exec: */
	char *name;         /* for messages: path or first word */
	struct assembler assembler;
	uint64_t read_us; /* when bytes came last */
	uint64_t quiet_us;
	bool flushed; /* the last unit was taken to be whole and nothing came since */
	uint64_t count;
	uint64_t last_unit_us;
	struct rc_error over; /* status not 0: it has ended, and this is why */
};

/* Smoothed: the rate that a stream without one in its VUI shows. */
static void measure_rate(struct source *source, uint64_t now)
{
	struct pipe_state *state = source->state;
	const struct parameter_sets *sets = state->assembler.sets;

	if (sets && sets->rate_num) {
		source->rate_num = sets->rate_num;
		source->rate_den = sets->rate_den;
	} else if (state->last_unit_us && now > state->last_unit_us) {
		uint64_t period = now - state->last_unit_us;
		uint64_t old = source->rate_num ? source->rate_den : period;

		if (period > 1000000)
			period = 1000000;
		source->rate_num = 1000000;
		source->rate_den = (unsigned)((old * 15 + period) / 16);
	}
	state->last_unit_us = now;
}

/* What came behind a unit that was taken to be whole tells whether it was: the start of a NAL
 * unit, and if it is a slice, the first of a picture. */
static void check_flush(struct pipe_state *state, const uint8_t *bytes, size_t size)
{
	static const uint8_t code[] = { 0, 0, 0, 1 };
	struct h264_slice slice;
	struct rc_span nal;
	size_t at = 0;
	bool whole;

	if (!state->flushed)
		return;
	state->flushed = false;
	whole = size >= 4 && (memcmp(bytes, code, 4) == 0 || memcmp(bytes, code + 1, 3) == 0);
	if (whole && annexb_next((struct rc_span){ bytes, size }, &at, &nal) &&
	    nal_type_of(nal.data[0]) <= H264_IDR &&
	    h264_read_slice(nal, NULL, &slice, NULL) == RC_OK)
		whole = slice.first;
	if (!whole)
		state->quiet_us *= 2;
}

/* 0: something was read. */
static int fill(struct source *source, struct rc_error *err)
{
	struct pipe_state *state = source->state;
	size_t room;
	uint8_t *space = assembler_space(&state->assembler, &room);
	ssize_t got;

	if (!space)
		return rc_fail_memory(err, MEDIA_MAX_UNIT);
	got = read(state->fd, space, room);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return RC_OK;
	if (got < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot read from %s", state->name);
	if (got == 0 && state->child.pid) {
		char how[64];

		state->fd = -1;
		child_stop(&state->child, how);
		return rc_fail(err, RC_EIO, "%s %s", state->name, how);
	}
	if (got == 0)
		return rc_fail(err, RC_EIO, "nobody writes to %s any more", state->name);
	check_flush(state, space, (size_t)got);
	assembler_filled(&state->assembler, (size_t)got);
	state->read_us = media_now_us();
	return RC_OK;
}

static struct access_unit *make_unit(struct source *source, struct rc_span annexb)
{
	struct pipe_state *state = source->state;
	uint64_t time = state->read_us;

	/* Pictures that come in one piece have times one behind the other all the same. */
	if (time < state->last_unit_us + APART_US)
		time = state->last_unit_us + APART_US;
	measure_rate(source, time);
	return assembler_unit(&state->assembler, annexb, time, source->rate_num, source->rate_den);
}

static int silence(const struct pipe_state *state, struct rc_error *err)
{
	if (state->child.pid && media_now_us() > state->read_us + SILENT_SECONDS * 1000000u)
		return rc_fail(err, RC_ETIMEOUT, "%s has written nothing for %d s", state->name,
			       SILENT_SECONDS);
	return RC_OK;
}

/* Waits for bytes, or for the pause that ends a picture. 0: look again; with *flush, what is
 * there is whole. */
static int wait_for_more(struct source *source, uint64_t until, bool *flush, struct rc_error *err)
{
	struct pipe_state *state = source->state;
	bool waiting = assembler_waiting(&state->assembler) && state->quiet_us <= QUIET_NEVER_US;
	int result = source_wait(source, state->fd,
				 waiting ? state->read_us + state->quiet_us : until, err);

	*flush = false;
	if (result == RC_ETIMEOUT && waiting) {
		*flush = state->flushed = true;
		return RC_OK;
	}
	if (result != RC_OK)
		return result;
	result = fill(source, err);
	if (result < 0) {
		/* The last picture is whole too. */
		state->over.status = (enum rc_status)result;
		snprintf(state->over.text, sizeof(state->over.text), "%s", err->text);
		*flush = true;
	}
	return RC_OK;
}

static int pipe_read(struct source *source, struct source_output *out, struct rc_error *err)
{
	struct pipe_state *state = source->state;
	uint64_t until = media_now_us() + TURN_US;
	struct rc_span annexb;
	bool flush = false;

	while (!out->unit) {
		bool whole = flush ? assembler_flush(&state->assembler, &annexb)
				   : assembler_next(&state->assembler, &annexb);
		int result = RC_OK;

		flush = false;
		if (whole)
			out->unit = make_unit(source, annexb);
		else if (state->over.status)
			return rc_fail(err, state->over.status, "%s", state->over.text);
		else
			result = wait_for_more(source, until, &flush, err);
		if (result == RC_ETIMEOUT)
			return silence(state, err);
		if (result < 0)
			return result;
	}
	out->number = state->count++;
	return RC_OK;
}

static void pipe_close(struct source *source)
{
	struct pipe_state *state = source->state;
	char how[64];

	if (state->child.pid)
		child_stop(&state->child, how);
	else if (state->fd >= 0)
		close(state->fd);
	assembler_free(&state->assembler);
	free(state->name);
	free(state);
}

static struct pipe_state *new_state(struct source *source, const char *name, struct rc_error *err)
{
	struct pipe_state *state = calloc(1, sizeof(*state));

	if (state)
		state->name = strdup(name);
	if (!state || !state->name) {
		free(state);
		rc_fail_memory(err, sizeof(*state));
		return NULL;
	}
	state->fd = -1;
	state->quiet_us = QUIET_US;
	state->read_us = media_now_us();
	source->state = state;
	return state;
}

static int pipe_check(const char *words, struct rc_error *err)
{
	if (*words == '\0')
		return rc_fail(err, RC_EUSAGE,
			       "\"pipe:\" names no pipe; the form is pipe:PATH (mkfifo makes one)");
	return RC_OK;
}

static int pipe_open(struct source *source, const char *words, struct rc_error *err)
{
	struct pipe_state *state = new_state(source, words, err);
	struct stat info;
	int result = RC_OK;

	if (!state)
		return RC_ENOMEM;
	state->fd = open(words, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (state->fd < 0)
		result = rc_fail_errno(err, RC_EIO, errno, "cannot open %s", words);
	else if (fstat(state->fd, &info) < 0 || !(S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)))
		result = rc_fail(err, RC_EFORMAT,
				 "%s is no named pipe (mkfifo makes one); for a file take file:%s",
				 words, words);
	if (result < 0)
		pipe_close(source);
	return result;
}

static int exec_check(const char *words, struct rc_error *err)
{
	struct child_words split;
	int result = child_split(words, &split, err);

	if (result == RC_OK)
		child_words_free(&split);
	return result;
}

static int exec_open(struct source *source, const char *words, struct rc_error *err)
{
	struct child_words split;
	struct pipe_state *state;
	int result = child_split(words, &split, err);

	if (result < 0)
		return result;
	state = new_state(source, split.argv[0], err);
	result = state ? child_start(&split, &state->child, err) : RC_ENOMEM;
	child_words_free(&split);
	if (result == RC_OK)
		state->fd = state->child.fd;
	else if (state)
		pipe_close(source);
	return result;
}

const struct source_kind source_pipe = {
	.scheme = "pipe",
	.form = "pipe:PATH",
	.summary = "an H.264 byte stream from a named pipe",
	.max_pause_seconds = 1,
	.check = pipe_check,
	.open = pipe_open,
	.read = pipe_read,
	.close = pipe_close,
};

const struct source_kind source_exec = {
	.scheme = "exec",
	.form = "exec:COMMAND",
	.summary = "an H.264 byte stream that a helper writes to its standard output",
	.max_pause_seconds = 60,
	.check = exec_check,
	.open = exec_open,
	.read = pipe_read,
	.close = pipe_close,
};
