/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cards that update a camera or that it starts from, as owners without any wires make them:
 * made, foretold, rehearsed with the stock bootloader, and refused before they meet a camera.
 * Judged by fsck.fat, mtools and wpa_passphrase.
 */
#include "cli.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "card/transfer.h"
#include "format/uimage.h"

static struct rc_buffer flash, demo;

static void write_file(const char *path, const void *data, size_t size)
{
	struct rc_error err;

	support_ok(rc_file_replace(path, data, size, 0600, &err), &err);
}

static void build_demo(size_t size)
{
	struct uimage_header header = { .os = UIMAGE_OS_LINUX,
					.arch = UIMAGE_ARCH_MIPS,
					.type = UIMAGE_TYPE_FIRMWARE,
					.name = "jz_fw" };
	uint8_t bytes[UIMAGE_HEADER_SIZE];
	struct rc_error err;

	rc_buffer_free(&demo);
	support_ok(
		uimage_build(&header, (struct rc_span){ flash.data + 0x40000, size }, bytes, &err),
		&err);
	assert_true(rc_buffer_append(&demo, bytes, sizeof(bytes)));
	assert_true(rc_buffer_append(&demo, flash.data + 0x40000, size));
}

static int enter_folder(void **state)
{
	struct rc_buffer wiped = { 0 };

	(void)state;
	support_dafang_flash(&flash);
	if (chdir(support_temp_dir()))
		return -1;
	build_demo(0xa90000);
	write_file("demo.bin", demo.data, demo.size);
	write_file("full.bin", flash.data, flash.size);
	/* A camera without kernel and root: its own bootloader is enough. */
	assert_true(rc_buffer_append(&wiped, flash.data, flash.size));
	memset(wiped.data + 0x40000, 0xff, 0x550000);
	write_file("wiped.bin", wiped.data, wiped.size);
	rc_buffer_free(&wiped);
	return 0;
}

static int leave_folder(void **state)
{
	(void)state;
	rc_buffer_free(&flash);
	rc_buffer_free(&demo);
	return chdir("/");
}

static void judge(const char *const *argv)
{
	struct run_result result;

	run_program(argv, (struct rc_span){ 0 }, &result);
	if (result.status)
		fail_msg("%s: %s%s", argv[0], (const char *)result.out.data,
			 (const char *)result.err.data);
	run_result_free(&result);
}

/* The partition as a file, for fsck.fat, and one of its files as mtools gets it out. */
static void judge_card(const char *path, const char *name, const struct rc_buffer *wanted)
{
	struct rc_buffer card, got;
	struct rc_error err;
	char where[64], inside[128];

	support_ok(rc_file_read(path, RC_MIB(513), &card, &err), &err);
	write_file("volume", card.data + RC_MIB(1), card.size - RC_MIB(1));
	judge((const char *const[]){ "fsck.fat", "-n", "volume", NULL });
	snprintf(where, sizeof(where), "%s@@1M", path);
	snprintf(inside, sizeof(inside), "::%s", name);
	judge((const char *const[]){ "mcopy", "-n", "-i", where, inside, "copy", NULL });
	support_ok(rc_file_read("copy", RC_MIB(64), &got, &err), &err);
	if (wanted) {
		assert_int_equal(got.size, wanted->size);
		assert_memory_equal(got.data, wanted->data, got.size);
	}
	rc_buffer_free(&got);
	rc_buffer_free(&card);
}

static void test_taken(void **state)
{
	struct run_result result;

	(void)state;
	RECAM(&result, "card", "make", "card.img", "--board", "dafang", "--firmware", "demo.bin");
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "a card that Xiaomi Dafang DF3 takes");
	assert_has(&result.out, "hold the setup button");
	run_result_free(&result);
	judge_card("card.img", "demo.bin", &demo);
	RECAM(&result, "card", "check", "card.img", "--board", "dafang");
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "Verdict     taken");
	run_result_free(&result);
	/* A card without a word about the camera, as inspect sees it. */
	RECAM(&result, "inspect", "card.img", "--json");
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "\"kind\": \"card\"");
	assert_has(&result.out, "\"verdict\": \"taken\"");
	run_result_free(&result);
	/* What is there is not overwritten. */
	RECAM(&result, "card", "make", "card.img", "--board", "dafang", "--firmware", "demo.bin");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "not overwritten");
	run_result_free(&result);
}

