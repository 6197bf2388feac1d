/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model is held to the exact engine: the same keys typed to both, on the same flash
 * with the same chip, must bring the same transcript and leave the same flash. Only
 * times, and the progress that is printed by time, may differ.
 */
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "session.h"

static struct rc_buffer flash;

/* Times, and what depends on them. A lone CR is kept: sf update prints it once more. */
static const struct {
	const char *pattern, *replacement;
} times[] = {
	{ "   \rUpdating, [0-9]+% [0-9]+ B/s", "" },
	{ "spend [0-9]+ ms", "spend N ms" },
	{ " in [0-9]+\\.[0-9]+s, speed [0-9]+ B/s", " in N s, speed N B/s" },
};

static void replace_all(struct rc_text *text, const char *pattern, const char *replacement)
{
	struct rc_text out = { 0 };
	const char *rest = rc_text_get(text);
	regmatch_t match;
	regex_t regex;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED), 0);
	while (regexec(&regex, rest, 1, &match, 0) == 0) {
		rc_text_add_bytes(&out, rest, (size_t)match.rm_so);
		rc_text_add(&out, "%s", replacement);
		rest += match.rm_eo;
	}
	rc_text_add(&out, "%s", rest);
	regfree(&regex);
	rc_text_free(text);
	*text = out;
}

static void normalise(struct rc_text *text)
{
	for (size_t i = 0; i < RC_COUNT(times); i++)
		replace_all(text, times[i].pattern, times[i].replacement);
}

static void show_difference(const char *keys, const char *exact, const char *model)
{
	struct rc_text shown[3] = { 0 };

	rc_text_add_escaped(&shown[0], (const uint8_t *)keys, strlen(keys), 200);
	rc_text_add_escaped(&shown[1], (const uint8_t *)exact, strlen(exact), 4000);
	rc_text_add_escaped(&shown[2], (const uint8_t *)model, strlen(model), 4000);
	print_error("after the keys \"%s\"\n--- exact:\n%s\n--- model:\n%s\n",
		    rc_text_get(&shown[0]), rc_text_get(&shown[1]), rc_text_get(&shown[2]));
	for (size_t i = 0; i < RC_COUNT(shown); i++)
		rc_text_free(&shown[i]);
	fail();
}

static void compare(const char *keys, struct session *exact, struct session *model)
{
	normalise(&exact->last);
	normalise(&model->last);
	if (strcmp(rc_text_get(&exact->last), rc_text_get(&model->last)) != 0)
		show_difference(keys, rc_text_get(&exact->last), rc_text_get(&model->last));
	if (exact->state != model->state)
		print_error("after \"%s\": exact %d, model %d\n", keys, exact->state, model->state);
	assert_int_equal(exact->state, model->state);
}

struct scene {
	uint32_t jedec;
	bool button_held;
	bool autoboot;           /* let it go on; else the countdown is stopped */
	const char *const *keys; /* NULL ends; Enter is added */
};

static void play(const struct scene *scene)
{
	struct session exact, model;
	struct twin_config config = { .image = { flash.data, flash.size },
				      .jedec = scene->jedec,
				      .engine = TWIN_EXACT,
				      .button_held = scene->button_held };

	session_open(&exact, &config);
	config.engine = TWIN_MODEL;
	session_open(&model, &config);
	assert_int_equal(twin_engine_used(model.twin), TWIN_MODEL);
	if (scene->autoboot) {
		session_settle(&exact);
		session_settle(&model);
	} else {
		session_prompt(&exact);
		session_prompt(&model);
	}
	compare("(power on)", &exact, &model);
	for (const char *const *keys = scene->keys; *keys; keys++) {
		session_type(&exact, *keys);
		session_type(&model, *keys);
		compare(*keys, &exact, &model);
	}
	assert_int_equal(twin_nor(exact.twin)->counts.erases, twin_nor(model.twin)->counts.erases);
	assert_int_equal(twin_nor(exact.twin)->counts.programs,
			 twin_nor(model.twin)->counts.programs);
	assert_memory_equal(twin_nor(exact.twin)->data, twin_nor(model.twin)->data,
			    twin_nor(exact.twin)->size);
	for (int gpio = 0; gpio < 96; gpio++)
		assert_int_equal(twin_gpio_level(exact.twin, gpio),
				 twin_gpio_level(model.twin, gpio));
	session_close(&exact);
	session_close(&model);
}

