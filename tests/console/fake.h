/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A camera for tests, small enough to see through: a line editor as U-Boot's, canned
 * answers, its own clock, a line that loses and changes bytes. It remembers every line
 * that was entered.
 */
#ifndef RECAM_TESTS_CONSOLE_FAKE_H
#define RECAM_TESTS_CONSOLE_FAKE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "console/stream.h"

enum fake_state { FAKE_OFF, FAKE_COUNTDOWN, FAKE_PROMPT, FAKE_LINUX, FAKE_SHELL, FAKE_GARBAGE };

#define FAKE_LINES 512

struct fake {
	struct stream base;
	enum fake_state state;
	uint64_t now_ms;
	uint64_t power_on_ms; /* when it is switched off and on; 0: never */
	uint64_t countdown_ms;
	struct rc_buffer out;
	size_t taken;
	char line[1024];
	size_t line_size;
	bool dead; /* takes lines and says nothing more */
	/* What it answers to a line; NULL or a NULL answer: "Unknown command". */
	const char *(*answer)(struct fake *fake, const char *line);
	void *context;
	uint64_t seed;
	unsigned flip_one_in, drop_one_in;
	unsigned empty_enters;
	char entered[FAKE_LINES][80];
	size_t entered_count;
};

extern const char fake_prompt[];

/* fake is the caller's; closing the stream frees what it holds. */
void fake_open(struct fake *fake, enum fake_state state);
/* Puts text on the line to the PC, as from the camera. */
void fake_say(struct fake *fake, const char *text);

#endif
