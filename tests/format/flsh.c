/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "format/flsh.h"
#include "make.h"

/* Nobody's identity. */
static const char *const entries[] = {
	"vendor=chuangmi", "model=chuangmi.camera.ipc019", "mac=02:00:00:5E:C0:DE",
	"did=100000001",   "key=TESTKEY000000001",         "empty=",
};

static uint8_t image[FLSH_SIZE];

static int fresh_image(void **state)
{
	struct rc_error err;

	support_ok(flsh_build(entries, RC_COUNT(entries), image, sizeof(image), &err), &err);
	return 0;
}

static struct rc_span whole(void)
{
	return (struct rc_span){ image, sizeof(image) };
}

static void settings_come_back(void **state)
{
	struct flsh settings;
	struct rc_error err;
	struct rc_span name;
	struct rc_span value;
	size_t position = 0;
	size_t count = 0;
	char text[64];

	support_ok(flsh_parse(whole(), &settings, &err), &err);
	assert_false(settings.is_build_host);
	while (flsh_next(&settings, &position, &name, &value))
		count++;
	assert_int_equal(count, RC_COUNT(entries));
	assert_true(flsh_get(&settings, "mac", text, sizeof(text)));
	assert_string_equal(text, "02:00:00:5E:C0:DE");
	assert_true(flsh_get(&settings, "empty", text, sizeof(text)));
	assert_string_equal(text, "");
	assert_false(flsh_get(&settings, "ma", text, sizeof(text)));
	assert_false(flsh_get(&settings, "ac", text, sizeof(text)));
	assert_false(flsh_get(&settings, "macs", text, sizeof(text)));
	assert_false(flsh_get(&settings, "mac", text, 17));
	assert_true(flsh_get(&settings, "mac", text, 18));
}

/* The report goes to people and scripts; what identifies a camera is not in it. */
static void the_report_holds_no_secret(void **state)
{
	struct format_report report;
	char *json;

	check_region(&format_flsh, image, sizeof(image), &report);
	assert_good(&report);
	assert_int_equal(detail_number(&report, "entries"), RC_COUNT(entries));
	assert_string_equal(detail_text(&report, "model"), "chuangmi.camera.ipc019");
	json = json_dumps(report.detail, 0);
	assert_non_null(strstr(json, "\"mac\""));
	assert_null(strstr(json, "C0:DE"));
	assert_null(strstr(json, "TESTKEY"));
	assert_null(strstr(json, "100000001"));
	free(json);
	format_report_clear(&report);
}

/* The header's checksum covers everything behind it, the fill too. */
static void a_flipped_byte_anywhere_is_found(void **state)
{
	uint64_t random = 5;

	for (int i = 0; i < 40; i++) {
		size_t at = i < 20 ? 9 + support_random(&random) % 150
				   : 9 + support_random(&random) % (sizeof(image) - 9);
		struct format_report report;
		char wanted[64];

		image[at] ^= 0x24;
		snprintf(wanted, sizeof(wanted), "checksum is %02X, the header says %02X",
			 rc_crc8_flsh(0xff, image + 9, sizeof(image) - 9), image[8]);
		check_region(&format_flsh, image, sizeof(image), &report);
		assert_problem(&report, wanted);
		format_report_clear(&report);
		image[at] ^= 0x24;
	}
}

/* The checksum does not cover the length. */
static void a_flipped_bit_of_the_length_is_found(void **state)
{
	uint32_t length = rc_le32(image + 4);

	for (unsigned bit = 0; bit < 16; bit++) {
		struct format_report report;
		char wanted[80];

		rc_put_le32(image + 4, length ^ 1u << bit);
		snprintf(wanted, sizeof(wanted),
			 "the header says %u bytes of settings, they end after %u",
			 length ^ 1u << bit, length);
		check_region(&format_flsh, image, sizeof(image), &report);
		assert_problem(&report, wanted);
		format_report_clear(&report);
	}
}

