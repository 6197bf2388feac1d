/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a connection, in the clear or inside TLS. */
#include <errno.h>
#include <string.h>

#include "camera/serve/rtsp_connection.h"

static void wait_writable(struct rtsp_connection *c)
{
	ev_io_start(c->server->loop, &c->out);
}

/* What an unsuccessful TLS call wants. */
static ssize_t tls_failed(struct rtsp_connection *c, int result)
{
	int error = SSL_get_error(c->ssl, result);

	ERR_clear_error();
	if (error == SSL_ERROR_WANT_WRITE)
		wait_writable(c);
	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? RTSP_WOULD_BLOCK
									     : RTSP_IO_BROKEN;
}

static ssize_t tls_write(struct rtsp_connection *c, const struct iovec *parts, unsigned count)
{
	/* One TLS record; only while this function runs. Called again after RTSP_WOULD_BLOCK, it
	 * gathers the same bytes again, as OpenSSL asks. */
	static uint8_t record[16384];
	size_t size = 0;
	int result;

	for (unsigned i = 0; i < count && size < sizeof(record); i++) {
		size_t part = parts[i].iov_len;

		if (part > sizeof(record) - size)
			part = sizeof(record) - size;
		memcpy(record + size, parts[i].iov_base, part);
		size += part;
	}
	ERR_clear_error();
	result = SSL_write(c->ssl, record, (int)size);
	return result > 0 ? result : tls_failed(c, result);
}

ssize_t rtsp_put(struct rtsp_connection *c, struct iovec *parts, unsigned count)
{
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
	ssize_t sent;

	if (c->ssl)
		return c->handshaken ? tls_write(c, parts, count) : RTSP_WOULD_BLOCK;
	do {
		sent = sendmsg(c->fd, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS)) {
		wait_writable(c);
		return RTSP_WOULD_BLOCK;
	}
	return sent < 0 ? RTSP_IO_BROKEN : sent;
}

ssize_t rtsp_get(struct rtsp_connection *c, void *to, size_t room)
{
	ssize_t got;

	if (c->ssl) {
		int result;

		ERR_clear_error();
		result = SSL_read(c->ssl, to, (int)room);
		return result > 0 ? result : tls_failed(c, result);
	}
	do {
		got = recv(c->fd, to, room, 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? RTSP_WOULD_BLOCK : RTSP_IO_BROKEN;
	return got;
}

bool rtsp_handshake(struct rtsp_connection *c)
{
	int result;

	if (!c->ssl || c->handshaken)
		return true;
	ERR_clear_error();
	result = SSL_accept(c->ssl);
	c->handshaken = result == 1;
	return c->handshaken || tls_failed(c, result) == RTSP_WOULD_BLOCK;
}
