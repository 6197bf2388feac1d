/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <string.h>

#include "camera/web/parameters.h"

static const char *form(const char *text, const char *name, size_t size)
{
	static char out[64];

	assert_true(size <= sizeof(out));
	return form_value((struct rc_span){ (const uint8_t *)text, strlen(text) }, name, out, size)
		       ? out
		       : NULL;
}

static void a_form_is_decoded(void **state)
{
	static const struct {
		const char *text, *value; /* of "cmd" */
	} cases[] = {
		{ "cmd=osd", "osd" },
		{ "a=b&cmd=osd&cmd=other", "osd" },
		{ "cmd=two+words%21", "two words!" },
		{ "cmd=T%C3%BCr", "Tür" },
		{ "cmd=", "" },
		{ "cmd=a=b", "a=b" },
		{ "cmd=a%26b&x=1", "a&b" },
		{ "cmd", NULL },
		{ "", NULL },
		{ "&&&", NULL },
		{ "xcmd=1", NULL },
		{ "cmdx=1", NULL },
		{ "CMD=1", NULL },
		{ "cmd=%", NULL },
		{ "cmd=%4", NULL },
		{ "cmd=%zz", NULL },
		{ "cmd=a%00b", NULL },
		{ "cmd=%4&cmd=good", NULL }, /* the first is it, and is damaged */
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		const char *value = form(cases[i].text, "cmd", 64);

		if (!cases[i].value)
			assert_null(value);
		else
			assert_string_equal(value, cases[i].value);
	}
	assert_string_equal(form("cmd=1234567", "cmd", 8), "1234567");
	assert_null(form("cmd=12345678", "cmd", 8));
	assert_false(form_value((struct rc_span){ 0 }, "cmd", (char[4]){ 0 }, 4));
}

static void a_cookie_is_found_among_others(void **state)
{
	static const struct {
		const char *header, *value;
	} cases[] = {
		{ "recamd=abc", "abc" },     { "a=b; recamd=abc; c=d", "abc" },
		{ "a=b;recamd=abc", "abc" }, { "recamd=; a=b", "" },
		{ "xrecamd=abc", NULL },     { "recamdx=abc", NULL },
		{ "a=recamd=abc", NULL },    { "", NULL },
		{ ";;; ;", NULL },           { "recamd=0123456789012345", NULL },
	};
	char out[16];

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		bool found = cookie_value(cases[i].header, "recamd", out, sizeof(out));

		assert_int_equal(found, cases[i].value != NULL);
		if (found)
			assert_string_equal(out, cases[i].value);
	}
}

static void basic_is_user_and_password(void **state)
{
	static const char *const wrong[] = {
		"Basic YWRtaW4=",     /* admin */
		"Basic YWQAbWluOmE=", /* a NUL in it */
		"Basic YWRtaW46YQ",   /* cut */
		"Basic ====",
		"Basic ",
		"Basic",
		"Digest YWRtaW46YQ==",
		"",
		"Basic YWRtaW46YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh", /* too long */
	};
	char out[32], *password;

	(void)state;
	password = basic_credentials("Basic YWRtaW46bm90OmE=", out, sizeof(out));
	assert_non_null(password);
	assert_string_equal(out, "admin");
	assert_string_equal(password, "not:a");
	assert_non_null(basic_credentials("bAsIc   YWRtaW46YQ==", out, sizeof(out)));
	for (size_t i = 0; i < RC_COUNT(wrong); i++)
		assert_null(basic_credentials(wrong[i], out, sizeof(out)));
}

static void credentials_are_hidden(void **state)
{
	static const struct {
		const char *line, *hidden;
	} cases[] = {
		{ "exec:ffmpeg -i rtsp://me:it@cam/x -f h264 -",
		  "exec:ffmpeg -i rtsp://*****@cam/x -f h264 -" },
		{ "rtsp://a:b@c rtsp://me:p@ss@c/", "rtsp://***@c rtsp://*******@c/" },
		{ "https://cam:8443/a@b", "https://cam:8443/a@b" },
		{ "mail me@example, ://", "mail me@example, ://" },
		{ "://@", "://@" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		char line[80];

		strcpy(line, cases[i].line);
		hide_credentials(line);
		assert_string_equal(line, cases[i].hidden);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_form_is_decoded),
		cmocka_unit_test(a_cookie_is_found_among_others),
		cmocka_unit_test(basic_is_user_and_password),
		cmocka_unit_test(credentials_are_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
