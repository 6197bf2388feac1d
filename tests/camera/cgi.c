/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of the Dafang firmware, each of facts/dafang-cfw-contract.md A.6 to A.9 with each
 * of its parameters, and what recamd has to answer: one table. All are asked over one connection.
 */
#include "support.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cgi_contract.h"
#include "service.h"

#define MARK "\n@@@@"

static struct service service;
static char basic[128];

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

/* --- all of them ------------------------------------------------------------------------ */

struct asked {
	char address[400];
	unsigned status;
	char has[400];
};
static struct asked all[400];
static size_t count;

static void ask(const char *address, unsigned status, const char *has)
{
	assert_true(count < RC_COUNT(all) && strlen(address) < sizeof(all[0].address) &&
		    strlen(has) < sizeof(all[0].has));
	snprintf(all[count].address, sizeof(all[0].address), "%s", address);
	snprintf(all[count].has, sizeof(all[0].has), "%s", has);
	all[count++].status = status;
}

static void ask_switches(void)
{
	char address[200];

	for (size_t i = 0; switches[i].name; i++) {
		static const char *const words[] = { "on", "off", "status" };

		for (size_t k = 0; k < RC_COUNT(words); k++) {
			snprintf(address, sizeof(address), "action.cgi?cmd=%s_%s", switches[i].name,
				 words[k]);
			if (!switches[i].known)
				ask(address, 501, "no driver");
			else if (k == 0)
				ask(address, 501, "this version of recamd has no ");
			else
				ask(address, 200, k == 1 ? " is OFF</p>\n" BUTTON : "=OFF\n");
		}
	}
}

static void ask_live(const char *name)
{
	bool known = strncmp(name, "motion", 6) == 0 || strncmp(name, "auto", 4) == 0;
	char address[200];

	assert_non_null(name);
	snprintf(address, sizeof(address), "ui_live.cgi?cmd=%s&action=on", name);
	ask(address, 501, known ? "this version" : "no driver");
	snprintf(address, sizeof(address), "ui_live.cgi?cmd=%s&action=off", name);
	ask(address, known ? 200 : 501, known ? " is OFF" : "no driver");
	snprintf(address, sizeof(address), "ui_live.cgi?cmd=%s&action=status", name);
	ask(address, known ? 200 : 501, known ? "=OFF\n" : "cannot tell");
}

static void ask_absent(void)
{
	for (size_t i = 0; absent[i][0]; i++) {
		char names[400], *rest = names, *name;

		snprintf(names, sizeof(names), "%s", absent[i][1]);
		while ((name = strsep(&rest, " "))) {
			char address[200], text[100];

			snprintf(address, sizeof(address), "%s.cgi?cmd=save_config&%s=1",
				 absent[i][0], name);
			snprintf(text, sizeof(text), "cannot set %s", name);
			ask(address, 501, text);
		}
	}
}

/* One curl with all of them, on one connection. */
static void fetch(struct run_result *result)
{
	struct rc_text config = { 0 };

	rc_text_add(&config, "user = \"%s\"\nwrite-out = \"\\n@@@@%%{http_code}\"\n", basic);
	for (size_t i = 0; i < count; i++)
		rc_text_add(&config, "url = \"%s/cgi-bin/%s\"\n", service.base, all[i].address);
	run_program(
		(const char *[]){ "curl", "-sk", "--noproxy", "*", "-m", "200", "-K", "-", NULL },
		(struct rc_span){ (const uint8_t *)rc_text_get(&config), config.size }, result);
	rc_text_free(&config);
}

static void compare(const struct asked *asked, struct rc_span body, unsigned status)
{
	const char *has = asked->has;
	bool right = *has == '=' ? body.size >= strlen(has + 1) &&
					   memcmp(body.data, has + 1, strlen(has + 1)) == 0
				 : rc_find(body, has, strlen(has)) != NULL;

	/* A version or a port may follow. */
	if (*has == '=' && has[strlen(has) - 1] == '\n')
		right = right && body.size == strlen(has + 1);
	if (status != asked->status || !right)
		fail_msg("%s: %u, %.*s", asked->address, status, (int)body.size,
			 (const char *)body.data);
}

