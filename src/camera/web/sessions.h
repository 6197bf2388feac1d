/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is logged in by cookie. A fixed table in memory: a restart logs everybody out. */
#ifndef RECAM_CAMERA_WEB_SESSIONS_H
#define RECAM_CAMERA_WEB_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "camera/settings/users.h"

#define SESSION_COOKIE  "recamd"
#define SESSION_TOKEN   65 /* 32 random bytes as hex */
#define SESSIONS_MOST   32u
#define SESSION_IDLE_MS ((uint64_t)12 * 3600 * 1000)

struct session {
	char token[SESSION_TOKEN]; /* the cookie's value; "" free */
	char csrf[SESSION_TOKEN];  /* what the page must send along to change something */
	char user[USER_NAME];
	uint64_t used_ms;
};

struct sessions {
	struct session all[SESSIONS_MOST];
};

/* The one that was used longest ago makes room. */
struct session *sessions_start(struct sessions *sessions, const char *user, uint64_t now_ms);
/* NULL where there is none of that token, or it was idle for too long. */
struct session *sessions_find(struct sessions *sessions, const char *token, uint64_t now_ms);
void sessions_end(struct session *session);
/* All of a user: his password was changed, or he is gone. */
void sessions_end_user(struct sessions *sessions, const char *user);

bool session_csrf_right(const struct session *session, const char *given);

#endif
