/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "console/port.h"

#define DEFAULT_BAUD 115200u
/* termios2 takes any number; no adapter goes beyond this. */
#define MAX_BAUD 12000000u
/* A line that takes no byte for so long is not connected to anything that runs. */
#define WRITE_TIMEOUT_MS 10000

uint64_t fd_now_ms(struct stream *stream)
{
	struct timespec now;

	(void)stream;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static int fail_gone(struct stream *stream, struct rc_error *err)
{
	return rc_fail(err, RC_ESTOPPED,
		       "the line %s is gone (the adapter was pulled, or the other side closed it): "
		       "connect it again and run the same command once more",
		       stream->name);
}

/* 1: ready, 0: the time is over, negative: poll failed. */
static int wait_for(struct stream *stream, short events, uint64_t deadline, struct rc_error *err)
{
	struct pollfd item = { .fd = ((struct fd_stream *)stream)->fd, .events = events };

	for (;;) {
		uint64_t now = fd_now_ms(stream);
		int ready = poll(&item, 1, deadline > now ? (int)(deadline - now) : 0);

		if (ready > 0)
			return 1;
		if (ready == 0)
			return 0;
		if (errno != EINTR)
			return rc_fail_errno(err, RC_EIO, errno, "cannot wait for %s",
					     stream->name);
	}
}

static bool nothing_now(int errnum)
{
	return errnum == EAGAIN || errnum == EINTR;
}

int fd_read(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
	    struct rc_error *err)
{
	uint64_t deadline = fd_now_ms(stream) + timeout_ms;

	for (;;) {
		int ready = wait_for(stream, POLLIN, deadline, err);
		ssize_t got;

		if (ready <= 0)
			return ready;
		got = read(((struct fd_stream *)stream)->fd, out, size);
		if (got > 0)
			return (int)got;
		/* A pulled USB adapter reads as end of file or EIO, as does a closed
		 * pseudo-terminal. */
		if (got == 0 || !nothing_now(errno))
			return fail_gone(stream, err);
	}
}

/* Without the signal that a write to a socket closed at its other end raises. */
static ssize_t write_quietly(int fd, const uint8_t *data, size_t size)
{
	ssize_t put = send(fd, data, size, MSG_NOSIGNAL);

	return put < 0 && errno == ENOTSOCK ? write(fd, data, size) : put;
}

int fd_write(struct stream *stream, const uint8_t *data, size_t size, struct rc_error *err)
{
	while (size > 0) {
		int ready = wait_for(stream, POLLOUT, fd_now_ms(stream) + WRITE_TIMEOUT_MS, err);
		ssize_t put;

		if (ready < 0)
			return ready;
		if (ready == 0)
			return rc_fail(err, RC_ETIMEOUT,
				       "%s took no byte for %d s: something else holds the line, "
				       "or the adapter hangs; plug it in anew",
				       stream->name, WRITE_TIMEOUT_MS / 1000);
		put = write_quietly(((struct fd_stream *)stream)->fd, data, size);
		if (put < 0 && nothing_now(errno))
			continue;
		if (put <= 0)
			return fail_gone(stream, err);
		data += put;
		size -= (size_t)put;
	}
	return 0;
}

void fd_close(struct stream *stream)
{
	close(((struct fd_stream *)stream)->fd);
	free(stream);
}

static const struct stream_ops fd_ops = {
	.read = fd_read,
	.write = fd_write,
	.now_ms = fd_now_ms,
	.close = fd_close,
};

int fd_stream_new(int fd, const char *name, size_t size, struct stream **stream,
		  struct rc_error *err)
{
	struct fd_stream *made = calloc(1, size);

	if (!made) {
		close(fd);
		return rc_fail_memory(err, size);
	}
	if (fcntl(fd, F_SETFL, O_NONBLOCK)) {
		int result = rc_fail_errno(err, RC_EIO, errno, "cannot use %s", name);

		close(fd);
		free(made);
		return result;
	}
	made->base.ops = &fd_ops;
	snprintf(made->base.name, sizeof(made->base.name), "%s", name);
	made->fd = fd;
	*stream = &made->base;
	return 0;
}

/* Takes "?baud=N" off the end of address. */
static int split_baud(const char *port, char *address, unsigned *baud, bool *given,
		      struct rc_error *err)
{
	char *query = strchr(address, '?');
	uint64_t value;

	*baud = DEFAULT_BAUD;
	*given = query != NULL;
	if (!query)
		return 0;
	*query++ = '\0';
	if (strncmp(query, "baud=", 5) != 0)
		return rc_fail(err, RC_EUSAGE,
			       "\"%s\" in %s is not known: a port takes baud=N only, as in "
			       "/dev/ttyUSB0?baud=115200",
			       query, port);
	if (!rc_parse_number(query + 5, MAX_BAUD, &value) || value < 50)
		return rc_fail(err, RC_EUSAGE,
			       "\"%s\" in %s is no speed: give bits per second, 50 to %u, as in "
			       "baud=115200",
			       query + 5, port, MAX_BAUD);
	*baud = (unsigned)value;
	return 0;
}

static int open_kind(const char *port, char *address, struct stream **stream, struct rc_error *err)
{
	unsigned baud;
	bool baud_given;
	int result = split_baud(port, address, &baud, &baud_given, err);
	bool tcp = strncmp(address, "tcp:", 4) == 0;
	bool local = strncmp(address, "unix:", 5) == 0;

	if (result)
		return result;
	if ((tcp || local) && baud_given)
		return rc_fail(err, RC_EUSAGE,
			       "a socket has no speed: leave ?baud= off %s, and set it where the "
			       "serial line is",
			       port);
	if (tcp)
		return tcp_open(port, address + 4, stream, err);
	if (local)
		return unix_open(port, address + 5, stream, err);
	return serial_open(port, address, baud, stream, err);
}

int stream_open(const char *port, struct stream **stream, struct rc_error *err)
{
	char *address = strdup(port);
	int result;

	*stream = NULL;
	if (!address)
		return rc_fail_memory(err, strlen(port) + 1);
	result = open_kind(port, address, stream, err);
	free(address);
	return result;
}

int stream_read(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
		struct rc_error *err)
{
	int got = stream->ops->read(stream, out, size, timeout_ms, err);

	if (got <= 0)
		return got;
	stream->bytes_in += (uint64_t)got;
	stream->turns += stream->said;
	stream->said = false;
	return got;
}

int stream_write(struct stream *stream, const void *data, size_t size, struct rc_error *err)
{
	int result = stream->ops->write(stream, data, size, err);

	if (result)
		return result;
	stream->bytes_out += size;
	stream->said = true;
	return 0;
}

uint64_t stream_now_ms(struct stream *stream)
{
	return stream->ops->now_ms(stream);
}

int stream_set_baud(struct stream *stream, unsigned baud, struct rc_error *err)
{
	int result;

	if (!stream->ops->set_baud)
		return rc_fail(err, RC_EUNSUPPORTED, "the speed of %s cannot be changed from here",
			       stream->name);
	result = stream->ops->set_baud(stream, baud, err);
	if (result == 0)
		stream->baud = baud;
	return result;
}

void stream_close(struct stream *stream)
{
	if (stream)
		stream->ops->close(stream);
}
