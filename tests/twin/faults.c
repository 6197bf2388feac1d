/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"
#include "twin/twin.h"

static struct nor_faults chip;
static struct twin_line_faults line;
static struct sd_faults card;
static struct rc_error err;

static void test_good(void **state)
{
	support_ok(twin_parse_faults("", &chip, &line, &card, &err), &err);
	assert_true(chip.cut_at_op == 0 && line.flip_one_in == 0);
	support_ok(twin_parse_faults("cut:7,fail:8,lie:9,flip:10000,drop:20,seed:0,"
				     "unstable:0x240000/12",
				     &chip, &line, &card, &err),
		   &err);
	assert_int_equal(chip.cut_at_op, 7);
	assert_int_equal(chip.fail_at_op, 8);
	assert_int_equal(chip.lie_at_op, 9);
	assert_int_equal(chip.unstable_offset, 0x240000);
	assert_int_equal(chip.unstable_one_in, 12);
	assert_int_equal(line.flip_one_in, 10000);
	assert_int_equal(line.drop_one_in, 20);
	support_ok(twin_parse_faults("seed:12345678901", &chip, &line, &card, &err), &err);
	assert_true(chip.seed == 12345678901u && line.seed == 12345678901u);
	assert_int_equal(chip.cut_at_op, 0); /* of the last call nothing is left */
}

static void test_bad(void **state)
{
	static const struct {
		const char *spec, *words;
	} bad[] = {
		{ "cut", "\"cut\" needs a whole number of at least 1" },
		{ "cut:0", "at least 1" },
		{ "cut:x", "as in cut:100" },
		{ "seed:-1", "at least 0" },
		{ "flip:4294967296", "\"flip:4294967296\"" },
		{ "drop:3,,lie:2", "no fault \"\"" },
		{ "melt:3", "no fault \"melt:3\": there are cut:N" },
		{ "cu:3", "no fault \"cu:3\"" },
		{ "unstable:5", "is not unstable:OFFSET/N" },
		{ "unstable:5/0", "is not unstable:OFFSET/N" },
		{ "unstable:/5", "is not unstable:OFFSET/N" },
		{ "unstable:0x4000000/5", "is not unstable:OFFSET/N" },
		{ "cut:1 fail:2", "\"cut:1 fail:2\"" },
		{ "0123456789012345678901234567890123456789012345678901234567890123",
		  "64 characters is none: 0123456789012345678901234567890123456789..." },
	};

	for (size_t i = 0; i < RC_COUNT(bad); i++)
		support_fails(twin_parse_faults(bad[i].spec, &chip, &line, &card, &err), RC_EUSAGE,
			      &err, bad[i].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
