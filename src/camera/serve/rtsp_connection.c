/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/serve/rtsp_connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "camera/media/media.h"
#include "camera/serve/rtcp.h"

static void on_readable(struct ev_loop *loop, struct ev_io *watcher, int events);
static void on_writable(struct ev_loop *loop, struct ev_io *watcher, int events);

static void mark_broken(struct rtsp_connection *c)
{
	c->broken = true;
	/* Whoever stands above may still use it: it is closed from the loop. */
	ev_feed_event(c->server->loop, &c->out, EV_WRITE);
}

/* --- sending ---------------------------------------------------------------------------- */

/* Answers (and reports inside TCP). False: broken. */
static bool flush_output(struct rtsp_connection *c)
{
	while (c->output_sent < c->output.size) {
		struct iovec part = { c->output.data + c->output_sent,
				      c->output.size - c->output_sent };
		ssize_t sent = rtsp_put(c, &part, 1);

		if (sent == RTSP_WOULD_BLOCK)
			return true;
		if (sent < 0)
			return false;
		c->output_sent += (size_t)sent;
	}
	c->output.size = c->output_sent = 0;
	return !c->output.failed;
}

static struct rtsp_connection *of_sender(struct rtp_sender *sender)
{
	return (struct rtsp_connection *)((char *)sender -
					  offsetof(struct rtsp_connection, sender));
}

enum { MAX_PACKETS = 64 }; /* in one call */

/* The rest of a frame from position as it goes over TCP; returns the number of parts. */
static unsigned fill_parts(const struct rtsp_connection *c, const struct rtp_frame *frame,
			   const struct rtp_position *position, struct iovec parts[3 * MAX_PACKETS],
			   uint8_t prefixes[MAX_PACKETS][2])
{
	size_t skip = position->offset;
	unsigned count = 0;

	for (unsigned i = 0; i < MAX_PACKETS && position->packet + i < frame->packet_count; i++) {
		const struct rtp_packet *packet = &frame->packets[position->packet + i];
		/* The head's own prefix is for channel 0; '$' and another channel go before it. */
		struct iovec pieces[3] = {
			{ prefixes[i], 2 },
			{ (void *)(packet->head + 2), RTP_PREFIX - 2u + packet->head_size },
			{ (void *)packet->payload, packet->payload_size },
		};
		unsigned first = 0;

		prefixes[i][0] = '$';
		prefixes[i][1] = c->transport.channels[0];
		if (c->transport.channels[0] == 0) {
			pieces[1] = (struct iovec){ (void *)packet->head,
						    RTP_PREFIX + (size_t)packet->head_size };
			first = 1;
		}
		for (unsigned p = first; p < 3; p++) {
			size_t gone = skip < pieces[p].iov_len ? skip : pieces[p].iov_len;

			skip -= gone;
			if (gone == pieces[p].iov_len)
				continue;
			parts[count++] = (struct iovec){ (uint8_t *)pieces[p].iov_base + gone,
							 pieces[p].iov_len - gone };
		}
	}
	return count;
}

static void advance(const struct rtp_frame *frame, struct rtp_position *position, size_t sent)
{
	while (sent) {
		size_t size = RTP_PREFIX + rtp_packet_size(&frame->packets[position->packet]);

		if (position->offset + sent < size) {
			position->offset += sent;
			return;
		}
		sent -= size - position->offset;
		position->offset = 0;
		position->packet++;
	}
}

/* Answers go between two frames, and not into one. */
static bool inside_frame(const struct rtsp_connection *c)
{
	return c->transport.tcp && c->sender.current &&
	       (c->sender.position.packet || c->sender.position.offset || c->retries_media);
}

static enum rtp_sent send_tcp(struct rtp_sender *sender, const struct rtp_frame *frame,
			      struct rtp_position *position)
{
	struct rtsp_connection *c = of_sender(sender);
	uint8_t prefixes[MAX_PACKETS][2];
	struct iovec parts[3 * MAX_PACKETS];

	if (!inside_frame(c)) {
		if (!flush_output(c))
			return RTP_BROKEN;
		if (c->output.size)
			return RTP_BLOCKED;
	}
	while (position->packet < frame->packet_count) {
		unsigned count = fill_parts(c, frame, position, parts, prefixes);
		ssize_t sent = rtsp_put(c, parts, count);

		c->retries_media = sent == RTSP_WOULD_BLOCK && c->ssl;
		if (sent == RTSP_WOULD_BLOCK)
			return RTP_BLOCKED;
		if (sent < 0)
			return RTP_BROKEN;
		advance(frame, position, (size_t)sent);
	}
	return RTP_SENT;
}

static enum rtp_sent send_frame(struct rtp_sender *sender, const struct rtp_frame *frame,
				struct rtp_position *position)
{
	struct rtsp_connection *c = of_sender(sender);
	enum rtp_sent sent;

	if (c->transport.tcp)
		return send_tcp(sender, frame, position);
	sent = rtp_udp_send(&c->server->udp, &c->rtp_to, frame, position);
	if (sent == RTP_BLOCKED)
		ev_io_start(c->server->loop, &c->server->udp_out);
	return sent;
}