static void test_rehearsed(void **state)
{
	struct run_result result;

	(void)state;
	RECAM(&result, "card", "check", "card.img", "--rehearse", "wiped.bin", "--board", "dafang");
	assert_int_equal(result.status, 0);
	assert_has(&result.out, "taken; the flash then equals the file");
	assert_has(&result.out, "blue off at 0.1 s, then on after 4.0 s, then off after ");
	assert_has(&result.out, "  | flash write...\n");
	assert_has(&result.out, "  | Starting kernel ...\n");
	run_result_free(&result);
	RECAM(&result, "card", "check", "card.img", "--board", "dafang", "--no-button", "--json");
	assert_int_equal(result.status, 1);
	assert_has(&result.out, "\"verdict\": \"not seen\"");
	assert_has(&result.out, "\"id\": \"button-not-held\"");
	run_result_free(&result);
}

/* The camera that no card helps: said before anyone tries, and so it is. */
static void test_misdetected_chip(void **state)
{
	struct run_result result;

	(void)state;
	RECAM(&result, "card", "make", "never.img", "--board", "dafang", "--firmware", "demo.bin",
	      "--chip", "1c7018");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "no card is made");
	assert_has(&result.err, "erases up to 0xad0000 whatever the file's size");
	assert_has(&result.err, "[chip-size-misdetected]");
	assert_has(&result.err, "recam rescue uboot:PORT --from FIRMWARE");
	run_result_free(&result);
	assert_false(rc_file_exists("never.img"));
	RECAM(&result, "card", "check", "card.img", "--rehearse", "full.bin", "--chip", "1c7018",
	      "--json");
	assert_int_equal(result.status, 1);
	assert_has(&result.out, "\"says\": \"len plus offset more than flash size!\"");
	assert_has(&result.out, "\"rehearsal\"");
	assert_has(&result.out, "\"flash_untouched\": true");
	assert_has(&result.out, "      \"len plus offset more than flash size!\",\n");
	run_result_free(&result);
}

static void assert_refuses(const char *file, const char *board, const char *says)
{
	struct run_result result;

	RECAM(&result, "card", "make", "no.img", "--board", board, "--firmware", file);
	assert_int_equal(result.status, 2);
	assert_has(&result.err, says);
	run_result_free(&result);
	assert_false(rc_file_exists("no.img"));
}

static void test_wrong_firmware(void **state)
{
	static const char page[] = "\n\n<!DOCTYPE html>\n<html><body>GitHub</body></html>\n";

	(void)state;
	write_file("page.bin", page, sizeof(page));
	assert_refuses("page.bin", "dafang", "[image-not-firmware]");
	write_file("packed.zip", "PK\x03\x04", 4);
	assert_refuses("packed.zip", "dafang", "recam unpack packed.zip");
	write_file("packed.gz", "\x1f\x8b\x08", 3);
	assert_refuses("packed.gz", "dafang", "recam unpack packed.gz");
	write_file("cut.bin", demo.data, demo.size - 70000);
	assert_refuses("cut.bin", "dafang", "[image-too-small]");
	demo.data[0x300000] ^= 1;
	write_file("bad.bin", demo.data, demo.size);
	demo.data[0x300000] ^= 1;
	assert_refuses("bad.bin", "dafang", "[image-bad-checksum]");
	assert_refuses(".", "dafang", "recam pack --board dafang");
	assert_refuses("demo.bin", "mjsxj02cm", "[image-wrong-model]");
	assert_refuses("demo.bin", "sannce-i21ag", "is not known");
	assert_refuses("demo.bin", "escamg02", "Goke");
	/* Shorter than the range that is erased: the camera would not start afterwards. */
	build_demo(0x550000);
	write_file("short.bin", demo.data, demo.size);
	assert_refuses("short.bin", "dafang", "[image-too-small]");
	build_demo(0xa90000);
}

/* --- A system that starts from the card --- */

static void make_tree(void)
{
	static const char dist[] = "# the broker\r\nHOST=\"none\"\r\n#PASS=\"x\"\r\nPORT=1883\r\n";

	mkdir("tree", 0700);
	mkdir("tree/config", 0700);
	mkdir("tree/bin", 0700);
	write_file("tree/run.sh", "#!/bin/sh\n", 10);
	write_file("tree/._run.sh", "junk", 4);
	write_file("tree/bin/a program with a long name", "x", 1);
	write_file("tree/config/mqtt.conf.dist", dist, sizeof(dist) - 1);
}

