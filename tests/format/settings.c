/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The U-Boot environment, held to mkenvimage and fw_printenv, and the update flag. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "format/flag.h"
#include "format/uboot_env.h"
#include "make.h"
#include "run.h"
#include "tree.h"

#define ENV_SIZE 0x4000u

static const char *const variables[] = {
	"bootargs=console=ttyS1,115200n8 mem=104M@0x0 root=/dev/mtdblock2",
	"bootcmd=sdupdate;sf probe;sf read 0x80600000 0x40000 0x280000; bootm 0x80600000",
	"bootdelay=1",
	"ethaddr=02:00:00:5E:C0:DE",
	"empty=",
	"odd=a=b=c",
};

static void make_env(uint8_t area[ENV_SIZE])
{
	struct rc_error err;

	support_ok(uboot_env_build(variables, RC_COUNT(variables), area, ENV_SIZE, &err), &err);
}

static void check(const struct format *format, const uint8_t *bytes, size_t size,
		  struct format_report *report)
{
	struct rc_error err;

	support_ok(format_check((struct rc_span){ bytes, size }, format, NULL, report, &err), &err);
}

/* True if some problem holds the text. */
static bool has_problem(const struct format_report *report, const char *text)
{
	for (size_t i = 0; i < report->problem_count && i < FORMAT_MAX_PROBLEMS; i++) {
		if (strstr(report->problems[i].text, text))
			return true;
	}
	return false;
}

/* --- environment --- */

static void what_is_built_is_read_back(void **state)
{
	const struct rc_span area = { malloc(ENV_SIZE), ENV_SIZE };
	struct uboot_env_variable variable;
	struct format_report report;
	size_t position = 0;
	size_t count = 0;

	make_env((uint8_t *)(uintptr_t)area.data);
	assert_true(uboot_env_is_whole(area));
	while (uboot_env_next(area, &position, &variable)) {
		assert_memory_equal(variable.name, variables[count], strlen(variables[count]) + 1);
		assert_string_equal(variable.value, strchr(variables[count], '=') + 1);
		assert_int_equal(variable.value_size, strlen(variable.value));
		count++;
	}
	assert_int_equal(count, RC_COUNT(variables));
	assert_string_equal(uboot_env_get(area, "odd"), "a=b=c");
	assert_string_equal(uboot_env_get(area, "empty"), "");
	assert_null(uboot_env_get(area, "boot"));

	check(NULL, area.data, area.size, &report);
	assert_ptr_equal(report.format, &format_uboot_env);
	assert_good(&report);
	assert_int_equal(detail_number(&report, "variables"), RC_COUNT(variables));
	assert_string_equal(detail_text(&report, "bootdelay"), "1");
	/* Addresses are nobody's business. */
	assert_null(json_object_get(report.detail, "ethaddr"));
	format_report_clear(&report);
	free((void *)(uintptr_t)area.data);
}

static void it_is_what_mkenvimage_makes(void **state)
{
	const char *folder = support_temp_dir();
	char *text = rc_path_join(folder, "env.txt"), *made = rc_path_join(folder, "env.bin");
	const char *const argv[] = {
		"mkenvimage", "-s", "0x4000", "-p", "0", "-o", made, text, NULL
	};
	struct rc_buffer lines = { 0 }, image = { 0 };
	uint8_t area[ENV_SIZE];
	struct rc_error err;

	for (size_t i = 0; i < RC_COUNT(variables); i++) {
		rc_buffer_append(&lines, variables[i], strlen(variables[i]));
		rc_buffer_append(&lines, "\n", 1);
	}
	support_ok(rc_file_replace(text, lines.data, lines.size, 0600, &err), &err);
	run_well(argv);
	support_ok(rc_file_read(made, ENV_SIZE, &image, &err), &err);
	make_env(area);
	assert_int_equal(image.size, ENV_SIZE);
	assert_memory_equal(image.data, area, ENV_SIZE);
	rc_buffer_free(&lines);
	rc_buffer_free(&image);
	free(text);
	free(made);
}

