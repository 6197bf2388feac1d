/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

#include <stdio.h>
#include <string.h>

void session_open(struct session *session, const struct twin_config *config)
{
	struct rc_error err;

	*session = (struct session){ 0 };
	support_ok(twin_open(config, &session->twin, &err), &err);
}

void session_close(struct session *session)
{
	twin_close(session->twin);
	rc_text_free(&session->all);
	rc_text_free(&session->last);
}

static void collect(struct session *session)
{
	uint8_t bytes[4096];
	size_t count;

	while ((count = twin_output(session->twin, bytes, sizeof(bytes))) > 0) {
		rc_text_add_bytes(&session->all, (const char *)bytes, count);
		rc_text_add_bytes(&session->last, (const char *)bytes, count);
	}
}

enum twin_state session_settle(struct session *session)
{
	do {
		session->state = twin_run(session->twin, SIZE_MAX, TWIN_FOREVER);
		collect(session);
	} while (session->state == TWIN_RUNNING);
	return session->state;
}

void session_prompt(struct session *session)
{
	while (!strstr(rc_text_get(&session->all), "stop autoboot")) {
		session->state = twin_run(session->twin, 64, 100000);
		collect(session);
		assert_int_equal(session->state, TWIN_RUNNING);
	}
	twin_input(session->twin, (const uint8_t *)" ", 1);
	assert_int_equal(session_settle(session), TWIN_WAITING);
}

const char *session_keys(struct session *session, const char *keys)
{
	rc_text_free(&session->last);
	twin_input(session->twin, (const uint8_t *)keys, strlen(keys));
	session_settle(session);
	return rc_text_get(&session->last);
}

const char *session_type(struct session *session, const char *line)
{
	char keys[2048];

	snprintf(keys, sizeof(keys), "%s\r", line);
	return session_keys(session, keys);
}

void assert_has_at(const char *text, const char *part, bool wanted, const char *file, int line)
{
	if ((strstr(text, part) != NULL) == wanted)
		return;
	print_error("%s:%d: \"%s\" is %s in:\n%s\n", file, line, part,
		    wanted ? "not" : "and should not be", text);
	_fail(file, line);
}
