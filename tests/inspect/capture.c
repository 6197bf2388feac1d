/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures back to bytes. The judges of what hexdump, od and xxd write are those programs;
 * of md it is a bootloader (tests/twin/capture.c). Here md's lines are made, and wounded.
 */
#include "inspect/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "inspect/inspect.h"
#include "run.h"
#include "support.h"

static const struct capture_options flash = { 0 };

static struct rc_span span_of(const struct rc_text *text)
{
	return (struct rc_span){ (const uint8_t *)rc_text_get(text), text->size };
}

static void read_text(const struct rc_text *text, struct capture *capture)
{
	struct rc_error err;

	support_ok(capture_read(span_of(text), &flash, capture, &err), &err);
}

/* --- Linux tools --- */

static void make_bytes(struct rc_buffer *out, unsigned kind)
{
	static const char text[] = "|a line> that <ends in blanks|                ";
	uint64_t seed = 77;

	*out = (struct rc_buffer){ 0 };
	for (size_t i = 0; i < 5003; i++) {
		uint8_t byte = (uint8_t)support_random(&seed);

		if (kind == 1 && i / 700 % 2)
			byte = i / 1400 % 2 ? 0xff : 0x00;
		else if (kind == 2)
			byte = (uint8_t)text[i % (sizeof(text) - 1)];
		assert_true(rc_buffer_append(out, &byte, 1));
	}
}

static void check_tool(const char *const *argv, const struct rc_buffer *bytes)
{
	struct run_result result;
	struct capture capture;
	struct rc_error err;
	int status;

	if (!run_exists(argv[0])) {
		print_message("SKIPPED: no %s here\n", argv[0]);
		return;
	}
	run_program(argv, (struct rc_span){ bytes->data, bytes->size }, &result);
	assert_int_equal(result.status, 0);
	status = capture_read((struct rc_span){ result.out.data, result.out.size }, &flash,
			      &capture, &err);
	if (status || capture.size != bytes->size || capture.missing ||
	    memcmp(capture.bytes, bytes->data, bytes->size) != 0)
		fail_msg("%s %s %s: %s, %zu bytes, %llu missing", argv[0], argv[1] ? argv[1] : "",
			 argv[1] && argv[2] ? argv[2] : "", status ? err.text : "read",
			 capture.size, (unsigned long long)capture.missing);
	assert_int_equal(capture.garbled + capture.contradicting, 0);
	capture_clear(&capture);
	run_result_free(&result);
}

static void test_linux_tools(void **state)
{
	static const char *const tools[][8] = {
		{ "hexdump" },
		{ "hexdump", "-C" },
		{ "hexdump", "-v" },
		{ "hexdump", "-v", "-C" },
		{ "od" },
		{ "od", "-x" },
		{ "od", "-A", "x", "-t", "x1" },
		{ "od", "-A", "d", "-t", "x2" },
		{ "od", "-A", "o", "-t", "x4" },
		{ "od", "-A", "x", "-t", "x1z", "-v" },
		{ "od", "-t", "o1" },
		{ "od", "-b" },
		{ "od", "-A", "x", "-t", "x1", "-w32" },
		{ "xxd" },
		{ "xxd", "-g1" },
		{ "xxd", "-g4" },
		{ "busybox", "hexdump" },
		{ "busybox", "hexdump", "-C" },
		{ "busybox", "od" },
		{ "busybox", "xxd" },
	};

	(void)state;
	for (unsigned kind = 0; kind < 3; kind++) {
		struct rc_buffer bytes;

		make_bytes(&bytes, kind);
		for (size_t i = 0; i < RC_COUNT(tools); i++)
			check_tool(tools[i], &bytes);
		rc_buffer_free(&bytes);
	}
}

