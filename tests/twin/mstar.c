/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exact engine on the stock bootloader of the Mi 360 (facts/mstar-mi360.md 1, 3, 5). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash/nor.h"
#include "mi360.h"
#include "session.h"

static struct rc_buffer flash;

static int take_firmware(void **state)
{
	(void)state;
	mi360_flash(&flash);
	return 0;
}

static int drop_firmware(void **state)
{
	(void)state;
	rc_buffer_free(&flash);
	return 0;
}

static void open_with(struct session *session, const uint8_t *image, uint32_t jedec)
{
	struct twin_config config = { .image = { image, flash.size },
				      .jedec = jedec,
				      .engine = TWIN_EXACT };

	session_open(session, &config);
}

/* Return is there before the bootloader looks for it, which it does once. */
static void open_prompt(struct session *session, uint32_t jedec)
{
	open_with(session, flash.data, jedec);
	twin_input(session->twin, (const uint8_t *)"\r", 1);
	assert_int_equal(session_settle(session), TWIN_WAITING);
	assert_has(rc_text_get(&session->all), "SigmaStar # ");
}

static void the_start_is_as_a_camera_prints_it(void **state)
{
	struct session session;
	const char *text;

	(void)state;
	open_prompt(&session, 0x1c7018);
	text = rc_text_get(&session.all);
	assert_has(text, "Build: jenkins-ipc019_4_0_9_0425-4");
	assert_has(text, "gpio[14] is ");
	assert_has(text, "Flash is detected (0x090F, 0x1C, 0x70, 0x18)");
	assert_has(text, "SF: Detected nor0 with total size 16 MiB");
	assert_has(text, "MXP found at mxp_offset[2]=0x00020000, size=0x1000");
	assert_has(text, "env_offset=0x4F000 env_size=0x1000");
	assert_hasnt(text, "bad CRC");
	assert_int_equal(twin_engine_used(session.twin), TWIN_EXACT);
	/* Power for the Wi-Fi module is on; a pad that nobody set is no output. */
	assert_int_equal(twin_gpio_level(session.twin, 14), 1);
	assert_int_equal(twin_gpio_level(session.twin, 1000), -1);
	session_close(&session);
}

static void read_until(struct session *session, const char *text)
{
	uint8_t bytes[256];
	size_t count;

	while (!strstr(rc_text_get(&session->all), text)) {
		assert_int_equal(twin_run(session->twin, sizeof(bytes), 1000000), TWIN_RUNNING);
		while ((count = twin_output(session->twin, bytes, sizeof(bytes))) > 0)
			rc_text_add_bytes(&session->all, (const char *)bytes, count);
	}
}

static void only_return_stops_it(void **state)
{
	static const char *const keys[] = { "    ", "xxxx", "\x03\x03\x03\x03", NULL };

	(void)state;
	for (size_t i = 0; keys[i]; i++) {
		struct session session;

		open_with(&session, flash.data, 0x1c7018);
		twin_input(session.twin, (const uint8_t *)keys[i], strlen(keys[i]));
		/* It goes on to the card and the kernel; that far is enough. */
		read_until(&session, "ignore dfu");
		assert_hasnt(rc_text_get(&session.all), "SigmaStar # ");
		session_close(&session);
	}
}

static void an_empty_line_repeats(void **state)
{
	struct session session;

	(void)state;
	open_prompt(&session, 0x1c7018);
	assert_has(session_type(&session, "mw.l 21000000 1"), "SigmaStar # ");
	assert_has(session_type(&session, "md.l 21000000 1"), "21000000: 00000001");
	assert_has(session_type(&session, ""), "21000004: ");
	assert_has(session_keys(&session, "\x03"), "<INTERRUPT>");
	session_close(&session);
}

static void sf_does_what_it_says(void **state)
{
	struct session session;
	struct nor *nor;

	(void)state;
	open_prompt(&session, 0x1c7018);
	nor = twin_nor(session.twin);
	assert_has(session_type(&session, "sf read 21000000 0 100"), "No SPI flash selected");
	session_type(&session, "sf probe 0");
	assert_has(session_type(&session, "sf read 21000000 50000 40"),
		   "SF: 64 bytes @ 0x50000 Read: OK");
	assert_has(session_type(&session, "md.b 21000000 4"), "21000000: 27 05 19 56");
	assert_has(session_type(&session, "sf erase 240000 10000"),
		   "SF: 65536 bytes @ 0x240000 Erased: OK");
	assert_true(rc_all_bytes(nor->data + 0x240000, 0x10000, 0xff));
	session_type(&session, "mw.l 21000000 5a5a5a5a 4000");
	assert_has(session_type(&session, "sf write 21000000 240000 10000"),
		   "SF: 65536 bytes @ 0x240000 Written: OK");
	assert_true(rc_all_bytes(nor->data + 0x240000, 0x10000, 0x5a));
	/* Less than a sector takes a whole one, and no more (not as on the T20). */
	assert_has(session_type(&session, "sf erase 24f000 800"), "Erased: OK");
	assert_true(rc_all_bytes(nor->data + 0x240000, 0xf000, 0x5a));
	assert_true(rc_all_bytes(nor->data + 0x24f000, 0x1000, 0xff));
	assert_has(session_type(&session, "sf erase 24f100 1000"), "is not 4K aligned");
	assert_has(session_type(&session, "sf read 21000000 ff0000 20000"),
		   "ERROR: attempting read past flash size (0x1000000)");
	assert_memory_equal(nor->data, flash.data, 0x240000);
	assert_memory_equal(nor->data + 0x250000, flash.data + 0x250000, flash.size - 0x250000);
	session_close(&session);
}

