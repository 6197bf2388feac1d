/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recamd's command line, as its users type it. */
#include "support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "service.h"

static void recamd(struct run_result *result, const char *input, const char *const *words)
{
	const char *argv[16] = { getenv("RECAMD_BINARY") };
	size_t i = 0;

	for (; words[i]; i++) {
		assert_true(i < 14);
		argv[i + 1] = words[i];
	}
	run_program(argv, (struct rc_span){ (const uint8_t *)input, strlen(input) }, result);
}
#define RECAMD(result, input, ...) recamd(result, input, (const char *const[]){ __VA_ARGS__, NULL })

static void expect(struct run_result *result, int status, const char *part)
{
	const struct rc_buffer *text = status ? &result->err : &result->out;

	if (result->status != status || !strstr((const char *)text->data, part))
		fail_msg("status %d, \"%s\" is not in: %s%s", result->status, part,
			 (const char *)result->out.data, (const char *)result->err.data);
	run_result_free(result);
}

/* One folder for all of this program. */
static char *place(const char *name)
{
	static const char *root;

	if (!root)
		root = support_temp_dir();
	return rc_path_join(root, name);
}

static char *put(const char *name, const char *text)
{
	char *path = place(name);
	struct rc_error err;

	support_ok(rc_file_replace(path, text, strlen(text), 0600, &err), &err);
	return path;
}

static void settings_are_checked_without_starting(void **state)
{
	char *good = put("good.conf", "[video]\nsource = test:640x480@5\n");
	char *bad = put("bad.conf", "[video]\n\nbitrate = much\n");
	char *worse = put("worse.conf", "[video]\nsource = test:1x1\n");
	struct run_result result;

	(void)state;
	RECAMD(&result, "", "--check", "--config", good);
	expect(&result, 0, "the settings are right");
	RECAMD(&result, "", "--check", "--config", bad);
	expect(&result, 2, "bad.conf:3: bitrate = much: it is a number from 64 to 20000 kbit/s");
	RECAMD(&result, "", "--check", "--config", worse);
	expect(&result, 2, "1x1");
	RECAMD(&result, "", "--check", "--config", "/nowhere/x");
	expect(&result, 2, "/nowhere/x");
	free(good);
	free(bad);
	free(worse);
}

static void odd_words_are_refused(void **state)
{
	struct run_result result;

	(void)state;
	RECAMD(&result, "", "start");
	expect(&result, 2, "\"start\" is no word of recamd's");
	RECAMD(&result, "", "import");
	expect(&result, 2, "recamd import DIR");
	RECAMD(&result, "", "import", "/nowhere");
	expect(&result, 2, "holds none of the Dafang firmware's settings");
	RECAMD(&result, "", "--help");
	expect(&result, 0, "recamd passwd [--state DIR] [USER]");
	RECAMD(&result, "", "--version");
	expect(&result, 0, "recamd 0.");
}

static void a_password_is_taken_by_a_running_recamd(void **state)
{
	struct service service;
	struct run_result result;
	unsigned status = 0;

	(void)state;
	service_start(&service, "");
	RECAMD(&result, "short\n", "passwd", "--state", service.state);
	expect(&result, 2, "the password has 5 characters: 8 to 128 are asked for");
	RECAMD(&result, "", "passwd", "--state", service.state);
	expect(&result, 2, "no password came");
	RECAMD(&result, "not-a-secret\n", "passwd", "--state", service.state);
	expect(&result, 0, "");
	assert_int_equal(kill(service.pid, SIGHUP), 0);
	for (unsigned i = 0; i < 100 && status != 200; i++) {
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
		if (i % 20 == 0) /* a wrong one costs: not too often */
			status = STATUS(&service, "/snapshot.jpg", "-u", "admin:not-a-secret");
	}
	assert_int_equal(status, 200);
	assert_true(service_stop(&service));
}

static void an_import_is_written_where_it_is_asked_for(void **state)
{
	char *folder = place("config");
	char *config = place("made.conf");
	char *users = place("imported");
	struct rc_buffer text;
	struct run_result result;
	struct rc_error err;

	(void)state;
	assert_int_equal(mkdir(folder, 0700), 0);
	free(put("config/rtspserver.conf",
		 "PORT=8600\nUSERNAME=viewer\nUSERPASSWORD=not-a-secret\nCODEC=H264\n"));
	RECAMD(&result, "", "import", folder);
	expect(&result, 0, "Taken:\n  rtspserver.conf:1: PORT is [rtsp] port = 8600\n");
	assert_false(rc_file_exists(config));
	RECAMD(&result, "", "import", folder, "--config", config, "--state", users);
	expect(&result, 0, "Not in this version of recamd:\n  rtspserver.conf:4: CODEC");
	support_ok(rc_file_read(config, RC_KIB(64), &text, &err), &err);
	assert_non_null(rc_find((struct rc_span){ text.data, text.size }, "\nport = 8600\n", 13));
	assert_null(rc_find((struct rc_span){ text.data, text.size }, "not-a-secret", 12));
	rc_buffer_free(&text);
	RECAMD(&result, "", "--check", "--config", config);
	expect(&result, 0, "the settings are right");
	free(users);
	free(config);
	free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_checked_without_starting),
		cmocka_unit_test(odd_words_are_refused),
		cmocka_unit_test(a_password_is_taken_by_a_running_recamd),
		cmocka_unit_test(an_import_is_written_where_it_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
