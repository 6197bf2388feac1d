/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <string.h>

#include "format/program.h"

/* A string literal as the bytes of a program, without the last NUL. */
#define PROGRAM(text) ((struct rc_span){ (const uint8_t *)(text), sizeof(text) - 1 })

static void versions_are_found_among_lookalikes(void **state)
{
	char text[40];

	assert_true(program_string(PROGRAM("U-Boot\0expect U-Boot \0 U-Boot \1\0"
					   "U-Boot 2013.07 (now)\nmore"),
				   "U-Boot ", " (", text, sizeof(text)));
	assert_string_equal(text, "2013.07 (now)");
	assert_false(
		program_string(PROGRAM("U-Boot 2013.07"), "U-Boot ", " (", text, sizeof(text)));
	assert_string_equal(text, "");
}

static void a_string_that_does_not_fit_is_none(void **state)
{
	char text[8];

	assert_true(program_string(PROGRAM("v=1234567"), "v=", NULL, text, sizeof(text)));
	assert_string_equal(text, "1234567");
	assert_false(program_string(PROGRAM("v=12345678"), "v=", NULL, text, sizeof(text)));
	assert_false(program_string(PROGRAM("v="), "v=", NULL, text, sizeof(text)));
	assert_false(program_string(PROGRAM(""), "v=", NULL, text, sizeof(text)));
}

static void prompts_are_found_among_lookalikes(void **state)
{
	char text[24];

	/* hush's own continuation prompt, a piece of a message, a number of one's own */
	assert_true(program_prompt(PROGRAM("x\0> \0\0a: %d# \0\0\0"
					   "12345# \0isvp_t20# \0SigmaStar # \0"),
				   text, sizeof(text)));
	assert_string_equal(text, "isvp_t20# ");
	assert_true(program_prompt(PROGRAM("\0SigmaStar # \0"), text, sizeof(text)));
	assert_string_equal(text, "SigmaStar # ");
	assert_true(program_prompt(PROGRAM("\0U-Boot> \0"), text, sizeof(text)));
	assert_string_equal(text, "U-Boot> ");
	/* Not a string of its own: it begins, or ends, inside something else. */
	assert_false(program_prompt(PROGRAM("isvp_t20# \0"), text, sizeof(text)));
	assert_false(program_prompt(PROGRAM("\0:isvp_t20# \0"), text, sizeof(text)));
	assert_false(program_prompt(PROGRAM("\0isvp_t20# "), text, sizeof(text)));
	assert_false(
		program_prompt(PROGRAM("\0a_prompt_of_too_many_letters# \0"), text, sizeof(text)));
	assert_string_equal(text, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_found_among_lookalikes),
		cmocka_unit_test(a_string_that_does_not_fit_is_none),
		cmocka_unit_test(prompts_are_found_among_lookalikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
