/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tf_recovery.img and tf_update.img, and what the bootloader wants of them. */
#include "support.h"

#include <sodium.h>
#include <string.h>

#include "format/format.h"
#include "format/mstar_boot.h"
#include "format/recovery.h"
#include "format/uimage.h"
#include "make.h"

/* facts/mstar-mi360.md 2.2: the vendor's public key in the build of September 2020. */
static const uint8_t stock_key[RECOVERY_KEY_SIZE] = {
	0x40, 0x95, 0x8f, 0x32, 0x01, 0xa2, 0xcd, 0x84, 0x55, 0x39, 0xe6,
	0x47, 0x78, 0xb9, 0xbc, 0x70, 0xbe, 0xfd, 0x5b, 0x45, 0xab, 0xb8,
	0x63, 0xd3, 0x42, 0x06, 0x5c, 0x8a, 0x94, 0x7a, 0xcb, 0xe5,
};

static uint8_t public_key[RECOVERY_KEY_SIZE];
static uint8_t secret_key[RECOVERY_SECRET_SIZE];
static struct rc_buffer kernel, image;

static struct rc_span span(const struct rc_buffer *buffer)
{
	return (struct rc_span){ buffer->data, buffer->size };
}

static void make_kernel(const char *name)
{
	struct uimage_header header = { .os = UIMAGE_OS_LINUX,
					.arch = UIMAGE_ARCH_ARM,
					.type = UIMAGE_TYPE_KERNEL,
					.load = 0x20008000,
					.entry = 0x20008000 };
	struct rc_buffer payload = { 0 };
	uint8_t bytes[UIMAGE_HEADER_SIZE];
	struct rc_error err;

	snprintf(header.name, sizeof(header.name), "%s", name);
	make_payload(&payload, 70000, 5);
	support_ok(uimage_build(&header, span(&payload), bytes, &err), &err);
	rc_buffer_free(&kernel);
	rc_buffer_append(&kernel, bytes, sizeof(bytes));
	assert_true(rc_buffer_append(&kernel, payload.data, payload.size));
	rc_buffer_free(&payload);
}

/* A signed file of that chip whose root and data are not looked at. */
static void make_image(const char *chip, const char *name)
{
	static const uint8_t root[] = "root", data[] = "data";
	struct rc_span slots[RECOVERY_SLOTS] = { { 0 }, { root, 4 }, { data, 4 } };
	struct rc_error err;

	make_kernel(name);
	slots[RECOVERY_KERNEL] = span(&kernel);
	rc_buffer_free(&image);
	support_ok(recovery_join(recovery_places(chip), slots, &image, &err), &err);
	assert_int_equal(image.size, RECOVERY_PAYLOAD);
	support_ok(recovery_sign(&image, secret_key, &err), &err);
}

static int fresh_keys(void **state)
{
	static const uint8_t seed[crypto_sign_SEEDBYTES] = "recam tests, not a secret";

	crypto_sign_seed_keypair(public_key, secret_key, seed);
	make_image("I6", "MVX2##I6g0000000KL_LX409####[BR:");
	return 0;
}

static int forget(void **state)
{
	rc_buffer_free(&kernel);
	rc_buffer_free(&image);
	return 0;
}

static void what_was_joined_is_found_again(void **state)
{
	static const struct {
		const char *chip, *name;
		size_t root;
	} cases[] = {
		{ "I6", "MVX2##I6g0000000KL_LX409####[BR:", 0x200000 },
		{ "I3", "MVX2##I3g0000000KL_LX318####[BR:", 0x210000 },
	};

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct recovery recovery;
		struct rc_error err;

		make_image(cases[i].chip, cases[i].name);
		assert_true(recovery_probe(span(&image)));
		support_ok(recovery_parse(span(&image), &recovery, &err), &err);
		assert_string_equal(recovery.chip, cases[i].chip);
		assert_ptr_equal(recovery.slots[RECOVERY_KERNEL].data, image.data);
		assert_memory_equal(image.data, kernel.data, kernel.size);
		assert_true(
			rc_all_bytes(image.data + kernel.size, cases[i].root - kernel.size, 0xff));
		assert_ptr_equal(recovery.slots[RECOVERY_ROOTFS].data, image.data + cases[i].root);
		assert_memory_equal(recovery.slots[RECOVERY_ROOTFS].data, "root\xff", 5);
		assert_ptr_equal(recovery.slots[RECOVERY_DATA].data, image.data + 0x960000);
		assert_int_equal(recovery.slots[RECOVERY_DATA].size, 0x630000);
		assert_memory_equal(recovery.slots[RECOVERY_DATA].data, "data\xff", 5);
		assert_int_equal(recovery.trailer.size, RECOVERY_TRAILER);
	}
}

