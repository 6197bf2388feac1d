/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything about one bootloader build that the model cannot read out of an image.
 * Another build is another struct dialect.
 *
 * Facts: bootloaders-and-flash.md 1.4 (GPIOs), 3.2 (chips), 3.4 (makers), 0.5 (erase
 * mask), and the transcripts of the exact engine.
 */
#include "twin/model.h"

static const struct model_chip chips_2017[] = {
	{ 0xc22018, "MX25L128**E", 0x1000000, 0x10000 },
	{ 0xc22017, "MX25L64**E", 0x800000, 0x10000 },
	{ 0xc84017, "GD25Q64C", 0x800000, 0x10000 },
	{ 0xc84018, "GD25Q128", 0x1000000, 0x10000 },
	{ 0xc84019, "GD25Q256", 0x2000000, 0x10000 },
	{ 0xef4017, "W25Q64", 0x800000, 0x10000 },
	{ 0xef4018, "W25Q128", 0x1000000, 0x10000 },
	{ 0x207018, "XT25F128A", 0x1000000, 0x10000 },
	{ 0x1c7017, "EN25QH64", 0x800000, 0x8000 },
	{ 0xf83217, "FM25Q64", 0x800000, 0x10000 },
};

static const uint8_t makers_2017[] = { 0xc2, 0xef, 0x1c, 0xf8, 0x20, 0xc8 };

static const struct model_gpio gpios_2017[] = {
	{ "yellow_gpio", 38, 0, true },   { "blue_gpio", 39, 1, true },
	{ "night_gpio", 81, 0, false },   { "night_gpio", 25, 0, false },
	{ "night_gpio", 49, 0, false },   { "USB_able_gpio", 47, 1, false },
	{ "TF_able_gpio", 43, 1, false }, { "SPK_able_gpio", 63, 0, false },
	{ "SD_able_gpio", 48, 0, false },
};

/* Dafang 5.5.1.177 and .200. */
const struct dialect dialect_stock_2017 = {
	.version = "2013.07 (Jul 28 2017 - 17:10:01)",
	.board = "ISVP (Ingenic XBurst T20 SoC)",
	.prompt = "isvp_t20# ",
	.toolchain = "mips-linux-gnu-gcc (Ingenic r2.3.3 2016.12) 4.7.2\n"
		     "GNU ld (Ingenic r2.3.3 2016.12) 2.24.51.20140512\n",
	.memory_map = "Top of RAM usable for U-Boot at: 84000000\n"
		      "Reserving 399k for U-Boot at: 83f9c000\n"
		      "Reserving 32784k for malloc() at: 81f98000\n"
		      "Reserving 32 Bytes for Board Info at: 81f97fe0\n"
		      "Reserving 124 Bytes for Global Data at: 81f97f64\n"
		      "Reserving 128k for boot params() at: 81f77f64\n"
		      "Stack Pointer at: 81f77f48\n"
		      "Now running in RAM - U-Boot at: 83f9c000\n",
	.chips = chips_2017,
	.chip_count = RC_COUNT(chips_2017),
	.makers = makers_2017,
	.maker_count = RC_COUNT(makers_2017),
	.gpios = gpios_2017,
	.gpio_count = RC_COUNT(gpios_2017),
	.erase_mask = 0x7fff,
	.load_address = 0x82000000,
};
