/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verdicts on cards without any firmware: the wounds that tests/twin/card_verdict.c shows to
 * the stock bootloader, and what the open one does (facts/bootloaders-and-flash.md 2.3).
 */
#include <stdlib.h>
#include <string.h>

#include "../twin/card_wounds.h"
#include "card/transfer.h"
#include "format/uimage.h"
#include "inspect/card_check.h"
#include "run.h"
#include "support.h"

static struct boards boards;

static int load_boards(void **state)
{
	struct rc_error err;

	(void)state;
	return boards_load(NULL, &boards, &err);
}

static int free_boards(void **state)
{
	(void)state;
	boards_free(&boards);
	return 0;
}

static void set_camera(struct card_camera *camera, const char *board, const char *version)
{
	*camera = (struct card_camera){ .boards = &boards,
					.board = boards_find(&boards, board),
					.button_held = true };
	assert_non_null(camera->board);
	for (size_t i = 0; version && i < camera->board->bootloader_count; i++)
		if (strstr(camera->board->bootloaders[i].version, version))
			camera->bootloader = &camera->board->bootloaders[i];
	camera->rules = card_rules_of(camera);
}

static void test_wounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < wound_count; i++) {
		struct card_verdict verdict;
		struct card_camera camera;
		struct wounded w;
		struct rc_error err;

		if (wounds[i].tool && !run_exists(wounds[i].tool)) {
			print_message("skipped: %s (no %s)\n", wounds[i].name, wounds[i].tool);
			continue;
		}
		set_camera(&camera, "dafang", "Jul 28 2017");
		camera.jedec = wounds[i].jedec;
		camera.button_held = !wounds[i].no_button;
		wound_make(&w, &wounds[i]);
		support_ok(card_judge(&camera, (struct rc_span){ w.card, w.size }, &verdict, &err),
			   &err);
		if (verdict.outcome != wounds[i].outcome ||
		    (wounds[i].says && !strstr(verdict.says, wounds[i].says)))
			fail_msg("%s: %s, \"%s\" (%s)", wounds[i].name,
				 card_outcome_name(verdict.outcome), verdict.says, verdict.why);
		/* Whatever is not as it should be has a name and a reason. */
		if (verdict.outcome != CARD_TAKEN) {
			assert_non_null(finding_find(verdict.finding));
			assert_true(strlen(verdict.why) > 20);
		}
		wound_free(&w);
	}
}

/* A card with one file of this name and header. */
static void judge_one(const struct card_camera *camera, const char *name, uint8_t type,
		      size_t payload, struct card_verdict *verdict)
{
	struct uimage_header header = { .arch = UIMAGE_ARCH_MIPS, .type = type };
	uint8_t *card = calloc(1, RC_MIB(32)), *file = calloc(1, payload + UIMAGE_HEADER_SIZE);
	struct fat_node node = { name, { file, payload + UIMAGE_HEADER_SIZE } };
	struct card_options options = { .nodes = &node, .node_count = 1 };
	struct rc_error err;

	support_ok(uimage_build(&header, (struct rc_span){ file + UIMAGE_HEADER_SIZE, payload },
				file, &err),
		   &err);
	support_ok(card_make(card, RC_MIB(32), &options, NULL, &err), &err);
	support_ok(card_judge(camera, (struct rc_span){ card, RC_MIB(32) }, verdict, &err), &err);
	free(card);
	free(file);
}