static void test_end_of_hexdump_lost(void **state)
{
	struct rc_text text = { 0 };
	struct capture capture;

	(void)state;
	rc_text_add(&text, "0000000 1985 e001 0030 0000\n0000008 1234 5678 9abc def0\n"
			   "0000010 1111 2222 3333 4444\n");
	read_text(&text, &capture);
	assert_int_equal(capture.tool, CAPTURE_HEXDUMP);
	assert_int_equal(capture.size, 24);
	assert_true(capture.end_unknown);
	capture_clear(&capture);
	rc_text_add(&text, "0000018\n");
	read_text(&text, &capture);
	assert_false(capture.end_unknown);
	capture_clear(&capture);
	rc_text_free(&text);
}

/* --- md --- */

#define SIZE 0x2000u
static uint8_t content[SIZE];

static void fill_content(void)
{
	uint64_t seed = 5;

	for (size_t i = 0; i < SIZE; i++)
		content[i] = (uint8_t)support_random(&seed);
	memcpy(content, "\x85\x19\x01\xe0", 4);
	memcpy(content + 0x100, "a line of text, and blanks           ", 36);
}

/* One line of md, with its end. */
static void add_line(struct rc_text *text, size_t at, unsigned group, const char *end)
{
	rc_text_add(text, "%08zx:", 0x80600000 + at);
	for (size_t i = 0; i < 16; i += group) {
		rc_text_add(text, " ");
		for (unsigned j = group; j > 0; j--)
			rc_text_add(text, "%02x", content[at + i + j - 1]);
	}
	rc_text_add(text, "    ");
	for (size_t i = 0; i < 16; i++)
		rc_text_add(text, "%c",
			    content[at + i] >= 0x20 && content[at + i] < 0x7f ? content[at + i]
									      : '.');
	rc_text_add(text, "%s", end);
}

static void add_head(struct rc_text *text, unsigned group)
{
	rc_text_add(text,
		    "isvp_t20# sf probe\r\nthe manufacturer c8\r\nSF: Detected GD25Q128\r\n\r\n"
		    "isvp_t20# sf read 0x80600000 0xfb0000 0x10000\r\n"
		    "SF: 65536 bytes @ 0xfb0000 Read: OK\r\n--->read spend 9 ms\r\n"
		    "isvp_t20# md.%c 0x80600000 0x%x\r\n",
		    group == 1   ? 'b'
		    : group == 2 ? 'w'
				 : 'l',
		    SIZE / group);
}

typedef void (*wound)(struct rc_text *text, size_t at);

static void make_md(struct rc_text *text, unsigned group, wound hurt)
{
	*text = (struct rc_text){ 0 };
	fill_content();
	add_head(text, group);
	for (size_t at = 0; at < SIZE; at += 16) {
		size_t before = text->size;

		if (hurt)
			hurt(text, at);
		if (text->size == before)
			add_line(text, at, group, "\r\n");
	}
	rc_text_add(text, "isvp_t20# \r\n");
}

static void assert_content(const struct capture *capture)
{
	assert_int_equal(capture->size, SIZE);
	assert_int_equal(capture->missing, 0);
	assert_memory_equal(capture->bytes, content, SIZE);
	assert_int_equal(capture->flash_offset, 0xfb0000);
	assert_false(capture->of_memory);
}

static void test_md_of_each_width(void **state)
{
	(void)state;
	for (unsigned group = 1; group <= 4; group *= 2) {
		struct rc_text text;
		struct capture capture;

		make_md(&text, group, NULL);
		assert_true(capture_probe(span_of(&text)));
		read_text(&text, &capture);
		assert_content(&capture);
		assert_int_equal(capture.rows, SIZE / 16);
		capture_clear(&capture);
		rc_text_free(&text);
	}
}

/* Noise that leaves every byte there. */
static void noise(struct rc_text *text, size_t at)
{
	switch (at) {
	case 0x40:
		rc_text_add(text, "[   12.340000] wlan0: a message of the kernel\r\n");
		add_line(text, at, 1, "\r\n");
		break;
	case 0x80: /* typed over itself */
		rc_text_add(text, "8060\b\b\b\b");
		add_line(text, at, 1, "\x1b[0m\r\r\n");
		break;
	case 0xc0: /* twice */
		add_line(text, at, 1, "\n");
		add_line(text, at, 1, "\n");
		break;
	default:
		break;
	}
}

