/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "camera/settings/import.h"
#include "camera/settings/shell_conf.h"

static char directory[256];

static int make_directory(void **state)
{
	static unsigned number;

	(void)state;
	snprintf(directory, sizeof(directory), "%s/%u", support_temp_dir(), ++number);
	return mkdir(directory, 0700);
}

static void put(const char *name, const char *text)
{
	char *path = rc_path_join(directory, name);
	struct rc_error err;

	support_ok(rc_file_replace(path, text, strlen(text), 0600, &err), &err);
	free(path);
}

static void shell_values_are_read_as_a_shell_does(void **state)
{
	static const struct {
		const char *line, *value; /* NULL: a problem */
	} cases[] = {
		{ "A=b", "b" },
		{ "export A=b", "b" },
		{ "  A='b c'  # why", "b c" },
		{ "A=\"b \\\"c\\\" \\d\"", "b \"c\" \\d" },
		{ "A=b\\ c", "b c" },
		{ "A=b'c'\"d\"", "bcd" },
		{ "A=\"$X/$Y\"", "home/" },
		{ "A=${X}s", "homes" },
		{ "A='$X'", "$X" },
		{ "A=\"`hostname`\"", "HOF" },
		{ "A=$(date +%Y-%m-%d)/$(date +%H)", "%Y-%m-%d/%H" },
		{ "A=REC_$(date +%H-%M-%S.h264)", "REC_%H-%M-%S.h264" },
		{ "A=\"--tls $\"", "--tls $" },
		{ "A=", "" },
		{ "A=b;", "b" },
		{ "A=b\r", "b" },
		{ "A=`reboot`", NULL },
		{ "A=$(rm -rf /)", NULL },
		{ "A=$(date +%H; reboot)", NULL },
		{ "A=$(date +$(reboot))", NULL },
		{ "A=b; reboot", NULL },
		{ "A=b reboot", NULL },
		{ "A=b|sh", NULL },
		{ "A=b>/etc/passwd", NULL },
		{ "reboot", NULL },
		{ "A='b", NULL },
		{ "A=\"b", NULL },
		{ "A=${X", NULL },
		{ "a b=c", NULL },
	};
	struct rc_error err;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct shell_conf conf;
		char text[200];

		snprintf(text, sizeof(text), "# c\nX=home\n%s\n", cases[i].line);
		support_ok(shell_conf_read((struct rc_span){ (uint8_t *)text, strlen(text) }, "HOF",
					   &conf, &err),
			   &err);
		assert_int_equal(conf.count, 2);
		assert_int_equal(conf.entries[1].line, 3);
		if (cases[i].value) {
			assert_null(conf.entries[1].problem);
			assert_string_equal(shell_conf_value(&conf, "A"), cases[i].value);
		} else {
			assert_non_null(conf.entries[1].problem);
			assert_null(shell_conf_value(&conf, "A"));
		}
		shell_conf_free(&conf);
	}
}

static const struct import_note *find_note(const struct import *import, const char *text)
{
	for (size_t i = 0; i < import->note_count; i++)
		if (strstr(import->notes[i].text, text))
			return &import->notes[i];
	return NULL;
}

static void a_config_folder_is_taken_as_far_as_it_goes(void **state)
{
	struct settings settings = { 0 };
	struct import import;
	struct rc_error err;
	struct rc_text out;

	(void)state;
	put("hostname.conf", "Hof\n");
	put("rtspserver.conf",
	    "PORT=8554\nBITRATE=5000\nUSERNAME=viewer\nUSERPASSWORD='not-a-secret'\n"
	    "RTSPOPTS=\"\"\nLOG=/dev/null\nreboot\nPORT=70000\n");
	put("mqtt.conf", "export LD_LIBRARY_PATH=/x\nHOST=broker\n");
	put("wpa_supplicant.conf", "psk=\"not-a-secret\"\n");
	put("ptz_presets.conf", "{}");
	support_ok(import_read(directory, &import, &err), &err);
	assert_int_equal(
		find_note(&import, "hostname.conf:1: the name is [camera] name = Hof")->outcome,
		IMPORT_TAKEN);
	assert_int_equal(
		find_note(&import, "rtspserver.conf:2: BITRATE is [video] bitrate = 5000")->outcome,
		IMPORT_TAKEN);
	assert_int_equal(
		find_note(&import, "rtspserver.conf:3: USERNAME is that of the user \"viewer\"")
			->outcome,
		IMPORT_CHANGED);
	assert_int_equal(find_note(&import, "rtspserver.conf:7: the line is no KEY=VALUE")->outcome,
			 IMPORT_NOT);
	assert_int_equal(find_note(&import, "rtspserver.conf:8: PORT cannot be taken")->outcome,
			 IMPORT_NOT);
	assert_int_equal(find_note(&import, "mqtt.conf:2: HOST: this version")->outcome,
			 IMPORT_LATER);
	assert_int_equal(find_note(&import, "wpa_supplicant.conf: the network is")->outcome,
			 IMPORT_NOT);
	assert_int_equal(find_note(&import, "ptz_presets.conf: this version")->outcome,
			 IMPORT_LATER);
	assert_null(find_note(&import, "wifi.conf"));
	assert_null(find_note(&import, "not-a-secret"));
	assert_string_equal(import.password, "not-a-secret");
	support_ok(settings_edit("x", (struct rc_span){ 0 }, import.changes, import.change_count,
				 &out, &err),
		   &err);
	support_ok(settings_parse("x", (struct rc_span){ (uint8_t *)out.data, out.size }, &settings,
				  &err),
		   &err);
	assert_string_equal(settings_text(&settings, SETTING_NAME), "Hof");
	assert_int_equal(settings_number(&settings, SETTING_RTSP_PORT), 8554);
	settings_free(&settings);
	rc_text_free(&out);
	import_free(&import);
}

static void a_folder_with_nothing_in_it_is_said_to_be_that(void **state)
{
	struct import import;
	struct rc_error err;

	(void)state;
	support_fails(import_read(directory, &import, &err), RC_ENOTFOUND, &err,
		      "holds none of the Dafang firmware's settings");
	put("resolv.conf", "nameserver 192.0.2.1\n"); /* every system has one */
	support_fails(import_read(directory, &import, &err), RC_ENOTFOUND, &err, "holds none");
	put("mqtt.conf", "A=b\n");
	support_ok(import_read(directory, &import, &err), &err);
	import_free(&import);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shell_values_are_read_as_a_shell_does),
		cmocka_unit_test_setup(a_config_folder_is_taken_as_far_as_it_goes, make_directory),
		cmocka_unit_test_setup(a_folder_with_nothing_in_it_is_said_to_be_that,
				       make_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
