/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "camera/media/encoder.h"
#include "camera/media/jpeg.h"
#include "camera/media/source.h"
#include "camera/media/still.h"
#include "camera/media/test_picture.h"
#include "camera/media/thread.h"

enum {
	SLATE_WIDTH = 640, /* where the source never said its size */
	SLATE_HEIGHT = 360,
	SLATE_US = 1000000,
	SILENT_US = 3000000, /* a source that is open and silent for so long gets the slate */
	STEADY_US = 30000000 /* after so long the next pause is the shortest again */
};

/* What belongs to one output while the source is open. */
struct output {
	struct stream *stream;
	const struct media_stream_settings *settings;
	struct encoder *encoder;
	struct picture scaled; /* unused where the size is the source's */
	struct encoder *slate_encoder;
	struct picture slate;
	bool was_wanted;
	bool halved; /* where no size is wanted: half of the source's */
};

struct feed {
	struct feed_settings settings;
	pthread_t thread;
	int stop_fd;
	struct source source;
	struct output outputs[FEED_MAX_OUTPUTS];
	bool live;
	bool pictures;              /* the source delivers raw pictures */
	struct still_helper *still; /* for others, where there is one */
	uint64_t last_us;           /* when it delivered last */
	uint64_t slate_us;          /* when a slate was sent last */
	uint64_t slates;
	char fault[256];
};

static const char *source_text(const struct feed *feed)
{
	return feed->settings.outputs[0].settings.source;
}

static void set_state(struct feed *feed, const char *fault)
{
	feed->live = fault == NULL;
	snprintf(feed->fault, sizeof(feed->fault), "%.*s", (int)sizeof(feed->fault) - 1,
		 fault ? fault : "");
	for (unsigned i = 0; i < feed->settings.count; i++)
		stream_set_state(feed->outputs[i].stream, fault, feed->pictures || feed->still);
}

static void set_live(struct feed *feed)
{
	feed->last_us = media_now_us();
	if (feed->live)
		return;
	set_state(feed, NULL);
	rc_log_note("%s: %s delivers", stream_name(feed->outputs[0].stream), source_text(feed));
}

static void set_fault(struct feed *feed, const char *fault)
{
	if (strcmp(feed->fault, fault) == 0)
		return;
	rc_log_error("%s: %s", stream_name(feed->outputs[0].stream), fault);
	set_state(feed, fault);
}

/* --- the slate -------------------------------------------------------------------------- */

static void slate_free(struct output *output)
{
	encoder_close(output->slate_encoder);
	output->slate_encoder = NULL;
	picture_free(&output->slate);
}

/* Of the size that clients have now, so that their windows stay as they are. */
static int slate_open(struct output *output, struct rc_error *err)
{
	struct encoder_settings settings = { .rate_num = 1, .rate_den = 1, .key_interval = 1 };
	struct parameter_sets *sets = stream_parameter_sets(output->stream);
	int result;

	settings.width = sets ? sets->width : SLATE_WIDTH;
	settings.height = sets ? sets->height : SLATE_HEIGHT;
	parameter_sets_unref(sets);
	if (picture_check_size(settings.width, settings.height, "", NULL) < 0) {
		settings.width = SLATE_WIDTH;
		settings.height = SLATE_HEIGHT;
	}
	settings.bitrate_kbps = 400;
	result = picture_alloc(&output->slate, settings.width, settings.height, err);
	if (result == RC_OK)
		result = encoder_open(&settings, &output->slate_encoder, err);
	if (result == RC_OK)
		stream_set_parameter_sets(output->stream, encoder_sets(output->slate_encoder));
	return result;
}

static void send_slate(struct feed *feed, struct output *output)
{
	struct access_unit *unit;
	struct rc_error err;

	if (!output->slate_encoder && slate_open(output, &err) < 0) {
		slate_free(output);
		return;
	}
	if (!stream_wants_units(output->stream))
		return;
	slate_draw(&output->slate, "NO PICTURE", feed->fault);
	output->slate.captured_us = media_now_us();
	if (encoder_encode(output->slate_encoder, &output->slate, feed->slates, true, &unit,
			   &err) == RC_OK)
		stream_publish(output->stream, unit);
}

/* At most one a second. */
static void slate_turn(struct feed *feed)
{
	uint64_t now = media_now_us();

	if (now < feed->slate_us + SLATE_US)
		return;
	feed->slate_us = now;
	for (unsigned i = 0; i < feed->settings.count; i++)
		send_slate(feed, &feed->outputs[i]);
	feed->slates++;
}

