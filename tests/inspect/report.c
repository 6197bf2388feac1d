/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue, the reading of lines, the masking of secrets, and the three reports. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"
#include "inspect/log_lines.h"
#include "inspect/log_rules.h"
#include "inspect/mask.h"
#include "support.h"

static struct boards boards;

/* --- The catalogue --- */

static void test_catalogue_has_the_contract(void **state)
{
	/* contracts/recam.md, Findings. */
	static const char *const ids[] = {
		"boot-damaged",
		"boot-erased",
		"boot-misplaced",
		"boot-wrapped",
		"kernel-erased",
		"kernel-damaged",
		"root-erased",
		"root-damaged",
		"driver-erased",
		"driver-damaged",
		"appfs-erased",
		"appfs-damaged",
		"identity-missing",
		"settings-erased",
		"update-pending",
		"update-pending-unsafe",
		"chip-size-misdetected",
		"chip-unsupported",
		"image-too-large",
		"image-too-small",
		"image-wrong-model",
		"image-not-firmware",
		"image-bad-checksum",
		"flash-all-same",
		"flash-short",
		"flash-mirrored",
		"reads-differ",
		"write-protected",
		"card-not-read",
		"card-no-file",
		"card-not-fat",
		"card-junk-files",
		"card-line-endings",
		"card-too-large-partition",
		"button-not-held",
		"update-written",
		"update-refused",
		"update-failed",
		"kernel-bad-crc",
		"no-root-filesystem",
		"boot-loop",
		"no-bootloader-output",
		"console-garbage",
		"capture-of-ram",
		"capture-incomplete",
		"normal-noise",
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(ids); i++) {
		if (!finding_find(ids[i]))
			fail_msg("%s is not in the catalogue", ids[i]);
	}
	assert_int_equal(finding_find("settings-erased")->severity, SEVERITY_NOTE);
	assert_int_equal(finding_find("normal-noise")->severity, SEVERITY_NOTE);
	assert_int_equal(finding_find("kernel-erased")->severity, SEVERITY_FATAL);
}

static void test_catalogue_is_in_order(void **state)
{
	size_t count;
	const struct finding_kind *table = finding_table(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(finding_find(table[i].id), &table[i]);
		assert_true(strlen(table[i].title) > 5);
		assert_true(strlen(table[i].advice) > 20);
	}
}

static void test_rules_name_what_the_catalogue_has(void **state)
{
	size_t count;
	const struct log_rule *rules = log_rules(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		if (rules[i].finding && !finding_find(rules[i].finding))
			fail_msg("no %s", rules[i].finding);
		assert_true(rules[i].finding || rules[i].event != EV_NONE);
	}
	/* The reader keeps a bit for each. */
	log_noises(&count);
	assert_true(count <= 64);
}

static void test_advice_names_the_partition(void **state)
{
	struct finding finding = { .kind = finding_find("root-damaged"), .partition = "ROOTFS" };
	struct rc_text advice = { 0 };

	(void)state;
	finding_advice(&finding, &advice);
	assert_non_null(strstr(rc_text_get(&advice), "--only ROOTFS"));
	assert_null(strstr(rc_text_get(&advice), "PARTITION"));
	rc_text_free(&advice);
}

/* --- Lines --- */

static void expect_lines(const char *bytes, size_t size, const char *const *lines)
{
	struct log_cursor cursor;
	struct log_line line;

	log_lines_begin(&cursor, (struct rc_span){ (const uint8_t *)bytes, size });
	for (; *lines; lines++) {
		assert_true(log_lines_next(&cursor, &line));
		assert_string_equal(line.text, *lines);
		assert_int_equal(line.size, strlen(*lines));
	}
	assert_false(log_lines_next(&cursor, &line));
}

#define LINES(bytes, ...) \
	expect_lines(bytes, sizeof(bytes) - 1, (const char *const[]){ __VA_ARGS__, NULL })

static void test_lines_of_terminals(void **state)
{
	(void)state;
	LINES("one\r\ntwo\nthree\rfour", "one", "two", "three", "four");
	LINES("autoboot:  1 \b\b\b 0 \r\n", "autoboot:  0");
	LINES("abc\b\bX\r\n", "aXc");
	LINES("\b\b\bfree\r\n", "free");
	LINES("\x1b[31;1mred\x1b[0m \x1b]0;title\adone\x1b[K\r\n", "red done");
	LINES("a\x00\xff\x01"
	      "b\n",
	      "ab");
	LINES("\xff\xfeU\0-\0B\0\r\0\n\0o\0k\0", "U-B", "ok");
	LINES("\xef\xbb\xbf"
	      "bom\n\n\n",
	      "bom");
}

