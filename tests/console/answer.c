/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsers of what U-Boot prints, with text as it comes and as it comes damaged. */
#include "console/answer.h"

#include <string.h>

#include "support.h"

static struct rc_span span(const char *text)
{
	return (struct rc_span){ (const uint8_t *)text, strlen(text) };
}

static void lines(void **state)
{
	struct rc_span rest = span("one\r\ntwo\n\r\r\nlast");
	static const char *const wanted[] = { "one", "two", "", "last" };
	struct rc_span line;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(wanted); i++) {
		assert_true(answer_next_line(&rest, &line));
		assert_int_equal(line.size, strlen(wanted[i]));
		assert_memory_equal(line.data, wanted[i], line.size);
	}
	assert_false(answer_next_line(&rest, &line));
}

/* Printed by the stock build of Jul 28 2017. */
static const char md_l_full[] =
	"80600000: 03040506 55aa5502 00002daa 0000305c    .....U.U.-..\\0..";
static const char md_l_short[] = "80600020: 00000000                               ....";
static const char md_b_full[] =
	"80600000: 06 05 04 03 02 55 aa 55 aa 2d 00 00 5c 30 00 00    .....U.U.-..\\0..";
static const char md_b_short[] = "80600010: 00 00 00                                           ...";

static void md_lines(void **state)
{
	static const uint8_t start[] = { 0x06, 0x05, 0x04, 0x03, 0x02, 0x55, 0xaa, 0x55,
					 0xaa, 0x2d, 0x00, 0x00, 0x5c, 0x30, 0x00, 0x00 };
	struct md_line line;

	(void)state;
	assert_true(md_parse_line(span(md_l_full), 4, &line));
	assert_int_equal(line.address, 0x80600000);
	assert_int_equal(line.count, 16);
	assert_memory_equal(line.bytes, start, 16);
	assert_true(md_parse_line(span(md_b_full), 1, &line));
	assert_memory_equal(line.bytes, start, 16);
	assert_true(md_parse_line(span(md_l_short), 4, &line));
	assert_int_equal(line.count, 4);
	assert_true(md_parse_line(span(md_b_short), 1, &line));
	assert_int_equal(line.count, 3);
	assert_true(md_parse_line(span("80600000: 2020 2020 2020 2020 2020 2020 2020 2020    "
				       "                "),
				  2, &line));
	assert_int_equal(line.count, 16);
	assert_false(md_parse_line(span(md_l_full), 1, &line));
	assert_false(md_parse_line(span(md_b_full), 4, &line));
	assert_false(md_parse_line(span(""), 4, &line));
}

/* Whatever one byte of a line becomes: it is refused, or it is in a digit whose byte the
 * text column shows as '.' both times. */
static void md_lines_damaged(void **state)
{
	size_t size = strlen(md_l_full);
	size_t accepted = 0, cut = 0;
	char text[96];
	struct md_line line;

	(void)state;
	for (size_t at = 0; at < size; at++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(text, md_l_full, size + 1);
			text[at] = (char)(text[at] ^ 1 << bit);
			accepted += md_parse_line((struct rc_span){ (uint8_t *)text, size }, 4,
						  &line);
			/* The text column and the spaces have no byte that may change. */
			if ((at >= 8 && at < 10) || at > 44)
				assert_false(md_parse_line(
					(struct rc_span){ (uint8_t *)text, size }, 4, &line));
		}
	assert_in_range(accepted, 1, size * 8 / 6);
	for (size_t at = 0; at < size; at++) {
		memcpy(text, md_l_full, at);
		memcpy(text + at, md_l_full + at + 1, size - at);
		cut += md_parse_line((struct rc_span){ (uint8_t *)text, size - 1 }, 4, &line);
	}
	assert_int_equal(cut, 0);
}