static const char *const memory_keys[] = {
	"version",
	"ver",
	"v",
	"e",
	"s",
	"nosuch",
	"",
	"md.b 81000000 35",
	"",
	"md.w 81000000 15",
	"md.l 81000000 7",
	"md 81000000",
	"md 81000000 0",
	"md",
	"md.q 81000000",
	"md.b",
	"md.b 1 2 3 4",
	"md zzz",
	"md.b 0 10",
	"md.b a1000000 10",
	"mw.b 81000010 aa 10",
	"mw.l 81100000 12345678 4",
	"mw.w 81100010 abcd 3",
	"mw 81100020 deadbeef",
	"mw.b 81200000 41 34",
	"mw 81000000",
	"mw.x 81000000 1",
	"md.l 81100000 c",
	"md.b 81200000 40",
	"md 81100000; md 81200000 4 ;nosuch; md",
	"",
	"cmp.b 81000000 81000000 100",
	"cmp.b 81000000 81100000 10",
	"cmp.w 81000000 81100000 10",
	"cmp.l 81000000 81100000 10",
	"cmp.l 81300000 81100000 10",
	"cmp 81000000 81000000 0",
	"cmp.b 81200000 81200000 1",
	"cmp.b 81200000 81200001 34",
	"cmp 1",
	"cp.b 81200000 81310000 40",
	"cp.w 81200000 81310002 9",
	"md.b 81310000 40",
	"cp.l 81000000 81310000 0",
	"cp 81000000 81310000",
	"crc32 81200000 40",
	"crc32 81200000 40 81320000",
	"md.b 81320000 4",
	"crc32 81200000",
	"crc32 81200000 0",
	"crc32 81200000 12345",
	"crc32 1 2 3 4 5",
	"crc",
	"base",
	"base 81000000",
	"md.b 200000 10",
	"crc32 200000 10",
	"base 0",
	"base 1 2",
	NULL,
};

static const char *const env_keys[] = {
	"printenv",
	"printenv baudrate bootdelay",
	"printenv nosuch bootdelay",
	"",
	"echo",
	"echo hello   world",
	"echo no newline\\c",
	"echo \"a b\" 'c;d' e\\;f",
	"echo $baudrate ${bootdelay} $(ipaddr) ${nosuch}x $",
	"echo a\\\\b 'it is $(ipaddr)' \\$x",
	"setenv foo bar baz",
	"printenv foo",
	"echo ${foo} $foo",
	"setenv foo",
	"setenv foo",
	"printenv foo",
	"setenv a=b c",
	"setenv",
	"setenv -f one 1",
	"printenv one",
	"setenv both 'echo one;echo two'",
	"run both",
	"setenv broken 'nosuch;echo after'",
	"run broken both",
	"",
	"run",
	"run nosuch",
	"run both nosuch",
	"setenv bootcmd 'echo booting'",
	"boot",
	"bootd",
	"boot now",
	"setenv baudrate 57601",
	"setenv baudrate",
	"setenv baudrate 115200",
	"setenv stdin nosuch",
	"setenv ethaddr 1",
	"printenv",
	"saveenv",
	"saveenv",
	" ; ",
	";;",
	"echo a;;echo b",
	"help version",
	"? md sf nosuch",
	"help",
	"sleep",
	"sleep 1",
	"go",
	"loady 1 2 3",
	NULL,
};

static const char *const sf_keys[] = {
	"sf",
	"sf foo",
	"sf read 81000000 0 100",
	"sf probe",
	"sf foo",
	"sf probe 0",
	"sf probe 0:0 1000000 3",
	"sf probe 1",
	"sf probe zz",
	"sf probe 0:",
	"sf probe 1 2 3 4",
	"sf read 81000000 40000 1000",
	"md.b 81000000 40",
	"sf read 81000000 0 300000",
	"crc32 81000000 300000",
	"sf read 81000000 ff0000 20000",
	"sf read 81000000 1000000 1",
	"sf read 81000000 fffff000 1000",
	"sf read 81000000 0 0",
	"sf read 81000000 0",
	"sf read zzz 0 10",
	"sf write 81000000 ff0000 20000",
	"sf write 81000000 ff0010 123",
	"sf write 81000000 ff0000 0",
	"sf read 81100000 ff0000 400",
	"crc32 81100000 400",
	"sf erase ff0000 10000",
	"sf erase ff1000 10000",
	"sf erase fc1000 10000",
	"sf erase fc0000 18000",
	"sf erase ff0000 1000",
	"",
	"sf erase fc0000 +1000",
	"sf erase ff0000 0",
	"sf erase ff0000 20000",
	"sf erase ff0000",
	"sf erase zz 10000",
	"sf erase fc0000 +",
	"mw.b 81800000 5a 30000",
	"sf update 81800000 fc0000 30000",
	"sf update 81800000 fc0000 30000",
	"sf update 81800000 fc0000 30100",
	"mw.b 81810000 a5 10",
	"sf update 81800000 fc0000 30000",
	"sf update 81800000 ff0000 20000",
	"sf update 81800000 fc1000 10000",
	"sf update 81800000 fc0000 0",
	"mw.b 81800000 33 28000",
	"sf update 81800000 fb0000 20100",
	"sf erase 40000 8000",
	"reset",
	NULL,
};