static void test_open_bootloader(void **state)
{
	static const struct {
		const char *name;
		uint8_t type;
		size_t payload;
		enum card_outcome outcome;
		const char *says;
		uint32_t offset, size, file_offset, file_size;
	} cases[] = {
		{ "flash-uboot.bin", 5, 0x39a00, CARD_TAKEN, "flash write...", 0, 0x40000, 64,
		  0x39a00 },
		{ "flash-kernel.bin", 2, 0x180000, CARD_TAKEN, "flash write...", 0x40000, 0x200000,
		  0, 0x180040 },
		{ "flash-rootfs.bin", 7, 0x300000, CARD_TAKEN, "flash write...", 0x240000, 0x350000,
		  64, 0x300000 },
		{ "flash-rootfs.bin", 3, 0x300000, CARD_TAKEN, "flash write...", 0x240000, 0x350000,
		  0, 0x300040 },
		{ "flash-full.bin", 5, 0x58ff00, CARD_TAKEN, "flash write...", 0, 0x590000, 64,
		  0x58ff00 },
		/* It reads so many bytes with the header among them. */
		{ "flash-full.bin", 5, 0x590000, CARD_REFUSED, "bad total SIZE" },
		{ "flash-uboot.bin", 5, 0x40001, CARD_REFUSED,
		  "Image flash-uboot.bin is bigger than FLASH" },
		{ "flash-kernel.bin", 5, 0x1000, CARD_REFUSED,
		  "Image flash-kernel.bin wrong type" },
		{ "demo.bin", 5, 0xa90000, CARD_NOT_SEEN, "" },
	};
	struct card_camera camera;

	(void)state;
	set_camera(&camera, "dafang", "Nov 18 2018");
	assert_ptr_equal(camera.rules, &card_rules_open);
	camera.button_held = false; /* it asks for none */
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct card_verdict verdict;

		judge_one(&camera, cases[i].name, cases[i].type, cases[i].payload, &verdict);
		if (verdict.outcome != cases[i].outcome || !strstr(verdict.says, cases[i].says))
			fail_msg("%s: %s \"%s\" %s", cases[i].name,
				 card_outcome_name(verdict.outcome), verdict.says, verdict.why);
		if (verdict.outcome != CARD_TAKEN)
			continue;
		assert_int_equal(verdict.flash_offset, cases[i].offset);
		assert_int_equal(verdict.flash_size, cases[i].size);
		assert_int_equal(verdict.file_offset, cases[i].file_offset);
		assert_int_equal(verdict.file_size, cases[i].file_size);
	}
}

/* The stock one the other way round, and cameras whose bootloaders take no such card. */
static void test_which_rules(void **state)
{
	static const struct {
		const char *board, *version;
		const struct card_rules *rules;
	} cases[] = {
		{ "dafang", NULL, &card_rules_stock },
		{ "wyze-v2", NULL, &card_rules_stock },
		{ "xiaofang-1s", "Mar 13 2018", &card_rules_stock },
		{ "digoo-bb-m2", NULL, NULL },
		{ "spycam-z6", NULL, NULL },
	};
	struct card_verdict verdict;
	struct card_camera camera;
	struct rc_error err;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		set_camera(&camera, cases[i].board, cases[i].version);
		assert_ptr_equal(camera.rules, cases[i].rules);
	}
	support_fails(card_judge(&camera, (struct rc_span){ NULL, 0 }, &verdict, &err),
		      RC_EUNSUPPORTED, &err, "spycam-z6", "--rehearse");
	set_camera(&camera, "dafang", NULL);
	judge_one(&camera, "flash-full.bin", 5, 0x1000, &verdict);
	assert_int_equal(verdict.outcome, CARD_NOT_SEEN);
	/* Neos knows the chip that the others take for a smaller one. */
	set_camera(&camera, "neos-smartcam", "Jul 05 2018");
	camera.jedec = 0x1c7018;
	judge_one(&camera, "DEMO.BIN", 5, 0xa90000, &verdict);
	assert_int_equal(verdict.outcome, CARD_TAKEN);
	set_camera(&camera, "wyze-v2", NULL);
	camera.jedec = 0x1c7018;
	judge_one(&camera, "DEMO.BIN", 5, 0xa90000, &verdict);
	assert_int_equal(verdict.outcome, CARD_REFUSED);
	assert_string_equal(verdict.finding, "chip-size-misdetected");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wounds),
		cmocka_unit_test(test_open_bootloader),
		cmocka_unit_test(test_which_rules),
	};

	return cmocka_run_group_tests(tests, load_boards, free_boards);
}
