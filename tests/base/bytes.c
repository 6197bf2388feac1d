/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <string.h>

static void loads_and_stores_agree(void **state)
{
	uint8_t b[4];

	rc_put_le32(b, 0x11223344);
	assert_memory_equal(b, "\x44\x33\x22\x11", 4);
	assert_int_equal(rc_le32(b), 0x11223344);
	assert_int_equal(rc_le16(b), 0x3344);
	rc_put_be32(b, 0xf1223344);
	assert_memory_equal(b, "\xf1\x22\x33\x44", 4);
	assert_int_equal(rc_be32(b), 0xf1223344);
	assert_int_equal(rc_be16(b), 0xf122);
	rc_put_le32(b, 0xdeadbeef);
	assert_true(rc_le64((const uint8_t *)"\1\0\0\0\2\0\0\x80") == 0x8000000200000001u);
}

static void spans_never_leave_their_bytes(void **state)
{
	struct rc_span span = { (const uint8_t *)"abcdef", 6 };

	assert_int_equal(rc_span_sub(span, 2, 2).size, 2);
	assert_int_equal(rc_span_sub(span, 4, SIZE_MAX).size, 2);
	assert_int_equal(rc_span_sub(span, 6, 1).size, 0);
	assert_int_equal(rc_span_sub(span, SIZE_MAX, 1).size, 0);
}

static void fills_are_told_from_content(void **state)
{
	const uint8_t erased[] = { 0xff, 0xff, 0xff };

	assert_true(rc_all_bytes(erased, 3, 0xff));
	assert_false(rc_all_bytes(erased, 3, 0));
	assert_true(rc_all_bytes(erased, 0, 0));
	assert_false(rc_all_bytes((const uint8_t *)"\xff\xff\xfe", 3, 0xff));
	assert_int_equal(rc_used_before_fill((const uint8_t *)"ab\xff\xff", 4, 0xff), 2);
	assert_int_equal(rc_used_before_fill(erased, 3, 0xff), 0);
}

static void find_sees_the_first_and_the_last_place(void **state)
{
	struct rc_span span = { (const uint8_t *)"aabaab", 6 };

	assert_ptr_equal(rc_find(span, "aab", 3), span.data);
	assert_ptr_equal(rc_find(rc_span_sub(span, 1, 5), "aab", 3), span.data + 3);
	assert_null(rc_find(span, "aac", 3));
	assert_null(rc_find(span, "aabaabb", 7));
}

static void buffer_grows_and_keeps(void **state)
{
	struct rc_buffer buffer = { 0 };

	for (unsigned i = 0; i < 5000; i++)
		assert_true(rc_buffer_append(&buffer, &i, sizeof(i)));
	assert_int_equal(buffer.size, 5000 * sizeof(unsigned));
	assert_int_equal(((unsigned *)(void *)buffer.data)[4999], 4999);
	assert_false(rc_buffer_append(&buffer, "", SIZE_MAX / 2));
	assert_true(buffer.failed);
	assert_false(rc_buffer_append(&buffer, "x", 1));
	rc_buffer_free(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_and_stores_agree),
		cmocka_unit_test(spans_never_leave_their_bytes),
		cmocka_unit_test(fills_are_told_from_content),
		cmocka_unit_test(find_sees_the_first_and_the_last_place),
		cmocka_unit_test(buffer_grows_and_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
