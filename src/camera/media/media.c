/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/media.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "camera/media/feed.h"
#include "camera/media/source.h"
#include "camera/media/still.h"

struct media {
	struct stream *streams[2]; /* by enum media_which */
	struct feed *feeds[2];     /* the second only where sub has a source of its own */
	struct feed_settings settings[2];
	bool sub_is_main;
};

void media_settings_default(struct media_settings *settings)
{
	*settings = (struct media_settings){ 0 };
	snprintf(settings->main.source, sizeof(settings->main.source), "test:1280x720@25");
}

static int check_stream(const struct media_stream_settings *stream, const char *name,
			struct rc_error *err)
{
	char what[64];

	snprintf(what, sizeof(what), "the encoded picture of \"%s\"", name);
	if (!stream->width != !stream->height)
		return rc_fail(err, RC_EUSAGE, "%s has a width or a height, but not both", what);
	if (stream->jpeg_quality > 100)
		return rc_fail(err, RC_ERANGE, "the JPEG quality of \"%s\" is %u; it goes to 100",
			       name, stream->jpeg_quality);
	if (stream->still[0]) {
		int result = still_check(stream->still, err);

		if (result < 0)
			return result;
	}
	if (stream->width)
		return picture_check_size(stream->width, stream->height, what, err);
	return RC_OK;
}

int media_settings_check(const struct media_settings *settings, struct rc_error *err)
{
	int result = source_check(settings->main.source, err);

	if (result == RC_OK && settings->sub.source[0])
		result = source_check(settings->sub.source, err);
	if (result == RC_OK)
		result = check_stream(&settings->main, "main", err);
	if (result == RC_OK)
		result = check_stream(&settings->sub, "sub", err);
	return result;
}

/* Which feeds these settings need: one or two. False for sub_is_main: it has a feed's output. */
static bool plan_feeds(struct media *media, const struct media_settings *settings,
		       struct feed_settings feeds[2])
{
	const struct source_kind *kind;
	const char *words;

	memset(feeds, 0, 2 * sizeof(feeds[0]));
	feeds[0].count = 1;
	feeds[0].outputs[0].stream = media->streams[MEDIA_MAIN];
	feeds[0].outputs[0].settings = settings->main;
	if (settings->sub.off)
		return true;
	if (settings->sub.source[0]) {
		feeds[1].count = 1;
		feeds[1].outputs[0].stream = media->streams[MEDIA_SUB];
		feeds[1].outputs[0].settings = settings->sub;
		return false;
	}
	if (source_find(settings->main.source, &kind, &words, NULL) < 0 || !kind->pictures)
		return true;
	feeds[0].count = 2;
	feeds[0].outputs[1].stream = media->streams[MEDIA_SUB];
	feeds[0].outputs[1].settings = settings->sub;
	return false;
}

static bool same_stream(const struct media_stream_settings *a,
			const struct media_stream_settings *b)
{
	return strcmp(a->source, b->source) == 0 && strcmp(a->still, b->still) == 0 &&
	       a->off == b->off && a->width == b->width && a->height == b->height &&
	       a->bitrate_kbps == b->bitrate_kbps &&
	       a->key_seconds_tenths == b->key_seconds_tenths && a->jpeg_quality == b->jpeg_quality;
}

static bool same_feed(const struct feed_settings *a, const struct feed_settings *b)
{
	bool same = a->count == b->count;

	for (unsigned i = 0; i < a->count && same; i++)
		same = a->outputs[i].stream == b->outputs[i].stream &&
		       same_stream(&a->outputs[i].settings, &b->outputs[i].settings);
	return same;
}

int media_change(struct media *media, const struct media_settings *settings, struct rc_error *err)
{
	struct feed_settings wanted[2];
	int result = media_settings_check(settings, err);

	if (result < 0)
		return result;
	media->sub_is_main = plan_feeds(media, settings, wanted);
	/* Both are closed before one is opened: they may want the same device. */
	for (unsigned i = 0; i < 2; i++) {
		if (same_feed(&wanted[i], &media->settings[i]))
			continue;
		feed_close(media->feeds[i]);
		media->feeds[i] = NULL;
		for (unsigned o = 0; o < media->settings[i].count; o++)
			stream_set_state(media->settings[i].outputs[o].stream,
					 "the settings have taken its source away", false);
		media->settings[i] = wanted[i];
	}
	for (unsigned i = 0; i < 2 && result == RC_OK; i++)
		if (!media->feeds[i] && wanted[i].count)
			result = feed_open(&wanted[i], &media->feeds[i], err);
	return result;
}

int media_open(struct ev_loop *loop, const struct media_settings *settings, struct media **media,
	       struct rc_error *err)
{
	struct media *m = calloc(1, sizeof(*m));
	int result;

	if (!m)
		return rc_fail_memory(err, sizeof(*m));
	m->streams[MEDIA_MAIN] = stream_new(loop, "main");
	m->streams[MEDIA_SUB] = stream_new(loop, "sub");
	if (m->streams[MEDIA_MAIN] && m->streams[MEDIA_SUB])
		result = media_change(m, settings, err);
	else
		result = rc_fail_memory(err, sizeof(*m));
	if (result < 0) {
		media_close(m);
		return result;
	}
	*media = m;
	return RC_OK;
}

void media_close(struct media *media)
{
	if (!media)
		return;
	for (unsigned i = 0; i < 2; i++)
		feed_close(media->feeds[i]);
	for (unsigned i = 0; i < 2; i++)
		stream_free(media->streams[i]);
	free(media);
}

struct stream *media_stream_named(struct media *media, enum media_which which)
{
	return media->streams[which];
}

struct stream *media_stream(struct media *media, enum media_which which)
{
	return media->streams[media->sub_is_main ? MEDIA_MAIN : which];
}