static void test_memory(void **state)
{
	play(&(struct scene){ .jedec = 0xc84018, .keys = memory_keys });
}

/* What the processor refuses ends both. */
static void test_exceptions(void **state)
{
	static const char *const keys[][2] = { { "md.l c0000000 1", NULL },
					       { "md.w 81000001 1", NULL },
					       { "cp.l 81000000 81000002 1", NULL },
					       { "mw.w 81000001 1", NULL } };

	for (size_t i = 0; i < RC_COUNT(keys); i++)
		play(&(struct scene){ .jedec = 0xc84018, .keys = keys[i] });
}

static void test_environment(void **state)
{
	play(&(struct scene){ .jedec = 0xc84018, .keys = env_keys });
}

static void test_sf(void **state)
{
	play(&(struct scene){ .jedec = 0xc84018, .keys = sf_keys });
}

static void test_chips(void **state)
{
	static const uint32_t ids[] = {
		0x1c7018, 0x5e4018, 0xc22018, 0x207018, 0xef4018, 0xc84019
	};
	static const char *const keys[] = {
		"sf probe",
		"sf probe",
		"sf read 81000000 800000 10000",
		"sf erase 7f0000 20000",
		"sf erase 100000 20000",
		"mw.b 81800000 5a 400",
		"sf write 81800000 100000 400",
		"sf update 81800000 110000 10000",
		"sdupdate",
		"saveenv",
		NULL,
	};

	for (size_t i = 0; i < RC_COUNT(ids); i++)
		play(&(struct scene){ .jedec = ids[i], .keys = keys });
}

/* On an 8 MiB reading of a 16 MiB chip, all of it is the chip's own erase-all. */
static void test_erase_all(void **state)
{
	static const char *const keys[] = { "sf probe", "sf erase 0 800000", NULL };

	play(&(struct scene){ .jedec = 0x1c7018, .keys = keys });
}

/* --- Starting: bootm and sdupdate. --- */

static void test_normal_start(void **state)
{
	static const char *const keys[] = { NULL };

	play(&(struct scene){ .jedec = 0xc84018, .autoboot = true, .keys = keys });
	play(&(struct scene){ .jedec = 0x1c7018, .autoboot = true, .keys = keys });
	play(&(struct scene){ .jedec = 0x5e4018, .autoboot = true, .keys = keys });
	play(&(struct scene){
		.jedec = 0xc84018, .autoboot = true, .button_held = true, .keys = keys });
}

static void restore(void)
{
	rc_buffer_free(&flash);
	support_dafang_flash(&flash);
}

static void test_wrong_kernels(void **state)
{
	static const char *const keys[] = { "",  "bootm 80600000", "bootm", "bootm nosuch", "boot",
					    NULL };

	flash.data[0x41000] ^= 1; /* data */
	play(&(struct scene){ .jedec = 0xc84018, .autoboot = true, .keys = keys });
	flash.data[0x40020] ^= 1; /* header */
	play(&(struct scene){ .jedec = 0xc84018, .autoboot = true, .keys = keys });
	memset(flash.data + 0x40000, 0xff, 0x200000);
	play(&(struct scene){ .jedec = 0xc84018, .autoboot = true, .keys = keys });
	restore();
}

static void test_other_headers(void **state)
{
	/* Offsets in the header and values: architecture, type, system, no compression,
	 * one that is none. */
	static const uint8_t changes[][2] = {
		{ 29, 2 }, { 29, 99 }, { 30, 5 }, { 30, 99 }, { 28, 17 }, { 31, 0 }, { 31, 9 },
	};
	static const char *const keys[] = { "sf probe", "sf read 80600000 40000 200000",
					    "bootm 80600000", NULL };

	for (size_t i = 0; i < RC_COUNT(changes); i++) {
		uint8_t *header = flash.data + 0x40000;

		header[changes[i][0]] = changes[i][1];
		memset(header + 4, 0, 4);
		rc_put_be32(header + 4, rc_crc32(0, header, 64));
		play(&(struct scene){ .jedec = 0xc84018, .keys = keys });
		restore();
	}
}

