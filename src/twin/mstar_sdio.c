/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SD controller, an FCIE5: a command or a transfer is a job, data move by DMA. The
 * driver polls for the job's events and then looks for errors in the status.
 */
#include <string.h>

#include "twin/mstar.h"

#define SDIO_BASE 0x1f282600u

#define SD_EVENT       0x00u /* cleared by writing ones */
#define SD_DMA_ADDRESS 0x0cu
#define SD_DMA_LENGTH  0x14u
#define SD_CONTROL     0x30u
#define SD_STATUS      0x34u /* its error bits are cleared by writing ones */
#define SD_FIFO        0x80u
#define SD_RESET       0xfcu

#define EVENT_DATA_END    0x01u
#define EVENT_COMMAND_END 0x02u

#define CONTROL_RESPONSES 0x03u /* a long one, any */
#define CONTROL_COMMAND   0x04u
#define CONTROL_DATA      0x08u
#define CONTROL_WRITE     0x10u
#define CONTROL_START     0x40u

#define STATUS_ERRORS      0x3fu
#define STATUS_NO_RESPONSE 0x08u
#define STATUS_DAT0        0x100u /* high: the card is not busy */

#define RESET_RUNS 0x01u
#define RESET_HELD 0x0eu /* all three parts are in reset */

/* As the T20's controller has it: no figure of this one was at hand. */
#define COMMAND_NS    20000u
#define READ_BYTE_NS  61u
#define WRITE_BYTE_NS 120u

#define RESPONSE_BYTES 18u

static uint8_t fifo_byte(struct soc *soc, unsigned n)
{
	return (uint8_t)(*mstar_register(soc, SDIO_BASE + SD_FIFO + n / 2 * 4) >> 8 * (n & 1));
}

/* Command byte first, as it went over the wire. */
static void keep_response(struct soc *soc, unsigned index, const struct sd_response *response)
{
	uint8_t bytes[RESPONSE_BYTES] = { 0 };

	if (response->answer == SD_SHORT) {
		bytes[0] = (uint8_t)index;
		rc_put_be32(bytes + 1, response->value);
	} else if (response->answer == SD_REGISTER) {
		bytes[0] = 0x3f;
		memcpy(bytes + 1, response->bytes, sizeof(response->bytes));
	}
	for (unsigned i = 0; i < RESPONSE_BYTES / 2; i++)
		*mstar_register(soc, SDIO_BASE + SD_FIFO + i * 4) = rc_le16(bytes + 2 * (size_t)i);
}

/* False where the card does not answer though it should. */
static bool send_command(struct soc *soc, uint32_t control)
{
	unsigned index = fifo_byte(soc, 0) & 0x3f;
	uint32_t argument = (uint32_t)fifo_byte(soc, 1) << 24 | (uint32_t)fifo_byte(soc, 2) << 16 |
			    (uint32_t)fifo_byte(soc, 3) << 8 | fifo_byte(soc, 4);
	struct sd_response response;

	soc_pass(soc, COMMAND_NS);
	sd_command(&soc->camera->card, index, argument, &response);
	keep_response(soc, index, &response);
	soc->mstar->sd_events |= EVENT_COMMAND_END;
	if (response.answer != SD_SILENT || !(control & CONTROL_RESPONSES))
		return true;
	soc->mstar->sd_status |= STATUS_NO_RESPONSE;
	return false;
}

static bool read_block(struct sd_card *card, uint8_t *block, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		if (!sd_take(card, &block[i]))
			return false;
	return true;
}

/* Block by block between card and RAM. What the card does not send is never there, and
 * the driver runs out of patience. */
static bool move_data(struct soc *soc, bool write)
{
	uint32_t at = mstar_register_pair(soc, SDIO_BASE + SD_DMA_ADDRESS);
	uint32_t left = mstar_register_pair(soc, SDIO_BASE + SD_DMA_LENGTH);
	struct sd_card *card = &soc->camera->card;
	uint8_t block[SD_BLOCK];

	while (left) {
		uint32_t size = left < SD_BLOCK ? left : SD_BLOCK;

		soc_pass(soc, (uint64_t)size * (write ? WRITE_BYTE_NS : READ_BYTE_NS));
		if (write ? !mstar_from_ram(soc, at, block, size)
			  : !read_block(card, block, size) || !mstar_to_ram(soc, at, block, size))
			return false;
		for (uint32_t i = 0; write && i < size; i++)
			sd_put(card, block[i]);
		at += size;
		left -= size;
	}
	return true;
}

static void run_job(struct soc *soc, uint32_t control)
{
	*mstar_register(soc, SDIO_BASE + SD_CONTROL) = (uint16_t)(control & ~CONTROL_START);
	if (control & CONTROL_COMMAND && !send_command(soc, control))
		return;
	if (control & CONTROL_DATA && move_data(soc, control & CONTROL_WRITE))
		soc->mstar->sd_events |= EVENT_DATA_END;
}

static uint32_t sdio_read(struct soc *soc, uint32_t offset)
{
	switch (offset) {
	case SD_EVENT:
		return soc->mstar->sd_events;
	case SD_STATUS:
		return soc->mstar->sd_status | STATUS_DAT0;
	case SD_RESET:
		return *mstar_register(soc, SDIO_BASE + SD_RESET) & RESET_RUNS ? RESET_RUNS
									       : RESET_HELD;
	default:
		return *mstar_register(soc, SDIO_BASE + offset);
	}
}

static void sdio_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	if (offset == SD_EVENT)
		soc->mstar->sd_events &= (uint16_t)~value;
	else if (offset == SD_STATUS)
		soc->mstar->sd_status &= (uint16_t) ~(value & STATUS_ERRORS);
	else if (offset == SD_CONTROL && value & CONTROL_START)
		run_job(soc, value);
}

const struct device mstar_sdio = { SDIO_BASE, 0x100, sdio_read, sdio_write };
