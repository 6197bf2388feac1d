/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTPS as machines and browsers see it; curl asks. */
#include "support.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "service.h"

static struct service service;
static char basic[128]; /* "admin:PASSWORD" */

static int start(void **state)
{
	(void)state;
	service_start(&service, "");
	snprintf(basic, sizeof(basic), "admin:%s", service.password);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	assert_true(service_stop(&service));
	return 0;
}

static json_t *get_json(const char *path)
{
	struct run_result result;
	json_t *json;

	CURL(&service, path, &result, "-u", basic);
	json = json_loadb((const char *)result.out.data, result.out.size, 0, NULL);
	if (!json)
		fail_msg("%s: %s", path, (const char *)result.out.data);
	run_result_free(&result);
	return json;
}

static void nobody_sees_anything_without_a_password(void **state)
{
	static const char *const paths[] = { "/snapshot.jpg",
					     "/cgi-bin/currentpic.cgi",
					     "/cgi-bin/currentpicoptim.cgi",
					     "/cgi-bin/downloadpic.cgi",
					     "/stream.mjpg",
					     "/metrics",
					     "/api/v1/status",
					     "/api/v1/settings",
					     "/api/v1/log",
					     "/api/v1/users" };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(paths); i++) {
		assert_int_equal(STATUS(&service, paths[i], "-m", "5"), 401);
		assert_int_equal(STATUS(&service, paths[i], "-m", "5", "-H", "Cookie: recamd=0"),
				 401);
	}
	assert_int_equal(STATUS(&service, "/api/v1/users/x", "-X", "DELETE"), 401);
	assert_int_equal(STATUS(&service, "/", "-m", "5"), 200);
}

static void a_snapshot_is_a_jpeg_of_the_picture(void **state)
{
	static const char *const paths[] = { "/snapshot.jpg", "/cgi-bin/currentpic.cgi",
					     "/cgi-bin/currentpicoptim.cgi",
					     "/snapshot.jpg?stream=sub" };
	struct run_result picture, judge;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(paths); i++) {
		CURL(&service, paths[i], &picture, "-u", basic);
		run_program((const char *[]){ "ffprobe", "-v", "error", "-show_entries",
					      "stream=codec_name,width,height", "-of", "csv=p=0",
					      "-f", "image2pipe", "-", NULL },
			    (struct rc_span){ picture.out.data, picture.out.size }, &judge);
		assert_string_equal((const char *)judge.out.data, strstr(paths[i], "sub")
									  ? "mjpeg,160,120\n"
									  : "mjpeg,320,240\n");
		run_result_free(&judge);
		run_result_free(&picture);
	}
	CURL(&service, "/cgi-bin/downloadpic.cgi", &picture, "-u", basic, "-D", "-", "-o",
	     "/dev/null");
	assert_non_null(strstr((const char *)picture.out.data,
			       "content-disposition: attachment; filename=\"20"));
	run_result_free(&picture);
}

static void mjpeg_is_picture_after_picture(void **state)
{
	struct run_result result;
	unsigned parts = 0;

	(void)state;
	CURL(&service, "/stream.mjpg", &result, "-u", basic, "--max-filesize", "100000000", "-m",
	     "3", "-N");
	for (size_t i = 0; i + 16 < result.out.size; i++)
		parts += memcmp(result.out.data + i, "--recamd-picture", 16) == 0;
	assert_true(parts >= 3);
	run_result_free(&result);
}

/* Each address and method of the description is one of the server's, and its answers have
 * what the description says they must. */
static void the_server_is_as_its_description_says(void **state)
{
	json_t *openapi = get_json("/api/v1/openapi.json"),
	       *paths = json_object_get(openapi, "paths");
	const char *path, *method;
	json_t *methods, *operation;
	unsigned asked = 0;

	(void)state;
	json_object_foreach(paths, path, methods)
	{
		json_object_foreach(methods, method, operation)
		{
			char name[16], full[80];
			unsigned status;

			snprintf(name, sizeof(name), "%s", method);
			for (char *p = name; *p; p++)
				*p -= 32;
			snprintf(full, sizeof(full), "%.*s%s", (int)strcspn(path, "{"), path,
				 strchr(path, '{') ? "nobody" : "");
			status = STATUS(&service, full, "-u", basic, "-X", name, "-d", "{}");
			if (strcmp(name, "GET") == 0)
				status = STATUS(&service, full, "-u", basic);
			assert_true(status != 405 && status != 500);
			assert_true(status != 404 || strcmp(name, "DELETE") == 0);
			asked++;
		}
	}
	assert_true(asked >= 10);
	json_decref(openapi);
}

