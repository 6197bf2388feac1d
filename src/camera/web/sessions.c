/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/web/sessions.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void make_token(char token[SESSION_TOKEN])
{
	uint8_t bytes[(SESSION_TOKEN - 1) / 2];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(token, SESSION_TOKEN, bytes, sizeof(bytes));
}

static bool same_token(const char a[SESSION_TOKEN], const char *b)
{
	return strlen(b) == SESSION_TOKEN - 1 && sodium_memcmp(a, b, SESSION_TOKEN - 1) == 0;
}

struct session *sessions_start(struct sessions *sessions, const char *user, uint64_t now_ms)
{
	struct session *session = &sessions->all[0];

	for (size_t i = 1; i < SESSIONS_MOST; i++)
		if (sessions->all[i].used_ms < session->used_ms)
			session = &sessions->all[i];
	make_token(session->token);
	make_token(session->csrf);
	snprintf(session->user, sizeof(session->user), "%s", user);
	session->used_ms = now_ms;
	return session;
}

struct session *sessions_find(struct sessions *sessions, const char *token, uint64_t now_ms)
{
	for (size_t i = 0; i < SESSIONS_MOST; i++) {
		struct session *session = &sessions->all[i];

		if (!*session->token || !same_token(session->token, token))
			continue;
		if (now_ms - session->used_ms > SESSION_IDLE_MS) {
			sessions_end(session);
			return NULL;
		}
		session->used_ms = now_ms;
		return session;
	}
	return NULL;
}

void sessions_end(struct session *session)
{
	sodium_memzero(session, sizeof(*session));
}

void sessions_end_user(struct sessions *sessions, const char *user)
{
	for (size_t i = 0; i < SESSIONS_MOST; i++)
		if (strcmp(sessions->all[i].user, user) == 0)
			sessions_end(&sessions->all[i]);
}

bool session_csrf_right(const struct session *session, const char *given)
{
	return same_token(session->csrf, given);
}
