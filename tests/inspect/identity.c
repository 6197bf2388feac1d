/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who a camera is: shown, kept in a file, put back, and not mixed up with another. */
#include "inspect/identity_file.h"

#include <stdlib.h>
#include <string.h>

#include "format/flsh.h"
#include "support.h"

static struct boards boards;

static struct rc_span span_of(const struct rc_buffer *buffer)
{
	return (struct rc_span){ buffer->data, buffer->size };
}

static const char *field(const struct identity_report *report, const char *name)
{
	for (size_t i = 0; i < report->part_count; i++) {
		const struct identity_part *part = &report->parts[i];

		for (size_t j = 0; j < part->field_count; j++)
			if (strcmp(part->fields[j].name, name) == 0)
				return part->fields[j].value;
	}
	return NULL;
}

static void read_identity(const struct rc_buffer *image, struct identity_report *report)
{
	struct rc_error err;

	support_ok(identity_read(span_of(image), &boards, NULL, report, &err), &err);
}

/* A FACTORY partition as the camera writes it. */
static void make_factory(struct rc_buffer *out, const char *mac, const char *did, const char *key,
			 const char *model)
{
	char lines[4][64];
	const char *entries[4];
	struct rc_error err;

	snprintf(lines[0], 64, "model=%s", model);
	snprintf(lines[1], 64, "mac=%s", mac);
	snprintf(lines[2], 64, "did=%s", did);
	snprintf(lines[3], 64, "key=%s", key);
	for (size_t i = 0; i < 4; i++)
		entries[i] = lines[i];
	*out = (struct rc_buffer){ .data = malloc(FLSH_SIZE), .size = FLSH_SIZE };
	support_ok(flsh_build(entries, 4, out->data, out->size, &err), &err);
}

#define MAC   "02:00:00:5E:C0:DE"
#define KEY   "TESTKEY000000001"
#define MODEL "chuangmi.camera.ipc019"

static void test_flash(void **state)
{
	struct identity_report report;
	struct rc_buffer flash;

	(void)state;
	support_demo_flash(&flash);
	read_identity(&flash, &report);
	assert_string_equal(report.board, "dafang");
	assert_true(report.mac[0]);
	assert_true(identity_is_whole(&report));
	rc_buffer_free(&flash);
}

static void test_real_layout(void **state)
{
	struct identity_report report;
	struct rc_buffer flash;

	(void)state;
	support_dafang_flash(&flash);
	read_identity(&flash, &report);
	assert_int_equal(report.part_count, 2);
	assert_string_equal(report.mac, MAC);
	assert_string_equal(field(&report, "Cloud key"), KEY);
	assert_string_equal(field(&report, "Wi-Fi name"), "TestNetwork");
	assert_string_equal(identity_wrong(&report), "");
	rc_buffer_free(&flash);
}

static void check_factory(const char *mac, const char *did, const char *key, const char *wrong)
{
	struct identity_report report;
	struct rc_buffer image;

	make_factory(&image, mac, did, key, MODEL);
	read_identity(&image, &report);
	if (!strstr(identity_wrong(&report), wrong) || (!*wrong && !identity_is_whole(&report)))
		fail_msg("%s %s %s: %s", mac, did, key, identity_wrong(&report));
	rc_buffer_free(&image);
}

static void test_factory(void **state)
{
	(void)state;
	check_factory(MAC, "123456789", KEY, "");
	check_factory(MAC, "12345678", KEY, "Cloud id (did): it has 8 characters, not 9");
	check_factory(MAC, "12345678x", KEY, "it is not of digits alone");
	check_factory(MAC, "123456789", "short", "Cloud key: it has 5 characters, not 16");
	check_factory("02:00:00:5E:C0", "123456789", KEY, "MAC address: it is no MAC address");
	check_factory("00:00:00:00:00:00", "123456789", KEY, "MAC address: it is blank");
}

static void test_damaged_factory(void **state)
{
	struct identity_report report;
	struct rc_buffer image;
	struct rc_text text = { 0 };
	struct rc_error err;

	(void)state;
	make_factory(&image, MAC, "123456789", KEY, MODEL);
	image.data[40] ^= 4;
	read_identity(&image, &report);
	assert_non_null(strstr(identity_wrong(&report), "checksum"));
	support_fails(identity_file_make(span_of(&image), &report, &text, &err), RC_EREFUSED, &err,
		      "damaged", "checksum", "keep the whole dump");
	memset(image.data, 0xff, image.size);
	read_identity(&image, &report);
	support_fails(identity_file_make(span_of(&image), &report, &text, &err), RC_EREFUSED, &err,
		      "no identity in it");
	rc_buffer_free(&image);
}

static void test_aplink(void **state)
{
	struct identity_report report;
	struct rc_buffer image = { .data = calloc(1, 0x10000), .size = 0x10000 };

	(void)state;
	memcpy(image.data, "2017_APLINK", 11);
	memcpy(image.data + 0x13, "02:00:00:5e:c0:de", 17);
	read_identity(&image, &report);
	assert_string_equal(report.mac, MAC);
	assert_true(identity_is_whole(&report));
	rc_buffer_free(&image);
}

/* --- Export and import --- */

static void export(const struct rc_buffer *image, struct rc_text *text)
{
	struct identity_report report;
	struct rc_error err;

	*text = (struct rc_text){ 0 };
	read_identity(image, &report);
	support_ok(identity_file_make(span_of(image), &report, text, &err), &err);
}

