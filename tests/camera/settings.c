/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "camera/settings/settings.h"
#include "run.h"

static struct rc_span span(const char *text)
{
	return (struct rc_span){ (const uint8_t *)text, strlen(text) };
}

static void without_a_word_the_fallbacks_hold(void **state)
{
	struct settings settings = { 0 };
	struct rc_error err;

	(void)state;
	support_ok(settings_parse("x.conf", span(""), &settings, &err), &err);
	assert_string_equal(settings_text(&settings, SETTING_SOURCE), "test:1280x720@25");
	assert_int_equal(settings_number(&settings, SETTING_RTSP_PORT), 8554);
	settings_free(&settings);
}

/* Every fallback is a value that the table itself allows, and the file that describes all
 * of them is one that can be read, also with every # taken away. */
static void the_described_file_can_be_read(void **state)
{
	struct settings settings = { 0 };
	struct rc_text file = { 0 }, opened = { 0 };
	struct rc_error err;

	(void)state;
	for (unsigned id = 0; id < SETTING_COUNT; id++)
		support_ok(setting_check((enum setting_id)id,
					 setting_of((enum setting_id)id)->fallback, &err),
			   &err);
	settings_describe(&file);
	support_ok(settings_parse("x.conf", span(file.data), &settings, &err), &err);
	for (const char *p = file.data; *p; p++)
		if (p[0] != '#' || p[1] == ' ' || p[-1] != '\n')
			rc_text_add(&opened, "%c", *p);
	support_ok(settings_parse("x.conf", span(opened.data), &settings, &err), &err);
	for (unsigned id = 0; id < SETTING_COUNT; id++) {
		char line[80];

		snprintf(line, sizeof(line), "\n%s =", setting_of((enum setting_id)id)->key);
		assert_non_null(strstr(opened.data, line));
		assert_string_equal(settings_text(&settings, (enum setting_id)id),
				    setting_of((enum setting_id)id)->fallback);
	}
	settings_free(&settings);
	rc_text_free(&file);
	rc_text_free(&opened);
}

/* Each setting with its section in the manual, and troff has nothing to say against it. */
static void the_manual_has_every_setting(void **state)
{
	struct rc_text manual = { 0 };
	struct run_result result;

	(void)state;
	rc_text_add(&manual, ".TH X 5 2026-11-20 x x\n");
	settings_manual(&manual);
	for (unsigned id = 0; id < SETTING_COUNT; id++) {
		const struct setting *setting = setting_of((enum setting_id)id);
		char text[80];

		snprintf(text, sizeof(text), "\n.SS [%s]\n", setting->section);
		assert_non_null(strstr(manual.data, text));
		snprintf(text, sizeof(text), "\n.TP\n.B %s\n", setting->key);
		assert_non_null(strstr(manual.data, text));
		for (const struct setting_form *form = setting->forms; form && form->form; form++)
			assert_non_null(strstr(manual.data, form->meaning));
	}
	if (!run_exists("groff")) {
		print_message("groff is not installed\n");
	} else {
		run_program((const char *[]){ "groff", "-man", "-ww", "-z", "-", NULL },
			    span(manual.data), &result);
		assert_int_equal(result.status, 0);
		assert_string_equal((const char *)result.err.data, "");
		run_result_free(&result);
	}
	rc_text_free(&manual);
}

