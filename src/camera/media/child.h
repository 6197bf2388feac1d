/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A helper program whose standard output is read. Started with a vector of words, never by a
 * shell. */
#ifndef RECAM_CAMERA_CHILD_H
#define RECAM_CAMERA_CHILD_H

#include <sys/types.h>

#include "base/error.h"

#define CHILD_MAX_WORDS 64u

/* Words as one writes them: parted by spaces; "..." and '...' keep spaces, and \ the next
 * character (but within '...'). Nothing else has a meaning: no variables, no pipes. */
struct child_words {
	char *text;                      /* owned: what argv points into */
	char *argv[CHILD_MAX_WORDS + 1]; /* ends with NULL */
};

int child_split(const char *command, struct child_words *words, struct rc_error *err);
void child_words_free(struct child_words *words);

struct child {
	pid_t pid; /* its process group too; 0: none */
	int fd;    /* its standard output, not blocking */
};

int child_start(const struct child_words *words, struct child *child, struct rc_error *err);
/* Ends it where it still runs: SIGTERM to its group, SIGKILL after a second. Puts how it ended
 * into "how": "ended with status 3", "was ended by signal 9". */
void child_stop(struct child *child, char how[64]);

#endif
