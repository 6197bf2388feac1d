/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware in each form, and everything that is none. */
#include "rescue/firmware.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "camera.h"
#include "format/recovery.h"
#include "run.h"
#include "support.h"

#define DEMO_PAYLOAD 0xa90000u

static struct firmware firmware; /* large */

static int load(const char *path, struct rc_error *err)
{
	return firmware_load(path, &camera_boards, camera_board(), &firmware, err);
}

static void expect_part(const char *name, uint32_t offset, size_t size)
{
	const struct firmware_part *part = firmware_part(&firmware, name);

	assert_non_null(part);
	assert_int_equal(part->place.offset, offset);
	assert_int_equal(part->bytes.size, size);
	assert_memory_equal(part->bytes.data, camera_flash.data + offset, size);
}

static void a_folder_by_either_name(void **state)
{
	static const char *const names[] = { "uboot,kernel,rootfs,driver",
					     "boot,kernel,root,driver" };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(names); i++) {
		char *path = camera_folder(camera_flash.data, names[i]);
		struct rc_error err;

		support_ok(load(path, &err), &err);
		assert_int_equal(firmware.part_count, 4);
		expect_part("boot", BOOT_AT, 0x40000);
		expect_part("rootfs", ROOT_AT, 0x350000);
		expect_part("kernel", KERNEL_AT, 0x200000);
		expect_part("driver", DRIVER_AT, 0xa0000);
		assert_null(firmware_part(&firmware, "para"));
		assert_int_equal(firmware_part(&firmware, "boot")->role, ROLE_BOOT);
		firmware_clear(&firmware);
		free(path);
	}
}

static void a_whole_image(void **state)
{
	char *path = camera_image_file(camera_flash.data);
	struct rc_error err;

	(void)state;
	support_ok(load(path, &err), &err);
	assert_int_equal(firmware.part_count, 11);
	expect_part("para", PARA_AT, 0x40000);
	assert_non_null(firmware.board.board);
	assert_string_equal(firmware.board.board->id, "dafang");
	firmware_clear(&firmware);
	free(path);
}

static void a_demo_bin(void **state)
{
	char *path = camera_demo_bin(camera_flash.data, DEMO_PAYLOAD);
	struct rc_buffer image;
	struct rc_error err;

	(void)state;
	support_ok(load(path, &err), &err);
	assert_int_equal(firmware.part_count, 4);
	expect_part("kernel", KERNEL_AT, 0x200000);
	expect_part("root", ROOT_AT, 0x350000);
	expect_part("driver", DRIVER_AT, 0xa0000);
	expect_part("appfs", APPFS_AT, 0x4a0000);
	support_ok(firmware_image(&firmware, FLASH_SIZE, &image, &err), &err);
	assert_true(rc_all_bytes(image.data, KERNEL_AT, 0xff));
	assert_memory_equal(image.data + KERNEL_AT, camera_flash.data + KERNEL_AT, DEMO_PAYLOAD);
	assert_true(rc_all_bytes(image.data + 0xad0000, FLASH_SIZE - 0xad0000, 0xff));
	rc_buffer_free(&image);
	firmware_clear(&firmware);
	free(path);
}

