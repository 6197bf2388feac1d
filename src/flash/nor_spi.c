/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flash/nor_spi.h"

#include <string.h>

#include "base/bytes.h"

#define SR1_WRITE_ENABLE 0x02

static const struct nor_spi_command commands[] = {
	{ 0x03, NOR_SPI_READ, NOR_SPI_MODE_ADDRESS, 0, 0 },
	{ 0x0b, NOR_SPI_READ, NOR_SPI_MODE_ADDRESS, 1, 0 },
	{ 0x3b, NOR_SPI_READ, NOR_SPI_MODE_ADDRESS, 1, 0 },
	{ 0x6b, NOR_SPI_READ, NOR_SPI_MODE_ADDRESS, 1, 0 },
	{ 0xbb, NOR_SPI_READ, NOR_SPI_MODE_ADDRESS, 1, 0 },
	{ 0xeb, NOR_SPI_READ, NOR_SPI_MODE_ADDRESS, 3, 0 },
	{ 0x13, NOR_SPI_READ, NOR_SPI_4_BYTES, 0, 0 },
	{ 0x0c, NOR_SPI_READ, NOR_SPI_4_BYTES, 1, 0 },
	{ 0x3c, NOR_SPI_READ, NOR_SPI_4_BYTES, 1, 0 },
	{ 0x6c, NOR_SPI_READ, NOR_SPI_4_BYTES, 1, 0 },
	{ 0xec, NOR_SPI_READ, NOR_SPI_4_BYTES, 3, 0 },
	{ 0x9f, NOR_SPI_READ_ID, NOR_SPI_NO_ADDRESS, 0, 0 },
	{ 0xab, NOR_SPI_READ_SIGN, NOR_SPI_NO_ADDRESS, 3, 0 },
	{ 0x90, NOR_SPI_READ_MAKER, NOR_SPI_3_BYTES, 0, 0 },
	{ 0x05, NOR_SPI_READ_STATUS, NOR_SPI_NO_ADDRESS, 0, 0 },
	{ 0x35, NOR_SPI_READ_STATUS, NOR_SPI_NO_ADDRESS, 0, 1 },
	{ 0x15, NOR_SPI_READ_STATUS, NOR_SPI_NO_ADDRESS, 0, 2 },
	{ 0x01, NOR_SPI_WRITE_STATUS, NOR_SPI_NO_ADDRESS, 0, 0 },
	{ 0x31, NOR_SPI_WRITE_STATUS, NOR_SPI_NO_ADDRESS, 0, 1 },
	{ 0x11, NOR_SPI_WRITE_STATUS, NOR_SPI_NO_ADDRESS, 0, 2 },
	{ 0x02, NOR_SPI_PROGRAM, NOR_SPI_MODE_ADDRESS, 0, 0 },
	{ 0x32, NOR_SPI_PROGRAM, NOR_SPI_MODE_ADDRESS, 0, 0 },
	{ 0x12, NOR_SPI_PROGRAM, NOR_SPI_4_BYTES, 0, 0 },
	{ 0x34, NOR_SPI_PROGRAM, NOR_SPI_4_BYTES, 0, 0 },
	{ 0x20, NOR_SPI_ERASE, NOR_SPI_MODE_ADDRESS, 0, 0x20 },
	{ 0x52, NOR_SPI_ERASE, NOR_SPI_MODE_ADDRESS, 0, 0x52 },
	{ 0xd8, NOR_SPI_ERASE, NOR_SPI_MODE_ADDRESS, 0, 0xd8 },
	{ 0x21, NOR_SPI_ERASE, NOR_SPI_4_BYTES, 0, 0x20 },
	{ 0x5c, NOR_SPI_ERASE, NOR_SPI_4_BYTES, 0, 0x52 },
	{ 0xdc, NOR_SPI_ERASE, NOR_SPI_4_BYTES, 0, 0xd8 },
	{ 0x60, NOR_SPI_ERASE, NOR_SPI_NO_ADDRESS, 0, 0x60 },
	{ 0xc7, NOR_SPI_ERASE, NOR_SPI_NO_ADDRESS, 0, 0xc7 },
	{ 0x06, NOR_SPI_LATCH, NOR_SPI_NO_ADDRESS, 0, true },
	{ 0x04, NOR_SPI_LATCH, NOR_SPI_NO_ADDRESS, 0, false },
	{ 0xb7, NOR_SPI_WIDTH, NOR_SPI_NO_ADDRESS, 0, true },
	{ 0xe9, NOR_SPI_WIDTH, NOR_SPI_NO_ADDRESS, 0, false },
	{ 0x66, NOR_SPI_OTHER, NOR_SPI_NO_ADDRESS, 0, 0 },
	{ 0x99, NOR_SPI_RESET, NOR_SPI_NO_ADDRESS, 0, 0 },
};

static const struct nor_spi_command unknown = { 0, NOR_SPI_OTHER, NOR_SPI_NO_ADDRESS, 0, 0 };

const struct nor_spi_command *nor_spi_find(uint8_t opcode)
{
	for (size_t i = 0; i < RC_COUNT(commands); i++)
		if (commands[i].opcode == opcode)
			return &commands[i];
	return &unknown;
}

