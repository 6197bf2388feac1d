/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SPI flash controller, in the one-phase transfers that U-Boot uses. The commands of
 * the chip behind it are flash/nor_spi.c's. */
#include <string.h>

#include "flash/layout.h"
#include "flash/nor_spi.h"
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

/* The rest fits the FIFO: the transfer is over, as far as the chip is concerned. */
static void note_end(struct sfc *sfc)
{
	if (sfc->data.size - sfc->taken <= FIFO_BYTES)
		sfc->end = true;
	if (sfc->taken >= sfc->data.size)
		sfc->has_data = false;
}

/* The chip does what it was told, and the processor waits until it has done it. */
static void obey(struct soc *soc, const uint8_t *sent, size_t sent_size, uint8_t *received,
		 size_t received_size)
{
	struct nor *nor = &soc->camera->nor;
	uint32_t micros = nor_spi_obey(nor, soc->sfc.command, chip_address(&soc->sfc), sent,
				       sent_size, received, received_size);

	soc_pass(soc, micros * UINT64_C(1000));
	if (nor->power_lost)
		soc_stop(soc, SOC_POWER_OFF);
}

static void answer_from_chip(struct soc *soc)
{
	struct sfc *sfc = &soc->sfc;
	uint8_t *data = answer(sfc, sfc->length);

	obey(soc, NULL, 0, data, sfc->data.size);
	if (sfc->command->kind == NOR_SPI_READ)
		soc_pass(soc, (uint64_t)sfc->data.size * CAMERA_FLASH_BYTE_NS);
}

static void start_command(struct soc *soc)
{
	struct sfc *sfc = &soc->sfc;
	bool has_data = sfc->config & CONF_DATA_ENABLE;

	soc_pass(soc, COMMAND_NS);
	sfc->data.size = sfc->taken = sfc->written = 0;
	sfc->end = sfc->want_data = sfc->has_data = false;
	sfc->command = nor_spi_find(CONF_COMMAND(sfc->config));
	switch (sfc->command->kind) {
	case NOR_SPI_WRITE_STATUS:
	case NOR_SPI_PROGRAM:
		sfc->want_data = true;
		return;
	case NOR_SPI_ERASE:
	case NOR_SPI_LATCH:
	case NOR_SPI_WIDTH: /* here the width of an address comes with each transfer */
	case NOR_SPI_RESET:
		obey(soc, NULL, 0, NULL, 0);
		break;
	case NOR_SPI_OTHER:
		answer(sfc, has_data ? sfc->length : 0);
		break;
	default:
		answer_from_chip(soc);
		break;
	}
	note_end(sfc);
}

static void finish_write(struct soc *soc)
{
	struct sfc *sfc = &soc->sfc;
	/* Of more than a page the chip keeps the last, each byte in its place. */
	uint32_t size = sfc->written < NOR_PAGE ? sfc->written : NOR_PAGE;

	sfc->want_data = false;
	sfc->end = true;
	soc_pass(soc, (uint64_t)sfc->written * CAMERA_FLASH_BYTE_NS);
	obey(soc, sfc->page, size, NULL, 0);
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