static void required_is_there(json_t *openapi, const char *schema, json_t *value)
{
	json_t *description = json_object_get(
		json_object_get(json_object_get(openapi, "components"), "schemas"), schema);
	json_t *required = json_object_get(description, "required"), *name;
	size_t i;

	assert_true(json_array_size(required) > 0);
	json_array_foreach(required, i, name)
		assert_non_null(json_object_get(value, json_string_value(name)));
	/* and nothing that is not described */
	{
		const char *key;
		json_t *member;

		json_object_foreach(value, key, member) assert_non_null(
			json_object_get(json_object_get(description, "properties"), key));
	}
}

static void answers_have_what_the_description_asks(void **state)
{
	json_t *openapi = get_json("/api/v1/openapi.json");
	json_t *status = get_json("/api/v1/status"), *settings = get_json("/api/v1/settings");
	json_t *users = get_json("/api/v1/users"), *log = get_json("/api/v1/log");

	(void)state;
	required_is_there(openapi, "Status", status);
	required_is_there(openapi, "Stream", json_array_get(json_object_get(status, "streams"), 0));
	required_is_there(openapi, "Setting", json_array_get(settings, 0));
	required_is_there(openapi, "User", json_array_get(users, 0));
	required_is_there(openapi, "Log", log);
	assert_non_null(strstr(json_string_value(json_object_get(log, "log")), "page and API:"));
	assert_null(strstr(json_string_value(json_object_get(log, "log")), service.password));
	json_decref(log);
	json_decref(users);
	json_decref(settings);
	json_decref(status);
	json_decref(openapi);
}

static void a_change_takes_the_page_s_token(void **state)
{
	static const char change[] = "{\"video.bitrate\":\"900\"}";
	char cookie[128], csrf[128];
	struct rc_buffer text;
	struct rc_error err;

	(void)state;
	service_log_in(&service, "admin", service.password, cookie, csrf);
	assert_int_equal(STATUS(&service, "/api/v1/status", "-H", cookie), 200);
	assert_int_equal(
		STATUS(&service, "/api/v1/settings", "-H", cookie, "-X", "PATCH", "-d", change),
		403);
	assert_int_equal(STATUS(&service, "/api/v1/settings", "-H", cookie, "-H", "X-CSRF-Token: 0",
				"-X", "PATCH", "-d", change),
			 403);
	assert_int_equal(STATUS(&service, "/api/v1/settings", "-H", cookie, "-H", csrf, "-H",
				"Sec-Fetch-Site: cross-site", "-X", "PATCH", "-d", change),
			 403);
	support_ok(rc_file_read(service.config, RC_KIB(64), &text, &err), &err);
	assert_null(rc_find((struct rc_span){ text.data, text.size }, "900", 3));
	rc_buffer_free(&text);
	assert_int_equal(STATUS(&service, "/api/v1/settings", "-H", cookie, "-H", csrf, "-H",
				"Sec-Fetch-Site: same-origin", "-X", "PATCH", "-d", change),
			 200);
	support_ok(rc_file_read(service.config, RC_KIB(64), &text, &err), &err);
	assert_non_null(rc_find((struct rc_span){ text.data, text.size }, "\nbitrate = 900\n", 15));
	rc_buffer_free(&text);
	assert_int_equal(
		STATUS(&service, "/api/v1/session", "-H", cookie, "-H", csrf, "-X", "DELETE"), 200);
	assert_int_equal(STATUS(&service, "/api/v1/status", "-H", cookie), 401);
}