/* What tar and gzip make of files in a folder, as owners have it from their vendor. */
static char *archive_of(const char *folder, const char *name, const char *const *files)
{
	const char *argv[16] = { "tar", "-C", folder, "-czf" };
	char *path = rc_path_join(support_temp_dir(), name);
	struct run_result result;
	size_t count = 4;

	argv[count++] = path;
	for (size_t i = 0; files[i]; i++)
		argv[count++] = files[i];
	run_program(argv, (struct rc_span){ NULL, 0 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	return path;
}

static void an_archive_of_parts(void **state)
{
	static const char *const files[] = { "kernel.bin", "rootfs.bin", NULL };
	char *folder = camera_folder(camera_flash.data, "kernel,rootfs");
	char *path = archive_of(folder, "update.tar.gz", files);
	struct rc_error err;

	(void)state;
	support_ok(load(path, &err), &err);
	assert_int_equal(firmware.part_count, 2);
	expect_part("kernel", KERNEL_AT, 0x200000);
	expect_part("root", ROOT_AT, 0x350000);
	firmware_clear(&firmware);
	free(path);
	free(folder);
}

static void an_archive_of_a_demo_bin(void **state)
{
	static const char *const files[] = { "demo.bin", NULL };
	char *demo = camera_demo_bin(camera_flash.data, DEMO_PAYLOAD);
	char *folder = strndup(demo, strlen(demo) - strlen("/demo.bin"));
	char *path = archive_of(folder, "update.tgz", files);
	struct rc_error err;

	(void)state;
	support_ok(load(path, &err), &err);
	assert_int_equal(firmware.part_count, 4);
	expect_part("appfs", APPFS_AT, 0x4a0000);
	assert_non_null(strstr(firmware.notes[0], "the firmware is demo.bin in it"));
	firmware_clear(&firmware);
	free(path);
	free(folder);
	free(demo);
}

/* A card update of a Mi 360 that never was: its kernel is noise with the right name. */
static void make_recovery(struct rc_buffer *file)
{
	static uint8_t kernel[UIMAGE_HEADER_SIZE + 100000];
	static const uint8_t secret[RECOVERY_SECRET_SIZE] = { 1 };
	const struct recovery_place *places = recovery_places("I6");
	struct uimage_header header = { .os = UIMAGE_OS_LINUX,
					.arch = UIMAGE_ARCH_ARM,
					.type = UIMAGE_TYPE_KERNEL,
					.name = "MVX2##I6g0000000KL_LX409####[BR:" };
	struct rc_span payload = { kernel + UIMAGE_HEADER_SIZE,
				   sizeof(kernel) - UIMAGE_HEADER_SIZE };
	const struct rc_span slots[RECOVERY_SLOTS] = {
		{ kernel, sizeof(kernel) },
		{ camera_flash.data + ROOT_AT, 0x350000 },
		{ camera_flash.data + APPFS_AT, 0x4a0000 },
	};
	uint64_t seed = 5;
	struct rc_error err;

	for (size_t i = UIMAGE_HEADER_SIZE; i < sizeof(kernel); i++)
		kernel[i] = (uint8_t)support_random(&seed);
	support_ok(uimage_build(&header, payload, kernel, &err), &err);
	*file = (struct rc_buffer){ 0 };
	support_ok(recovery_join(places, slots, file, &err), &err);
	support_ok(recovery_sign(file, secret, &err), &err);
}

static void a_recovery_image(void **state)
{
	const struct board *board = boards_find(&camera_boards, "mjsxj05cm");
	char *path = rc_path_join(support_temp_dir(), "tf_update.img");
	const struct firmware_part *part;
	struct rc_buffer file;
	struct rc_error err;

	(void)state;
	make_recovery(&file);
	support_ok(rc_file_replace(path, file.data, file.size, 0600, &err), &err);
	support_ok(firmware_load(path, &camera_boards, board, &firmware, &err), &err);
	assert_int_equal(firmware.part_count, 3);
	part = firmware_part(&firmware, "ROOTFS");
	assert_non_null(part);
	assert_int_equal(part->place.offset, 0x250000);
	assert_int_equal(part->bytes.size, 0x760000);
	assert_memory_equal(part->bytes.data, camera_flash.data + ROOT_AT, 0x350000);
	assert_int_equal(firmware_part(&firmware, "DATA")->place.offset, 0x9b0000);
	assert_non_null(strstr(firmware.notes[0], "signature was not looked at"));
	firmware_clear(&firmware);
	/* Of the relative with another layout, and of a Dafang. */
	support_fails(firmware_load(path, &camera_boards, boards_find(&camera_boards, "mjsxj02cm"),
				    &firmware, &err),
		      RC_EREFUSED, &err, "[image-wrong-model]", "I6", "MJSXJ02CM");
	support_fails(load(path, &err), RC_EREFUSED, &err, "[image-wrong-model]", "Dafang");
	/* Cut, as by a download that broke off. */
	support_ok(rc_file_replace(path, file.data, file.size - 81, 0600, &err), &err);
	support_fails(firmware_load(path, &camera_boards, board, &firmware, &err), RC_EREFUSED,
		      &err, "[image-too-small]", "16318463", "16318544");
	rc_buffer_free(&file);
	free(path);
}

/* ---- what is refused ---- */

static void put(const char *path, const void *data, size_t size)
{
	struct rc_error err;

	support_ok(rc_file_replace(path, data, size, 0600, &err), &err);
}

static void strangers_are_named(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		int status;
		const char *what;
	} cases[] = {
		{ "", 0, RC_EREFUSED, "empty" },
		{ "\n\n\n<!DOCTYPE html>", 18, RC_EREFUSED, "web page" },
		{ "<html>", 6, RC_EREFUSED, "web page" },
		{ "PK\3\4....", 8, RC_EFORMAT, "ZIP archive that cannot be read" },
		{ "\x1f\x8b\x08....", 7, RC_EFORMAT, "gzip archive that cannot be read" },
		{ "7z\xbc\xaf\x27\x1c..", 8, RC_EREFUSED, "7-zip" },
		{ "version https://git-lfs.github.com/spec/v1", 42, RC_EREFUSED, "LFS" },
	};
	char *path = rc_path_join(support_temp_dir(), "demo.bin");
	struct rc_error err;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		put(path, cases[i].bytes, cases[i].size);
		support_fails(load(path, &err), cases[i].status, &err, "[image-not-firmware]",
			      "demo.bin", cases[i].what);
		assert_int_equal(firmware.part_count, 0);
	}
	free(path);
	support_fails(load("/nowhere/demo.bin", &err), RC_ENOTFOUND, &err, "/nowhere/demo.bin");
}

