/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that make no sense: the contract's exit status, one message, nothing written. */
#include "cli.h"

#include <stdio.h>
#include <unistd.h>

struct refusal {
	const char *words[8];
	const char *says[3]; /* parts of the message */
};

static const struct refusal refusals[] = {
	{ { NULL }, { "no command given", "recam --help" } },
	{ { "resuce" }, { "there is no command \"resuce\"" } },
	{ { "card", "make" }, { "too few words" } },
	{ { "card", "make", "/dev/null", "--transfer" }, { "neither a card nor", "card.img" } },
	{ { "card", "chekc", "x" }, { "there are \"make\", \"check\" and \"take\"" } },
	{ { "card", "check", "x" }, { "--board ID" } },
	{ { "card", "check", "/dev/null", "--board", "dafang" }, { "is empty" } },
	{ { "card", "make", "/tmp/none" }, { "--firmware FILE", "--cfw", "--transfer" } },
	{ { "card", "make", "/tmp/none", "--firmware", "x", "--board", "digoo-bb-m2" },
	  { "is not known" } },
	{ { "card", "make", "/tmp/none", "--transfer", "--size", "100K" }, { "whole MiB" } },
	{ { "card", "take", "/dev/null" }, { "recam card take /dev/null -o FILE" } },
	{ { "unpack", "x" }, { "too few words" } },
	{ { "unpack", "/nonexistent/x", "y" }, { "/nonexistent/x", "No such file" } },
	{ { "unpack", "/dev/null", "y" }, { "[image-not-firmware]", "/dev/null is empty" } },
	{ { "unpack", "/dev/null", "y", "--board", "dafnag" },
	  { "no camera is called \"dafnag\"" } },
	{ { "pack", "x" }, { "--board ID" } },
	{ { "pack", "--board", "dafang", "x" }, { "-o FILE" } },
	{ { "pack", "--board", "dafnag", "x", "-o", "y" }, { "no camera is called \"dafnag\"" } },
	{ { "pack", "--board", "dafang", "/nonexistent", "-o", "y" }, { "/nonexistent" } },
	{ { "pack", "--board", "dafang", ".", "-o", "y" }, { "what it is to become", "--as" } },
	{ { "pack", "--board", "dafang", ".", "-o", "/" }, { "-o / is a folder" } },
	{ { "inspect" }, { "too few words" } },
	{ { "inspect", "a", "b" }, { "b is one word too many" } },
	{ { "inspect", "--bord", "x", "a" }, { "--bord", "is not known here" } },
	{ { "inspect", "a", "--board" }, { "--board", "needs a value" } },
	{ { "inspect", "a", "--board", "x", "--board", "y" }, { "--board was given twice" } },
	{ { "inspect", "/nonexistent/x" }, { "/nonexistent/x", "No such file" } },
	{ { "inspect", "/" }, { "/ is a folder" } },
	{ { "inspect", "/dev/null" }, { "/dev/null is empty" } },
	{ { "inspect", "/dev/null", "--chip",
	    "c840"
	    "1z" },
	  { "--chip c8401z", "six hex digits" } },
	{ { "backup", "x.bin" }, { "-o FILE" } },
	{ { "backup", "/nonexistent/x", "-o", "out.bin" }, { "/nonexistent/x" } },
	{ { "plan", "x.bin" }, { "--from FIRMWARE" } },
	{ { "plan", "x.bin", "--from", "y", "--only", "kernel,,root" }, { "--only", ",root" } },
	{ { "rescue", "x.bin" }, { "--from FIRMWARE" } },
	{ { "rescue", "flashrom:ch342z", "--from", "y" }, { "no programmer \"ch342z\"" } },
	{ { "rescue", "linux:/dev/nonexistent", "--from", "y" }, { "/dev/nonexistent" } },
	{ { "inspect", "linux:" }, { "linux: names no port", "linux:tcp:HOST:PORT" } },
	{ { "inspect", "uboot:/dev/nonexistent" }, { "/dev/nonexistent" } },
	{ { "inspect", "twin:/nonexistent/x" }, { "/nonexistent/x" } },
	{ { "inspect", "twin:/dev/null?colour=red" }, { "colour" } },
	{ { "twin", "/dev/null", "--engine", "steam" }, { "--engine steam", "exact" } },
	{ { "twin", "/dev/null", "--fault", "cut" }, { "cut" } },
	{ { "twin", "/dev/null", "--serprog", "127.0.0.1:0", "--pace" },
	  { "--serprog with --pace", "the camera is off" } },
	{ { "inspect", "x.bin", "--contact" }, { "--contact tests the clip", "flashrom:" } },
	{ { "inspect", "flashrom:dummy:bus=spi", "--contact" },
	  { "flashrom:dummy:bus=spi", "nothing answered" } },
	{ { "twin", "/dev/null" }, { "the image is empty" } },
	{ { "console", "tcp:127.0.0.1:1" }, { "127.0.0.1", "refused" } },
	{ { "backup", "x.bin", "-o", "y.bin", "--reference", "/" }, { "/", "--board ID" } },
	{ { "card", "make", "x.img", "--transfer", "--firmware", "/" }, { "/", "--board ID" } },
	{ { "boards", "dafnag" }, { "no camera is called \"dafnag\"", "recam boards" } },
};

static void refusals_are_one_message_and_status_2(void **state)
{
	const char *folder = support_temp_dir();

	assert_int_equal(chdir(folder), 0);
	for (size_t i = 0; i < RC_COUNT(refusals); i++) {
		const struct refusal *refusal = &refusals[i];
		struct run_result result;

		recam(&result, refusal->words);
		if (result.status != 2)
			fail_msg("%s %s: status %d: %s", refusal->words[0], refusal->words[1],
				 result.status, (const char *)result.err.data);
		for (size_t j = 0; j < 3 && refusal->says[j]; j++)
			assert_has(&result.err, refusal->says[j]);
		assert_int_equal(result.out.size, 0);
		/* One line, which begins with the program's name. */
		assert_memory_equal(result.err.data, "recam: ", 7);
		assert_ptr_equal(memchr(result.err.data, '\n', result.err.size),
				 result.err.data + result.err.size - 1);
		run_result_free(&result);
	}
	assert_int_equal(support_count_files(folder), 0);
}

static void every_command_has_help_and_version(void **state)
{
	static const char *const commands[] = { "inspect", "backup", "plan",   "rescue", "twin",
						"console", "boards", "unpack", "pack" };
	struct run_result result;

	for (size_t i = 0; i < RC_COUNT(commands); i++) {
		RECAM(&result, commands[i], "--help");
		assert_int_equal(result.status, 0);
		assert_has(&result.out, commands[i]);
		assert_has(&result.out, "--version");
		run_result_free(&result);
		RECAM(&result, commands[i], "--version");
		assert_int_equal(result.status, 0);
		assert_memory_equal(result.out.data, "recam ", 6);
		run_result_free(&result);
	}
	RECAM(&result, "--help");
	assert_int_equal(result.status, 0);
	for (size_t i = 0; i < RC_COUNT(commands); i++)
		assert_has(&result.out, commands[i]);
	run_result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_are_one_message_and_status_2),
		cmocka_unit_test(every_command_has_help_and_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
