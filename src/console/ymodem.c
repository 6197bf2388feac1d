/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/ymodem.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/checksum.h"

enum { SOH = 0x01, STX = 0x02, EOT = 0x04, ACK = 0x06, NAK = 0x15, CAN = 0x18, PAD = 0x1a };

#define SHORT_BLOCK 128u
#define LONG_BLOCK  1024u
#define OVERHEAD    5u /* kind, number, its complement, CRC-16 */

/* U-Boot's receiver waits 2 s for a byte, then flushes for 2 s and asks again after
 * another 0.25 s: only then has it surely nothing more to say. */
#define REPLY_MS       10000u
#define START_MS       30000u
#define END_MS         5000u
#define TRIES          16
#define SILENT_TRIES   3
#define SECOND_LOOK_MS 60u

enum reply { REPLY_ACK, REPLY_AGAIN, REPLY_CANCEL, REPLY_SILENT };

struct sender {
	struct stream *stream;
	const struct ymodem_options *options;
	unsigned cancels; /* CANs in a row */
};

/* 1 and the reply, or a negative status. Bytes that are none of the protocol's are
 * damaged ones: the receiver repeats itself in time. */
static int take_reply(struct sender *sender, unsigned timeout_ms, enum reply *reply,
		      struct rc_error *err)
{
	uint64_t deadline = stream_now_ms(sender->stream) + timeout_ms;

	for (;;) {
		uint64_t now = stream_now_ms(sender->stream);
		uint8_t byte;
		int got = stream_read(sender->stream, &byte, 1,
				      deadline > now ? (unsigned)(deadline - now) : 0, err);

		if (got < 0)
			return got;
		*reply = REPLY_SILENT;
		if (got == 0)
			return 1;
		if (byte != CAN)
			sender->cancels = 0;
		if (byte == ACK)
			*reply = REPLY_ACK;
		else if (byte == NAK || byte == 'C')
			*reply = REPLY_AGAIN;
		else if (byte == CAN && ++sender->cancels == 2)
			*reply = REPLY_CANCEL;
		else
			continue;
		return 1;
	}
}

/* Forgets replies to what was sent before: a second one to the same block must not
 * be taken for the answer to the next. */
static int forget_replies(struct sender *sender, struct rc_error *err)
{
	uint8_t old[64];
	int got;

	do {
		got = stream_read(sender->stream, old, sizeof(old), 0, err);
	} while (got > 0);
	return got;
}

static size_t frame_block(uint8_t *frame, unsigned number, const uint8_t *data, size_t size,
			  uint8_t pad)
{
	size_t room = size > SHORT_BLOCK ? LONG_BLOCK : SHORT_BLOCK;
	uint16_t crc;

	frame[0] = room == LONG_BLOCK ? STX : SOH;
	frame[1] = (uint8_t)number;
	frame[2] = (uint8_t)~number;
	memcpy(frame + 3, data, size);
	memset(frame + 3 + size, pad, room - size);
	crc = rc_crc16_xmodem(frame + 3, room);
	frame[3 + room] = (uint8_t)(crc >> 8);
	frame[4 + room] = (uint8_t)crc;
	return room + OVERHEAD;
}

/* A lost first byte makes the number of block 4 (260, ...) look like EOT to the
 * receiver: it would end, and the block's bytes would be typed at its prompt. So
 * there its number goes ahead, and silence must follow. */
static int write_frame(struct sender *sender, const uint8_t *frame, size_t size,
		       struct rc_error *err)
{
	size_t ahead = size > OVERHEAD && frame[1] == EOT ? 3 : 0;
	enum reply reply = REPLY_SILENT;
	int result = 0;

	if (ahead) {
		result = stream_write(sender->stream, frame, ahead, err);
		if (result == 0)
			result = take_reply(sender, SECOND_LOOK_MS, &reply, err);
		if (result < 0)
			return result;
		if (reply == REPLY_ACK)
			return rc_fail(err, RC_EIO,
				       "the camera took the start of a block for the end of the "
				       "transfer: a byte was lost on %s; send again",
				       sender->stream->name);
	}
	return stream_write(sender->stream, frame + ahead, size - ahead, err);
}

static int give_up(struct sender *sender, enum rc_status status, const char *why,
		   struct rc_error *err)
{
	static const uint8_t cancel[] = { CAN, CAN, CAN, CAN, CAN };

	/* The line may be what failed: then this fails too, and says nothing new. */
	stream_write(sender->stream, cancel, sizeof(cancel), NULL);
	return rc_fail(err, status, "sending to the camera over %s failed: %s",
		       sender->stream->name, why);
}