static void test_noise_is_passed_over(void **state)
{
	struct rc_text text;
	struct capture capture;

	(void)state;
	make_md(&text, 1, noise);
	read_text(&text, &capture);
	assert_content(&capture);
	assert_int_equal(capture.repeated, 1);
	capture_clear(&capture);
	rc_text_free(&text);
}

static unsigned wrap_column;

static void wrapped(struct rc_text *text, size_t at)
{
	struct rc_text line = { 0 };

	add_line(&line, at, 1, "");
	rc_text_add_bytes(text, line.data, wrap_column);
	rc_text_add(text, "\r\n%s\r\n", line.data + wrap_column);
	rc_text_free(&line);
}

static void test_wrapped_lines(void **state)
{
	static const unsigned columns[] = { 40, 57, 60, 64, 72 };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(columns); i++) {
		struct rc_text text;
		struct capture capture;

		wrap_column = columns[i];
		make_md(&text, 1, wrapped);
		read_text(&text, &capture);
		assert_content(&capture);
		assert_true(capture.wrapped > SIZE / 16 - 8);
		capture_clear(&capture);
		rc_text_free(&text);
	}
}

/* --- Wounds, each at 0x120 --- */

#define WOUND 0x120u

static void lost(struct rc_text *text, size_t at)
{
	if (at == WOUND)
		rc_text_add(text, "\r\n");
}

static void edit(struct rc_text *text, size_t at, size_t column, const char *with)
{
	if (at != WOUND)
		return;
	add_line(text, at, 1, "");
	memcpy(text->data + text->size - 77 + column, with, strlen(with));
	rc_text_add(text, "\r\n");
}

static void not_a_digit(struct rc_text *text, size_t at)
{
	edit(text, at, 13, "g");
}

static void other_ascii(struct rc_text *text, size_t at)
{
	edit(text, at, 61, "\x01\x01");
}

static void wrong_address(struct rc_text *text, size_t at)
{
	edit(text, at, 4, "7");
}

static void byte_lost(struct rc_text *text, size_t at)
{
	if (at != WOUND)
		return;
	add_line(text, at, 1, "");
	memmove(text->data + text->size - 50, text->data + text->size - 49, 50);
	text->size--;
	rc_text_add(text, "\r\n");
}

static void ascii_cut(struct rc_text *text, size_t at)
{
	if (at != WOUND)
		return;
	add_line(text, at, 1, "");
	text->size -= 10;
	text->data[text->size] = '\0';
	rc_text_add(text, "\r\n");
}

static void contradicted(struct rc_text *text, size_t at)
{
	if (at != WOUND)
		return;
	add_line(text, at, 1, "\r\n");
	content[at] ^= 0xff;
	add_line(text, at, 1, "\r\n");
	content[at] ^= 0xff;
}

static void contradicted_once_of_three(struct rc_text *text, size_t at)
{
	contradicted(text, at);
	if (at == WOUND)
		add_line(text, at, 1, "\r\n");
}

static const struct {
	const char *name;
	wound wound;
	size_t missing, garbled, contradicting;
	const char *said;
} wounds[] = {
	{ "a line lost", lost, 16, 0, 0, "16 bytes at 0x80600120 are missing (flash 0xFB0120)" },
	{ "no digit", not_a_digit, 16, 1, 0, "1 line is garbled, the first is line 27" },
	{ "ASCII differs", other_ascii, 16, 1, 0, "1 line is garbled" },
	{ "an address changed", wrong_address, 16, 1, 0, "1 line is garbled" },
	{ "a byte lost", byte_lost, 16, 1, 0, "1 line is garbled" },
	{ "the end cut", ascii_cut, 16, 1, 0, "1 line is garbled" },
	{ "contradicted", contradicted, 1, 0, 1, "1 bytes at 0x80600120 contradict each other" },
	{ "two of three", contradicted_once_of_three, 0, 0, 1, "1 line contradicts" },
};

