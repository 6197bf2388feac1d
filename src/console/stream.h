/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line to a camera's console: serial device, pseudo-terminal, socket, or a twin
 * in this process. Bytes only; what they mean is for those above.
 */
#ifndef RECAM_CONSOLE_STREAM_H
#define RECAM_CONSOLE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct stream;

struct stream_ops {
	/* Bytes read (1..size), 0 when timeout_ms passed without one, or a negative
	 * rc_status: RC_ESTOPPED where the line was closed or the device pulled. */
	int (*read)(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
		    struct rc_error *err);
	/* All of it, or a negative rc_status. */
	int (*write)(struct stream *stream, const uint8_t *data, size_t size, struct rc_error *err);
	/* Milliseconds on the clock that timeouts count in: the wall's on a real line,
	 * the camera's own on a twin. */
	uint64_t (*now_ms)(struct stream *stream);
	void (*close)(struct stream *stream); /* frees stream */
	/* Another speed, once all that was written is sent. NULL: it has only one. */
	int (*set_baud)(struct stream *stream, unsigned baud, struct rc_error *err);
};

/* Base of every kind of stream; they embed it first. */
struct stream {
	const struct stream_ops *ops;
	char name[128];               /* as the user gave it, for messages */
	uint64_t bytes_in, bytes_out; /* moved so far: byte counts that tests and ETAs use */
	/* How often something was heard after something was said: each time costs what the
	 * adapter waits before it passes on what came (16 ms on an FTDI as it is sold). */
	uint64_t turns;
	bool said;     /* and nothing was heard since */
	unsigned baud; /* speed of the line, 0: not known (a socket) */
};

/* PORT of contracts/recam.md: a device path, "tcp:HOST:PORT", "unix:PATH", each
 * with an optional "?baud=N" (serial only; 115200). Any baud rate that the
 * adapter takes (termios2). */
int stream_open(const char *port, struct stream **stream, struct rc_error *err);

int stream_read(struct stream *stream, uint8_t *out, size_t size, unsigned timeout_ms,
		struct rc_error *err);
int stream_write(struct stream *stream, const void *data, size_t size, struct rc_error *err);
uint64_t stream_now_ms(struct stream *stream);
/* RC_EUNSUPPORTED where the line or the adapter cannot; the speed is then as before. */
int stream_set_baud(struct stream *stream, unsigned baud, struct rc_error *err);
void stream_close(struct stream *stream); /* NULL allowed */

#endif
