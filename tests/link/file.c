/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link to a flash image on disk. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "link/link.h"
#include "support.h"

#define IMAGE_SIZE RC_MIB(1)

/* An image of seeded bytes; its path, and its content in out. */
static const char *make_image(uint8_t out[IMAGE_SIZE])
{
	static char path[256];
	uint64_t random = 3;
	struct rc_error err;

	for (size_t i = 0; i < IMAGE_SIZE; i++)
		out[i] = (uint8_t)support_random(&random);
	snprintf(path, sizeof(path), "%s/flash.bin", support_temp_dir());
	support_ok(rc_file_replace(path, out, IMAGE_SIZE, 0600, &err), &err);
	return path;
}

static void expect_file(const char *path, const uint8_t *wanted)
{
	struct rc_buffer got;
	struct rc_error err;

	support_ok(rc_file_read(path, IMAGE_SIZE, &got, &err), &err);
	assert_int_equal(got.size, IMAGE_SIZE);
	assert_memory_equal(got.data, wanted, IMAGE_SIZE);
	rc_buffer_free(&got);
}

static void verbs(void **state)
{
	uint8_t *image = malloc(IMAGE_SIZE);
	uint8_t *bytes = malloc(IMAGE_SIZE);
	const char *path = make_image(image);
	char spec[300];
	struct link *link;
	struct rc_error err;
	uint32_t crc;

	(void)state;
	snprintf(spec, sizeof(spec), "file:%s", path);
	support_ok(link_open(spec, NULL, &link, &err), &err);
	assert_int_equal(link->info.kind, LINK_FILE);
	assert_string_equal(link->info.name, spec);
	assert_int_equal(link->info.flash_size, IMAGE_SIZE);
	assert_int_equal(link->info.reach, IMAGE_SIZE);
	assert_int_equal(link->info.step, 0x10000);
	assert_true(link->info.can_checksum && !link->info.can_boot);
	support_ok(link_read(link, 12345, bytes, 54321, &err), &err);
	assert_memory_equal(bytes, image + 12345, 54321);
	support_ok(link_checksum(link, 3, 77777, &crc, &err), &err);
	assert_int_equal(crc, rc_crc32(0, image + 3, 77777));
	support_ok(link_erase(link, 0x20000, 0x20000, &err), &err);
	memset(image + 0x20000, 0xff, 0x20000);
	expect_file(path, image);
	support_ok(link_write(link, 0x20000, bytes, 0x10000, &err), &err);
	memcpy(image + 0x20000, bytes, 0x10000);
	expect_file(path, image);
	/* Not erased first: bits are only cleared, as on the chip. */
	support_ok(link_write(link, 0x40000, bytes, 0x10000, &err), &err);
	for (size_t i = 0; i < 0x10000; i++)
		image[0x40000 + i] &= bytes[i];
	expect_file(path, image);
	support_ok(link_stage(link, bytes, 0x10000, &err), &err);
	assert_null(link_twin(link));
	link_close(link);
	free(bytes);
	free(image);
}

static void refusals(void **state)
{
	uint8_t *image = malloc(IMAGE_SIZE);
	uint8_t byte = 0;
	const char *path = make_image(image);
	struct link *link;
	struct rc_error err;
	uint32_t crc;

	(void)state;
	support_ok(link_open(path, NULL, &link, &err), &err);
	support_fails(link_erase(link, 0x8000, 0x10000, &err), RC_EREFUSED, &err, "erase",
		      "multiples of 0x10000", path);
	support_fails(link_erase(link, 0, 0x8000, &err), RC_EREFUSED, &err, "0x8000 bytes at 0x0");
	support_fails(link_write(link, 0, &byte, 1, &err), RC_EREFUSED, &err, "write 0x1 bytes");
	support_fails(link_read(link, 0x100000, &byte, 1, &err), RC_ERANGE, &err,
		      "0x1 bytes at 0x100000", "has 0x100000");
	support_fails(link_read(link, 0xfffffff0, &byte, 0x20, &err), RC_ERANGE, &err, "read");
	support_fails(link_checksum(link, 0xf0000, 0x10001, &crc, &err), RC_ERANGE, &err,
		      "checksum");
	support_fails(link_boot(link, NULL, NULL, &err), RC_EUNSUPPORTED, &err, "no camera");
	support_ok(link_erase(link, 0x100000, 0, &err), &err);
	link_close(link);
	expect_file(path, image);
	free(image);
}

static void cut_while_open(void **state)
{
	uint8_t *image = malloc(IMAGE_SIZE);
	const char *path = make_image(image);
	struct link *link;
	struct rc_error err;

	(void)state;
	support_ok(link_open(path, NULL, &link, &err), &err);
	assert_int_equal(truncate(path, 0x5000), 0);
	support_fails(link_read(link, 0, image, 0x10000, &err), RC_EIO, &err, "ends at 0x5000");
	link_close(link);
	free(image);
}

static void no_images(void **state)
{
	const char *folder = support_temp_dir();
	static const struct {
		size_t size;
		int status;
		const char *says;
	} cases[] = {
		{ 0, RC_ERANGE, "has 0 bytes" },
		{ 65537, RC_EFORMAT, "1 more than a multiple of 65536" },
		{ 40000, RC_EFORMAT, "recam inspect" },
	};
	uint8_t *zeros = calloc(1, 65537);
	struct link *link;
	struct rc_error err;
	char path[256];

	(void)state;
	support_fails(link_open(folder, NULL, &link, &err), RC_EUSAGE, &err, folder, "is a folder");
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		snprintf(path, sizeof(path), "%s/image", folder);
		support_ok(rc_file_replace(path, zeros, cases[i].size, 0600, &err), &err);
		support_fails(link_open(path, NULL, &link, &err), cases[i].status, &err, path,
			      cases[i].says);
		assert_null(link);
	}
	free(zeros);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verbs),
		cmocka_unit_test(refusals),
		cmocka_unit_test(cut_while_open),
		cmocka_unit_test(no_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
