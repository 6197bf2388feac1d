/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model alone, on the demonstration's flash: what needs nobody's firmware. */
#include <string.h>

#include "session.h"

static struct rc_buffer flash;

static int take_flash(void **state)
{
	support_demo_flash(&flash);
	return 0;
}

static int drop_flash(void **state)
{
	rc_buffer_free(&flash);
	return 0;
}

static void open_on(struct session *session, uint32_t jedec)
{
	struct twin_config config = { .image = { flash.data, flash.size }, .jedec = jedec };

	session_open(session, &config);
	assert_int_equal(twin_engine_used(session->twin), TWIN_MODEL);
	assert_has(twin_engine_reason(session->twin), "no U-Boot code behind the SPL");
}

/* Version, board, prompt and environment are the image's own. */
static void test_takes_the_image_s_words(void **state)
{
	struct session s;

	open_on(&s, 0);
	session_prompt(&s);
	assert_has(rc_text_get(&s.all), "\r\n\r\nU-Boot 2013.07 (");
	assert_hasnt(rc_text_get(&s.all), "Jul 28 2017");
	assert_has(rc_text_get(&s.all), "Board: ISVP (Ingenic XBurst T20 SoC)\r\n");
	assert_has(session_type(&s, "printenv bootcmd"), "bootcmd=sdupdate;sf probe;");
	assert_has(session_type(&s, "version"), "\r\nU-Boot 2013.07 (");
	session_close(&s);
}

static void test_starts_linux(void **state)
{
	struct session s;

	open_on(&s, 0xc84018);
	assert_int_equal(session_settle(&s), TWIN_LINUX);
	assert_has(rc_text_get(&s.all), "Verifying Checksum ... OK\r\n");
	assert_has(rc_text_get(&s.all), "\r\nStarting kernel ...\r\n\r\n");
	session_close(&s);
}

static void test_erased_kernel(void **state)
{
	struct session s;

	memset(flash.data + 0x40000, 0xff, 0x200000);
	open_on(&s, 0xc84018);
	assert_int_equal(session_settle(&s), TWIN_WAITING);
	assert_has(rc_text_get(&s.all), "Wrong Image Format for bootm command\r\n");
	session_close(&s);
	rc_buffer_free(&flash);
	support_demo_flash(&flash);
}

/* A camera that lost its bootloader is dead; one that never had one is lent one. */
static void test_death(void **state)
{
	static uint8_t blank[0x10000];
	struct twin_config config = { .image = { blank, sizeof(blank) }, .engine = TWIN_MODEL };
	struct rc_error err;
	struct session s;

	open_on(&s, 0xc84018);
	session_prompt(&s);
	session_type(&s, "sf probe");
	session_type(&s, "sf erase 40000 8000");
	assert_int_equal(twin_nor(s.twin)->counts.erases, 65536 + 8);
	session_type(&s, "reset");
	assert_int_equal(s.state, TWIN_CRASHED);
	assert_has(twin_crash_text(s.twin), "no Ingenic boot image at 0");
	support_ok(twin_power_cycle(s.twin, &err), &err);
	assert_int_equal(session_settle(&s), TWIN_CRASHED);
	session_close(&s);

	session_open(&s, &config);
	session_prompt(&s);
	session_type(&s, "reset");
	assert_int_equal(s.state, TWIN_WAITING);
	assert_has(rc_text_get(&s.last), "U-Boot 2013.07");
	session_close(&s);
}

static void test_power_cut(void **state)
{
	struct twin_config config = { .image = { flash.data, flash.size },
				      .chip_faults = { .seed = 1, .cut_at_op = 2 } };
	struct rc_error err;
	struct session s;

	session_open(&s, &config);
	session_prompt(&s);
	session_type(&s, "sf probe");
	session_type(&s, "sf erase 240000 30000");
	assert_int_equal(s.state, TWIN_POWER_OFF);
	assert_true(rc_all_bytes(twin_nor(s.twin)->data + 0x240000, 0x10000, 0xff));
	assert_memory_equal(twin_nor(s.twin)->data + 0x260000, flash.data + 0x260000, 0x10000);
	session_type(&s, "version"); /* nobody hears it */
	assert_int_equal(s.last.size, 0);
	support_ok(twin_power_cycle(s.twin, &err), &err);
	rc_text_free(&s.all);
	session_prompt(&s);
	session_type(&s, "sf probe");
	assert_has(session_type(&s, "sf erase 240000 30000"), "Erased: OK");
	session_close(&s);
}

/* The clock stops at the caller's limit, wherever the model is just then. */
static void test_limits(void **state)
{
	struct session s;
	uint64_t start;

	open_on(&s, 0);
	assert_int_equal(twin_run(s.twin, 10, TWIN_FOREVER), TWIN_RUNNING);
	assert_int_equal(twin_output_waiting(s.twin), 10);
	session_prompt(&s);
	start = twin_micros(s.twin);
	twin_input(s.twin, (const uint8_t *)"sleep 30\r", 9);
	assert_int_equal(twin_run(s.twin, SIZE_MAX, 1000000), TWIN_RUNNING);
	assert_int_equal(twin_micros(s.twin) - start, 1000000);
	assert_int_equal(session_settle(&s), TWIN_WAITING);
	assert_in_range(twin_micros(s.twin) - start, 30000000, 30010000);
	session_close(&s);
}

/* A variable that runs itself uses the stack up. */
static void test_recursion(void **state)
{
	struct session s;

	open_on(&s, 0);
	session_prompt(&s);
	session_type(&s, "setenv loop run loop");
	session_type(&s, "run loop");
	assert_int_equal(s.state, TWIN_CRASHED);
	assert_has(twin_crash_text(s.twin), "stack");
	session_close(&s);
}

static void test_go(void **state)
{
	struct session s;

	open_on(&s, 0);
	session_prompt(&s);
	assert_has(session_type(&s, "go 80100000"),
		   "(the model twin has no processor: nothing runs at 0x80100000; use the exact "
		   "engine)\r\n");
	assert_int_equal(s.state, TWIN_WAITING);
	session_close(&s);
}

static void test_not_imitated(void **state)
{
	struct session s;

	open_on(&s, 0);
	session_prompt(&s);
	assert_has(session_type(&s, "mmcinfo"), "(the model twin does not imitate mmcinfo)\r\n");
	session_close(&s);
}

/* A twin may be closed wherever it is. */
static void test_close_half_way(void **state)
{
	struct session s;

	open_on(&s, 0);
	session_close(&s); /* before it ran */
	open_on(&s, 0);
	twin_run(s.twin, 100, TWIN_FOREVER);
	session_close(&s); /* while it prints */
	open_on(&s, 0);
	session_prompt(&s);
	twin_input(s.twin, (const uint8_t *)"run bootcmd\r", 12);
	twin_run(s.twin, 400, TWIN_FOREVER);
	session_close(&s); /* deep in a command */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_the_image_s_words),
		cmocka_unit_test(test_starts_linux),
		cmocka_unit_test(test_erased_kernel),
		cmocka_unit_test(test_death),
		cmocka_unit_test(test_power_cut),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_recursion),
		cmocka_unit_test(test_go),
		cmocka_unit_test(test_not_imitated),
		cmocka_unit_test(test_close_half_way),
	};

	return cmocka_run_group_tests(tests, take_flash, drop_flash);
}
