/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checksum.h"
#include "base/file.h"
#include "support.h"

struct rc_buffer camera_flash;
struct boards camera_boards;

int camera_setup(void **state)
{
	struct rc_error err;

	(void)state;
	support_demo_flash(&camera_flash);
	support_ok(boards_load(NULL, &camera_boards, &err), &err);
	return 0;
}

int camera_teardown(void **state)
{
	(void)state;
	rc_buffer_free(&camera_flash);
	boards_free(&camera_boards);
	return 0;
}

const struct board *camera_board(void)
{
	const struct board *board = boards_find(&camera_boards, "dafang");

	assert_non_null(board);
	return board;
}

uint8_t *camera_copy(void)
{
	uint8_t *copy = malloc(FLASH_SIZE);

	assert_non_null(copy);
	memcpy(copy, camera_flash.data, FLASH_SIZE);
	return copy;
}

char *camera_image_file(const uint8_t *flash)
{
	char *path = rc_path_join(support_temp_dir(), "flash.bin");
	struct rc_error err;

	support_ok(rc_file_replace(path, flash, FLASH_SIZE, 0600, &err), &err);
	return path;
}

static void write_part(const char *folder, const char *file, const uint8_t *flash,
		       const struct partition *place)
{
	char *path = rc_path_join(folder, file);
	struct rc_error err;

	support_ok(rc_file_replace(path, flash + place->offset, place->size, 0600, &err), &err);
	free(path);
}

char *camera_folder(const uint8_t *flash, const char *names)
{
	char *folder = strdup(support_temp_dir());
	char *list = strdup(names);
	char *rest = list;
	const char *name;

	while ((name = strsep(&rest, ","))) {
		const struct partition *place = layout_find(&camera_board()->layout, name);
		char file[32];

		assert_non_null(place);
		snprintf(file, sizeof(file), "%s.bin", name);
		write_part(folder, file, flash, place);
	}
	free(list);
	return folder;
}

char *camera_demo_bin(const uint8_t *flash, size_t payload)
{
	char *path = rc_path_join(support_temp_dir(), "demo.bin");
	struct rc_buffer file = { 0 };
	uint8_t header[64] = { 0 };
	struct rc_error err;

	/* include/image.h of U-Boot; type 5 is firmware, arch 5 MIPS, os 5 Linux. */
	rc_put_be32(header, 0x27051956);
	rc_put_be32(header + 12, (uint32_t)payload);
	rc_put_be32(header + 24, rc_crc32(0, flash + KERNEL_AT, payload));
	header[28] = 5;
	header[29] = 5;
	header[30] = 5;
	snprintf((char *)header + 32, 32, "jz_fw");
	rc_put_be32(header + 4, rc_crc32(0, header, sizeof(header)));
	assert_true(rc_buffer_append(&file, header, sizeof(header)));
	assert_true(rc_buffer_append(&file, flash + KERNEL_AT, payload));
	support_ok(rc_file_replace(path, file.data, file.size, 0600, &err), &err);
	rc_buffer_free(&file);
	return path;
}

void camera_backup(const uint8_t *flash, struct backup *backup)
{
	*backup = (struct backup){ .size = FLASH_SIZE,
				   .block_count = FLASH_SIZE / BLOCK,
				   .jedec = 0xc84018 };
	backup->data = malloc(FLASH_SIZE);
	backup->proofs = malloc(backup->block_count);
	assert_non_null(backup->data);
	assert_non_null(backup->proofs);
	memcpy(backup->data, flash, FLASH_SIZE);
	memset(backup->proofs, PROOF_CHECKSUM, backup->block_count);
}
