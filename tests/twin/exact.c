/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exact engine on the stock firmware: what the facts say was seen on cameras. */
#include <stdio.h>
#include <string.h>

#include "session.h"

#define PROMPT "isvp_t20# "

static struct rc_buffer flash;

static void open_on(struct session *session, uint32_t jedec)
{
	struct twin_config config = { .image = { flash.data, flash.size },
				      .jedec = jedec,
				      .engine = TWIN_AUTO };

	session_open(session, &config);
	assert_int_equal(twin_engine_used(session->twin), TWIN_EXACT);
	assert_string_equal(twin_engine_reason(session->twin), "");
}

static int take_firmware(void **state)
{
	support_dafang_flash(&flash);
	return 0;
}

static int drop_firmware(void **state)
{
	rc_buffer_free(&flash);
	return 0;
}

static void test_prompt(void **state)
{
	struct session s;

	open_on(&s, 0);
	assert_int_equal(twin_gpio_level(s.twin, 39), -1);
	session_prompt(&s);
	assert_has(rc_text_get(&s.all), "U-Boot 2013.07 (Jul 28 2017 - 17:10:01)\r\n");
	assert_has(rc_text_get(&s.all), "DRAM:  128 MiB\r\n");
	assert_has(rc_text_get(&s.all), "SF: Detected GD25Q128\r\n");
	assert_has(rc_text_get(&s.all), "stop autoboot:  1 \b\b\b 0 \r\n" PROMPT);
	/* facts 1.4: yellow on (low), blue off */
	assert_has(rc_text_get(&s.all), "after change the yellow_gpio ret is 0\r\n");
	assert_has(rc_text_get(&s.all), "after change the blue_gpio ret is 1\r\n");
	assert_int_equal(twin_gpio_level(s.twin, 38), 0);
	assert_int_equal(twin_gpio_level(s.twin, 39), 1);
	assert_int_equal(twin_gpio_level(s.twin, 46), -1); /* an input */
	assert_int_equal(twin_gpio_level(s.twin, 4711), -1);
	session_close(&s);
}

/* A boot partition alone is enough; the rest of the chip is erased. */
static void test_boot_partition(void **state)
{
	struct twin_config config = { .image = { flash.data, 0x40000 } };
	struct session s;

	session_open(&s, &config);
	session_prompt(&s);
	session_type(&s, "sf probe");
	session_type(&s, "sf read 80600000 40000 10000");
	assert_has(session_type(&s, "md.l 80600000 1"), "ffffffff");
	session_close(&s);
}

static void test_chip_texts(void **state)
{
	static const struct {
		uint32_t jedec;
		const char *probe, *beyond;
	} chips[] = {
		{ 0xc84018, "the manufacturer c8\r\nSF: Detected GD25Q128\r\n\r\n--->probe spend ",
		  "Read: OK" },
		{ 0x1c7018,
		  "the id code = 1c7018\r\n"
		  "unsupport ID is if the id not be 0x00,the flash is ok for burner\r\n"
		  "the manufacturer 1c\r\nSF: Detected FM25Q64\r\n",
		  "ERROR: attempting read past flash size (0x800000)\r\n" },
		{ 0x5e4018,
		  "SF: Unsupported manufacturer 5e\r\nFailed to initialize SPI flash at 0:0\r\n",
		  "No SPI flash selected. Please run `sf probe'\r\n" },
	};

	for (size_t i = 0; i < RC_COUNT(chips); i++) {
		struct session s;

		open_on(&s, chips[i].jedec);
		session_prompt(&s);
		assert_has(session_type(&s, "sf probe"), chips[i].probe);
		assert_has(session_type(&s, "sf read 80600000 f00000 10000"), chips[i].beyond);
		session_close(&s);
	}
}

/* facts 3.5 (c): the table in RAM put right, the whole chip can be reached. */
static void test_cure_of_the_small_chip(void **state)
{
	struct session s;

	open_on(&s, 0x1c7018);
	session_prompt(&s);
	assert_has(session_type(&s, "md.l 83fc7ed0 1"), "00f83217");
	session_type(&s, "mw.l 83fc7f0c 1000000");
	session_type(&s, "sf probe");
	session_type(&s, "mw.b 80600000 a5 10000");
	assert_has(session_type(&s, "sf update 80600000 f00000 10000"), "65536 bytes written");
	assert_true(rc_all_bytes(twin_nor(s.twin)->data + 0xf00000, 0x10000, 0xa5));
	session_close(&s);
}

/* facts 0.4 and the law that follows from it. */
static void test_deadly_length(void **state)
{
	struct nor_counts *counts;
	struct session s;

	open_on(&s, 0xc84018);
	counts = &twin_nor(s.twin)->counts;
	session_prompt(&s);
	session_type(&s, "sf probe");
	session_type(&s, "sf erase 0x40000 0x10000");
	assert_int_equal(counts->erases, 1);
	assert_int_equal(twin_nor(s.twin)->data[0], 0x06);
	assert_has(session_type(&s, "sf erase 0x40000 0x8000"),
		   "SF: 32768 bytes @ 0x40000 Erased: OK");
	/* 65,536 blocks of 64 KiB, then the 32 KiB that are left, by 4 KiB. */
	assert_int_equal(counts->erases, 1 + 65536 + 8);
	assert_true(rc_all_bytes(twin_nor(s.twin)->data, 0x1000000, 0xff));
	session_type(&s, "reset");
	assert_int_equal(s.state, TWIN_CRASHED);
	assert_has(twin_crash_text(s.twin), "no Ingenic boot image at 0");
	session_close(&s);
}