static void slates_end(struct feed *feed)
{
	for (unsigned i = 0; i < feed->settings.count; i++)
		slate_free(&feed->outputs[i]);
}

/* --- raw pictures ----------------------------------------------------------------------- */

static unsigned usual_side(const struct output *output, unsigned wanted, unsigned source)
{
	return wanted ? wanted : output->halved ? source / 2 & ~1u : source;
}

static int output_open(struct output *output, const struct source *source,
		       const struct picture *picture, struct rc_error *err)
{
	const struct media_stream_settings *wanted = output->settings;
	unsigned tenths = wanted->key_seconds_tenths ? wanted->key_seconds_tenths : 20;
	struct encoder_settings settings = {
		.width = usual_side(output, wanted->width, picture->width),
		.height = usual_side(output, wanted->height, picture->height),
		.rate_num = source->rate_num,
		.rate_den = source->rate_den,
		.bitrate_kbps = wanted->bitrate_kbps,
	};
	int result = RC_OK;

	settings.key_interval = settings.rate_num * tenths / 10 / settings.rate_den;
	if (settings.key_interval == 0)
		settings.key_interval = 1;
	if (settings.width != picture->width || settings.height != picture->height)
		result = picture_alloc(&output->scaled, settings.width, settings.height, err);
	if (result == RC_OK)
		result = encoder_open(&settings, &output->encoder, err);
	if (result == RC_OK) {
		stream_set_parameter_sets(output->stream, encoder_sets(output->encoder));
		stream_set_rate(output->stream,
				(unsigned)(1000ull * settings.rate_num / settings.rate_den));
	}
	return result;
}

static void output_close(struct output *output)
{
	encoder_close(output->encoder);
	output->encoder = NULL;
	picture_free(&output->scaled);
	slate_free(output);
}

static int send_unit(struct output *output, const struct picture *picture, uint64_t number,
		     struct rc_error *err)
{
	bool key = stream_take_key_wish(output->stream) || !output->was_wanted;
	struct access_unit *unit;
	int result = encoder_encode(output->encoder, picture, number, key, &unit, err);

	if (result == RC_OK)
		stream_publish(output->stream, unit);
	return result;
}

static int send_jpeg(struct output *output, const struct picture *picture, struct rc_error *err)
{
	unsigned quality = output->settings->jpeg_quality ? output->settings->jpeg_quality : 80;
	struct shared_bytes *jpeg;
	int result = jpeg_encode(picture, quality, &jpeg, err);

	if (result == RC_OK)
		stream_publish_jpeg(output->stream, jpeg, picture->captured_us);
	return result;
}

/* Nothing is scaled or encoded that nobody wants. */
static int output_picture(struct output *output, const struct source *source,
			  const struct source_output *read, struct rc_error *err)
{
	const struct picture *picture = read->picture;
	bool units = stream_wants_units(output->stream);
	bool jpeg = stream_wants_jpeg(output->stream);
	int result = RC_OK;

	if (!output->encoder)
		result = output_open(output, source, picture, err);
	if (result == RC_OK && (units || jpeg) && output->scaled.data) {
		picture_scale(picture, &output->scaled);
		picture = &output->scaled;
	}
	if (result == RC_OK && units)
		result = send_unit(output, picture, read->number, err);
	if (result == RC_OK && jpeg)
		result = send_jpeg(output, picture, err);
	output->was_wanted = units;
	return result;
}

static int take_picture(struct feed *feed, const struct source_output *read, struct rc_error *err)
{
	int result = RC_OK;

	for (unsigned i = 0; i < feed->settings.count && result == RC_OK; i++)
		result = output_picture(&feed->outputs[i], &feed->source, read, err);
	return result;
}

/* --- coded units ------------------------------------------------------------------------ */

static void take_unit(struct feed *feed, struct access_unit *unit)
{
	struct stream *stream = feed->outputs[0].stream;
	const struct source *source = &feed->source;

	stream_set_rate(stream, source->rate_num
					? (unsigned)(1000ull * source->rate_num / source->rate_den)
					: 0);
	if (stream_wants_units(stream)) {
		stream_publish(stream, unit);
	} else {
		stream_set_parameter_sets(stream, unit->sets);
		access_unit_unref(unit);
	}
}

/* --- the thread ------------------------------------------------------------------------- */

