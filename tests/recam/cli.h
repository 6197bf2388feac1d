/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs build/recam as its users do. */
#ifndef RECAM_TESTS_CLI_H
#define RECAM_TESTS_CLI_H

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "support.h"

/* recam with these words (NULL-terminated, at most 30). */
static inline void recam(struct run_result *result, const char *const *words)
{
	const char *argv[32] = { getenv("RECAM_BINARY") };

	assert_non_null(argv[0]);
	for (size_t i = 0; words[i]; i++) {
		assert_true(i < 30);
		argv[i + 1] = words[i];
	}
	run_program(argv, (struct rc_span){ NULL, 0 }, result);
}

#define RECAM(result, ...) recam(result, (const char *const[]){ __VA_ARGS__, NULL })

static inline void assert_has(const struct rc_buffer *text, const char *part)
{
	if (!strstr((const char *)text->data, part))
		fail_msg("\"%s\" is not in: %s", part, (const char *)text->data);
}

#endif