static void sizes_that_are_no_flash(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "dump.bin");
	uint8_t *bytes = calloc(1, FLASH_SIZE + 1);
	struct rc_error err;

	(void)state;
	memcpy(bytes, camera_flash.data, FLASH_SIZE);
	put(path, bytes, FLASH_SIZE + 1);
	support_fails(load(path, &err), RC_EREFUSED, &err, "[image-too-large]", "16777217",
		      "16777216");
	put(path, bytes, FLASH_SIZE / 2);
	support_fails(load(path, &err), RC_EREFUSED, &err, "[image-too-small]", "8388608",
		      "16777216");
	memset(bytes, 0, FLASH_SIZE);
	put(path, bytes, FLASH_SIZE);
	support_fails(load(path, &err), RC_EREFUSED, &err, "[flash-all-same]", "00");
	free(bytes);
	free(path);
}

static void a_demo_bin_with_one_wrong_byte(void **state)
{
	static const struct {
		size_t at;
		const char *id;
	} cases[] = {
		{ 5, "[image-bad-checksum]" },  /* header checksum */
		{ 33, "[image-bad-checksum]" }, /* name, under the header's checksum */
		{ 64, "[image-bad-checksum]" },
		{ 64 + DEMO_PAYLOAD - 1, "[image-bad-checksum]" },
	};
	char *path = camera_demo_bin(camera_flash.data, DEMO_PAYLOAD);
	struct rc_buffer file;
	struct rc_error err;

	(void)state;
	support_ok(rc_file_read(path, FLASH_SIZE, &file, &err), &err);
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		file.data[cases[i].at] ^= 4;
		put(path, file.data, file.size);
		support_fails(load(path, &err), RC_EREFUSED, &err, cases[i].id, "demo.bin",
			      "download it again");
		file.data[cases[i].at] ^= 4;
	}
	put(path, file.data, file.size - 1);
	support_fails(load(path, &err), RC_EREFUSED, &err, "[image-too-small]", "11075584",
		      "11075583");
	rc_buffer_free(&file);
	free(path);
}

/* Story 3: a demo.bin made smaller is not taken, since a bootloader would erase what is not
 * in it (facts/bootloaders-and-flash.md 0.7). */
