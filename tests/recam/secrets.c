/* SPDX-License-Identifier: GPL-2.0-or-later */
/* convert, redact and identity as their users run them: words, exit statuses, files. */
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli.h"

static char folder[200];

static const char *path_of(const char *name)
{
	static char paths[8][300];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const void *data, size_t size)
{
	struct rc_error err;

	support_ok(rc_file_replace(path_of(name), data, size, 0600, &err), &err);
}

static void read_back(const char *name, struct rc_buffer *out)
{
	struct rc_error err;

	support_ok(rc_file_read(path_of(name), RC_MIB(32), out, &err), &err);
}

static unsigned mode_of(const char *name)
{
	struct stat info;

	assert_int_equal(stat(path_of(name), &info), 0);
	return info.st_mode & 0777;
}

static void write_demo(const char *name, size_t from, size_t size)
{
	struct rc_buffer flash;

	support_demo_flash(&flash);
	write_file(name, flash.data + from, size);
	rc_buffer_free(&flash);
}

static void test_convert(void **state)
{
	struct run_result result, dump;
	struct rc_buffer bytes, back;

	(void)state;
	write_demo("para.bin", 0xfb0000, 0x4000);
	run_program((const char *[]){ "hexdump", "-v", "-C", path_of("para.bin"), NULL },
		    (struct rc_span){ 0 }, &dump);
	write_file("whole.log", dump.out.data, dump.out.size);
	RECAM(&result, "convert", path_of("whole.log"), "-o", path_of("out.bin"));
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "16 KiB from 1024 lines of hexdump -C");
	read_back("para.bin", &bytes);
	read_back("out.bin", &back);
	assert_int_equal(bytes.size, back.size);
	assert_memory_equal(bytes.data, back.data, back.size);
	run_result_free(&result);
	rc_buffer_free(&back);

	/* The third line is lost: refused, and nothing written. */
	memmove(dump.out.data + 2 * 79, dump.out.data + 3 * 79, dump.out.size - 3 * 79);
	write_file("cut.log", dump.out.data, dump.out.size - 79);
	RECAM(&result, "convert", path_of("cut.log"), "-o", path_of("cut.bin"));
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "16 bytes at 0x20 are missing");
	assert_has(&result.err, "hexdump -v -C -s 0x20 -n 16 FILE");
	assert_has(&result.err, "lacks 16 of 16384 bytes: nothing was written");
	assert_false(rc_file_exists(path_of("cut.bin")));
	run_result_free(&result);
	RECAM(&result, "convert", path_of("cut.log"), "--fill", "-o", path_of("cut.bin"));
	assert_int_equal(result.status, 1);
	read_back("cut.bin", &back);
	assert_true(rc_all_bytes(back.data + 0x20, 16, 0xff));
	memcpy(back.data + 0x20, bytes.data + 0x20, 16);
	assert_memory_equal(bytes.data, back.data, back.size);
	run_result_free(&result);
	run_result_free(&dump);
	rc_buffer_free(&back);
	rc_buffer_free(&bytes);
}

static void test_convert_refuses(void **state)
{
	static const char memory[] =
		"isvp_t20# md.b 0x0 0x40\n"
		"00000000: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f    ................\n"
		"00000010: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f    ................\n"
		"00000020: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f    ................\n"
		"00000030: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f    ................\n";
	struct run_result result;

	(void)state;
	write_file("memory.log", memory, sizeof(memory) - 1);
	RECAM(&result, "convert", path_of("memory.log"), "-o", path_of("memory.bin"));
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "shows the camera's memory, not its flash");
	assert_has(&result.err, "sf read ADDRESS OFFSET LENGTH");
	assert_false(rc_file_exists(path_of("memory.bin")));
	run_result_free(&result);
	RECAM(&result, "inspect", path_of("memory.log"));
	assert_has(&result.out, "capture-of-ram");
	run_result_free(&result);
	RECAM(&result, "convert", path_of("memory.log"), "--memory", "-o", path_of("memory.bin"));
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	write_file("text.log", "nothing\n", 8);
	RECAM(&result, "convert", path_of("text.log"), "-o", path_of("x.bin"));
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "no line in it is one of md, hexdump, od or xxd");
	run_result_free(&result);
	RECAM(&result, "convert", path_of("text.log"));
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "where the bytes are to be");
	run_result_free(&result);
}

