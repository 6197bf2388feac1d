/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What md of a camera's bootloader prints, taken for bytes again: the bootloader is judge. */
#include "inspect/capture.h"

#include <stdio.h>
#include <string.h>

#include "inspect/inspect.h"
#include "session.h"

/* What md shows of size bytes at offset, typed in a session of its own from here on. */
static void check(struct session *session, const struct rc_buffer *flash, const char *md,
		  size_t offset, size_t size)
{
	static const struct capture_options of_flash = { 0 };
	size_t before = session->all.size;
	struct capture capture;
	struct rc_error err;
	char line[80];

	snprintf(line, sizeof(line), "sf read 0x80600000 0x%zx 0x10000", offset);
	session_type(session, line);
	session_type(session, md);
	support_ok(capture_read((struct rc_span){ (const uint8_t *)session->all.data + before,
						  session->all.size - before },
				&of_flash, &capture, &err),
		   &err);
	assert_false(capture.of_memory);
	assert_int_equal(capture.missing + capture.garbled + capture.contradicting, 0);
	assert_int_equal(capture.flash_offset, offset);
	assert_int_equal(capture.size, size);
	assert_memory_equal(capture.bytes, flash->data + offset, size);
	capture_clear(&capture);
}

/* The same where what was typed put nothing of the flash into memory. */
static void check_memory(struct session *session, const char *typed)
{
	static const struct capture_options of_flash = { 0 };
	size_t before = session->all.size;
	struct capture capture;
	struct rc_error err;

	session_type(session, typed);
	session_type(session, "md.b 0x80600000 0x400");
	support_ok(capture_read((struct rc_span){ (const uint8_t *)session->all.data + before,
						  session->all.size - before },
				&of_flash, &capture, &err),
		   &err);
	assert_true(capture.of_memory);
	assert_int_equal(capture.size, 0);
	capture_clear(&capture);
}

static void check_engine(const struct rc_buffer *flash, enum twin_engine engine)
{
	const struct twin_config config = { .image = (struct rc_span){ flash->data, flash->size },
					    .engine = engine };
	struct session session;

	session_open(&session, &config);
	session_prompt(&session);
	/* No probe was made: the sf read fails, and md shows what happened to be there. */
	check_memory(&session, "sf read 0x80600000 0x40000 0x10000");
	session_type(&session, "sf probe");
	check_memory(&session, "sf read 0x80600000 0x1000000 0x10000");
	check(&session, flash, "md.b 0x80600000 0x1000", 0xfb0000, 0x1000);
	check(&session, flash, "md.w 0x80600000 0x800", 0x40000, 0x1000);
	check(&session, flash, "md.l 0x80600000 0x400", 0xf70000, 0x1000);
	/* As many as the last time. */
	check(&session, flash, "md 0x80600000", 0x40000, 0x1000);
	check(&session, flash, "md.b 0xa0600000 0x1234", 0xfb0000, 0x1234);
	session_close(&session);
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
