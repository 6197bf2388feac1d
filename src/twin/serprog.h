/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The twin's chip on a programmer: flashrom's serial flasher protocol, version 1
 * (Documentation/serprog-protocol.txt there), so that flashrom itself can work on it.
 * The camera around the chip is off meanwhile, as it is with a clip on a real one.
 */
#ifndef RECAM_TWIN_SERPROG_H
#define RECAM_TWIN_SERPROG_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "flash/nor.h"

/* Most that one SPI operation moves. To the chip that is a page with its address and room
 * to spare, from it what keeps a slow line busy. */
#define SERPROG_MAX_SENT     4096u
#define SERPROG_MAX_RECEIVED 65536u

/* One client. Set nor, everything else is 0 at the start. */
struct serprog {
	struct nor *nor;
	uint8_t head[7]; /* a command and its parameters, as far as they have come */
	size_t head_size;
	uint8_t sent[SERPROG_MAX_SENT]; /* what goes to the chip, as far as it has come */
	uint32_t sent_size;
};

/* Takes bytes of the client and appends what is answered. Returns how many it took: it
 * stops where the answer has grown long, and is then to be called again with the rest. */
size_t serprog_feed(struct serprog *serprog, const uint8_t *data, size_t size,
		    struct rc_buffer *answer);

struct serprog_serve {
	const char *listen;       /* HOST:PORT, as listen_tcp takes it */
	const volatile int *stop; /* looked at several times a second; NULL: for ever */
	/* Called once, when flashrom can connect; where is "127.0.0.1:4000". */
	void (*ready)(void *context, const char *where);
	void *context;
};
/* One client at a time; with each, the chip is powered anew. */
int serprog_serve(struct nor *nor, const struct serprog_serve *serve, struct rc_error *err);

#endif
