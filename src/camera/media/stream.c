/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/stream.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "camera/media/media.h"

struct stream {
	struct ev_loop *loop;
	struct ev_async wake; /* from the source's thread */
	char name[16];

	/* Of the loop's thread alone. */
	struct stream_subscriber *subscribers;
	struct stream_subscriber *next_subscriber; /* of the walk under way: may be taken out */
	struct jpeg_subscriber *jpeg_subscribers;
	struct jpeg_subscriber *next_jpeg_subscriber;
	struct still_request *stills, *answering;
	unsigned subscriber_count, jpeg_subscriber_count;
	int still_fd; /* -1: none */

	/* Wishes of the loop to the thread. */
	atomic_bool wants_units, wants_jpeg, wants_key;

	pthread_mutex_t lock; /* of all below */
	struct access_unit *waiting[STREAM_MAX_WAITING];
	unsigned waiting_count;
	bool broken; /* a unit was left out: none is of use before the next key frame */
	struct shared_bytes *jpeg;
	uint64_t jpeg_us;
	bool jpeg_fresh;    /* not handed to the loop yet */
	char jpeg_why[256]; /* why there is none; "": nothing to tell */
	struct parameter_sets *sets;
	struct stream_status status;
};

static void serve_units(struct stream *stream);
static void serve_jpeg(struct stream *stream);
static void refuse_stills(struct stream *stream);

static void on_wake(struct ev_loop *loop, struct ev_async *watcher, int events)
{
	struct stream *stream = watcher->data;

	serve_units(stream);
	serve_jpeg(stream);
	refuse_stills(stream);
}

struct stream *stream_new(struct ev_loop *loop, const char *name)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->loop = loop;
	stream->still_fd = -1;
	snprintf(stream->name, sizeof(stream->name), "%s", name);
	pthread_mutex_init(&stream->lock, NULL);
	snprintf(stream->status.fault, sizeof(stream->status.fault),
		 "the source has not started yet");
	ev_async_init(&stream->wake, on_wake);
	stream->wake.data = stream;
	ev_async_start(loop, &stream->wake);
	return stream;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	ev_async_stop(stream->loop, &stream->wake);
	for (unsigned i = 0; i < stream->waiting_count; i++)
		access_unit_unref(stream->waiting[i]);
	shared_bytes_unref(stream->jpeg);
	parameter_sets_unref(stream->sets);
	pthread_mutex_destroy(&stream->lock);
	free(stream);
}

const char *stream_name(const struct stream *stream)
{
	return stream->name;
}

/* --- units, on the loop ----------------------------------------------------------------- */

void stream_subscribe(struct stream *stream, struct stream_subscriber *subscriber)
{
	subscriber->next = stream->subscribers;
	stream->subscribers = subscriber;
	stream->subscriber_count++;
	atomic_store(&stream->wants_units, true);
}

void stream_unsubscribe(struct stream *stream, struct stream_subscriber *subscriber)
{
	struct stream_subscriber **link = &stream->subscribers;

	while (*link && *link != subscriber)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = subscriber->next;
	if (stream->next_subscriber == subscriber)
		stream->next_subscriber = subscriber->next;
	stream->subscriber_count--;
	atomic_store(&stream->wants_units, stream->subscribers != NULL);
}

void stream_ask_key(struct stream *stream)
{
	atomic_store(&stream->wants_key, true);
}

static void serve_units(struct stream *stream)
{
	struct access_unit *units[STREAM_MAX_WAITING];
	unsigned count;

	pthread_mutex_lock(&stream->lock);
	count = stream->waiting_count;
	memcpy(units, stream->waiting, sizeof(units));
	stream->waiting_count = 0;
	pthread_mutex_unlock(&stream->lock);
	for (unsigned i = 0; i < count; i++) {
		for (struct stream_subscriber *s = stream->subscribers; s;
		     s = stream->next_subscriber) {
			stream->next_subscriber = s->next;
			s->unit(s, units[i]);
		}
		access_unit_unref(units[i]);
	}
}

/* --- pictures, on the loop -------------------------------------------------------------- */

static void set_wants_jpeg(struct stream *stream)
{
	bool wants = stream->stills || stream->jpeg_subscribers;

	atomic_store(&stream->wants_jpeg, wants);
	if (wants && stream->still_fd >= 0)
		eventfd_write(stream->still_fd, 1);
}

