/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Winning the prompt, and commands over a line that loses and changes bytes. */
#include "console/uboot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "fake.h"
#include "support.h"

struct asked {
	unsigned count;
	char last[160];
};

static void note_question(void *context, const char *text)
{
	struct asked *asked = context;

	asked->count++;
	snprintf(asked->last, sizeof(asked->last), "%s", text);
}

static int win(struct uboot *uboot, struct fake *fake, unsigned patience_ms, struct asked *asked,
	       struct rc_error *err)
{
	struct uboot_wait wait = { .ask = note_question,
				   .context = asked,
				   .patience_ms = patience_ms };

	*asked = (struct asked){ 0 };
	support_ok(uboot_init(uboot, &fake->base, &uboot_ingenic, err), err);
	return uboot_win_prompt(uboot, &wait, err);
}

static void finish(struct uboot *uboot, struct fake *fake)
{
	/* On an empty line U-Boot does the last command again: none may ever be entered. */
	assert_int_equal(fake->empty_enters, 0);
	uboot_free(uboot);
	stream_close(&fake->base);
}

static void prompt_that_is_there(void **state)
{
	struct fake fake;
	struct uboot uboot;
	struct asked asked;
	struct rc_error err;

	(void)state;
	fake_open(&fake, FAKE_PROMPT);
	/* What somebody had typed stands in the line; it must not become a command. */
	stream_write(&fake.base, "sf erase 0 ", 11, &err);
	support_ok(win(&uboot, &fake, 5000, &asked, &err), &err);
	assert_string_equal(uboot.prompt, fake_prompt);
	assert_int_equal(asked.count, 0);
	assert_int_equal(fake.entered_count, 0);
	finish(&uboot, &fake);
}

static void camera_switched_on_later(void **state)
{
	struct fake fake;
	struct uboot uboot;
	struct asked asked;
	struct rc_error err;

	(void)state;
	fake_open(&fake, FAKE_OFF);
	fake.power_on_ms = 20000;
	support_ok(win(&uboot, &fake, 60000, &asked, &err), &err);
	assert_int_equal(asked.count, 1);
	assert_non_null(strstr(asked.last, "switch it on now"));
	assert_string_equal(uboot.prompt, fake_prompt);
	assert_int_equal(fake.entered_count, 0);
	finish(&uboot, &fake);
}

static void camera_in_linux(void **state)
{
	struct fake fake;
	struct uboot uboot;
	struct asked asked;
	struct rc_error err;

	(void)state;
	fake_open(&fake, FAKE_LINUX);
	fake_say(&fake, "[    0.000000] Linux version 3.10.14\nIngenic login: ");
	fake.power_on_ms = 20000;
	support_ok(win(&uboot, &fake, 60000, &asked, &err), &err);
	assert_int_equal(asked.count, 1);
	assert_non_null(strstr(asked.last, "has started Linux: switch it off and on"));
	finish(&uboot, &fake);

	fake_open(&fake, FAKE_SHELL);
	support_fails(win(&uboot, &fake, 60000, &asked, &err), RC_ETIMEOUT, &err, "runs Linux",
		      "60 s", "fake");
	finish(&uboot, &fake);
}

static void nothing_and_garbage(void **state)
{
	struct fake fake;
	struct uboot uboot;
	struct asked asked;
	struct rc_error err;

	(void)state;
	fake_open(&fake, FAKE_OFF);
	support_fails(win(&uboot, &fake, 30000, &asked, &err), RC_ETIMEOUT, &err,
		      "nothing came from the camera on fake for 30 s", "power", "ground");
	finish(&uboot, &fake);

	fake_open(&fake, FAKE_GARBAGE);
	support_fails(win(&uboot, &fake, 30000, &asked, &err), RC_EFORMAT, &err,
		      "[console-garbage]", "3.3 V", "115200");
	finish(&uboot, &fake);
}

static const char *answer_version(struct fake *fake, const char *line)
{
	(void)fake;
	if (strcmp(line, "version") != 0)
		return NULL;
	return "\nU-Boot 2013.07 (Jul 28 2017 - 17:10:01)\nmips-linux-gnu-gcc (Ingenic) 4.7.2\n";
}

static void version_asked(void **state)
{
	struct fake fake;
	struct uboot uboot;
	struct asked asked;
	struct rc_error err;
	char version[VERSION_TEXT];

	(void)state;
	fake_open(&fake, FAKE_PROMPT);
	fake.answer = answer_version;
	support_ok(win(&uboot, &fake, 5000, &asked, &err), &err);
	support_ok(uboot_version(&uboot, version, &err), &err);
	assert_string_equal(version, "2013.07 (Jul 28 2017 - 17:10:01)");
	finish(&uboot, &fake);
}

