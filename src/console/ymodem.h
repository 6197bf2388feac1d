/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending one file by Ymodem: 1 KiB blocks, CRC-16, each acknowledged.
 *
 * Made for U-Boot's receiver (common/xyzModem.c), which asks for a damaged block again
 * with 'C' rather than NAK, and answers EOT with ACK ACK 'C'.
 */
#ifndef RECAM_CONSOLE_YMODEM_H
#define RECAM_CONSOLE_YMODEM_H

#include "console/stream.h"

struct ymodem_options {
	const char *name;                          /* file name to tell the receiver */
	void (*sent)(void *context, size_t bytes); /* after each block acknowledged; or NULL */
	void *context;
};

/* Bytes on the wire for size bytes, without repetitions, both ways. */
uint64_t ymodem_wire_bytes(size_t size);

/* Waits for the receiver, sends, and sees the end acknowledged. What the receiver took
 * is proven by nothing but its own checksums: compare a CRC-32 afterwards.
 * RC_ETIMEOUT: it went silent; RC_EIO: it cancelled, or too many blocks failed; the
 * receiver is then told to stop (CAN). */
int ymodem_send(struct stream *stream, const uint8_t *data, size_t size,
		const struct ymodem_options *options, struct rc_error *err);

#endif
