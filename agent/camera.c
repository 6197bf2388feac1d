/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program in the camera's RAM: moves memory over the console's line, packed, in
 * frames (wire.h). U-Boot brings it here by loady, starts it by go, and gets the
 * prompt back when it returns. Whatever touches the flash is left to U-Boot's own sf.
 *
 * Ingenic T20 and T10: UART1 at 0x10031000, its registers 4 apart (U-Boot's jz_serial.c),
 * and the tick counter at 0x100020e4. Both are set up by U-Boot. Caches: loady ends with
 * flush_cache() of just the range that it loaded (U-Boot 2013.07 common/cmd_load.c; in the
 * stock build of Jul 28 2017 the call is at 0x80103324 and the loop of cache operations
 * 0x15 and 0x10 at 0x80100224), so the code is in memory and not stale in the instruction
 * cache when go jumps to it. All data is used through KSEG0, as U-Boot does.
 */
#include "pack.h"
#include "wire.h"

#define UART_BASE 0xb0031000u
#define UART_DATA 0x00
#define UART_DLL  0x00 /* while LCR_LATCH is set */
#define UART_DLH  0x04
#define UART_LCR  0x0c
#define UART_LSR  0x14

#define LCR_8N1   0x03
#define LCR_LATCH 0x80

#define LSR_READY 0x01
#define LSR_ROOM  0x20 /* the transmit FIFO takes a byte */
#define LSR_SENT  0x40 /* and the last one is out */

#define TICKS 0xb00020e4u
/* U-Boot counts EXTAL, 24 MHz, divided by 4. */
#define TICKS_PER_SECOND 6000000u
/* Then nobody is there any more, and the prompt comes back. */
#define PATIENCE (5 * TICKS_PER_SECOND)
/* At a new speed the PC must be heard within this time. */
#define SPEED_PATIENCE TICKS_PER_SECOND
/* The same in looks at the line, should the counter stand still: at 100 ns each, the
 * least that an uncached access takes, 13 s. */
#define LOOKS 0x8000000u

#define USUAL_DIVISOR 13u /* 24 MHz / 16 / 13: 115200 */

static volatile uint32_t *reg(uint32_t address)
{
	return (volatile uint32_t *)(uintptr_t)address;
}

/* Registers are 8 bits wide and are accessed so, as U-Boot does. */
static uint8_t uart_get(uint32_t offset)
{
	return *(volatile uint8_t *)(uintptr_t)(UART_BASE + offset);
}

static void uart_set(uint32_t offset, uint32_t value)
{
	*(volatile uint8_t *)(uintptr_t)(UART_BASE + offset) = (uint8_t)value;
}

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
	uint8_t out[WIRE_BLOCK], in[WIRE_BLOCK];
} agent;

static void put_byte(uint8_t byte)
{
	while (!(uart_get(UART_LSR) & LSR_ROOM))
		;
	uart_set(UART_DATA, byte);
}

static void send(uint8_t kind, uint8_t index, const uint8_t *payload, uint32_t size)
{
	uint32_t length = wire_encode(agent.frame, agent.salt++, kind, index, payload, size);

	for (uint32_t i = 0; i < length; i++)
		put_byte(agent.frame[i]);
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

	if (size == 0 || size > WIRE_BLOCK)
		return false;
	agent.sent = (const uint8_t *)(uintptr_t)address;
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
	uint32_t size = wire_get32(request->payload + 4);
	uint32_t packed = wire_get32(request->payload + 8);

	if (size == 0 || size > WIRE_BLOCK || packed == 0 || packed > size)
		return false;
	agent.target = (uint8_t *)(uintptr_t)wire_get32(request->payload);
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

static bool answer_ask(const struct wire_frame *request)
{
	static const uint8_t version = WIRE_VERSION;

	send(WIRE_HELLO, request->index, &version, 1);
	return true;
}

static void set_divisor(uint32_t divisor)
{
	if (divisor == agent.divisor)
		return;
	while (!(uart_get(UART_LSR) & LSR_SENT))
		;
	uart_set(UART_LCR, LCR_8N1 | LCR_LATCH);
	uart_set(UART_DLH, divisor >> 8);
	uart_set(UART_DLL, divisor);
	uart_set(UART_LCR, LCR_8N1);
	agent.divisor = divisor;
}

static bool answer_speed(const struct wire_frame *request)
{
	uint32_t divisor = wire_get32(request->payload);

	if (divisor == 0 || divisor > 0xffff)
		return false;
	answer_ask(request);
	set_divisor(divisor);
	return true;
}

static const struct {
	uint8_t kind, size;
	bool (*answer)(const struct wire_frame *request);
} requests[] = {
	{ WIRE_ASK, 0, answer_ask },      { WIRE_READ, 8, answer_read },
	{ WIRE_WRITE, 12, answer_write }, { WIRE_MORE, WIRE_BITMAP, answer_more },
	{ WIRE_POLL, 0, answer_poll },    { WIRE_SPEED, 4, answer_speed },
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
	uint32_t start = *reg(TICKS);

	for (uint32_t looks = 0; looks < LOOKS; looks++) {
		if (!(uart_get(UART_LSR) & LSR_READY)) {
			if (*reg(TICKS) - start > patience)
				return false;
		} else if (wire_decode(&agent.decoder, uart_get(UART_DATA), frame)) {
			return true;
		}
	}
	return false;
}

/* What go calls. Its first instruction is where the file begins (agent.ld). */
int agent_start(void);
__attribute__((section(".start"))) int agent_start(void)
{
	uint8_t *state = (uint8_t *)&agent;
	struct wire_frame frame = { .kind = WIRE_ASK };
	uint32_t patience = PATIENCE;

	for (uint32_t i = 0; i < (uint32_t)((uint8_t *)agent.out - state); i++)
		state[i] = 0;
	agent.divisor = USUAL_DIVISOR;
	/* Ends what U-Boot said for whoever reads frames. */
	put_byte(0);
	do {
		answer(&frame);
		patience = frame.kind == WIRE_SPEED ? SPEED_PATIENCE : PATIENCE;
		while (!receive(&frame, patience)) {
			if (agent.divisor == USUAL_DIVISOR)
				return 1;
			/* The new speed is not understood: back to the usual one. */
			set_divisor(USUAL_DIVISOR);
			patience = PATIENCE;
		}
	} while (frame.kind != WIRE_END || frame.size != 0);
	set_divisor(USUAL_DIVISOR);
	return 0;
}
