/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of SPI NOR chips in the U-Boot of Ingenic T10 and T20 cameras (drivers/spi/
 * jz_sfc_nor.c there), found in the bytes of a boot partition.
 *
 * An id that is not in it is taken for its last entry, which on nearly all builds is an
 * FM25Q64 of 8 MiB (facts/bootloaders-and-flash.md 0.1, 3.2). U-Boot copies the entry at
 * each probe from its relocated .data, so that the size there is what it goes by (3.5 c).
 */
#ifndef RECAM_FORMAT_CHIP_TABLE_H
#define RECAM_FORMAT_CHIP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

#define UBOOT_LINK_ADDRESS 0x80100000u
/* U-Boot puts itself below this (SDRAM_MAX_TOP), at a multiple of this, wherever RAM ends
 * (facts 1.2; arch/mips/lib/board.c). */
#define UBOOT_RAM_TOP     0x84000000u
#define UBOOT_RELOC_ALIGN 0x4000u

#define CHIP_TABLE_MAX 32

struct chip_table {
	uint32_t address; /* of the first entry, as linked */
	uint32_t stride;
	size_t count;
	uint32_t ids[CHIP_TABLE_MAX];
	uint32_t sizes[CHIP_TABLE_MAX];
	char fallback_name[32]; /* of the last entry */
	/* Addresses, as linked, of the last entry's id and size. */
	uint32_t id_word, size_word;
	/* Where U-Boot runs, as far as its own start code says it; 0: not to be told. */
	uint32_t relocation;
};

/* boot: a boot partition, or a whole flash. RC_ENOTFOUND where it holds no such table,
 * RC_EFORMAT where more than one thing in it may be the table. */
int chip_table_find(struct rc_span boot, struct chip_table *table, struct rc_error *err);

/* The size that this bootloader takes a chip for. */
uint32_t chip_table_size_of(const struct chip_table *table, uint32_t jedec);

/* Address at run time of what was linked at address. */
static inline uint32_t chip_table_relocate(uint32_t address, uint32_t relocation)
{
	return address - UBOOT_LINK_ADDRESS + relocation;
}

#endif