static void read_from_card(const char *card, const char *path, struct rc_buffer *out)
{
	struct rc_buffer bytes;
	struct rc_error err;
	struct fat fat;

	support_ok(rc_file_read(card, RC_MIB(513), &bytes, &err), &err);
	support_ok(fat_open((struct rc_span){ bytes.data + RC_MIB(1), bytes.size - RC_MIB(1) },
			    &fat, &err),
		   &err);
	support_ok(fat_read(&fat, path, out, &err), &err);
	assert_true(rc_buffer_append(out, "", 1));
	rc_buffer_free(&bytes);
}

/* wpa_passphrase prints the network with its PSK; that line has to be in our file. */
static void judge_wifi(const struct rc_buffer *file, const char *ssid, const char *passphrase)
{
	struct run_result result;
	char *line;

	assert_null(memchr(file->data, '\r', file->size));
	if (!run_exists("wpa_passphrase")) {
		print_message("skipped: no wpa_passphrase to judge the PSK\n");
		return;
	}
	run_program((const char *const[]){ "wpa_passphrase", ssid, passphrase, NULL },
		    (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	line = strstr((char *)result.out.data, "\tpsk=");
	assert_non_null(line);
	*strchr(line, '\n') = '\0';
	assert_has(file, line);
	run_result_free(&result);
	assert_null(strstr((const char *)file->data, passphrase));
}

static void test_tree(void **state)
{
	static const char passphrase[] = "a b\"c$d`e\\f 12345";
	struct run_result result;
	struct rc_buffer file;

	(void)state;
	make_tree();
	setenv("RECAM_WIFI_PASSPHRASE", passphrase, 1);
	RECAM(&result, "card", "make", "tree.img", "--size", "80M", "--cfw", "tree", "--wifi",
	      "Test Network", "--set", "config/mqtt.conf:HOST=192.168.1.5", "--set",
	      "config/mqtt.conf:PASS=p\"a$s`s\\", "--set", "config/new.conf:KEY=1");
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	judge_card("tree.img", "bin/a program with a long name", NULL);
	read_from_card("tree.img", "config/wpa_supplicant.conf", &file);
	assert_has(&file, "\tssid=\"Test Network\"\n");
	judge_wifi(&file, "Test Network", passphrase);
	rc_buffer_free(&file);
	read_from_card("tree.img", "config/mqtt.conf", &file);
	assert_string_equal((char *)file.data,
			    "# the broker\nHOST=\"192.168.1.5\"\nPASS=\"p\\\"a\\$s\\`s\\\\\"\n"
			    "PORT=1883\n");
	rc_buffer_free(&file);
	read_from_card("tree.img", "config/new.conf", &file);
	assert_string_equal((char *)file.data, "KEY=\"1\"\n");
	rc_buffer_free(&file);
	/* Computers' leftovers stay at home; the owner's own file keeps its line ends, and is
	 * named for them. */
	RECAM(&result, "inspect", "tree.img");
	assert_int_equal(result.status, 0);
	assert_null(strstr((char *)result.out.data, "card-junk-files"));
	run_result_free(&result);
}

static void assert_wifi_refuses(const char *ssid, const char *passphrase, const char *says)
{
	struct run_result result;

	setenv("RECAM_WIFI_PASSPHRASE", passphrase, 1);
	RECAM(&result, "card", "make", "no.img", "--cfw", "tree", "--wifi", ssid);
	assert_int_equal(result.status, 2);
	assert_has(&result.err, says);
	run_result_free(&result);
	assert_false(rc_file_exists("no.img"));
}

static void test_settings_refused(void **state)
{
	static const char *const bad[] = { "HOST=1", "config/mqtt.conf:HOST", ":K=1", "f:=1",
					   "f:a b=1" };
	struct run_result result;
	char longest[65];

	(void)state;
	memset(longest, 'x', 64);
	longest[64] = '\0';
	assert_wifi_refuses("net", "1234567", "8 to 63 letters, this one 7");
	assert_wifi_refuses("net", longest, "8 to 63 letters, this one 64");
	assert_wifi_refuses("net", "pass\xc3\xa4word", "letter 5");
	assert_wifi_refuses("", "12345678", "1 to 32 bytes");
	assert_wifi_refuses("a name of more than 32 bytes, one too", "12345678", "this one 37");
	for (size_t i = 0; i < RC_COUNT(bad); i++) {
		RECAM(&result, "card", "make", "no.img", "--cfw", "tree", "--set", bad[i]);
		assert_int_equal(result.status, 2);
		assert_has(&result.err, "FILE:KEY=VALUE");
		run_result_free(&result);
	}
	RECAM(&result, "card", "make", "no.img", "--wifi", "net", "--firmware", "demo.bin",
	      "--board", "dafang");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "--cfw");
	run_result_free(&result);
	RECAM(&result, "card", "make", "no.img", "--cfw", "tree/run.sh");
	assert_int_equal(result.status, 2);
	assert_has(&result.err, "is no folder");
	run_result_free(&result);
	/* From a pipe, where no variable tells it. */
	unsetenv("RECAM_WIFI_PASSPHRASE");
	run_program((const char *const[]){ getenv("RECAM_BINARY"), "card", "make", "pipe.img",
					   "--size", "80M", "--cfw", "tree", "--wifi",
					   "\xc3\xa4-net", NULL },
		    (struct rc_span){ (const uint8_t *)"87654321\n", 9 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	{
		struct rc_buffer file;

		read_from_card("pipe.img", "config/wpa_supplicant.conf", &file);
		assert_has(&file, "\tssid=c3a42d6e6574\n");
		judge_wifi(&file, "\xc3\xa4-net", "87654321");
		rc_buffer_free(&file);
	}
}

/* --- What a person has done to a card --- */

static void assert_finds(const struct fat_node *nodes, size_t count, const char *board,
			 const char *id, const char *evidence)
{
	struct card_options options = { .nodes = nodes, .node_count = count };
	uint8_t *card = calloc(1, RC_MIB(24));
	struct run_result result;
	struct rc_error err;

	support_ok(card_make(card, RC_MIB(24), &options, NULL, &err), &err);
	write_file("found.img", card, RC_MIB(24));
	free(card);
	RECAM(&result, "card", "check", "found.img", "--board", board);
	assert_has(&result.out, id);
	assert_has(&result.out, evidence);
	run_result_free(&result);
}

static void test_findings(void **state)
{
	static const char crlf[] = "bootargs=console=ttyS1\r\n", bom[] = "\xef\xbb\xbfHOST=1\n";
	const struct fat_node good = { "DEMO.BIN", { demo.data, demo.size } };
	const struct fat_node cases[][3] = {
		{ good, { "._demo.bin", { demo.data, 10 } } },
		{ good, { ".Spotlight-V100", .folder = true } },
		{ good, { "System Volume Information", .folder = true } },
		{ good, { "demo(1).bin", { demo.data, 100 } } },
		{ { "DEMO.BIN.bin", { demo.data, 100 } } },
		{ { "demo.bin", .folder = true } },
		{ good, { "record", .folder = true } },
		{ good, { "uEnv.txt", { (const uint8_t *)crlf, sizeof(crlf) - 1 } } },
		{ good,
		  { "config", .folder = true },
		  { "mqtt.conf", { (const uint8_t *)bom, sizeof(bom) - 1 }, .parent = 2 } },
	};
	static const struct {
		size_t count;
		const char *id, *evidence;
	} wanted[] = {
		{ 2, "card-junk-files", "._demo.bin: written by macOS" },
		{ 2, "card-junk-files", ".Spotlight-V100" },
		{ 2, "card-junk-files", "written by Windows" },
		{ 2, "card-other-name", "demo(1).bin is not demo.bin" },
		{ 1, "card-other-name", "DEMO.BIN.bin is not demo.bin" },
		{ 1, "card-other-name", "is a folder" },
		{ 2, "card-last-try", "has started with this card" },
		{ 2, "card-line-endings", "first at byte 22" },
		{ 3, "card-line-endings", "config/mqtt.conf begins with a byte order mark" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(wanted); i++)
		assert_finds(cases[i], wanted[i].count, "dafang", wanted[i].id, wanted[i].evidence);
}

int main(void)
{
	/* The second goes on from the first. */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_rehearsed),
		cmocka_unit_test(test_misdetected_chip),
		cmocka_unit_test(test_wrong_firmware),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_settings_refused),
		cmocka_unit_test(test_findings),
	};
	int missing = support_needs_dafang("the cards that update a camera");

	return missing ? missing : cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