static void test_line_offsets_and_length(void **state)
{
	static char text[3 * LOG_LINE_MAX];
	struct log_cursor cursor;
	struct log_line line;

	(void)state;
	memset(text, 'x', sizeof(text));
	log_lines_begin(&cursor, (struct rc_span){ (const uint8_t *)text, sizeof(text) });
	for (unsigned i = 0; i < 3; i++) {
		assert_true(log_lines_next(&cursor, &line));
		assert_int_equal(line.size, LOG_LINE_MAX);
		assert_int_equal(line.offset, i * LOG_LINE_MAX);
	}
	assert_false(log_lines_next(&cursor, &line));
}

/* --- Secrets --- */

static void test_secrets_are_masked(void **state)
{
	static const struct {
		const char *line, *masked;
	} lines[] = {
		{ "hwaddr 02:00:00:5E:C0:DE up", "hwaddr 02:**:**:**:**:DE up" },
		{ "hwaddr 02-00-00-5e-c0-de", "hwaddr 02-**-**-**-**-de" },
		{ "ssid=\"my home\" psk=secret123", "ssid=\"*******\" psk=*********" },
		{ "SSID: cafe, key=abc", "SSID: ****, key=***" },
		{ "NETRELATED_MAC=0200005EC0DE00", "NETRELATED_MAC=**************" },
		{ "miio_token=0123456789abcdef", "miio_token=****************" },
		{ "passwd (hunter2)", "passwd (*******)" },
		{ "Hit any key to stop autoboot:  1", "Hit any key to stop autoboot:  1" },
		{ "gpio: pin 43 (gpio 43) value is 1", "gpio: pin 43 (gpio 43) value is 1" },
		{ "00:01:02.345 not an address", "00:01:02.345 not an address" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(lines); i++) {
		char out[128];

		mask_line(lines[i].line, out, sizeof(out));
		assert_string_equal(out, lines[i].masked);
		mask_line(lines[i].line, out, 8);
		assert_true(strlen(out) < 8);
	}
}

/* --- Reports --- */

static const struct report_options plain = { .columns = 80, .source = "d<u>m&p.bin" };

/* The demonstration's flash with its kernel erased and its root damaged. */
static void inspect_broken(struct inspection *inspection, bool hash_files)
{
	const struct inspect_options options = { .boards = &boards, .hash_files = hash_files };
	struct rc_buffer flash;
	struct rc_error err;

	support_demo_flash(&flash);
	memset(flash.data + 0x40000, 0xff, 0x200000);
	memset(flash.data + 0x240000 + 0x200, 0x5a, 64);
	support_ok(inspect_bytes((struct rc_span){ flash.data, flash.size }, &options, inspection,
				 &err),
		   &err);
	rc_buffer_free(&flash);
}

static const char *text_at(json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "(none)";
}

static json_t *partition_at(json_t *report, const char *name)
{
	size_t i;
	json_t *part;

	json_array_foreach(json_object_get(report, "partitions"), i, part)
	{
		if (strcmp(text_at(part, "name"), name) == 0)
			return part;
	}
	fail_msg("no %s", name);
	return NULL;
}

static void test_json_is_the_contracts(void **state)
{
	struct inspection inspection;
	json_t *report, *kernel, *finding;

	(void)state;
	inspect_broken(&inspection, false);
	report = report_json(&inspection, &plain);
	assert_string_equal(text_at(report, "kind"), "flash");
	assert_int_equal(json_integer_value(json_object_get(report, "size")), RC_MIB(16));
	assert_string_equal(text_at(json_object_get(report, "board"), "id"), "dafang");
	assert_true(json_is_array(json_object_get(json_object_get(report, "board"), "because")));
	assert_true(json_is_array(json_object_get(json_object_get(report, "bootloader"), "notes")));
	kernel = partition_at(report, "kernel");
	assert_int_equal(json_integer_value(json_object_get(kernel, "offset")), 262144);
	assert_int_equal(json_integer_value(json_object_get(kernel, "size")), 2097152);
	assert_string_equal(text_at(kernel, "state"), "erased");
	assert_string_equal(text_at(kernel, "format"), "erased");
	assert_string_equal(text_at(partition_at(report, "root"), "state"), "damaged");
	assert_true(json_is_object(json_object_get(kernel, "detail")));
	finding = json_array_get(json_object_get(report, "findings"), 0);
	assert_string_equal(text_at(finding, "id"), "kernel-erased");
	assert_string_equal(text_at(finding, "severity"), "fatal");
	assert_string_equal(text_at(finding, "partition"), "kernel");
	assert_int_equal(json_integer_value(json_object_get(finding, "offset")), 0x40000);
	assert_non_null(strstr(text_at(finding, "advice"), "recam rescue"));
	assert_true(json_is_true(json_object_get(json_object_get(report, "identity"), "present")));
	json_decref(report);
	inspection_clear(&inspection);
}

static void test_identity_is_masked(void **state)
{
	struct report_options show = plain;
	struct inspection inspection;
	json_t *masked, *shown;
	const char *mac;

	(void)state;
	inspect_broken(&inspection, true);
	masked = report_json(&inspection, &plain);
	show.show_secrets = true;
	shown = report_json(&inspection, &show);
	mac = text_at(json_object_get(masked, "identity"), "mac");
	assert_int_equal(strlen(mac), 17);
	assert_non_null(strstr(mac, ":**:**:**:**:"));
	assert_null(strchr(text_at(json_object_get(shown, "identity"), "mac"), '*'));
	/* Digests of short secrets could be tried out. */
	assert_null(json_object_get(json_object_get(partition_at(masked, "para"), "detail"),
				    "digests"));
	assert_true(json_is_array(json_object_get(
		json_object_get(partition_at(masked, "appfs"), "detail"), "digests")));
	json_decref(masked);
	json_decref(shown);
	inspection_clear(&inspection);
}

static void test_text_fits_and_draws(void **state)
{
	struct inspection inspection;
	char *text = NULL, *line, *rest;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	inspect_broken(&inspection, false);
	report_text(out, &inspection, &plain);
	fclose(out);
	assert_non_null(strstr(text, "|................|")); /* kernel */
	assert_non_null(strstr(text, "|X"));                 /* root */
	assert_non_null(strstr(text, "kernel-erased"));
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, inspection.identity.mac));
	for (rest = text; (line = strsep(&rest, "\n"));) {
		if (strlen(line) > 80)
			fail_msg("%zu columns: %s", strlen(line), line);
	}
	free(text);
	inspection_clear(&inspection);
}

