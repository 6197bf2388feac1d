/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flash/nor.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "flash/layout.h"

#define SR1_BUSY         0x01
#define SR1_WRITE_ENABLE 0x02

#define BLOCK_64K RC_KIB(64)

static uint64_t next_random(struct nor *nor)
{
	nor->random ^= nor->random >> 12;
	nor->random ^= nor->random << 25;
	nor->random ^= nor->random >> 27;
	return nor->random * 0x2545f4914f6cdd1du;
}

static uint32_t round_up_to_power_of_two(size_t size)
{
	uint32_t power = RC_ERASE_BLOCK;

	while (power < size)
		power *= 2;
	return power;
}

int nor_open(struct nor *nor, uint32_t jedec, const uint8_t *image, size_t image_size,
	     struct rc_error *err)
{
	uint32_t size = chip_size_from_id(jedec);

	*nor = (struct nor){ .jedec = jedec, .chip = chip_find(jedec) };
	if (image_size > RC_MAX_FLASH)
		return rc_fail(err, RC_ERANGE,
			       "the image has %zu bytes, and no chip here has more than %u: is it "
			       "a flash image?",
			       image_size, RC_MAX_FLASH);
	if (size == 0)
		size = round_up_to_power_of_two(image_size);
	if (image_size > size)
		return rc_fail(err, RC_ERANGE,
			       "the image has %zu bytes, and a chip with the id %06x only %u: "
			       "give the id of a larger chip",
			       image_size, jedec, size);
	nor->data = malloc(size);
	if (!nor->data)
		return rc_fail_memory(err, size);
	nor->size = size;
	memset(nor->data, 0xff, size);
	if (image_size)
		memcpy(nor->data, image, image_size);
	nor->random = 0x9e3779b97f4a7c15u;
	return 0;
}

void nor_close(struct nor *nor)
{
	free(nor->data);
	*nor = (struct nor){ 0 };
}

void nor_set_faults(struct nor *nor, const struct nor_faults *faults)
{
	nor->faults = *faults;
	/* Any seed will do, but xorshift must not start at 0. */
	nor->random = (faults->seed ^ 0x9e3779b97f4a7c15u) | 1;
}

void nor_power_on(struct nor *nor)
{
	nor->power_lost = false;
	nor->four_byte = false;
	nor->status[0] &= (uint8_t) ~(SR1_BUSY | SR1_WRITE_ENABLE);
}

void nor_write_enable(struct nor *nor, bool enable)
{
	if (nor->power_lost)
		return;
	nor->status[0] &= (uint8_t)~SR1_WRITE_ENABLE;
	if (enable)
		nor->status[0] |= SR1_WRITE_ENABLE;
}

/* A bit flips in about one read command in unstable_one_in, if the command touches
 * the unstable block: a bad contact, or a cell that was half erased when power went. */
static void disturb_read(struct nor *nor, uint32_t address, uint8_t *out, size_t size)
{
	uint32_t block = nor->faults.unstable_offset & ~(uint32_t)(BLOCK_64K - 1);
	uint64_t first = address > block ? address : block;
	uint64_t end = (uint64_t)address + size;
	uint64_t place;

	if (end > (uint64_t)block + BLOCK_64K)
		end = (uint64_t)block + BLOCK_64K;
	if (nor->faults.unstable_one_in == 0 || first >= end)
		return;
	if (next_random(nor) % nor->faults.unstable_one_in != 0)
		return;
	place = first + next_random(nor) % (end - first);
	out[place - address] ^= (uint8_t)(1u << (next_random(nor) & 7));
}

void nor_read(struct nor *nor, uint32_t address, uint8_t *out, size_t size)
{
	size_t done = 0;

	if (nor->power_lost) {
		memset(out, 0xff, size);
		return;
	}
	address &= nor->size - 1;
	while (done < size) {
		uint32_t from = (address + (uint32_t)done) & (nor->size - 1);
		size_t part = nor->size - from;

		if (part > size - done)
			part = size - done;
		memcpy(out + done, nor->data + from, part);
		done += part;
	}
	nor->counts.reads++;
	nor->counts.read_bytes += size;
	disturb_read(nor, address, out, size);
}

bool nor_is_protected(const struct nor *nor, uint32_t address, uint32_t size)
{
	uint32_t start, length;

	if (!nor->chip || size == 0)
		return false;
	chip_protected_range(nor->chip, nor->size, nor->status, &start, &length);
	return length > 0 && (uint64_t)address + size > start && address < (uint64_t)start + length;
}

struct erase_command {
	uint8_t opcode;
	unsigned flag; /* enum chip_erase */
	uint32_t size; /* 0: all */
	uint32_t micros;
};

