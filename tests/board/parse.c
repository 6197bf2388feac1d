/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Board files: what is read from them, and what is refused with which line and reason. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "board/board.h"

/* A camera of nobody's, with every section. The line numbers count in the tests. */
static const char good[] = "# a camera of the tests' own\n"                          /* 1 */
			   "[camera]\n"                                              /* 2 */
			   "name = Test Camera\n"                                    /* 3 */
			   "soc = Ingenic T20\n"                                     /* 4 */
			   "ram = 64M\n"                                             /* 5 */
			   "chips = c84018 1c7018\n"                                 /* 6 */
			   "note = first\n"                                          /* 7 */
			   "note = second\n"                                         /* 8 */
			   "[layout]\n"                                              /* 9 */
			   "flash = 8M\n"                                            /* 10 */
			   "mtdparts = x:256k(boot),2m(kernel),-(para)\n"            /* 11 */
			   "[partitions]\n"                                          /* 12 */
			   "boot   = 0x000000 0x040000 boot ingenic-boot required\n" /* 13 */
			   "kernel = 0x040000 0x200000 kernel uimage required\n"     /* 14 */
			   "para   = 0x240000 0x5c0000 identity any\n"               /* 15 */
			   "[console]\n"                                             /* 16 */
			   "baud = 115200\n"                                         /* 17 */
			   "prompt = \"test# \"\n"                                   /* 18 */
			   "dialect = ingenic\n"                                     /* 19 */
			   "autoboot-key = space\n"                                  /* 20 */
			   "load = 0x80600000 16M\n"                                 /* 21 */
			   "[identity]\n"                                            /* 22 */
			   "partition = para\n"                                      /* 23 */
			   "kind = product_config\n"                                 /* 24 */
			   "[pins]\n"                                                /* 25 */
			   "blue = 39 active-low | LED\n"                            /* 26 */
			   "motor = ?\n"                                             /* 27 */
			   "[bootloader one]\n"                                      /* 28 */
			   "version = 2013.07 (test)\n"                              /* 29 */
			   "sha256 = 0123456789abcdef\n"                             /* 30 */
			   "origin = open\n"                                         /* 31 */
			   "makers = c8 ef\n"                                        /* 32 */
			   "misdetects = 1c7018\n"                                   /* 33 */
			   "piece-crc = 00000001 89abcdef\n"                         /* 34 */
			   "piece-crc = ffffffff\n"                                  /* 35 */
			   "[evidence]\n"                                            /* 36 */
			   "module = test.ko | 50 | the Wi-Fi module of the tests\n" /* 37 */
			   "mtdparts = x:*(boot),* | -20 | speaks against it\n"      /* 38 */
			   "[update]\n"                                              /* 39 */
			   "file = demo.bin\n";                                      /* 40 */

static int parse(const char *text, struct board *board, struct rc_error *err)
{
	return board_parse("boards/test.board",
			   (struct rc_span){ (const uint8_t *)text, strlen(text) }, board, err);
}

static void every_key_is_read(void **state)
{
	struct board board;
	struct rc_error err;

	(void)state;
	support_ok(parse(good, &board, &err), &err);
	assert_string_equal(board.id, "test");
	assert_string_equal(board.name, "Test Camera");
	assert_string_equal(board.soc, "Ingenic T20");
	assert_int_equal(board.ram_size, RC_MIB(64));
	assert_int_equal(board.chips[0], 0xc84018);
	assert_int_equal(board.chips[1], 0x1c7018);
	assert_int_equal(board.chips[2], 0);
	assert_string_equal(board.notes[1], "second");
	assert_string_equal(board.notes[2], "");
	assert_int_equal(board.layout.flash_size, RC_MIB(8));
	assert_int_equal(board.layout.count, 3);
	assert_string_equal(board.layout.partitions[1].name, "kernel");
	assert_int_equal(board.layout.partitions[1].offset, 0x40000);
	assert_int_equal(board.layout.partitions[2].size, 0x5c0000);
	assert_int_equal(board.partitions[1].role, ROLE_KERNEL);
	assert_ptr_equal(board.partitions[1].format, &format_uimage);
	assert_true(board.partitions[1].required);
	assert_null(board.partitions[2].format);
	assert_false(board.partitions[2].required);
	assert_string_equal(board.console.prompts[0], "test# ");
	assert_string_equal(board.console.autoboot_key, " ");
	assert_int_equal(board.console.load_address, 0x80600000);
	assert_int_equal(board.console.load_size, RC_MIB(16));
	assert_string_equal(board.identity.partition, "para");
	assert_int_equal(board.pins[0].gpio, 39);
	assert_true(board.pins[0].active_low);
	assert_string_equal(board.pins[0].note, "LED");
	assert_int_equal(board.pins[1].gpio, -1);
	assert_int_equal(board.bootloader_count, 1);
	assert_string_equal(board.bootloaders[0].name, "one");
	assert_int_equal(board.bootloaders[0].origin, BOOTLOADER_OPEN);
	assert_memory_equal(board.bootloaders[0].makers, "\xc8\xef", 3);
	assert_int_equal(board.bootloaders[0].misdetects[0], 0x1c7018);
	assert_int_equal(board.bootloaders[0].piece_count, 3);
	assert_int_equal(board.bootloaders[0].piece_crc[1], 0x89abcdef);
	assert_int_equal(board.bootloaders[0].piece_crc[2], 0xffffffff);
	assert_int_equal(board.evidence_count, 2);
	assert_string_equal(board.evidence[0].pattern, "test.ko");
	assert_string_equal(board.evidence[0].because, "the Wi-Fi module of the tests");
	assert_int_equal(board.evidence[1].weight, -20);
	assert_string_equal(board.update.file, "demo.bin");
	board_clear(&board);
}

