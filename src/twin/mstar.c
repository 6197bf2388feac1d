/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A camera of the Mi 360 family. IPL and IPL_CUST are skipped, since all that they do is
 * to set up clocks and DRAM, to check U-Boot and to unpack it; what they check is checked
 * here.
 */
#include "twin/mstar.h"

#include <stdlib.h>
#include <string.h>

#include "format/format.h"
#include "format/mstar_boot.h"

#define UBOOT_AT       0x23e00000u /* where it is linked and entered */
#define UBOOT_ROOM     RC_MIB(1)
#define FIRST_VECTOR   0x20u
#define ARM_BRANCH_TOP 0xea

#define IPL_AT      0x00000u
#define IPL_AT_I3   0x04000u
#define IPL_CUST_AT 0x10000u
#define IPL_ROOM    0x0f000u

/* Memories of the chip that U-Boot touches besides DRAM: the boot ROM, where bootm looks for
 * a second header, and the SRAM. Nobody here asks what is in them. */
#define ROM_AT    0x00000000u
#define ROM_SIZE  RC_KIB(64)
#define SRAM_AT   0xa0000000u
#define SRAM_SIZE RC_KIB(128)

/* The one that is used most comes first. */
static const struct device *const devices[] = { &mstar_timer, &mstar_uart, &mstar_fsp,
						&mstar_sdio,  &mstar_bdma, &mstar_bridge,
						&mstar_pads,  &mstar_pm,   NULL };

void mstar_free(struct mstar *mstar)
{
	free(mstar);
}

uint32_t mstar_register_pair(struct soc *soc, uint32_t address)
{
	return *mstar_register(soc, address) | (uint32_t)*mstar_register(soc, address + 4) << 16;
}

static bool is_ram(uint32_t at, uint32_t size)
{
	return at < MSTAR_RAM_SIZE && size <= MSTAR_RAM_SIZE - at;
}

bool mstar_from_ram(struct soc *soc, uint32_t at, void *data, uint32_t size)
{
	return is_ram(at, size) && uc_mem_read(soc->uc, MSTAR_RAM + at, data, size) == UC_ERR_OK;
}

bool mstar_to_ram(struct soc *soc, uint32_t at, const void *data, uint32_t size)
{
	return is_ram(at, size) && uc_mem_write(soc->uc, MSTAR_RAM + at, data, size) == UC_ERR_OK;
}

/* The lower half of 4 bytes is the register; nothing is in the upper one. */
static uint64_t read_riu(uc_engine *uc, uint64_t offset, unsigned size, void *context)
{
	struct soc *soc = context;
	uint32_t address = RIU_BASE + (uint32_t)offset;
	const struct device *device = soc_find_device(devices, address);
	uint32_t value;

	soc_note_access(soc, device == &mstar_uart, device == &mstar_timer);
	if (address & 2)
		return 0;
	value = device ? device->read(soc, (address & ~3u) - device->base)
		       : *mstar_register(soc, address);
	return address & 1 ? value >> 8 : value;
}

static void write_riu(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *context)
{
	struct soc *soc = context;
	uint32_t address = RIU_BASE + (uint32_t)offset;
	const struct device *device = soc_find_device(devices, address);
	uint16_t *kept = mstar_register(soc, address);

	soc_note_access(soc, false, false);
	if (address & 2)
		return;
	if (address & 1)
		value = (*kept & 0x00ff) | (value & 0xff) << 8;
	else if (size == 1)
		value = (*kept & 0xff00) | (value & 0xff);
	*kept = (uint16_t)value;
	if (device)
		device->write(soc, (address & ~3u) - device->base, *kept);
}

static struct rc_span flash(const struct nor *nor)
{
	return (struct rc_span){ nor->data, nor->size };
}

static bool probe(const struct nor *nor)
{
	return format_mstar_boot.probe(flash(nor));
}

static bool starts(const struct nor *nor, uint32_t at, const char *magic)
{
	struct mstar_ipl ipl;

	return mstar_ipl_parse(rc_span_sub(flash(nor), at, IPL_ROOM), magic, &ipl, NULL) == 0;
}

/* Position-dependent code that begins as U-Boot's vectors do, linked where it is put. */
static bool is_program(const struct rc_buffer *program)
{
	return program->size > FIRST_VECTOR + 4 && program->size <= UBOOT_ROOM &&
	       program->data[3] == ARM_BRANCH_TOP &&
	       rc_le32(program->data + FIRST_VECTOR) - UBOOT_AT < program->size;
}

static const char *objection(const struct nor *nor)
{
	struct rc_buffer program = { 0 };
	const char *text = NULL;

	if (!starts(nor, IPL_AT, "IPL_") && !starts(nor, IPL_AT_I3, "IPL_"))
		text = "the IPL at 0, which the boot ROM starts, is damaged";
	else if (!starts(nor, IPL_CUST_AT, "IPLC"))
		text = "the IPL_CUST at 0x10000 is damaged, and IPL refuses it";
	else if (mstar_boot_unpack(flash(nor), &program, NULL) < 0)
		text = "the U-Boot behind IPL_CUST is damaged, and IPL_CUST refuses it";
	else if (!is_program(&program))
		text = "what IPL_CUST unpacks is no U-Boot for a SigmaStar infinity6";
	rc_buffer_free(&program);
	return text;
}

static uc_err put_program(struct soc *soc)
{
	struct rc_buffer program = { 0 };
	uc_err status = UC_ERR_NOMEM;

	if (mstar_boot_unpack(flash(&soc->camera->nor), &program, NULL) == 0)
		status = uc_mem_write(soc->uc, UBOOT_AT, program.data, program.size);
	rc_buffer_free(&program);
	return status;
}