/* Times: facts/rescue-peers-and-limits.md C2 (typical, of the W25Q128 class). */
static const struct erase_command erase_commands[] = {
	{ 0x20, CHIP_ERASE_4K, (uint32_t)RC_KIB(4), 45000 },
	{ 0x52, CHIP_ERASE_32K, (uint32_t)RC_KIB(32), 120000 },
	{ 0xd8, CHIP_ERASE_64K, (uint32_t)RC_KIB(64), 150000 },
	{ 0x60, CHIP_ERASE_ALL, 0, 40000000 },
	{ 0xc7, CHIP_ERASE_ALL, 0, 40000000 },
};

static const struct erase_command *find_erase(uint8_t opcode)
{
	for (size_t i = 0; i < RC_COUNT(erase_commands); i++)
		if (erase_commands[i].opcode == opcode)
			return &erase_commands[i];
	return NULL;
}

uint32_t nor_erase_micros(uint8_t opcode)
{
	const struct erase_command *command = find_erase(opcode);

	return command ? command->micros : 0;
}

/* Whether an erase or program of this range is obeyed at all. Either way the
 * write enable latch falls, as it does on the chip. */
static bool take_write_enable(struct nor *nor, uint32_t address, uint32_t size)
{
	bool enabled = nor->status[0] & SR1_WRITE_ENABLE;

	if (nor->power_lost)
		return false;
	nor->status[0] &= (uint8_t)~SR1_WRITE_ENABLE;
	if (enabled && !nor_is_protected(nor, address, size))
		return true;
	nor->counts.refused++;
	return false;
}

enum outcome { DONE, NOTHING, TORN, LIE };

/* What becomes of the operation that was just counted. */
static enum outcome operation_outcome(struct nor *nor)
{
	uint64_t operation = nor->counts.erases + nor->counts.programs;

	if (operation == nor->faults.cut_at_op) {
		nor->power_lost = true;
		return TORN;
	}
	if (operation == nor->faults.fail_at_op)
		return NOTHING;
	if (operation == nor->faults.lie_at_op)
		return LIE;
	return DONE;
}

bool nor_erase(struct nor *nor, uint8_t opcode, uint32_t address)
{
	const struct erase_command *command = find_erase(opcode);
	uint32_t size;

	if (!command || (nor->chip && !(nor->chip->erases & command->flag))) {
		nor->counts.refused += !nor->power_lost;
		return false;
	}
	size = command->size && command->size < nor->size ? command->size : nor->size;
	address &= (nor->size - 1) & ~(size - 1);
	if (!take_write_enable(nor, address, size))
		return false;
	nor->counts.erases++;
	switch (operation_outcome(nor)) {
	case NOTHING:
		break;
	case TORN: /* bits on their way to 1: some are there, none went back */
		for (uint32_t i = 0; i < size; i++)
			nor->data[address + i] |= (uint8_t)(next_random(nor) >> 32);
		break;
	case LIE:
		memset(nor->data + address, 0xff, size);
		nor->data[address + next_random(nor) % size] &= (uint8_t) ~(
			1u << (next_random(nor) & 7));
		break;
	case DONE:
		memset(nor->data + address, 0xff, size);
		break;
	}
	return true;
}

/* The byte that programming value over old leaves; of a torn program each bit may or
 * may not have been cleared yet. */
static uint8_t programmed(struct nor *nor, uint8_t old, uint8_t value, enum outcome outcome)
{
	if (outcome == NOTHING)
		return old;
	if (outcome == TORN)
		value |= (uint8_t)(next_random(nor) >> 32);
	return old & value;
}

bool nor_program(struct nor *nor, uint32_t address, const uint8_t *data, size_t size)
{
	uint32_t page = address & (nor->size - 1) & ~(NOR_PAGE - 1);
	enum outcome outcome;

	if (size == 0 || size > NOR_PAGE || !take_write_enable(nor, page, NOR_PAGE))
		return false;
	nor->counts.programs++;
	outcome = operation_outcome(nor);
	for (size_t i = 0; i < size; i++) {
		uint8_t *byte = nor->data + page + ((address + i) & (NOR_PAGE - 1));

		*byte = programmed(nor, *byte, data[i], outcome);
	}
	if (outcome == LIE)
		nor->data[page + ((address + next_random(nor) % size) & (NOR_PAGE - 1))] ^=
			(uint8_t)(1u << (next_random(nor) & 7));
	return true;
}

void nor_write_status(struct nor *nor, unsigned index, uint8_t value)
{
	bool enabled = nor->status[0] & SR1_WRITE_ENABLE;

	if (nor->power_lost || index >= RC_COUNT(nor->status))
		return;
	nor->status[0] &= (uint8_t)~SR1_WRITE_ENABLE;
	if (!enabled) {
		nor->counts.refused++;
		return;
	}
	nor->counts.status_writes++;
	nor->status[index] = index == 0 ? value & (uint8_t) ~(SR1_BUSY | SR1_WRITE_ENABLE) : value;
}
