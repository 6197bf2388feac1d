/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link straight to a NOR chip in memory, for what the tests of this floor must be
 * able to do a thousand times in a second: cut the power, lie, garble an answer.
 * The chip is the twin's (flash/nor.h), so it behaves as one.
 */
#ifndef RECAM_TESTS_RESCUE_FAKE_H
#define RECAM_TESTS_RESCUE_FAKE_H

#include "link/link.h"

struct fake {
	struct link link; /* first: ops cast back */
	struct nor nor;
	uint64_t read_bytes;
	uint64_t checksums;
	uint64_t erased_blocks[256]; /* how often each was erased */
	uint32_t garble_one_in;      /* about one checksum answer in n is wrong */
	uint32_t flip_one_in;        /* about one read of 4 KiB in n has a bit flipped */
	uint64_t break_at_program;   /* every page program from this one on does nothing */
	uint64_t die_after_read;     /* the line goes dead when so many bytes were read; 0: never */
	uint64_t verbs;              /* asked of the link so far */
	uint64_t pull_at_verb;       /* the line is pulled before this one: it and all after fail */
	uint64_t kill_at_op;         /* this process dies before so many-th erase or program */
	uint64_t stop_after;         /* sets *stop before this many-th erase; 0: never */
	volatile int *stop;
	uint64_t random;
	const char *console; /* what a start prints */
	uint64_t boots;
};

/* A GD25Q128 that holds image, behind a bootloader with the T20's prompt. Close with
 * link_close(&fake->link). */
void fake_open(struct fake *fake, const uint8_t *image, size_t size);
/* The same with a chip of another id, as large as its id says. */
void fake_open_chip(struct fake *fake, uint32_t jedec, const uint8_t *image, size_t size);
/* Power back after a cut. */
void fake_power_on(struct fake *fake);

/* A start that goes well, and one that does not. */
extern const char fake_good_start[];
extern const char fake_bad_start[];

#endif
