/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bootloader says of a card, taken apart: whole, damaged, and of nothing. */
#include <string.h>

#include "console/uboot_mmc.h"
#include "support.h"

static struct rc_span span(const char *text)
{
	return (struct rc_span){ (const uint8_t *)text, strlen(text) };
}

static void test_blocks(void **state)
{
	static const struct {
		const char *answer;
		enum mmc_verdict verdict;
	} cases[] = {
		{ "\r\nMMC write: dev # 0, block # 126976, count 8 ... 8 blocks write: OK\r\n",
		  MMC_OK },
		{ "\r\nMMC write: dev # 0, block # 126976, count 8 ... 3 blocks write: ERROR\r\n",
		  MMC_FAILED },
		/* Of other blocks, fewer, the other way, cut, changed. */
		{ "MMC write: dev # 0, block # 126977, count 8 ... 8 blocks write: OK\r\n",
		  MMC_UNCLEAR },
		{ "MMC write: dev # 0, block # 126976, count 8 ... 7 blocks write: OK\r\n",
		  MMC_UNCLEAR },
		{ "MMC read: dev # 0, block # 126976, count 8 ... 8 blocks read: OK\r\n",
		  MMC_UNCLEAR },
		{ "MMC write: dev # 0, block # 126976, count 8 ... 8 blocks write: O\r\n",
		  MMC_UNCLEAR },
		{ "", MMC_UNCLEAR },
		{ "Card did not respond to voltage select!\r\n", MMC_ABSENT },
		{ "Unknown command 'mmc' - try 'help'\r\n", MMC_ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++)
		assert_int_equal(mmc_parse(span(cases[i].answer), true, 126976, 8),
				 cases[i].verdict);
}

static void test_files(void **state)
{
	uint32_t size = 0;

	(void)state;
	assert_int_equal(fatload_parse(span("reading a.bin\r\n65536 bytes read in 5 ms (12.5 "
					    "MiB/s)\r\n"),
				       &size),
			 MMC_OK);
	assert_int_equal(size, 65536);
	assert_int_equal(
		fatload_parse(span("reading a.bin\r\n65x36 bytes read in 5 ms\r\n"), &size),
		MMC_UNCLEAR);
	assert_int_equal(
		fatload_parse(span("reading a.bin\r\n99999999999 bytes read in 5 ms\r\n"), &size),
		MMC_UNCLEAR);
	assert_int_equal(
		fatload_parse(span("reading a.bin\r\n** Unable to read file a.bin **\r\n"), &size),
		MMC_ABSENT);
	assert_int_equal(fatload_parse(span("** Bad device mmc 0 **\r\n"), &size), MMC_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
