/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Ingenic T20 and T10.
 *
 * The SPL is skipped, since all it does is to set up clocks and DRAM and to copy
 * U-Boot; so a start prints no "U-Boot SPL" line. What the boot ROM and the SPL
 * would look at (magic and checksum of the SPL) is looked at here.
 */
#include <string.h>

#include "format/ingenic_boot.h"
#include "twin/soc.h"

/* U-Boot is linked at 0x80100000, in uncached terms this physical address. */
#define BODY_ADDRESS 0x00100000u
#define BODY_SIZE    (INGENIC_BOOT_SIZE - INGENIC_BODY_OFFSET)

#define RAM_SIZE      RC_MIB(128) /* of the largest camera; smaller ones use the start of it */
#define DEVICES_START RAM_SIZE    /* everything behind it up to the boot ROM */
#define DEVICES_SIZE  (0x20000000u - DEVICES_START)

/* The one that is used most comes first. */
static const struct device *const devices[] = { &sfc_device,  &timer_device, &uart_device,
						&gpio_device, &msc_device,   NULL };

static uint64_t read_device(uc_engine *uc, uint64_t offset, unsigned size, void *context)
{
	struct soc *soc = context;
	uint32_t address = DEVICES_START + (uint32_t)offset;
	const struct device *device = soc_find_device(devices, address);

	soc_note_access(soc, device == &uart_device, device == &timer_device);
	/* Clocks and the rest may read as 0. */
	return device ? device->read(soc, address - device->base) : 0;
}

static void write_device(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value,
			 void *context)
{
	struct soc *soc = context;
	uint32_t address = DEVICES_START + (uint32_t)offset;
	const struct device *device = soc_find_device(devices, address);

	soc_note_access(soc, false, false);
	if (device)
		device->write(soc, address - device->base, (uint32_t)value);
}

const char *boot_rom_objection(const struct nor *nor)
{
	struct rc_span flash = { nor->data, nor->size };
	struct ingenic_boot boot;

	if (nor->size < INGENIC_BOOT_SIZE || ingenic_boot_parse(flash, &boot, NULL) != 0)
		return "there is no Ingenic boot image at 0, where the boot ROM looks for one";
	if (boot.spl_crc != boot.spl_crc_computed)
		return "the checksum of the SPL at 0 is wrong, and the boot ROM refuses it";
	return NULL;
}

static const char *objection(const struct nor *nor)
{
	/* start.S, the same in every build: bal over the GOT pointer; lw gp,0(ra). */
	static const uint8_t start[] = { 0x02, 0x00, 0x11, 0x04, 0, 0, 0, 0 };
	static const uint8_t load_gp[] = { 0x00, 0x00, 0xfc, 0x8f };
	const char *refusal = boot_rom_objection(nor);

	if (refusal)
		return refusal;
	if (memcmp(nor->data + INGENIC_BODY_OFFSET, start, sizeof(start)) != 0 ||
	    memcmp(nor->data + INGENIC_BODY_OFFSET + 12, load_gp, sizeof(load_gp)) != 0)
		return "there is no U-Boot code behind the SPL, at 0x6800";
	return NULL;
}

/* Whatever is not another kind's: a T20 with a flash that it does not start from. */
static bool probe(const struct nor *nor)
{
	return true;
}

static uc_err load(struct soc *soc)
{
	gpio_reset(soc);
	return uc_mem_write(soc->uc, BODY_ADDRESS, soc->camera->nor.data + INGENIC_BODY_OFFSET,
			    BODY_SIZE);
}

const struct soc_kind t20_kind = {
	.arch = UC_ARCH_MIPS,
	.mode = UC_MODE_MIPS32 | UC_MODE_LITTLE_ENDIAN,
	.cpu_model = -1,
	.pc = UC_MIPS_REG_PC,
	.sp = UC_MIPS_REG_SP,
	.flags = -1,
	.ram = 0,
	.ram_size = RAM_SIZE,
	.entry = 0x80100000,
	.stack = 0x80800000,
	.devices = DEVICES_START,
	.devices_size = DEVICES_SIZE,
	.read = read_device,
	.write = write_device,
	.uart_divisor = 13,
	.probe = probe,
	.objection = objection,
	.load = load,
	.gpio_level = gpio_level,
};