static void found_by_either_name(void **state)
{
	struct board board;
	struct rc_error err;

	(void)state;
	support_ok(parse(good, &board, &err), &err);
	assert_ptr_equal(board_partition(&board, "uboot"), &board.partitions[0]);
	assert_ptr_equal(board_partition(&board, "para"), &board.partitions[2]);
	assert_null(board_partition(&board, "appfs"));
	board_clear(&board);
}

static void windows_line_ends_are_read(void **state)
{
	char text[2 * sizeof(good)];
	size_t size = 0;
	struct board board;
	struct rc_error err;

	(void)state;
	for (const char *c = good; *c; c++) {
		if (*c == '\n')
			text[size++] = '\r';
		text[size++] = *c;
	}
	text[size] = '\0';
	support_ok(parse(text, &board, &err), &err);
	assert_string_equal(board.name, "Test Camera");
	board_clear(&board);
}

#define LONG_40 "1234567890123456789012345678901234567890"

/* Each: the good file with one thing replaced, and what must be said of it. */
static const struct broken {
	const char *find;
	const char *replace;
	const char *at;
	const char *reason;
} broken[] = {
	{ "[layout]", "[lay-out]", ":9: ", "there is no section [lay-out]" },
	{ "[layout]", "[layout", ":9: ", "is no section: write [NAME]" },
	{ "[layout]", "[layout] x", ":9: ", "and nothing behind it" },
	{ "soc =", "sock =", ":4: ", "there is no key \"sock\" in [camera]" },
	{ "soc = Ingenic T20\n", "soc = Ingenic T20\nsoc = again\n",
	  ":5: ", "soc is there twice, first in boards/test.board:4" },
	{ "soc = Ingenic T20\n", "", ":2: ", "[camera] has no soc: add" },
	{ "soc = Ingenic T20", "soc =", ":4: ", "soc has no value" },
	{ "soc = Ingenic T20", "soc Ingenic T20", ":4: ", "is not \"key = value\"" },
	{ "soc = Ingenic T20", "soc : Ingenic T20", ":4: ", "is not \"key = value\"" },
	{ "soc = Ingenic T20", " soc = Ingenic T20", ":4: ", "begins with a blank" },
	{ "soc = Ingenic T20", "soc = Ingenic ; T20", ":4: ", "';' behind a blank" },
	{ "soc = Ingenic T20", "soc = Ingenic\tT20", ":4: ", "column 14 holds the byte 0x09" },
	{ "soc = Ingenic T20", "soc = Ingenic \xc3\xa4", ":4: ", "the byte 0xc3" },
	{ "soc = Ingenic T20", "soc = " LONG_40 LONG_40,
	  ":4: ", "soc has 80 characters, 47 are the most" },
	{ "note = first", "note = " LONG_40 LONG_40 LONG_40 LONG_40 LONG_40,
	  ":7: ", "the line has 207 characters, 190 are the most" },
	{ "note = first\n",
	  "note = a\nnote = b\nnote = c\nnote = d\nnote = e\nnote = f\nnote = g\nnote = h\n",
	  ":15: ", "more than 8 lines of note" },
	{ "# a camera", "soc = early\n# a camera", ":1: ", "stands before the first [section]" },
	{ "# a camera", "include = x.part\n# a camera",
	  ":1: ", "x.part cannot be included: this file is in no folder" },
	{ "# a camera", "include = ../x.part\n# a camera", ":1: ", "\"../x.part\" is no part" },
	{ "ram = 64M", "ram = lots", ":5: ", "ram is \"lots\", which is no size" },
	{ "ram = 64M", "ram = 5000M", ":5: ", "which is no size" },
	{ "chips = c84018", "chips = c8401", ":6: ", "chips has \"c8401\": write 6 hex digits" },
	{ "flash = 8M", "flash = 9M", ":10: ", "flash is 0x900000 bytes" },
	{ "flash = 8M", "flash = 4K", ":10: ", "power of two" },
	{ "flash = 8M", "flash = 4M", ":15: ", "para ends at 0x800000, beyond the flash" },
	{ "flash = 8M\n", "", ":9: ", "[layout] has no flash" },
	{ "x:256k", "x:512k", ":13: ", "boot is 0x0 + 0x40000 here, and mtdparts has boot" },
	{ "x:256k", "x:256q", ":11: ", "mtdparts: at character 6" },
	{ ",-(para)", "", ":11: ", "mtdparts has 2 partitions, [partitions] has 3" },
	{ "0x240000 0x5c0000", "0x200000 0x600000",
	  ":15: ", "para at 0x200000 begins before kernel ends, at 0x240000" },
	{ "0x240000 0x5c0000", "0x248000 0x5b0000", ":15: ", "multiples of 0x10000" },
	{ "0x240000 0x5c0000", "0x240000 0", ":15: ", "multiples of 0x10000" },
	{ "0x240000 0x5c0000", "0x240000 0x5b8000", ":15: ", "multiples of 0x10000" },
	{ "0x240000 0x5c0000", "0xfffffffff 0x5c0000", ":15: ", "multiples of 0x10000" },
	{ "identity any", "ident any", ":15: ", "there is no role \"ident\"" },
	{ "identity any", "identity zip", ":15: ", "there is no format \"zip\"" },
	{ "identity any", "identity", ":15: ", "write OFFSET SIZE ROLE FORMAT" },
	{ "identity any", "identity any needed", ":15: ", "write OFFSET SIZE ROLE FORMAT" },
	{ "para   =", "uboot =", ":15: ", "uboot is there twice" },
	{ "para   =", "a-name-too-long-for-it =", ":15: ", "too long for a partition's name" },
	{ "baud = 115200", "baud = fast", ":17: ", "baud is \"fast\"" },
	{ "\"test# \"", "test#", ":18: ", "without quotes" },
	{ "dialect = ingenic", "dialect = cisco", ":19: ", "there is no dialect \"cisco\"" },
	{ "= space", "= enter", ":20: ", "write space, return or escape" },
	{ "load = 0x80600000 16M", "load = 0x80600000", ":21: ", "write the address of free RAM" },
	{ "load = 0x80600000 16M", "load = 0xfff00000 16M", ":21: ", "address of free RAM" },
	{ "partition = para", "partition = parka",
	  ":22: ", "identity lies in \"parka\", which is no partition here" },
	{ "kind = product_config\n", "", ":22: ", "[identity] has no kind" },
	{ "blue = 39", "blue = 39 high", ":26: ", "write its GPIO number" },
	{ "blue = 39", "blue = many", ":26: ", "write its GPIO number" },
	{ "motor = ?", "blue = ?", ":27: ", "pin blue is there twice" },
	{ "[bootloader one]", "[bootloader]", ":28: ", "a bootloader needs a name" },
	{ "[evidence]", "[bootloader one]",
	  ":36: ", "[bootloader one] is there twice, first in boards/test.board:28" },
	{ "version = 2013.07 (test)\nsha256 = 0123456789abcdef\n", "",
	  ":28: ", "[bootloader one] has neither version nor sha256" },
	{ "0123456789abcdef", "0123456789ABCDEF", ":30: ", "lower-case hex digits" },
	{ "0123456789abcdef", "0123456", ":30: ", "16 to 64" },
	{ "origin = open", "origin = home", ":31: ", "write stock, open or unknown" },
	{ "makers = c8 ef", "makers = c8 00", ":32: ", "makers has \"00\": write 2 hex digits" },
	{ "misdetects = 1c7018", "misdetects = 1c7018\nfallback-id = f83217",
	  ":34: ", "fallback-id is \"f83217\": write 8 hex digits, as md.l shows them" },
	{ "misdetects = 1c7018", "misdetects = 1c7018\nruns-at = 83f9c0zz",
	  ":34: ", "runs-at is \"83f9c0zz\"" },
	{ "misdetects = 1c7018", "fallback-id = 00f83217\nfallback-size-word = 8012bf0c",
	  ":28: ", "has 2 of fallback-id, fallback-id-word and fallback-size-word" },
	{ "misdetects = 1c7018", "misdetects = 1 2 3 4 5 6 7 8 9",
	  ":33: ", "misdetects has \"1\"" },
	{ "misdetects = 1c7018",
	  "misdetects = 100001 100002 100003 100004 100005 100006 100007 100008",
	  ":33: ", "misdetects has more than 7 numbers" },
	{ "00000001 89abcdef", "00000001 89abcde", ":34: ", "CRC-32 values of 8 hex digits" },
	{ "module = test.ko", "modul = test.ko", ":37: ", "there is no kind of clue \"modul\"" },
	{ "| 50 |", "| 101 |", ":37: ", "a weight is \"101\"" },
	{ "| 50 |", "| 0 |", ":37: ", "a weight is \"0\"" },
	{ "| 50 |", "50", ":37: ", "write PATTERN | WEIGHT | what it stands for" },
	{ "| speaks against it", "|", ":38: ", "write PATTERN | WEIGHT | what it stands for" },
	{ "file = demo.bin", "button = hold", ":39: ", "[update] has no file" },
};

