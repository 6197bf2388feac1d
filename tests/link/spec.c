/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LINK as users write it: what is taken, and what is said to the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "link/link.h"
#include "support.h"

static void unknown_and_unfinished(void **state)
{
	static const struct {
		const char *spec;
		int status;
		const char *says, *and;
	} cases[] = {
		{ "", RC_EUSAGE, "no flash was named", "uboot:PORT" },
		{ "flashrom:", RC_EUSAGE, "names no programmer", "flashrom:ch341a_spi" },
		{ "flashrom:ch342z", RC_ENOTFOUND, "no programmer \"ch342z\"", "ch341a_spi" },
		{ "flashrom:dummy?speed=9", RC_EUSAGE, "\"?speed=9\" is nothing", "chip=NAME" },
		{ "linux:/dev/nonexistent", RC_ENOTFOUND, "no serial device", "/dev/nonexistent" },
		{ "linux:", RC_EUSAGE, "names no port", "linux:tcp:HOST:PORT" },
		{ "serial:/dev/ttyUSB0", RC_EUSAGE, "\"serial:\" no kind of link",
		  "linux:PORT and twin:IMAGE" },
		{ "uboot:", RC_EUSAGE, "names no port", "uboot:/dev/ttyUSB0" },
		{ "uboot:/dev/ttyNONE7", RC_ENOTFOUND, "no serial device /dev/ttyNONE7", "" },
		{ "uboot:/dev/null?fast=921600", RC_EUSAGE, "fast=921600", "375000" },
		{ "uboot:/dev/null?fast=0", RC_EUSAGE, "fast=0", "375000" },
		{ "uboot:/dev/null?fast=115200&agent=no", RC_EUSAGE, "fast=115200", "375000" },
		{ "uboot:/dev/null?agent=yes", RC_EUSAGE, "agent=yes", "agent=no" },
		{ "uboot:/dev/null?fats=1500000", RC_EUSAGE, "\"fats=1500000\"", "baud=N" },
		{ "uboot:/dev/null?agent=no&baud=1", RC_EUSAGE, "\"1\"", "no speed" },
		{ "uboot:/dev/null?baud=9600&agent=no&fast=375000", RC_EUSAGE,
		  "/dev/null is no serial device", "" },
		{ "/dev/null", RC_EUSAGE, "/dev/null is a device", "uboot:/dev/null" },
		{ "/no/such/flash.bin", RC_ENOTFOUND, "/no/such/flash.bin", "No such file" },
		{ "file:", RC_ENOTFOUND, "file:", "No such file" },
		{ "twin:", RC_EUSAGE, "names no image", "twin:IMAGE" },
		{ "twin:/no/such/flash.bin", RC_ENOTFOUND, "/no/such/flash.bin", "No such file" },
		{ "twin:x?chip=GD25Q128", RC_EUSAGE, "chip=GD25Q128", "six hex digits" },
		{ "twin:x?chip=c8401", RC_EUSAGE, "chip=c8401", "c84018" },
		{ "twin:x?chip=000000", RC_EUSAGE, "chip=000000", "" },
		{ "twin:x?engine=fast", RC_EUSAGE, "engine=fast", "engine=exact and engine=model" },
		{ "twin:x?speed=9", RC_EUSAGE, "\"speed\" is nothing", "chip=HEX" },
		{ "twin:x?", RC_EUSAGE, "\"\" is nothing", "save=PATH" },
		{ "twin:x?chip", RC_EUSAGE, "\"chip\" is nothing", "" },
		{ "twin:x?save=", RC_EUSAGE, "save= names no file", "" },
		{ "twin:x?fault=explode:3", RC_EUSAGE, "explode", "" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct link *link;
		struct rc_error err;

		support_fails(link_open(cases[i].spec, NULL, &link, &err), cases[i].status, &err,
			      cases[i].says, cases[i].and);
		assert_null(link);
	}
}

/* A folder with the demonstration's flash in it; static memory. */
static const char *demo_image(char *save, size_t size)
{
	static char path[256];
	const char *folder = support_temp_dir();
	struct rc_buffer image;
	struct rc_error err;

	support_demo_flash(&image);
	snprintf(path, sizeof(path), "%s/flash.bin", folder);
	snprintf(save, size, "%s/saved.bin", folder);
	support_ok(rc_file_replace(path, image.data, image.size, 0600, &err), &err);
	rc_buffer_free(&image);
	return path;
}

static void saved_on_close(void **state)
{
	char save[256], spec[600];
	const char *path = demo_image(save, sizeof(save));
	struct rc_buffer before, after;
	struct link *link;
	struct rc_error err;

	(void)state;
	snprintf(spec, sizeof(spec), "twin:%s?chip=c84018&engine=model&save=%s", path, save);
	support_ok(link_open(spec, NULL, &link, &err), &err);
	assert_int_equal(link->info.kind, LINK_TWIN);
	assert_string_equal(link->info.name, spec);
	assert_non_null(link_twin(link));
	support_ok(link_erase(link, 0x40000, 0x10000, &err), &err);
	assert_false(rc_file_exists(save));
	link_close(link);
	support_ok(rc_file_read(path, RC_MIB(16), &before, &err), &err);
	support_ok(rc_file_read(save, RC_MIB(16), &after, &err), &err);
	assert_false(rc_all_bytes(before.data + 0x40000, 0x10000, 0xff));
	memset(before.data + 0x40000, 0xff, 0x10000);
	assert_memory_equal(before.data, after.data, RC_MIB(16));
	rc_buffer_free(&before);
	rc_buffer_free(&after);
}

static void saved_after_power_cut(void **state)
{
	char save[256], spec[600];
	const char *path = demo_image(save, sizeof(save));
	struct rc_buffer after;
	struct link *link;
	struct rc_error err;

	(void)state;
	snprintf(spec, sizeof(spec), "twin:%s?engine=model&fault=cut:2&save=%s", path, save);
	support_ok(link_open(spec, NULL, &link, &err), &err);
	support_fails(link_erase(link, 0x40000, 0x30000, &err), RC_ESTOPPED, &err,
		      "power of the camera", "run the same command again");
	link_close(link);
	support_ok(rc_file_read(save, RC_MIB(16), &after, &err), &err);
	assert_true(rc_all_bytes(after.data + 0x40000, 0x10000, 0xff));
	assert_false(rc_all_bytes(after.data + 0x60000, 0x10000, 0xff));
	rc_buffer_free(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_and_unfinished),
		cmocka_unit_test(saved_on_close),
		cmocka_unit_test(saved_after_power_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