static void a_wrong_change_is_said_to_be_that(void **state)
{
	static const struct {
		const char *body, *message;
	} cases[] = {
		{ "{\"video.bitrate\":\"fast\"}",
		  "bitrate = fast: it is a number from 64 to 20000" },
		{ "{\"video.bitrate\":900}", "is no setting with a text as its value" },
		{ "{\"video.size\":\"1\"}", "is no setting" },
		{ "{\"video.bitrate\":\"800\",\"rtsp.port\":\"x\"}", "port = x: it is a number" },
		/* cut within a character */
		{ "{\"vide.äääääääääääääääääääääääääääääää\":\"x\"}", "\\\"vide.????" },
		{ "[1]", "the body is no JSON object" },
		{ "{", "the body is no JSON object" },
	};
	struct run_result result;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		CURL(&service, "/api/v1/settings", &result, "-u", basic, "-X", "PATCH", "-d",
		     cases[i].body, "-w", " %{http_code}");
		assert_non_null(strstr((const char *)result.out.data, cases[i].message));
		assert_non_null(strstr((const char *)result.out.data, " 400"));
		run_result_free(&result);
	}
}

static void users_may_what_they_were_given(void **state)
{
	(void)state;
	assert_int_equal(STATUS(&service, "/api/v1/users/nvr", "-u", basic, "-X", "PUT", "-d",
				"{\"password\":\"not-a-secret\",\"role\":\"see\"}"),
			 200);
	assert_int_equal(STATUS(&service, "/snapshot.jpg", "-u", "nvr:not-a-secret"), 200);
	assert_int_equal(STATUS(&service, "/api/v1/users", "-u", "nvr:not-a-secret"), 403);
	assert_int_equal(
		STATUS(&service, "/api/v1/users/nvr", "-u", "nvr:not-a-secret", "-X", "DELETE"),
		403);
	assert_int_equal(STATUS(&service, "/api/v1/users/admin", "-u", basic, "-X", "DELETE"), 403);
	assert_int_equal(STATUS(&service, "/api/v1/users/nvr", "-u", basic, "-X", "DELETE"), 200);
	assert_int_equal(STATUS(&service, "/snapshot.jpg", "-u", "nvr:not-a-secret"), 401);
}

static void odd_requests_are_refused(void **state)
{
	char huge[1500], path[1600];

	(void)state;
	memset(huge, 'a', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	snprintf(path, sizeof(path), "/%s", huge);
	assert_int_equal(STATUS(&service, path, "-u", basic), 400);
	assert_int_equal(STATUS(&service, "/nothing", "-u", basic), 404);
	assert_int_equal(STATUS(&service, "/cgi-bin/", "-u", basic), 404);
	assert_int_equal(STATUS(&service, "/snapshot.jpg", "-u", basic, "-X", "PUT", "-d", "x"),
			 405);
	assert_int_equal(STATUS(&service, "/snapshot.jpg", "-u", basic, "-I"), 200);
	/* Nothing is read from a disk: there is nowhere to climb to. */
	assert_true(STATUS(&service, "/../../etc/passwd", "-u", basic) >= 400);
	assert_true(STATUS(&service, "/%2e%2e/%2e%2e/etc/passwd", "-u", basic) >= 400);
	assert_int_equal(STATUS(&service, "/api/v1/users/..%2fx", "-u", basic, "-X", "PUT", "-d",
				"{\"password\":\"not-a-secret\",\"role\":\"see\"}"),
			 404);
}

static void a_body_that_is_too_large_is_refused(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "large");
	char *large = calloc(1, RC_KIB(65)), word[300];
	struct rc_error err;

	(void)state;
	memset(large, 'a', RC_KIB(65));
	support_ok(rc_file_replace(path, large, RC_KIB(65), 0600, &err), &err);
	snprintf(word, sizeof(word), "@%s", path);
	assert_int_equal(
		STATUS(&service, "/api/v1/session", "--data-binary", word, "-H", "Expect:"), 413);
	free(large);
	free(path);
}

