/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tiny.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "camera.h"
#include "support.h"

uint8_t tiny_flash[TINY_SIZE];
struct boards tiny_boards;
char *tiny_firmware;

static const char board_text[] =
	"[camera]\n"
	"name = Tiny camera\n"
	"soc = Ingenic T20\n"
	"[layout]\n"
	"flash = 1M\n"
	"mtdparts = 256k(boot),256k(kernel),128k(root),128k(driver),64k(config),64k(para),-(flag)\n"
	"[partitions]\n"
	"boot   = 0x000000 0x040000 boot     ingenic-boot required\n"
	"kernel = 0x040000 0x040000 kernel   uimage       required\n"
	"root   = 0x080000 0x020000 root     jffs2        required\n"
	"driver = 0x0A0000 0x020000 driver   jffs2        required\n"
	"config = 0x0C0000 0x010000 settings jffs2\n"
	"para   = 0x0D0000 0x010000 identity jffs2\n"
	"flag   = 0x0E0000 0x020000 flag     flag\n"
	"[console]\n"
	"baud = 115200\n"
	"prompt = \"isvp_t20# \"\n"
	"dialect = ingenic\n"
	"autoboot-key = space\n"
	"load = 0x80600000 16M\n"
	"[evidence]\n"
	"uimage = Linux-3.10.14-tiny | 80 | as only this camera has\n";

/* A uImage around bytes that are not compressed (include/image.h of U-Boot). */
static void make_kernel(uint8_t *at, size_t size)
{
	uint64_t random = 11;

	for (size_t i = 64; i < size; i++)
		at[i] = (uint8_t)support_random(&random);
	memset(at, 0, 64);
	rc_put_be32(at, 0x27051956);
	rc_put_be32(at + 12, (uint32_t)size - 64);
	rc_put_be32(at + 16, 0x80010000);
	rc_put_be32(at + 20, 0x80010400);
	rc_put_be32(at + 24, rc_crc32(0, at + 64, size - 64));
	at[28] = 5;
	at[29] = 5;
	at[30] = 2;
	at[31] = 0;
	snprintf((char *)at + 32, 32, "Linux-3.10.14-tiny");
	rc_put_be32(at + 4, rc_crc32(0, at, 64));
}

static void take(uint32_t to, uint32_t from, size_t size)
{
	memcpy(tiny_flash + to, camera_flash.data + from, size);
}

static void write_firmware(void)
{
	static const struct {
		const char *file;
		uint32_t offset, size;
	} parts[] = {
		{ "kernel.bin", TINY_KERNEL_AT, 0x40000 },
		{ "rootfs.bin", TINY_ROOT_AT, 0x20000 },
		{ "driver.bin", TINY_DRIVER_AT, 0x20000 },
	};
	struct rc_error err;

	tiny_firmware = strdup(support_temp_dir());
	for (size_t i = 0; i < RC_COUNT(parts); i++) {
		char *path = rc_path_join(tiny_firmware, parts[i].file);

		support_ok(rc_file_replace(path, tiny_flash + parts[i].offset, parts[i].size, 0600,
					   &err),
			   &err);
		free(path);
	}
}

int tiny_setup(void **state)
{
	char *folder = strdup(support_temp_dir());
	char *file = rc_path_join(folder, "tiny.board");
	struct rc_error err;

	camera_setup(state);
	memset(tiny_flash, 0xff, sizeof(tiny_flash));
	take(0, BOOT_AT, 0x40000);
	make_kernel(tiny_flash + TINY_KERNEL_AT, 0x3a000);
	/* Any small file system does for root and driver. */
	take(TINY_ROOT_AT, CONFIG_AT, 0x10000);
	take(TINY_DRIVER_AT, PARA_AT, 0x10000);
	take(TINY_CONFIG_AT, CONFIG_AT, 0x10000);
	take(TINY_PARA_AT, PARA_AT, 0x10000);
	support_ok(rc_file_replace(file, board_text, sizeof(board_text) - 1, 0600, &err), &err);
	support_ok(boards_load(folder, &tiny_boards, &err), &err);
	write_firmware();
	free(file);
	free(folder);
	return 0;
}

int tiny_teardown(void **state)
{
	boards_free(&tiny_boards);
	free(tiny_firmware);
	return camera_teardown(state);
}
