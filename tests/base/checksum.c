/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Check values: the CRC catalogue's for "123456789", FIPS 180-2 for SHA-256. */
#include "support.h"

#include "base/checksum.h"

static const uint8_t check[] = "123456789";

static void catalogue_values(void **state)
{
	assert_int_equal(rc_crc32(0, check, 9), 0xcbf43926);
	assert_int_equal(rc_crc32(rc_crc32(0, check, 4), check + 4, 5), 0xcbf43926);
	assert_int_equal(rc_crc32_join(rc_crc32(0, check, 4), rc_crc32(0, check + 4, 5), 5),
			 0xcbf43926);
	assert_int_equal(rc_crc7(check, 9), 0x75);
	assert_int_equal(rc_crc16_xmodem(check, 9), 0x31c3);
	/* Start 0 and no inversion: a zero byte changes nothing. */
	assert_int_equal(rc_crc32_jffs2((const uint8_t *)"\0\0", 2), 0);
	assert_int_equal(rc_crc32_jffs2(check, 9), 0x2dfd2d88);
	assert_int_equal(rc_crc8_flsh(0xff, (const uint8_t *)"", 0), 0xff);
}

static void sha256_of_abc(void **state)
{
	char hex[65];

	rc_sha256_hex((const uint8_t *)"abc", 3, hex);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* The settings block of a real camera carries the CRC-8 in its byte 8 (facts,
 * mstar-mi360 1.6): over the header behind it and all the rest of 64 KiB. */
static void crc8_of_a_real_settings_block(void **state)
{
	struct rc_buffer factory;

	support_shared_file("firmware/mjsxj05cm/factory.bin", &factory);
	assert_int_equal(rc_crc8_flsh(0xff, factory.data + 9, factory.size - 9), factory.data[8]);
	rc_buffer_free(&factory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalogue_values),
		cmocka_unit_test(sha256_of_abc),
		cmocka_unit_test(crc8_of_a_real_settings_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