static void crc_lines(void **state)
{
	static const char *const bad[] = {
		"CRC32 for 80600000 ... 8060ffff ==> acbdb28",
		"CRC32 for 80600000 ... 8060ffff ==> acbdb2890",
		"CRC32 for 80600000 ... 8060fffe ==> acbdb289",
		"CRC32 for 80610000 ... 8060ffff ==> acbdb289",
		"CRC32 for 80600000 ... 8060ffff ==> acbdB289",
		"CRC32 for 80600000 .. 8060ffff ==> acbdb289",
		"",
	};
	uint32_t crc;

	(void)state;
	assert_true(crc32_parse(span("\r\nnoise\r\nCRC32 for 80600000 ... 8060ffff ==> "
				     "acbdb289\r"),
				0x80600000, 0x10000, &crc));
	assert_int_equal(crc, 0xacbdb289);
	for (size_t i = 0; i < RC_COUNT(bad); i++)
		assert_false(crc32_parse(span(bad[i]), 0x80600000, 0x10000, &crc));
}

static void sf_lines(void **state)
{
	static const struct {
		const char *text;
		enum sf_verdict verdict;
	} cases[] = {
		{ "SF: 65536 bytes @ 0x0 Read: OK\n--->read spend 1 ms", SF_OK },
		{ "SF: 65536 bytes @ 0x0 Read: ERROR", SF_FAILED },
		{ "SF: 65536 bytes @ 0x0 Read: OKAY", SF_UNCLEAR },
		{ "SF: 65536 bytes @ 0x0 Read: O", SF_UNCLEAR },
		{ "SF: 6536 bytes @ 0x0 Read: OK", SF_UNCLEAR },
		{ "SF: 65536 bytes @ 0x00000000000 Read: OK", SF_UNCLEAR },
		{ "SF: 99999999999999999999 bytes @ 0x0 Read: OK", SF_UNCLEAR },
		{ "SF: 65536 bytes @ 0x0 Erased: OK", SF_UNCLEAR },
		{ "ERROR: attempting read past flash size (0x800000)", SF_TOO_FAR },
		{ "ERROR: attempting erase past flash size (0x800000)", SF_UNCLEAR },
		{ "ERROR: attempting read past flash size (0x80000", SF_UNCLEAR },
		{ "No SPI flash selected. Please run `sf probe'", SF_NO_FLASH },
		{ "", SF_UNCLEAR },
	};
	struct rc_span complaint;
	uint32_t size;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++)
		assert_int_equal(sf_parse(span(cases[i].text), SF_READ, 0, 65536, &size),
				 cases[i].verdict);
	assert_int_equal(sf_parse(span(cases[8].text), SF_READ, 0, 65536, &size), SF_TOO_FAR);
	assert_int_equal(size, 0x800000);
	complaint = sf_complaint(span("\nlen plus offset more than flash size!\nsfc erase error"));
	assert_int_equal(complaint.size, strlen("len plus offset more than flash size!"));
	assert_int_equal(sf_complaint(span("all is well")).size, 0);
}

static void probe_lines(void **state)
{
	struct probe_answer probe;

	(void)state;
	assert_true(probe_parse(span("the manufacturer c8\r\nSF: Detected GD25Q128\r\n\r\n"
				     "--->probe spend 11 ms\r\n"),
				&probe));
	assert_true(probe.found && probe.has_maker && !probe.refused && !probe.failed);
	assert_int_equal(probe.maker, 0xc8);
	assert_int_equal(probe.unknown, 0);
	assert_string_equal(probe.name, "GD25Q128");
	assert_true(probe_parse(span("the id code = 1c7018\n"
				     "unsupport ID is if the id not be 0x00,the flash is ok for "
				     "burner\nthe manufacturer 1c\nSF: Detected FM25Q64\n"),
				&probe));
	assert_int_equal(probe.unknown, 0x1c7018);
	assert_string_equal(probe.name, "FM25Q64");
	assert_true(probe_parse(span("SF: Unsupported manufacturer 5e\n"
				     "Failed to initialize SPI flash at 0:0\n"),
				&probe));
	assert_true(probe.refused && probe.failed && !probe.found);
	assert_int_equal(probe.maker, 0x5e);
	assert_false(probe_parse(span("SF: Detected \nSF: Detected a name that is far too long"),
				 &probe));
	assert_false(probe_parse(span("SF: Detected GD25\x80Q128"), &probe));
	assert_false(probe_parse(span("Unknown command 'sf' - try 'help'"), &probe));
}

