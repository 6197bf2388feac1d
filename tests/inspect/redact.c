/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets out of file systems that mkfs.jffs2 makes, settings, logs and captures. Each
 * secret is hidden in many ways; redact_judge.c, which knows nothing of how recam looks
 * for them, must find each before and none after. That the copies are whole is said by
 * jffs2reader and by recam inspect.
 */
#include "inspect/redact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/checksum.h"
#include "base/file.h"
#include "format/flsh.h"
#include "format/jffs2.h"
#include "format/uboot_env.h"
#include "flashes.h"
#include "redact_judge.h"
#include "run.h"
#include "support.h"

#define SSID "Nachbars Garten 7"
#define PASS "gr33n+Apple/77\"q"
/* hashlib.pbkdf2_hmac("sha1", PASS, SSID, 4096, 32) */
#define PSK   "15e1043144273bf0e99ef53677985aa72454e9a325385d7449252697a7b62a9a"
#define KEY   "K3YabcdEFGH12345"
#define TOKEN "7f3a9c5be1d20846a1b2c3d4e5f60718"
#define DID   "987654321"

static const uint8_t mac[6] = { 0x02, 0x00, 0x00, 0x5e, 0xc0, 0xde };
#define MAC "02:00:00:5E:C0:DE"

static const char *const texts[] = { SSID, PASS, PSK, KEY, TOKEN, DID };

static struct boards boards;

static struct rc_span span_of(const struct rc_buffer *buffer)
{
	return (struct rc_span){ buffer->data, buffer->size };
}

static void assert_clean(struct rc_span bytes, const char *what)
{
	const char *found = judge_mac(bytes, mac);

	if (found)
		fail_msg("%s: the MAC is still there %s", what, found);
	for (size_t i = 0; i < RC_COUNT(texts); i++) {
		found = judge_text(bytes, texts[i]);
		if (found)
			fail_msg("%s: \"%s\" is still there %s", what, texts[i], found);
	}
}

/* --- What is hidden, and where --- */

static char folder[200];

