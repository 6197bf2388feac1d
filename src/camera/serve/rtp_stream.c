/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/serve/rtp_stream.h"

#include "camera/media/media.h"

static struct rtp_frame *frame_at(const struct rtp_stream *rtp, uint64_t number)
{
	return rtp->window[number % RTP_WINDOW_FRAMES];
}

static void drop_first(struct rtp_stream *rtp)
{
	struct rtp_frame **slot = &rtp->window[rtp->first++ % RTP_WINDOW_FRAMES];

	rtp->window_bytes -= (*slot)->bytes;
	rtp_frame_unref(*slot);
	*slot = NULL;
}

static void ask_key_now(struct rtp_stream *rtp)
{
	uint64_t now = media_now_us();

	if (!rtp->wants_key || now < rtp->key_asked_us + RTP_KEY_PAUSE_US)
		return;
	rtp->wants_key = false;
	rtp->key_asked_us = now;
	stream_ask_key(rtp->stream);
}

void rtp_stream_ask_key(struct rtp_stream *rtp)
{
	rtp->wants_key = true;
	ask_key_now(rtp);
}

uint32_t rtp_stream_timestamp(const struct rtp_stream *rtp, uint64_t monotonic_us)
{
	return (uint32_t)(monotonic_us * 9 / 100) + rtp->timestamp_offset;
}

static struct rtp_frame *add_frame(struct rtp_stream *rtp, struct access_unit *unit)
{
	struct rtp_numbers numbers = { rtp->ssrc, rtp->next_sequence,
				       (uint32_t)unit->pts_90k + rtp->timestamp_offset };
	struct rtp_frame *frame = rtp_frame_new(unit, &numbers);

	if (!frame)
		return NULL;
	rtp->next_sequence = (uint16_t)(rtp->next_sequence + frame->packet_count);
	while (rtp->first < rtp->next && (rtp->next - rtp->first >= RTP_WINDOW_FRAMES ||
					  rtp->window_bytes + frame->bytes > RTP_WINDOW_BYTES))
		drop_first(rtp);
	frame->number = rtp->next++;
	rtp->window[frame->number % RTP_WINDOW_FRAMES] = frame;
	rtp->window_bytes += frame->bytes;
	return frame;
}

static void on_unit(struct stream_subscriber *subscriber, struct access_unit *unit)
{
	struct rtp_stream *rtp = (struct rtp_stream *)((char *)subscriber -
						       offsetof(struct rtp_stream, subscriber));

	if (!add_frame(rtp, unit))
		return;
	if (unit->key)
		rtp->wants_key = false;
	else
		ask_key_now(rtp);
	for (struct rtp_sender *s = rtp->senders; s; s = rtp->next_sender) {
		rtp->next_sender = s->next;
		/* One that is blocked is told by its socket. */
		if (!s->blocked_us && !rtp_sender_push(s))
			s->broke(s);
	}
}

void rtp_stream_init(struct rtp_stream *rtp, struct stream *stream, uint32_t ssrc,
		     uint32_t timestamp_offset)
{
	*rtp = (struct rtp_stream){ .stream = stream,
				    .subscriber.unit = on_unit,
				    .ssrc = ssrc,
				    .timestamp_offset = timestamp_offset,
				    .next_sequence = (uint16_t)(ssrc ^ timestamp_offset) };
}

void rtp_stream_end(struct rtp_stream *rtp)
{
	while (rtp->first < rtp->next)
		drop_first(rtp);
}

/* --- senders ---------------------------------------------------------------------------- */

void rtp_sender_play(struct rtp_sender *sender, struct rtp_stream *stream)
{
	sender->stream = stream;
	sender->cursor = stream->next;
	sender->waits_for_key = true;
	sender->started = false;
	if (!stream->senders)
		stream_subscribe(stream->stream, &stream->subscriber);
	sender->next = stream->senders;
	stream->senders = sender;
	rtp_stream_ask_key(stream);
}

void rtp_sender_pause(struct rtp_sender *sender)
{
	struct rtp_stream *stream = sender->stream;
	struct rtp_sender **link;

	if (!stream)
		return;
	for (link = &stream->senders; *link && *link != sender; link = &(*link)->next)
		;
	if (*link)
		*link = sender->next;
	if (stream->next_sender == sender)
		stream->next_sender = sender->next;
	sender->stream = NULL;
	if (!stream->senders) {
		stream_unsubscribe(stream->stream, &stream->subscriber);
		rtp_stream_end(stream);
	}
}

void rtp_sender_end(struct rtp_sender *sender)
{
	rtp_sender_pause(sender);
	rtp_frame_unref(sender->current);
	sender->current = NULL;
	sender->blocked_us = 0;
}

static void skip_to_key(struct rtp_sender *sender)
{
	sender->waits_for_key = true;
	sender->skips++;
	rtp_stream_ask_key(sender->stream);
}

/* The newest key frame from the cursor on, or UINT64_MAX. */
static uint64_t newest_key(const struct rtp_stream *stream, uint64_t cursor)
{
	uint64_t from = cursor > stream->first ? cursor : stream->first;

	for (uint64_t number = stream->next; number > from; number--)
		if (frame_at(stream, number - 1)->key)
			return number - 1;
	return UINT64_MAX;
}

/* Where it hangs back, and could go on with a newer picture, it does. */
static void catch_up(struct rtp_sender *sender)
{
	const struct rtp_stream *stream = sender->stream;
	const struct rtp_frame *frame;
	uint64_t key;

	if (sender->cursor < stream->first) {
		skip_to_key(sender);
		return;
	}
	if (sender->cursor + 1 >= stream->next)
		return;
	frame = frame_at(stream, sender->cursor);
	if (frame->unit->captured_us + RTP_LAG_US > media_now_us())
		return;
	key = newest_key(stream, sender->cursor + 1);
	if (key != UINT64_MAX) {
		sender->cursor = key;
		sender->skips++;
	}
}

static bool take_next(struct rtp_sender *sender)
{
	struct rtp_stream *stream = sender->stream;

	if (!stream)
		return false;
	if (!sender->waits_for_key)
		catch_up(sender);
	if (sender->waits_for_key) {
		uint64_t key = newest_key(stream, sender->cursor);

		if (key == UINT64_MAX) {
			sender->cursor = stream->next;
			return false;
		}
		sender->cursor = key;
		sender->waits_for_key = false;
	}
	if (sender->cursor == stream->next)
		return false;
	sender->current = rtp_frame_ref(frame_at(stream, sender->cursor++));
	sender->position = (struct rtp_position){ 0 };
	if (!sender->started) {
		sender->started = true;
		sender->starts(sender, sender->current);
	}
	return true;
}

bool rtp_sender_push(struct rtp_sender *sender)
{
	while (sender->current || take_next(sender)) {
		struct rtp_frame *frame = sender->current;
		struct rtp_position before = sender->position;
		enum rtp_sent sent = sender->send(sender, frame, &sender->position);

		if (sent == RTP_BROKEN)
			return false;
		if (sent == RTP_BLOCKED) {
			if (!sender->blocked_us || before.packet != sender->position.packet ||
			    before.offset != sender->position.offset)
				sender->blocked_us = media_now_us();
			return true;
		}
		sender->blocked_us = 0;
		sender->packets += frame->packet_count;
		sender->octets += (uint32_t)(frame->bytes -
					     (size_t)frame->packet_count * RTP_HEADER);
		sender->bytes += frame->bytes;
		rtp_frame_unref(frame);
		sender->current = NULL;
	}
	sender->blocked_us = 0;
	return true;
}