static void other_wounds_are_named(void **state)
{
	struct format_report report;

	check_region(&format_flsh, image, sizeof(image) / 2, &report);
	assert_problem(&report, "checksum is ");
	format_report_clear(&report);
	check_region(&format_flsh, image, 19, &report);
	assert_problem(&report, "does not begin with \"FLSH\" and a header of 20 bytes");
	format_report_clear(&report);
	rc_put_le32(image + 4, 0x7fffffff);
	check_region(&format_flsh, image, sizeof(image), &report);
	assert_problem(&report,
		       "the header promises 2147483647 bytes of settings, 65516 are there");
	format_report_clear(&report);
	image[0] = 'f';
	assert_false(format_flsh.probe(whole()));
	check_region(&format_flsh, image, sizeof(image), &report);
	assert_problem(&report, "no settings");
	format_report_clear(&report);
}

/* facts/mstar-mi360.md 1.6: the vendor's /.config.def is made so. */
static void the_build_hosts_way_is_read_too(void **state)
{
	uint32_t length = rc_le32(image + 4) + FLSH_HEADER_SIZE;
	struct flsh settings;
	struct rc_error err;
	char text[64];

	rc_put_le32(image + 4, length);
	image[8] = rc_crc8_flsh(0xff, image + 9, length - 9);
	support_ok(flsh_parse(rc_span_sub(whole(), 0, length), &settings, &err), &err);
	assert_true(settings.is_build_host);
	assert_true(flsh_get(&settings, "key", text, sizeof(text)));
	assert_string_equal(text, "TESTKEY000000001");
}

static void no_settings_at_all_are_normal(void **state)
{
	struct format_report report;
	struct rc_error err;

	support_ok(flsh_build(NULL, 0, image, sizeof(image), &err), &err);
	assert_int_equal(rc_le32(image + 4), 4);
	assert_int_equal(image[8], 0x4a); /* the real one's: facts/mstar-mi360.md 1.6 */
	check_region(&format_flsh, image, sizeof(image), &report);
	assert_good(&report);
	assert_int_equal(detail_number(&report, "entries"), 0);
	format_report_clear(&report);
}

static void what_does_not_fit_is_refused(void **state)
{
	struct rc_error err;

	support_fails(flsh_build(entries, 2, image, 41, &err), RC_ERANGE, &err,
		      "2 settings do not fit 41 bytes: number 2 is too much");
	support_fails(flsh_build(NULL, 0, image, 23, &err), RC_ERANGE, &err, "23 bytes");
}

static void real_partitions_are_good(void **state)
{
	struct format_report report;
	struct rc_buffer file;

	support_shared_file("firmware/mjsxj05cm/config.bin", &file);
	check_region(&format_flsh, file.data, file.size, &report);
	assert_good(&report);
	assert_int_equal(detail_number(&report, "entries"), 0);
	format_report_clear(&report);

	/* An empty one built here is the same, byte for byte. */
	struct rc_error err;

	support_ok(flsh_build(NULL, 0, image, sizeof(image), &err), &err);
	assert_int_equal(file.size, sizeof(image));
	assert_memory_equal(file.data, image, file.size);
	rc_buffer_free(&file);

	support_shared_file("firmware/mjsxj05cm/factory.bin", &file);
	check_region(&format_flsh, file.data, file.size, &report);
	assert_good(&report);
	assert_int_equal(detail_number(&report, "entries"), 11);
	assert_int_equal(report.used, 0xcc);
	format_report_clear(&report);
	rc_buffer_free(&file);
}

#define test(function) cmocka_unit_test_setup(function, fresh_image)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		test(settings_come_back),
		test(the_report_holds_no_secret),
		test(a_flipped_byte_anywhere_is_found),
		test(a_flipped_bit_of_the_length_is_found),
		test(other_wounds_are_named),
		test(the_build_hosts_way_is_read_too),
		test(no_settings_at_all_are_normal),
		test(what_does_not_fit_is_refused),
		test(real_partitions_are_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
