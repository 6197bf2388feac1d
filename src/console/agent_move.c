/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory to and from the program in the camera's RAM, block by block. */
#include <stdlib.h>
#include <string.h>

#include "console/agent_session.h"

/* Frames sent before the camera is asked which of them arrived. */
#define WINDOW 16u
/* Longest that the CRC-32 of a block takes: 16 ns a byte with caches, 100 times that without. */
#define SUM_MS 120u

int agent_hear(struct agent *agent, unsigned quiet_ms, struct wire_frame *frame,
	       struct rc_error *err)
{
	for (;;) {
		int got;

		while (agent->taken < agent->got)
			if (wire_decode(&agent->decoder, agent->heard[agent->taken++], frame))
				return 1;
		agent->taken = agent->got = 0;
		got = stream_read(agent->stream, agent->heard, sizeof(agent->heard), quiet_ms, err);
		if (got <= 0)
			return got;
		agent->got = (size_t)got;
	}
}

/* Should the camera be back at its prompt, a request must not enter a line there. */
static bool is_harmless(const uint8_t *frame, size_t size)
{
	return !memchr(frame, '\r', size) && !memchr(frame, '\n', size);
}

int agent_send(struct agent *agent, uint8_t kind, uint8_t tag, const uint8_t *payload, size_t size,
	       struct rc_error *err)
{
	uint8_t frame[1 + WIRE_FRAME];
	size_t length;
	unsigned salt = 0;

	/* A zero ends whatever a damaged line may have begun. */
	frame[0] = 0;
	do {
		length = wire_encode(frame + 1, (uint8_t)salt, kind, tag, payload, size);
	} while (!is_harmless(frame + 1, length) && ++salt < 256);
	return stream_write(agent->stream, frame, 1 + length, err);
}

static int fail_deaf(const struct agent *agent, struct rc_error *err)
{
	return rc_fail(err, RC_ETIMEOUT,
		       "the program in the camera's RAM gave no answer on %s, %d times: is the "
		       "camera still switched on, and the cable in place?",
		       agent->stream->name, AGENT_TRIES);
}

static int fail_refused(const struct agent *agent, struct rc_error *err)
{
	return rc_fail(err, RC_EIO,
		       "the program in the camera's RAM refused a request on %s: it was started "
		       "anew meanwhile; run the command again",
		       agent->stream->name);
}

/* The answer to the last request; frames of earlier ones may still be on their way. */
static int hear_answer(struct agent *agent, unsigned quiet_ms, struct wire_frame *frame,
		       struct rc_error *err)
{
	for (;;) {
		int heard = agent_hear(agent, quiet_ms, frame, err);

		if (heard <= 0)
			return heard;
		if (frame->index == agent->tag && frame->kind >= WIRE_HELLO)
			return 1;
	}
}

int agent_ask(struct agent *agent, uint8_t kind, const uint8_t *payload, size_t size,
	      unsigned quiet_ms, struct wire_frame *frame, struct rc_error *err)
{
	agent->tag++;
	for (int try = 0; try < AGENT_TRIES; try++) {
		int result = agent_send(agent, kind, agent->tag, payload, size, err);

		if (result)
			return result;
		result = hear_answer(agent, quiet_ms, frame, err);
		if (result < 0)
			return result;
		if (result > 0)
			return frame->kind == WIRE_REFUSED ? fail_refused(agent, err) : 0;
		agent->repeats++;
	}
	return fail_deaf(agent, err);
}

/* A block on its way from the camera. */
struct incoming {
	uint8_t kind;         /* of its frames */
	bool begun;           /* the camera has packed it: something of it came */
	uint32_t packed_size; /* 0: not known yet */
	uint8_t missing[WIRE_BITMAP];
};

static void take_chunk(struct agent *agent, struct incoming *in, const struct wire_frame *frame)
{
	size_t at = frame->index * (size_t)WIRE_CHUNK;

	if (frame->kind != in->kind || frame->index >= WIRE_CHUNKS)
		return;
	memcpy(agent->packed + at, frame->payload, frame->size);
	in->missing[frame->index / 8] &= (uint8_t) ~(1u << frame->index % 8);
	in->begun = true;
}

/* Frames that were not there at all are not missing. */
static int take_sizes(struct incoming *in, const struct wire_frame *frame, size_t size,
		      struct rc_error *err)
{
	uint32_t packed;

