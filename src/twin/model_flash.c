/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flash: jz_sfc_nor.c (the driver, in Ingenic's U-Boot) and cmd_sf.c. */
#include <stdio.h>
#include <string.h>

#include "twin/model.h"

static void check_power(struct model *model)
{
	if (model->camera->nor.power_lost)
		model_leave(model, TWIN_POWER_OFF);
}

/* --- The driver. --- */

static bool knows_maker(const struct dialect *dialect, uint8_t maker)
{
	for (size_t i = 0; i < dialect->maker_count; i++)
		if (dialect->makers[i] == maker)
			return true;
	return false;
}

/* An id that is not in the table is announced and taken for the table's last chip. */
static const struct model_chip *look_up(struct model *model, uint32_t jedec)
{
	const struct dialect *dialect = model->dialect;

	for (size_t i = 0; i < dialect->chip_count; i++)
		if (dialect->chips[i].jedec == jedec)
			return &dialect->chips[i];
	model_printf(model, "the id code = %x\n", jedec);
	model_puts(model, "unsupport ID is if the id not be 0x00,the flash is ok for burner\n");
	return &dialect->chips[dialect->chip_count - 1];
}

const struct model_chip *model_flash_probe(struct model *model)
{
	uint32_t jedec = model->camera->nor.jedec;
	const struct model_chip *chip;

	if (!knows_maker(model->dialect, (uint8_t)(jedec >> 16))) {
		model_printf(model, "SF: Unsupported manufacturer %02x\n", jedec >> 16);
		return NULL;
	}
	chip = look_up(model, jedec);
	model_printf(model, "the manufacturer %02x\n", jedec >> 16);
	model_printf(model, "SF: Detected %s\n\n", chip->name);
	if (chip->size > RC_MIB(16))
		model_puts(model, "SF: Warning - Only lower 16MiB accessible, Full access "
				  "#define CONFIG_SPI_FLASH_BAR\n");
	return chip;
}

void model_flash_read(struct model *model, uint32_t offset, uint32_t size, uint32_t address)
{
	struct nor *nor = &model->camera->nor;

	while (size) {
		uint32_t part = size < sizeof(model->block) ? size : (uint32_t)sizeof(model->block);

		nor_read(nor, offset, model->block, part);
		model_ram_write(model, address, model->block, part);
		model_pass(model, part * (uint64_t)CAMERA_FLASH_BYTE_NS);
		offset += part;
		address += part;
		size -= part;
	}
}

static void erase_block(struct model *model, uint8_t opcode, uint32_t offset)
{
	struct nor *nor = &model->camera->nor;

	nor_write_enable(nor, true);
	if (nor_erase(nor, opcode, offset))
		model_pass(model, nor_erase_micros(opcode) * UINT64_C(1000));
	check_power(model);
}

static uint8_t erase_opcode(uint32_t step)
{
	switch (step) {
	case 0x1000:
		return 0x20;
	case 0x8000:
		return 0x52;
	default:
		return 0xd8;
	}
}

/* The loop that facts 0.4 warns of: a length that is no multiple of the step runs
 * below 0, and on through the whole chip until the 32 bits are used up. The end of it,
 * less than one step, is erased in sectors of 4 KiB. */
static void erase_range(struct model *model, const struct model_chip *flash, uint32_t offset,
			uint32_t size)
{
	uint32_t step = size < 0x8000 ? 0x1000 : flash->sector;

	while (size) {
		erase_block(model, erase_opcode(step), offset & 0xffffff);
		offset += step;
		size -= step;
		if (step != 0x1000 && size < step)
			step = 0x1000;
	}
}

int model_flash_erase(struct model *model, const struct model_chip *flash, uint32_t offset,
		      uint32_t size)
{
	uint32_t mask = model->dialect->erase_mask;

	/* The size of a sector is printed, not the alignment that is asked for. */
	if (offset & mask)
		model_printf(model, "addr align as %x !\n", flash->sector);
	else if (size & mask)
		model_printf(model, "len align as %x !\n", flash->sector);
	else if (offset + size > flash->size)
		model_puts(model, "len plus offset more than flash size!\n");
	else if (size == flash->size) {
		erase_block(model, 0x60, 0);
		return 0;
	} else {
		erase_range(model, flash, offset, size);
		return 0;
	}
	model_puts(model, "sfc erase error\n");
	return -1;
}

int model_flash_write(struct model *model, const struct model_chip *flash, uint32_t offset,
		      uint32_t size, uint32_t address)
{
	struct nor *nor = &model->camera->nor;

	if (offset + size > flash->size) {
		model_puts(model, "Data write overflow this chip\nsfc write error\n");
		return -1;
	}
	while (size) {
		uint8_t page[NOR_PAGE];
		uint32_t part = NOR_PAGE - offset % NOR_PAGE;

		if (part > size)
			part = size;
		model_ram_read(model, address, page, part);
		nor_write_enable(nor, true);
		if (nor_program(nor, offset, page, part))
			model_pass(model, NOR_PROGRAM_MICROS * UINT64_C(1000) +
						  part * (uint64_t)CAMERA_FLASH_BYTE_NS);
		check_power(model);
		offset += part;
		address += part;
		size -= part;
	}
	return 0;
}

/* --- The command. --- */

static int do_probe(struct model *model, int argc, char *const argv[])
{
	uint32_t bus = 0, select = 0;
	const struct model_chip *flash;
	const char *end;

	if (argc >= 2) {
		select = model_number(argv[1], &end, 0);
		if (*end == ':' && end[1]) {
			bus = select;
			select = model_number(end + 1, &end, 0);
		}
		if (!argv[1][0] || *end)
			return CMD_USAGE;
	}
	for (int i = 2; i < argc && i < 4; i++) {
		model_number(argv[i], &end, i == 2 ? 0 : 16);
		if (*end)
			return CMD_USAGE;
	}
	flash = model_flash_probe(model);
	if (!flash) {
		model_printf(model, "Failed to initialize SPI flash at %u:%u\n", bus, select);
		return CMD_FAILURE;
	}
	model->flash = flash;
	return CMD_SUCCESS;
}

static bool past_end(struct model *model, const char *verb, uint32_t offset, uint32_t size)
{
	/* In 32 bits, as U-Boot adds them. */
	if (offset + size <= model->flash->size)
		return false;
	model_printf(model, "ERROR: attempting %s past flash size (%#x)\n", verb,
		     model->flash->size);
	return true;
}

/* bytes_per_second */
static uint32_t rate(const struct model *model, uint32_t bytes, uint32_t since)
{
	uint32_t ms = model_ms(model) - since;

	if (bytes >= UINT32_MAX / 1024)
		return bytes / (ms / 1024 ? ms / 1024 : 1);
	return 1024 * bytes / (ms ? ms : 1);
}

/* spi_flash_update_block: NULL, or the step that failed. */
static const char *update_block(struct model *model, uint32_t offset, uint32_t size,
				uint32_t address, uint32_t *skipped)
{
	struct nor *nor = &model->camera->nor;

	nor_read(nor, offset, model->block, size);
	model_pass(model, size * (uint64_t)CAMERA_FLASH_BYTE_NS);
	model_ram_read(model, address, model->wanted, size);
	if (memcmp(model->wanted, model->block, size) == 0) {
		*skipped += size;
		return NULL;
	}
	if (model_flash_erase(model, model->flash, offset, size) != 0)
		return "erase";
	if (model_flash_write(model, model->flash, offset, size, address) != 0)
		return "write";
	return NULL;
}

/* spi_flash_update */
static int update(struct model *model, uint32_t offset, uint32_t size, uint32_t address)
{
	uint32_t start = model_ms(model), last = start, skipped = 0, done = 0, ms, part;
	uint32_t scale = size >= 200 ? size / 100 : 1;
	const char *failed = NULL;

	for (; done < size && !failed; done += part) {
		part = size - done < model->flash->sector ? size - done : model->flash->sector;
		if (model_ms(model) - last > 100) {
			model_printf(model, "   \rUpdating, %u%% %u B/s",
				     100 - (size - done) / scale, rate(model, done, start));
			last = model_ms(model);
		}
		failed = update_block(model, offset + done, part, address + done, &skipped);
	}
	model_putc(model, '\r');
	if (failed) {
		model_printf(model, "SPI flash failed in %s step\n", failed);
		return CMD_FAILURE;
	}
	ms = model_ms(model) - start;
	model_printf(model, "%u bytes written, %u bytes skipped", size - skipped, skipped);
	model_printf(model, " in %u.%us, speed %u B/s\n", ms / 1000, ms % 1000,
		     rate(model, size, start));
	return CMD_SUCCESS;
}

/* read, write and update: ADDRESS OFFSET LENGTH */
static int do_transfer(struct model *model, int argc, char *const argv[])
{
	uint32_t address, offset, size;
	bool read = strcmp(argv[0], "read") == 0;
	int result = 0;

	if (argc < 4 || !model_hex(argv[1], &address) || !model_hex(argv[2], &offset) ||
	    !model_hex(argv[3], &size))
		return CMD_USAGE;
	if (past_end(model, argv[0], offset, size))
		return CMD_FAILURE;
	if (strcmp(argv[0], "update") == 0)
		return update(model, offset, size, address);
	if (read)
		model_flash_read(model, offset, size, address);
	else
		result = model_flash_write(model, model->flash, offset, size, address);
	model_printf(model, "SF: %u bytes @ 0x%x %s: %s\n", size, offset, read ? "Read" : "Written",
		     result ? "ERROR" : "OK");
	return result ? CMD_FAILURE : CMD_SUCCESS;
}

static int do_erase(struct model *model, int argc, char *const argv[])
{
	uint32_t offset, size;
	bool round = argc > 2 && argv[2][0] == '+';
	int result;

	if (argc < 3 || !model_hex(argv[1], &offset) || !model_hex(argv[2] + round, &size))
		return CMD_USAGE;
	if (round)
		size = (size + model->flash->sector - 1) & ~(model->flash->sector - 1);
	if (past_end(model, argv[0], offset, size))
		return CMD_FAILURE;
	result = model_flash_erase(model, model->flash, offset, size);
	model_printf(model, "SF: %u bytes @ 0x%x Erased: %s\n", size, offset,
		     result ? "ERROR" : "OK");
	return result ? CMD_FAILURE : CMD_SUCCESS;
}

struct verb {
	const char *name;
	int (*run)(struct model *model, int argc, char *const argv[]);
};

static const struct verb verbs[] = {
	{ "probe", do_probe },     { "read", do_transfer }, { "write", do_transfer },
	{ "update", do_transfer }, { "erase", do_erase },
};

int model_do_sf(struct model *model, bool repeat, int argc, char *const argv[])
{
	uint32_t start = model_ms(model);
	int result = CMD_USAGE;

	if (argc < 2)
		return CMD_USAGE;
	if (strcmp(argv[1], "probe") != 0 && !model->flash) {
		model_puts(model, "No SPI flash selected. Please run `sf probe'\n");
		return CMD_FAILURE;
	}
	for (size_t i = 0; i < RC_COUNT(verbs); i++)
		if (strcmp(verbs[i].name, argv[1]) == 0)
			result = verbs[i].run(model, argc - 1, argv + 1);
	model_printf(model, "--->%s spend %u ms\n", argv[1], model_ms(model) - start);
	return result;
}