static void hide_bytes(const char *name, const void *data, size_t size)
{
	char path[320];
	struct rc_error err;

	assert_true(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
	support_ok(rc_file_replace(path, data, size, 0644, &err), &err);
}

static void hide(const char *name, const char *text)
{
	hide_bytes(name, text, strlen(text));
}

static void hide_base64(const char *name, const void *data, size_t size, size_t before)
{
	struct rc_buffer text = { 0 };

	assert_true(rc_buffer_append(&text, "blob: ", 6));
	write_base64(&text, data, size, before);
	hide_bytes(name, text.data, text.size);
	rc_buffer_free(&text);
}

static void hide_wide(const char *name, const char *text, bool big)
{
	uint8_t wide[128] = { 0 };

	for (size_t i = 0; text[i]; i++)
		wide[2 * i + big] = (uint8_t)text[i];
	hide_bytes(name, wide, 2 * strlen(text));
}

static void hide_hex(const char *name, const char *text, const char *format)
{
	char hex[400] = "";

	for (; *text; text++)
		snprintf(hex + strlen(hex), sizeof(hex) - strlen(hex),
			 *format == '%' ? "%%%02x" : "%02X", *text);
	hide(name, hex);
}

/* The files that say what the secrets are. */
static void hide_known(void)
{
	hide(".product_config",
	     "[xiaomi]\nUserRelated_UID=0200005EC0DE|" DID "|" KEY "|0000\nUserRelated_SSID=TEST\n"
	     "NETRELATED_IP=QUJDRAQUJDRAQUJDRAQUJDRAQUJDRA\n"
	     "NETRELATED_MAC=0200005EC0DE00000000000000000000\n");
	hide(".wifissid", SSID);
	hide_bytes(".wifipasswd", PASS "\0\0\0\0", sizeof(PASS) + 3);
	hide("miio.json", "{\"token\":\"" TOKEN "\",\"uid\":12}");
}

/* Forty odd places of them. */
static void hide_odd(void)
{
	char text[9000];
	uint8_t reversed[6];

	hide("mac-lower", "a 02:00:00:5e:c0:de b");
	hide("mac-bare", "x=0200005ec0de;");
	hide("mac-dashes", "02-00-00-5E-C0-DE");
	hide("mac-dots", "02.00.00.5e.c0.de");
	hide("mac-cisco", "0200.005e.c0de");
	hide("mac-blanks", "02 00 00 5E C0 DE");
	hide("mac-url", "http://x/?m=02%3A00%3A00%3A5E%3AC0%3ADE&n=1");
	hide("mac-ipv6", "inet6 fe80::5eff:fec0:de/64");
	hide("mac-eui64", "0000:00ff:fe5e:c0de");
	hide_hex("mac-hex", MAC, "");
	hide_wide("mac-wide", MAC, false);
	hide_bytes("mac-bytes", "\1\2\3\2\0\0\x5e\xc0\xde\4", 10);
	for (size_t i = 0; i < 6; i++)
		reversed[i] = mac[5 - i];
	hide_bytes("mac-reversed", reversed, 6);
	hide_base64("mac-bytes-base64", mac, 6, 1);
	for (size_t before = 0; before < 3; before++) {
		snprintf(text, sizeof(text), "pass-base64-%zu", before);
		hide_base64(text, PASS, strlen(PASS), before);
		snprintf(text, sizeof(text), "mac-base64-%zu", before);
		hide_base64(text, "02:00:00:5e:c0:de", 17, before);
	}
	hide("pass-json", "{\"p\":\"gr33n+Apple\\/77\\\"q\"}");
	hide("pass-json-2", "{\"p\":\"gr33n+Apple/77\\\"q\"}");
	hide("pass-url", "p=gr33n%2BApple%2F77%22q&x");
	hide_hex("pass-url-all", PASS, "%");
	hide_hex("pass-hex", PASS, "");
	hide_wide("pass-wide", PASS, false);
	hide_wide("pass-wide-big", PASS, true);
	hide("ssid-url", "s=Nachbars%20Garten%207");
	hide("ssid-form", "s=Nachbars+Garten+7");
	hide("ssid-upper", "NACHBARS GARTEN 7");
	hide("ssid-in-word", "xxNachbars Garten 7yy");
	hide("psk", "network={\n\tpsk=" PSK "\n}\n");
	hide_bytes("psk-bytes",
		   "\x15\xe1\x04\x31\x44\x27\x3b\xf0\xe9\x9e\xf5\x36\x77\x98\x5a\xa7"
		   "\x24\x54\xe9\xa3\x25\x38\x5d\x74\x49\x25\x26\x97\xa7\xb6\x2a\x9a",
		   32);
	hide("key-lower", "k3yabcdefgh12345");
	hide("did", "<id " DID ">");
	hide("token-upper", "7F3A9C5BE1D20846A1B2C3D4E5F60718");
	hide(MAC ".name", "the name of this file");
	memset(text, 'a', sizeof(text));
	/* From the first page into the second, and in the last bytes. */
	memcpy(text + 4096 - 8, PASS, strlen(PASS));
	memcpy(text + 8192 - 5, "02:00:00:5e:c0:de", 17);
	memcpy(text + sizeof(text) - strlen(TOKEN), TOKEN, strlen(TOKEN));
	hide_bytes("across", text, sizeof(text));
	snprintf(text, sizeof(text), "%s/link", folder);
	assert_int_equal(symlink("/etc/" MAC, text), 0);
	snprintf(text, sizeof(text), "%s/0200005ec0de", folder);
	assert_int_equal(mkdir(text, 0755), 0);
}

static void hide_nvram(void)
{
	static const char *const entries[] = { "miio_ssid=" SSID, "miio_passwd=" PASS,
					       "miio_token=" TOKEN, "light=on" };
	uint8_t nvram[FLSH_SIZE];
	struct rc_error err;

	support_ok(flsh_build(entries, RC_COUNT(entries), nvram, sizeof(nvram), &err), &err);
	hide_bytes(".config.nvram", nvram, sizeof(nvram));
}

/* Where a test wants one more file. */
static const struct rc_buffer *gzip_log;

static void make_image(const char *compression, struct rc_buffer *image)
{
	char path[260];
	struct run_result result;
	struct rc_error err;

	snprintf(folder, sizeof(folder), "%s/tree", support_temp_dir());
	assert_int_equal(mkdir(folder, 0755), 0);
	hide_known();
	hide_odd();
	hide_nvram();
	if (gzip_log)
		hide_bytes("log.gz", gzip_log->data, gzip_log->size);
	snprintf(path, sizeof(path), "%s.jffs2", folder);
	run_program((const char *[]){ "mkfs.jffs2", "-l", "-n", "-e", "0x10000", "-p", "-m",
				      compression, "-d", folder, "-o", path, NULL },
		    (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	support_ok(rc_file_read(path, RC_MIB(4), image, &err), &err);
}

/* --- The judges of a file system --- */

struct content {
	struct rc_buffer all;
	unsigned files;
};

static int add_content(void *context, const struct fs_entry *entry, struct rc_error *err)
{
	struct content *content = context;
	struct flsh settings;

	content->files++;
	assert_false(entry->damaged);
	rc_buffer_append(&content->all, entry->path, strlen(entry->path) + 1);
	if (entry->target)
		rc_buffer_append(&content->all, entry->target, strlen(entry->target) + 1);
	rc_buffer_append(&content->all, entry->content.data, entry->content.size);
	if (strcmp(entry->path, "/.config.nvram") == 0)
		support_ok(flsh_parse(entry->content, &settings, err), err);
	return 0;
}

static void assert_whole(const struct rc_buffer *image, struct content *content)
{
	struct fs_visitor visitor = { .visit = add_content, .context = content };
	struct format_report report = { 0 };
	struct rc_error err;

	support_ok(format_check(span_of(image), &format_jffs2, &visitor, &report, &err), &err);
	if (report.state != REGION_GOOD)
		fail_msg("the file system is damaged: %s", report.problems[0].text);
	format_report_clear(&report);
}

/* jffs2reader's list of the tree; freed by the caller. */
static void list_by_jffs2reader(const struct rc_buffer *image, struct run_result *result)
{
	char path[260];
	struct rc_error err;

	snprintf(path, sizeof(path), "%s/image", support_temp_dir());
	support_ok(rc_file_replace(path, image->data, image->size, 0600, &err), &err);
	run_program((const char *[]){ "jffs2reader", path, "-r", "-d", "/", NULL },
		    (struct rc_span){ 0 }, result);
	assert_int_equal(result->status, 0);
}

static size_t count_lines(const struct rc_buffer *text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text->size; i++)
		lines += text->data[i] == '\n';
	return lines;
}

static void check_redacted(const struct rc_buffer *image, const char *what)
{
	struct redaction redaction;
	struct content before = { 0 }, after = { 0 };
	struct run_result old_list, new_list;
	struct rc_error err;

	assert_whole(image, &before);
	/* The judge sees what is there. */
	assert_non_null(judge_mac(span_of(image), mac));
	for (size_t i = 0; i < RC_COUNT(texts); i++)
		assert_non_null(judge_text(span_of(image), texts[i]));
	support_ok(redact_bytes(span_of(image), &boards, &redaction, &err), &err);
	assert_int_equal(redaction.bytes.size, image->size);
	assert_clean(span_of(&redaction.bytes), what);
	assert_int_equal(redaction.emptied, 0);
	assert_whole(&redaction.bytes, &after);
	assert_int_equal(after.files, before.files);
	assert_int_equal(after.all.size, before.all.size);
	assert_clean(span_of(&after.all), what);
	list_by_jffs2reader(image, &old_list);
	list_by_jffs2reader(&redaction.bytes, &new_list);
	assert_int_equal(count_lines(&old_list.out), count_lines(&new_list.out));
	assert_int_equal(new_list.err.size, old_list.err.size);
	assert_clean(span_of(&new_list.out), "jffs2reader's list");
	run_result_free(&old_list);
	run_result_free(&new_list);
	rc_buffer_free(&before.all);
	rc_buffer_free(&after.all);
	redaction_clear(&redaction);
}

static void test_file_systems(void **state)
{
	static const char *const compressions[] = { "size", "none" };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(compressions); i++) {
		struct rc_buffer image;

		make_image(compressions[i], &image);
		check_redacted(&image, compressions[i]);
		rc_buffer_free(&image);
	}
}

/* The key that is looked for is the one that Wi-Fi makes of name and passphrase. */
static void test_psk(void **state)
{
	struct run_result result;

	(void)state;
	if (!run_exists("wpa_passphrase")) {
		print_message("SKIPPED: no wpa_passphrase here\n");
		skip();
	}
	run_program((const char *[]){ "wpa_passphrase", SSID, PASS, NULL }, (struct rc_span){ 0 },
		    &result);
	assert_non_null(strstr((const char *)result.out.data, "\tpsk=" PSK "\n"));
	run_result_free(&result);
}

/* --- What is left of older times --- */

/* The node of that type whose bytes, unpacked, begin with text; 0 where none does. */
static size_t find_inode(const struct rc_buffer *image, const char *text)
{
	struct rc_span all = span_of(image);
	uint8_t page[4096];

	for (size_t at = 0; at + JFFS2_INODE_SIZE < all.size; at += 4) {
		const uint8_t *p = all.data + at;
		struct rc_span data = { p + JFFS2_INODE_SIZE, rc_le32(p + 48) };

		if (rc_le16(p) != JFFS2_MAGIC || rc_le16(p + 2) != JFFS2_INODE ||
		    !jffs2_header_holds(all, at) || rc_le32(p + 52) > sizeof(page) ||
		    jffs2_unpack(p[56], data, page, rc_le32(p + 52)) != JFFS2_UNPACKED)
			continue;
		if (rc_le32(p + 52) >= strlen(text) && memcmp(page, text, strlen(text)) == 0)
			return at;
	}
	fail_msg("no node with %s", text);
	return 0;
}

/* An image whose file system is followed by erased blocks, with things left in it. */
static void make_old_image(struct rc_buffer *image)
{
	static const char left[] = "ssid=\"" SSID "\" psk=\"" PSK "\" mac " MAC "  ";
	uint8_t packed[512];
	uLongf packed_size = sizeof(packed);
	size_t end, node, length;

	make_image("size", image);
	end = image->size;
	for (size_t i = 0; i < 0x20000; i++)
		assert_true(rc_buffer_append(image, "\xff", 1));
	/* An obsolete node: one bit of its type is cleared. */
	node = find_inode(image, "[xiaomi]");
	length = (rc_le32(image->data + node + 4) + 3) & ~3u;
	memcpy(image->data + end, image->data + node, length);
	image->data[end + 3] &= (uint8_t) ~(JFFS2_NODE_ACCURATE >> 8);
	/* A torn one: its end was never written. */
	memcpy(image->data + end + length, image->data + node, 68 + 90);
	/* In the next block, without headers: a packed stream, the beginning of one, text. */
	assert_int_equal(compress2(packed, &packed_size, (const uint8_t *)left, sizeof(left), 9),
			 Z_OK);
	memcpy(image->data + end + 0x10000, packed, packed_size);
	memcpy(image->data + end + 0x10800, packed, packed_size - 12);
	memcpy(image->data + end + 0x11000, left, sizeof(left));
}

static void test_old_remains(void **state)
{
	struct redaction redaction;
	struct rc_buffer image;
	struct rc_error err;

	(void)state;
	make_old_image(&image);
	support_ok(redact_bytes(span_of(&image), &boards, &redaction, &err), &err);
	assert_clean(span_of(&redaction.bytes), "what is left of older times");
	assert_true(redaction.wiped >= 2);
	redaction_clear(&redaction);
	rc_buffer_free(&image);
}

/* A log that a program packed with gzip: what is in it cannot be replaced in its place. */
static void test_packed_file(void **state)
{
	struct content content = { 0 };
	struct redaction redaction;
	struct run_result packed;
	struct rc_text log = { 0 };
	struct rc_buffer image;
	struct rc_error err;
	uint64_t seed = 9;

	(void)state;
	/* More than a node's worth, packed. */
	for (unsigned i = 0; i < 2000; i++)
		rc_text_add(&log, "%llx\n", (unsigned long long)support_random(&seed));
	rc_text_add(&log, "password " PASS "\n");
	run_program((const char *[]){ "gzip", "-c", NULL },
		    (struct rc_span){ (const uint8_t *)log.data, log.size }, &packed);
	gzip_log = &packed.out;
	make_image("size", &image);
	gzip_log = NULL;
	assert_true(packed.out.size > 8192);
	support_ok(redact_bytes(span_of(&image), &boards, &redaction, &err), &err);
	assert_int_equal(redaction.emptied, 1);
	assert_whole(&redaction.bytes, &content);
	assert_null(memmem(content.all.data, content.all.size, packed.out.data + 4096, 64));
	rc_buffer_free(&content.all);
	redaction_clear(&redaction);
	rc_buffer_free(&image);
	run_result_free(&packed);
	rc_text_free(&log);
}

/* --- Settings outside of file systems --- */

static void test_flsh(void **state)
{
	static const char *const entries[] = { "vendor=chuangmi", "model=chuangmi.camera.ipc019",
					       "mac=" MAC,        "did=" DID,
					       "key=" KEY,        "hid=12345",
					       "miio_ssid=" SSID, "miio_passwd=" PASS };
	struct rc_buffer image = { .data = malloc(FLSH_SIZE), .size = FLSH_SIZE };
	struct redaction redaction;
	struct flsh settings;
	struct rc_error err;
	char value[64];

	(void)state;
	support_ok(flsh_build(entries, RC_COUNT(entries), image.data, image.size, &err), &err);
	support_ok(redact_bytes(span_of(&image), &boards, &redaction, &err), &err);
	assert_clean(span_of(&redaction.bytes), "FLSH");
	support_ok(flsh_parse(span_of(&redaction.bytes), &settings, &err), &err);
	assert_true(flsh_get(&settings, "mac", value, sizeof(value)));
	assert_string_equal(value, "02:00:00:00:00:01");
	assert_true(flsh_get(&settings, "key", value, sizeof(value)));
	assert_int_equal(strlen(value), 16);
	assert_true(flsh_get(&settings, "did", value, sizeof(value)));
	assert_int_equal(strspn(value, "0123456789"), 9);
	assert_true(flsh_get(&settings, "model", value, sizeof(value)));
	assert_string_equal(value, "chuangmi.camera.ipc019");
	assert_true(flsh_get(&settings, "hid", value, sizeof(value)));
	assert_string_not_equal(value, "12345");
	redaction_clear(&redaction);
	/* Damaged settings are redacted too, and stay as damaged. */
	image.data[30] ^= 1;
	support_ok(redact_bytes(span_of(&image), &boards, &redaction, &err), &err);
	assert_clean(span_of(&redaction.bytes), "damaged FLSH");
	assert_true(flsh_parse(span_of(&redaction.bytes), &settings, NULL) < 0);
	redaction_clear(&redaction);
	rc_buffer_free(&image);
}

static void test_environment(void **state)
{
	static const char *const lines[] = { "bootcmd=sf probe", "ethaddr=" MAC, "wifi_ssid=" SSID,
					     "wifi_psk=" PASS };
	struct rc_buffer image = { .data = malloc(0x4000), .size = 0x4000 };
	struct redaction redaction;
	struct rc_error err;

	(void)state;
	support_ok(uboot_env_build(lines, RC_COUNT(lines), image.data, image.size, &err), &err);
	support_ok(redact_bytes(span_of(&image), &boards, &redaction, &err), &err);
	assert_clean(span_of(&redaction.bytes), "environment");
	assert_true(uboot_env_is_whole(span_of(&redaction.bytes)));
	assert_string_equal(uboot_env_get(span_of(&redaction.bytes), "bootcmd"), "sf probe");
	redaction_clear(&redaction);
	rc_buffer_free(&image);
}

/* --- Real firmware --- */

static void test_dafang(void **state)
{
	static const struct inspect_options options = { .boards = &boards };
	struct inspection inspection;
	struct redaction redaction;
	struct rc_buffer flash;
	struct rc_error err;
	size_t changed = 0;

	(void)state;
	support_dafang_flash(&flash);
	support_ok(redact_bytes(span_of(&flash), &boards, &redaction, &err), &err);
	/* Only settings and identity are touched. */
	for (size_t i = 0; i < 0xf70000; i++)
		changed += flash.data[i] != redaction.bytes.data[i];
	assert_int_equal(changed, 0);
	/* The judge's search is slow; the other partitions are as published. */
	for (unsigned i = 0; i < 2; i++) {
		struct rc_span part = { redaction.bytes.data + 0xf70000 + i * 0x40000, 0x40000 };

		assert_null(judge_mac(part, mac));
		assert_null(judge_text(part, "TestNetwork"));
		assert_null(judge_text(part, "not-a-secret"));
		assert_null(judge_text(part, "TESTKEY000000001"));
	}
	support_ok(inspect_bytes(span_of(&redaction.bytes), &options, &inspection, &err), &err);
	assert_string_equal(inspection.board.board->id, "dafang");
	assert_true(inspection.identity.present);
	assert_string_equal(inspection.identity.mac, "020000000001");
	for (size_t i = 0; i < inspection.partition_count; i++)
		assert_int_not_equal(inspection.partitions[i].report.state, REGION_DAMAGED);
	inspection_clear(&inspection);
	redaction_clear(&redaction);
	rc_buffer_free(&flash);
}

static void test_mi360(void **state)
{
	static const struct inspect_options options = { .boards = &boards };
	struct inspection inspection;
	struct redaction redaction;
	struct rc_buffer flash;
	struct rc_error err;

	(void)state;
	make_mi360(&flash);
	support_ok(redact_bytes(span_of(&flash), &boards, &redaction, &err), &err);
	assert_null(judge_mac((struct rc_span){ redaction.bytes.data + 0xff0000, 0x10000 }, mac));
	support_ok(inspect_bytes(span_of(&redaction.bytes), &options, &inspection, &err), &err);
	assert_string_equal(inspection.board.board->id, "mjsxj05cm");
	assert_string_equal(inspection.identity.model, "chuangmi.camera.ipc019");
	assert_int_not_equal(inspection_worst(&inspection), SEVERITY_FATAL);
	/* Another MAC is first: the bootloader's environment has one. */
	assert_memory_equal(inspection.identity.mac, "02:00:00:00:00:0", 16);
	inspection_clear(&inspection);
	redaction_clear(&redaction);
	rc_buffer_free(&flash);
}

/* --- Logs --- */

static const char boot_log[] =
	"paul@laptop:~$ picocom -g /home/paul/cam.log /dev/ttyUSB0\r\n"
	"U-Boot SPL 2013.07 (Jul 28 2017 - 17:10:01)\r\n"
	"U-Boot 2013.07 (Jul 28 2017 - 17:10:01)\r\n"
	"  Device 0: Vendor: Man 000002 Snr 751da700 Rev: 1.0 Prod: SA02G\r\n"
	"AppVer=5.5.1.177 gpio pin: 46\r\n"
	"wlan0: Trying to associate with 02:00:00:5e:c0:de (SSID='" SSID "' freq=2437 MHz)\r\n"
	"\x1b[32mssid=\"" SSID "\" psk=\"gr33n+Apple/77\\\"q\"\x1b[0m\r\n"
	"miio: {\"did\":\"" DID "\",\"token\":\"" TOKEN "\",\"uid\":4711471147}\r\n"
	"psk raw " PSK "\r\nnvram key=" KEY "\r\n"
	"udhcpc: lease of 192.168.1.77 obtained from 192.168.1.1, my ip 85.214.132.117\r\n"
	"inet6 2003:e2:1f00::5eff:fec0:de/64\r\n"
	"http://karla:p4ssw0rd!@nas/x C:\\Users\\Paulchen\\log mail karla@example.org\r\n"
	"rtw: join ssid: Omas Haus, channel 6\r\ncfg ssid=Onkel Otto psk=\"zz9zz9zz9\" x\r\n"
	"passwd=ab1\r\n";

static void test_log(void **state)
{
	static const char *const gone[] = { "751da700", "85.214.132.117", "2003:e2",
					    "karla",    "p4ssw0rd",       "Paulchen",
					    "paul",     "laptop",         "4711471147",
					    "=ab1" };
	static const char *const there[] = { "U-Boot 2013.07 (Jul 28 2017 - 17:10:01)",
					     "AppVer=5.5.1.177",
					     "192.168.1.77",
					     "gpio pin: 46",
					     "freq=2437",
					     "channel 6",
					     "02:00:00:00:00:01" };
	struct rc_span text = { (const uint8_t *)boot_log, sizeof(boot_log) - 1 };
	struct redaction redaction;
	struct rc_error err;

	(void)state;
	support_ok(redact_bytes(text, &boards, &redaction, &err), &err);
	assert_int_equal(redaction.kind, INSPECT_BOOT_LOG);
	assert_int_equal(redaction.bytes.size, text.size);
	assert_clean(span_of(&redaction.bytes), "log");
	for (size_t i = 0; i < RC_COUNT(gone); i++)
		assert_null(memmem(redaction.bytes.data, redaction.bytes.size, gone[i],
				   strlen(gone[i])));
	for (size_t i = 0; i < RC_COUNT(there); i++)
		if (!memmem(redaction.bytes.data, redaction.bytes.size, there[i], strlen(there[i])))
			fail_msg("%s is gone: %.*s", there[i], (int)redaction.bytes.size,
				 (const char *)redaction.bytes.data);
	redaction_clear(&redaction);
}

static void test_log_of_powershell(void **state)
{
	struct rc_buffer wide = { 0 };
	struct redaction redaction;
	struct rc_error err;

	(void)state;
	assert_true(rc_buffer_append(&wide, "\xff\xfe", 2));
	for (size_t i = 0; i < sizeof(boot_log) - 1; i++)
		assert_true(rc_buffer_append(&wide, (const char[]){ boot_log[i], 0 }, 2));
	support_ok(redact_bytes(span_of(&wide), &boards, &redaction, &err), &err);
	assert_clean(span_of(&redaction.bytes), "log in UTF-16");
	redaction_clear(&redaction);
	rc_buffer_free(&wide);
}

/* --- Captures --- */

static void test_capture(void **state)
{
	struct rc_buffer image;
	struct run_result dump, undone;
	struct redaction redaction;
	struct content content = { 0 };
	struct rc_error err;

	(void)state;
	make_image("size", &image);
	run_program((const char *[]){ "xxd", NULL }, span_of(&image), &dump);
	support_ok(redact_bytes(span_of(&dump.out), &boards, &redaction, &err), &err);
	assert_int_equal(redaction.kind, INSPECT_CAPTURE);
	/* xxd itself takes it back. */
	run_program((const char *[]){ "xxd", "-r", NULL }, span_of(&redaction.bytes), &undone);
	assert_int_equal(undone.out.size, image.size);
	assert_clean(span_of(&undone.out), "capture");
	assert_whole(&undone.out, &content);
	assert_clean(span_of(&content.all), "files of a capture");
	/* The ASCII column says the same as the digits. */
	assert_clean(span_of(&redaction.bytes), "lines of a capture");
	rc_buffer_free(&content.all);
	run_result_free(&undone);
	run_result_free(&dump);
	redaction_clear(&redaction);
	rc_buffer_free(&image);
}

/* Numbers of files repeat from partition to partition. */
static void test_capture_of_a_flash(void **state)
{
	struct rc_buffer flash;
	struct run_result dump;
	size_t times = 0;
	struct redaction redaction;
	struct rc_error err;

	(void)state;
	support_dafang_flash(&flash);
	/* With the bootloader, for the layout; the rest would only take time. */
	memset(flash.data + 0x40000, 0xff, 0x630000 - 0x40000);
	memset(flash.data + 0x700000, 0xff, 0xf70000 - 0x700000);
	run_program((const char *[]){ "hexdump", "-C", NULL }, span_of(&flash), &dump);
	support_ok(redact_bytes(span_of(&dump.out), &boards, &redaction, &err), &err);
	assert_null(memmem(redaction.bytes.data, redaction.bytes.size, "not-a-secret", 12));
	assert_null(memmem(redaction.bytes.data, redaction.bytes.size, "TestNetwork", 11));
	for (size_t i = 0; i < redaction.secrets.count; i++)
		if (redaction.secrets.at[i].kind == SECRET_MAC &&
		    memcmp(redaction.secrets.at[i].value, mac, 6) == 0)
			times = redaction.secrets.at[i].times;
	assert_true(times > 0);
	run_result_free(&dump);
	redaction_clear(&redaction);
	rc_buffer_free(&flash);
}

static void test_refused(void **state)
{
	static const uint8_t zip[] = "PK\3\4 a zip archive";
	struct redaction redaction;
	struct rc_error err;

	(void)state;
	support_fails(redact_bytes((struct rc_span){ zip, sizeof(zip) }, &boards, &redaction, &err),
		      RC_EUNSUPPORTED, &err, "zip archive", "give a dump");
	redaction_clear(&redaction);
}

static int setup(void **state)
{
	(void)state;
	return boards_load(NULL, &boards, NULL);
}

static int teardown(void **state)
{
	(void)state;
	boards_free(&boards);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_systems), cmocka_unit_test(test_psk),
		cmocka_unit_test(test_old_remains),  cmocka_unit_test(test_packed_file),
		cmocka_unit_test(test_flsh),         cmocka_unit_test(test_environment),
		cmocka_unit_test(test_dafang),       cmocka_unit_test(test_mi360),
		cmocka_unit_test(test_log),          cmocka_unit_test(test_log_of_powershell),
		cmocka_unit_test(test_capture),      cmocka_unit_test(test_capture_of_a_flash),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
