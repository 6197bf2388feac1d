/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/chip_table.h"

#include <string.h>

#include "flash/chip.h"
#include "format/ingenic_boot.h"

/*
 * An entry, read out of the Jul 28 2017 build: the id as a word, one byte (0 everywhere), the
 * name in 32 bytes that NULs fill, then words for page, sector, address bytes, size and status
 * bits. The size lies 60 bytes behind the id there; here it is looked for, since other builds
 * may add words.
 */
#define NAME_AT    5u
#define NAME_SIZE  32u
#define WORDS_AT   40u
#define MIN_STRIDE 44u
#define MAX_STRIDE 256u
#define MIN_COUNT  4u

/* The GOT lies so far below gp (MIPS o32 ABI). */
#define GP_AT       8u
#define GP_GOT_BIAS 0x7ff0u
/* Start code, with the literals in it, ends before this. */
#define START_CODE 0x200u

static uint32_t word_at(struct rc_span body, size_t at)
{
	return at + 4 <= body.size ? rc_le32(body.data + at) : 0;
}

static bool is_name(const uint8_t *name)
{
	size_t length = 0;

	while (length < NAME_SIZE && name[length] > 0x20 && name[length] < 0x7f)
		length++;
	return length >= 4 && length < NAME_SIZE &&
	       rc_all_bytes(name + length, NAME_SIZE - length, 0);
}

static bool is_entry(struct rc_span body, size_t at)
{
	return at + NAME_AT + NAME_SIZE <= body.size && chip_size_from_id(word_at(body, at)) != 0 &&
	       word_at(body, at) <= 0xffffff && word_at(body, at) > 0xffff &&
	       is_name(body.data + at + NAME_AT);
}

/* Entries that follow the one at start at equal distances. */
static size_t count_entries(struct rc_span body, size_t start, uint32_t *stride)
{
	size_t count = 1;

	for (*stride = MIN_STRIDE; *stride <= MAX_STRIDE; *stride += 4)
		if (is_entry(body, start + *stride))
			break;
	if (*stride > MAX_STRIDE)
		return 1;
	while (count < CHIP_TABLE_MAX && is_entry(body, start + count * *stride))
		count++;
	return count;
}

static size_t count_known(struct rc_span body, size_t start, uint32_t stride, size_t count)
{
	size_t known = 0;

	for (size_t i = 0; i < count; i++)
		known += chip_find(word_at(body, start + i * stride)) != NULL;
	return known;
}

static int fail_two(size_t first, size_t second, struct rc_error *err)
{
	return rc_fail(err, RC_EFORMAT,
		       "two places of the bootloader look like its table of flash chips (0x%zx and "
		       "0x%zx of the boot partition): which of them it goes by cannot be told",
		       INGENIC_BODY_OFFSET + first, INGENIC_BODY_OFFSET + second);
}

static int find_entries(struct rc_span body, struct chip_table *table, size_t *start,
			struct rc_error *err)
{
	bool found = false;

	for (size_t at = 0; at + NAME_AT + NAME_SIZE <= body.size; at += 4) {
		uint32_t stride;
		size_t count = is_entry(body, at) ? count_entries(body, at, &stride) : 0;

		if (count < MIN_COUNT || count_known(body, at, stride, count) < MIN_COUNT / 2)
			continue;
		if (found)
			return fail_two(*start, at, err);
		found = true;
		*start = at;
		table->stride = stride;
		table->count = count;
		at += (count - 1) * stride;
	}
	if (found)
		return 0;
	return rc_fail(err, RC_ENOTFOUND,
		       "the bootloader holds no table of flash chips in the form of Ingenic's "
		       "builds of 2017 and 2018, so it is not known where it keeps a chip's size");
}

/* The word of an entry that is, in all entries but the last, the size that the id stands
 * for; the last one's may be any. 0 where there is none. */
static uint32_t find_size_at(struct rc_span body, size_t start, const struct chip_table *table,
			     uint32_t from)
{
	for (uint32_t at = from; at + 4 <= table->stride; at += 4) {
		size_t right = 0;

		while (right < table->count - 1 &&
		       word_at(body, start + right * table->stride + at) ==
			       chip_size_from_id(word_at(body, start + right * table->stride)))
			right++;
		if (right == table->count - 1)
			return at;
	}
	return 0;
}