	if (frame->size != 8 || wire_get32(frame->payload + 4) != size)
		return 0;
	packed = wire_get32(frame->payload);
	if (packed == 0 || packed > size)
		return rc_fail(err, RC_EFORMAT,
			       "the program in the camera's RAM packed %zu bytes into %u: it is "
			       "damaged; run the command again",
			       size, packed);
	for (uint32_t i = (packed + WIRE_CHUNK - 1) / WIRE_CHUNK; i < WIRE_CHUNKS; i++)
		in->missing[i / 8] &= (uint8_t) ~(1u << i % 8);
	in->packed_size = packed;
	in->begun = true;
	return 0;
}

static unsigned count_missing(const uint8_t missing[WIRE_BITMAP])
{
	unsigned count = 0;

	for (size_t i = 0; i < WIRE_BITMAP; i++)
		count += (unsigned)__builtin_popcount(missing[i]);
	return count;
}

/* One request for the block, or for what is missing of it, and all that comes for it. */
static int ask_block(struct agent *agent, struct incoming *in, const uint8_t request[8],
		     size_t size, struct rc_error *err)
{
	struct wire_frame frame;
	uint8_t tag = ++agent->tag;
	int result;

	if (in->begun) {
		result = agent_send(agent, WIRE_MORE, tag, in->missing, WIRE_BITMAP, err);
	} else {
		in->kind = wire_data_kind(tag);
		result = agent_send(agent, WIRE_READ, tag, request, 8, err);
	}
	while (result == 0) {
		int heard = agent_hear(agent, AGENT_REPLY_MS, &frame, err);

		if (heard <= 0)
			return heard;
		if (frame.kind == WIRE_REFUSED && frame.index == tag)
			return fail_refused(agent, err);
		take_chunk(agent, in, &frame);
		if (frame.kind == WIRE_PACKED && frame.index == tag)
			return take_sizes(in, &frame, size, err);
	}
	return result;
}

static int unpack_block(struct agent *agent, const struct incoming *in, uint8_t *out, size_t size,
			struct rc_error *err)
{
	if (in->packed_size == size)
		memcpy(out, agent->packed, size);
	else if (!lz_unpack(agent->packed, in->packed_size, out, size))
		return rc_fail(err, RC_EFORMAT,
			       "what the program in the camera's RAM sent over %s cannot be "
			       "unpacked: its RAM is bad, or a frame was damaged unseen",
			       agent->stream->name);
	return 0;
}

static int read_block(struct agent *agent, uint32_t address, uint8_t *out, size_t size,
		      struct rc_error *err)
{
	struct incoming in = { 0 };
	uint8_t request[8];
	unsigned missing = WIRE_CHUNKS, tries = 0;

	wire_put32(request, address);
	wire_put32(request + 4, (uint32_t)size);
	memset(in.missing, 0xff, sizeof(in.missing));
	while (tries < AGENT_TRIES) {
		int result = ask_block(agent, &in, request, size, err);
		unsigned left = count_missing(in.missing);

		if (result)
			return result;
		if (in.packed_size && left == 0)
			return unpack_block(agent, &in, out, size, err);
		agent->repeats += in.packed_size ? left : 1;
		tries = left < missing ? 0 : tries + 1;
		missing = left;
	}
	return fail_deaf(agent, err);
}

int agent_read(struct agent *agent, uint32_t address, uint8_t *out, size_t size,
	       struct rc_error *err)
{
	int result = 0;

	for (size_t done = 0; result == 0 && done < size; done += WIRE_BLOCK) {
		size_t part = size - done < WIRE_BLOCK ? size - done : WIRE_BLOCK;

		result = read_block(agent, address + (uint32_t)done, out + done, part, err);
	}
	return result;
}

/* Packed where that is shorter. */
static const uint8_t *pack_block(struct agent *agent, const uint8_t *data, size_t size,
				 size_t *packed)
{
	*packed = lz_pack(&agent->table, data, size, agent->packed, size - 1);
	if (*packed)
		return agent->packed;
	*packed = size;
	return data;
}

/* What the line takes for so many bytes, at the speed that sockets have behind them. */
static unsigned line_ms(const struct agent *agent, size_t bytes)
{
	return (unsigned)(bytes * 10000 / (agent->stream->baud ? agent->stream->baud : 115200));
}

/* The next frames of those that are missing. How many bytes, or negative. */
static int send_window(struct agent *agent, uint8_t kind, const uint8_t *packed, size_t size,
		       const uint8_t missing[WIRE_BITMAP], struct rc_error *err)
{
	uint8_t *frames = malloc((size_t)WINDOW * WIRE_FRAME);
	size_t length = 0;
	unsigned count = 0;
	int result;

	if (!frames)
		return rc_fail_memory(err, (size_t)WINDOW * WIRE_FRAME);
	for (uint8_t i = 0; i < WIRE_CHUNKS && count < WINDOW; i++) {
		size_t at = i * (size_t)WIRE_CHUNK;

		if (!(missing[i / 8] >> i % 8 & 1) || at >= size)
			continue;
		length += wire_encode(frames + length, i, kind, i, packed + at,
				      size - at < WIRE_CHUNK ? size - at : WIRE_CHUNK);
		count++;
	}
	result = stream_write(agent->stream, frames, length, err);
	free(frames);
	return result ? result : (int)length;
}

