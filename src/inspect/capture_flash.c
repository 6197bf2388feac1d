/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rows of a capture are of the flash, and of which place in it. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/capture_rows.h"

/* On the Mi 360 family the flash can be read at this address (facts/mstar-mi360.md 9). */
#define MSTAR_WINDOW      0x14000000u
#define MSTAR_WINDOW_SIZE 0x1000000u

/* md shows so many objects where nobody says how many, the first time; then as many as the
 * last time (U-Boot, common/cmd_mem.c: dp_last_length). */
#define MD_DEFAULT_OBJECTS 0x40u

/* How an sf read that put nothing into memory ends (facts 3.1). */
static const char *const failures[] = {
	"Read: ERROR",         "past flash size", "No SPI flash selected",
	"Unsupported manufac", "sfc read error",  "Failed to initialize SPI flash",
};

/* Cached and uncached views of the same memory are one (MIPS kseg0 and kseg1). */
static uint64_t physical(uint64_t address)
{
	return address >= 0x80000000u && address < 0xc0000000u ? address & 0x1fffffffu : address;
}

/* --- What was typed --- */

/* Reads up to count hex numbers; how many there are. */
static size_t read_numbers(const char *text, uint64_t *numbers, size_t count)
{
	size_t found = 0;

	while (found < count) {
		char *end;

		text += strspn(text, " \t");
		if (!isxdigit((unsigned char)*text))
			break;
		numbers[found] = strtoull(text, &end, 16);
		if (end == text || (*end && !strchr(" \t;", *end)) || numbers[found] > UINT32_MAX)
			break;
		found++;
		text = end;
	}
	return found;
}

static void note_read(struct capture_rows *rows, const char *arguments)
{
	uint64_t numbers[3];

	if (rows->read_count == CAPTURE_COMMANDS || read_numbers(arguments, numbers, 3) != 3)
		return;
	rows->reads[rows->read_count++] = (struct capture_sf_read){ .address = physical(numbers[0]),
								    .offset = numbers[1],
								    .length = numbers[2] };
}

/* "md.b 80600000 100": the count is in objects of the size that the letter says. */
static void note_md(struct capture_rows *rows, const char *after)
{
	uint64_t numbers[2] = { 0, rows->objects ? rows->objects : MD_DEFAULT_OBJECTS };
	unsigned size = 4;

	if (*after == '.') {
		size = after[1] == 'b' ? 1 : after[1] == 'w' ? 2 : after[1] == 'l' ? 4 : 0;
		after += 2;
	}
	if (size == 0 || *after != ' ' || rows->command_count == CAPTURE_COMMANDS ||
	    read_numbers(after, numbers, 2) == 0)
		return;
	rows->objects = numbers[1];
	rows->commands[rows->command_count++] =
		(struct capture_command){ .address = numbers[0],
					  .length = numbers[1] * size,
					  .read = (uint16_t)rows->read_count };
}

void capture_note_commands(struct capture_rows *rows, const char *text)
{
	for (const char *at = text; *at; at++) {
		bool begins = at == text || !isalnum((unsigned char)at[-1]);

		if (begins && strncmp(at, "sf read ", 8) == 0)
			note_read(rows, at + 8);
		else if (begins && strncmp(at, "md", 2) == 0)
			note_md(rows, at + 2);
	}
	for (size_t i = 0; rows->read_count && i < RC_COUNT(failures); i++) {
		if (strstr(text, failures[i]))
			rows->reads[rows->read_count - 1].failed = true;
	}
}

/* --- Places --- */

/* The last of the first count sf reads that had to do with this address, or NULL. */
static const struct capture_sf_read *find_read(const struct capture_rows *rows, size_t count,
					       uint64_t address)
{
	address = physical(address);
	for (size_t i = count; i > 0; i--) {
		const struct capture_sf_read *read = &rows->reads[i - 1];

		if (address >= read->address && address - read->address < read->length)
			return read;
	}
	return NULL;
}

static uint64_t place_of(const struct capture_rows *rows, size_t reads, uint64_t address)
{
	const struct capture_sf_read *read = find_read(rows, reads, address);

	if (read)
		return read->failed ? CAPTURE_NOWHERE
				    : read->offset + physical(address) - read->address;
	if (address >= MSTAR_WINDOW && address - MSTAR_WINDOW < MSTAR_WINDOW_SIZE)
		return address - MSTAR_WINDOW;
	return CAPTURE_NOWHERE;
}

uint64_t capture_address_of(const struct capture_rows *rows, const struct capture *capture,
			    uint64_t place)
{
	for (size_t i = rows->read_count; capture->has_offset && i > 0; i--) {
		const struct capture_sf_read *read = &rows->reads[i - 1];

		if (!read->failed && place >= read->offset && place - read->offset < read->length)
			return (read->address | 0x80000000u) + place - read->offset;
	}
	return capture->address + place - capture->flash_offset;
}

static void say_memory(const struct capture_rows *rows, const struct capture_row *row,
		       struct capture *capture)
{
	uint64_t address = row->address[CAPTURE_HEX];
	const struct capture_sf_read *read = find_read(rows, row->read, address);

