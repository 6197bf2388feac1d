/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to the person at the terminal: standard error, one line each. */
#ifndef RECAM_BASE_LOG_H
#define RECAM_BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

enum rc_log_level {
	RC_LOG_QUIET,  /* errors only (-q) */
	RC_LOG_NORMAL, /* what the user asked to know */
	RC_LOG_VERBOSE /* each command sent and answer taken (-v) */
};

void rc_log_set_level(enum rc_log_level level);
enum rc_log_level rc_log_level(void);

/* "recam: TEXT" at any level. */
void rc_log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* TEXT unless -q. */
void rc_log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* TEXT with -v only. Control bytes are shown as '?'. */
void rc_log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Gets each line that is printed from now on, without its line end; NULL: nobody. Called by the
 * thread that logs; set while there is one thread only. */
void rc_log_set_listener(void (*listener)(const char *line));

/* Colour: a terminal, NO_COLOR unset or empty, TERM not "dumb". */
bool rc_use_colour(FILE *stream);

#endif
