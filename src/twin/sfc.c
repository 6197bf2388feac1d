/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SPI flash controller, in the one-phase transfers that U-Boot uses, and the
 * commands of the chip behind it. */
#include <string.h>

#include "flash/layout.h"
#include "twin/soc.h"

#define SFC_GLB       0x0000
#define SFC_TRAN_CONF 0x0014
#define SFC_TRAN_LEN  0x002c
#define SFC_DEV_ADDR  0x0030
#define SFC_TRIG      0x0064
#define SFC_SR        0x0068
#define SFC_SCR       0x006c
#define SFC_DATA      0x1000

#define TRIG_START 0x01

#define SR_RECEIVE_REQUEST  0x04
#define SR_TRANSMIT_REQUEST 0x08
#define SR_END              0x10

#define CONF_COMMAND(conf)       ((uint8_t)(conf))
#define CONF_DATA_ENABLE         (1u << 16)
#define CONF_ADDRESS_BYTES(conf) ((conf) >> 26 & 7)

#define FIFO_BYTES (63u * 4)

#define COMMAND_NS 1000u

enum kind { READ, READ_ID, READ_STATUS, WRITE_STATUS, PROGRAM, ERASE, LATCH, OTHER };

struct sfc_command {
	uint8_t opcode;
	enum kind kind;
	unsigned argument;
};

static const struct sfc_command commands[] = {
	{ 0x03, READ },
	{ 0x0b, READ },
	{ 0x3b, READ },
	{ 0x6b, READ },
	{ 0xbb, READ },
	{ 0xeb, READ },
	{ 0x13, READ },
	{ 0x0c, READ },
	{ 0x3c, READ },
	{ 0x6c, READ },
	{ 0xec, READ },
	{ 0x9f, READ_ID },
	{ 0x05, READ_STATUS, 0 },
	{ 0x35, READ_STATUS, 1 },
	{ 0x15, READ_STATUS, 2 },
	{ 0x01, WRITE_STATUS, 0 },
	{ 0x31, WRITE_STATUS, 1 },
	{ 0x11, WRITE_STATUS, 2 },
	{ 0x02, PROGRAM },
	{ 0x32, PROGRAM },
	{ 0x12, PROGRAM },
	{ 0x34, PROGRAM },
	{ 0x20, ERASE },
	{ 0x52, ERASE },
	{ 0xd8, ERASE },
	{ 0x60, ERASE },
	{ 0xc7, ERASE },
	{ 0x06, LATCH, true },
	{ 0x04, LATCH, false },
	/* 4-byte mode: here the width of an address comes with each transfer. */
	{ 0xb7, OTHER },
	{ 0xe9, OTHER },
	/* Reset enable, reset: the latch falls with the next write anyway. */
	{ 0x66, OTHER },
	{ 0x99, OTHER },
};

/* A chip ignores what it does not know. */
static const struct sfc_command unknown = { 0, OTHER };

static const struct sfc_command *find_command(uint8_t opcode)
{
	for (size_t i = 0; i < RC_COUNT(commands); i++)
		if (commands[i].opcode == opcode)
			return &commands[i];
	return &unknown;
}

static uint32_t chip_address(const struct sfc *sfc)
{
	return CONF_ADDRESS_BYTES(sfc->config) > 3 ? sfc->address : sfc->address & 0xffffff;
}

/* Makes room for size bytes to the guest. The length register is the guest's: no
 * chip has more than RC_MAX_FLASH to tell. */
static uint8_t *answer(struct sfc *sfc, size_t size)
{
	static const uint8_t zeros[4096];

	sfc->data.size = 0;
	sfc->taken = 0;
	if (size > RC_MAX_FLASH)
		size = RC_MAX_FLASH;
	while (sfc->data.size < size && !sfc->data.failed)
		rc_buffer_append(&sfc->data, zeros,
				 size - sfc->data.size < sizeof(zeros) ? size - sfc->data.size
								       : sizeof(zeros));
	sfc->has_data = true;
	return sfc->data.data;
}

static void answer_bytes(struct sfc *sfc, const uint8_t *bytes, size_t size)
{
	uint8_t *data = answer(sfc, sfc->length);

	if (sfc->data.size)
		memcpy(data, bytes, size < sfc->data.size ? size : sfc->data.size);
}

/* The rest fits the FIFO: the transfer is over, as far as the chip is concerned. */
static void note_end(struct sfc *sfc)
{
	if (sfc->data.size - sfc->taken <= FIFO_BYTES)
		sfc->end = true;
	if (sfc->taken >= sfc->data.size)
		sfc->has_data = false;
}

static void read_chip(struct soc *soc)
{
	struct sfc *sfc = &soc->sfc;
	uint8_t *data = answer(sfc, sfc->length);

	if (sfc->data.size)
		nor_read(&soc->camera->nor, chip_address(sfc), data, sfc->data.size);
	soc_pass(soc, (uint64_t)sfc->data.size * CAMERA_FLASH_BYTE_NS);
}

static void read_status(struct soc *soc, unsigned index)
{
	uint8_t bytes[NOR_PAGE];

	memset(bytes, soc->camera->nor.status[index], sizeof(bytes));
	answer_bytes(&soc->sfc, bytes, sizeof(bytes));
}

