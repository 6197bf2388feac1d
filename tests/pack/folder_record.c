/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recam.json: written and read back, and changed byte by byte. */
#include "container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static struct folder_record record; /* large */

static int parse(const char *text, size_t size, struct rc_error *err)
{
	return folder_record_parse((struct rc_span){ (const uint8_t *)text, size }, "recam.json",
				   &record, err);
}

/* ---- what it says ---- */

static void what_is_written_is_read(void **state)
{
	struct folder_record before = {
		.source = "demo.bin",
		.kind = FIRMWARE_DEMO,
		.board = "dafang",
		.size = 0xa90040,
		.flash_size = 0x1000000,
		.has_header = true,
		.header = { .magic = UIMAGE_MAGIC,
			    .time = 0xfedcba98,
			    .size = 0xa90000,
			    .load = 0x80010000,
			    .os = 5,
			    .arch = 5,
			    .type = 5,
			    .name = "jz_\xff\x80\x01" },
		.has_trailer = true,
		.trailer = { 1, 2, 0xfe },
		.part_count = 1,
		.parts = { { .place = { "kernel", 0x40000, 0x200000 },
			     .role = ROLE_KERNEL,
			     .bytes = 0x200000 } },
	};
	struct rc_error err;
	json_t *json;
	char *text;

	(void)state;
	memset(before.sha256, 'a', 64);
	memset(before.parts[0].sha256, 'b', 64);
	memset(before.parts[0].manifest_sha256, 'c', 64);
	json = folder_record_json(&before);
	assert_non_null(json);
	text = json_dumps(json, 0);
	support_ok(parse(text, strlen(text), &err), &err);
	assert_memory_equal(&record, &before, sizeof(record));
	free(text);
	json_decref(json);
}

/* One part of a good record is replaced. */
static void fields_that_cannot_be(void **state)
{
#define DIGEST "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
#define PART(name, role, offset, size, bytes)                                       \
	"{\"name\":" name ",\"role\":" role ",\"offset\":" offset ",\"size\":" size \
	",\"bytes\":" bytes ",\"sha256\":" DIGEST ",\"manifest-sha256\":null}"
#define RECORD(kind, size, parts)                                                  \
	"{\"source\":\"x\",\"kind\":" kind ",\"size\":" size ",\"sha256\":" DIGEST \
	",\"flash-size\":65536,\"parts\":[" parts "]}"
#define GOOD PART("\"kernel\"", "\"kernel\"", "0", "4096", "4096")
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "is no recam.json" },
		{ "[]", "\"source\"" },
		{ RECORD("\"full\"", "1", GOOD) "x", "is no recam.json" },
		{ RECORD("\"fool\"", "1", GOOD), "\"kind\" is none" },
		{ RECORD("17", "1", GOOD), "\"kind\" is no text" },
		{ RECORD("\"demo\"", "1", GOOD), "\"header\" is missing" },
		{ RECORD("\"full\"", "-1", GOOD), "\"size\"" },
		{ RECORD("\"full\"", "1e300", GOOD), "\"size\"" },
		{ RECORD("\"full\"", "99999999999", GOOD), "\"size\"" },
		{ RECORD("\"full\"", "1", ""), "\"parts\"" },
		{ RECORD("\"full\"", "1", "17"), "\"name\"" },
		{ RECORD("\"full\"", "1", PART("\"../x\"", "\"kernel\"", "0", "4096", "1")),
		  "\"name\"" },
		{ RECORD("\"full\"", "1", PART("\"a/b\"", "\"kernel\"", "0", "4096", "1")),
		  "\"name\"" },
		{ RECORD("\"full\"", "1", PART("\"\"", "\"kernel\"", "0", "4096", "1")),
		  "\"name\"" },
		{ RECORD("\"full\"", "1", PART("\"a\\u0000\"", "\"kernel\"", "0", "4096", "1")),
		  "is no recam.json" },
		{ RECORD("\"full\"", "1", PART("\"a\"", "\"king\"", "0", "4096", "1")),
		  "\"role\"" },
		{ RECORD("\"full\"", "1", PART("\"a\"", "\"kernel\"", "-1", "4096", "1")),
		  "\"offset\"" },
		{ RECORD("\"full\"", "1", PART("\"a\"", "\"kernel\"", "61441", "4096", "1")),
		  "\"offset\" lies outside" },
		{ RECORD("\"full\"", "1", PART("\"a\"", "\"kernel\"", "0", "4096", "4097")),
		  "\"bytes\"" },
		{ RECORD("\"full\"", "1", GOOD "," GOOD),
		  "\"offset\" lies in the partition before" },
		{ RECORD("\"full\"", "1",
			 GOOD "," PART("\"KERNEL\"", "\"kernel\"", "4096", "4096", "1")),
		  "\"name\" is that of a partition before" },
	};
	struct rc_error err;

	(void)state;
	support_ok(
		parse(RECORD("\"full\"", "1", GOOD), strlen(RECORD("\"full\"", "1", GOOD)), &err),
		&err);
	for (size_t i = 0; i < RC_COUNT(cases); i++)
		support_fails(parse(cases[i].text, strlen(cases[i].text), &err), RC_EFORMAT, &err,
			      "recam.json", cases[i].says, "unpack again");
}

