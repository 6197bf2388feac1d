/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal: what it says comes back, a torn end does no harm, nonsense is refused. */
#include "rescue/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support.h"

#define HEADER                                                                            \
	"{\"journal\": 1, \"backup\": \"aa\", \"target\": \"bb\", \"chip\": \"c84018\", " \
	"\"board\": \"dafang\"}\n"
#define BEGIN "{\"event\": \"begin\", \"offset\": 262144, \"size\": 131072}\n"

static struct journal journal; /* large */

static int parse(const char *text, struct rc_error *err)
{
	return journal_parse((struct rc_span){ (const uint8_t *)text, strlen(text) }, "x.journal",
			     &journal, err);
}

static void what_is_written_is_read(void **state)
{
	const uint32_t crcs[] = { 0x1234abcd, 7 };
	struct journal header = {
		.backup_sha256 = "aa", .target_sha256 = "bb", .chip = "c84018", .board = "dafang"
	};
	char *path = rc_path_join(support_temp_dir(), "b.bin.journal");
	struct rc_error err;

	(void)state;
	support_ok(journal_load(path, &journal, &err), &err);
	assert_false(journal.present);
	support_ok(journal_add_plan(path, &header, &err), &err);
	support_ok(journal_add_rehearsal(path, "exact", &err), &err);
	support_ok(journal_add_begin(path, 0x40000, 0x30000, &err), &err);
	support_ok(journal_add_done(path, 0x40000, crcs, 2, &err), &err);
	support_ok(journal_load(path, &journal, &err), &err);
	assert_true(journal.present);
	assert_false(journal.finished);
	assert_string_equal(journal.target_sha256, "bb");
	assert_string_equal(journal.engine, "exact");
	assert_false(journal.blocks[3].begun);
	assert_true(journal.blocks[4].done);
	assert_int_equal(journal.blocks[4].crc, 0x1234abcd);
	assert_int_equal(journal.blocks[5].crc, 7);
	assert_true(journal.blocks[6].begun);
	assert_false(journal.blocks[6].done);
	assert_false(journal.blocks[7].begun);
	support_ok(journal_add_verdict(path, "starts", true, &err), &err);
	support_ok(journal_load(path, &journal, &err), &err);
	assert_true(journal.finished);
	assert_string_equal(journal.verdict, "starts");
	free(path);
}

static void a_torn_last_line_is_taken_off(void **state)
{
	static const char torn[] = HEADER BEGIN "{\"event\": \"done\", \"off";
	char *path = rc_path_join(support_temp_dir(), "b.bin.journal");
	struct rc_buffer text;
	struct rc_error err;

	(void)state;
	support_ok(rc_file_replace(path, torn, sizeof(torn) - 1, 0600, &err), &err);
	support_ok(journal_load(path, &journal, &err), &err);
	assert_true(journal.blocks[4].begun);
	assert_true(journal.blocks[5].begun);
	support_ok(rc_file_read(path, 4096, &text, &err), &err);
	assert_int_equal(text.size, sizeof(HEADER BEGIN) - 1);
	rc_buffer_free(&text);
	free(path);
}

static void a_begun_block_is_no_longer_done(void **state)
{
	struct rc_error err;

	(void)state;
	support_ok(parse(HEADER BEGIN "{\"event\": \"done\", \"offset\": 262144, \"crc32\": "
				      "[\"1\", \"2\"]}\n" BEGIN,
			 &err),
		   &err);
	assert_true(journal.blocks[4].begun);
	assert_false(journal.blocks[4].done);
}

static void a_new_plan_reopens_it(void **state)
{
	struct rc_error err;

	(void)state;
	support_ok(parse(HEADER "{\"event\": \"verdict\", \"verdict\": \"starts\", \"final\": "
				"true}\n" HEADER,
			 &err),
		   &err);
	assert_false(journal.finished);
}

static void nonsense_is_refused_by_line(void **state)
{
	static const struct {
		const char *text;
		const char *line;
		const char *why;
	} cases[] = {
		{ "\n", "line 1", "no JSON object" },
		{ "hello\n", "line 1", "no JSON object" },
		{ "[]\n", "line 1", "names no backup" },
		{ BEGIN, "line 1", "names no backup" },
		{ HEADER "{}\n", "line 2", "announces nothing" },
		{ HEADER "{\"event\": 3}\n", "line 2", "announces nothing" },
		{ "{\"journal\": 2}\n", "line 1", "version" },
		{ "{\"journal\": 1, \"backup\": \"aa\"}\n", "line 1", "missing" },
		{ HEADER "{\"journal\": 1, \"backup\": \"cc\", \"target\": \"b\", \"chip\": \"c\", "
			 "\"board\": \"d\"}\n",
		  "line 2", "another backup" },
		{ HEADER "{\"event\": \"begin\", \"offset\": 1, \"size\": 65536}\n", "line 2",
		  "no blocks" },
		{ HEADER "{\"event\": \"begin\", \"offset\": -65536, \"size\": 65536}\n", "line 2",
		  "no blocks" },
		{ HEADER "{\"event\": \"begin\", \"offset\": 67108864, \"size\": 65536}\n",
		  "line 2", "no blocks" },
		{ HEADER "{\"event\": \"begin\", \"offset\": 0, \"size\": 67174400}\n", "line 2",
		  "no blocks" },
		{ HEADER "{\"event\": \"begin\", \"offset\": 0, \"size\": 0}\n", "line 2",
		  "no blocks" },
		{ HEADER "{\"event\": \"done\", \"offset\": 0, \"crc32\": [\"12\"]}\n", "line 2",
		  "never begun" },
		{ HEADER BEGIN "{\"event\": \"done\", \"offset\": 262144, \"crc32\": [\"x\"]}\n",
		  "line 3", "a checksum is none" },
		{ HEADER "{\"event\": \"verdict\"}\n", "line 2", "verdict is missing" },
		{ HEADER "{\"event\": \"rehearsed\", \"engine\": \"much too long\"}\n", "line 2",
		  "engine" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rc_error err;

		support_fails(parse(cases[i].text, &err), RC_EFORMAT, &err, "x.journal",
			      cases[i].line, cases[i].why, "--backup");
	}
}

static void a_long_line_is_refused(void **state)
{
	char text[5000];
	struct rc_error err;

	(void)state;
	memset(text, 'x', sizeof(text) - 2);
	text[sizeof(text) - 2] = '\n';
	text[sizeof(text) - 1] = '\0';
	support_fails(parse(text, &err), RC_EFORMAT, &err, "line 1", "too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_torn_last_line_is_taken_off),
		cmocka_unit_test(a_begun_block_is_no_longer_done),
		cmocka_unit_test(a_new_plan_reopens_it),
		cmocka_unit_test(nonsense_is_refused_by_line),
		cmocka_unit_test(a_long_line_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
