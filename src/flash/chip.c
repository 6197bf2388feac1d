/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flash/chip.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/bytes.h"
#include "flash/layout.h"

#define ALL_ERASES (CHIP_ERASE_4K | CHIP_ERASE_32K | CHIP_ERASE_64K | CHIP_ERASE_ALL)

/*
 * Three ways in which chips of this class arrange status register 1.
 *
 * Winbond: SRP0 SEC TB BP2 BP1 BP0 WEL BUSY (W25Q128FV datasheet, as facts/
 * bootloaders-and-flash.md 7 has it). GigaDevice and its followers call bit 5
 * BP3 and bit 6 BP4, but they act as TB and SEC do, and with BP0..BP2 clear
 * nothing is protected, so they are described the same way, as flashrom does. CMP is
 * bit 6 of status register 2 in all of them.
 */
#define PROTECTION_WINBOND                                                                \
	{                                                                                 \
		.block_protect_mask = 0x1c, .top_bottom_mask = 0x20, .sector_mask = 0x40, \
		.write_disable_mask = 0x80, .complement_mask = 0x40                       \
	}
/* SRWD QE BP3 BP2 BP1 BP0 WEL WIP: Macronix, Eon (bit 6 is WPDIS or QE there) and
 * 207018; facts/mstar-mi360.md 5 sees a stock bootloader leave 0xBC in them. */
#define PROTECTION_BP0_TO_BP3                                          \
	{                                                              \
		.block_protect_mask = 0x3c, .write_disable_mask = 0x80 \
	}
/* GD25Q256: BP0..BP3, and TB at bit 6. */
#define PROTECTION_GD25Q256                                                                     \
	{                                                                                       \
		.block_protect_mask = 0x3c, .top_bottom_mask = 0x40, .write_disable_mask = 0x80 \
	}

/*
 * Ids, names and sizes: facts/bootloaders-and-flash.md 3.2 and 8,
 * facts/mstar-mi360.md 5. The protection bits of 1c7018, c22018, ef4018, c84018 and
 * 207018 are in the facts too; those of the other chips follow their makers'
 * datasheets and were not seen on a camera.
 */
static const struct chip chips[] = {
	{ 0x1c7017, 8u << 20, "Eon", "EN25QH64", ALL_ERASES, PROTECTION_BP0_TO_BP3,
	  "the T20 bootloaders erase it in sectors of 32 KiB" },
	{ 0x1c7018, 16u << 20, "Eon", "EN25QH128A", ALL_ERASES, PROTECTION_BP0_TO_BP3,
	  "most stock T20 bootloaders do not know it and take it for an FM25Q64 of 8 MiB" },
	{ 0x204018, 16u << 20, "XMC", "XM25QH128C", ALL_ERASES, PROTECTION_WINBOND,
	  "the open T20 bootloaders refuse its maker" },
	{ 0x207018, 16u << 20, "XTX", "XT25F128A", ALL_ERASES, PROTECTION_BP0_TO_BP3,
	  "XMC's XM25QH128A has the same id; the open T20 bootloaders refuse its maker" },
	{ 0x5e4018, 16u << 20, "Zbit", "ZB25VQ128", ALL_ERASES, PROTECTION_WINBOND,
	  "most T20 bootloaders refuse its maker; flashrom knows it only after 1.3" },
	{ 0x684018, 16u << 20, "Boya", "BY25Q128", ALL_ERASES, PROTECTION_WINBOND,
	  "no T20 bootloader at hand accepts its maker" },
	{ 0xc22017, 8u << 20, "Macronix", "MX25L64", ALL_ERASES, PROTECTION_BP0_TO_BP3, NULL },
	{ 0xc22018, 16u << 20, "Macronix", "MX25L128", ALL_ERASES, PROTECTION_BP0_TO_BP3, NULL },
	{ 0xc84017, 8u << 20, "GigaDevice", "GD25Q64C", ALL_ERASES, PROTECTION_WINBOND, NULL },
	{ 0xc84018, 16u << 20, "GigaDevice", "GD25Q128", ALL_ERASES, PROTECTION_WINBOND,
	  "sold as GD25Q127C and GD25Q128C; programmers fail with the wrong one of the two" },
	{ 0xc84019, 32u << 20, "GigaDevice", "GD25Q256", ALL_ERASES, PROTECTION_GD25Q256,
	  "needs 4-byte addresses above 16 MiB" },
	{ 0xef4017, 8u << 20, "Winbond", "W25Q64", ALL_ERASES, PROTECTION_WINBOND, NULL },
	{ 0xef4018, 16u << 20, "Winbond", "W25Q128", ALL_ERASES, PROTECTION_WINBOND, NULL },
	{ 0xef7017, 8u << 20, "Winbond", "W25Q64JV", ALL_ERASES, PROTECTION_WINBOND, NULL },
	{ 0xef7018, 16u << 20, "Winbond", "W25Q128JV", ALL_ERASES, PROTECTION_WINBOND,
	  "the T20 bootloaders at hand do not know it and take it for 8 MiB" },
	{ 0xf83217, 8u << 20, "Fidelix", "FM25Q64", ALL_ERASES, PROTECTION_WINBOND,
	  "also the name that T20 bootloaders give to every chip that they do not know" },
};

