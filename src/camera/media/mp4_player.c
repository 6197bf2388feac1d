/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/mp4_player.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "camera/media/media.h"

enum { MAX_TIMESCALE = 10000000, MAX_SECONDS = 1000000 };

struct mp4_player {
	int fd;
	const char *path;
	struct mp4_track track;
	uint32_t next;       /* sample */
	uint64_t started_us; /* when the first sample of this pass was due */
	uint64_t ticks;      /* of this pass, before the next sample */
	uint64_t total;      /* ticks of a pass; not 0 */
	struct rc_buffer sample, annexb;
};

static int read_at(const struct mp4_player *player, uint64_t offset, uint8_t *to, size_t size,
		   struct rc_error *err)
{
	ssize_t got = pread(player->fd, to, size, (off_t)offset);

	if (got < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot read %s", player->path);
	if ((size_t)got < size)
		return rc_fail(err, RC_EFORMAT, "%s ends at %llu, before its %zu bytes at %llu",
			       player->path, (unsigned long long)offset + (unsigned long long)got,
			       size, (unsigned long long)offset);
	return RC_OK;
}

/* The boxes of a file one after the other, until the movie box; its place and size. */
static int find_moov(const struct mp4_player *player, uint64_t *place, uint64_t *size,
		     struct rc_error *err)
{
	uint64_t at = 0;
	uint8_t head[16];

	for (;;) {
		uint64_t box;
		unsigned used = 8;

		if (read_at(player, at, head, 8, err) < 0)
			return rc_fail(err, RC_EFORMAT,
				       "%s is an MP4 file without a movie box (moov)",
				       player->path);
		box = rc_be32(head);
		if (box == 1 && read_at(player, at + 8, head + 8, 8, err) == RC_OK) {
			box = (uint64_t)rc_be32(head + 8) << 32 | rc_be32(head + 12);
			used = 16;
		}
		if (box < used || box > INT64_MAX - at)
			return rc_fail(err, RC_EFORMAT, "%s has a box of %llu bytes at %llu",
				       player->path, (unsigned long long)box,
				       (unsigned long long)at);
		if (memcmp(head + 4, "moov", 4) == 0) {
			*place = at + used;
			*size = box - used;
			return RC_OK;
		}
		at += box;
	}
}

static uint8_t *room(struct rc_buffer *buffer, size_t size)
{
	if (buffer->room < size) {
		uint8_t *data = realloc(buffer->data, size);

		if (!data)
			return NULL;
		buffer->data = data;
		buffer->room = size;
	}
	buffer->size = size;
	return buffer->data;
}

static int load(struct mp4_player *player, struct rc_error *err)
{
	uint64_t place = 0;
	uint64_t size = 0;
	int result = find_moov(player, &place, &size, err);

	if (result < 0)
		return result;
	if (size > MP4_MAX_MOOV)
		return rc_fail(err, RC_ERANGE,
			       "%s has a movie box of %llu bytes; at most %zu are read",
			       player->path, (unsigned long long)size, MP4_MAX_MOOV);
	if (!room(&player->sample, (size_t)size + 1))
		return rc_fail_memory(err, size);
	result = read_at(player, place, player->sample.data, (size_t)size, err);
	if (result == RC_OK)
		result = mp4_read_track((struct rc_span){ player->sample.data, (size_t)size },
					&player->track, err);
	for (uint32_t i = 0; result == RC_OK && i < player->track.count; i++)
		player->total += player->track.samples[i].duration;
	/* So that microseconds can be reckoned with. */
	if (result == RC_OK && (player->track.timescale > MAX_TIMESCALE ||
				player->total / player->track.timescale > MAX_SECONDS))
		return rc_fail(
			err, RC_ERANGE, "%s lasts %llu s of %u ticks; at most %u of %u are read",
			player->path, (unsigned long long)(player->total / player->track.timescale),
			player->track.timescale, MAX_SECONDS, MAX_TIMESCALE);
	if (result == RC_OK && (player->total == 0 || !player->track.samples[0].key))
		return rc_fail(err, RC_EFORMAT, "%s has %s", player->path,
			       player->total ? "no key frame at its start"
					     : "pictures without times");
	return result;
}

int mp4_player_open(int fd, const char *path, struct mp4_player **player, struct rc_error *err)
{
	struct mp4_player *p = calloc(1, sizeof(*p));
	int result;

	if (!p)
		return rc_fail_memory(err, sizeof(*p));
	p->fd = fd;
	p->path = path;
	result = load(p, err);
	if (result < 0) {
		mp4_player_close(p);
		return result;
	}
	*player = p;
	return RC_OK;
}

void mp4_player_close(struct mp4_player *player)
{
	if (!player)
		return;
	mp4_track_free(&player->track);
	rc_buffer_free(&player->sample);
	rc_buffer_free(&player->annexb);
	free(player);
}

unsigned mp4_player_period_us(const struct mp4_player *player)
{
	uint64_t us = player->total * 1000000 / player->track.timescale / player->track.count;

	return us < 1000 ? 1000 : us > 10000000 ? 10000000 : (unsigned)us;
}

static void add_set(struct rc_buffer *out, const uint8_t *set, size_t size)
{
	static const uint8_t code[] = { 0, 0, 0, 1 };

	rc_buffer_append(out, code, sizeof(code));
	rc_buffer_append(out, set, size);
}

static int read_sample(struct mp4_player *player, const struct mp4_sample *sample,
		       struct rc_error *err)
{
	const struct parameter_sets *sets = player->track.sets;
	int result;