static int send_frame(struct sender *sender, const uint8_t *frame, size_t size,
		      struct rc_error *err)
{
	int silent = 0;

	for (int try = 0; try < TRIES; try++) {
		enum reply reply = REPLY_SILENT;
		int result = forget_replies(sender, err);

		if (result == 0)
			result = write_frame(sender, frame, size, err);
		if (result == 0)
			result = take_reply(sender, REPLY_MS, &reply, err);
		if (result < 0)
			return result;
		if (reply == REPLY_ACK)
			return 0;
		if (reply == REPLY_CANCEL)
			return rc_fail(err, RC_EIO, "the camera cancelled the transfer over %s",
				       sender->stream->name);
		silent = reply == REPLY_SILENT ? silent + 1 : 0;
		if (silent == SILENT_TRIES)
			return give_up(sender, RC_ETIMEOUT,
				       "no answer for 30 s: is it still switched on?", err);
	}
	return give_up(sender, RC_EIO,
		       "one block arrived damaged 16 times: look at the cable and its ground", err);
}

static int wait_for_receiver(struct sender *sender, struct rc_error *err)
{
	enum reply reply;
	int result = take_reply(sender, START_MS, &reply, err);

	if (result < 0)
		return result;
	if (reply == REPLY_AGAIN)
		return 0;
	return give_up(sender, RC_ETIMEOUT, "it did not ask for the file within 30 s", err);
}

static int send_header(struct sender *sender, size_t size, struct rc_error *err)
{
	uint8_t frame[SHORT_BLOCK + OVERHEAD];
	uint8_t header[SHORT_BLOCK] = { 0 };
	enum reply reply;
	int length = snprintf((char *)header, 64, "%s", sender->options->name);
	int result;

	snprintf((char *)header + (length < 63 ? length : 63) + 1, 32, "%zu", size);
	result = send_frame(sender, frame, frame_block(frame, 0, header, sizeof(header), 0), err);
	/* rb asks for the file itself with another 'C', U-Boot 2013.07 does not. */
	if (result == 0)
		result = take_reply(sender, SECOND_LOOK_MS, &reply, err);
	return result < 0 ? result : 0;
}

/* The receiver wants the empty block 0 that ends a batch, asked for by 'C'. What the
 * file holds is acknowledged by now. U-Boot takes whatever comes, or 2 s of silence,
 * for that block, and goes back to its prompt, so only an outright question is
 * answered twice. */
static int send_end(struct sender *sender, struct rc_error *err)
{
	static const uint8_t empty[SHORT_BLOCK];
	uint8_t frame[SHORT_BLOCK + OVERHEAD];
	size_t size = frame_block(frame, 0, empty, sizeof(empty), 0);
	uint8_t end = EOT;
	enum reply reply;
	int result = send_frame(sender, &end, 1, err);

	if (result)
		return result;
	do {
		result = take_reply(sender, END_MS, &reply, err);
	} while (result > 0 && reply == REPLY_ACK);
	for (int try = 0; result >= 0 && try < SILENT_TRIES; try++) {
		result = write_frame(sender, frame, size, err);
		if (result == 0)
			result = take_reply(sender, END_MS, &reply, err);
		if (result > 0 && reply != REPLY_AGAIN)
			return 0;
	}
	return result < 0 ? result : 0;
}

uint64_t ymodem_wire_bytes(size_t size)
{
	uint64_t blocks = (size + LONG_BLOCK - 1) / LONG_BLOCK;

	return blocks * (LONG_BLOCK + OVERHEAD + 1) + SHORT_BLOCK + OVERHEAD + 8;
}

int ymodem_send(struct stream *stream, const uint8_t *data, size_t size,
		const struct ymodem_options *options, struct rc_error *err)
{
	struct sender sender = { .stream = stream, .options = options };
	uint8_t frame[LONG_BLOCK + OVERHEAD];
	unsigned number = 1;
	int result = wait_for_receiver(&sender, err);

	if (result == 0)
		result = send_header(&sender, size, err);
	for (size_t done = 0; result == 0 && done < size; number++) {
		size_t part = size - done < LONG_BLOCK ? size - done : LONG_BLOCK;

		result = send_frame(&sender, frame,
				    frame_block(frame, number, data + done, part, PAD), err);
		done += part;
		if (result == 0 && options->sent)
			options->sent(options->context, part);
	}
	return result ? result : send_end(&sender, err);
}
