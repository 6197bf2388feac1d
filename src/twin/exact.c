/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exact engine: runs the U-Boot that lies in the image, on a processor that
 * Unicorn emulates and the devices of soc.h.
 *
 * The SPL is skipped, since all it does is to set up clocks and DRAM and to copy
 * U-Boot; so a start prints no "U-Boot SPL" line. What the boot ROM and the SPL
 * would look at (magic and checksum of the SPL) is looked at here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/ingenic_boot.h"
#include "twin/soc.h"

/* U-Boot is linked at 0x80100000, in uncached terms this physical address. */
#define BODY_ADDRESS 0x00100000u
#define BODY_ENTRY   0x80100000u
#define BODY_SIZE    (INGENIC_BOOT_SIZE - INGENIC_BODY_OFFSET)

#define RAM_SIZE      RC_MIB(128) /* of the largest camera; smaller ones use the start of it */
#define DEVICES_START RAM_SIZE    /* everything behind it up to the boot ROM */
#define DEVICES_SIZE  (0x20000000u - DEVICES_START)

/* About one instruction a nanosecond: 860 MHz, and a simple pipeline. */
#define INSTRUCTION_NS 1u

/* U-Boot and what it was called from lie within this distance of each other. */
#define BOOTLOADER_SPAN RC_MIB(1)

/* The one that is used most comes first. */
static const struct device *const devices[] = { &sfc_device, &timer_device, &uart_device,
						&gpio_device, &msc_device };

void soc_stop(struct soc *soc, enum soc_stop why)
{
	if (why > soc->stop)
		soc->stop = why;
}

void soc_pass(struct soc *soc, uint64_t nanoseconds)
{
	uint64_t now = soc->camera->now += nanoseconds;

	if (soc->watchdog.fires_at && now >= soc->watchdog.fires_at)
		soc_stop(soc, SOC_RESET);
	else if (now >= soc->limits.deadline)
		soc_stop(soc, SOC_LIMIT);
}

static const struct device *find_device(uint32_t address)
{
	for (size_t i = 0; i < RC_COUNT(devices); i++)
		if (address - devices[i]->base < devices[i]->size)
			return devices[i];
	return NULL;
}

static uint64_t read_device(uc_engine *uc, uint64_t offset, unsigned size, void *context)
{
	struct soc *soc = context;
	uint32_t address = DEVICES_START + (uint32_t)offset;
	const struct device *device = find_device(address);

	if (device != &uart_device)
		soc->idle_polls = 0;
	if (device != &timer_device)
		soc->timer.in_a_row = 0;
	/* Clocks and the rest may read as 0. */
	return device ? device->read(soc, address - device->base) : 0;
}

static void write_device(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value,
			 void *context)
{
	struct soc *soc = context;
	uint32_t address = DEVICES_START + (uint32_t)offset;
	const struct device *device = find_device(address);

	soc->idle_polls = 0;
	soc->timer.in_a_row = 0;
	if (device)
		device->write(soc, address - device->base, (uint32_t)value);
}

/*
 * Here and nowhere else the emulation is stopped: nothing of the block has run yet,
 * so it can go on at its address. Stopped inside a device access, Unicorn 2.0 would
 * repeat the instruction.
 */