static void test_redact(void **state)
{
	static const char log[] = "U-Boot 2013.07 (Jul 28 2017 - 17:10:01)\n"
				  "wlan0: mac 02:00:00:5e:c0:de ssid=\"Kellernetz 12\"\n";
	struct run_result result;
	struct rc_buffer copy;

	(void)state;
	write_file("boot.log", log, sizeof(log) - 1);
	RECAM(&result, "redact", path_of("boot.log"), "-o", path_of("copy.log"));
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "MAC address       1 time   first in line 2");
	assert_has(&result.out, "Wi-Fi name        1 time   first in line 2");
	/* The list does not give away what it is about. */
	assert_null(strstr((const char *)result.out.data, "5e:c0:de"));
	assert_null(strstr((const char *)result.out.data, "Keller"));
	read_back("copy.log", &copy);
	assert_int_equal(copy.size, sizeof(log) - 1);
	assert_null(memmem(copy.data, copy.size, "Keller", 6));
	rc_buffer_free(&copy);
	run_result_free(&result);
	write_file("empty.log", "", 0);
	RECAM(&result, "redact", path_of("empty.log"), "-o", path_of("no.log"));
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "is empty");
	run_result_free(&result);
}

static void test_redact_flash(void **state)
{
	struct run_result result, before, after;

	(void)state;
	write_demo("flash.bin", 0, RC_MIB(16));
	RECAM(&result, "redact", path_of("flash.bin"), "-o", path_of("copy.bin"));
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "MAC address");
	RECAM(&before, "inspect", path_of("flash.bin"));
	RECAM(&after, "inspect", path_of("copy.bin"));
	assert_int_equal(before.status, after.status);
	assert_has(&after.out, "02:**:**:**:**:01");
	run_result_free(&result);
	run_result_free(&before);
	run_result_free(&after);
}

static void test_identity(void **state)
{
	struct run_result result;
	struct rc_buffer flash, back;

	(void)state;
	write_demo("flash.bin", 0, RC_MIB(16));
	RECAM(&result, "identity", "show", path_of("flash.bin"));
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "MAC address");
	assert_has(&result.out, ":**:**:**:**:");
	assert_has(&result.out, "The identity is whole");
	run_result_free(&result);
	RECAM(&result, "identity", "show", path_of("flash.bin"), "--mac", "02-11-22-33-44-55");
	assert_int_equal(result.status, 1);
	assert_has(&result.out, "somebody else's");
	run_result_free(&result);
	RECAM(&result, "identity", "export", path_of("flash.bin"), "-o", path_of("id.json"));
	assert_int_equal(result.status, 0);
	assert_int_equal(mode_of("id.json"), 0600);
	run_result_free(&result);

	read_back("flash.bin", &flash);
	memset(flash.data + 0xfb0000, 0xff, 0x40000);
	write_file("blank.bin", flash.data, flash.size);
	RECAM(&result, "identity", "show", path_of("blank.bin"));
	assert_int_equal(result.status, 1);
	assert_has(&result.out, "There is no identity");
	run_result_free(&result);
	RECAM(&result, "identity", "import", path_of("id.json"), "--into", path_of("blank.bin"),
	      "-o", path_of("blank.bin"));
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "is the image itself");
	run_result_free(&result);
	RECAM(&result, "identity", "import", path_of("id.json"), "--into", path_of("blank.bin"),
	      "-o", path_of("mended.bin"));
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	rc_buffer_free(&flash);
	read_back("flash.bin", &flash);
	read_back("mended.bin", &back);
	assert_memory_equal(flash.data, back.data, flash.size);
	rc_buffer_free(&flash);
	rc_buffer_free(&back);
}

static void test_identity_of_a_folder(void **state)
{
	struct run_result result;

	(void)state;
	assert_int_equal(mkdir(path_of("parts"), 0755), 0);
	write_demo("parts/para.bin", 0xfb0000, 0x40000);
	RECAM(&result, "identity", "show", path_of("parts"));
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "para at 0x0");
	run_result_free(&result);
	RECAM(&result, "identity", "show", folder);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	assert_int_equal(mkdir(path_of("none"), 0755), 0);
	RECAM(&result, "identity", "show", path_of("none"));
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "there is no para.bin");
	run_result_free(&result);
	RECAM(&result, "identity", "show", path_of("none"), "--mac", "x");
	assert_int_equal(result.status, 2);
	run_result_free(&result);
}

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s", support_temp_dir());
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_convert),  cmocka_unit_test(test_convert_refuses),
		cmocka_unit_test(test_redact),   cmocka_unit_test(test_redact_flash),
		cmocka_unit_test(test_identity), cmocka_unit_test(test_identity_of_a_folder),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