static void on_start(struct rtp_sender *sender, const struct rtp_frame *frame)
{
	struct rtsp_connection *c = of_sender(sender);

	if (c->state != RTSP_STARTING)
		return;
	rtsp_answer_play(c, frame);
	if (!c->transport.tcp && !flush_output(c))
		mark_broken(c);
	/* Requests behind the PLAY were held back. */
	ev_feed_event(c->server->loop, &c->in, EV_READ);
}

static void on_broke(struct rtp_sender *sender)
{
	rtsp_connection_close(of_sender(sender));
}

void rtsp_connection_flush(struct rtsp_connection *c)
{
	bool whole = true;

	if (c->transport.tcp && (c->sender.current || c->sender.stream))
		whole = rtp_sender_push(&c->sender);
	if (whole && !inside_frame(c))
		whole = flush_output(c);
	if (!whole)
		mark_broken(c);
}

/* --- receiving -------------------------------------------------------------------------- */

void rtsp_connection_rtcp(struct rtsp_connection *c, struct rc_span bytes)
{
	struct rtcp_answer answer;

	if (!c->stream)
		return;
	rtcp_read(bytes, c->stream->ssrc, &answer);
	if (answer.alive)
		c->seen_us = media_now_us();
	if (answer.wants_key && c->state == RTSP_PLAYING)
		rtp_stream_ask_key(c->stream);
}

static void take_interleaved(struct rtsp_connection *c, struct rc_span bytes)
{
	if (c->state != RTSP_NO_SESSION && c->transport.tcp &&
	    bytes.data[1] == c->transport.channels[1])
		rtsp_connection_rtcp(c, rc_span_sub(bytes, 4, bytes.size));
}

static void consume(struct rtsp_connection *c, size_t size)
{
	c->input_size -= size;
	memmove(c->input, c->input + size, c->input_size);
}

/* One thing of the input; false: more bytes are needed first, or something else happens. */
static bool take_one(struct rtsp_connection *c)
{
	struct rc_span input = { c->input, c->input_size };
	struct rtsp_request request;
	size_t used;

	if (c->closing || c->broken || c->state == RTSP_STARTING)
		return false;
	switch (rtsp_next(input, &request, &used)) {
	case RTSP_NEXT_REQUEST:
		rtsp_handle(c, &request);
		consume(c, used);
		c->closing |= c->output.size - c->output_sent > RTSP_MAX_OUTPUT;
		return true;
	case RTSP_NEXT_INTERLEAVED:
		if (used <= c->input_size) {
			const uint8_t *dollar = memchr(c->input, '$', used);

			take_interleaved(
				c, (struct rc_span){ dollar, (size_t)(c->input + used - dollar) });
			consume(c, used);
			return true;
		}
		if (used > sizeof(c->input)) {
			c->skip = used - c->input_size;
			c->input_size = 0;
		}
		return false;
	case RTSP_NEXT_BAD:
		rc_text_add(&c->output, "RTSP/1.0 400 Bad Request\r\nServer: recamd\r\n\r\n");
		c->closing = true;
		return false;
	default:
		return false;
	}
}

static void skip_input(struct rtsp_connection *c)
{
	size_t size = c->skip < c->input_size ? c->skip : c->input_size;

	c->skip -= size;
	consume(c, size);
}

/* Reads until nothing is there, or a request must wait for its answer. False: over. */
static bool receive(struct rtsp_connection *c)
{
	while (c->state != RTSP_STARTING && !c->closing) {
		size_t room = sizeof(c->input) - c->input_size;
		ssize_t got;

		if (room == 0)
			return true;
		got = rtsp_get(c, c->input + c->input_size, room);
		if (got == RTSP_WOULD_BLOCK)
			return true;
		if (got <= 0)
			return false;
		c->input_size += (size_t)got;
		skip_input(c);
		while (take_one(c))
			;
	}
	return true;
}

static void on_readable(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	struct rtsp_connection *c = watcher->data;
	bool alive = rtsp_handshake(c);

	if (alive && (!c->ssl || c->handshaken)) {
		while (take_one(c)) /* what was held back */
			;
		alive = receive(c);
	}
	if (!alive) {
		rtsp_connection_close(c);
		return;
	}
	/* While PLAY waits, the rest waits in the kernel. */
	if (c->state == RTSP_STARTING)
		ev_io_stop(loop, &c->in);
	else
		ev_io_start(loop, &c->in);
	rtsp_connection_flush(c);
	if (c->closing && !c->output.size)
		rtsp_connection_close(c);
}

static void on_writable(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	struct rtsp_connection *c = watcher->data;

	ev_io_stop(loop, &c->out);
	if (!c->broken && !rtsp_handshake(c))
		c->broken = true;
	if (!c->broken)
		rtsp_connection_flush(c);
	if (c->broken || (c->closing && !c->output.size))
		rtsp_connection_close(c);
}

/* --- life ------------------------------------------------------------------------------- */