static const char *answer_erase(struct fake *fake, const char *line)
{
	(void)fake;
	if (strcmp(line, "sf erase 40000 10000") != 0)
		return NULL;
	return "SF: 65536 bytes @ 0x40000 Erased: OK\n--->erase spend 150 ms\n";
}

static void camera_that_only_talks(void **state)
{
	struct fake fake;
	struct uboot uboot;
	struct asked asked;
	struct rc_error err;

	(void)state;
	fake_open(&fake, FAKE_OFF);
	fake_say(&fake, "DDR init failed\n");
	fake.power_on_ms = 40000;
	support_ok(win(&uboot, &fake, 60000, &asked, &err), &err);
	assert_int_equal(asked.count, 1);
	assert_non_null(strstr(asked.last, "not at its bootloader's prompt"));
	finish(&uboot, &fake);

	fake_open(&fake, FAKE_OFF);
	fake_say(&fake, "DDR init failed\n");
	support_fails(win(&uboot, &fake, 60000, &asked, &err), RC_ETIMEOUT, &err,
		      "no U-Boot prompt within 60 s", "off and on");
	finish(&uboot, &fake);
}

/* One byte in 40 wrong or lost, both ways: erasing succeeds or is given up, but never is
 * anything entered that is not what was meant. Returns how often it succeeded. */
static unsigned erase_on_bad_line(unsigned flip, unsigned drop, unsigned seeds)
{
	unsigned good = 0;

	for (unsigned seed = 1; seed <= seeds; seed++) {
		struct fake fake;
		struct uboot uboot;
		struct asked asked;
		struct rc_error err;

		fake_open(&fake, FAKE_PROMPT);
		fake.answer = answer_erase;
		support_ok(win(&uboot, &fake, 5000, &asked, &err), &err);
		fake.seed = seed * 0x9e3779b97f4a7c15u;
		fake.flip_one_in = flip;
		fake.drop_one_in = drop;
		good += uboot_sf(&uboot, SF_ERASE, 0, 0x40000, 0x10000, &err) == 0;
		for (size_t i = 0; i < fake.entered_count; i++)
			assert_string_equal(fake.entered[i], "sf erase 40000 10000");
		finish(&uboot, &fake);
	}
	return good;
}

static void wrong_bytes_never_run(void **state)
{
	(void)state;
	erase_on_bad_line(40, 0, 300);
	erase_on_bad_line(0, 40, 300);
	erase_on_bad_line(80, 80, 300);
	assert_true(erase_on_bad_line(1000, 1000, 100) == 100);
}

static void lengths_that_are_deadly(void **state)
{
	static const struct {
		uint32_t offset, size;
	} cases[] = { { 0x40000, 0x8000 }, { 0x48000, 0x10000 }, { 0, 0x18000 }, { 0, 0 } };
	struct fake fake;
	struct uboot uboot;
	struct asked asked;
	struct rc_error err;

	(void)state;
	fake_open(&fake, FAKE_PROMPT);
	support_ok(win(&uboot, &fake, 5000, &asked, &err), &err);
	for (size_t i = 0; i < RC_COUNT(cases); i++)
		for (int verb = SF_READ; verb <= SF_WRITE; verb++) {
			uint64_t before = fake.base.bytes_out;

			support_fails(uboot_sf(&uboot, (enum sf_verb)verb, 0x80600000,
					       cases[i].offset, cases[i].size, &err),
				      RC_EREFUSED, &err, "multiples of 0x10000");
			assert_int_equal(fake.base.bytes_out, before);
		}
	finish(&uboot, &fake);
}

static const char *answer_text(struct fake *fake, const char *line)
{
	(void)line;
	return fake->context;
}