static void test_power_cut(void **state)
{
	struct rc_error err;
	struct session s;
	struct twin_config config = { .image = { flash.data, flash.size },
				      .chip_faults = { .seed = 7, .cut_at_op = 3 } };

	session_open(&s, &config);
	session_prompt(&s);
	session_type(&s, "sf probe");
	session_type(&s, "mw.b 80600000 0 20000");
	session_type(&s, "sf update 80600000 240000 20000");
	assert_int_equal(s.state, TWIN_POWER_OFF); /* an erase, a page, and half of the next */
	assert_int_equal(twin_nor(s.twin)->counts.erases, 1);
	assert_int_equal(twin_nor(s.twin)->counts.programs, 2);
	assert_true(rc_all_bytes(twin_nor(s.twin)->data + 0x240000, 0x100, 0));
	assert_false(rc_all_bytes(twin_nor(s.twin)->data + 0x240100, 0x100, 0));
	assert_true(rc_all_bytes(twin_nor(s.twin)->data + 0x240200, 0xfe00, 0xff));
	assert_int_equal(twin_run(s.twin, 1, 1000), TWIN_POWER_OFF);
	support_ok(twin_power_cycle(s.twin, &err), &err);
	rc_text_free(&s.all);
	session_prompt(&s);
	session_type(&s, "sf probe");
	session_type(&s, "mw.b 80600000 0 20000");
	assert_has(session_type(&s, "sf update 80600000 240000 20000"), "131072 bytes written");
	assert_true(rc_all_bytes(twin_nor(s.twin)->data + 0x240000, 0x20000, 0));
	session_close(&s);
}

/* A page of RAM that was written comes back as 0. */
static void test_reset(void **state)
{
	struct session s;

	open_on(&s, 0xc84018);
	session_prompt(&s);
	session_type(&s, "mw.l 80600000 12345678 4");
	rc_text_free(&s.all);
	twin_input(s.twin, (const uint8_t *)"reset\r", 6);
	session_prompt(&s);
	assert_has(rc_text_get(&s.all), "reset in 4ms");
	assert_has(rc_text_get(&s.all), "U-Boot 2013.07");
	assert_has(session_type(&s, "md.l 80600000 1"), "80600000: 00000000");
	session_close(&s);
}

/* The normal start, as facts 2.2 has it, up to the kernel. */
static void test_starts_linux(void **state)
{
	struct session s;

	open_on(&s, 0xc84018);
	assert_int_equal(session_settle(&s), TWIN_LINUX);
	assert_has(rc_text_get(&s.all), "FWGRADEUP not find !!!!!!!!!\r\n"
					"gradeup check fail!!!!!!!!!!!!!!!!!!!\r\n");
	assert_has(rc_text_get(&s.all),
		   "Erasing SPI flash...addr align as 10000 !\r\nsfc erase error\r\n");
	assert_has(rc_text_get(&s.all), "   Verifying Checksum ... OK\r\n"
					"   Uncompressing Kernel Image ... OK\r\n\r\n"
					"Starting kernel ...\r\n\r\n");
	assert_int_equal(twin_nor(s.twin)->counts.erases, 0);
	assert_int_equal(twin_nor(s.twin)->counts.programs, 0);
	session_close(&s);
}

static void test_erased_kernel(void **state)
{
	struct session s;

	memset(flash.data + 0x40000, 0xff, 0x200000);
	open_on(&s, 0xc84018);
	assert_int_equal(session_settle(&s), TWIN_WAITING);
	assert_has(rc_text_get(&s.all), "Wrong Image Format for bootm command\r\n"
					"ERROR: can't get kernel image!\r\n" PROMPT);
	session_close(&s);
	rc_buffer_free(&flash);
	support_dafang_flash(&flash);
}

/* facts 2.1, with the slot empty. */
static void test_button(void **state)
{
	struct twin_config config = { .image = { flash.data, flash.size }, .button_held = true };
	struct session s;
	uint64_t start;

	session_open(&s, &config);
	session_prompt(&s);
	start = twin_micros(s.twin);
	assert_has(session_type(&s, "sdupdate"), "setup_button set long!!!!!!!!!!!!!!!!!!!\r\n");
	assert_in_range(twin_micros(s.twin) - start, 2000000, 2100000);
	session_close(&s);
}

