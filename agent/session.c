/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program in the camera's RAM: moves memory over the console's line, packed, in
 * frames (wire.h). U-Boot brings it here by loady, starts it by go, and gets the
 * prompt back when it returns. Whatever touches the flash is left to U-Boot's own sf.
 * What it runs on stands in board.h, so that tests can run it too.
 */
#include "board.h"
#include "pack.h"
#include "wire.h"

/* Then nobody is there any more, and the prompt comes back. */
#define PATIENCE (5 * BOARD_TICKS_PER_SECOND)
/* At a new speed the PC must be heard within this time. */
#define SPEED_PATIENCE BOARD_TICKS_PER_SECOND
/* The same in looks at the line, should the counter stand still: at 100 ns each, the
 * least that an access to a device takes, 13 s. */
#define LOOKS 0x8000000u

#define USUAL_DIVISOR 13u /* 24 MHz / 16 / 13: 115200 */

/* All that this program knows. Cleared at each start. */
static struct {
	struct wire_decoder decoder;
	struct pack_table table;
	uint8_t frame[WIRE_FRAME];
	uint8_t salt;
	/* The block on its way to the PC: here, or where it lies if it cannot be packed. */
	const uint8_t *sent;
	uint32_t sent_size, sent_unpacked;
	uint8_t sent_kind;
	/* The block on its way from the PC. */
	uint8_t *target;
	uint32_t target_size, packed_size;
	uint8_t target_kind;
	uint8_t missing[WIRE_BITMAP];
	bool written;
	uint32_t divisor;
	bool speed_is_new; /* and nobody was heard at it yet */
	uint8_t out[WIRE_BLOCK], in[WIRE_BLOCK];
} agent;

static void send(uint8_t kind, uint8_t index, const uint8_t *payload, uint32_t size)
{
	uint32_t length = wire_encode(agent.frame, agent.salt++, kind, index, payload, size);

	for (uint32_t i = 0; i < length; i++)
		board_put(agent.frame[i]);
}

static uint32_t chunks_of(uint32_t size)
{
	return (size + WIRE_CHUNK - 1) / WIRE_CHUNK;
}

static void send_chunk(uint32_t number)
{
	uint32_t at = number * WIRE_CHUNK;
	uint32_t left = agent.sent_size - at;

	send(agent.sent_kind, (uint8_t)number, agent.sent + at,
	     left < WIRE_CHUNK ? left : WIRE_CHUNK);
}

static void send_packed(uint8_t tag)
{
	uint8_t sizes[8];

	wire_put32(sizes, agent.sent_size);
	wire_put32(sizes + 4, agent.sent_unpacked);
	send(WIRE_PACKED, tag, sizes, sizeof(sizes));
}

static bool answer_read(const struct wire_frame *request)
{
	uint32_t address = wire_get32(request->payload);
	uint32_t size = wire_get32(request->payload + 4);

	if (size == 0 || size > WIRE_BLOCK || !board_ram(address, size))
		return false;
	agent.sent = board_ram(address, size);
	agent.sent_unpacked = size;
	agent.sent_kind = wire_data_kind(request->index);
	agent.sent_size = lz_pack(&agent.table, agent.sent, size, agent.out, size - 1);
	if (agent.sent_size)
		agent.sent = agent.out;
	else
		agent.sent_size = size;
	for (uint32_t i = 0; i < chunks_of(agent.sent_size); i++)
		send_chunk(i);
	send_packed(request->index);
	return true;
}

static bool answer_more(const struct wire_frame *request)
{
	if (agent.sent_size == 0)
		return false;
	for (uint32_t i = 0; i < chunks_of(agent.sent_size); i++)
		if (request->payload[i / 8] >> i % 8 & 1)
			send_chunk(i);
	send_packed(request->index);
	return true;
}

static bool answer_write(const struct wire_frame *request)
{
	uint32_t address = wire_get32(request->payload);
	uint32_t size = wire_get32(request->payload + 4);
	uint32_t packed = wire_get32(request->payload + 8);

	if (size == 0 || size > WIRE_BLOCK || packed == 0 || packed > size ||
	    !board_ram(address, size))
		return false;
	agent.target = board_ram(address, size);
	agent.target_size = size;
	agent.packed_size = packed;
	agent.target_kind = wire_data_kind(request->index);
	agent.written = false;
	for (uint32_t i = 0; i < WIRE_BITMAP; i++)
		agent.missing[i] = 0;
	for (uint32_t i = 0; i < chunks_of(packed); i++)
		agent.missing[i / 8] |= (uint8_t)(1u << i % 8);
	send(WIRE_NEED, request->index, agent.missing, WIRE_BITMAP);
	return true;
}