static void flash_commands_refused(void **state)
{
	static const struct {
		const char *answer;
		int status;
		const char *says;
	} cases[] = {
		{ "sfc erase error\nSF: 65536 bytes @ 0x40000 Erased: ERROR\n", RC_EIO,
		  "sfc erase error" },
		{ "SF: 65536 bytes @ 0x40000 Erased: ERROR\n", RC_EIO, "no reason" },
		{ "ERROR: attempting erase past flash size (0x800000)\n", RC_ERANGE, "0x800000" },
		{ "No SPI flash selected. Please run `sf probe'\n", RC_EIO, "no flash selected" },
		{ "SF: 65536 bytes @ 0x50000 Erased: OK\n", RC_EFORMAT, "makes no sense" },
		{ "SF: 32768 bytes @ 0x40000 Erased: OK\n", RC_EFORMAT, "makes no sense" },
		{ "SF: 65536 bytes @ 0x40000 Written: OK\n", RC_EFORMAT, "makes no sense" },
		{ "[  12.3] random: init done\nSF: 65536 bytes @ 0x40000 Erased: OK\n", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct fake fake;
		struct uboot uboot;
		struct asked asked;
		struct rc_error err = { 0 };

		fake_open(&fake, FAKE_PROMPT);
		support_ok(win(&uboot, &fake, 5000, &asked, &err), &err);
		fake.answer = answer_text;
		fake.context = (void *)cases[i].answer;
		support_fails(uboot_sf(&uboot, SF_ERASE, 0, 0x40000, 0x10000, &err),
			      cases[i].status, &err, cases[i].says);
		finish(&uboot, &fake);
	}
}

static void camera_goes_silent(void **state)
{
	struct fake fake;
	struct uboot uboot;
	struct asked asked;
	struct rc_error err;
	struct rc_span answer;

	(void)state;
	fake_open(&fake, FAKE_PROMPT);
	fake.answer = answer_version;
	support_ok(win(&uboot, &fake, 5000, &asked, &err), &err);
	support_fails(uboot_command(&uboot, "", 1000, &answer, &err), RC_EREFUSED, &err,
		      "empty line");
	fake.dead = true;
	support_fails(uboot_command(&uboot, "version", 1000, &answer, &err), RC_ETIMEOUT, &err,
		      "no prompt", "still switched on");
	finish(&uboot, &fake);
}

#define MEMORY_START 0x80600000u

struct memory {
	uint8_t bytes[0x5000];
	char text[0x5000 / 16 * 72];
};

/* md.l and crc32 as U-Boot prints them, of fake memory. */
static const char *answer_memory(struct fake *fake, const char *line)
{
	struct memory *memory = fake->context;
	unsigned address, count;
	char *at = memory->text;

	if (sscanf(line, "crc32 %x %x", &address, &count) == 2) {
		assert_true(address - MEMORY_START + count <= sizeof(memory->bytes));
		sprintf(at, "CRC32 for %08x ... %08x ==> %08x\n", address, address + count - 1,
			rc_crc32(0, memory->bytes + (address - MEMORY_START), count));
		return memory->text;
	}
	if (sscanf(line, "md.l %x %x", &address, &count) != 2)
		return NULL;
	assert_true(address - MEMORY_START + 4 * count <= sizeof(memory->bytes));
	for (unsigned i = 0; i < count; i += 4) {
		const uint8_t *bytes = memory->bytes + (address - MEMORY_START) + i * 4;

		at += sprintf(at, "%08x: %08x %08x %08x %08x    ", address + i * 4, rc_le32(bytes),
			      rc_le32(bytes + 4), rc_le32(bytes + 8), rc_le32(bytes + 12));
		for (unsigned j = 0; j < 16; j++)
			*at++ = (char)(bytes[j] >= 0x20 && bytes[j] < 0x7f ? bytes[j] : '.');
		*at++ = '\n';
	}
	*at = '\0';
	return memory->text;
}

/* At this rate every second line comes wrong, and some of them look right. */
static void memory_over_bad_line(void **state)
{
	struct memory *memory = calloc(1, sizeof(*memory));
	uint8_t *out = calloc(1, sizeof(memory->bytes));
	uint64_t random = 42;

	(void)state;
	assert_non_null(memory);
	assert_non_null(out);
	for (size_t i = 0; i < sizeof(memory->bytes); i++)
		memory->bytes[i] = (uint8_t)support_random(&random);
	for (unsigned seed = 1; seed <= 4; seed++) {
		struct fake fake;
		struct uboot uboot;
		struct asked asked;
		struct rc_error err;

		fake_open(&fake, FAKE_PROMPT);
		support_ok(win(&uboot, &fake, 5000, &asked, &err), &err);
		fake.answer = answer_memory;
		fake.context = memory;
		fake.seed = seed;
		fake.flip_one_in = 1000;
		fake.drop_one_in = seed % 2 ? 0 : 1000;
		memset(out, 0, sizeof(memory->bytes));
		support_ok(
			uboot_read_memory(&uboot, MEMORY_START, out, sizeof(memory->bytes), &err),
			&err);
		assert_memory_equal(out, memory->bytes, sizeof(memory->bytes));
		finish(&uboot, &fake);
	}
	free(out);
	free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prompt_that_is_there),
		cmocka_unit_test(camera_switched_on_later),
		cmocka_unit_test(camera_in_linux),
		cmocka_unit_test(nothing_and_garbage),
		cmocka_unit_test(camera_that_only_talks),
		cmocka_unit_test(version_asked),
		cmocka_unit_test(wrong_bytes_never_run),
		cmocka_unit_test(lengths_that_are_deadly),
		cmocka_unit_test(flash_commands_refused),
		cmocka_unit_test(camera_goes_silent),
		cmocka_unit_test(memory_over_bad_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
