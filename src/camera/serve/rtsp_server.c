/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/serve/rtsp_server.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "camera/serve/rtsp_connection.h"

enum { BACKLOG = 128, ACCEPTS_AT_ONCE = 32, RTCP_AT_ONCE = 64, IDLER_US = 3000000 };

/* --- connections ------------------------------------------------------------------------ */

static unsigned count_connections(const struct rtsp_server *server)
{
	unsigned count = 0;

	for (const struct rtsp_connection *c = server->connections; c; c = c->next)
		count++;
	return count;
}

/* Where all places are taken, one who has said nothing that opens a stream for some seconds makes
 * room: nobody keeps others out by holding connections. */
static bool make_room(struct rtsp_server *server)
{
	uint64_t oldest_us = media_now_us() - IDLER_US;
	struct rtsp_connection *oldest = NULL;

	for (struct rtsp_connection *c = server->connections; c; c = c->next) {
		if (c->state == RTSP_NO_SESSION && c->opened_us < oldest_us) {
			oldest_us = c->opened_us;
			oldest = c;
		}
	}
	if (oldest)
		rtsp_connection_close(oldest);
	return oldest != NULL;
}

static void refuse(const struct rtsp_listener *listener, int fd)
{
	static const char busy[] = "RTSP/1.0 503 Service Unavailable\r\nServer: recamd\r\n\r\n";

	listener->server->status.refused++;
	if (!listener->tls)
		send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void on_accept(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	struct rtsp_listener *listener = watcher->data;
	struct rtsp_server *server = listener->server;
	unsigned count = count_connections(server);
	struct rc_error err;

	for (unsigned i = 0; i < ACCEPTS_AT_ONCE; i++) {
		union rtp_address peer = { 0 };
		socklen_t size = sizeof(peer);
		int fd = accept4(listener->fd, &peer.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
			ev_io_stop(loop, watcher); /* the next tick tries again */
		if (fd < 0 && errno != ECONNABORTED && errno != EINTR)
			return;
		if (fd < 0)
			continue;
		if (count >= server->settings.max_clients && make_room(server))
			count--;
		if (count >= server->settings.max_clients ||
		    rtsp_connection_open(listener, fd, &peer, &err) < 0)
			refuse(listener, fd);
		else
			count++;
	}
}

/* --- UDP -------------------------------------------------------------------------------- */

/* Players send a packet from their RTP port to open a firewall's way; it says nothing. */
static void on_rtp(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	const struct rtsp_server *server = watcher->data;
	uint8_t nothing[16];

	for (unsigned i = 0; i < RTCP_AT_ONCE; i++)
		if (recv(server->udp.rtp_fd, nothing, sizeof(nothing), 0) < 0)
			return;
}

static struct rtsp_connection *find_udp(const struct rtsp_server *server,
					const union rtp_address *from)
{
	for (struct rtsp_connection *c = server->connections; c; c = c->next)
		if (c->state != RTSP_NO_SESSION && !c->transport.tcp &&
		    rtp_address_equal(&c->rtcp_to, from))
			return c;
	return NULL;
}

static void on_rtcp(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	struct rtsp_server *server = watcher->data;

	for (unsigned i = 0; i < RTCP_AT_ONCE; i++) {
		union rtp_address from = { 0 };
		socklen_t size = sizeof(from);
		uint8_t bytes[1500];
		struct rtsp_connection *c;
		ssize_t got = recvfrom(server->udp.rtcp_fd, bytes, sizeof(bytes), 0, &from.any,
				       &size);

		if (got < 0)
			return;
		c = find_udp(server, &from);
		if (c)
			rtsp_connection_rtcp(c, (struct rc_span){ bytes, (size_t)got });
	}
}

/* The socket of all UDP clients takes bytes again. */
static void on_udp_writable(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	struct rtsp_server *server = watcher->data;
	struct rtsp_connection *next;

	ev_io_stop(loop, watcher);
	for (struct rtsp_connection *c = server->connections; c; c = next) {
		next = c->next;
		if (!c->transport.tcp && c->sender.blocked_us && !rtp_sender_push(&c->sender))
			rtsp_connection_close(c);
	}
}

/* --- every second ----------------------------------------------------------------------- */

static void on_tick(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
	struct rtsp_server *server = watcher->data;
	uint64_t now = media_now_us();
	struct rtsp_connection *next;

	for (struct rtsp_connection *c = server->connections; c; c = next) {
		next = c->next;
		rtsp_connection_tick(c, now);
	}
	if (server->plain.fd >= 0)
		ev_io_start(loop, &server->plain.watcher);
	if (server->secure.fd >= 0)
		ev_io_start(loop, &server->secure.watcher);
}

/* --- opening and closing ---------------------------------------------------------------- */

static int open_tcp(uint16_t port, bool loopback_only, union rtp_address *bound)
{
	socklen_t size = sizeof(bound->v6);
	int fd = loopback_only ? -1
			       : socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int value = 0;

	memset(bound, 0, sizeof(*bound));
	if (fd >= 0) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof(value));
		bound->v6.sin6_family = AF_INET6;
		bound->v6.sin6_port = htons(port);
	} else {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		bound->v4.sin_family = AF_INET;
		bound->v4.sin_port = htons(port);
		bound->v4.sin_addr.s_addr = htonl(loopback_only ? INADDR_LOOPBACK : INADDR_ANY);
		size = sizeof(bound->v4);
	}
	if (fd < 0)
		return -1;
	value = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value));
	if (bind(fd, &bound->any, size) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, &bound->any, &size) < 0) {
		int failed = errno;

		close(fd);
		errno = failed;
		return -1;
	}
	return fd;
}

