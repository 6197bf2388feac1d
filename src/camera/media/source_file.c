/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "file:PATH": an H.264 byte stream or an MP4 file, at the pace of the clock, in a loop. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "camera/media/assembler.h"
#include "camera/media/media.h"
#include "camera/media/mp4_player.h"
#include "camera/media/source_kinds.h"

enum { USUAL_RATE = 25 };

struct file_state {
	int fd;
	char *path;
	struct mp4_player *mp4; /* where it is one; else all below */
	struct assembler assembler;
	uint64_t started_us; /* when the picture with number 0 was due; 0: not yet known */
	uint64_t number;     /* of the next picture since then */
	uint64_t count;      /* of pictures since the file was opened */
	uint64_t in_pass;    /* of them since the file's beginning */
};

static int file_check(const char *words, struct rc_error *err)
{
	if (*words == '\0')
		return rc_fail(err, RC_EUSAGE, "\"file:\" names no file; the form is file:PATH");
	return RC_OK;
}

/* An MP4 file begins with a box of this type. */
static int look_at_head(struct file_state *state, struct rc_error *err)
{
	uint8_t head[8] = { 0 };
	struct stat info;

	if (fstat(state->fd, &info) < 0 || !S_ISREG(info.st_mode))
		return rc_fail(err, RC_EFORMAT, "%s is no file; for a named pipe take pipe:%s",
			       state->path, state->path);
	if (pread(state->fd, head, sizeof(head), 0) < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot read %s", state->path);
	if (memcmp(head + 4, "ftyp", 4) == 0)
		return mp4_player_open(state->fd, state->path, &state->mp4, err);
	return RC_OK;
}

static void file_close(struct source *source)
{
	struct file_state *state = source->state;

	mp4_player_close(state->mp4);
	if (state->fd >= 0)
		close(state->fd);
	assembler_free(&state->assembler);
	free(state->path);
	free(state);
}

static int file_open(struct source *source, const char *words, struct rc_error *err)
{
	struct file_state *state = calloc(1, sizeof(*state));
	int result;

	if (!state)
		return rc_fail_memory(err, sizeof(*state));
	source->state = state;
	state->path = strdup(words);
	state->fd = open(words, O_RDONLY | O_CLOEXEC);
	if (!state->path)
		result = rc_fail_memory(err, strlen(words) + 1);
	else if (state->fd < 0)
		result = rc_fail_errno(err, RC_EIO, errno, "cannot open %s", words);
	else
		result = look_at_head(state, err);
	if (result < 0)
		file_close(source);
	return result;
}

/* More bytes, or the last picture of a pass. */
static int read_on(struct file_state *state, struct rc_span *annexb, struct rc_error *err)
{
	size_t room;
	uint8_t *space = assembler_space(&state->assembler, &room);
	ssize_t got;

	if (!space)
		return rc_fail_memory(err, MEDIA_MAX_UNIT);
	got = read(state->fd, space, room);
	if (got < 0 && errno != EINTR)
		return rc_fail_errno(err, RC_EIO, errno, "cannot read %s", state->path);
	if (got > 0)
		assembler_filled(&state->assembler, (size_t)got);
	if (got != 0 || assembler_flush(&state->assembler, annexb))
		return RC_OK;
	if (state->in_pass == 0)
		return rc_fail(
			err, RC_EFORMAT,
			"%s holds no H.264 picture that begins with SPS, PPS and a key frame "
			"(Annex B)",
			state->path);
	if (lseek(state->fd, 0, SEEK_SET) < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot go back to the start of %s",
				     state->path);
	state->in_pass = 0;
	assembler_restart(&state->assembler);
	return RC_OK;
}

/* The time of the next picture; from now on where it is late by more than a second. */
static uint64_t next_due(struct source *source, const struct parameter_sets *sets)
{
	struct file_state *state = source->state;
	unsigned num = sets->rate_num ? sets->rate_num : USUAL_RATE;
	unsigned den = sets->rate_num ? sets->rate_den : 1;
	uint64_t now = media_now_us();
	uint64_t due;

	if (num != source->rate_num || den != source->rate_den) {
		source->rate_num = num;
		source->rate_den = den;
		state->started_us = 0;
	}
	due = state->started_us + state->number * 1000000u * den / num;
	if (due + 1000000u < now) {
		state->started_us = due = now;
		state->number = 0;
	}
	/* "num" pictures take "den" seconds, exactly. */
	if (++state->number == num) {
		state->started_us += 1000000ull * den;
		state->number = 0;
	}
	return due;
}

/* The next picture that can be used, made a little before it is due. */
static int next_unit(struct source *source, struct access_unit **unit, struct rc_error *err)
{
	struct file_state *state = source->state;
	struct assembler *assembler = &state->assembler;
	struct rc_span annexb = { 0 };
	int result = RC_OK;

	*unit = NULL;
	while (!*unit && result == RC_OK) {
		if (!assembler_next(assembler, &annexb)) {
			annexb.size = 0;
			result = source_wait(source, -1, 0, err);
			if (result == RC_ETIMEOUT)
				result = read_on(state, &annexb, err);
		}
		if (result < 0 || annexb.size == 0 || !assembler_look(assembler, annexb))
			continue;
		*unit = assembler_unit(assembler, annexb, next_due(source, assembler->sets),
				       source->rate_num, source->rate_den);
	}
	return result;
}

static int file_read(struct source *source, struct source_output *out, struct rc_error *err)
{
	struct file_state *state = source->state;
	struct access_unit *unit = NULL;
	int result = state->mp4 ? mp4_player_next(state->mp4, &unit, err)
				: next_unit(source, &unit, err);

	if (!unit)
		return result;
	if (state->mp4) {
		source->rate_num = 1000000;
		source->rate_den = mp4_player_period_us(state->mp4);
	}
	state->in_pass++;
	result = source_wait(source, -1, unit->captured_us, err);
	if (result != RC_ETIMEOUT) {
		access_unit_unref(unit);
		return result;
	}
	out->unit = unit;
	out->number = state->count++;
	return RC_OK;
}

const struct source_kind source_file = {
	.scheme = "file",
	.form = "file:PATH",
	.summary = "an H.264 byte stream or MP4 file, in real time, in a loop",
	.max_pause_seconds = 60,
	.check = file_check,
	.open = file_open,
	.read = file_read,
	.close = file_close,
};