void stream_set_still_fd(struct stream *stream, int fd)
{
	stream->still_fd = fd;
	set_wants_jpeg(stream);
}

/* The newest JPEG with a reference where it is of the picture that is current now. */
static struct shared_bytes *current_jpeg(struct stream *stream)
{
	struct shared_bytes *jpeg = NULL;
	uint64_t period_us;

	pthread_mutex_lock(&stream->lock);
	period_us = stream->status.rate_millihertz ? 1000000000u / stream->status.rate_millihertz
						   : 0;
	if (stream->jpeg && media_now_us() - stream->jpeg_us <= period_us)
		jpeg = shared_bytes_ref(stream->jpeg);
	pthread_mutex_unlock(&stream->lock);
	return jpeg;
}

void stream_still(struct stream *stream, struct still_request *request)
{
	struct shared_bytes *jpeg = current_jpeg(stream);

	if (jpeg) {
		request->done(request, jpeg, NULL);
		shared_bytes_unref(jpeg);
		return;
	}
	request->next = stream->stills;
	stream->stills = request;
	set_wants_jpeg(stream);
	refuse_stills(stream);
}

void stream_still_cancel(struct stream *stream, struct still_request *request)
{
	struct still_request **lists[] = { &stream->stills, &stream->answering };

	for (unsigned i = 0; i < RC_COUNT(lists); i++) {
		struct still_request **link = lists[i];

		while (*link && *link != request)
			link = &(*link)->next;
		if (*link)
			*link = request->next;
	}
	set_wants_jpeg(stream);
}

/* done() may cancel others that wait, and add some: those wait for the next picture. */
static void answer_stills(struct stream *stream, struct shared_bytes *jpeg,
			  const struct rc_error *err)
{
	stream->answering = stream->stills;
	stream->stills = NULL;
	while (stream->answering) {
		struct still_request *request = stream->answering;

		stream->answering = request->next;
		request->next = NULL;
		request->done(request, jpeg, err);
	}
	set_wants_jpeg(stream);
}

static void refuse_stills(struct stream *stream)
{
	struct rc_error err;
	bool possible;

	pthread_mutex_lock(&stream->lock);
	possible = stream->status.live && stream->status.has_pictures && !stream->jpeg_why[0];
	if (stream->jpeg_why[0])
		rc_fail(&err, RC_EIO, "no picture of \"%s\": %s", stream->name, stream->jpeg_why);
	else if (!stream->status.live)
		rc_fail(&err, RC_EIO, "no picture of \"%s\": %s", stream->name,
			stream->status.fault);
	else
		rc_fail(&err, RC_EUNSUPPORTED,
			"no picture of \"%s\": its source delivers coded video, which is not "
			"decoded "
			"here; name a command for stills (still = exec:COMMAND)",
			stream->name);
	stream->jpeg_why[0] = '\0';
	pthread_mutex_unlock(&stream->lock);
	if (!possible && stream->stills)
		answer_stills(stream, NULL, &err);
}

static void serve_jpeg(struct stream *stream)
{
	struct shared_bytes *jpeg = NULL;
	uint64_t captured_us = 0;

	pthread_mutex_lock(&stream->lock);
	if (stream->jpeg_fresh) {
		jpeg = shared_bytes_ref(stream->jpeg);
		captured_us = stream->jpeg_us;
		stream->jpeg_fresh = false;
	}
	pthread_mutex_unlock(&stream->lock);
	if (!jpeg)
		return;
	answer_stills(stream, jpeg, NULL);
	for (struct jpeg_subscriber *s = stream->jpeg_subscribers; s;
	     s = stream->next_jpeg_subscriber) {
		stream->next_jpeg_subscriber = s->next;
		s->picture(s, jpeg, captured_us);
	}
	shared_bytes_unref(jpeg);
}

void stream_subscribe_jpeg(struct stream *stream, struct jpeg_subscriber *subscriber)
{
	subscriber->next = stream->jpeg_subscribers;
	stream->jpeg_subscribers = subscriber;
	stream->jpeg_subscriber_count++;
	set_wants_jpeg(stream);
}

void stream_unsubscribe_jpeg(struct stream *stream, struct jpeg_subscriber *subscriber)
{
	struct jpeg_subscriber **link = &stream->jpeg_subscribers;

	while (*link && *link != subscriber)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = subscriber->next;
	if (stream->next_jpeg_subscriber == subscriber)
		stream->next_jpeg_subscriber = subscriber->next;
	stream->jpeg_subscriber_count--;
	set_wants_jpeg(stream);
}

