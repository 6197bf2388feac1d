/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge of card verdicts is the stock bootloader itself: each wounded card meets it on
 * the exact twin, and what recam foretold without running anything is what happens. What the
 * console then shows tells inspect the same.
 */

#include <stdlib.h>
#include <string.h>

#include "card_wounds.h"
#include "inspect/card_check.h"
#include "run.h"
#include "session.h"
#include "twin/card_try.h"

static struct rc_buffer flash;
static struct boards boards;

static int take_firmware(void **state)
{
	struct rc_error err;

	(void)state;
	support_dafang_flash(&flash);
	return boards_load(NULL, &boards, &err);
}

static int drop_firmware(void **state)
{
	(void)state;
	rc_buffer_free(&flash);
	boards_free(&boards);
	return 0;
}

static void foretell(const struct wounded *w, const struct wound *wound,
		     struct card_verdict *verdict)
{
	struct card_camera camera = { .boards = &boards,
				      .board = boards_find(&boards, "dafang"),
				      .jedec = wound->jedec,
				      .button_held = !wound->no_button };
	struct rc_error err;

	camera.bootloader = boards_bootloader(&boards, NULL, "2013.07 (Jul 28 2017 - 17:10:01)",
					      NULL);
	camera.rules = card_rules_of(&camera);
	support_ok(card_judge(&camera, (struct rc_span){ w->card, w->size }, verdict, &err), &err);
}

/* The range holds the file, and FF behind it; nothing else changed but the flag. */
static void assert_written(const struct card_try *played, const struct wounded *w,
			   const struct card_verdict *verdict)
{
	const uint8_t *data = twin_nor(played->twin)->data;
	uint32_t start = verdict->flash_offset, size = verdict->file_size;
	uint32_t end = start + verdict->flash_size;

	assert_int_equal(start, 0x40000);
	assert_int_equal(end, 0xad0000);
	assert_memory_equal(data + start, w->file.data + verdict->file_offset, size);
	assert_true(rc_all_bytes(data + start + size, end - start - size, 0xff));
	assert_memory_equal(data, flash.data, start);
	assert_memory_equal(data + end, flash.data + end, 0xff0000 - end);
	assert_true(rc_all_bytes(data + 0xff0000, 0x10000, 0xff));
}

/* The log alone leads to the same, with the same reason where there is one. */
static void assert_log_agrees(const struct card_try *played, const struct wound *wound,
			      const struct card_verdict *verdict)
{
	struct inspect_options options = { .boards = &boards };
	struct inspection log;
	struct rc_error err;

	support_ok(
		inspect_log((struct rc_span){ (const uint8_t *)played->log.data, played->log.size },
			    &options, &log, &err),
		&err);
	assert_int_equal(card_log_outcome(&log), wound->outcome);
	/* Each start without the button looks like this: nothing is wrong with it. */
	if (wound->outcome == CARD_NOT_SEEN && !wound->no_button &&
	    !inspection_find(&log, verdict->finding))
		fail_msg("the log does not tell of %s", verdict->finding);
	if (wound->outcome == CARD_REFUSED && !wound->jedec)
		assert_non_null(
			strstr(inspection_find(&log, "update-refused")->evidence, wound->says));
	inspection_clear(&log);
}

static void try_wound(const struct wound *wound)
{
	struct card_verdict verdict;
	struct card_try played;
	struct wounded w;
	struct rc_error err;

	wound_make(&w, wound);
	foretell(&w, wound, &verdict);
	support_ok(card_try_run(&(struct card_try_config){ .flash = { flash.data, flash.size },
							   .jedec = wound->jedec,
							   .button_held = !wound->no_button,
							   .card = w.card,
							   .card_size = w.size,
							   .until = "--->probe spend" },
				&played, &err),
		   &err);
	if (wound->outcome != verdict.outcome)
		fail_msg("foretold: %s (%s)\n%s", card_outcome_name(verdict.outcome), verdict.why,
			 strstr(rc_text_get(&played.log), "jiabo_do"));
	assert_has(rc_text_get(&played.log), wound->says ? wound->says : "probe");
	assert_has(rc_text_get(&played.log), verdict.says);
	if (wound->outcome == CARD_TAKEN) {
		assert_written(&played, &w, &verdict);
	} else {
		assert_int_equal(played.erases, 0);
		assert_int_equal(played.behind_change, 0);
		assert_memory_equal(twin_nor(played.twin)->data, flash.data, flash.size);
	}
	assert_log_agrees(&played, wound, &verdict);
	card_try_clear(&played);
	wound_free(&w);
}

static void test_wounds(void **state)
{
	const char *only = getenv("RECAM_TEST_WOUND");
	bool all = only || support_runs_all("cards that go the way of others");
	size_t done = 0;

	(void)state;
	for (size_t i = 0; i < wound_count; i++) {
		if ((only && !strstr(wounds[i].name, only)) || (wounds[i].again && !all))
			continue;
		if (wounds[i].tool && !run_exists(wounds[i].tool)) {
			print_message("skipped: %s (no %s)\n", wounds[i].name, wounds[i].tool);
			continue;
		}
		print_message("%s\n", wounds[i].name);
		try_wound(&wounds[i]);
		done++;
	}
	print_message("%zu cards, each as foretold\n", done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wounds),
	};
	int missing = support_needs_dafang("the verdicts on cards");

	return missing ? missing : cmocka_run_group_tests(tests, take_firmware, drop_firmware);
}