/* good with the first find replaced; static memory. */
static const char *replaced(const char *find, const char *replace)
{
	static char text[8192];
	const char *at = strstr(good, find);

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, replace,
		 at + strlen(find));
	return text;
}

static void broken_files_are_refused_with_line_and_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < RC_COUNT(broken); i++) {
		char at[64];
		struct board board;
		struct rc_error err = { 0 };
		int result = parse(replaced(broken[i].find, broken[i].replace), &board, &err);

		snprintf(at, sizeof(at), "boards/test.board%s", broken[i].at);
		if (result == 0)
			fail_msg("accepted: %s", broken[i].replace);
		if (strncmp(err.text, at, strlen(at)) != 0 || !strstr(err.text, broken[i].reason))
			fail_msg("\"%s\" gives \"%s\", not \"%s%s\"", broken[i].replace, err.text,
				 at, broken[i].reason);
		assert_int_equal(result, RC_EFORMAT);
	}
}

static void empty_files_and_names_are_refused(void **state)
{
	struct board board;
	struct rc_error err;
	struct rc_span text = { (const uint8_t *)good, strlen(good) };

	(void)state;
	support_fails(parse("", &board, &err), RC_EFORMAT, &err,
		      "boards/test.board:1: ", "[camera] has no name");
	support_fails(parse("[camera]\nname = x\nsoc = y\n", &board, &err), RC_EFORMAT, &err,
		      "boards/test.board:3: ", "[layout] has no flash");
	support_fails(parse("[camera]\nname = x\nsoc = y\nrefused = no\n", &board, &err),
		      RC_EFORMAT, &err,
		      "boards/test.board:4: ", "nothing tells this camera from others");
	support_fails(board_parse("Test_1.board", text, &board, &err), RC_EFORMAT, &err,
		      "Test_1.board", "rename it");
	support_fails(board_parse(".board", text, &board, &err), RC_EFORMAT, &err, "rename it");
}

