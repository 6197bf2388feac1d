/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What md of a camera's bootloader prints, taken for bytes again: the bootloader is judge. */
#include "inspect/capture.h"

#include <stdio.h>
#include <string.h>

#include "inspect/inspect.h"
#include "session.h"

static void check(const struct rc_buffer *flash, enum twin_engine engine, const char *md,
		  size_t offset, size_t size)
{
	static const struct capture_options of_flash = { 0 };
	struct twin_config config = { .image = (struct rc_span){ flash->data, flash->size },
				      .engine = engine };
	struct session session;
	struct capture capture;
	struct rc_error err;
	char line[80];

	session_open(&session, &config);
	session_prompt(&session);
	session_type(&session, "sf probe");
	snprintf(line, sizeof(line), "sf read 0x80600000 0x%zx 0x10000", offset);
	session_type(&session, line);
	session_type(&session, md);
	support_ok(capture_read(
			   (struct rc_span){ (const uint8_t *)session.all.data, session.all.size },
			   &of_flash, &capture, &err),
		   &err);
	assert_false(capture.of_memory);
	assert_int_equal(capture.missing + capture.garbled + capture.contradicting, 0);
	assert_int_equal(capture.flash_offset, offset);
	assert_int_equal(capture.size, size);
	assert_memory_equal(capture.bytes, flash->data + offset, size);
	capture_clear(&capture);
	session_close(&session);
}

/* The same, with nothing of the flash in memory. */
static void check_memory(const struct rc_buffer *flash, enum twin_engine engine, const char *typed)
{
	static const struct capture_options of_flash = { 0 };
	struct twin_config config = { .image = (struct rc_span){ flash->data, flash->size },
				      .engine = engine };
	struct session session;
	struct capture capture;
	struct rc_error err;

	session_open(&session, &config);
	session_prompt(&session);
	session_type(&session, typed);
	session_type(&session, "md.b 0x80600000 0x400");
	support_ok(capture_read(
			   (struct rc_span){ (const uint8_t *)session.all.data, session.all.size },
			   &of_flash, &capture, &err),
		   &err);
	assert_true(capture.of_memory);
	assert_int_equal(capture.size, 0);
	capture_clear(&capture);
	session_close(&session);
}

static void check_engine(const struct rc_buffer *flash, enum twin_engine engine)
{
	check(flash, engine, "md.b 0x80600000 0x1000", 0xfb0000, 0x1000);
	check(flash, engine, "md.w 0x80600000 0x800", 0x40000, 0x1000);
	check(flash, engine, "md.l 0x80600000 0x400", 0xf70000, 0x1000);
	check(flash, engine, "md 0x80600000", 0x40000, 0x100);
	check(flash, engine, "md.b 0xa0600000 0x1234", 0xfb0000, 0x1234);
	/* No probe was made: the sf read fails, and md shows what happened to be there. */
	check_memory(flash, engine, "sf read 0x80600000 0x40000 0x10000");
	check_memory(flash, engine, "sf probe; sf read 0x80600000 0x1000000 0x10000");
}

static void test_model(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_demo_flash(&flash);
	check_engine(&flash, TWIN_MODEL);
	rc_buffer_free(&flash);
}

static void test_exact(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_dafang_flash(&flash);
	check_engine(&flash, TWIN_EXACT);
	rc_buffer_free(&flash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