static void fw_printenv_reads_what_is_built(void **state)
{
	const char *folder = support_temp_dir();
	char *made = rc_path_join(folder, "env.bin"), *config = rc_path_join(folder, "config");
	const char *const argv[] = { "fw_printenv", "-c", config, NULL };
	struct run_result result;
	uint8_t area[ENV_SIZE];
	struct rc_error err;
	char line[256];

	make_env(area);
	support_ok(rc_file_replace(made, area, sizeof(area), 0600, &err), &err);
	snprintf(line, sizeof(line), "%s 0x0 0x4000\n", made);
	support_ok(rc_file_replace(config, line, strlen(line), 0600, &err), &err);
	run_program(argv, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	for (size_t i = 0; i < RC_COUNT(variables); i++)
		assert_non_null(strstr((const char *)result.out.data, variables[i]));
	run_result_free(&result);
	free(made);
	free(config);
}

static void environment_damage_is_named(void **state)
{
	uint8_t area[ENV_SIZE];
	struct format_report report;

	make_env(area);
	assert_flips_are_damage(&format_uboot_env, (struct rc_span){ area, sizeof(area) }, 0,
				sizeof(area), 30, 99, 0);

	area[8] ^= 1;
	check(&format_uboot_env, area, sizeof(area), &report);
	assert_true(has_problem(&report, "the environment's checksum is"));
	assert_true(has_problem(&report, "its header says"));
	format_report_clear(&report);

	memset(area, 'x', sizeof(area));
	area[5000] = 'y';
	check(&format_uboot_env, area, sizeof(area), &report);
	assert_true(has_problem(&report, "variable 1 is no NAME=VALUE that ends"));
	format_report_clear(&report);

	memset(area, 0, sizeof(area));
	check(&format_uboot_env, area, sizeof(area), &report);
	assert_int_equal(report.state, REGION_DAMAGED);
	assert_true(has_problem(&report, "all 16384 bytes are 00: a uboot-env was never written"));
	format_report_clear(&report);

	memset(area, 0xff, sizeof(area));
	check(&format_uboot_env, area, sizeof(area), &report);
	assert_int_equal(report.state, REGION_ERASED);
	format_report_clear(&report);

	check(&format_uboot_env, (const uint8_t *)"0123456789", 10, &report);
	assert_true(has_problem(&report, "10 bytes are too few for an environment"));
	format_report_clear(&report);
}

static void what_cannot_be_built_is_refused(void **state)
{
	static const char *const nameless[] = { "=value" };
	static const char *const bare[] = { "value" };
	uint8_t area[64];
	char text[61];
	const char *large[] = { text };
	struct rc_error err;

	memset(text, 'x', 60);
	text[1] = '=';
	text[60] = '\0';
	support_fails(uboot_env_build(nameless, 1, area, sizeof(area), &err), RC_EFORMAT, &err,
		      "\"=value\" is no environment variable");
	support_fails(uboot_env_build(bare, 1, area, sizeof(area), &err), RC_EFORMAT, &err,
		      "write NAME=VALUE");
	support_fails(uboot_env_build(large, 1, area, sizeof(area), &err), RC_ERANGE, &err,
		      "1 variables do not fit into 64 bytes");
	support_fails(uboot_env_build(large, 1, area, 32, &err), RC_ERANGE, &err, "too small");
	text[58] = '\0'; /* and now they do, with both NULs */
	support_ok(uboot_env_build(large, 1, area, sizeof(area), &err), &err);
	assert_true(uboot_env_is_whole((struct rc_span){ area, sizeof(area) }));
	assert_string_equal(uboot_env_get((struct rc_span){ area, sizeof(area) }, "x"), text + 2);
}

/* --- flag --- */

#define FLAG_SIZE 0x10000u

static void requests_are_read_as_the_bootloader_does(void **state)
{
	static const struct {
		size_t at;
		const char *text;
		enum flag_update update;
		const char *name;
	} cases[] = {
		{ 0, "FWGRADEUP=kernel+drivers", FLAG_KERNEL_AND_DRIVERS, "kernel+drivers" },
		{ 0, "FWGRADEUP=kernel+dri", FLAG_KERNEL_AND_DRIVERS, "kernel+drivers" },
		{ 0x1ff0, "FWGRADEUP=kernel", FLAG_KERNEL, "kernel" },
		{ 0x8001, "FWGRADEUP=drivers\n", FLAG_DRIVERS, "drivers" },
		{ 0xfff0, "FWGRADEUP=kernel", FLAG_KERNEL, "kernel" },
	};
	uint8_t *area = malloc(FLAG_SIZE);

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct format_report report;

		/* As an updater left it: 00 for two pages around it, then FF. */
		memset(area, 0xff, FLAG_SIZE);
		memset(area, 0x00, 0x2000);
		memcpy(area + cases[i].at, cases[i].text, strlen(cases[i].text));
		assert_int_equal(flag_read((struct rc_span){ area, FLAG_SIZE }), cases[i].update);
		check(&format_flag, area, FLAG_SIZE, &report);
		assert_good(&report);
		assert_string_equal(detail_text(&report, "update"), cases[i].name);
		format_report_clear(&report);
		check(NULL, area, FLAG_SIZE, &report);
		assert_ptr_equal(report.format, &format_flag);
		format_report_clear(&report);
	}
	free(area);
}