static uc_err load(struct soc *soc)
{
	uc_err status;

	if (!soc->mstar)
		soc->mstar = malloc(sizeof(*soc->mstar));
	if (!soc->mstar)
		return UC_ERR_NOMEM;
	memset(soc->mstar, 0, sizeof(*soc->mstar));
	status = uc_mem_map(soc->uc, ROM_AT, ROM_SIZE, UC_PROT_READ);
	if (status == UC_ERR_OK)
		status = uc_mem_map(soc->uc, SRAM_AT, SRAM_SIZE, UC_PROT_ALL);
	if (status == UC_ERR_OK)
		status = uc_mmio_map(soc->uc, XIU_BASE, XIU_SIZE, mstar_xiu_read, soc, NULL, NULL);
	return status == UC_ERR_OK ? put_program(soc) : status;
}

/* --- Small devices --- */

#define TIMER_COUNT_LOW  0x50
#define TIMER_COUNT_HIGH 0x54
#define TIMER_MHZ        12u /* [U] in the facts */

static uint32_t timer_read(struct soc *soc, uint32_t offset)
{
	if (offset == TIMER_COUNT_LOW) {
		uint64_t count;

		soc_pass(soc, timer_read_cost(soc));
		count = soc->camera->now / 1000 * TIMER_MHZ +
			soc->camera->now % 1000 * TIMER_MHZ / 1000;
		soc->timer.high = (uint32_t)(count >> 16 & 0xffff);
		return (uint32_t)(count & 0xffff);
	}
	if (offset == TIMER_COUNT_HIGH)
		return soc->timer.high;
	return *mstar_register(soc, mstar_timer.base + offset);
}

static uint32_t uart_read(struct soc *soc, uint32_t offset)
{
	return uart_read_register(soc, offset / 8);
}

#define UART_FCR       2u
#define FCR_CLEAR_READ 0x02u

static void uart_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	/* What was typed before the bootloader set its UART up does not reach it. */
	if (offset / 8 == UART_FCR && value & FCR_CLEAR_READ)
		soc->camera->line.fifo_count = 0;
	uart_write_register(soc, offset / 8, value & 0xff);
}

/* Nobody waits for the bridge to have written its lines back. */
static uint32_t bridge_read(struct soc *soc, uint32_t offset)
{
	return 0xffff;
}

static void keep(struct soc *soc, uint32_t offset, uint32_t value)
{
}

#define PM_RESET       0xb8u
#define PM_RESET_MAGIC 0x79u
#define PM_CARD_DETECT 0x31cu /* pad CDZ: bit 0 input, bit 2 its level, low with a card in */
#define PAD_LEVEL_IN   0x04u

static uint32_t pm_read(struct soc *soc, uint32_t offset)
{
	uint32_t value = *mstar_register(soc, mstar_pm.base + offset);

	if (offset != PM_CARD_DETECT)
		return value;
	return soc->camera->card.data && !soc->camera->card.pulled ? value & ~PAD_LEVEL_IN
								   : value | PAD_LEVEL_IN;
}

static void pm_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	if (offset == PM_RESET && value == PM_RESET_MAGIC)
		soc_stop(soc, SOC_RESET);
}

/* A pad's register: bit 0 the level on it, 4 what it drives, 5 that it does not. */
#define PAD_LEVEL     0x01u
#define PAD_OUT       0x10u
#define PAD_INPUT     0x20u
#define PADS          64u
#define PAD_OF_GPIO_0 6u

static uint32_t pads_read(struct soc *soc, uint32_t offset)
{
	uint32_t value = *mstar_register(soc, mstar_pads.base + offset) & ~PAD_LEVEL;

	return value & PAD_INPUT || value & PAD_OUT ? value | PAD_LEVEL : value;
}

static int pad_level(const struct soc *soc, int gpio)
{
	const struct mstar *mstar = soc->mstar;
	uint32_t value;

	if (!mstar || gpio < 0 || (unsigned)gpio >= PADS - PAD_OF_GPIO_0)
		return -1;
	value = mstar->riu[(mstar_pads.base - RIU_BASE) / 4 + PAD_OF_GPIO_0 + (unsigned)gpio];
	return value & PAD_INPUT ? -1 : !!(value & PAD_OUT);
}

const struct device mstar_timer = { 0x1f006000, 0x100, timer_read, keep };
const struct device mstar_uart = { 0x1f221000, 0x100, uart_read, uart_write };
const struct device mstar_bridge = { 0x1f204440, 4, bridge_read, keep };
const struct device mstar_pm = { 0x1f001c00, 0x400, pm_read, pm_write };
const struct device mstar_pads = { 0x1f207800, 4 * PADS, pads_read, keep };

const struct soc_kind mstar_kind = {
	.arch = UC_ARCH_ARM,
	.mode = UC_MODE_ARM,
	.cpu_model = UC_CPU_ARM_CORTEX_A7,
	.pc = UC_ARM_REG_PC,
	.sp = UC_ARM_REG_SP,
	.flags = UC_ARM_REG_CPSR,
	.ram = MSTAR_RAM,
	.ram_size = MSTAR_RAM_SIZE,
	.entry = UBOOT_AT,
	.stack = UBOOT_AT,
	.devices = RIU_BASE,
	.devices_size = RIU_SIZE,
	.read = read_riu,
	.write = write_riu,
	.uart_divisor = 94,
	.probe = probe,
	.objection = objection,
	.load = load,
	.gpio_level = pad_level,
};