static void what_is_no_such_file_is_refused(void **state)
{
	struct recovery recovery;
	struct rc_error err;

	image.size -= 1;
	support_fails(recovery_parse(span(&image), &recovery, &err), RC_EFORMAT, &err, "16318543",
		      "16318544", "cut");
	image.size += 1;
	rc_buffer_append(&image, "x", 1);
	support_fails(recovery_parse(span(&image), &recovery, &err), RC_EFORMAT, &err, "16318545",
		      "more");
	image.size -= 1;
	image.data[0] ^= 1;
	assert_false(recovery_probe(span(&image)));
	support_fails(recovery_parse(span(&image), &recovery, &err), RC_EFORMAT, &err, "MVX2##");
	make_image("I6", "MVX2##I9g0000000");
	support_fails(recovery_parse(span(&image), &recovery, &err), RC_EFORMAT, &err,
		      "another family", "MJSXJ02CM");
	assert_null(recovery_places("I9"));
	make_image("I6", "MVX1##I6g0000000CM_UBT1501###XVM");
	assert_false(recovery_probe(span(&image)));
}

static void a_slot_too_large_is_refused_by_how_much(void **state)
{
	struct rc_buffer large = { 0 }, out = { 0 };
	struct rc_span slots[RECOVERY_SLOTS] = { { 0 } };
	struct rc_error err;

	make_payload(&large, 0x200007, 9);
	slots[RECOVERY_KERNEL] = span(&large);
	support_fails(recovery_join(recovery_places("I6"), slots, &out, &err), RC_ERANGE, &err,
		      "KERNEL", "2097159", "2097152", "7 too many");
	assert_int_equal(out.size, 0);
	support_ok(recovery_join(recovery_places("I3"), slots, &out, &err), &err);
	rc_buffer_free(&large);
	rc_buffer_free(&out);
}

static void only_the_right_signature_is_called_right(void **state)
{
	uint8_t *trailer = image.data + RECOVERY_PAYLOAD;

	assert_int_equal(recovery_verify(span(&image), public_key), RECOVERY_SIGNED);
	assert_int_equal(recovery_verify(span(&image), stock_key), RECOVERY_NOT_SIGNED);
	/* The last 16 bytes are nobody's. */
	memset(trailer + RECOVERY_SIGNATURE, 0xa5, 16);
	assert_int_equal(recovery_verify(span(&image), public_key), RECOVERY_SIGNED);
	trailer[3] ^= 1;
	assert_int_equal(recovery_verify(span(&image), public_key), RECOVERY_NOT_SIGNED);
	trailer[3] ^= 1;
	image.data[1000000] ^= 0x10;
	assert_int_equal(recovery_verify(span(&image), public_key), RECOVERY_NOT_SIGNED);
	image.data[1000000] ^= 0x10;
	crypto_sign_detached(trailer, NULL, image.data, RECOVERY_PAYLOAD, secret_key);
	assert_int_equal(recovery_verify(span(&image), public_key), RECOVERY_SIGNED_PLAIN);
	assert_int_equal(recovery_verify((struct rc_span){ image.data, 79 }, public_key),
			 RECOVERY_NOT_SIGNED);
}

static void stock_program(struct rc_buffer *program)
{
	struct rc_buffer boot;
	struct rc_error err;

	*program = (struct rc_buffer){ 0 };
	support_shared_file("firmware/mjsxj05cm/boot.bin", &boot);
	support_ok(mstar_boot_unpack(span(&boot), program, &err), &err);
	rc_buffer_free(&boot);
}

