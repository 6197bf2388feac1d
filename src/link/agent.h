/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The camera's RAM over its console, the cheapest way that this console has: by the
 * program in RAM (console/agent.h) where that saves bytes on the line, else by md.l and
 * Ymodem. Either is proven by U-Boot's own CRC-32.
 */
#ifndef RECAM_LINK_AGENT_H
#define RECAM_LINK_AGENT_H

#include "console/agent.h"

/* What "uboot:PORT?..." may say about the program. */
struct ram_choice {
	bool no_agent;    /* agent=no */
	unsigned divisor; /* of fast=N (agent_want_speed); 0: none */
};
/* Takes agent=no and fast=N out of what follows '?' in address, which is changed; what is
 * left is for stream_open. */
int ram_choice_take(char *address, struct ram_choice *choice, struct rc_error *err);

struct link;
/* Of a link that uboot_link_new made, before it is identified. */
void uboot_link_choose(struct link *link, const struct ram_choice *choice);

struct ram {
	struct uboot *uboot; /* borrowed */
	struct agent *agent; /* owned; NULL: not to be used */
	unsigned failures;   /* of the program, without a success in between */
};

int ram_init(struct ram *ram, struct uboot *uboot, struct rc_error *err);
void ram_choose(struct ram *ram, const struct ram_choice *choice);
void ram_free(struct ram *ram);
/* True where reads and writes of whole blocks will probably go by the program. */
bool ram_has_agent(const struct ram *ram);

/* As uboot_read_memory and uboot_load. */
int ram_read(struct ram *ram, uint32_t address, uint8_t *out, size_t size, struct rc_error *err);
int ram_write(struct ram *ram, uint32_t address, const uint8_t *data, size_t size,
	      void (*sent)(void *context, size_t bytes), void *context, struct rc_error *err);

/* The CRC-32 of each of count erase blocks that lie in RAM from address on. U-Boot itself
 * computes that of all together, which must be theirs. */
int ram_survey(struct ram *ram, uint32_t address, size_t count, uint32_t *crcs,
	       struct rc_error *err);

/* Bytes on the wire for one payload byte that cannot be packed. */
#define RAM_AGENT_WIRE_FACTOR 1.02

#endif