static void version_and_size_lines(void **state)
{
	char version[VERSION_TEXT];
	char longest[200];
	uint32_t size;

	(void)state;
	assert_true(version_parse(span("\r\nU-Boot 2013.07 (Jul 28 2017 - 17:10:01)\r\ngcc\r\n"),
				  version));
	assert_string_equal(version, "2013.07 (Jul 28 2017 - 17:10:01)");
	assert_false(version_parse(span("U-Boot "), version));
	assert_false(version_parse(span("U-Boot 2013\x01"), version));
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	memcpy(longest, "U-Boot ", 7);
	assert_false(version_parse(span(longest), version));
	assert_true(
		total_size_parse(span("## Total Size      = 0x00010000 = 65536 Bytes\r\n"), &size));
	assert_int_equal(size, 65536);
	assert_false(
		total_size_parse(span("## Total Size      = 0x00010000 = 65535 Bytes"), &size));
	assert_false(total_size_parse(span("## Total Size      = 0x00010000 = 65536 Byte"), &size));
}

static void running_at_lines(void **state)
{
	static const char line[] = "Stack Pointer at: 81f97f90\r\n"
				   "Now running in RAM - U-Boot at: 83f9c000\r\nMMC:   msc: 0";
	uint32_t address = 7;

	for (size_t cut = 0; cut < 69; cut++)
		assert_false(
			running_at_parse((struct rc_span){ (const uint8_t *)line, cut }, &address));
	assert_false(
		running_at_parse(span("Now running in RAM - U-Boot at: 83f9c00\r\n"), &address));
	assert_false(
		running_at_parse(span("Now running in RAM - U-Boot at: 83f9x000\r\n"), &address));
	assert_false(
		running_at_parse(span("Now running in RAM - U-Boot at: 83f9c0000\r\n"), &address));
	assert_int_equal(address, 7);
	assert_true(running_at_parse(span(line), &address));
	assert_int_equal(address, 0x83f9c000);
}

/* Printed by the stock build of a Mi 360 (facts/mstar-mi360.md 3.1, 0.7). */
static void probes_of_the_mi360(void **state)
{
	struct probe_answer probe;

	(void)state;
	assert_true(probe_parse(span("Flash is detected (0x090F, 0x1C, 0x70, 0x18)\r\n"
				     "SF: Detected nor0 with total size 16 MiB\r\n"),
				&probe));
	assert_true(probe.found);
	assert_int_equal(probe.jedec, 0x1c7018);
	assert_true(probe_parse(span("Unknown flash type (0x5E, 0x40, 0x18) and use default flash "
				     "type\r\nplease add flash info to serial flash driver\r\n"
				     "SF: Detected nor0 with total size 16 MiB\r\n"),
				&probe));
	assert_int_equal(probe.jedec, 0x5e4018);
	assert_false(probe_parse(span("Flash is detected (0x090F, 0x1C, 0x70, 0x18)\r\n"), &probe));
	assert_false(probe_parse(span("SF: Detected nor0 with total size 1x MiB\r\n"), &probe));
	probe_parse(span("Flash is detected (0x090F, 0x1c, 0x70, 0x18)\r\n"), &probe);
	assert_int_equal(probe.jedec, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(md_lines),
		cmocka_unit_test(md_lines_damaged),
		cmocka_unit_test(crc_lines),
		cmocka_unit_test(sf_lines),
		cmocka_unit_test(probe_lines),
		cmocka_unit_test(version_and_size_lines),
		cmocka_unit_test(running_at_lines),
		cmocka_unit_test(probes_of_the_mi360),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