/* --- what is known ---------------------------------------------------------------------- */

void stream_get_status(struct stream *stream, struct stream_status *status)
{
	pthread_mutex_lock(&stream->lock);
	*status = stream->status;
	if (stream->sets) {
		status->width = stream->sets->width;
		status->height = stream->sets->height;
	}
	pthread_mutex_unlock(&stream->lock);
	status->subscribers = stream->subscriber_count;
	status->jpeg_subscribers = stream->jpeg_subscriber_count;
}

struct parameter_sets *stream_parameter_sets(struct stream *stream)
{
	struct parameter_sets *sets;

	pthread_mutex_lock(&stream->lock);
	sets = stream->sets ? parameter_sets_ref(stream->sets) : NULL;
	pthread_mutex_unlock(&stream->lock);
	return sets;
}

/* --- the side of the source's thread ---------------------------------------------------- */

static void replace_sets(struct stream *stream, struct parameter_sets *sets)
{
	if (stream->sets == sets)
		return;
	parameter_sets_unref(stream->sets);
	stream->sets = parameter_sets_ref(sets);
}

static void drop_waiting(struct stream *stream)
{
	for (unsigned i = 0; i < stream->waiting_count; i++)
		access_unit_unref(stream->waiting[i]);
	stream->status.units_dropped += stream->waiting_count;
	stream->waiting_count = 0;
}

void stream_publish(struct stream *stream, struct access_unit *unit)
{
	pthread_mutex_lock(&stream->lock);
	replace_sets(stream, unit->sets);
	stream->status.units++;
	stream->status.last_unit_us = unit->captured_us;
	if (unit->key && stream->waiting_count >= STREAM_MAX_WAITING / 2)
		drop_waiting(stream);
	if (unit->key)
		stream->broken = false;
	else if (stream->waiting_count == STREAM_MAX_WAITING)
		stream->broken = true;
	if (stream->broken) {
		stream->status.units_dropped++;
		access_unit_unref(unit);
	} else {
		if (stream->waiting_count == STREAM_MAX_WAITING)
			drop_waiting(stream);
		stream->waiting[stream->waiting_count++] = unit;
	}
	pthread_mutex_unlock(&stream->lock);
	ev_async_send(stream->loop, &stream->wake);
}

void stream_publish_jpeg(struct stream *stream, struct shared_bytes *jpeg, uint64_t captured_us)
{
	pthread_mutex_lock(&stream->lock);
	shared_bytes_unref(stream->jpeg);
	stream->jpeg = jpeg;
	stream->jpeg_us = captured_us;
	stream->jpeg_fresh = true;
	pthread_mutex_unlock(&stream->lock);
	ev_async_send(stream->loop, &stream->wake);
}

void stream_publish_no_jpeg(struct stream *stream, const char *why)
{
	pthread_mutex_lock(&stream->lock);
	snprintf(stream->jpeg_why, sizeof(stream->jpeg_why), "%s", why);
	pthread_mutex_unlock(&stream->lock);
	ev_async_send(stream->loop, &stream->wake);
}

void stream_set_parameter_sets(struct stream *stream, struct parameter_sets *sets)
{
	pthread_mutex_lock(&stream->lock);
	replace_sets(stream, sets);
	pthread_mutex_unlock(&stream->lock);
}

void stream_set_state(struct stream *stream, const char *fault, bool has_pictures)
{
	pthread_mutex_lock(&stream->lock);
	stream->status.live = fault == NULL;
	stream->status.has_pictures = has_pictures;
	snprintf(stream->status.fault, sizeof(stream->status.fault), "%s", fault ? fault : "");
	pthread_mutex_unlock(&stream->lock);
	ev_async_send(stream->loop, &stream->wake);
}

void stream_set_rate(struct stream *stream, unsigned millihertz)
{
	pthread_mutex_lock(&stream->lock);
	stream->status.rate_millihertz = millihertz;
	pthread_mutex_unlock(&stream->lock);
}

bool stream_wants_units(const struct stream *stream)
{
	return atomic_load(&stream->wants_units);
}

bool stream_wants_jpeg(const struct stream *stream)
{
	return atomic_load(&stream->wants_jpeg);
}

bool stream_take_key_wish(struct stream *stream)
{
	return atomic_exchange(&stream->wants_key, false);
}