static int import(const struct rc_text *text, const struct rc_buffer *image, bool i_know,
		  bool settings, struct rc_buffer *out, struct rc_error *err)
{
	const struct identity_import_options options = { .boards = &boards,
							 .i_know = i_know,
							 .settings = settings };
	struct identity_file file;
	int status = identity_file_read(
		(struct rc_span){ (const uint8_t *)rc_text_get(text), text->size }, &file, err);

	if (status == 0)
		status = identity_import(&file, span_of(image), &options, out, err);
	identity_file_clear(&file);
	return status;
}

#define PARA      0xfb0000u
#define PARA_SIZE 0x40000u
#define CONFIG    0xf70000u

static void test_round_trip(void **state)
{
	struct rc_buffer flash, hurt = { 0 }, made;
	struct rc_text text;
	struct rc_error err;

	(void)state;
	support_dafang_flash(&flash);
	export(&flash, &text);
	assert_true(rc_buffer_append(&hurt, flash.data, flash.size));
	memset(hurt.data + PARA, 0xff, PARA_SIZE);
	memset(hurt.data + CONFIG, 0xff, PARA_SIZE);
	support_ok(import(&text, &hurt, false, false, &made, &err), &err);
	/* The identity is back, the settings are as they were: blank. */
	assert_memory_equal(made.data + PARA, flash.data + PARA, PARA_SIZE);
	memcpy(hurt.data + PARA, flash.data + PARA, PARA_SIZE);
	assert_memory_equal(made.data, hurt.data, hurt.size);
	rc_buffer_free(&made);
	support_ok(import(&text, &hurt, false, true, &made, &err), &err);
	assert_memory_equal(made.data, flash.data, flash.size);
	rc_buffer_free(&made);
	rc_buffer_free(&hurt);
	rc_buffer_free(&flash);
	rc_text_free(&text);
}

static void test_others_are_refused(void **state)
{
	static const struct {
		const char *mac, *model, *said;
	} others[] = {
		{ "02:00:00:5E:C0:DF", MODEL, "its MAC address is 02:**:**:**:**:DE" },
		{ MAC, "chuangmi.camera.ipc009", "that of the image is chuangmi.camera.ipc009" },
	};
	struct rc_buffer own;
	struct rc_text text;
	struct rc_error err;

	(void)state;
	make_factory(&own, MAC, "123456789", KEY, MODEL);
	export(&own, &text);
	for (size_t i = 0; i < RC_COUNT(others); i++) {
		struct rc_buffer image, made;

		make_factory(&image, others[i].mac, "987654321", KEY, others[i].model);
		support_fails(import(&text, &image, false, false, &made, &err), RC_EREFUSED, &err,
			      "another camera", others[i].said, "--i-know");
		support_ok(import(&text, &image, true, false, &made, &err), &err);
		assert_memory_equal(made.data, own.data, own.size);
		rc_buffer_free(&made);
		rc_buffer_free(&image);
	}
	rc_buffer_free(&own);
	rc_text_free(&text);
}

/* A camera of another layout has no place for it. */
static void test_other_layout(void **state)
{
	struct rc_buffer own, flash, made;
	struct rc_text text;
	struct rc_error err;

	(void)state;
	make_factory(&own, MAC, "123456789", KEY, MODEL);
	export(&own, &text);
	support_demo_flash(&flash);
	support_fails(import(&text, &flash, true, false, &made, &err), RC_EREFUSED, &err,
		      "no partition", "another layout");
	rc_buffer_free(&own);
	rc_buffer_free(&flash);
	rc_text_free(&text);
}

static void check_damage(const char *from, const char *to, int status, const char *said)
{
	struct rc_buffer own;
	struct identity_file file;
	struct rc_text text, hurt = { 0 };
	struct rc_error err;
	char *found;

	make_factory(&own, MAC, "123456789", KEY, MODEL);
	export(&own, &text);
	found = strstr(text.data, from);
	assert_non_null(found);
	rc_text_add_bytes(&hurt, text.data, (size_t)(found - text.data));
	rc_text_add(&hurt, "%s%s", to, found + strlen(from));
	support_fails(identity_file_read((struct rc_span){ (const uint8_t *)hurt.data, hurt.size },
					 &file, &err),
		      status, &err, said);
	identity_file_clear(&file);
	rc_buffer_free(&own);
	rc_text_free(&text);
	rc_text_free(&hurt);
}

static void test_damaged_files(void **state)
{
	(void)state;
	check_damage("{", "", RC_EFORMAT, "is no JSON");
	check_damage("\"recam-identity\": 1", "\"recam-identity\": 9", RC_EUNSUPPORTED,
		     "version 9, this recam reads version 1");
	check_damage("\"recam-identity\"", "\"other\"", RC_EFORMAT, "lacks recam-identity");
	check_damage("\"sha256\"", "\"md5\"", RC_EFORMAT, "lacks name, offset");
	check_damage("\"base64\": \"RkxTS", "\"base64\": \"RkxTT", RC_EFORMAT,
		     "the size or the SHA-256");
	check_damage("\"base64\": \"RkxTS", "\"base64\": \"*kxTS", RC_EFORMAT, "base64 is damaged");
	check_damage("\"size\": 65536", "\"size\": 65537", RC_EFORMAT, "the size or the SHA-256");
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
		cmocka_unit_test(test_flash),
		cmocka_unit_test(test_real_layout),
		cmocka_unit_test(test_factory),
		cmocka_unit_test(test_damaged_factory),
		cmocka_unit_test(test_aplink),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_others_are_refused),
		cmocka_unit_test(test_other_layout),
		cmocka_unit_test(test_damaged_files),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
