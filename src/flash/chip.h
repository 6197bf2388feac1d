/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPI NOR chips: what a JEDEC id stands for. Pure data. */
#ifndef RECAM_FLASH_CHIP_H
#define RECAM_FLASH_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Block protection in status register 1, as datasheets of this class have it. */
struct chip_protection {
	uint8_t block_protect_mask; /* BP bits; any of them set protects something */
	uint8_t top_bottom_mask;    /* TB bit, 0 where the chip has none */
	uint8_t sector_mask;        /* SEC bit, 0 where the chip has none */
	uint8_t write_disable_mask; /* SRP0 / SRWD: locks the register while WP# is low */
	uint8_t complement_mask;    /* CMP bit in status register 2: protects all but the range */
};

enum chip_erase {
	CHIP_ERASE_4K = 1 << 0,  /* 0x20 */
	CHIP_ERASE_32K = 1 << 1, /* 0x52 */
	CHIP_ERASE_64K = 1 << 2, /* 0xD8 */
	CHIP_ERASE_ALL = 1 << 3, /* 0x60, 0xC7 */
};

struct chip {
	uint32_t jedec; /* manufacturer << 16 | type << 8 | capacity */
	uint32_t size;  /* bytes */
	const char *vendor;
	const char *name;
	unsigned erases; /* enum chip_erase */
	struct chip_protection protection;
	const char *note; /* what owners of these cameras met with it, or NULL */
};

/* All chips known; *count is set. */
const struct chip *chip_table(size_t *count);

/* The chip with this id, or NULL. */
const struct chip *chip_find(uint32_t jedec);

/* Size that the id's capacity byte stands for (1 << byte), or 0 where it is no
 * plausible NOR size (64 KiB to RC_MAX_FLASH). Right for every chip in the table. */
uint32_t chip_size_from_id(uint32_t jedec);

/* What these status registers (SR1, SR2) protect in a chip of this kind and size; length
 * 0: nothing. */
void chip_protected_range(const struct chip *chip, uint32_t chip_size, const uint8_t status[2],
			  uint32_t *start, uint32_t *length);

/* A range in words that go before "is protected": "the upper half, 0x800000 to 0xFFFFFF,".
 * "" where length is 0. Returns text. */
#define CHIP_RANGE_TEXT 64
char *chip_range_text(char text[CHIP_RANGE_TEXT], uint32_t start, uint32_t length,
		      uint32_t chip_size);

#endif