static void test_wounds_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < RC_COUNT(wounds); i++) {
		struct rc_text text, said = { 0 }, commands = { 0 };
		struct capture capture;

		make_md(&text, 1, wounds[i].wound);
		read_text(&text, &capture);
		capture_describe(&capture, &said);
		capture_commands(&capture, &commands);
		if (capture.size != SIZE || capture.missing != wounds[i].missing ||
		    capture.garbled != wounds[i].garbled ||
		    capture.contradicting != wounds[i].contradicting ||
		    !strstr(rc_text_get(&said), wounds[i].said))
			fail_msg("%s: %zu bytes, %llu missing, %zu garbled, %zu contradicting: %s",
				 wounds[i].name, capture.size, (unsigned long long)capture.missing,
				 capture.garbled, capture.contradicting, rc_text_get(&said));
		if (wounds[i].missing == 16)
			assert_string_equal(rc_text_get(&commands),
					    "sf probe\nsf read 0x80600000 0xFB0000 0x10000\n"
					    "md.b 0x80600120 0x10\n");
		/* What is there is right, what is not is FF. */
		for (size_t at = 0; at < SIZE; at++)
			assert_true(capture.bytes[at] == content[at] ||
				    (wounds[i].missing && at / 16 == WOUND / 16 &&
				     capture.bytes[at] == 0xff));
		capture_clear(&capture);
		rc_text_free(&text);
		rc_text_free(&said);
		rc_text_free(&commands);
	}
}

static void test_cut_session(void **state)
{
	struct rc_text text;
	struct capture capture;

	(void)state;
	make_md(&text, 1, NULL);
	text.size -= 1000;
	text.data[text.size] = '\0';
	read_text(&text, &capture);
	/* md's own length says that more was to come. */
	assert_int_equal(capture.size, SIZE);
	assert_true(capture.missing > 150);
	assert_int_equal(capture.gap_count, 1);
	capture_clear(&capture);
	rc_text_free(&text);
}

/* --- Memory in the place of flash --- */

static void replace(struct rc_text *text, const char *from, const char *to)
{
	char *found = strstr(text->data, from);
	struct rc_text changed = { 0 };

	assert_non_null(found);
	rc_text_add_bytes(&changed, text->data, (size_t)(found - text->data));
	rc_text_add(&changed, "%s%s", to, found + strlen(from));
	rc_text_free(text);
	*text = changed;
}

static void check_memory(const char *from, const char *to, size_t size, const char *why)
{
	struct rc_text text;
	struct capture capture;

	make_md(&text, 1, NULL);
	replace(&text, from, to);
	read_text(&text, &capture);
	if (!capture.of_memory || capture.size != size || !strstr(capture.memory_why, why))
		fail_msg("%s for %s: memory %d, %zu bytes: %s", to, from, capture.of_memory,
			 capture.size, capture.memory_why);
	capture_clear(&capture);
	rc_text_free(&text);
}

static void test_memory_is_recognised(void **state)
{
	(void)state;
	check_memory("Read: OK", "Read: ERROR", 0, "the sf read that was to fill it failed");
	check_memory("SF: 65536 bytes @ 0xfb0000 Read: OK",
		     "ERROR: attempting read past flash size (0x800000)", 0, "failed");
	check_memory("sf read 0x80600000", "sf read 0x80700000", 0, "no sf read put anything");
	/* The sf read was shorter than the md. */
	check_memory("0xfb0000 0x10000", "0xfb0000 0x1000", 0x1000, "line 265 shows 0x80601000");
}