static void http_sends_on_to_https(void **state)
{
	struct run_result result;
	char url[80], expected[120];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/cgi-bin/currentpic.cgi", service.http);
	snprintf(expected, sizeof(expected), "301 %s/cgi-bin/currentpic.cgi", service.base);
	CURL(&service, url, &result, "-w", "%{http_code} %{redirect_url}");
	assert_string_equal((const char *)result.out.data, expected);
	run_result_free(&result);
	CURL(&service, url, &result, "-H", "Host: evil.example\"><x>", "-w", "%{http_code}");
	assert_string_equal((const char *)result.out.data, "000");
	run_result_free(&result);
}

static void the_page_takes_scripts_from_nowhere_else(void **state)
{
	struct run_result result;

	(void)state;
	CURL(&service, "/", &result, "-D", "-");
	assert_non_null(strstr((const char *)result.out.data,
			       "content-security-policy: default-src 'none'; script-src 'self'"));
	assert_non_null(strstr((const char *)result.out.data, "<title>Camera</title>"));
	assert_null(strstr((const char *)result.out.data, "onclick"));
	assert_null(strstr((const char *)result.out.data, "style=\""));
	run_result_free(&result);
	assert_int_equal(STATUS(&service, "/app.js", "--compressed"), 200);
}

static void the_first_password_can_be_set_once(void **state)
{
	static const char body[] = "{\"password\":\"not-a-secret\"}";
	struct service fresh;
	char printed[128];

	(void)state;
	service_start(&fresh, "");
	snprintf(printed, sizeof(printed), "admin:%s", fresh.password);
	assert_int_equal(STATUS(&fresh, "/api/v1/setup", "-d", "{\"password\":\"short\"}"), 400);
	assert_int_equal(
		STATUS(&fresh, "/api/v1/setup", "-d", body, "-H", "Sec-Fetch-Site: cross-site"),
		403);
	assert_int_equal(STATUS(&fresh, "/snapshot.jpg", "-u", printed), 200);
	assert_int_equal(STATUS(&fresh, "/api/v1/setup", "-d", body), 200);
	assert_int_equal(STATUS(&fresh, "/snapshot.jpg", "-u", printed), 401);
	assert_int_equal(STATUS(&fresh, "/snapshot.jpg", "-u", "admin:not-a-secret"), 200);
	assert_int_equal(STATUS(&fresh, "/api/v1/setup", "-d", body), 403);
	assert_true(service_stop(&fresh));
}

/* The last: this address has to wait from here on. */
static void wrong_passwords_cost_growing_pauses(void **state)
{
	struct run_result result;
	unsigned wrong = 0;

	(void)state;
	while (STATUS(&service, "/snapshot.jpg", "-u", "admin:wrong") == 401)
		assert_true(++wrong < 10);
	assert_int_equal(wrong, 4); /* three are free, the fourth begins the pauses */
	CURL(&service, "/snapshot.jpg", &result, "-u", basic, "-D", "-");
	assert_non_null(strstr((const char *)result.out.data, "HTTP/1.1 429 "));
	assert_non_null(strstr((const char *)result.out.data, "retry-after: "));
	run_result_free(&result);
	assert_int_equal(STATUS(&service, "/healthz", "-m", "5"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_sees_anything_without_a_password),
		cmocka_unit_test(a_snapshot_is_a_jpeg_of_the_picture),
		cmocka_unit_test(mjpeg_is_picture_after_picture),
		cmocka_unit_test(the_server_is_as_its_description_says),
		cmocka_unit_test(answers_have_what_the_description_asks),
		cmocka_unit_test(a_change_takes_the_page_s_token),
		cmocka_unit_test(a_wrong_change_is_said_to_be_that),
		cmocka_unit_test(users_may_what_they_were_given),
		cmocka_unit_test(odd_requests_are_refused),
		cmocka_unit_test(a_body_that_is_too_large_is_refused),
		cmocka_unit_test(http_sends_on_to_https),
		cmocka_unit_test(the_page_takes_scripts_from_nowhere_else),
		cmocka_unit_test(the_first_password_can_be_set_once),
		cmocka_unit_test(wrong_passwords_cost_growing_pauses),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