static void the_stock_bootloader_tells_name_and_key(void **state)
{
	struct recovery_loader loader;
	struct rc_buffer program;

	stock_program(&program);
	recovery_read_loader(span(&program), &loader);
	assert_string_equal(loader.file, "tf_update.img");
	assert_true(loader.has_key);
	assert_memory_equal(loader.key, stock_key, sizeof(stock_key));
	rc_buffer_free(&program);
}

/* Where the code does not tell, a file that is known to be taken does. */
static void a_key_is_found_by_a_file_that_it_signed(void **state)
{
	uint8_t key[RECOVERY_KEY_SIZE];
	struct rc_buffer program;

	stock_program(&program);
	assert_false(
		recovery_find_key((struct rc_span){ program.data, 0x4000 }, span(&image), key));
	memcpy(program.data + 0x349c3, public_key, sizeof(public_key));
	assert_true(recovery_find_key((struct rc_span){ program.data + 0x34800, 0x400 },
				      span(&image), key));
	assert_memory_equal(key, public_key, sizeof(key));
	rc_buffer_free(&program);
}

static void a_program_without_either_tells_neither(void **state)
{
	static const uint8_t text[] = "Final...\0tf_recovery.img";
	struct recovery_loader loader;

	recovery_read_loader((struct rc_span){ text, sizeof(text) }, &loader);
	assert_string_equal(loader.file, "tf_recovery.img");
	assert_false(loader.has_key);
	recovery_read_loader((struct rc_span){ text, 5 }, &loader);
	assert_string_equal(loader.file, "");
}

static void a_damaged_bootloader_is_not_unpacked(void **state)
{
	static uint8_t boot[MSTAR_BOOT_SIZE];
	struct rc_buffer program = { 0 };
	struct rc_error err;

	make_mstar_boot(boot);
	support_ok(mstar_boot_unpack((struct rc_span){ boot, sizeof(boot) }, &program, &err), &err);
	assert_true(program.size > 40000);
	boot[0x30100] ^= 1;
	support_fails(mstar_boot_unpack((struct rc_span){ boot, sizeof(boot) }, &program, &err),
		      RC_EFORMAT, &err, "checksum");
	rc_buffer_free(&program);
}

/* The format names each slot that does not hold. */
static void the_format_judges_every_slot(void **state)
{
	struct format_report report;

	assert_ptr_equal(format_probe(span(&image)), &format_recovery);
	check_region(&format_recovery, image.data, image.size, &report);
	assert_string_equal(detail_text(&report, "chip"), "I6");
	assert_true(report.problem_count >= 2);
	assert_non_null(strstr(report.problems[0].text, "ROOTFS: "));
	assert_in_range(report.problems[0].offset, 0x200000, 0x95ffff);
	format_report_clear(&report);
	check_region(&format_recovery, image.data, image.size - 0x100000, &report);
	assert_problem(&report, "cut");
	format_report_clear(&report);
	image.data[70] ^= 1;
	check_region(&format_recovery, image.data, image.size, &report);
	assert_non_null(strstr(report.problems[0].text, "KERNEL: "));
	format_report_clear(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_joined_is_found_again, fresh_keys, forget),
		cmocka_unit_test_setup_teardown(what_is_no_such_file_is_refused, fresh_keys,
						forget),
		cmocka_unit_test_setup_teardown(a_slot_too_large_is_refused_by_how_much, fresh_keys,
						forget),
		cmocka_unit_test_setup_teardown(only_the_right_signature_is_called_right,
						fresh_keys, forget),
		cmocka_unit_test(the_stock_bootloader_tells_name_and_key),
		cmocka_unit_test_setup_teardown(a_key_is_found_by_a_file_that_it_signed, fresh_keys,
						forget),
		cmocka_unit_test(a_program_without_either_tells_neither),
		cmocka_unit_test(a_damaged_bootloader_is_not_unpacked),
		cmocka_unit_test_setup_teardown(the_format_judges_every_slot, fresh_keys, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