static void each_address_answers_as_the_table_says(void **state)
{
	struct run_result result;
	struct rc_span rest;

	(void)state;
	for (size_t i = 0; expectations[i].address; i++)
		ask(expectations[i].address, expectations[i].status, expectations[i].has);
	ask_switches();
	for (size_t i = 0; live_parts[i]; i++)
		ask_live(live_parts[i]);
	ask_absent();
	fetch(&result);
	rest = (struct rc_span){ result.out.data, result.out.size };
	for (size_t i = 0; i < count; i++) {
		const uint8_t *end = rc_find(rest, MARK, strlen(MARK));
		char status[4] = "";
		size_t size;

		if (!end)
			fail_msg("no answer to %s", all[i].address);
		size = (size_t)(end - rest.data);
		/* The next answer follows at once. */
		memcpy(status, end + strlen(MARK), 3);
		compare(&all[i], (struct rc_span){ rest.data, size }, (unsigned)atoi(status));
		rest = rc_span_sub(rest, size + strlen(MARK) + 3, rest.size);
	}
	print_message("%zu requests\n", count);
	run_result_free(&result);
}

/* --- what they do ----------------------------------------------------------------------- */

static void settings_are_taken_as_a_whole(void **state)
{
	struct rc_buffer text;
	struct rc_error err;

	(void)state;
	support_ok(rc_file_read(service.config, RC_KIB(64), &text, &err), &err);
	/* 800 was the last that was right; 700 came with something that recamd has not. */
	assert_non_null(rc_find((struct rc_span){ text.data, text.size }, "\nbitrate = 800\n", 15));
	assert_non_null(rc_find((struct rc_span){ text.data, text.size }, "\nname = Hof\n", 12));
	rc_buffer_free(&text);
}

static void systeminfo_has_the_keys_of_the_contract(void **state)
{
	static const char *const keys[] = { "hostname",   "kernel",   "uptime",
					    "cpu_avg",    "datetime", "network",
					    "disk_space", "memory",   "motor" };
	struct run_result result;
	json_t *json, *system, *network;

	(void)state;
	CURL(&service, "/cgi-bin/api.cgi?action=systeminfo", &result, "-u", basic);
	json = json_loadb((const char *)result.out.data, result.out.size, 0, NULL);
	system = json_object_get(json, "system");
	for (size_t i = 0; i < RC_COUNT(keys); i++)
		assert_non_null(json_object_get(system, keys[i]));
	network = json_object_get(system, "network");
	assert_non_null(json_object_get(json_object_get(network, "router"), "signal"));
	assert_true(json_integer_value(
			    json_object_get(json_object_get(system, "memory"), "total")) > 0);
	assert_true(json_integer_value(
			    json_object_get(json_object_get(system, "disk_space"), "total")) > 0);
	json_decref(json);
	run_result_free(&result);
}

/* What the firmware gave to a shell is a name here, and nothing else. */
static void nothing_is_run_as_code(void **state)
{
	static const char *const names[] = {
		"$(touch%20MARK)",  "`touch%20MARK`", "x;touch%20MARK",
		"x%0Atouch%20MARK", "x|touch%20MARK", "..%2F..%2FMARK"
	};
	char *mark = rc_path_join(service.state, "mark");
	struct run_result result;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(names); i++) {
		char path[600];
		const char *at = strstr(names[i], "MARK");

		snprintf(path, sizeof(path),
			 "/cgi-bin/api.cgi?action=set_hostname&hostname=%.*s%s%s",
			 (int)(at - names[i]), names[i], mark, at + 4);
		(void)STATUS(&service, path, "-u", basic, "-g");
		snprintf(path, sizeof(path), "/cgi-bin/action.cgi?cmd=%.*s%s%s",
			 (int)(at - names[i]), names[i], mark, at + 4);
		assert_true(STATUS(&service, path, "-u", basic, "-g") >= 400);
		assert_false(rc_file_exists(mark));
	}
	run_program(
		(const char *[]){ "nm", "-D", "--undefined-only", getenv("RECAMD_BINARY"), NULL },
		(struct rc_span){ 0 }, &result);
	assert_non_null(strstr((const char *)result.out.data, " posix_spawn"));
	assert_null(strstr((const char *)result.out.data, " system"));
	assert_null(strstr((const char *)result.out.data, " popen"));
	assert_null(strstr((const char *)result.out.data, " wordexp"));
	run_result_free(&result);
	free(mark);
}

