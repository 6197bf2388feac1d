/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The serial line between a twin and whoever talks to it, and the receive FIFO of
 * the camera's UART. Times are nanoseconds of the camera's own clock.
 */
#ifndef RECAM_TWIN_LINE_H
#define RECAM_TWIN_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twin/twin.h"

/* Ten bits at 115200 baud. */
#define LINE_BYTE_NS 86806u

/* The receive FIFO of a 16550. That of the T20 may be deeper (other Ingenic chips
 * have 16 to 64 places); who gets along with 16 gets along with more. */
#define LINE_FIFO 16u

struct byte_queue {
	struct rc_buffer bytes;
	size_t taken; /* from the start of bytes */
};

struct line_direction {
	struct twin_line_faults faults;
	uint64_t random;
};

struct line {
	uint32_t camera_byte_ns, pc_byte_ns; /* what a byte takes at the speed of each side */
	struct byte_queue in;                /* sent by the PC, still on the wire */
	uint64_t next_arrival;               /* of the first byte in "in" */
	uint64_t last_arrival;               /* when the wire was last busy */
	uint8_t fifo[LINE_FIFO];
	unsigned fifo_count;
	uint64_t overruns; /* bytes that found the FIFO full */
	struct byte_queue out;
	struct line_direction to_camera, to_pc;
};

void line_open(struct line *line, const struct twin_line_faults *faults);
void line_close(struct line *line);
/* The camera loses its power: nothing on the wire reaches it. What it sent is sent. */
void line_reset_input(struct line *line);

/* From the PC. */
void line_send(struct line *line, uint64_t now, const uint8_t *data, size_t size);
size_t line_input_waiting(const struct line *line);
size_t line_take_output(struct line *line, uint8_t *out, size_t size);
size_t line_output_waiting(const struct line *line);

/* In the camera. line_poll moves what has arrived by now into the FIFO and says
 * whether it holds a byte; line_receive takes it (0 where there is none). */
bool line_poll(struct line *line, uint64_t now);
uint8_t line_receive(struct line *line, uint64_t now);
/* True, and when, if a byte is on its way. */
bool line_next_arrival(const struct line *line, uint64_t *when);
void line_transmit(struct line *line, uint8_t byte);

#endif
