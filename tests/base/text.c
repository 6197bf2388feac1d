/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include "base/text.h"

static void sizes_and_durations_read_well(void **state)
{
	char size[RC_SIZE_TEXT];
	char time[RC_DURATION_TEXT];

	assert_string_equal(rc_size_text(size, 0), "0 bytes");
	assert_string_equal(rc_size_text(size, 1023), "1023 bytes");
	assert_string_equal(rc_size_text(size, RC_KIB(64)), "64 KiB");
	assert_string_equal(rc_size_text(size, 3565158), "3.4 MiB");
	assert_string_equal(rc_size_text(size, RC_MIB(16)), "16 MiB");
	assert_string_equal(rc_duration_text(time, 7.2), "0:07");
	assert_string_equal(rc_duration_text(time, 7191), "1:59:51");
	assert_string_equal(rc_duration_text(time, -1), "0:00");
}

static void secrets_are_masked(void **state)
{
	char out[64];
	char tiny[4];

	rc_mask_secret("02:00:00:5E:C0:DE", out, sizeof(out));
	assert_string_equal(out, "02:**:**:**:**:DE");
	rc_mask_secret("0200005EC0DE", out, sizeof(out));
	assert_string_equal(out, "02********DE");
	rc_mask_secret("not-a-secret", out, sizeof(out));
	assert_string_equal(out, "************");
	rc_mask_secret("", out, sizeof(out));
	assert_string_equal(out, "");
	rc_mask_secret("not-a-secret", tiny, sizeof(tiny));
	assert_string_equal(tiny, "***");
}

static void numbers_are_taken_whole_or_not(void **state)
{
	uint64_t value = 7;

	assert_true(rc_parse_number("65536", UINT32_MAX, &value));
	assert_int_equal(value, 65536);
	assert_true(rc_parse_number("0x10000", UINT32_MAX, &value));
	assert_int_equal(value, 65536);
	assert_true(rc_parse_hex("c84018", UINT32_MAX, &value));
	assert_int_equal(value, 0xc84018);
	assert_true(rc_parse_number("18446744073709551615", UINT64_MAX, &value));
	assert_true(value == UINT64_MAX);
	value = 7;
	assert_false(rc_parse_number("18446744073709551616", UINT64_MAX, &value));
	assert_false(rc_parse_number("4294967296", UINT32_MAX, &value));
	assert_false(rc_parse_number("", 9, &value));
	assert_false(rc_parse_number("0x", 9, &value));
	assert_false(rc_parse_number("12x", 99, &value));
	assert_false(rc_parse_number("-1", 99, &value));
	assert_false(rc_parse_number(" 1", 99, &value));
	assert_false(rc_parse_number("5", 4, &value));
	assert_int_equal(value, 7);
}

static void bytes_from_outside_are_escaped_and_cut(void **state)
{
	struct rc_text text = { 0 };

	assert_string_equal(rc_text_get(&text), "");
	rc_text_add(&text, "<%d>", 5);
	rc_text_add_escaped(&text, (const uint8_t *)"a\033[2Jb\xff", 7, 6);
	assert_string_equal(rc_text_get(&text), "<5>a\\x1b[2Jb...");
	rc_text_free(&text);
}

static void an_error_is_one_plain_line(void **state)
{
	struct rc_error err;

	assert_int_equal(rc_fail(&err, RC_EIO, "bad\nname \033[31m%d", 3), RC_EIO);
	assert_string_equal(err.text, "bad?name ?[31m3");
	assert_int_equal(rc_fail(NULL, RC_EIO, "unwanted"), RC_EIO);
	assert_int_equal(rc_fail_errno(&err, RC_EIO, 2, "cannot open x"), RC_EIO);
	assert_string_equal(err.text, "cannot open x: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_durations_read_well),
		cmocka_unit_test(secrets_are_masked),
		cmocka_unit_test(numbers_are_taken_whole_or_not),
		cmocka_unit_test(bytes_from_outside_are_escaped_and_cut),
		cmocka_unit_test(an_error_is_one_plain_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
