/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A camera with a flash of 1 MiB, made in memory: as the Dafang in kind, and small
 * enough that a whole rescue of it takes milliseconds, so that hundreds can be made.
 */
#ifndef RECAM_TESTS_RESCUE_TINY_H
#define RECAM_TESTS_RESCUE_TINY_H

#include "board/board.h"

#define TINY_SIZE      0x100000u
#define TINY_KERNEL_AT 0x40000u
#define TINY_ROOT_AT   0x80000u
#define TINY_DRIVER_AT 0xa0000u
#define TINY_CONFIG_AT 0xc0000u
#define TINY_PARA_AT   0xd0000u
#define TINY_FLAG_AT   0xe0000u
#define TINY_JEDEC     0xef4014u /* W25Q80 */

extern uint8_t tiny_flash[TINY_SIZE]; /* whole and good */
extern struct boards tiny_boards;     /* "tiny" alone */
extern char *tiny_firmware;           /* a folder with its kernel, root and driver */

/* Group fixtures. */
int tiny_setup(void **state);
int tiny_teardown(void **state);

#endif
