/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The demonstration's Dafang, its firmware in each form, and ways to wound it. */
#ifndef RECAM_TESTS_RESCUE_CAMERA_H
#define RECAM_TESTS_RESCUE_CAMERA_H

#include "base/bytes.h"
#include "board/board.h"
#include "rescue/backup.h"

#define BLOCK      RC_ERASE_BLOCK
#define FLASH_SIZE (16u * 1024 * 1024)

/* Places of facts/bootloaders-and-flash.md 1.1. */
#define BOOT_AT   0x000000u
#define KERNEL_AT 0x040000u
#define ROOT_AT   0x240000u
#define DRIVER_AT 0x590000u
#define APPFS_AT  0x630000u
#define CONFIG_AT 0xf70000u
#define PARA_AT   0xfb0000u
#define FLAG_AT   0xff0000u

/* Group fixtures: the flash of support_demo_flash and the boards. */
int camera_setup(void **state);
int camera_teardown(void **state);
extern struct rc_buffer camera_flash; /* whole and good */
extern struct boards camera_boards;
const struct board *camera_board(void); /* dafang */

/* A copy of the good flash in new memory. */
uint8_t *camera_copy(void);

/* The flash as files: FILE of the whole; a folder with NAME.bin of the partitions named
 * ("a,b" by their layout names, rootfs and uboot as vendors call them); a demo.bin. Each
 * returns a path in new memory. */
char *camera_image_file(const uint8_t *flash);
char *camera_folder(const uint8_t *flash, const char *names);
char *camera_demo_bin(const uint8_t *flash, size_t payload);

/* A backup of the flash, every block proven, as it comes from a link. */
void camera_backup(const uint8_t *flash, struct backup *backup);

#endif
