/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A twin with somebody at its console, for tests. */
#ifndef RECAM_TESTS_TWIN_SESSION_H
#define RECAM_TESTS_TWIN_SESSION_H

#include "base/text.h"
#include "support.h"
#include "twin/twin.h"

struct session {
	struct twin *twin;
	enum twin_state state;
	struct rc_text all;  /* every byte since power on, terminated */
	struct rc_text last; /* what session_type brought */
};

/* Fails the test where the twin does not open. */
void session_open(struct session *session, const struct twin_config *config);
void session_close(struct session *session);

/* Runs until the guest waits for input or ends. */
enum twin_state session_settle(struct session *session);
/* Stops the countdown and settles at the prompt. */
void session_prompt(struct session *session);
/* Types a line with its Enter and settles; returns what came, echo included. */
const char *session_type(struct session *session, const char *line);
/* The same without Enter. */
const char *session_keys(struct session *session, const char *keys);

#define assert_has(text, part)   assert_has_at(text, part, true, __FILE__, __LINE__)
#define assert_hasnt(text, part) assert_has_at(text, part, false, __FILE__, __LINE__)
void assert_has_at(const char *text, const char *part, bool wanted, const char *file, int line);

#endif
