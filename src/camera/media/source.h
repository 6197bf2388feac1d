/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where pictures come from ("source = test:1280x720@25"): one table of kinds, one way to read.
 *
 * A source is used by one thread. It delivers either raw pictures (which a feed then encodes)
 * or coded units. It may block in read; source_stop, from any thread, ends that at once.
 */
#ifndef RECAM_CAMERA_SOURCE_H
#define RECAM_CAMERA_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "camera/media/access_unit.h"
#include "camera/media/picture.h"

struct source;

/* What a read gave: exactly one of the two, or neither (nothing came in time). */
struct source_output {
	struct access_unit *unit;      /* the reader's reference now */
	const struct picture *picture; /* the source's, until its next read */
	uint64_t number;               /* of the picture since the source was opened */
};

struct source_kind {
	const char *scheme;  /* "test" */
	const char *form;    /* "test:[WIDTHxHEIGHT[@RATE]]" */
	const char *summary; /* for --help */
	bool pictures;       /* delivers raw pictures, else coded units */
	/* Where it stops, it is opened again after 1, 2, 4 ... seconds, at most so many. */
	unsigned max_pause_seconds;
	/* Looks at the words only; opens nothing, needs no device. */
	int (*check)(const char *words, struct rc_error *err);
	int (*open)(struct source *source, const char *words, struct rc_error *err);
	/* Blocks until there is something, at most about a second, or until stopped
	 * (RC_ESTOPPED). RC_EIO, RC_EFORMAT, RC_ENOTFOUND: it is over, close it. */
	int (*read)(struct source *source, struct source_output *out, struct rc_error *err);
	void (*close)(struct source *source);
};

struct source {
	const struct source_kind *kind;
	int stop_fd; /* readable once the source is to stop; the owner's */
	void *state; /* of the kind */
	/* Pictures per second as far as known; 0/1 while not. */
	unsigned rate_num, rate_den;
};

/* The kinds of this build; ends with NULL. */
extern const struct source_kind *const source_kinds[];

/* The kind of "SCHEME:WORDS" and where its words start. RC_EUSAGE lists the kinds there are. */
int source_find(const char *text, const struct source_kind **kind, const char **words,
		struct rc_error *err);
/* True if text names a source that can be opened as far as words tell. */
int source_check(const char *text, struct rc_error *err);

int source_open(struct source *source, const char *text, int stop_fd, struct rc_error *err);
int source_read(struct source *source, struct source_output *out, struct rc_error *err);
void source_close(struct source *source); /* an unopened one (all zero) too */

/* For the kinds: waits until fd (or none: -1) is readable or the monotonic clock reaches
 * until_us. RC_ESTOPPED, RC_ETIMEOUT (no words), or 0. */
int source_wait(const struct source *source, int fd, uint64_t until_us, struct rc_error *err);

#endif