/* facts 1.6 and 2.2. */
static void test_upgrade_flag(void **state)
{
	static const char *const flags[] = { "FWGRADEUP=kernel+drivers", "FWGRADEUP=kernel\n",
					     "--- FWGRADEUP=drivers", "FWGRADEUP=nothing" };
	static const char *const keys[] = { "sdupdate", "sdupdate 7", NULL };

	for (size_t i = 0; i < RC_COUNT(flags); i++) {
		memcpy(flash.data + 0xff0000, flags[i], strlen(flags[i]));
		play(&(struct scene){ .jedec = 0xc84018, .keys = keys });
		if (i == 0)
			play(&(struct scene){ .jedec = 0x1c7018, .keys = keys });
		restore();
	}
}

static void test_button_without_card(void **state)
{
	static const char *const keys[] = { "sdupdate",   "sdupdate 1",   "sdupdate 0 0x0 0x40000",
					    "sdupdate 7", "sdupdate a b", NULL };

	play(&(struct scene){ .jedec = 0xc84018, .button_held = true, .keys = keys });
}

/* A saved environment is taken, where its checksum holds. */
static void test_saved_environment(void **state)
{
	static const char saved[] = "bootdelay=3\0bootcmd=echo saved\0baudrate=115200\0zz=top";
	static const char *const keys[] = { "printenv", "boot", NULL };
	uint8_t *area = flash.data + 0x3c000;

	memset(area, 0, 0x4000);
	memcpy(area + 4, saved, sizeof(saved));
	rc_put_le32(area, rc_crc32(0, area + 4, 0x4000 - 4));
	play(&(struct scene){ .jedec = 0xc84018, .autoboot = true, .keys = keys });
	restore();
}

/* --- Keys that are no words. --- */

static void test_line_editing(void **state)
{
	static char long_line[1200];
	static const char *const keys[] = {
		"echo abc\bd\177e",
		"ec\025version",
		"\b\b\177echo x",
		"echo a b\027c",
		"echo ac\002b",
		"cho x\001e\005y",
		"echo abcdef\002\002\002\013",
		"echo abcdef\002\002\004\004",
		"echo abc\033[D\033[DX\033[CY",
		"echo \003version",
		"",
		"nosuch",
		"\003",
		"",
		long_line,
		"echo end",
		NULL,
	};

	memset(long_line, 'x', sizeof(long_line) - 1);
	memcpy(long_line, "echo ", 5);
	play(&(struct scene){ .jedec = 0xc84018, .keys = keys });
}

/* Typed while a command prints: one byte is lost a line, Ctrl-C ends it. */
static void test_interrupts(void **state)
{
	static const char *const keys[] = {
		"md.b 81000000 1000\003",
		"md.b 81000000 40\rabcdefgh",
		"md.b 81000000 200\003; version",
		"sleep 20\003",
		"sf probe; sleep 10 ; version\003",
		"run bootcmd\003",
		NULL,
	};

	play(&(struct scene){ .jedec = 0xc84018, .keys = keys });
}

static void test_loady_without_sender(void **state)
{
	static const char *const keys[] = { "loady",
					    "",
					    "printenv filesize",
					    "loady 81000000\030\030\030",
					    "loady 81000000 9600",
					    "\033",
					    NULL };

	play(&(struct scene){ .jedec = 0xc84018, .keys = keys });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_sf),
		cmocka_unit_test(test_chips),
		cmocka_unit_test(test_erase_all),
		cmocka_unit_test(test_normal_start),
		cmocka_unit_test(test_wrong_kernels),
		cmocka_unit_test(test_other_headers),
		cmocka_unit_test(test_upgrade_flag),
		cmocka_unit_test(test_button_without_card),
		cmocka_unit_test(test_saved_environment),
		cmocka_unit_test(test_line_editing),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_loady_without_sender),
	};
	int failed;

	if (!support_shared("firmware/dafang-5.5.1.177/uboot.bin")) {
		printf("SKIPPED: comparing the engines needs ../shared/firmware\n");
		return 77;
	}
	support_dafang_flash(&flash);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rc_buffer_free(&flash);
	return failed;
}