static void a_demo_bin_of_another_size(void **state)
{
	static const struct {
		size_t payload;
		const char *id;
	} cases[] = {
		{ DEMO_PAYLOAD - BLOCK, "[image-too-small]" },
		{ DEMO_PAYLOAD + BLOCK, "[image-too-large]" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		char *path = camera_demo_bin(camera_flash.data, cases[i].payload);
		struct rc_error err;

		support_fails(load(path, &err), RC_EREFUSED, &err, cases[i].id, "0xa90000");
		free(path);
	}
}

static void a_kernel_alone_is_no_firmware(void **state)
{
	char *path = rc_path_join(support_temp_dir(), "kernel.bin");
	struct rc_error err;

	(void)state;
	put(path, camera_flash.data + KERNEL_AT, 0x200000);
	support_fails(load(path, &err), RC_EREFUSED, &err, "[image-not-firmware]", "type 2",
		      "folder");
	free(path);
}

static void folders_that_do_not_do(void **state)
{
	char *folder = camera_folder(camera_flash.data, "kernel,rootfs");
	char *file = rc_path_join(folder, "uboot.bin");
	struct rc_error err;

	(void)state;
	/* Story 6: a file larger than its partition. Both numbers. */
	put(file, camera_flash.data, 0x40001);
	support_fails(load(folder, &err), RC_EREFUSED, &err, "[image-too-large]", "uboot.bin",
		      "262145", "262144");
	/* Story 5: a web page in the place of the bootloader. */
	put(file, "<!DOCTYPE html><html>", 21);
	support_fails(load(folder, &err), RC_EREFUSED, &err, "[image-not-firmware]", "uboot.bin",
		      "web page");
	put(file, camera_flash.data, 0x40000);
	free(file);
	file = rc_path_join(folder, "boot.bin");
	put(file, camera_flash.data, 0x40000);
	support_fails(load(folder, &err), RC_EREFUSED, &err, "two files", "boot");
	free(file);
	free(folder);

	folder = strdup(support_temp_dir());
	file = rc_path_join(folder, "readme.bin");
	put(file, "hello", 5);
	support_fails(load(folder, &err), RC_EREFUSED, &err, "[image-not-firmware]", "kernel.bin");
	free(file);
	free(folder);
}

static void unknown_files_are_passed_over_and_named(void **state)
{
	char *folder = camera_folder(camera_flash.data, "kernel,rootfs");
	char *file = rc_path_join(folder, "notes_of_mine_that_are_long.bin");
	struct rc_error err;

	(void)state;
	put(file, "hello", 5);
	support_ok(load(folder, &err), &err);
	assert_int_equal(firmware.part_count, 2);
	assert_non_null(strstr(firmware.notes[0], "notes_of_mine_that_are_long.bin"));
	firmware_clear(&firmware);
	free(file);
	free(folder);
}

/* Its NAME.bin are what was unpacked: changed files are not in them yet. */
static void a_folder_that_was_unpacked_says_so(void **state)
{
	char *folder = camera_folder(camera_flash.data, "kernel,rootfs");
	char *file = rc_path_join(folder, "recam.json");
	struct rc_error err;

	(void)state;
	put(file, "{}", 2);
	support_ok(load(folder, &err), &err);
	assert_int_equal(firmware.part_count, 2);
	assert_non_null(strstr(firmware.notes[0], "recam pack"));
	firmware_clear(&firmware);
	free(file);
	free(folder);
}

static void a_damaged_part_is_refused(void **state)
{
	uint8_t *flash = camera_copy();
	struct rc_error err;
	char *path;

	(void)state;
	flash[KERNEL_AT + 0x1234] ^= 1;
	path = camera_folder(flash, "kernel,rootfs");
	support_fails(load(path, &err), RC_EREFUSED, &err, "[image-bad-checksum]", "kernel",
		      "download it again");
	free(path);
	free(flash);
}

/* The driver partition of a camera with another Wi-Fi module. */
static void firmware_of_another_model_is_refused(void **state)
{
	const struct board *other = boards_find(&camera_boards, "mjsxj02cm");
	char *path = camera_image_file(camera_flash.data);
	struct rc_error err;

	(void)state;
	assert_int_equal(other->layout.flash_size, FLASH_SIZE);
	support_fails(firmware_load(path, &camera_boards, other, &firmware, &err), RC_EREFUSED,
		      &err, "[image-wrong-model]", "Dafang", "MJSXJ02CM");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_by_either_name),
		cmocka_unit_test(a_whole_image),
		cmocka_unit_test(a_demo_bin),
		cmocka_unit_test(an_archive_of_parts),
		cmocka_unit_test(an_archive_of_a_demo_bin),
		cmocka_unit_test(a_recovery_image),
		cmocka_unit_test(strangers_are_named),
		cmocka_unit_test(sizes_that_are_no_flash),
		cmocka_unit_test(a_demo_bin_with_one_wrong_byte),
		cmocka_unit_test(a_demo_bin_of_another_size),
		cmocka_unit_test(a_kernel_alone_is_no_firmware),
		cmocka_unit_test(folders_that_do_not_do),
		cmocka_unit_test(unknown_files_are_passed_over_and_named),
		cmocka_unit_test(a_folder_that_was_unpacked_says_so),
		cmocka_unit_test(a_damaged_part_is_refused),
		cmocka_unit_test(firmware_of_another_model_is_refused),
	};

	return cmocka_run_group_tests(tests, camera_setup, camera_teardown);
}
