/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the agent's PC side share; not for other floors. */
#ifndef RECAM_CONSOLE_AGENT_SESSION_H
#define RECAM_CONSOLE_AGENT_SESSION_H

#include "agent/pack.h"
#include "agent/wire.h"
#include "console/agent.h"

/* Where agent/agent.ld puts it. */
#define AGENT_ADDRESS 0x81700000u

/* Silence after which an answer will not come: USB adapters add 16 ms, a busy PC more. */
#define AGENT_REPLY_MS 400u
/* Of one thing, without any success in between. */
#define AGENT_TRIES 12

struct agent {
	struct uboot *uboot;
	struct stream *stream;
	enum { AGENT_UNTRIED, AGENT_LOADED, AGENT_UNUSABLE } state;
	uint8_t tag;
	uint64_t repeats;
	unsigned divisor;    /* of the speed to try, 0: none */
	unsigned usual_baud; /* while another speed is set, else 0 */
	struct wire_decoder decoder;
	uint8_t heard[4096]; /* bytes that came, up to got; those to taken are decoded */
	size_t taken, got;
	struct pack_table table;
	uint8_t packed[WIRE_BLOCK];
};

/* 1 and the next whole frame, 0 after so long without one byte, or negative. */
int agent_hear(struct agent *agent, unsigned quiet_ms, struct wire_frame *frame,
	       struct rc_error *err);
/* A request, in bytes that do nothing at U-Boot's prompt. */
int agent_send(struct agent *agent, uint8_t kind, uint8_t tag, const uint8_t *payload, size_t size,
	       struct rc_error *err);
/* A request and its answer, which has the tag that is now agent->tag. */
int agent_ask(struct agent *agent, uint8_t kind, const uint8_t *payload, size_t size,
	      unsigned quiet_ms, struct wire_frame *frame, struct rc_error *err);

#endif