	if (sample->size == 0 || sample->size > MEDIA_MAX_UNIT / 2)
		return rc_fail(err, RC_ERANGE,
			       "%s has a picture of %u bytes; at most %zu are taken", player->path,
			       sample->size, MEDIA_MAX_UNIT / 2);
	if (!room(&player->sample, sample->size))
		return rc_fail_memory(err, sample->size);
	result = read_at(player, sample->offset, player->sample.data, sample->size, err);
	player->annexb.size = 0;
	if (sample->key) {
		add_set(&player->annexb, sets->sps, sets->sps_size);
		add_set(&player->annexb, sets->pps, sets->pps_size);
	}
	if (result == RC_OK)
		result = mp4_to_annexb(&player->track,
				       (struct rc_span){ player->sample.data, sample->size },
				       &player->annexb, err);
	return result;
}

/* When the next sample is due; from now on where that is more than a second ago. */
static uint64_t due_us(struct mp4_player *player)
{
	uint64_t passed = player->ticks * 1000000 / player->track.timescale;
	uint64_t now = media_now_us();

	if (player->started_us + passed + 1000000 < now)
		player->started_us = now - passed;
	return player->started_us + passed;
}

static void go_on(struct mp4_player *player)
{
	player->ticks += player->track.samples[player->next].duration;
	if (++player->next < player->track.count)
		return;
	player->next = 0;
	player->started_us += player->total * 1000000 / player->track.timescale;
	player->ticks = 0;
}

int mp4_player_next(struct mp4_player *player, struct access_unit **unit, struct rc_error *err)
{
	const struct mp4_sample *sample = &player->track.samples[player->next];
	int64_t scale = player->track.timescale;
	struct access_unit_times times;
	int result = read_sample(player, sample, err);

	if (result < 0)
		return result;
	times.captured_us = due_us(player);
	times.pts_90k = times.captured_us * 9 / 100 + (uint64_t)(sample->shift * 90000ll / scale);
	times.duration_90k = (uint32_t)(mp4_player_period_us(player) * 9 / 100);
	*unit = access_unit_new((struct rc_span){ player->annexb.data, player->annexb.size },
				player->track.sets, &times);
	if (!*unit)
		return rc_fail(err, RC_EFORMAT, "%s has a picture that is none, at %llu",
			       player->path, (unsigned long long)sample->offset);
	go_on(player);
	return RC_OK;
}
