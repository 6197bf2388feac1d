/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program in the camera's RAM (agent/), seen from the PC: brought there by loady,
 * started by go, asked for memory or given some, and ended, after which U-Boot's prompt
 * is back. Between agent_begin and agent_end U-Boot hears nothing; everything else is
 * done at the prompt.
 *
 * What is read or written here is proven by the frames' checksums only: confirm it by
 * U-Boot's own crc32.
 */
#ifndef RECAM_CONSOLE_AGENT_H
#define RECAM_CONSOLE_AGENT_H

#include "console/uboot.h"

struct agent;

/* False: this build has none (no cross compiler), and agent_load refuses. */
bool agent_is_built(void);

/* uboot is borrowed. Nothing is sent yet. */
int agent_new(struct uboot *uboot, struct agent **agent, struct rc_error *err);
void agent_free(struct agent *agent); /* NULL allowed */

/* Bytes on the wire to bring it there, and to begin and end once. */
size_t agent_load_wire(void);
#define AGENT_TURN_WIRE 170u

/* Brings the program to RAM, once. RC_EUNSUPPORTED: this build has none, or this console
 * has no go or no loady, or it did not answer before; the prompt is there then. */
int agent_load(struct agent *agent, struct rc_error *err);
bool agent_is_loaded(const struct agent *agent);
/* False after RC_EUNSUPPORTED. */
bool agent_is_usable(const struct agent *agent);

/* The speeds that the camera's UART makes: 1500000 divided by a whole number. */
#define AGENT_CLOCK 1500000u
/* From now on, agent_begin tries this speed, AGENT_CLOCK / divisor bits per second, and
 * keeps to the usual one once it was not heard at it. 0: none. */
void agent_want_speed(struct agent *agent, unsigned divisor);

/* Starts it. RC_EUNSUPPORTED where it does not answer and the prompt came back: it is not
 * used any more. RC_ETIMEOUT: neither. */
int agent_begin(struct agent *agent, struct rc_error *err);
/* Ends it and waits for the prompt. */
int agent_end(struct agent *agent, struct rc_error *err);

/* Memory to here and from here, any size. Failures leave the program running. sent (may
 * be NULL) is told of bytes that arrived. */
int agent_read(struct agent *agent, uint32_t address, uint8_t *out, size_t size,
	       struct rc_error *err);
int agent_write(struct agent *agent, uint32_t address, const uint8_t *data, size_t size,
		void (*sent)(void *context, size_t bytes), void *context, struct rc_error *err);
/* The CRC-32 of each of count pieces of size bytes (at most 64 KiB each), one behind the
 * other. */
int agent_sums(struct agent *agent, uint32_t address, uint32_t size, size_t count, uint32_t *crcs,
	       struct rc_error *err);
/* Bytes on the wire that agent_write will take. */
size_t agent_write_wire(struct agent *agent, const uint8_t *data, size_t size);

/* Frames that were asked for or sent again because the line damaged them. */
uint64_t agent_repeats(const struct agent *agent);

#endif
