/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder of boards: those of the tree, parts, and cameras added by a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "base/checksum.h"
#include "base/file.h"
#include "board/board.h"
#include "board/describe.h"
#include "format/ingenic_boot.h"

static const char *const ids[] = {
	"dafang",       "digoo-bb-m2", "escamg02", "mjsxj02cm", "mjsxj05cm",   "neos-smartcam",
	"sannce-i21ag", "spycam-z6",   "wyze-pan", "wyze-v2",   "xiaofang-1s", "xiaofang-1s-t20l",
};

static void put(const char *folder, const char *name, const char *text)
{
	char *path = rc_path_join(folder, name);
	struct rc_error err;

	assert_non_null(path);
	support_ok(rc_file_replace(path, text, strlen(text), 0644, &err), &err);
	free(path);
}

static const char camera[] = "include = console.part\n"
			     "[camera]\nname = Added Camera\nsoc = Ingenic T20\n"
			     "[layout]\nflash = 8M\n"
			     "[partitions]\nboot = 0 0x40000 boot any\n"
			     "[evidence]\nmodule = added.ko | 100 | of the added camera\n";
static const char console_part[] = "[console]\nbaud = 115200\nprompt = \"# \"\n"
				   "dialect = ingenic\nautoboot-key = space\n"
				   "load = 0x80600000 1M\n";

static void every_board_of_the_contract_is_there(void **state)
{
	struct boards boards;
	struct rc_error err;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	assert_int_equal(boards.count, RC_COUNT(ids));
	for (size_t i = 0; i < RC_COUNT(ids); i++) {
		const struct board *board = boards_find(&boards, ids[i]);

		assert_non_null(board);
		assert_ptr_equal(board, &boards.all[i]);
		assert_int_equal(board->refused, strcmp(ids[i], "escamg02") == 0);
	}
	assert_null(boards_find(&boards, "dafan"));
	boards_free(&boards);
}

/* What the laws rest on: each camera has a boot and a kernel that it needs, and the
 * partitions fill the whole flash without a gap (facts 1.1, 1.3, mstar 1.1). */
static void layouts_cover_the_flash(void **state)
{
	struct boards boards;
	struct rc_error err;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	for (size_t i = 0; i < boards.count; i++) {
		const struct board *board = &boards.all[i];
		unsigned needed[ROLE_COUNT] = { 0 };
		uint32_t end = 0;

		if (board->refused)
			continue;
		for (size_t n = 0; n < board->layout.count; n++) {
			assert_int_equal(board->layout.partitions[n].offset, end);
			end += board->layout.partitions[n].size;
			needed[board->partitions[n].role] += board->partitions[n].required;
		}
		assert_int_equal(end, board->layout.flash_size);
		assert_int_equal(needed[ROLE_BOOT], 1);
		assert_int_equal(needed[ROLE_KERNEL], 1);
		assert_int_equal(needed[ROLE_ROOT], 1);
		assert_int_equal(needed[ROLE_SETTINGS] + needed[ROLE_IDENTITY], 0);
	}
	boards_free(&boards);
}

static void the_dafang_is_as_the_facts_say(void **state)
{
	struct boards boards;
	struct rc_error err;
	const struct board *dafang;
	const struct partition *appfs;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	dafang = boards_find(&boards, "dafang");
	appfs = layout_find(&dafang->layout, "appfs");
	assert_int_equal(appfs->offset, 0x630000);
	assert_int_equal(appfs->size, 0x4a0000);
	assert_int_equal(board_partition(dafang, "appfs")->role, ROLE_APP);
	assert_int_equal(board_partition(dafang, "config")->role, ROLE_SETTINGS);
	assert_int_equal(board_partition(dafang, "para")->role, ROLE_IDENTITY);
	assert_int_equal(board_partition(dafang, "flag")->role, ROLE_FLAG);
	assert_ptr_equal(board_partition(dafang, "rootfs")->format, &format_squashfs);
	assert_int_equal(dafang->ram_size, RC_MIB(128));
	assert_string_equal(dafang->console.prompts[0], "isvp_t20# ");
	assert_string_equal(dafang->update.file, "demo.bin");
	assert_string_equal(dafang->identity.path, "/config/.product_config");
	boards_free(&boards);
}