static void check_silence(struct feed *feed)
{
	char fault[256];
	uint64_t silent = media_now_us() - feed->last_us;

	if (silent < SILENT_US)
		return;
	if (feed->live || feed->fault[0] == '\0') {
		snprintf(fault, sizeof(fault), "nothing comes from %.200s", source_text(feed));
		set_fault(feed, fault);
	}
	slate_turn(feed);
}

static int read_source(struct feed *feed, struct rc_error *err)
{
	int result = RC_OK;

	while (result == RC_OK) {
		struct source_output read;

		result = source_read(&feed->source, &read, err);
		if (result < 0)
			break;
		if (!read.unit && !read.picture) {
			check_silence(feed);
			continue;
		}
		set_live(feed);
		slates_end(feed);
		if (read.unit)
			take_unit(feed, read.unit);
		else
			result = take_picture(feed, &read, err);
	}
	return result;
}

/* True when the feed is to stop. */
static bool pause_with_slate(struct feed *feed, unsigned seconds)
{
	uint64_t end = media_now_us() + seconds * 1000000ull;
	struct source nothing = { .stop_fd = feed->stop_fd };
	struct rc_error err;
	uint64_t now;

	while ((now = media_now_us()) < end) {
		uint64_t next = feed->slate_us + SLATE_US;

		slate_turn(feed);
		if (next <= now)
			next = now + SLATE_US;
		if (source_wait(&nothing, -1, next < end ? next : end, &err) != RC_ETIMEOUT)
			return true;
	}
	return false;
}

static unsigned next_pause(const struct source_kind *kind, unsigned pause)
{
	unsigned longest = kind ? kind->max_pause_seconds : 60;

	pause = pause ? pause * 2 : 1;
	return pause < longest ? pause : longest;
}

static void *run(void *argument)
{
	struct feed *feed = argument;
	const struct source_kind *kind = NULL;
	const char *words;
	unsigned pause = 0;
	struct rc_error err;
	bool stopped = false;

	source_find(source_text(feed), &kind, &words, &err);
	while (!stopped) {
		uint64_t opened_us = media_now_us();
		int result = source_open(&feed->source, source_text(feed), feed->stop_fd, &err);

		feed->last_us = opened_us;
		if (result == RC_OK)
			result = read_source(feed, &err);
		source_close(&feed->source);
		for (unsigned i = 0; i < feed->settings.count; i++)
			output_close(&feed->outputs[i]);
		if (result == RC_ESTOPPED)
			break;
		if (media_now_us() - opened_us > STEADY_US)
			pause = 0;
		pause = next_pause(kind, pause);
		set_fault(feed, err.text);
		stopped = pause_with_slate(feed, pause);
	}
	slates_end(feed);
	return NULL;
}

/* A helper for stills is of use only where there are no raw pictures. */
static int open_stills(struct feed *feed, struct rc_error *err)
{
	const char *command = feed->settings.outputs[0].settings.still;
	const struct source_kind *kind;
	const char *words;
	int result = source_find(source_text(feed), &kind, &words, err);

	if (result < 0)
		return result;
	feed->pictures = kind->pictures;
	if (kind->pictures || !*command)
		return RC_OK;
	return still_open(feed->outputs[0].stream, command, &feed->still, err);
}

/* Once its thread does not run. */
static void feed_free(struct feed *feed)
{
	still_close(feed->still);
	if (feed->stop_fd >= 0)
		close(feed->stop_fd);
	free(feed);
}

int feed_open(const struct feed_settings *settings, struct feed **feed, struct rc_error *err)
{
	struct feed *f = calloc(1, sizeof(*f));
	int result = RC_OK;

	if (!f)
		return rc_fail_memory(err, sizeof(*f));
	f->settings = *settings;
	for (unsigned i = 0; i < settings->count; i++) {
		f->outputs[i].stream = settings->outputs[i].stream;
		f->outputs[i].settings = &f->settings.outputs[i].settings;
		f->outputs[i].halved = i > 0;
	}
	f->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->stop_fd < 0)
		result = rc_fail_errno(err, RC_EIO, errno, "no eventfd for a source's thread");
	if (result == RC_OK)
		result = open_stills(f, err);
	if (result == RC_OK)
		result = media_thread_start(&f->thread, run, f, "a source", err);
	if (result < 0) {
		feed_free(f);
		return result;
	}
	*feed = f;
	return RC_OK;
}

void feed_close(struct feed *feed)
{
	if (!feed)
		return;
	eventfd_write(feed->stop_fd, 1);
	pthread_join(feed->thread, NULL);
	feed_free(feed);
}