/* get_timer counts the camera's own milliseconds. */
static void test_clock(void **state)
{
	struct session s;
	uint64_t start;

	open_on(&s, 0xc84018);
	session_prompt(&s);
	start = twin_micros(s.twin);
	session_type(&s, "sleep 3");
	assert_in_range(twin_micros(s.twin) - start, 3000000, 3030000);
	/* Waiting costs the caller's time, and nothing where there is no limit. */
	start = twin_micros(s.twin);
	assert_int_equal(twin_run(s.twin, 1, 250000), TWIN_WAITING);
	assert_int_equal(twin_micros(s.twin) - start, 250000);
	assert_int_equal(twin_run(s.twin, 1, TWIN_FOREVER), TWIN_WAITING);
	assert_in_range(twin_micros(s.twin) - start, 250000, 250100);
	/* 16 MiB took a camera 2.4 s. */
	session_type(&s, "sf probe");
	start = twin_micros(s.twin);
	session_type(&s, "sf read 80600000 0 1000000");
	assert_in_range(twin_micros(s.twin) - start, 2300000, 2700000);
	session_close(&s);
}

/* Nobody reads the FIFO while a sector is erased: what does not fit is lost. */
static void test_overrun(void **state)
{
	struct session s;

	open_on(&s, 0xc84018);
	session_prompt(&s);
	session_type(&s, "sf probe");
	assert_has(session_keys(&s, "sf erase 40000 10000\recho 456789abcdefghijklmnop\r"),
		   PROMPT "echo 456789abcde");
	assert_hasnt(rc_text_get(&s.last), "echo 456789abcdef");
	session_close(&s);
}

static void test_line_faults(void **state)
{
	struct twin_config config = { .image = { flash.data, flash.size },
				      .line_faults = { .seed = 3, .drop_one_in = 50 } };
	struct session clean, s;

	open_on(&clean, 0);
	session_prompt(&clean);
	session_open(&s, &config);
	while (twin_micros(s.twin) < 500000)
		twin_run(s.twin, SIZE_MAX, 100000);
	/* About one byte in 50 of some 2300 is missing. */
	assert_in_range(twin_output_waiting(s.twin), clean.all.size - 90, clean.all.size - 20);
	session_close(&clean);
	session_close(&s);
}

/* Each engine step of the caller's choice, the same camera. */
static void test_repeats_exactly(void **state)
{
	static const size_t steps[] = { SIZE_MAX, 1 };
	struct session runs[2];

	for (size_t i = 0; i < 2; i++) {
		struct session *s = &runs[i];

		open_on(s, 0xc84018);
		session_prompt(s);
		session_type(s, "sf probe");
		twin_input(s->twin, (const uint8_t *)"sf update 80600000 240000 30000\r", 32);
		while (twin_run(s->twin, steps[i], TWIN_FOREVER) == TWIN_RUNNING) {
			char byte;

			while (twin_output(s->twin, (uint8_t *)&byte, 1))
				rc_text_add_bytes(&s->all, &byte, 1);
		}
		session_settle(s);
	}
	assert_string_equal(rc_text_get(&runs[0].all), rc_text_get(&runs[1].all));
	assert_true(twin_micros(runs[0].twin) == twin_micros(runs[1].twin));
	session_close(&runs[0]);
	session_close(&runs[1]);
}

static void test_crash(void **state)
{
	struct session s;

	open_on(&s, 0xc84018);
	session_prompt(&s);
	session_type(&s, "md.l c0000000 1");
	assert_int_equal(s.state, TWIN_CRASHED);
	assert_has(twin_crash_text(s.twin), "exception at ");
	assert_string_equal(twin_state_text(s.twin, s.state), twin_crash_text(s.twin));
	session_close(&s);
}

static void test_refuses_what_cannot_start(void **state)
{
	struct twin_config config = { .image = { flash.data, flash.size }, .engine = TWIN_EXACT };
	struct twin *twin;
	struct rc_error err;

	flash.data[0x900] ^= 1; /* in the SPL */
	support_fails(twin_open(&config, &twin, &err), RC_EUNSUPPORTED, &err, "checksum of the SPL",
		      "engine=model");
	assert_null(twin);
	config.engine = TWIN_AUTO;
	support_ok(twin_open(&config, &twin, &err), &err);
	assert_int_equal(twin_engine_used(twin), TWIN_MODEL);
	assert_has(twin_engine_reason(twin), "checksum of the SPL");
	twin_close(twin);
	flash.data[0x900] ^= 1;
	config.jedec = 0xc84017;
	support_fails(twin_open(&config, &twin, &err), RC_ERANGE, &err, "16777216 bytes", "c84017");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prompt),
		cmocka_unit_test(test_boot_partition),
		cmocka_unit_test(test_chip_texts),
		cmocka_unit_test(test_cure_of_the_small_chip),
		cmocka_unit_test(test_deadly_length),
		cmocka_unit_test(test_power_cut),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_starts_linux),
		cmocka_unit_test(test_erased_kernel),
		cmocka_unit_test(test_button),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_line_faults),
		cmocka_unit_test(test_repeats_exactly),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_refuses_what_cannot_start),
	};
	int missing = support_needs_dafang("the exact engine's tests");

	return missing ? missing : cmocka_run_group_tests(tests, take_firmware, drop_firmware);
}