/* Bytes that come over and over for as long as they are clocked out. */
static void repeat(const uint8_t *bytes, size_t count, size_t from, uint8_t *received, size_t size)
{
	for (size_t i = 0; i < size; i++)
		received[i] = bytes[(from + i) % count];
}

static void copy_id(const struct nor *nor, uint8_t *received, size_t size)
{
	for (size_t i = 0; i < size && i < 3; i++)
		received[i] = (uint8_t)(nor->jedec >> (16 - 8 * i));
}

/* 01 with more than one byte goes on into the next registers, under one write enable. */
static void write_status(struct nor *nor, unsigned first, const uint8_t *values, size_t count)
{
	bool enabled = nor->status[0] & SR1_WRITE_ENABLE;

	for (size_t i = 0; i < count && first + i < RC_COUNT(nor->status); i++) {
		nor_write_enable(nor, enabled);
		nor_write_status(nor, first + (unsigned)i, values[i]);
	}
}

/* Of more than a page the chip keeps the last, each byte in its place. */
static uint32_t program(struct nor *nor, uint32_t address, const uint8_t *data, size_t size)
{
	uint8_t page[NOR_PAGE];
	size_t count = size < NOR_PAGE ? size : NOR_PAGE;

	for (size_t i = size - count; i < size; i++)
		page[i % NOR_PAGE] = data[i];
	if (size > NOR_PAGE)
		return nor_program(nor, address, page, NOR_PAGE) ? NOR_PROGRAM_MICROS : 0;
	return nor_program(nor, address, data, size) ? NOR_PROGRAM_MICROS : 0;
}

static void reset(struct nor *nor)
{
	nor_write_enable(nor, false);
	nor->four_byte = false;
}

uint32_t nor_spi_obey(struct nor *nor, const struct nor_spi_command *command, uint32_t address,
		      const uint8_t *sent, size_t sent_size, uint8_t *received,
		      size_t received_size)
{
	/* What 90 and AB answer: the maker, and the capacity of 9F less one. */
	const uint8_t maker[2] = { (uint8_t)(nor->jedec >> 16),
				   (uint8_t)((nor->jedec & 0xff) - 1) };

	if (received_size)
		memset(received, 0xff, received_size);
	if (nor->power_lost)
		return 0;
	switch (command->kind) {
	case NOR_SPI_READ:
		if (received_size)
			nor_read(nor, address, received, received_size);
		break;
	case NOR_SPI_READ_ID:
		copy_id(nor, received, received_size);
		break;
	case NOR_SPI_READ_SIGN:
		repeat(maker + 1, 1, 0, received, received_size);
		break;
	case NOR_SPI_READ_MAKER:
		repeat(maker, 2, address & 1, received, received_size);
		break;
	case NOR_SPI_READ_STATUS:
		repeat(&nor->status[command->argument], 1, 0, received, received_size);
		break;
	case NOR_SPI_WRITE_STATUS:
		write_status(nor, command->argument, sent, sent_size);
		break;
	case NOR_SPI_PROGRAM:
		return program(nor, address, sent, sent_size);
	case NOR_SPI_ERASE:
		return nor_erase(nor, command->argument, address)
			       ? nor_erase_micros(command->argument)
			       : 0;
	case NOR_SPI_LATCH:
		nor_write_enable(nor, command->argument);
		break;
	case NOR_SPI_WIDTH:
		nor->four_byte = command->argument;
		break;
	case NOR_SPI_RESET:
		reset(nor);
		break;
	case NOR_SPI_OTHER:
		break;
	}
	return 0;
}

static size_t address_bytes(const struct nor *nor, const struct nor_spi_command *command)
{
	switch (command->address) {
	case NOR_SPI_MODE_ADDRESS:
		return nor->four_byte ? 4 : 3;
	case NOR_SPI_3_BYTES:
		return 3;
	case NOR_SPI_4_BYTES:
		return 4;
	default:
		return 0;
	}
}

/* What was clocked out while address and dummies were still to come is lost, and a
 * command that ends within them is not obeyed. */
uint32_t nor_spi_transfer(struct nor *nor, const uint8_t *sent, size_t sent_size, uint8_t *received,
			  size_t received_size)
{
	const struct nor_spi_command *command;
	uint32_t address = 0;
	size_t width, head;

	if (received_size)
		memset(received, 0xff, received_size);
	if (sent_size == 0)
		return 0;
	command = nor_spi_find(sent[0]);
	width = address_bytes(nor, command);
	head = 1 + width + command->dummies;
	if (command->kind == NOR_SPI_READ_SIGN && sent_size == 1)
		return 0; /* AB alone: out of deep power down */
	if (sent_size < 1 + width)
		return 0;
	for (size_t i = 0; i < width; i++)
		address = address << 8 | sent[1 + i];
	if (sent_size < head) {
		size_t lost = head - sent_size;

		if (lost > received_size)
			lost = received_size;
		received_size -= lost;
		received = received_size ? received + lost : NULL;
		head = sent_size;
	}
	return nor_spi_obey(nor, command, address, sent + head, sent_size - head, received,
			    received_size);
}