static void bootloaders_are_found_by_digest_and_version(void **state)
{
	struct boards boards;
	struct rc_error err;
	const struct board *board = NULL;
	const struct board_bootloader *found;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	found = boards_bootloader(
		&boards, "3823a2b7c76b86517288c5ae47a570ac3320659a25718f927a0fd963fa5f26a9", NULL,
		&board);
	assert_non_null(found);
	assert_string_equal(board->id, "dafang");
	assert_int_equal(found->origin, BOOTLOADER_STOCK);
	assert_ptr_equal(found,
			 boards_bootloader(&boards,
					   "1ee923617ec38e734af358a51e71dbb26e773e13210e2908e9c3046"
					   "db59c776b",
					   NULL, NULL));
	found = boards_bootloader(&boards, NULL, "2013.07 (Jul 05 2018 - 13:33:27)", &board);
	assert_non_null(found);
	assert_string_equal(board->id, "neos-smartcam");
	assert_int_equal(found->misdetects[0], 0);
	/* Two builds have each of these texts (facts 6): the text alone tells neither. */
	assert_null(boards_bootloader(&boards, NULL, "2013.07 (Jul 28 2017 - 17:10:01)", NULL));
	assert_null(boards_bootloader(&boards, NULL, "2013.07 (Dec 21 2017 - 18:44:33)", NULL));
	/* One build in several boards' files is one build all the same. */
	assert_non_null(boards_bootloader(&boards, NULL,
					  "2013.07-gba03eeb (Dec 04 2018 - 21:41:16)", NULL));
	assert_null(boards_bootloader(&boards, "00", "2013.07 (Jul 05 2018 - 13:33:27)", NULL));
	assert_null(boards_bootloader(&boards, NULL, "", NULL));
	assert_null(boards_bootloader(&boards, NULL, NULL, NULL));
	boards_free(&boards);
}

/* The list of checksums in dafang.board, against the bootloader itself. */
static void the_pieces_are_those_of_the_build(void **state)
{
	uint32_t crc[INGENIC_MAX_PIECES];
	struct ingenic_boot boot;
	struct rc_buffer bytes;
	struct rc_span region;
	struct boards boards;
	struct rc_error err;
	const struct board_bootloader *known;

	(void)state;
	support_shared_file("firmware/dafang-5.5.1.177/uboot.bin", &bytes);
	region = (struct rc_span){ bytes.data, bytes.size };
	support_ok(ingenic_boot_parse(region, &boot, &err), &err);
	support_ok(boards_load(NULL, &boards, &err), &err);
	known = boards_bootloader(&boards, boot.sha256, NULL, NULL);
	assert_non_null(known);
	assert_string_equal(known->version, boot.version);
	assert_ptr_equal(known, boards_bootloader(&boards, boot.sha256_whole, NULL, NULL));
	assert_int_equal(known->piece_count, ingenic_boot_pieces(region, boot.used, crc));
	assert_memory_equal(known->piece_crc, crc, known->piece_count * sizeof(crc[0]));
	boards_free(&boards);
	rc_buffer_free(&bytes);
}

static void adding_a_camera_is_adding_a_file(void **state)
{
	const char *folder = support_temp_dir();
	const struct board_clue clue = { "module", "added.ko", "driver:/added.ko" };
	struct board_match match;
	struct boards boards;
	struct rc_error err;

	(void)state;
	put(folder, "console.part", console_part);
	put(folder, "zz.board", camera);
	put(folder, "zz-2.board", camera);
	put(folder, "README", "not read");
	put(folder, ".hidden.board", "not read");
	support_ok(boards_load(folder, &boards, &err), &err);
	assert_int_equal(boards.count, 2);
	assert_string_equal(boards.all[0].id, "zz");
	assert_string_equal(boards.all[1].id, "zz-2");
	assert_int_equal(boards.all[0].console.baud, 115200);
	boards.count = 1;
	support_ok(board_identify(&boards, &clue, 1, NULL, &match, &err), &err);
	assert_string_equal(match.board->id, "zz");
	assert_int_equal(match.confidence, BOARD_CERTAIN);
	assert_string_equal(match.because[0],
			    "the driver partition holds added.ko, of the added camera");
	boards.count = 2;
	boards_free(&boards);
}

static void the_environment_names_the_folder(void **state)
{
	const char *folder = support_temp_dir();
	const char *before = getenv("RECAM_BOARDS");
	char *kept = before ? strdup(before) : NULL;
	struct boards boards;
	struct rc_error err;
	int result;

	(void)state;
	put(folder, "console.part", console_part);
	put(folder, "only.board", camera);
	setenv("RECAM_BOARDS", folder, 1);
	result = boards_load(NULL, &boards, &err);
	if (kept)
		setenv("RECAM_BOARDS", kept, 1);
	else
		unsetenv("RECAM_BOARDS");
	free(kept);
	support_ok(result, &err);
	assert_int_equal(boards.count, 1);
	assert_string_equal(boards.all[0].id, "only");
	boards_free(&boards);
}