static void a_bad_line_is_named_and_nothing_changes(void **state)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "bitrate = 7\n", "c:1: \"bitrate\" stands before the first [section]" },
		{ "[vidio]\n", "c:1: there is no section [vidio]" },
		{ "[rtsp]\nprot = 1\n",
		  "c:2: [rtsp] has no \"prot\"; it has port, tls_port, clients" },
		{ "[rtsp]\nport = 1\n\nport = 2\n", "c:4: port was set in line 2 already" },
		{ "[rtsp]\nport = 65536\n", "c:2: port = 65536: it is a number from 0 to 65535" },
		{ "[rtsp]\nport = -1\n", "c:2: port = -1: it is a number" },
		{ "[rtsp]\nclients = 0\n", "c:2: clients = 0: it is a number from 1 to 2000" },
		{ "[video]\nsource = dev0\n", "c:2: source = dev0: it is test:" },
		{ "[video]\nstill = /bin/x\n", "c:2: still = /bin/x: it is exec:COMMAND" },
		{ "[video]\nsub_size = 640\n", "c:2: sub_size = 640: it is WIDTHxHEIGHT" },
		{ "[video]\nsub_size = 0x360\n", "it is WIDTHxHEIGHT" },
		{ "[camera]\nname =\n", "c:2: name has 0 characters, and may have 1 to 63" },
		{ "[camera]\nname = \xff\n", "c:2: name: it is one line of UTF-8" },
		{ "[camera]\nname = a ;b\n", "c:2: column 10 holds a ';' behind a blank" },
		{ "[camera]\n name = a\n", "c:2: the line begins with a blank" },
	};
	struct settings settings = { 0 };
	struct rc_error err;

	(void)state;
	support_ok(settings_parse("c", span("[camera]\nname = Küche\n"), &settings, &err), &err);
	for (size_t i = 0; i < RC_COUNT(bad); i++) {
		support_fails(settings_parse("c", span(bad[i].text), &settings, &err), RC_EFORMAT,
			      &err, bad[i].message);
		assert_string_equal(settings_text(&settings, SETTING_NAME), "Küche");
	}
	settings_free(&settings);
}

static void a_change_leaves_the_owners_words(void **state)
{
	static const char old[] = "# mine\n[rtsp]\n# not the usual one\nport = 554\n"
				  "#clients = 600\n\n[camera]\nname = Hof\n";
	static const struct setting_change changes[] = {
		{ SETTING_RTSP_PORT, "8555" },
		{ SETTING_RTSP_CLIENTS, "20" },
		{ SETTING_RTSPS_PORT, "0" },
		{ SETTING_BITRATE, "900" },
	};
	struct rc_text out;
	struct rc_error err;

	(void)state;
	support_ok(settings_edit("c", span(old), changes, RC_COUNT(changes), &out, &err), &err);
	assert_string_equal(out.data,
			    "# mine\n[rtsp]\ntls_port = 0\n# not the usual one\nport = 8555\n"
			    "clients = 20\n\n[camera]\nname = Hof\n\n[video]\nbitrate = 900\n");
	rc_text_free(&out);
}

static void a_wrong_change_changes_no_file(void **state)
{
	static const struct setting_change wrong = { SETTING_BITRATE, "fast" };
	static const struct setting_change sly = { SETTING_NAME, "x\n[rtsp]\nport = 1" };
	static const struct setting_change right = { SETTING_BITRATE, "900" };
	char *path = rc_path_join(support_temp_dir(), "recamd.conf");
	struct settings settings = { 0 };
	struct rc_buffer bytes;
	struct rc_error err;
	struct stat st;

	(void)state;
	support_fails(settings_change(path, &wrong, 1, &err), RC_ERANGE, &err,
		      "bitrate = fast: it is a number");
	assert_false(rc_file_exists(path));
	support_ok(settings_change(path, &right, 1, &err), &err);
	support_fails(settings_change(path, &sly, 1, &err), RC_ERANGE, &err,
		      "name: it is one line");
	support_ok(settings_load(path, &settings, &err), &err);
	assert_int_equal(settings_number(&settings, SETTING_BITRATE), 900);
	assert_string_equal(settings_text(&settings, SETTING_NAME), "recamd");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* In its place, not at the end. */
	support_ok(rc_file_read(path, RC_KIB(64), &bytes, &err), &err);
	assert_non_null(memmem(bytes.data, bytes.size, "kbit/s\nbitrate = 900\n", 21));
	rc_buffer_free(&bytes);
	settings_free(&settings);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_word_the_fallbacks_hold),
		cmocka_unit_test(the_described_file_can_be_read),
		cmocka_unit_test(the_manual_has_every_setting),
		cmocka_unit_test(a_bad_line_is_named_and_nothing_changes),
		cmocka_unit_test(a_change_leaves_the_owners_words),
		cmocka_unit_test(a_wrong_change_changes_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
