/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twin/line.h"

#include <string.h>

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 0x2545f4914f6cdd1du) >> 16;
}

static size_t queue_size(const struct byte_queue *queue)
{
	return queue->bytes.size - queue->taken;
}

static void queue_put(struct byte_queue *queue, uint8_t byte)
{
	rc_buffer_append(&queue->bytes, &byte, 1);
}

static size_t queue_take(struct byte_queue *queue, uint8_t *out, size_t size)
{
	if (size > queue_size(queue))
		size = queue_size(queue);
	if (size == 0)
		return 0;
	memcpy(out, queue->bytes.data + queue->taken, size);
	queue->taken += size;
	/* Closing the gap costs time in proportion to what is left: not on each byte. */
	if (queue->taken == queue->bytes.size || queue->taken >= 65536) {
		queue->bytes.size -= queue->taken;
		memmove(queue->bytes.data, queue->bytes.data + queue->taken, queue->bytes.size);
		queue->taken = 0;
	}
	return size;
}

void line_open(struct line *line, const struct twin_line_faults *faults)
{
	*line = (struct line){ .camera_byte_ns = LINE_BYTE_NS, .pc_byte_ns = LINE_BYTE_NS };
	line->to_camera = (struct line_direction){ *faults, faults->seed * 2 + 1 };
	line->to_pc = (struct line_direction){ *faults, ~faults->seed | 1 };
}

void line_close(struct line *line)
{
	rc_buffer_free(&line->in.bytes);
	rc_buffer_free(&line->out.bytes);
}

void line_reset_input(struct line *line)
{
	line->in.bytes.size = 0;
	line->in.taken = 0;
	line->fifo_count = 0;
	line->camera_byte_ns = LINE_BYTE_NS;
}

/* A UART bears 4 %; a byte sent at another speed arrives as another one. */
static void garble(const struct line *line, uint8_t *byte)
{
	uint32_t camera = line->camera_byte_ns, pc = line->pc_byte_ns;

	if (camera > pc + pc / 25 || pc > camera + camera / 25)
		*byte = (uint8_t)(*byte * 8 ^ 0xe6);
}

/* False where the byte is lost on the wire. */
static bool pass_wire(struct line_direction *direction, uint8_t *byte)
{
	const struct twin_line_faults *faults = &direction->faults;

	if (faults->drop_one_in && next_random(&direction->random) % faults->drop_one_in == 0)
		return false;
	if (faults->flip_one_in && next_random(&direction->random) % faults->flip_one_in == 0)
		*byte ^= (uint8_t)(1u << (next_random(&direction->random) & 7));
	return true;
}

void line_send(struct line *line, uint64_t now, const uint8_t *data, size_t size)
{
	bool idle = queue_size(&line->in) == 0;

	for (size_t i = 0; i < size; i++) {
		uint8_t byte = data[i];

		garble(line, &byte);
		if (pass_wire(&line->to_camera, &byte))
			queue_put(&line->in, byte);
	}
	if (idle) {
		uint64_t start = line->last_arrival > now ? line->last_arrival : now;

		line->next_arrival = start + line->pc_byte_ns;
	}
}

size_t line_input_waiting(const struct line *line)
{
	return queue_size(&line->in);
}

size_t line_take_output(struct line *line, uint8_t *out, size_t size)
{
	return queue_take(&line->out, out, size);
}

size_t line_output_waiting(const struct line *line)
{
	return queue_size(&line->out);
}

bool line_poll(struct line *line, uint64_t now)
{
	while (queue_size(&line->in) && line->next_arrival <= now) {
		uint8_t byte;

		queue_take(&line->in, &byte, 1);
		if (line->fifo_count < LINE_FIFO)
			line->fifo[line->fifo_count++] = byte;
		else
			line->overruns++;
		line->last_arrival = line->next_arrival;
		line->next_arrival += line->pc_byte_ns;
	}
	return line->fifo_count > 0;
}

uint8_t line_receive(struct line *line, uint64_t now)
{
	uint8_t byte;

	if (!line_poll(line, now))
		return 0;
	byte = line->fifo[0];
	memmove(line->fifo, line->fifo + 1, --line->fifo_count);
	return byte;
}

bool line_next_arrival(const struct line *line, uint64_t *when)
{
	*when = line->next_arrival;
	return queue_size(&line->in) > 0;
}

void line_transmit(struct line *line, uint8_t byte)
{
	garble(line, &byte);
	if (pass_wire(&line->to_pc, &byte))
		queue_put(&line->out, byte);
}