static void test_memory_by_its_content(void **state)
{
	struct rc_text text;
	struct capture capture;

	(void)state;
	/* Nothing typed is seen; the bytes begin as no flash does. */
	make_md(&text, 1, NULL);
	replace(&text, "sf read 0x80600000 0xfb0000 0x10000", "");
	read_text(&text, &capture);
	assert_true(capture.of_memory);
	assert_int_equal(capture.size, 0);
	capture_clear(&capture);
	rc_text_free(&text);
}

/* --- Inspected --- */

static void test_inspect(void **state)
{
	static const struct inspect_options options = { 0 };
	struct inspection inspection;
	struct rc_text text;
	struct rc_error err;

	(void)state;
	make_md(&text, 1, lost);
	support_ok(inspect_bytes(span_of(&text), &options, &inspection, &err), &err);
	assert_int_equal(inspection.kind, INSPECT_CAPTURE);
	assert_non_null(inspection_find(&inspection, "capture-incomplete"));
	assert_int_equal(inspection_find(&inspection, "capture-incomplete")->offset, 0xfb0120);
	assert_null(inspection_find(&inspection, "capture-of-ram"));
	inspection_clear(&inspection);
	replace(&text, "Read: OK", "Read: ERROR");
	support_ok(inspect_bytes(span_of(&text), &options, &inspection, &err), &err);
	assert_non_null(inspection_find(&inspection, "capture-of-ram"));
	inspection_clear(&inspection);
	rc_text_free(&text);
}

static void test_no_capture(void **state)
{
	struct capture capture;
	struct rc_text text = { 0 };
	struct rc_error err;

	(void)state;
	rc_text_add(&text, "a text without any\n");
	support_fails(capture_read(span_of(&text), &flash, &capture, &err), RC_EFORMAT, &err,
		      "no line in it", "terminal program");
	rc_text_add(&text, "00000000: 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50    "
			   "ABCDEFGHIJKLMNOP\n"
			   "24000000: 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50    "
			   "ABCDEFGHIJKLMNOP\n");
	support_fails(capture_read(span_of(&text), &flash, &capture, &err), RC_ERANGE, &err, "0x0",
		      "0x24000010", "a file each");
	rc_text_free(&text);
}

/* --- Written again --- */

static void pass(void *context, const char *line, struct rc_text *out)
{
	(void)context;
	rc_text_add(out, "~ %s\n", line);
}

static void test_rewrite(void **state)
{
	for (unsigned group = 1; group <= 4; group *= 2) {
		struct capture_rewriter rewriter = { .pass = pass };
		struct rc_text text, out = { 0 };
		struct capture before, after;
		struct rc_error err;

		(void)state;
		make_md(&text, group, NULL);
		read_text(&text, &before);
		for (size_t i = 0; i < SIZE; i++)
			before.bytes[i] = (uint8_t)~before.bytes[i];
		rewriter.bytes = before.bytes;
		support_ok(capture_rewrite(span_of(&text), &flash, &before, &rewriter, &out, &err),
			   &err);
		read_text(&out, &after);
		assert_int_equal(after.size, SIZE);
		assert_int_equal(after.missing + after.garbled, 0);
		assert_memory_equal(after.bytes, before.bytes, SIZE);
		assert_non_null(strstr(out.data, "~ isvp_t20# sf probe\n"));
		capture_clear(&before);
		capture_clear(&after);
		rc_text_free(&text);
		rc_text_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linux_tools),
		cmocka_unit_test(test_end_of_hexdump_lost),
		cmocka_unit_test(test_md_of_each_width),
		cmocka_unit_test(test_noise_is_passed_over),
		cmocka_unit_test(test_wrapped_lines),
		cmocka_unit_test(test_wounds_are_named),
		cmocka_unit_test(test_cut_session),
		cmocka_unit_test(test_memory_is_recognised),
		cmocka_unit_test(test_memory_by_its_content),
		cmocka_unit_test(test_inspect),
		cmocka_unit_test(test_no_capture),
		cmocka_unit_test(test_rewrite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