/* facts/mstar-mi360.md 5: what the bootloader leaves in the status register of each chip, and
 * that it gets past what it left there. */
static void protection_is_lifted_and_set(void **state)
{
	static const struct {
		uint32_t jedec;
		uint8_t resting;
	} chips[] = {
		{ 0x1c7018, 0xbc }, { 0xef4018, 0xbc }, { 0xc22018, 0xbc }, { 0x207018, 0xbc },
		{ 0xc84018, 0x80 }, { 0x204018, 0x84 }, { 0x5e4018, 0x84 },
	};

	size_t step = support_runs_all("the protection of five of seven chips") ? 1 : 4;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(chips); i += step) {
		struct session session;
		struct nor *nor;

		open_prompt(&session, chips[i].jedec);
		nor = twin_nor(session.twin);
		nor->status[0] = chips[i].resting;
		session_type(&session, "sf probe 0");
		assert_has(session_type(&session, "sf erase fd0000 10000"), "Erased: OK");
		assert_true(rc_all_bytes(nor->data + 0xfd0000, 0x10000, 0xff));
		session_type(&session, "mw.b 21000000 a5 100");
		assert_has(session_type(&session, "sf write 21000000 fd0000 100"), "Written: OK");
		assert_true(rc_all_bytes(nor->data + 0xfd0000, 0x100, 0xa5));
		assert_int_equal(nor->status[0], chips[i].resting);
		assert_int_equal(nor->counts.refused, 0);
		session_close(&session);
	}
}

static void saveenv_takes_one_sector(void **state)
{
	struct session session;
	const struct nor *nor;

	(void)state;
	open_prompt(&session, 0x1c7018);
	nor = twin_nor(session.twin);
	session_type(&session, "setenv recam test");
	assert_has(session_type(&session, "saveenv"), "done");
	assert_int_equal(nor->counts.erases, 1);
	assert_memory_equal(nor->data, flash.data, 0x4f000);
	assert_memory_equal(nor->data + 0x50000, flash.data + 0x50000, flash.size - 0x50000);
	assert_has(session_type(&session, "reset"), "Build: jenkins-");
	assert_non_null(rc_find((struct rc_span){ nor->data + 0x4f000, 0x1000 }, "recam=test", 11));
	session_close(&session);
}

static void it_starts_the_kernel(void **state)
{
	struct session session;

	(void)state;
	if (!support_runs_all("a start of the kernel by itself"))
		skip(); /* rescue-mstar starts it too */
	open_with(&session, flash.data, 0x1c7018);
	assert_int_equal(session_settle(&session), TWIN_LINUX);
	assert_has(rc_text_get(&session.all), "there's no sdcard, ignore dfu");
	assert_has(rc_text_get(&session.all), "Starting kernel ...");
	session_close(&session);
}

static void what_ipl_refuses_does_not_start(void **state)
{
	static const struct {
		uint32_t at;
		const char *part;
	} wounds[] = {
		{ 0x100, "IPL at 0" },
		{ 0x10100, "IPL_CUST at 0x10000" },
		{ 0x30100, "U-Boot behind IPL_CUST" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(wounds); i++) {
		struct twin_config config = { .image = { flash.data, flash.size },
					      .engine = TWIN_EXACT };
		struct twin *twin;
		struct rc_error err;

		flash.data[wounds[i].at] ^= 1;
		support_fails(twin_open(&config, &twin, &err), RC_EUNSUPPORTED, &err,
			      wounds[i].part, "damaged");
		flash.data[wounds[i].at] ^= 1;
	}
}

/* The same input gives the same output, and takes the same time. */
static void it_is_the_same_each_time(void **state)
{
	struct session one, two;

	(void)state;
	open_prompt(&one, 0xef4018);
	open_prompt(&two, 0xef4018);
	session_type(&one, "sf probe 0");
	session_type(&two, "sf probe 0");
	assert_string_equal(session_type(&one, "sf write 21000000 240000 1000"),
			    session_type(&two, "sf write 21000000 240000 1000"));
	assert_int_equal(twin_micros(one.twin), twin_micros(two.twin));
	session_close(&one);
	session_close(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_start_is_as_a_camera_prints_it),
		cmocka_unit_test(only_return_stops_it),
		cmocka_unit_test(an_empty_line_repeats),
		cmocka_unit_test(sf_does_what_it_says),
		cmocka_unit_test(protection_is_lifted_and_set),
		cmocka_unit_test(saveenv_takes_one_sector),
		cmocka_unit_test(what_ipl_refuses_does_not_start),
		cmocka_unit_test(it_is_the_same_each_time),
		cmocka_unit_test(it_starts_the_kernel),
	};
	int missing = mi360_needed("the Mi 360's bootloader");

	return missing ? missing : cmocka_run_group_tests(tests, take_firmware, drop_firmware);
}
