/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways to the flash: FSP, which sends up to three short SPI commands one behind the
 * other, the second of them with data that BDMA brings; and the window XIU, through which
 * it is read as memory.
 */
#include <string.h>

#include "flash/nor_spi.h"
#include "twin/mstar.h"

#define FSP_BASE 0x1f002c00u

/* Registers of FSP. The bytes to send and those received lie two in each. */
#define FSP_WRITE_BYTES 0x180u
#define FSP_READ_BYTES  0x194u
#define FSP_BYTES       10u
#define FSP_WRITE_SIZES 0x1a8u /* four bits for each command */
#define FSP_READ_SIZES  0x1acu
#define FSP_CONTROL     0x1b0u
#define FSP_TRIGGER     0x1b4u
#define FSP_DONE        0x1b8u
#define FSP_CLEAR       0x1bcu
#define FSP_DATA        0x1e4u

#define CONTROL_SECOND 0x8000u
#define CONTROL_THIRD  0x4000u
/* Of the bytes to send, this one gives way to what BDMA brought. */
#define DATA_ENABLED     0x1000u
#define DATA_PLACE(data) ((data)&0xffu)

#define COMMANDS   3u
#define COMMAND_NS 1000u

#define BDMA_BASE    0x1f200400u
#define BDMA_TRIGGER 0x00u
#define BDMA_STATUS  0x04u
#define BDMA_PATH    0x08u
#define BDMA_SOURCE  0x10u
#define BDMA_SIZE    0x20u

#define BDMA_DONE        0x08u
#define BDMA_TO_FSP      0x0b00u
#define BDMA_TARGET_MASK 0x0f00u

static uint16_t fsp_register(struct soc *soc, uint32_t offset)
{
	return *mstar_register(soc, FSP_BASE + offset);
}

/* One transaction of the chip; the processor waits until it has done it. */
static void transfer(struct soc *soc, const uint8_t *sent, size_t sent_size, uint8_t *received,
		     size_t received_size)
{
	struct nor *nor = &soc->camera->nor;
	uint32_t micros = nor_spi_transfer(nor, sent, sent_size, received, received_size);

	soc_pass(soc, COMMAND_NS + micros * UINT64_C(1000) +
			      (sent_size + received_size) * CAMERA_FLASH_BYTE_NS);
	soc->mstar->ahead_valid = false;
	if (nor->power_lost)
		soc_stop(soc, SOC_POWER_OFF);
}

/* Sends size of the bytes that the registers hold, from the one numbered first on. */
static void send(struct soc *soc, unsigned first, unsigned size, uint8_t *received,
		 size_t received_size)
{
	uint16_t data = fsp_register(soc, FSP_DATA);
	uint8_t message[FSP_BYTES + FSP_PAGE];
	struct mstar *mstar = soc->mstar;
	size_t count = 0;

	for (unsigned i = first; i < first + size; i++) {
		if (data & DATA_ENABLED && DATA_PLACE(data) == i) {
			memcpy(message + count, mstar->page, mstar->page_size);
			count += mstar->page_size;
		} else {
			message[count++] = (uint8_t)(fsp_register(soc,
								  FSP_WRITE_BYTES + i / 2 * 4) >>
						     8 * (i & 1));
		}
	}
	transfer(soc, message, count, received, received_size);
}

static unsigned size_of(uint16_t sizes, unsigned command, unsigned room)
{
	unsigned size = sizes >> 4 * command & 0xf;

	return size < room ? size : room;
}

static bool is_wanted(uint16_t control, unsigned command)
{
	static const uint16_t needs[COMMANDS] = { 0, CONTROL_SECOND, CONTROL_THIRD };

	return (control & needs[command]) == needs[command];
}

static void store_bytes(struct soc *soc, const uint8_t bytes[FSP_BYTES])
{
	for (unsigned i = 0; i < FSP_BYTES / 2; i++)
		*mstar_register(soc,
				FSP_BASE + FSP_READ_BYTES + 4 * i) = rc_le16(bytes + 2 * (size_t)i);
}

static void run_commands(struct soc *soc)
{
	uint16_t control = fsp_register(soc, FSP_CONTROL);
	uint8_t received[FSP_BYTES] = { 0 };
	unsigned out = 0, in = 0;

	for (unsigned i = 0; i < COMMANDS && is_wanted(control, i); i++) {
		unsigned write = size_of(fsp_register(soc, FSP_WRITE_SIZES), i, FSP_BYTES - out);
		unsigned read = size_of(fsp_register(soc, FSP_READ_SIZES), i, FSP_BYTES - in);

		if (write)
			send(soc, out, write, received + in, read);
		out += write;
		in += read;
	}
	store_bytes(soc, received);
	*mstar_register(soc, FSP_BASE + FSP_DONE) = 1;
}

static uint32_t fsp_read(struct soc *soc, uint32_t offset)
{
	return fsp_register(soc, offset);
}

static void fsp_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	if (offset == FSP_TRIGGER && value & 1)
		run_commands(soc);
	else if (offset == FSP_CLEAR && value & 1)
		*mstar_register(soc, FSP_BASE + FSP_DONE) = 0;
}

static uint32_t bdma_read(struct soc *soc, uint32_t offset)
{
	return *mstar_register(soc, BDMA_BASE + offset);
}

static void bdma_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	struct mstar *mstar = soc->mstar;
	uint32_t size = mstar_register_pair(soc, BDMA_BASE + BDMA_SIZE);

	if (offset != BDMA_TRIGGER || !(value & 1))
		return;
	if ((*mstar_register(soc, BDMA_BASE + BDMA_PATH) & BDMA_TARGET_MASK) == BDMA_TO_FSP) {
		mstar->page_size = size < FSP_PAGE ? size : FSP_PAGE;
		mstar_from_ram(soc, mstar_register_pair(soc, BDMA_BASE + BDMA_SOURCE), mstar->page,
			       mstar->page_size);
	}
	*mstar_register(soc, BDMA_BASE + BDMA_STATUS) = BDMA_DONE;
}

/* Reading a stretch byte by byte is one command to the chip, not one for each. */
static void read_ahead(struct soc *soc, uint32_t at)
{
	struct mstar *mstar = soc->mstar;

	mstar->ahead_at = at & ~(uint32_t)(XIU_AHEAD - 1);
	mstar->ahead_valid = true;
	nor_read(&soc->camera->nor, mstar->ahead_at, mstar->ahead, XIU_AHEAD);
}

uint64_t mstar_xiu_read(uc_engine *uc, uint64_t offset, unsigned size, void *context)
{
	struct soc *soc = context;
	struct mstar *mstar = soc->mstar;
	uint32_t at = (uint32_t)offset;
	uint64_t value = 0;

	soc_note_access(soc, false, false);
	soc_pass(soc, size * CAMERA_FLASH_BYTE_NS);
	for (unsigned i = 0; i < size; i++, at++) {
		if (!mstar->ahead_valid || at / XIU_AHEAD != mstar->ahead_at / XIU_AHEAD)
			read_ahead(soc, at);
		value |= (uint64_t)mstar->ahead[at % XIU_AHEAD] << 8 * i;
	}
	return value;
}

const struct device mstar_fsp = { FSP_BASE, 0x200, fsp_read, fsp_write };
const struct device mstar_bdma = { BDMA_BASE, 0x40, bdma_read, bdma_write };