static void refused_cameras_need_no_layout(void **state)
{
	struct board board;
	struct rc_error err;

	(void)state;
	support_ok(parse("[camera]\nname = x\nsoc = y\nrefused = another chip\n"
			 "[evidence]\nmagic = 31* | 100 | its mark\n",
			 &board, &err),
		   &err);
	assert_true(board.refused);
	assert_string_equal(board.why_refused, "another chip");
	board_clear(&board);
}

/* inih would cut a line at 200 bytes; nothing comes near. */
static void the_longest_line_is_read_whole(void **state)
{
	char line[256], text[8192];
	struct board board;
	struct rc_error err;

	(void)state;
	for (size_t size = 189; size <= 198; size++) {
		memset(line, 'x', size);
		memcpy(line, "note = ", 7);
		line[size] = '\0';
		snprintf(text, sizeof(text), "[camera]\n%s\n%s", line, good);
		if (size > 190) {
			support_fails(parse(text, &board, &err), RC_EFORMAT, &err,
				      "boards/test.board:2: the line has ", "190 are the most");
			continue;
		}
		support_ok(parse(text, &board, &err), &err);
		assert_string_equal(board.notes[0], line + 7);
		board_clear(&board);
	}
}

/* A file that is cut anywhere is refused or read, and never more than that. */
static void cut_files_do_no_harm(void **state)
{
	(void)state;
	for (size_t size = 0; size < strlen(good); size++) {
		uint8_t *copy = malloc(size ? size : 1);
		struct board board;
		struct rc_error err;

		assert_non_null(copy);
		memcpy(copy, good, size);
		if (board_parse("test.board", (struct rc_span){ copy, size }, &board, &err) == 0)
			board_clear(&board);
		else
			assert_non_null(strstr(err.text, "test.board:"));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(found_by_either_name),
		cmocka_unit_test(windows_line_ends_are_read),
		cmocka_unit_test(broken_files_are_refused_with_line_and_reason),
		cmocka_unit_test(empty_files_and_names_are_refused),
		cmocka_unit_test(refused_cameras_need_no_layout),
		cmocka_unit_test(the_longest_line_is_read_whole),
		cmocka_unit_test(cut_files_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
