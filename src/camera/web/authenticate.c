/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who asks: a browser by cookie, a machine by Basic authentication (RFC 7617). */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "camera/web/parameters.h"
#include "camera/web/request.h"

#define CREDENTIALS_MOST 512u

static bool header(const struct request *request, enum lws_token_indexes token, char *out,
		   size_t size)
{
	return lws_hdr_copy(request->wsi, out, (int)size, token) > 0;
}

static bool custom_header(const struct request *request, const char *name, char *out, size_t size)
{
	return lws_hdr_custom_copy(request->wsi, out, (int)size, name, (int)strlen(name)) > 0;
}

static bool read_cookie(const struct request *request, char token[SESSION_TOKEN])
{
	char cookies[1024];

	return header(request, WSI_TOKEN_HTTP_COOKIE, cookies, sizeof(cookies)) &&
	       cookie_value(cookies, SESSION_COOKIE, token, SESSION_TOKEN);
}

static void take_session(struct request *request)
{
	char token[SESSION_TOKEN];
	const struct user *user;

	if (!read_cookie(request, token))
		return;
	request->session = sessions_find(&request->web->sessions, token, web_now_ms());
	user = request->session ? users_find(request->web->context->users, request->session->user)
				: NULL;
	if (!user)
		return;
	request->role = user->role;
	snprintf(request->user, sizeof(request->user), "%s", user->name);
}

enum user_role request_session_role(struct request *request)
{
	take_session(request);
	return request->role;
}

static bool wait_first(struct request *request)
{
	uint64_t ms = throttle_wait(request->web->context->throttle, request->peer, web_now_ms());
	char extra[48];

	if (ms == 0)
		return false;
	snprintf(extra, sizeof(extra), "retry-after: %u\r\n", (unsigned)((ms + 999) / 1000));
	answer_json(request, 429,
		    json_pack("{s:s, s:I}", "error", "too many wrong passwords: wait", "wait_ms",
			      (json_int_t)ms),
		    extra);
	return true;
}

/* False: it was answered. */
static bool take_basic(struct request *request, const char *header_value)
{
	struct web_context *context = request->web->context;
	char user[CREDENTIALS_MOST];
	const char *password;

	if (wait_first(request))
		return false;
	password = basic_credentials(header_value, user, sizeof(user));
	if (password)
		request->role = users_check(context->users, user, password);
	if (request->role == USER_NOBODY) {
		throttle_wrong(context->throttle, request->peer, web_now_ms());
		rc_log_note("a wrong password from %s", request->peer);
		answer_not_allowed(request);
	} else {
		throttle_right(context->throttle, request->peer);
		snprintf(request->user, sizeof(request->user), "%.32s", user);
	}
	sodium_memzero(user, sizeof(user));
	return request->role != USER_NOBODY;
}

bool request_authenticate(struct request *request)
{
	char text[CREDENTIALS_MOST];
	bool right;

	if (header(request, WSI_TOKEN_HTTP_AUTHORIZATION, text, sizeof(text)) &&
	    strncasecmp(text, "Basic ", 6) == 0) {
		right = take_basic(request, text);
		sodium_memzero(text, sizeof(text));
		return right;
	}
	take_session(request);
	return true;
}

bool request_has_token(const struct request *request)
{
	char text[SESSION_TOKEN + 8];

	return custom_header(request, "x-csrf-token:", text, sizeof(text)) &&
	       session_csrf_right(request->session, text);
}

bool request_site(const struct request *request, char *out, size_t size)
{
	return custom_header(request, "sec-fetch-site:", out, size);
}

bool request_is_ours(const struct request *request)
{
	char text[32];

	if (request->method & METHODS_SAFE)
		return true;
	/* A browser says where a script comes from; machines say nothing, and have no cookie. */
	if (request_site(request, text, sizeof(text)) && strcmp(text, "same-origin") != 0)
		return false;
	return !request->session || request_has_token(request);
}
