/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command set of a SPI NOR chip: bytes in, bytes out, as a programmer on its
 * pins sees it. What reaches the chip in parts (a controller with registers for
 * address and length) uses the command table alone.
 *
 * Opcodes are those that the datasheets of this class share (W25Q128FV, GD25Q128C,
 * EN25QH128, MX25L12835F); the quad reads count here as one bit wide, since bytes
 * are what arrives either way.
 */
#ifndef RECAM_FLASH_NOR_SPI_H
#define RECAM_FLASH_NOR_SPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flash/nor.h"

enum nor_spi_kind {
	NOR_SPI_READ,
	NOR_SPI_READ_ID,      /* 9F: maker, type, capacity */
	NOR_SPI_READ_SIGN,    /* AB: what 90 gives as its second byte */
	NOR_SPI_READ_MAKER,   /* 90: maker and capacity - 1, over and over */
	NOR_SPI_READ_STATUS,  /* argument: which register */
	NOR_SPI_WRITE_STATUS, /* argument: the first register written */
	NOR_SPI_PROGRAM,
	NOR_SPI_ERASE, /* argument: opcode of the same erase with a 3-byte address */
	NOR_SPI_LATCH, /* argument: write enable or disable */
	NOR_SPI_WIDTH, /* argument: 4-byte addresses from now on, or no more */
	NOR_SPI_RESET,
	NOR_SPI_OTHER, /* nothing happens, nothing is answered */
};

enum nor_spi_address {
	NOR_SPI_NO_ADDRESS,
	NOR_SPI_MODE_ADDRESS, /* 3 bytes, or 4 after B7 */
	NOR_SPI_3_BYTES,
	NOR_SPI_4_BYTES,
};

struct nor_spi_command {
	uint8_t opcode;
	enum nor_spi_kind kind;
	enum nor_spi_address address;
	uint8_t dummies; /* bytes between address and data */
	uint8_t argument;
};

/* Never NULL: a chip ignores what it does not know (NOR_SPI_OTHER). */
const struct nor_spi_command *nor_spi_find(uint8_t opcode);

/* Obeys a command whose address is known. sent is what follows address and dummies;
 * received is filled to its end, FF where the chip does not drive its pin. Returns for
 * how many microseconds a real chip is busy with it. */
uint32_t nor_spi_obey(struct nor *nor, const struct nor_spi_command *command, uint32_t address,
		      const uint8_t *sent, size_t sent_size, uint8_t *received,
		      size_t received_size);

/* One transaction, from chip select low to high: sent goes in, then received comes out.
 * Returns as nor_spi_obey. */
uint32_t nor_spi_transfer(struct nor *nor, const uint8_t *sent, size_t sent_size, uint8_t *received,
			  size_t received_size);

#endif
