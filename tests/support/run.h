/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs other programs: the judges, and recam itself. Never through a shell. */
#ifndef RECAM_TESTS_RUN_H
#define RECAM_TESTS_RUN_H

#include "base/bytes.h"

struct run_result {
	int status;                /* exit status, or -signal */
	struct rc_buffer out, err; /* terminated with a NUL that size does not count */
};

/* argv[0] is found by PATH; input (may be empty) goes to its standard input. */
void run_program(const char *const *argv, struct rc_span input, struct run_result *result);
/* ffmpeg with these words; what it printed (out may be NULL) is freed by the caller. Skips where
 * it is not installed, fails where it is not content. */
void run_ffmpeg(const char *const *argv, struct rc_buffer *out);
void run_result_free(struct run_result *result);
/* True if the program is there. */
bool run_exists(const char *program);

#endif
