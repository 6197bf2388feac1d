/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A NOR chip as it behaves: erase sets, program clears, the status register
 * protects; both engines of the twin have one, and it counts what it is told.
 *
 * A fault plan makes it misbehave in ways that can be repeated exactly.
 */
#ifndef RECAM_FLASH_NOR_H
#define RECAM_FLASH_NOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "flash/chip.h"

#define NOR_PAGE 256u

/* Faults of the chip, all 0: none. Operations are erases and page programs,
 * counted from 1 over the life of the struct nor. */
struct nor_faults {
	uint64_t seed;
	uint64_t cut_at_op;       /* power goes while this operation is under way */
	uint64_t fail_at_op;      /* this operation does nothing (a failing program or erase) */
	uint64_t lie_at_op;       /* this operation leaves one wrong bit and says it is done */
	uint32_t unstable_offset; /* reads of the 64 KiB block here flip a bit now and then */
	uint32_t unstable_one_in; /* 0: none; n: about one read command in n */
};

struct nor_counts {
	uint64_t reads; /* read commands */
	uint64_t read_bytes;
	uint64_t erases;   /* erase commands obeyed, of any size */
	uint64_t programs; /* page programs obeyed */
	uint64_t
		refused; /* erases and programs that protection or a missing write enable stopped */
	uint64_t status_writes;
};

struct nor {
	uint8_t *data; /* owned */
	uint32_t size;
	uint32_t jedec;
	const struct chip *chip; /* NULL where the id is not in the table */
	uint8_t status[3];       /* SR1 (bit 0 busy, 1 write enable latch), SR2, SR3 */
	struct nor_faults faults;
	struct nor_counts counts;
	bool power_lost; /* set by cut_at_op; nothing is obeyed until nor_power_on */
	bool four_byte;  /* addresses have four bytes (B7) instead of three (E9, reset) */
	uint64_t random;
};

/* A chip of this id holding image (image_size bytes, the rest erased). The size is
 * the id's; where the id does not tell one, image_size rounded up to a power of two.
 * RC_ERANGE where the image does not fit. */
int nor_open(struct nor *nor, uint32_t jedec, const uint8_t *image, size_t image_size,
	     struct rc_error *err);
void nor_close(struct nor *nor);
/* From now on; the operations are counted from nor_open all the same. */
void nor_set_faults(struct nor *nor, const struct nor_faults *faults);
void nor_power_on(struct nor *nor);

/* The chip's commands. Addresses wrap at the size, as the chip's do. */
void nor_write_enable(struct nor *nor, bool enable);
void nor_read(struct nor *nor, uint32_t address, uint8_t *out, size_t size);
/* opcode 0x20, 0x52, 0xD8 (the block that holds address), 0x60 or 0xC7 (all).
 * False if it was not obeyed. */
bool nor_erase(struct nor *nor, uint8_t opcode, uint32_t address);
/* At most NOR_PAGE bytes, wrapping inside the page. False if it was not obeyed. */
bool nor_program(struct nor *nor, uint32_t address, const uint8_t *data, size_t size);
void nor_write_status(struct nor *nor, unsigned index, uint8_t value);

/* True if the protection bits cover any byte of the range. */
bool nor_is_protected(const struct nor *nor, uint32_t address, uint32_t size);

/* How long the last kind of operation takes on a real chip, typically, in
 * microseconds (facts/rescue-peers-and-limits.md C2). */
uint32_t nor_erase_micros(uint8_t opcode);
#define NOR_PROGRAM_MICROS 600u

#endif