const struct chip *chip_table(size_t *count)
{
	*count = RC_COUNT(chips);
	return chips;
}

const struct chip *chip_find(uint32_t jedec)
{
	for (size_t i = 0; i < RC_COUNT(chips); i++)
		if (chips[i].jedec == jedec)
			return &chips[i];
	return NULL;
}

uint32_t chip_size_from_id(uint32_t jedec)
{
	unsigned capacity = jedec & 0xff;

	if (capacity < 16 || capacity > 31 || 1u << capacity > RC_MAX_FLASH)
		return 0;
	return 1u << capacity;
}

/* Bytes that the block protect bits cover, at one end of the chip. As in the datasheets
 * of W25Q128 and GD25Q128 (three bits: 1/64 of the chip doubling up to all of it; with the
 * SEC bit 4 KiB doubling up to 32 KiB) and of MX25L128 (four bits: 64 KiB doubling).
 * Simplified: the slightly different ends of the EN25QH ranges are not modelled. */
static uint32_t covered_size(const struct chip_protection *bits, uint32_t chip_size, uint8_t status)
{
	unsigned mask = bits->block_protect_mask;
	unsigned value;
	uint32_t size;

	if (mask == 0)
		return 0;
	while (!(mask & 1))
		mask >>= 1;
	value = (status & bits->block_protect_mask) / (bits->block_protect_mask / mask);
	if (value == 0)
		return 0;
	if (value == mask)
		return chip_size;
	if (bits->sector_mask && (status & bits->sector_mask)) {
		size = (uint32_t)RC_KIB(4) << (value - 1);
		return size < RC_KIB(32) ? size : (uint32_t)RC_KIB(32);
	}
	if (mask > 7) {
		size = RC_ERASE_BLOCK << (value - 1);
		return size < chip_size ? size : chip_size;
	}
	return chip_size >> (mask - value);
}

void chip_protected_range(const struct chip *chip, uint32_t chip_size, const uint8_t status[2],
			  uint32_t *start, uint32_t *length)
{
	const struct chip_protection *bits = &chip->protection;
	uint32_t covered = covered_size(bits, chip_size, status[0]);
	bool bottom = bits->top_bottom_mask && (status[0] & bits->top_bottom_mask);

	*start = bottom ? 0 : chip_size - covered;
	*length = covered;
	if (!(status[1] & bits->complement_mask))
		return;
	*start = bottom ? covered : 0;
	*length = chip_size - covered;
}

char *chip_range_text(char text[CHIP_RANGE_TEXT], uint32_t start, uint32_t length,
		      uint32_t chip_size)
{
	uint32_t last = start + length - 1;
	const char *end = start == 0 ? "lower" : "upper";
	bool at_end = start == 0 || (uint64_t)start + length == chip_size;
	char part[24] = "";

	text[0] = '\0';
	if (length == 0)
		return text;
	if (length >= chip_size)
		snprintf(part, sizeof(part), "all of it");
	else if (at_end && length == chip_size / 2)
		snprintf(part, sizeof(part), "the %s half", end);
	else if (at_end && chip_size % length == 0)
		snprintf(part, sizeof(part), "the %s 1/%" PRIu32, end, chip_size / length);
	snprintf(text, CHIP_RANGE_TEXT, "%s%s0x%" PRIX32 " to 0x%" PRIX32 "%s", part,
		 part[0] ? ", " : "", start, last, part[0] ? "," : "");
	return text;
}