static int listen_on(struct rtsp_server *server, struct rtsp_listener *listener, uint16_t port,
		     bool tls, struct rc_error *err)
{
	union rtp_address bound;

	listener->server = server;
	listener->tls = tls;
	listener->fd = open_tcp(port, server->settings.loopback_only, &bound);
	if (listener->fd < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot listen for %s on port %u",
				     tls ? "RTSPS" : "RTSP", port);
	listener->port = ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port
							       : bound.v4.sin_port);
	ev_io_init(&listener->watcher, on_accept, listener->fd, EV_READ);
	listener->watcher.data = listener;
	ev_io_start(server->loop, &listener->watcher);
	return RC_OK;
}

static int open_sockets(struct rtsp_server *server, struct rc_error *err)
{
	const struct rtsp_settings *settings = &server->settings;
	int result = rtp_udp_open(&server->udp, settings->rtp_port, settings->loopback_only, err);

	if (result == RC_OK)
		result = listen_on(server, &server->plain, settings->port, false, err);
	if (result == RC_OK && settings->with_tls)
		result = listen_on(server, &server->secure, settings->tls_port, true, err);
	if (result < 0)
		return result;
	ev_io_init(&server->rtp_in, on_rtp, server->udp.rtp_fd, EV_READ);
	ev_io_init(&server->rtcp_in, on_rtcp, server->udp.rtcp_fd, EV_READ);
	ev_io_init(&server->udp_out, on_udp_writable, server->udp.rtp_fd, EV_WRITE);
	ev_timer_init(&server->tick, on_tick, 0.25, 1.0);
	server->rtp_in.data = server->rtcp_in.data = server->udp_out.data = server;
	server->tick.data = server;
	ev_io_start(server->loop, &server->rtp_in);
	ev_io_start(server->loop, &server->rtcp_in);
	ev_timer_start(server->loop, &server->tick);
	return RC_OK;
}

static int open_streams(struct rtsp_server *server, struct rc_error *err)
{
	uint32_t random[4];

	/* RFC 3550 5.1 and 9.1: nobody shall foresee what a stream begins with. */
	if (RAND_bytes((uint8_t *)random, sizeof(random)) != 1)
		return rc_fail(err, RC_EIO, "OpenSSL has no random numbers");
	rtp_stream_init(&server->streams[MEDIA_MAIN], media_stream_named(server->media, MEDIA_MAIN),
			random[0], random[1]);
	rtp_stream_init(&server->streams[MEDIA_SUB], media_stream_named(server->media, MEDIA_SUB),
			random[2], random[3]);
	return RC_OK;
}

int rtsp_server_open(struct ev_loop *loop, const struct rtsp_settings *settings,
		     const struct rtsp_access *access, struct media *media,
		     struct rtsp_server **server, struct rc_error *err)
{
	struct rtsp_server *s = calloc(1, sizeof(*s));
	int result;

	if (!s)
		return rc_fail_memory(err, sizeof(*s));
	s->loop = loop;
	s->settings = *settings;
	s->access = *access;
	s->media = media;
	s->plain.fd = s->secure.fd = s->udp.rtp_fd = s->udp.rtcp_fd = -1;
	if (!s->settings.max_clients)
		s->settings.max_clients = RTSP_MAX_CLIENTS;
	if (!s->settings.idle_seconds)
		s->settings.idle_seconds = 60;
	if (!s->settings.stalled_seconds)
		s->settings.stalled_seconds = 10;
	if (!s->settings.send_buffer)
		s->settings.send_buffer = RC_KIB(256);
	rtsp_server_set_tls(s, settings->tls);
	result = open_streams(s, err);
	if (result == RC_OK)
		result = open_sockets(s, err);
	if (result < 0) {
		rtsp_server_close(s);
		return result;
	}
	*server = s;
	return RC_OK;
}

void rtsp_server_close(struct rtsp_server *server)
{
	if (!server)
		return;
	while (server->connections)
		rtsp_connection_close(server->connections);
	ev_io_stop(server->loop, &server->rtp_in);
	ev_io_stop(server->loop, &server->rtcp_in);
	ev_io_stop(server->loop, &server->udp_out);
	ev_timer_stop(server->loop, &server->tick);
	ev_io_stop(server->loop, &server->plain.watcher);
	ev_io_stop(server->loop, &server->secure.watcher);
	if (server->plain.fd >= 0)
		close(server->plain.fd);
	if (server->secure.fd >= 0)
		close(server->secure.fd);
	rtp_udp_close(&server->udp);
	SSL_CTX_free(server->tls);
	free(server);
}

void rtsp_server_set_tls(struct rtsp_server *server, SSL_CTX *tls)
{
	if (tls)
		SSL_CTX_up_ref(tls);
	SSL_CTX_free(server->tls);
	server->tls = tls;
}

uint16_t rtsp_server_port(const struct rtsp_server *server, bool tls)
{
	const struct rtsp_listener *listener = tls ? &server->secure : &server->plain;

	return listener->fd >= 0 ? listener->port : 0;
}

void rtsp_server_drop_user(struct rtsp_server *server, const char *user)
{
	struct rtsp_connection *next;

	for (struct rtsp_connection *c = server->connections; c; c = next) {
		next = c->next;
		if (strcmp(c->user, user) == 0)
			rtsp_connection_close(c);
	}
}

void rtsp_server_get_status(const struct rtsp_server *server, struct rtsp_status *status)
{
	*status = server->status;
	status->connections = status->playing_udp = status->playing_tcp = 0;
	for (const struct rtsp_connection *c = server->connections; c; c = c->next) {
		status->connections++;
		if (c->state == RTSP_PLAYING && c->transport.tcp)
			status->playing_tcp++;
		else if (c->state == RTSP_PLAYING)
			status->playing_udp++;
	}
}
