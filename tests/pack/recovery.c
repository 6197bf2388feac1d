/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Card updates of the Mi 360: signed, signed anew, and judged by the camera's own bootloader. */
#include "container.h"

#include <lzma.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "format/mstar_boot.h"
#include "support.h"

#define UBOOT_AT   0x30000u
#define UBOOT_SLOT 0x1f000u

static uint8_t public_key[RECOVERY_KEY_SIZE], secret[RECOVERY_SECRET_SIZE];

static struct rc_span span_of(const struct rc_buffer *bytes)
{
	return (struct rc_span){ bytes->data, bytes->size };
}

static int pack(const char *folder, const uint8_t *key, struct repacked *packed,
		struct rc_error *err)
{
	struct repack_request request = { .folder = folder,
					  .board = container_board("mjsxj05cm"),
					  .as = "recovery",
					  .secret = key };

	return repack_firmware(&request, packed, err);
}

/* As the bootloader does it, with libsodium: facts/mstar-mi360.md 2.1. */
static bool is_signed(const struct rc_buffer *file)
{
	crypto_sign_state state;
	size_t signed_size = file->size - RECOVERY_TRAILER;

	crypto_sign_init(&state);
	crypto_sign_update(&state, file->data, signed_size);
	return crypto_sign_final_verify(&state, file->data + signed_size, public_key) == 0;
}

static char *unpacked_flash(struct rc_buffer *flash)
{
	container_mi360(flash);
	return container_unpack("dump.bin", flash, NULL, NULL);
}

static void a_key_of_ones_own(void **state)
{
	struct rc_buffer flash;
	char *folder = unpacked_flash(&flash);
	struct repacked packed;
	struct rc_error err;

	(void)state;
	support_fails(pack(folder, NULL, &packed, &err), RC_EREFUSED, &err,
		      "there is no signature over these bytes", "--as NAME", "--key FILE");
	support_ok(pack(folder, secret, &packed, &err), &err);
	assert_int_equal(packed.file.size, RECOVERY_SIZE);
	assert_memory_equal(packed.file.data, flash.data + RECOVERY_BASE, RECOVERY_PAYLOAD);
	assert_true(is_signed(&packed.file));
	/* The vendor's bootloader is in the folder, and has another key. */
	assert_string_equal(packed.loader.file, "tf_update.img");
	assert_true(packed.loader.has_key);
	assert_false(packed.loader_takes);
	packed.file.data[0x123456] ^= 1;
	assert_false(is_signed(&packed.file));
	repacked_clear(&packed);
	rc_buffer_free(&flash);
	free(folder);
}

static void the_old_signature(void **state)
{
	struct rc_buffer flash;
	char *folder = unpacked_flash(&flash);
	struct repacked first, second;
	struct rc_error err;
	char *again;

	(void)state;
	support_ok(pack(folder, secret, &first, &err), &err);
	again = container_unpack("tf_update.img", &first.file, NULL, NULL);
	/* Kept with what it is over, and with nothing else. */
	support_ok(pack(again, NULL, &second, &err), &err);
	assert_true(second.original);
	assert_memory_equal(second.file.data, first.file.data, RECOVERY_SIZE);
	assert_int_equal(second.loader.file[0], '\0');
	repacked_clear(&second);
	container_put(again, "DATA/bin/mine", "x", 1);
	support_fails(pack(again, NULL, &second, &err), RC_EREFUSED, &err,
		      "the vendor's signature is not over these bytes any more");
	support_ok(pack(again, secret, &second, &err), &err);
	assert_true(is_signed(&second.file));
	assert_int_equal(second.sources[3], PART_TREE);
	repacked_clear(&first);
	repacked_clear(&second);
	rc_buffer_free(&flash);
	free(again);
	free(folder);
}

/* The vendor's U-Boot with our key in the place of the vendor's. */
static void put_key_into(uint8_t *boot)
{
	struct rc_span slot = { boot + UBOOT_AT, UBOOT_SLOT };
	struct recovery_loader loader = { 0 };
	struct uimage_header header;
	struct rc_buffer program = { 0 };
	uint8_t *packed = malloc(UBOOT_SLOT);
	size_t size = 0;
	struct rc_error err;
	uint8_t *key;

	support_ok(mstar_boot_unpack((struct rc_span){ boot, MSTAR_BOOT_SIZE }, &program, &err),
		   &err);
	recovery_read_loader(span_of(&program), &loader);
	assert_true(loader.has_key);
	key = memmem(program.data, program.size, loader.key, RECOVERY_KEY_SIZE);
	assert_non_null(key);
	memcpy(key, public_key, RECOVERY_KEY_SIZE);
	assert_int_equal(lzma_easy_buffer_encode(9, LZMA_CHECK_CRC32, NULL, program.data,
						 program.size, packed, &size,
						 UBOOT_SLOT - UIMAGE_HEADER_SIZE),
			 LZMA_OK);
	assert_true(uimage_read_header(slot, &header));
	support_ok(uimage_build(&header, (struct rc_span){ packed, size }, boot + UBOOT_AT, &err),
		   &err);
	memcpy(boot + UBOOT_AT + UIMAGE_HEADER_SIZE, packed, size);
	memset(boot + UBOOT_AT + UIMAGE_HEADER_SIZE + size, 0,
	       UBOOT_SLOT - UIMAGE_HEADER_SIZE - size);
	rc_buffer_free(&program);
	free(packed);
}

static void a_bootloader_that_takes_it(void **state)
{
	struct rc_buffer flash;
	struct repacked packed;
	struct rc_error err;
	char *folder;

	(void)state;
	container_mi360(&flash);
	put_key_into(flash.data);
	folder = container_unpack("dump.bin", &flash, NULL, NULL);
	support_ok(pack(folder, secret, &packed, &err), &err);
	assert_true(packed.loader_takes);
	assert_memory_equal(packed.loader.key, public_key, RECOVERY_KEY_SIZE);
	repacked_clear(&packed);
	rc_buffer_free(&flash);
	free(folder);
}

static int setup(void **state)
{
	static const uint8_t seed[crypto_sign_SEEDBYTES] = "recam tests, not a secret";

	if (sodium_init() < 0)
		return -1;
	crypto_sign_seed_keypair(public_key, secret, seed);
	return container_setup(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_of_ones_own),
		cmocka_unit_test(the_old_signature),
		cmocka_unit_test(a_bootloader_that_takes_it),
	};

	return cmocka_run_group_tests(tests, setup, container_teardown);
}
