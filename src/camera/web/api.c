/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /api/v1: what the page uses, and machines may; page/openapi.json describes it. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "camera/web/log_ring.h"
#include "camera/web/parameters.h"
#include "camera/web/request.h"
#include "config.h"

#define USERS_PATH "/api/v1/users/"

static json_t *read_body(struct request *request)
{
	json_error_t error;
	json_t *json = json_loadb((const char *)request->body.data, request->body.size,
				  JSON_REJECT_DUPLICATES, &error);

	if (json_is_object(json))
		return json;
	json_decref(json);
	answer_json(
		request, 400,
		json_pack("{s:s}", "error", "the body is no JSON object: see /api/v1/openapi.json"),
		NULL);
	return NULL;
}

static void answer_done(struct request *request, int result, const struct rc_error *err)
{
	if (result)
		answer_error(request, err);
	else
		answer_json(request, 200, json_pack("{s:b}", "done", 1), NULL);
}

/* --- status --- */

static json_t *stream_json(struct web *web, enum media_which which)
{
	struct stream *stream = media_stream(web->context->media, which);
	struct stream_status status;

	stream_get_status(stream, &status);
	hide_credentials(status.fault);
	return json_pack("{s:s, s:b, s:b, s:i, s:i, s:f, s:I, s:I, s:i, s:o}", "name",
			 stream_name(stream), "live", status.live, "pictures", status.has_pictures,
			 "width", (int)status.width, "height", (int)status.height, "rate",
			 status.rate_millihertz / 1000., "units", (json_int_t)status.units,
			 "dropped", (json_int_t)status.units_dropped, "watchers",
			 (int)(status.subscribers + status.jpeg_subscribers), "fault",
			 json_words(status.fault));
}

static void get_status(struct request *request)
{
	struct web *web = request->web;
	const struct settings *settings = web->context->settings;
	json_t *streams = json_array();

	json_array_append_new(streams, stream_json(web, MEDIA_MAIN));
	if (media_stream(web->context->media, MEDIA_SUB) !=
	    media_stream(web->context->media, MEDIA_MAIN))
		json_array_append_new(streams, stream_json(web, MEDIA_SUB));
	answer_json(request, 200,
		    json_pack("{s:s, s:s, s:o, s:i, s:i, s:i, s:i}", "version", RECAM_VERSION,
			      "name", settings_text(settings, SETTING_NAME), "streams", streams,
			      "rtsp_port", (int)settings_number(settings, SETTING_RTSP_PORT),
			      "rtsps_port", (int)settings_number(settings, SETTING_RTSPS_PORT),
			      "live_clients", (int)web->live_clients, "mjpeg_clients",
			      (int)web->mjpeg_clients),
		    NULL);
}

static void get_health(struct request *request)
{
	answer_text(request, 200, "ok");
}

static void get_metrics(struct request *request)
{
	static const char *const names[] = { "main", "sub" };
	struct web *web = request->web;
	struct rc_text text = { 0 };

	rc_text_add(&text,
		    "# TYPE recamd_http_requests_total counter\n"
		    "recamd_http_requests_total %llu\n"
		    "# TYPE recamd_http_refused_total counter\n"
		    "recamd_http_refused_total %llu\n"
		    "# TYPE recamd_http_connections gauge\nrecamd_http_connections %u\n"
		    "# TYPE recamd_live_clients gauge\nrecamd_live_clients %u\n"
		    "# TYPE recamd_mjpeg_clients gauge\nrecamd_mjpeg_clients %u\n"
		    "# TYPE recamd_stream_live gauge\n"
		    "# TYPE recamd_stream_pictures_total counter\n"
		    "# TYPE recamd_stream_dropped_total counter\n",
		    (unsigned long long)web->requests, (unsigned long long)web->refused,
		    web->connections, web->live_clients, web->mjpeg_clients);
	for (unsigned i = 0; i < RC_COUNT(names); i++) {
		struct stream_status status;

		stream_get_status(media_stream(web->context->media, i ? MEDIA_SUB : MEDIA_MAIN),
				  &status);
		rc_text_add(&text, "recamd_stream_live{stream=\"%s\"} %d\n", names[i], status.live);
		rc_text_add(&text, "recamd_stream_pictures_total{stream=\"%s\"} %llu\n", names[i],
			    (unsigned long long)status.units);
		rc_text_add(&text, "recamd_stream_dropped_total{stream=\"%s\"} %llu\n", names[i],
			    (unsigned long long)status.units_dropped);
	}
	if (web->context->add_metrics)
		web->context->add_metrics(web->context->owner, &text);
	answer_bytes(request, 200, "text/plain; version=0.0.4; charset=utf-8",
		     (struct rc_span){ (const uint8_t *)rc_text_get(&text), text.size }, NULL);
	rc_text_free(&text);
}

static void get_log(struct request *request)
{
	struct rc_text text = { 0 };

	log_ring_text(&text);
	answer_json(request, 200, json_pack("{s:o}", "log", json_words(rc_text_get(&text))), NULL);
	rc_text_free(&text);
}

/* --- settings --- */