static void erase_chip(struct soc *soc, uint8_t opcode)
{
	if (nor_erase(&soc->camera->nor, opcode, chip_address(&soc->sfc)))
		soc_pass(soc, nor_erase_micros(opcode) * UINT64_C(1000));
	if (soc->camera->nor.power_lost)
		soc_stop(soc, SOC_POWER_OFF);
}

static void start_command(struct soc *soc)
{
	struct sfc *sfc = &soc->sfc;
	struct nor *nor = &soc->camera->nor;
	const struct sfc_command *command = find_command(CONF_COMMAND(sfc->config));
	bool has_data = sfc->config & CONF_DATA_ENABLE;
	const uint8_t id[3] = { (uint8_t)(nor->jedec >> 16), (uint8_t)(nor->jedec >> 8),
				(uint8_t)nor->jedec };

	soc_pass(soc, COMMAND_NS);
	sfc->data.size = sfc->taken = sfc->written = 0;
	sfc->end = sfc->want_data = sfc->has_data = false;
	sfc->command = command;
	switch (command->kind) {
	case READ:
		read_chip(soc);
		break;
	case READ_ID:
		answer_bytes(sfc, id, sizeof(id));
		break;
	case READ_STATUS:
		read_status(soc, command->argument);
		break;
	case WRITE_STATUS:
	case PROGRAM:
		sfc->want_data = true;
		return;
	case ERASE:
		erase_chip(soc, command->opcode);
		break;
	case LATCH:
		nor_write_enable(nor, command->argument);
		break;
	case OTHER:
		answer(sfc, has_data ? sfc->length : 0);
		break;
	}
	note_end(sfc);
}

/* Command 01 with more than one byte goes on into the next registers. */
static void finish_status_write(struct soc *soc, unsigned first)
{
	struct nor *nor = &soc->camera->nor;
	bool enabled = nor->status[0] & 2;

	for (unsigned i = 0; i < soc->sfc.written && first + i < RC_COUNT(nor->status); i++) {
		nor_write_enable(nor, enabled);
		nor_write_status(nor, first + i, soc->sfc.page[i]);
	}
}

static void finish_write(struct soc *soc)
{
	struct sfc *sfc = &soc->sfc;
	struct nor *nor = &soc->camera->nor;
	const struct sfc_command *command = sfc->command;
	/* Of more than a page the chip keeps the last, each byte in its place. */
	uint32_t size = sfc->written < NOR_PAGE ? sfc->written : NOR_PAGE;

	sfc->want_data = false;
	sfc->end = true;
	soc_pass(soc, (uint64_t)sfc->written * CAMERA_FLASH_BYTE_NS);
	if (command->kind == WRITE_STATUS) {
		finish_status_write(soc, command->argument);
		return;
	}
	if (nor_program(nor, chip_address(sfc), sfc->page, size))
		soc_pass(soc, NOR_PROGRAM_MICROS * UINT64_C(1000));
	if (nor->power_lost)
		soc_stop(soc, SOC_POWER_OFF);
}

static uint32_t take_word(struct sfc *sfc)
{
	uint32_t word = 0;
	size_t left = sfc->data.size - sfc->taken;

	if (left >= 4) {
		word = rc_le32(sfc->data.data + sfc->taken);
		sfc->taken += 4;
	} else {
		for (unsigned i = 0; i < left; i++)
			word |= (uint32_t)sfc->data.data[sfc->taken++] << 8 * i;
	}
	note_end(sfc);
	return word;
}

static void put_word(struct soc *soc, uint32_t word)
{
	struct sfc *sfc = &soc->sfc;

	if (!sfc->want_data)
		return;
	for (unsigned i = 0; i < 4 && sfc->written < sfc->length; i++)
		sfc->page[sfc->written++ % NOR_PAGE] = (uint8_t)(word >> 8 * i);
	if (sfc->written >= sfc->length)
		finish_write(soc);
}

static uint32_t sfc_read(struct soc *soc, uint32_t offset)
{
	struct sfc *sfc = &soc->sfc;

	switch (offset) {
	case SFC_DATA:
		return take_word(sfc);
	case SFC_SR:
		return (sfc->end ? SR_END : 0) | (sfc->want_data ? SR_TRANSMIT_REQUEST : 0) |
		       (sfc->has_data ? SR_RECEIVE_REQUEST : 0);
	case SFC_GLB:
		return sfc->global;
	case SFC_TRAN_CONF:
		return sfc->config;
	case SFC_TRAN_LEN:
		return sfc->length;
	default:
		return 0;
	}
}

static void sfc_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	struct sfc *sfc = &soc->sfc;

	switch (offset) {
	case SFC_DATA:
		put_word(soc, value);
		break;
	case SFC_GLB:
		sfc->global = value;
		break;
	case SFC_TRAN_CONF:
		sfc->config = value;
		break;
	case SFC_TRAN_LEN:
		sfc->length = value;
		break;
	case SFC_DEV_ADDR:
		sfc->address = value;
		break;
	case SFC_TRIG:
		if (value & TRIG_START)
			start_command(soc);
		break;
	case SFC_SCR:
		if (value & SR_END)
			sfc->end = false;
		break;
	default:
		break;
	}
}

const struct device sfc_device = { 0x13440000, 0x2000, sfc_read, sfc_write };