static void passwords_come_in_a_body(void **state)
{
	static const char form[] = "cmd=set_video_size&videouser=tv&videopassword=not-a+secret%21";

	(void)state;
	assert_int_equal(STATUS(&service, "/cgi-bin/action.cgi", "-u", basic, "-d", form), 200);
	assert_int_equal(STATUS(&service, "/snapshot.jpg", "-u", "tv:not-a secret!"), 200);
	assert_int_equal(STATUS(&service, "/cgi-bin/action.cgi?cmd=settz&hostname=x", "-u",
				"tv:not-a secret!"),
			 403);
	assert_int_equal(
		STATUS(&service, "/cgi-bin/action.cgi?cmd=rtsp_start", "-u", "tv:not-a secret!"),
		403);
	assert_int_equal(
		STATUS(&service, "/cgi-bin/action.cgi?cmd=rtsp_status", "-u", "tv:not-a secret!"),
		200);
	assert_int_equal(STATUS(&service, "/cgi-bin/action.cgi", "-u", basic, "-d",
				"cmd=set_http_password&password=short"),
			 400);
	assert_int_equal(STATUS(&service, "/cgi-bin/action.cgi", "-u", basic, "-d",
				"cmd=set_http_password&password=another-secret"),
			 200);
	assert_int_equal(STATUS(&service, "/api/v1/users", "-u", "admin:another-secret"), 200);
	snprintf(basic, sizeof(basic), "admin:another-secret");
}

static void a_change_needs_more_than_a_cookie(void **state)
{
	static const char *const change = "/cgi-bin/action.cgi?cmd=settz&hostname=Tor";
	static const char *const look = "/cgi-bin/state.cgi?cmd=hostname";
	char cookie[128], csrf[128];

	(void)state;
	service_log_in(&service, "admin", "another-secret", cookie, csrf);
	assert_int_equal(STATUS(&service, look, "-H", cookie), 200);
	assert_int_equal(STATUS(&service, change, "-H", cookie), 403);
	assert_int_equal(STATUS(&service, change, "-H", cookie, "-H", "X-CSRF-Token: 0"), 403);
	assert_int_equal(STATUS(&service, change, "-H", cookie, "-d", "x=1"), 403);
	assert_int_equal(STATUS(&service, change, "-H", cookie, "-H", csrf), 200);
	/* A browser that knows the password by its own dialogue, on somebody else's page. */
	assert_int_equal(STATUS(&service, change, "-u", basic, "-H", "Sec-Fetch-Site: cross-site"),
			 403);
	assert_int_equal(STATUS(&service, change, "-u", basic, "-H", "Sec-Fetch-Site: none"), 200);
	assert_int_equal(STATUS(&service, change, "-u", basic, "-I"), 405);
	assert_int_equal(STATUS(&service, change, "-m", "5"), 401);
	assert_int_equal(STATUS(&service, look, "-m", "5"), 401);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_answers_as_the_table_says),
		cmocka_unit_test(settings_are_taken_as_a_whole),
		cmocka_unit_test(systeminfo_has_the_keys_of_the_contract),
		cmocka_unit_test(nothing_is_run_as_code),
		cmocka_unit_test(passwords_come_in_a_body),
		cmocka_unit_test(a_change_needs_more_than_a_cookie),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