static void other_bytes_in_the_flag_are_damage(void **state)
{
	uint8_t *area = malloc(FLAG_SIZE);
	struct format_report report;

	memset(area, 0xff, FLAG_SIZE);
	assert_int_equal(flag_read((struct rc_span){ area, FLAG_SIZE }), FLAG_NONE);
	check(&format_flag, area, FLAG_SIZE, &report);
	assert_good(&report);
	assert_string_equal(detail_text(&report, "update"), "none");
	format_report_clear(&report);
	check(NULL, area, FLAG_SIZE, &report);
	assert_int_equal(report.state, REGION_ERASED);
	format_report_clear(&report);
	assert_flips_are_damage(&format_flag, (struct rc_span){ area, FLAG_SIZE }, 0, FLAG_SIZE, 20,
				7, 0);

	area[0x1234] = 0x7f;
	check(&format_flag, area, FLAG_SIZE, &report);
	assert_problem(&report, "1 byte from 0x1234 on (first 7F) is neither FF nor an update");
	assert_int_equal(report.problems[0].offset, 0x1234);
	assert_string_equal(detail_text(&report, "update"), "none");
	format_report_clear(&report);

	memset(area, 0xff, FLAG_SIZE);
	memcpy(area + 16, "FWGRADEUP=everything", 20);
	assert_int_equal(flag_read((struct rc_span){ area, FLAG_SIZE }), FLAG_UNKNOWN_REQUEST);
	check(&format_flag, area, FLAG_SIZE, &report);
	assert_problem(&report, "asks for something that no known bootloader does");
	assert_string_equal(detail_text(&report, "update"), "unknown");
	format_report_clear(&report);

	memcpy(area + 16, "FWGRADEUP=kernel\xff\xff\xff\xff", 20);
	memcpy(area + 0x9000, "rest", 4);
	check(&format_flag, area, FLAG_SIZE, &report);
	assert_problem(&report, "4 bytes from 0x9000 on (first 72) are neither FF nor an update");
	assert_string_equal(detail_text(&report, "update"), "kernel");
	format_report_clear(&report);
	free(area);
}

/* --- the table of formats --- */

static void what_is_expected_decides_the_state(void **state)
{
	uint8_t area[ENV_SIZE];
	struct format_report report;

	assert_ptr_equal(format_find("uboot-env"), &format_uboot_env);
	assert_null(format_find("raw"));

	make_env(area);
	check(&format_flag, area, sizeof(area), &report);
	assert_int_equal(report.state, REGION_FOREIGN);
	assert_ptr_equal(report.format, &format_uboot_env);
	assert_true(has_problem(&report, "a whole uboot-env lies here instead of a flag"));
	assert_string_equal(detail_text(&report, "bootdelay"), "1");
	format_report_clear(&report);

	/* Another format that is not whole is no reason to call it that. */
	area[9] ^= 1;
	check(&format_jffs2, area, sizeof(area), &report);
	assert_int_equal(report.state, REGION_DAMAGED);
	assert_ptr_equal(report.format, &format_jffs2);
	assert_true(has_problem(&report, "no JFFS2 node in 16384 bytes"));
	format_report_clear(&report);

	check(NULL, area, sizeof(area), &report);
	assert_int_equal(report.state, REGION_UNKNOWN);
	assert_null(report.format);
	assert_int_equal(json_object_size(report.detail), 0);
	format_report_clear(&report);

	memset(area, 0x55, sizeof(area));
	check(NULL, area, sizeof(area), &report);
	assert_int_equal(report.state, REGION_UNKNOWN);
	format_report_clear(&report);
	check(&format_squashfs, area, sizeof(area), &report);
	assert_int_equal(report.state, REGION_DAMAGED);
	assert_problem(&report, "all 16384 bytes are 55: a squashfs was never written here");
	format_report_clear(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_built_is_read_back),
		cmocka_unit_test(it_is_what_mkenvimage_makes),
		cmocka_unit_test(fw_printenv_reads_what_is_built),
		cmocka_unit_test(environment_damage_is_named),
		cmocka_unit_test(what_cannot_be_built_is_refused),
		cmocka_unit_test(requests_are_read_as_the_bootloader_does),
		cmocka_unit_test(other_bytes_in_the_flag_are_damage),
		cmocka_unit_test(what_is_expected_decides_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
