/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a camera's Linux prints, right and damaged, and the way to its shell. */
#include "console/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "support.h"

static struct rc_span span(const char *text)
{
	return (struct rc_span){ (const uint8_t *)text, strlen(text) };
}

static const char mtd_text[] = "dev:    size   erasesize  name\n"
			       "mtd0: 00040000 00008000 \"boot\"\n"
			       "mtd1: 00200000 00008000 \"kernel\"\n"
			       "mtd2: 00350000 00008000 \"root\"\n";

static void mtd_lines(void **state)
{
	static const char *const bad[] = {
		"",
		"dev:    size   erasesize  name\n",
		"mtd0: 00040000 00008000 \"boot\"\n",
		"dev: x\nmtd1: 00040000 00008000 \"boot\"\n",
		"dev: x\nmtd0: 00040000 00008000 \"boot\n",
		"dev: x\nmtd0: 00040000 00008000 \"boot\" x\n",
		"dev: x\nmtd0: 00000000 00008000 \"boot\"\n",
		"dev: x\nmtd0: fff40000 00008000 \"boot\"\n",
		"dev: x\nmtd0: 04000000 00008000 \"a\"\nmtd1: 00010000 00008000 \"b\"\n",
		"dev: x\nmtd0: 00040000 00008000 \"boot\"\nmtd2: 00040000 00008000 \"b\"\n",
	};
	struct shell_mtd mtd;

	(void)state;
	assert_true(shell_parse_mtd(span(mtd_text), &mtd));
	assert_int_equal(mtd.count, 3);
	assert_int_equal(mtd.total, 0x590000);
	assert_int_equal(mtd.parts[2].offset, 0x240000);
	assert_int_equal(mtd.parts[2].size, 0x350000);
	assert_int_equal(mtd.parts[1].erase_size, 0x8000);
	assert_string_equal(mtd.parts[1].name, "kernel");
	for (size_t i = 0; i < RC_COUNT(bad); i++)
		if (shell_parse_mtd(span(bad[i]), &mtd))
			fail_msg("taken: %s", bad[i]);
}

static void flash_ids(void **state)
{
	(void)state;
	assert_int_equal(shell_parse_flash_id(span("[    2.7] the id code = 1c7018, the flash name "
						   "is EN25QH128A\n")),
			 0x1c7018);
	assert_int_equal(
		shell_parse_flash_id(span("x\n[FSP] Flash is detected (0x0509, 0xC2, 0x20, "
					  "0x18) ver1.1\n")),
		0xc22018);
	assert_int_equal(shell_parse_flash_id(span("the id code = ffffff, the flash name is x\n")),
			 0);
	assert_int_equal(shell_parse_flash_id(span("the id code = \n")), 0);
	assert_int_equal(shell_parse_flash_id(span("")), 0);
}

static void roots_and_mounts(void **state)
{
	static const char mounts[] = "/dev/root / squashfs ro 0 0\nproc /proc proc rw 0 0\n"
				     "/dev/mtdblock4 /system jffs2 rw,relatime 0 0\n"
				     "/dev/mtdblock10 /ten jffs2 ro 0 0\n";
	char where[SHELL_PATH];

	(void)state;
	assert_int_equal(shell_parse_root(span("a root=/dev/mtdblock2 rw")), 2);
	assert_int_equal(shell_parse_root(span("root=/dev/mtdblock12")), 12);
	assert_int_equal(shell_parse_root(span("root=/dev/mtdblock")), -1);
	assert_int_equal(shell_parse_root(span("root=/dev/mmcblk0p1")), -1);
	assert_true(shell_parse_mounted(span(mounts), 4, where));
	assert_string_equal(where, "/system");
	assert_true(shell_parse_mounted(span(mounts), 10, where));
	assert_string_equal(where, "/ten");
	assert_false(shell_parse_mounted(span(mounts), 1, where));
	assert_false(shell_parse_mounted(span("/dev/mtdblock1"), 1, where));
}

static void sights(void **state)
{
	static const struct {
		const char *text;
		enum shell_sight sight;
	} cases[] = {
		{ "mdev is ok......\r\n\r\nIngenic-uc1_1 login: ", SHELL_LOGIN },
		{ "login: root\r\nPassword: ", SHELL_PASSWORD },
		{ "\r\n[root@Ingenic-uc1_1:~]# ", SHELL_ROOT },
		{ "\r\n/ # \x1b[6n", SHELL_ROOT },
		{ "\r\n$ ", SHELL_USER },
		{ "\r\nisvp_t20# ", SHELL_UBOOT },
		{ "<INTERRUPT>\r\nSigmaStar # ", SHELL_UBOOT },
		{ "\r\nPlease press Enter to activate this console. ", SHELL_ENTER },
		{ "# \r\nusbcore: registered\r\n", SHELL_NOTHING },
		{ "", SHELL_NOTHING },
	};
	struct rc_span line;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++)
		if (shell_look(span(cases[i].text), &line) != cases[i].sight)
			fail_msg("not seen: %s", cases[i].text);
	shell_look(span(cases[0].text), &line);
	assert_int_equal(line.size, strlen("Ingenic-uc1_1 login:"));
}

/* A terminal makes CR LF of each LF, also where a CR stood before it. */
static void gzip_over_a_terminal(void **state)
{
	static const uint8_t sent[] = { '\r', '\n', 'x',  0x1f, 0x8b, 8, '\r',
					'\r', '\n', '\r', '\n', '\r', 7 };
	static const uint8_t was[] = { 0x1f, 0x8b, 8, '\r', '\n', '\n', '\r', 7 };
	struct rc_buffer out = { 0 };

	(void)state;
	assert_true(shell_parse_gzip((struct rc_span){ sent, sizeof(sent) }, &out));
	assert_int_equal(out.size, sizeof(was));
	assert_memory_equal(out.data, was, sizeof(was));
	rc_buffer_free(&out);
	assert_false(shell_parse_gzip(span("sh: gzip: not found\r\n"), &out));
}

/* The judge is a shell: its own read and printf make the bytes again. */
static void lines_for_a_shell(void **state)
{
	static const char program[] = "while read -r l;do [ \"$l\" = . ]&&exit;printf \"$l\";done";
	static const char *const argv[] = { "sh", "-c", program, NULL };
	struct rc_buffer lines = { 0 };
	struct run_result result;
	uint8_t bytes[4096];
	uint64_t seed = 3;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i < 1024 ? (uint8_t)(i / 4) : (uint8_t)support_random(&seed);
	memcpy(bytes + 1100, "\n.\n-n\\%d% ..\n", 13);
	assert_true(shell_make_lines((struct rc_span){ bytes, sizeof(bytes) }, &lines));
	run_program(argv, (struct rc_span){ lines.data, lines.size }, &result);
	assert_int_equal(result.status, 0);
	assert_int_equal(result.out.size, sizeof(bytes));
	assert_memory_equal(result.out.data, bytes, sizeof(bytes));
	/* Lines that a terminal keeps whole, printable throughout. */
	for (size_t i = 0, column = 0; i < lines.size; i++) {
		assert_true(lines.data[i] == '\n' || (lines.data[i] > ' ' && lines.data[i] < 0x7f));
		column = lines.data[i] == '\n' ? 0 : column + 1;
		assert_in_range(column, 0, 110);
	}
	run_result_free(&result);
	rc_buffer_free(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mtd_lines),
		cmocka_unit_test(flash_ids),
		cmocka_unit_test(roots_and_mounts),
		cmocka_unit_test(sights),
		cmocka_unit_test(gzip_over_a_terminal),
		cmocka_unit_test(lines_for_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