static int fail_unwritten(const struct agent *agent, struct rc_error *err)
{
	return rc_fail(
		err, RC_EVERIFY,
		"what arrived in the camera's RAM over %s could not be unpacked there: its "
		"RAM is bad, or a frame was damaged unseen; nothing was written to its flash",
		agent->stream->name);
}

static int write_block(struct agent *agent, uint32_t address, const uint8_t *data, size_t size,
		       struct rc_error *err)
{
	uint8_t request[12], kind;
	struct wire_frame frame;
	size_t packed_size;
	const uint8_t *packed = pack_block(agent, data, size, &packed_size);
	unsigned missing = WIRE_CHUNKS + 1, tries = 0;
	int result;

	wire_put32(request, address);
	wire_put32(request + 4, (uint32_t)size);
	wire_put32(request + 8, (uint32_t)packed_size);
	result = agent_ask(agent, WIRE_WRITE, request, sizeof(request), AGENT_REPLY_MS, &frame,
			   err);
	kind = wire_data_kind(agent->tag);
	while (result == 0 && frame.kind == WIRE_NEED && frame.size == WIRE_BITMAP &&
	       tries < AGENT_TRIES) {
		unsigned left = count_missing(frame.payload);
		int sent = send_window(agent, kind, packed, packed_size, frame.payload, err);

		tries = left < missing ? 0 : tries + 1;
		missing = left;
		if (sent < 0)
			return sent;
		result = agent_ask(agent, WIRE_POLL, NULL, 0,
				   AGENT_REPLY_MS + line_ms(agent, (size_t)sent), &frame, err);
	}
	if (result)
		return result;
	if (frame.kind == WIRE_WRITTEN && frame.size == 1)
		return frame.payload[0] ? 0 : fail_unwritten(agent, err);
	return fail_deaf(agent, err);
}

int agent_write(struct agent *agent, uint32_t address, const uint8_t *data, size_t size,
		void (*sent)(void *context, size_t bytes), void *context, struct rc_error *err)
{
	int result = 0;

	for (size_t done = 0; result == 0 && done < size; done += WIRE_BLOCK) {
		size_t part = size - done < WIRE_BLOCK ? size - done : WIRE_BLOCK;

		result = write_block(agent, address + (uint32_t)done, data + done, part, err);
		if (result == 0 && sent)
			sent(context, part);
	}
	return result;
}

static int sum_some(struct agent *agent, uint32_t address, uint32_t size, uint32_t count,
		    uint32_t *crcs, struct rc_error *err)
{
	struct wire_frame frame;
	uint8_t request[12];
	int result;

	wire_put32(request, address);
	wire_put32(request + 4, size);
	wire_put32(request + 8, count);
	result = agent_ask(agent, WIRE_SUM, request, sizeof(request),
			   AGENT_REPLY_MS + count * SUM_MS, &frame, err);
	if (result)
		return result;
	if (frame.kind != WIRE_SUMS || frame.size != 4 * count)
		return fail_deaf(agent, err);
	for (uint32_t i = 0; i < count; i++)
		crcs[i] = wire_get32(frame.payload + (size_t)4 * i);
	return 0;
}

int agent_sums(struct agent *agent, uint32_t address, uint32_t size, size_t count, uint32_t *crcs,
	       struct rc_error *err)
{
	int result = 0;

	for (size_t done = 0; result == 0 && done < count; done += WIRE_MOST_SUMS) {
		size_t some = count - done < WIRE_MOST_SUMS ? count - done : WIRE_MOST_SUMS;

		result = sum_some(agent, address + (uint32_t)done * size, size, (uint32_t)some,
				  crcs + done, err);
	}
	return result;
}

/* Frames, and for each window a WIRE_POLL and its answer. */
size_t agent_write_wire(struct agent *agent, const uint8_t *data, size_t size)
{
	size_t total = 0;

	for (size_t done = 0; done < size; done += WIRE_BLOCK) {
		size_t part = size - done < WIRE_BLOCK ? size - done : WIRE_BLOCK;
		size_t packed;

		pack_block(agent, data + done, part, &packed);
		total += packed + (packed / WIRE_CHUNK + 1) * (WIRE_FRAME - WIRE_CHUNK) +
			 (packed / (WINDOW * WIRE_CHUNK) + 2) * 32;
	}
	return total;
}