static void test_html_is_self_contained(void **state)
{
	struct inspection inspection;
	struct rc_text page = { 0 };

	(void)state;
	inspect_broken(&inspection, false);
	assert_int_equal(report_html(&page, &inspection, &plain), 0);
	assert_non_null(strstr(page.data, "<svg"));
	assert_non_null(strstr(page.data, "0x240000 root: "));
	assert_non_null(strstr(page.data, "d&lt;u&gt;m&amp;p.bin"));
	assert_null(strstr(page.data, "d<u>m"));
	assert_null(strstr(page.data, "http"));
	assert_null(strstr(page.data, "<script"));
	assert_null(strstr(page.data, "src="));
	assert_null(strstr(page.data, inspection.identity.mac));
	assert_non_null(strstr(page.data, "kernel-erased"));
	rc_text_free(&page);
	inspection_clear(&inspection);
}

static void test_evidence_of_logs_is_escaped(void **state)
{
	static const char log[] = "U-Boot SPL 2013.07 (<script>alert('x')</script>)\r\n"
				  "Image <script> bad MAGIC or ARCH ssid=\"<b>\"\r\n";
	const struct inspect_options options = { .boards = &boards };
	struct inspection inspection;
	struct rc_text page = { 0 };
	struct rc_error err;

	(void)state;
	support_ok(inspect_log((struct rc_span){ (const uint8_t *)log, sizeof(log) - 1 }, &options,
			       &inspection, &err),
		   &err);
	assert_non_null(inspection_find(&inspection, "update-refused"));
	assert_int_equal(report_html(&page, &inspection, &plain), 0);
	assert_null(strstr(page.data, "<script"));
	assert_null(strstr(page.data, "<b>\""));
	rc_text_free(&page);
	inspection_clear(&inspection);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalogue_has_the_contract),
		cmocka_unit_test(test_catalogue_is_in_order),
		cmocka_unit_test(test_rules_name_what_the_catalogue_has),
		cmocka_unit_test(test_advice_names_the_partition),
		cmocka_unit_test(test_lines_of_terminals),
		cmocka_unit_test(test_line_offsets_and_length),
		cmocka_unit_test(test_secrets_are_masked),
		cmocka_unit_test(test_json_is_the_contracts),
		cmocka_unit_test(test_identity_is_masked),
		cmocka_unit_test(test_text_fits_and_draws),
		cmocka_unit_test(test_html_is_self_contained),
		cmocka_unit_test(test_evidence_of_logs_is_escaped),
	};
	struct rc_error err;
	int failed;

	if (boards_load(NULL, &boards, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	boards_free(&boards);
	return failed;
}
