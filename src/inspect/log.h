/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot log reader's own state, between its reading (log.c) and judging (log_judge.c). */
#ifndef RECAM_INSPECT_LOG_H
#define RECAM_INSPECT_LOG_H

#include "inspect/clues.h"
#include "inspect/inspect.h"
#include "inspect/log_lines.h"
#include "inspect/log_rules.h"

#define LOG_EVIDENCE 240

/* An event as seen in one start. */
struct log_hit {
	unsigned count;
	uint64_t offset;         /* in the log */
	size_t line;             /* of the first, counted from 1 */
	size_t last_line;        /* of the last */
	char text[LOG_EVIDENCE]; /* the first, secrets masked */
};

/* From one power-on (or reset) to the next. */
struct log_start {
	struct log_hit hit[EV_COUNT];
	size_t last_line;
	bool typed; /* somebody typed a command at the bootloader's prompt */
};

struct log_reader {
	struct inspection *result;
	const struct inspect_options *options;
	struct clues clues;
	struct log_start start; /* the one being read */
	size_t line_count;
	unsigned start_count;
	/* Of the whole log. */
	bool seen[EV_COUNT];
	uint64_t noises; /* bit per log_noises entry that was reported */
	struct log_hit button_missed;
	struct log_hit reading_other;
	struct log_hit loop;
	unsigned unfinished;        /* starts in a row that did not get to user space */
	bool panicked;              /* the last start did, and said so */
	char command[LOG_EVIDENCE]; /* last one typed at a prompt, "" none */
	uint64_t text_bytes, junk_bytes, junk_before_banner;
	bool at_end; /* the last start ends with the log, not with another start */
	bool failed; /* memory ran out */
};

/* Adds the findings of the start that has just ended. */
void log_judge_start(struct log_reader *reader);
/* Adds those of the whole log. */
void log_judge_log(struct log_reader *reader, struct rc_span bytes);
/* One typed command, for what it can destroy. */
void log_judge_command(struct log_reader *reader, const struct log_line *line, const char *command);

void log_found(struct log_reader *reader, const char *id, const char *partition,
	       const struct log_hit *hit);

/* Which of level, ground or speed the bytes that are no text speak for (log_garbage.c). */
const char *log_garbage_hint(struct rc_span bytes);

#endif