/* ---- what becomes of a folder whose record was changed ---- */

/* Every byte of it, in turn: an error, or the very bytes that were unpacked. (A digest of a
 * part that is wrong calls the part changed, and it is taken as it is.) */
static void any_wrong_byte(void **state)
{
	const struct partition *driver = layout_find(&container_board("dafang")->layout, "driver");
	struct rc_buffer part = { container_flash.data + driver->offset, driver->size, 0, false };
	char *folder = container_unpack("driver.bin", &part, "dafang", NULL);
	struct rc_buffer text;
	unsigned refused = 0, taken = 0;

	(void)state;
	container_get(folder, "recam.json", &text);
	for (size_t i = 0; i < text.size; i++) {
		struct repacked packed;
		struct rc_error err;

		container_flip(folder, "recam.json", i, 1u << (i % 7));
		if (container_pack(folder, "dafang", NULL, &packed, &err)) {
			assert_true(err.text[0]);
			refused++;
		} else {
			assert_int_equal(packed.file.size, part.size);
			assert_memory_equal(packed.file.data, part.data, part.size);
			repacked_clear(&packed);
			taken++;
		}
		container_put(folder, "recam.json", text.data, text.size);
	}
	assert_true(refused > 100 && taken > 50);
	rc_buffer_free(&text);
	free(folder);
}

/* A whole flash, where the places count: no change of a number moves a partition unseen. */
static void any_wrong_number(void **state)
{
	char *folder = container_unpack("dump.bin", &container_flash, NULL, NULL);
	struct rc_buffer text;
	unsigned refused = 0;

	(void)state;
	container_get(folder, "recam.json", &text);
	for (size_t i = 2; i < text.size; i++) {
		struct repacked packed;
		struct rc_error err;

		/* The last digit of numbers, which stand alone in JSON. */
		if (text.data[i] != ',' || text.data[i - 1] < '0' || text.data[i - 1] > '9')
			continue;
		container_flip(folder, "recam.json", i - 1, 1);
		if (container_pack(folder, "dafang", NULL, &packed, &err)) {
			refused++;
		} else {
			assert_memory_equal(packed.file.data, container_flash.data,
					    container_flash.size);
			repacked_clear(&packed);
		}
		container_put(folder, "recam.json", text.data, text.size);
	}
	assert_true(refused >= 24);
	rc_buffer_free(&text);
	free(folder);
}

/* from and to are equally long. */
static void edit(struct rc_buffer *text, const char *from, const char *to)
{
	char *at = strstr((char *)text->data, from);

	assert_non_null(at);
	memcpy(at, to, strlen(to));
}

static void a_record_that_lies(void **state)
{
	char *folder = container_unpack("dump.bin", &container_flash, NULL, NULL);
	struct rc_buffer text;
	struct repacked packed;
	struct rc_error err;
	char *at;

	(void)state;
	container_get(folder, "recam.json", &text);
	assert_true(rc_buffer_append(&text, "", 1));
	/* Of the file: what comes out is not what was unpacked. */
	at = strstr((char *)text.data, "\"sha256\"") + strlen("\"sha256\": \"");
	*at = *at == '0' ? '1' : '0';
	container_put(folder, "recam.json", text.data, text.size - 1);
	support_fails(container_pack(folder, "dafang", NULL, &packed, &err), RC_EVERIFY, &err,
		      "no part of", "recam.json was changed");
	/* Of a place: another camera's. */
	edit(&text, "262144,\n      \"size\": 2097152,\n      \"bytes\": 2097152",
	     "262145,\n      \"size\": 2097151,\n      \"bytes\": 2097151");
	container_put(folder, "recam.json", text.data, text.size - 1);
	support_fails(container_pack(folder, "dafang", NULL, &packed, &err), RC_EREFUSED, &err,
		      "[image-wrong-model]", "kernel lies at 0x040001", "0x040000");
	rc_buffer_free(&text);
	free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(fields_that_cannot_be),
		cmocka_unit_test(any_wrong_byte),          cmocka_unit_test(any_wrong_number),
		cmocka_unit_test(a_record_that_lies),
	};

	return cmocka_run_group_tests(tests, container_setup, container_teardown);
}