static void enter_block(uc_engine *uc, uint64_t address, uint32_t size, void *context)
{
	struct soc *soc = context;

	if (soc->bootloader_at &&
	    address - soc->bootloader_at + BOOTLOADER_SPAN > 2 * (uint64_t)BOOTLOADER_SPAN)
		soc_stop(soc, SOC_LINUX);
	if (soc->stop != SOC_GO_ON) {
		uc_emu_stop(uc);
		return;
	}
	soc_pass(soc, size / 4 * INSTRUCTION_NS);
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

const char *exact_objection(const struct nor *nor)
{
	/* start.S, the same in every build: bal over the GOT pointer; lw gp,0(ra). */
	static const uint8_t start[] = { 0x02, 0x00, 0x11, 0x04, 0, 0, 0, 0 };
	static const uint8_t load_gp[] = { 0x00, 0x00, 0xfc, 0x8f };
	const char *objection = boot_rom_objection(nor);

	if (objection)
		return objection;
	if (memcmp(nor->data + INGENIC_BODY_OFFSET, start, sizeof(start)) != 0 ||
	    memcmp(nor->data + INGENIC_BODY_OFFSET + 12, load_gp, sizeof(load_gp)) != 0)
		return "there is no U-Boot code behind the SPL, at 0x6800";
	return NULL;
}

static int fail_unicorn(uc_err status, struct rc_error *err)
{
	return rc_fail(err, RC_EUNSUPPORTED,
		       "the processor emulator (Unicorn) refuses to start: %s",
		       uc_strerror(status));
}

static uc_err build_machine(struct soc *soc)
{
	uint32_t entry = BODY_ENTRY, stack = 0x80800000;
	uc_hook hook;
	uc_err status;

	status = uc_open(UC_ARCH_MIPS, UC_MODE_MIPS32 | UC_MODE_LITTLE_ENDIAN, &soc->uc);
	if (status != UC_ERR_OK)
		return status;
	status = uc_mem_map(soc->uc, 0, RAM_SIZE, UC_PROT_ALL);
	if (status == UC_ERR_OK)
		status = uc_mmio_map(soc->uc, DEVICES_START, DEVICES_SIZE, read_device, soc,
				     write_device, soc);
	if (status == UC_ERR_OK)
		status = uc_mem_write(soc->uc, BODY_ADDRESS,
				      soc->camera->nor.data + INGENIC_BODY_OFFSET, BODY_SIZE);
	if (status == UC_ERR_OK)
		status = uc_hook_add(soc->uc, &hook, UC_HOOK_BLOCK, (void *)enter_block, soc, 1, 0);
	if (status == UC_ERR_OK)
		status = uc_reg_write(soc->uc, UC_MIPS_REG_SP, &stack);
	if (status == UC_ERR_OK)
		status = uc_reg_write(soc->uc, UC_MIPS_REG_PC, &entry);
	return status;
}

/* A new processor with RAM all 0: what a power cycle and the watchdog both come to. */
static int exact_start(void *engine, struct rc_error *err)
{
	struct soc *soc = engine;
	struct camera *camera = soc->camera;
	struct rc_buffer data = soc->sfc.data;
	const char *objection = exact_objection(&camera->nor);
	uc_err status;

	if (soc->uc)
		uc_close(soc->uc);
	*soc = (struct soc){ .camera = camera, .sfc.data = data };
	gpio_reset(soc);
	if (objection) {
		snprintf(camera->crash_text, sizeof(camera->crash_text),
			 "the camera does not start: %s", objection);
		return 0;
	}
	status = build_machine(soc);
	return status == UC_ERR_OK ? 0 : fail_unicorn(status, err);
}

static enum twin_state crash(struct soc *soc, uc_err status)
{
	uint32_t pc = 0;

	uc_reg_read(soc->uc, UC_MIPS_REG_PC, &pc);
	snprintf(soc->camera->crash_text, sizeof(soc->camera->crash_text),
		 "the bootloader stopped with an exception at %08" PRIx32 ": %s", pc,
		 uc_strerror(status));
	return TWIN_CRASHED;
}

static enum twin_state exact_run(void *engine, const struct run_limits *limits)
{
	struct soc *soc = engine;

	soc->limits = *limits;
	while (soc->uc) {
		uint32_t pc = 0;
		uc_err status;

		soc->stop = SOC_GO_ON;
		uc_reg_read(soc->uc, UC_MIPS_REG_PC, &pc);
		status = uc_emu_start(soc->uc, pc, UINT32_MAX, 0, 0);
		switch (soc->stop) {
		case SOC_GO_ON:
			/* Any exception after the jump is the kernel's. */
			return soc->bootloader_at ? TWIN_LINUX : crash(soc, status);
		case SOC_LIMIT:
			return TWIN_RUNNING;
		case SOC_WAITING:
			return TWIN_WAITING;
		case SOC_LINUX:
			return TWIN_LINUX;
		case SOC_POWER_OFF:
			return TWIN_POWER_OFF;
		case SOC_RESET:
			if (exact_start(soc, NULL) != 0)
				return crash(soc, UC_ERR_NOMEM);
			soc->limits = *limits;
			break;
		}
	}
	return TWIN_CRASHED; /* the text is there since exact_start */
}

static int exact_gpio_level(const void *engine, int gpio)
{
	return gpio_level(engine, gpio);
}

static void exact_close(void *engine)
{
	struct soc *soc = engine;

	if (soc->uc)
		uc_close(soc->uc);
	rc_buffer_free(&soc->sfc.data);
	free(soc);
}

const struct engine_ops exact_ops = {
	.start = exact_start,
	.run = exact_run,
	.gpio_level = exact_gpio_level,
	.close = exact_close,
};

int exact_open(struct camera *camera, void **engine, struct rc_error *err)
{
	struct soc *soc = calloc(1, sizeof(*soc));

	if (!soc)
		return rc_fail_memory(err, sizeof(*soc));
	soc->camera = camera;
	*engine = soc;
	return 0;
}
