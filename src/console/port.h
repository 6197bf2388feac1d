/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of PORT behind stream_open, and what those with a descriptor share. */
#ifndef RECAM_CONSOLE_PORT_H
#define RECAM_CONSOLE_PORT_H

#include "console/stream.h"

/* A stream with a file descriptor in non-blocking mode behind it. */
struct fd_stream {
	struct stream base;
	int fd;
};

/* stream_ops for such a descriptor; fd_close also frees. */
int fd_read(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
	    struct rc_error *err);
int fd_write(struct stream *stream, const uint8_t *data, size_t size, struct rc_error *err);
uint64_t fd_now_ms(struct stream *stream);
void fd_close(struct stream *stream);

/* A zeroed stream of size bytes, a struct fd_stream first, that owns fd (also on failure).
 * name is as the user gave it. */
int fd_stream_new(int fd, const char *name, size_t size, struct stream **stream,
		  struct rc_error *err);

/* name: the whole PORT, for messages; path, address: the part behind the kind. */
int serial_open(const char *name, const char *path, unsigned baud, struct stream **stream,
		struct rc_error *err);
int tcp_open(const char *name, const char *address, struct stream **stream, struct rc_error *err);
int unix_open(const char *name, const char *path, struct stream **stream, struct rc_error *err);

#endif