static void take_chunk(const struct wire_frame *frame)
{
	uint32_t at = frame->index * WIRE_CHUNK;

	if (frame->index >= WIRE_CHUNKS || at >= agent.packed_size ||
	    frame->size > agent.packed_size - at ||
	    (frame->size < WIRE_CHUNK && at + frame->size != agent.packed_size))
		return;
	for (uint32_t i = 0; i < frame->size; i++)
		agent.in[at + i] = frame->payload[i];
	agent.missing[frame->index / 8] &= (uint8_t) ~(1u << frame->index % 8);
}

static bool is_complete(void)
{
	for (uint32_t i = 0; i < WIRE_BITMAP; i++)
		if (agent.missing[i])
			return false;
	return true;
}

/* As it came, where it could not be packed. */
static bool write_target(void)
{
	if (agent.packed_size < agent.target_size)
		return lz_unpack(agent.in, agent.packed_size, agent.target, agent.target_size);
	for (uint32_t i = 0; i < agent.target_size; i++)
		agent.target[i] = agent.in[i];
	return true;
}

static bool answer_poll(const struct wire_frame *request)
{
	uint8_t done;

	if (agent.target_size == 0)
		return false;
	if (!is_complete()) {
		send(WIRE_NEED, request->index, agent.missing, WIRE_BITMAP);
		return true;
	}
	if (!agent.written)
		agent.written = write_target();
	done = agent.written;
	send(WIRE_WRITTEN, request->index, &done, 1);
	return true;
}

static bool answer_sum(const struct wire_frame *request)
{
	uint32_t address = wire_get32(request->payload);
	uint32_t size = wire_get32(request->payload + 4);
	uint32_t count = wire_get32(request->payload + 8);
	uint8_t sums[4 * WIRE_MOST_SUMS];

	if (size == 0 || size > WIRE_BLOCK || count == 0 || count > WIRE_MOST_SUMS ||
	    !board_ram(address, size * count))
		return false;
	for (uint32_t i = 0; i < count; i++)
		wire_put32(sums + 4 * i, wire_crc32(0, board_ram(address + i * size, size), size));
	send(WIRE_SUMS, request->index, sums, 4 * count);
	return true;
}

static bool answer_ask(const struct wire_frame *request)
{
	static const uint8_t version = WIRE_VERSION;

	send(WIRE_HELLO, request->index, &version, 1);
	return true;
}

static void set_divisor(uint32_t divisor)
{
	if (divisor != agent.divisor)
		board_set_divisor(divisor);
	agent.divisor = divisor;
}

static bool answer_speed(const struct wire_frame *request)
{
	uint32_t divisor = wire_get32(request->payload);

	if (divisor == 0 || divisor > 0xffff)
		return false;
	answer_ask(request);
	set_divisor(divisor);
	agent.speed_is_new = true;
	return true;
}

static const struct {
	uint8_t kind, size;
	bool (*answer)(const struct wire_frame *request);
} requests[] = {
	{ WIRE_ASK, 0, answer_ask },      { WIRE_READ, 8, answer_read },
	{ WIRE_WRITE, 12, answer_write }, { WIRE_MORE, WIRE_BITMAP, answer_more },
	{ WIRE_POLL, 0, answer_poll },    { WIRE_SPEED, 4, answer_speed },
	{ WIRE_SUM, 12, answer_sum },
};

static void answer(const struct wire_frame *frame)
{
	if ((frame->kind & 0xf0) == WIRE_DATA) {
		if (frame->kind == agent.target_kind)
			take_chunk(frame);
		return;
	}
	for (uint32_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].kind == frame->kind && requests[i].size == frame->size &&
		    requests[i].answer(frame))
			return;
	send(WIRE_REFUSED, frame->index, 0, 0);
}

/* False where none came for so many ticks. */
static bool receive(struct wire_frame *frame, uint32_t patience)
{
	uint32_t start = board_ticks();

	for (uint32_t looks = 0; looks < LOOKS; looks++) {
		if (!board_ready()) {
			if (board_ticks() - start > patience)
				return false;
		} else if (wire_decode(&agent.decoder, board_get(), frame)) {
			return true;
		}
	}
	return false;
}

/* The next request at the speed that was agreed on last, or else at the usual one. */
static bool next_request(struct wire_frame *frame)
{
	uint32_t patience = agent.speed_is_new ? SPEED_PATIENCE : PATIENCE;

	agent.speed_is_new = false;
	if (receive(frame, patience))
		return true;
	if (agent.divisor == USUAL_DIVISOR)
		return false;
	set_divisor(USUAL_DIVISOR);
	return receive(frame, PATIENCE);
}

int agent_run(void)
{
	struct wire_frame frame = { .kind = WIRE_ASK };
	uint8_t *state = (uint8_t *)&agent;

	for (uint8_t *at = state; at < agent.out; at++)
		*at = 0;
	agent.divisor = USUAL_DIVISOR;
	/* Ends what U-Boot said for whoever reads frames. */
	board_put(0);
	do {
		answer(&frame);
	} while (next_request(&frame) && (frame.kind != WIRE_END || frame.size != 0));
	set_divisor(USUAL_DIVISOR);
	return 0;
}
