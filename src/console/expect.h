/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came over a stream and is not yet dealt with, and waiting in it.
 *
 * Times are milliseconds of stream_now_ms.
 */
#ifndef RECAM_CONSOLE_EXPECT_H
#define RECAM_CONSOLE_EXPECT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "console/stream.h"

/* Enough for a 16 KiB piece of memory as md prints it, twice. */
#define EXPECT_ROOM RC_KIB(160)

struct expect {
	struct stream *stream; /* borrowed */
	uint8_t *data;         /* EXPECT_ROOM bytes, owned */
	size_t size;
	uint64_t last_ms; /* when the last byte came */
};

int expect_init(struct expect *expect, struct stream *stream, struct rc_error *err);
void expect_free(struct expect *expect);

/* Forgets all but the last keep bytes. */
void expect_keep(struct expect *expect, size_t keep);

/* Waits for the next bytes and adds them; how many, 0 when the time is over.
 * RC_ERANGE where the buffer is full. */
int expect_more(struct expect *expect, unsigned timeout_ms, struct rc_error *err);

/* Takes in all that comes until nothing has come for quiet_ms, at most for limit_ms. */
int expect_quiet(struct expect *expect, unsigned quiet_ms, unsigned limit_ms, struct rc_error *err);

/* Waits for text; *end is then the offset behind its first place. RC_ETIMEOUT when
 * nothing came for quiet_ms, or after limit_ms in all. */
int expect_text(struct expect *expect, const char *text, unsigned quiet_ms, unsigned limit_ms,
		size_t *end, struct rc_error *err);

/* Which of count texts ends first in the bytes, or -1; *end as above. */
int expect_find(const struct expect *expect, const char *const *texts, size_t count, size_t *end);

#endif
