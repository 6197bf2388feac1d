/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSC0, the SD controller, by programmed I/O: all that the cameras' U-Boot uses. Registers
 * and the driver's way of polling: U-Boot 2013.07 drivers/mmc/jz_mmc.c.
 */
#include <string.h>

#include "twin/soc.h"

#define MSC_STRPCL 0x00
#define MSC_STAT   0x04
#define MSC_CMDAT  0x0c
#define MSC_BLKLEN 0x18
#define MSC_NOB    0x1c
#define MSC_IREG   0x28
#define MSC_CMD    0x2c
#define MSC_ARG    0x30
#define MSC_RES    0x34
#define MSC_RXFIFO 0x38
#define MSC_TXFIFO 0x3c

#define STRPCL_START 0x04

#define STAT_READ_TIMEOUT     0x0001
#define STAT_RESPONSE_TIMEOUT 0x0002
#define STAT_FIFO_EMPTY       0x0040
#define STAT_CLOCK            0x0100
#define STAT_RESPONSE         0x0800
#define STAT_DATA_DONE        0x1000
#define STAT_PROGRAM_DONE     0x2000

#define CMDAT_RESPONSE 0x07
#define CMDAT_DATA     0x08
#define CMDAT_WRITE    0x10

#define IREG_DATA_DONE        0x0001
#define IREG_PROGRAM_DONE     0x0002
#define IREG_RESPONSE         0x0004
#define IREG_READ_REQUEST     0x0020
#define IREG_WRITE_REQUEST    0x0040
#define IREG_RESPONSE_TIMEOUT 0x0200

#define COMMAND_NS 20000u
/* 11,075,520 bytes took a camera 672 ms (facts/bootloaders-and-flash.md 4.2); cards
 * write about half as fast as they read. */
#define READ_BYTE_NS  61u
#define WRITE_BYTE_NS 120u

/* Responses come out of a FIFO of 16-bit words, the start bits before them. */
static void keep_response(struct msc *msc, const struct sd_response *response)
{
	uint8_t bytes[18] = { 0x3f };

	memset(msc->response, 0, sizeof(msc->response));
	msc->response_taken = 0;
	if (response->answer == SD_SHORT) {
		msc->response[0] = (uint16_t)(response->value >> 24);
		msc->response[1] = (uint16_t)(response->value >> 8);
		msc->response[2] = (uint16_t)(response->value & 0xff);
	} else if (response->answer == SD_REGISTER) {
		memcpy(bytes + 1, response->bytes, sizeof(response->bytes));
		for (unsigned i = 0; i < MSC_RESPONSE_WORDS; i++)
			msc->response[i] = rc_be16(bytes + 2 * (size_t)i);
	}
}

static void start_command(struct soc *soc)
{
	struct msc *msc = &soc->msc;
	struct sd_response response;

	soc_pass(soc, COMMAND_NS);
	sd_command(&soc->camera->card, msc->command & 0x3f, msc->argument, &response);
	keep_response(msc, &response);
	msc->left = 0;
	msc->read_failed = false;
	/* Where no response is due, none is missed. */
	msc->timed_out = response.answer == SD_SILENT && msc->data_control & CMDAT_RESPONSE;
	msc->events &= ~(uint32_t)(IREG_DATA_DONE | IREG_PROGRAM_DONE | IREG_RESPONSE |
				   IREG_RESPONSE_TIMEOUT);
	if (msc->timed_out) {
		msc->events |= IREG_RESPONSE_TIMEOUT;
		return;
	}
	/* This card is never busy for longer than its command takes. */
	msc->events |= IREG_RESPONSE | IREG_PROGRAM_DONE;
	if (msc->data_control & CMDAT_DATA)
		msc->left = (uint64_t)msc->block_count * msc->block_size;
}

static bool is_writing(const struct msc *msc)
{
	return msc->data_control & CMDAT_WRITE;
}

static void moved(struct soc *soc, unsigned bytes)
{
	struct msc *msc = &soc->msc;

	soc_pass(soc, bytes * (is_writing(msc) ? WRITE_BYTE_NS : READ_BYTE_NS));
	msc->left -= bytes;
	if (msc->left == 0)
		msc->events |= IREG_DATA_DONE | IREG_PROGRAM_DONE;
}

static unsigned next_bytes(const struct msc *msc)
{
	return msc->left < 4 ? (unsigned)msc->left : 4;
}

static uint32_t take_word(struct soc *soc)
{
	struct msc *msc = &soc->msc;
	unsigned count = is_writing(msc) ? 0 : next_bytes(msc);
	uint32_t word = 0;

	for (unsigned i = 0; i < count; i++) {
		uint8_t byte;

		if (!sd_take(&soc->camera->card, &byte)) {
			msc->read_failed = true;
			return word;
		}
		word |= (uint32_t)byte << 8 * i;
	}
	moved(soc, count);
	return word;
}

static void put_word(struct soc *soc, uint32_t word)
{
	struct msc *msc = &soc->msc;
	unsigned count = is_writing(msc) ? next_bytes(msc) : 0;

	for (unsigned i = 0; i < count; i++)
		sd_put(&soc->camera->card, (uint8_t)(word >> 8 * i));
	moved(soc, count);
}

static uint32_t status(const struct msc *msc)
{
	bool reading = msc->left && !is_writing(msc);

	return (msc->timed_out ? STAT_RESPONSE_TIMEOUT : 0) |
	       (msc->read_failed ? STAT_READ_TIMEOUT : 0) | (reading ? 0 : STAT_FIFO_EMPTY) |
	       (msc->left ? 0 : STAT_DATA_DONE) | STAT_CLOCK | STAT_RESPONSE | STAT_PROGRAM_DONE;
}

static uint32_t events(const struct msc *msc)
{
	uint32_t request = is_writing(msc) ? IREG_WRITE_REQUEST : IREG_READ_REQUEST;

	return msc->events | (msc->left ? request : 0);
}

static uint32_t msc_read(struct soc *soc, uint32_t offset)
{
	struct msc *msc = &soc->msc;

	switch (offset) {
	case MSC_STAT:
		return status(msc);
	case MSC_CMDAT:
		return msc->data_control;
	case MSC_IREG:
		return events(msc);
	case MSC_RES:
		return msc->response_taken < MSC_RESPONSE_WORDS
			       ? msc->response[msc->response_taken++]
			       : 0;
	case MSC_RXFIFO:
		return take_word(soc);
	default:
		return 0;
	}
}

static void msc_write(struct soc *soc, uint32_t offset, uint32_t value)
{
	struct msc *msc = &soc->msc;

	switch (offset) {
	case MSC_STRPCL:
		if (value & STRPCL_START)
			start_command(soc);
		break;
	case MSC_CMDAT:
		msc->data_control = value;
		break;
	case MSC_BLKLEN:
		msc->block_size = value & 0xfff;
		break;
	case MSC_NOB:
		msc->block_count = value & 0xffff;
		break;
	case MSC_IREG:
		msc->events &= ~value;
		break;
	case MSC_CMD:
		msc->command = value;
		break;
	case MSC_ARG:
		msc->argument = value;
		break;
	case MSC_TXFIFO:
		put_word(soc, value);
		break;
	default:
		break;
	}
}

const struct device msc_device = { 0x13450000, 0x1000, msc_read, msc_write };