static int find_sizes(struct rc_span body, size_t start, struct chip_table *table,
		      struct rc_error *err)
{
	uint32_t at = find_size_at(body, start, table, WORDS_AT);
	size_t last = start + (table->count - 1) * table->stride;
	uint32_t size;

	if (at == 0 || find_size_at(body, start, table, at + 4) != 0)
		return rc_fail(err, RC_EFORMAT,
			       "the bootloader's table of flash chips at 0x%zx of the boot "
			       "partition has %s: its form is another than that of Ingenic's "
			       "builds of 2017 and 2018",
			       INGENIC_BODY_OFFSET + start,
			       at ? "the size twice in each entry" : "no size in its entries");
	size = word_at(body, last + at);
	if (size < 0x10000 || (size & (size - 1)) != 0)
		return rc_fail(err, RC_EFORMAT,
			       "the last entry of the bootloader's table of flash chips, at 0x%zx "
			       "of the boot partition, says 0x%08x where a size should be: the "
			       "boot partition is damaged or patched",
			       INGENIC_BODY_OFFSET + last, size);
	for (size_t i = 0; i < table->count; i++) {
		table->ids[i] = word_at(body, start + i * table->stride);
		table->sizes[i] = word_at(body, start + i * table->stride + at);
	}
	memcpy(table->fallback_name, body.data + last + NAME_AT, NAME_SIZE);
	table->address = UBOOT_LINK_ADDRESS + (uint32_t)start;
	table->id_word = UBOOT_LINK_ADDRESS + (uint32_t)last;
	table->size_word = table->id_word + at;
	return 0;
}

/*
 * U-Boot reserves what it needs, code to end of BSS, below the top of RAM. The end of BSS
 * stands in the GOT, and start.S reads it there to clear the BSS:
 *
 *	lw t1, X(gp)	# __bss_start
 *	lw t2, Y(gp)	# __bss_end
 *	sw zero, 0(t1)
 *
 * (arch/mips/cpu/mips32/start.S, arch/mips/lib/board.c, U-Boot 2013.07; against
 * "Reserving 399k for U-Boot at: 83f9c000", facts 4.3.)
 */
static uint32_t find_relocation(struct rc_span body)
{
	uint32_t gp = word_at(body, GP_AT);

	for (size_t at = 0; at < START_CODE && at + 12 <= body.size; at += 4) {
		uint32_t start = word_at(body, at);
		uint32_t end = word_at(body, at + 4);
		uint32_t got, bss_end;

		if (start >> 16 != 0x8f89 || end >> 16 != 0x8f8a ||
		    word_at(body, at + 8) != 0xad200000)
			continue;
		got = gp + (uint32_t)(int16_t)(uint16_t)end;
		if (got < gp - GP_GOT_BIAS || got % 4 || got < UBOOT_LINK_ADDRESS ||
		    got - UBOOT_LINK_ADDRESS > body.size)
			return 0;
		bss_end = word_at(body, got - UBOOT_LINK_ADDRESS);
		if (bss_end <= got || bss_end - UBOOT_LINK_ADDRESS > RC_MIB(1))
			return 0;
		return (UBOOT_RAM_TOP - (bss_end - UBOOT_LINK_ADDRESS)) & ~(UBOOT_RELOC_ALIGN - 1);
	}
	return 0;
}

int chip_table_find(struct rc_span boot, struct chip_table *table, struct rc_error *err)
{
	struct rc_span body = rc_span_sub(boot, INGENIC_BODY_OFFSET,
					  INGENIC_ENV_OFFSET - INGENIC_BODY_OFFSET);
	size_t start = 0;
	int result;

	*table = (struct chip_table){ 0 };
	result = find_entries(body, table, &start, err);
	if (!result)
		result = find_sizes(body, start, table, err);
	if (!result)
		table->relocation = find_relocation(body);
	return result;
}

uint32_t chip_table_size_of(const struct chip_table *table, uint32_t jedec)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->ids[i] == jedec)
			return table->sizes[i];
	return table->count ? table->sizes[table->count - 1] : 0;
}