	if (capture->of_memory)
		return;
	capture->of_memory = true;
	if (read)
		snprintf(capture->memory_why, sizeof(capture->memory_why),
			 "line %u shows 0x%" PRIX64
			 " of memory, and the sf read that was to fill it "
			 "failed",
			 row->line, address);
	else
		snprintf(capture->memory_why, sizeof(capture->memory_why),
			 "line %u shows 0x%" PRIX64 " of memory, where no sf read put anything of "
			 "the flash",
			 row->line, address);
}

/* Addresses of dumps by Linux tools are places; xxd's, hexdump -C's and md's are hex. */
static enum capture_radix find_radix(const struct capture_rows *rows)
{
	size_t votes[CAPTURE_RADIXES] = { 0 };
	enum capture_radix best = CAPTURE_HEX;
	bool od = false;

	for (size_t i = 0; i + 1 < rows->count; i++) {
		const struct capture_row *row = &rows->at[i], *next = row + 1;

		if (row->kind != CAPTURE_ROW || row->tool < CAPTURE_HEXDUMP)
			continue;
		od |= row->tool == CAPTURE_OD;
		for (size_t r = 0; r < CAPTURE_RADIXES; r++)
			votes[r] += next->address[r] != CAPTURE_NO_ADDRESS &&
				    next->address[r] - row->address[r] == row->count;
	}
	if (od)
		best = CAPTURE_OCTAL;
	for (size_t r = 0; r < CAPTURE_RADIXES; r++) {
		if (votes[r] > votes[best])
			best = (enum capture_radix)r;
	}
	return best;
}

/* A row whose neighbours follow each other as if it stood between them, and whose own
 * address is another one, has a wrong digit in it. */
static bool is_misplaced(const struct capture_rows *rows, size_t i, enum capture_radix radix)
{
	const struct capture_row *row = &rows->at[i];
	uint64_t here;

	if (i == 0 || i + 1 >= rows->count || row[-1].kind != CAPTURE_ROW ||
	    row[1].kind != CAPTURE_ROW)
		return false;
	here = row[-1].address[radix] + row[-1].count;
	return row->address[radix] != here && row[1].address[radix] == here + row->count;
}

static void reject(struct capture_row *row)
{
	row->kind = CAPTURE_GARBLED;
	row->place = CAPTURE_NOWHERE;
}

/* md's and xxd's lines differ by two blanks: a few of the one among the other are damaged. */
static void reject_strangers(struct capture_rows *rows)
{
	size_t count[CAPTURE_OD + 1] = { 0 };
	enum capture_tool stranger;

	for (size_t i = 0; i < rows->count; i++)
		count[rows->at[i].tool] += rows->at[i].kind == CAPTURE_ROW;
	stranger = count[CAPTURE_MD] >= count[CAPTURE_XXD] ? CAPTURE_XXD : CAPTURE_MD;
	for (size_t i = 0; i < rows->count; i++) {
		struct capture_row *row = &rows->at[i];

		if (row->kind != CAPTURE_ROW || row->tool != stranger)
			continue;
		/* A row of nothing but blanks is the same in both. */
		if (rc_all_bytes(rows->bytes.data + row->bytes, row->count, ' '))
			row->tool = CAPTURE_MD + CAPTURE_XXD - stranger;
		else
			reject(row);
	}
}

bool capture_place_rows(struct capture_rows *rows, const struct capture_options *options,
			struct capture *capture)
{
	enum capture_radix plain = find_radix(rows);
	bool told = true;

	reject_strangers(rows);
	for (size_t i = 0; i < rows->count; i++) {
		struct capture_row *row = &rows->at[i];
		enum capture_radix radix = row->tool >= CAPTURE_HEXDUMP ? plain : CAPTURE_HEX;
		uint64_t address = row->address[radix];

		if (row->kind == CAPTURE_GARBLED || row->kind == CAPTURE_REPEAT)
			continue;
		if (row->kind == CAPTURE_END)
			address = row->address[row > rows->at && row[-1].tool == CAPTURE_HEXDUMP_C
						       ? CAPTURE_HEX
						       : plain];
		row->place = address;
		if (address == CAPTURE_NO_ADDRESS || is_misplaced(rows, i, radix)) {
			reject(row);
			continue;
		}
		if (row->tool != CAPTURE_MD || row->kind != CAPTURE_ROW || options->memory)
			continue;
		row->place = place_of(rows, row->read, address);
		capture->has_offset |= row->place != CAPTURE_NOWHERE;
		if (row->place == CAPTURE_NOWHERE && rows->read_count) {
			say_memory(rows, row, capture);
		} else if (row->place == CAPTURE_NOWHERE) {
			row->place = address;
			told = false;
		}
	}
	return told;
}

bool capture_promised(const struct capture_rows *rows, const struct capture_options *options,
		      uint64_t *begin, uint64_t *end)
{
	bool any = false;

	*begin = UINT64_MAX;
	*end = 0;
	for (size_t i = 0; i < rows->command_count; i++) {
		const struct capture_command *command = &rows->commands[i];
		const struct capture_sf_read *read = find_read(rows, command->read,
							       command->address);
		uint64_t place = rows->read_count && !options->memory
					 ? place_of(rows, command->read, command->address)
					 : command->address;
		uint64_t size = command->length;

		if (place == CAPTURE_NOWHERE)
			continue;
		if (read && place >= read->offset && size > read->offset + read->length - place)
			size = read->offset + read->length - place;
		any = true;
		*begin = place < *begin ? place : *begin;
		*end = place + size > *end ? place + size : *end;
	}
	return any;
}