static bool start_tls(struct rtsp_connection *c)
{
	c->ssl = SSL_new(c->server->tls);
	if (!c->ssl)
		return false;
	SSL_set_mode(c->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				     SSL_MODE_RELEASE_BUFFERS);
	SSL_set_options(c->ssl, SSL_OP_NO_RENEGOTIATION);
	return SSL_set_fd(c->ssl, c->fd) == 1;
}

static void set_socket(int fd, unsigned send_buffer)
{
	int value = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value));
	value = (int)send_buffer;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, sizeof(value));
}

int rtsp_connection_open(struct rtsp_listener *listener, int fd, const union rtp_address *peer,
			 struct rc_error *err)
{
	struct rtsp_server *server = listener->server;
	struct rtsp_connection *c = calloc(1, sizeof(*c));
	socklen_t size = sizeof(c->local);

	if (!c)
		return rc_fail_memory(err, sizeof(*c));
	c->server = server;
	c->fd = fd;
	c->peer = *peer;
	getsockname(fd, &c->local.any, &size);
	c->opened_us = c->seen_us = media_now_us();
	c->sender.send = send_frame;
	c->sender.starts = on_start;
	c->sender.broke = on_broke;
	set_socket(fd, server->settings.send_buffer);
	if (listener->tls && !start_tls(c)) {
		SSL_free(c->ssl);
		free(c);
		return rc_fail(err, RC_ENOMEM, "no TLS for a connection");
	}
	c->next = server->connections;
	if (c->next)
		c->next->previous = c;
	server->connections = c;
	ev_io_init(&c->in, on_readable, fd, EV_READ);
	ev_io_init(&c->out, on_writable, fd, EV_WRITE);
	c->in.data = c->out.data = c;
	ev_io_start(server->loop, &c->in);
	return RC_OK;
}

void rtsp_connection_close(struct rtsp_connection *c)
{
	struct rtsp_server *server = c->server;

	rtp_sender_end(&c->sender);
	ev_clear_pending(server->loop, &c->in);
	ev_clear_pending(server->loop, &c->out);
	ev_io_stop(server->loop, &c->in);
	ev_io_stop(server->loop, &c->out);
	if (c->previous)
		c->previous->next = c->next;
	else
		server->connections = c->next;
	if (c->next)
		c->next->previous = c->previous;
	if (c->ssl && c->handshaken && !c->broken)
		SSL_shutdown(c->ssl);
	SSL_free(c->ssl);
	ERR_clear_error();
	close(c->fd);
	rc_text_free(&c->output);
	free(c);
}

static uint64_t unix_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void send_report(struct rtsp_connection *c, uint64_t now)
{
	struct rtcp_sender report = {
		.ssrc = c->stream->ssrc,
		.timestamp = rtp_stream_timestamp(c->stream, now),
		.unix_us = unix_now_us(),
		.packets = c->sender.packets,
		.octets = c->sender.octets,
	};
	uint8_t bytes[4 + RTCP_MAX_REPORT];
	size_t size = rtcp_put_report(bytes + 4, &report, false);

	if (!c->transport.tcp) {
		sendto(c->server->udp.rtcp_fd, bytes + 4, size, MSG_NOSIGNAL, &c->rtcp_to.any,
		       rtp_address_size(&c->rtcp_to));
		return;
	}
	bytes[0] = '$';
	bytes[1] = c->transport.channels[1];
	bytes[2] = 0;
	bytes[3] = (uint8_t)size;
	rc_text_add_bytes(&c->output, (const char *)bytes, size + 4);
	rtsp_connection_flush(c);
}

static bool is_over(struct rtsp_connection *c, uint64_t now)
{
	uint64_t silent = now - c->seen_us;
	unsigned idle = c->server->settings.idle_seconds;
	unsigned stalled = c->server->settings.stalled_seconds;

	if (c->sender.blocked_us && now - c->sender.blocked_us > stalled * 1000000ull) {
		c->server->status.dropped++;
		rc_log_detail("rtsp: a client took nothing for %u s and was dropped", stalled);
		return true;
	}
	if (c->state == RTSP_NO_SESSION)
		return silent > RTSP_SILENT_SECONDS * 1000000ull;
	/* Some grace: players say that they are there just in time. */
	return silent > (idle + 5) * 1000000ull;
}

void rtsp_connection_tick(struct rtsp_connection *c, uint64_t now)
{
	/* Over TCP, taking the picture is a sign of life. */
	if (c->transport.tcp && c->sender.bytes != c->bytes_seen)
		c->seen_us = now;
	c->server->status.bytes += c->sender.bytes - c->bytes_seen;
	c->server->status.skips += c->sender.skips - c->skips_seen;
	c->bytes_seen = c->sender.bytes;
	c->skips_seen = c->sender.skips;
	if (c->state == RTSP_STARTING && now > c->play.asked_us + RTSP_START_US) {
		rtsp_answer_play(c, NULL);
		rtsp_connection_flush(c);
		ev_feed_event(c->server->loop, &c->in, EV_READ);
	}
	if (c->state == RTSP_PLAYING && now >= c->next_report_us) {
		c->next_report_us = now + RTSP_REPORT_SECONDS * 1000000ull;
		send_report(c, now);
	}
	if (is_over(c, now))
		rtsp_connection_close(c);
}