static json_t *setting_json(const struct settings *settings, enum setting_id id)
{
	const struct setting *setting = setting_of(id);
	json_t *forms = json_array();
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "section", setting->section,
				 "key", setting->key, "label", setting->label, "help",
				 setting->help, "unit", setting->unit, "value",
				 settings_text(settings, id), "default", setting->fallback);

	json_object_set_new(json, "type",
			    json_string(setting->type == SETTING_NUMBER ? "number" : "text"));
	json_object_set_new(json, "min", json_integer(setting->min));
	json_object_set_new(json, "max", json_integer(setting->max));
	json_object_set_new(json, "at_start", json_boolean(setting->at_start));
	for (const struct setting_form *form = setting->forms; form && form->form; form++)
		json_array_append_new(forms, json_pack("{s:s, s:s}", "form", form->form, "meaning",
						       form->meaning));
	json_object_set_new(json, "forms", forms);
	return json;
}

static void get_settings(struct request *request)
{
	json_t *all = json_array();

	for (unsigned id = 0; id < SETTING_COUNT; id++)
		json_array_append_new(
			all, setting_json(request->web->context->settings, (enum setting_id)id));
	answer_json(request, 200, all, NULL);
}

/* {"video.bitrate": "900", ...}: all of it, or nothing. */
static int read_changes(const json_t *body, struct setting_change *changes, size_t *count,
			struct rc_error *err)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)body, name, value)
	{
		char section[32];
		size_t size = strcspn(name, ".");
		enum setting_id id = SETTING_COUNT;

		if (size < sizeof(section) && name[size]) {
			memcpy(section, name, size);
			section[size] = '\0';
			id = setting_find(section, name + size + 1);
		}
		if (id == SETTING_COUNT || !json_is_string(value))
			return rc_fail(err, RC_EUSAGE,
				       "\"%.60s\" is no setting with a text as its value", name);
		changes[(*count)++] = (struct setting_change){ id, json_string_value(value) };
	}
	return 0;
}

int request_change_settings(struct request *request, const struct setting_change *changes,
			    size_t count, struct rc_error *err)
{
	struct web_context *context = request->web->context;
	int result;

	if (!*context->settings_path)
		return rc_fail(err, RC_EREFUSED,
			       "recamd was started without --config FILE: there is no place where "
			       "settings are kept");
	result = settings_change(context->settings_path, changes, count, err);
	return result ? result : context->settings_changed(context->owner, err);
}

static void patch_settings(struct request *request)
{
	struct setting_change changes[SETTING_COUNT];
	json_t *body = read_body(request);
	struct rc_error err;
	bool at_start = false; /* something waits for the next one */
	size_t count = 0;
	int result;

	if (!body)
		return;
	result = json_object_size(body) > SETTING_COUNT
			 ? rc_fail(&err, RC_EUSAGE, "there are not so many settings")
			 : read_changes(body, changes, &count, &err);
	if (!result)
		result = request_change_settings(request, changes, count, &err);
	for (size_t i = 0; i < count; i++)
		at_start |= setting_of(changes[i].id)->at_start;
	if (result)
		answer_error(request, &err);
	else
		answer_json(request, 200, json_pack("{s:b, s:b}", "done", 1, "at_start", at_start),
			    NULL);
	json_decref(body);
}

/* --- sessions --- */

static void answer_session(struct request *request, const struct session *session,
			   enum user_role role, bool new)
{
	char cookie[160];

	snprintf(cookie, sizeof(cookie),
		 "set-cookie: " SESSION_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Strict\r\n",
		 session->token);
	answer_json(request, 200,
		    json_pack("{s:s, s:s, s:s}", "user", session->user, "role",
			      user_role_name(role), "csrf", session->csrf),
		    new ? cookie : NULL);
}

static void get_session(struct request *request)
{
	uint64_t until = request->web->context->setup_until_ms;

	if (request->session)
		answer_session(request, request->session, request->role, false);
	else
		answer_json(request, 200,
			    json_pack("{s:n, s:b}", "user", "setup", until > web_now_ms()), NULL);
}

static void log_in(struct request *request)
{
	struct web_context *context = request->web->context;
	uint64_t wait = throttle_wait(context->throttle, request->peer, web_now_ms());
	const char *user = NULL, *password = NULL;
	enum user_role role = USER_NOBODY;
	json_t *body;

	if (wait > 0) {
		answer_json(request, 429,
			    json_pack("{s:s, s:I}", "error", "too many wrong passwords: wait",
				      "wait_ms", (json_int_t)wait),
			    NULL);
		return;
	}
	body = read_body(request);
	if (!body)
		return;
	json_unpack(body, "{s:s, s:s}", "user", &user, "password", &password);
	if (user && password)
		role = users_check(context->users, user, password);
	if (role == USER_NOBODY) {
		throttle_wrong(context->throttle, request->peer, web_now_ms());
		rc_log_note("a wrong password from %s", request->peer);
		answer_json(request, 401, json_pack("{s:s}", "error", "user or password is wrong"),
			    NULL);
	} else {
		throttle_right(context->throttle, request->peer);
		answer_session(request, sessions_start(&request->web->sessions, user, web_now_ms()),
			       role, true);
	}
	json_decref(body);
}