/* A line that is wrong in a part is told by the part's own name and line. */
static void parts_are_refused_by_their_own_lines(void **state)
{
	static const struct {
		const char *part;
		const char *board;
		const char *says;
	} cases[] = {
		{ "[console]\nbaud = 115200\nbaud = 9600\n", camera,
		  "console.part:3: baud is there twice, first in console.part:2" },
		{ "include = console.part\n", camera,
		  "console.part:1: a part includes no other part" },
		{ console_part, "include = console.part\ninclude = console.part\n",
		  "bad.board:2: console.part is included twice" },
		{ console_part, "include = missing.part\n",
		  "bad.board:1: cannot include missing.part" },
		{ console_part, "[camera]\ninclude = console.part\n",
		  "bad.board:2: there is no key \"include\" in [camera]" },
		{ console_part, "include = console.part\nname = x\n",
		  "bad.board:2: \"name\" stands before the first [section]" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		const char *folder = support_temp_dir();
		struct boards boards;
		struct rc_error err;

		put(folder, "console.part", cases[i].part);
		put(folder, "bad.board", cases[i].board);
		support_fails(boards_load(folder, &boards, &err), RC_EFORMAT, &err, cases[i].says);
		assert_int_equal(boards.count, 0);
	}
}

static void folders_without_boards_are_refused(void **state)
{
	struct boards boards;
	struct rc_error err;

	(void)state;
	support_fails(boards_load(support_temp_dir(), &boards, &err), RC_ENOTFOUND, &err,
		      "holds 0 board files", "RECAM_BOARDS");
	support_fails(boards_load("/nonexistent/boards", &boards, &err), RC_ENOTFOUND, &err,
		      "/nonexistent/boards", "No such file");
}

static char *described(const struct board *board, const struct boards *boards)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	if (board)
		board_describe(out, board, false);
	else
		boards_describe(out, boards, false);
	fclose(out);
	return text;
}

static void a_person_can_read_a_board(void **state)
{
	static const char *const wanted[] = {
		"Xiaomi Dafang DF3 (dafang)\n",
		"\n  RAM           128 MiB\n",
		"\n  para       0xfb0000  0x040000  256 KiB   identity      jffs2\n",
		"\n  kept          boot, config, para\n",
		"\n  prompt        \"isvp_t20# \"\n",
		"\n  where         para:/config/.product_config\n",
		"\n  setup         GPIO 46  active low ",
		"\n  2013.07 (Jul 28 2017 - 17:10:01)\n    origin      stock;",
		"1c7018 (EN25QH128A)",
		"\n    makers      c2 ef 1c f8 20 c8\n",
		"\n    takes for   the id 00f83217 at 8012bed0 as linked, its size at 8012bf0c; ",
	};
	struct boards boards;
	struct rc_error err;
	char *text;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	text = described(boards_find(&boards, "dafang"), NULL);
	for (size_t i = 0; i < RC_COUNT(wanted); i++) {
		if (!strstr(text, wanted[i]))
			fail_msg("\"%s\" is not in:\n%s", wanted[i], text);
	}
	assert_null(strstr(text, " \n"));
	assert_null(strstr(text, "\033"));
	free(text);
	text = described(boards_find(&boards, "escamg02"), NULL);
	assert_non_null(strstr(text, "\n  refused       it is built around a Goke GK7102"));
	free(text);
	text = described(NULL, &boards);
	for (size_t i = 0; i < RC_COUNT(ids); i++)
		assert_non_null(strstr(text, ids[i]));
	free(text);
	boards_free(&boards);
}

static void a_script_can_read_the_boards(void **state)
{
	struct boards boards;
	struct rc_error err;
	json_t *list, *dafang, *kernel, *loader;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	list = boards_json(&boards);
	assert_int_equal(json_array_size(list), RC_COUNT(ids));
	dafang = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(dafang, "id")), "dafang");
	kernel = json_array_get(json_object_get(dafang, "partitions"), 1);
	assert_int_equal(json_integer_value(json_object_get(kernel, "offset")), 262144);
	assert_string_equal(json_string_value(json_object_get(kernel, "format")), "uimage");
	assert_true(json_is_true(json_object_get(kernel, "required")));
	loader = json_array_get(json_object_get(dafang, "bootloaders"), 0);
	assert_true(json_is_string(json_object_get(loader, "origin")));
	for (size_t i = 0; i < json_array_size(list); i++)
		assert_true(json_is_object(json_array_get(list, i)));
	json_decref(list);
	boards_free(&boards);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_board_of_the_contract_is_there),
		cmocka_unit_test(layouts_cover_the_flash),
		cmocka_unit_test(the_dafang_is_as_the_facts_say),
		cmocka_unit_test(bootloaders_are_found_by_digest_and_version),
		cmocka_unit_test(the_pieces_are_those_of_the_build),
		cmocka_unit_test(adding_a_camera_is_adding_a_file),
		cmocka_unit_test(the_environment_names_the_folder),
		cmocka_unit_test(parts_are_refused_by_their_own_lines),
		cmocka_unit_test(folders_without_boards_are_refused),
		cmocka_unit_test(a_person_can_read_a_board),
		cmocka_unit_test(a_script_can_read_the_boards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