static void log_out(struct request *request)
{
	if (request->session)
		sessions_end(request->session);
	answer_json(request, 200, json_pack("{s:b}", "done", 1),
		    "set-cookie: " SESSION_COOKIE "=; Path=/; Max-Age=0; Secure; HttpOnly; "
		    "SameSite=Strict\r\n");
}

/* --- users --- */

static void get_users(struct request *request)
{
	const struct users *users = request->web->context->users;
	json_t *all = json_array();

	for (size_t i = 0; i < users->count; i++)
		json_array_append_new(all, json_pack("{s:s, s:s}", "name", users->all[i].name,
						     "role", user_role_name(users->all[i].role)));
	answer_json(request, 200, all, NULL);
}

void request_end_user(struct request *request, const char *name)
{
	struct web_context *context = request->web->context;

	sessions_end_user(&request->web->sessions, name);
	if (context->user_gone)
		context->user_gone(context->owner, name);
}

static void put_user(struct request *request)
{
	const char *name = request->path + strlen(USERS_PATH), *password = NULL, *role = NULL;
	json_t *body = read_body(request);
	struct rc_error err;
	int result;

	if (!body)
		return;
	json_unpack(body, "{s:s, s:s}", "password", &password, "role", &role);
	if (!password || !role || !user_role_find(role))
		result = rc_fail(&err, RC_EUSAGE,
				 "a user is {\"password\": TEXT, \"role\": \"see\", \"control\" or "
				 "\"administer\"}");
	else
		result = users_set(request->web->context->users, name, user_role_find(role),
				   password, &err);
	if (!result)
		request_end_user(request, name);
	answer_done(request, result, &err);
	json_decref(body);
}

static void delete_user(struct request *request)
{
	const char *name = request->path + strlen(USERS_PATH);
	struct rc_error err;
	int result = users_remove(request->web->context->users, name, &err);

	if (!result)
		request_end_user(request, name);
	answer_done(request, result, &err);
}

/* --- the first password --- */

static bool is_local(const char *peer)
{
	struct in_addr v4;
	struct in6_addr v6;
	uint32_t a;

	if (strncmp(peer, "::ffff:", 7) == 0)
		peer += 7;
	if (inet_pton(AF_INET, peer, &v4) == 1) {
		a = ntohl(v4.s_addr);
		return a >> 24 == 127 || a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 ||
		       a >> 16 == 0xa9fe;
	}
	return inet_pton(AF_INET6, peer, &v6) == 1 &&
	       (IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) ||
		(v6.s6_addr[0] & 0xfe) == 0xfc);
}

static void set_up(struct request *request)
{
	struct web_context *context = request->web->context;
	const char *password = NULL;
	struct rc_error err;
	json_t *body;
	int result;

	if (context->setup_until_ms <= web_now_ms() || !is_local(request->peer)) {
		answer_json(request, 403,
			    json_pack("{s:s}", "error",
				      "the time to set the first password here is over, or this is "
				      "not the local network: log in with the password that recamd "
				      "printed, or run \"recamd passwd\" on the camera"),
			    NULL);
		return;
	}
	body = read_body(request);
	if (!body)
		return;
	json_unpack(body, "{s:s}", "password", &password);
	result = password ? users_set(context->users, "admin", USER_ADMINISTERS, password, &err)
			  : rc_fail(&err, RC_EUSAGE, "the body is {\"password\": TEXT}");
	if (!result) {
		context->setup_until_ms = 0;
		request_end_user(request, "admin");
		answer_session(request,
			       sessions_start(&request->web->sessions, "admin", web_now_ms()),
			       USER_ADMINISTERS, true);
	} else {
		answer_error(request, &err);
	}
	json_decref(body);
}

const struct route api_routes[] = {
	{ "/healthz", METHODS_SAFE, USER_NOBODY, get_health },
	{ "/metrics", METHODS_SAFE, USER_SEES, get_metrics },
	{ "/api/v1/status", METHOD_GET, USER_SEES, get_status },
	{ "/api/v1/log", METHOD_GET, USER_ADMINISTERS, get_log },
	{ "/api/v1/settings", METHOD_GET, USER_ADMINISTERS, get_settings },
	{ "/api/v1/settings", METHOD_PATCH, USER_ADMINISTERS, patch_settings },
	{ "/api/v1/session", METHOD_GET, USER_NOBODY, get_session },
	{ "/api/v1/session", METHOD_POST, USER_NOBODY, log_in },
	{ "/api/v1/session", METHOD_DELETE, USER_NOBODY, log_out },
	{ "/api/v1/setup", METHOD_POST, USER_NOBODY, set_up },
	{ "/api/v1/users", METHOD_GET, USER_ADMINISTERS, get_users },
	{ USERS_PATH "*", METHOD_PUT, USER_ADMINISTERS, put_user },
	{ USERS_PATH "*", METHOD_DELETE, USER_ADMINISTERS, delete_user },
	{ 0 },
};
