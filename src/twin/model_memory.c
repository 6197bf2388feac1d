/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RAM, and the commands on it: cmd_mem.c, hash.c and display_options.c of U-Boot. */
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "twin/model.h"

/* What a byte takes in U-Boot's loops, roughly. */
#define LOOP_NS 8u

#define LINE_BYTES 16u

/* Where an address lies in RAM; false outside. U-Boot runs with the lower half
 * unmapped (ERL is set since the reset), so 0 and 0x80000000 and 0xA0000000 are the
 * same place; above them there is nothing but an exception. */
static bool place_of(struct model *model, uint32_t address, uint32_t *place)
{
	if (address >= 0xc0000000u)
		model_crash(model, "the bootloader stopped with an exception: an address above "
				   "0xc0000000 is not mapped");
	*place = address < 0x80000000u ? address : address & 0x1fffffffu;
	return *place < MODEL_RAM;
}

static uint8_t *page_at(struct model *model, uint32_t address, bool make, bool *outside)
{
	uint32_t place;
	uint8_t **page;

	*outside = !place_of(model, address, &place);
	if (*outside)
		return NULL;
	page = &model->ram[place / MODEL_RAM_PAGE];
	if (!*page && make) {
		*page = calloc(1, MODEL_RAM_PAGE);
		if (!*page)
			model_crash(model, "there is no memory for the camera's RAM");
	}
	return *page ? *page + place % MODEL_RAM_PAGE : NULL;
}

uint8_t model_ram_get(struct model *model, uint32_t address)
{
	bool outside;
	uint8_t *byte = page_at(model, address, false, &outside);

	return byte ? *byte : 0;
}

void model_ram_put(struct model *model, uint32_t address, uint8_t value)
{
	bool outside;
	uint8_t *byte = page_at(model, address, value != 0, &outside);

	if (byte)
		*byte = value;
}

/* Bytes from address to the end of its page, at most size. */
static size_t in_page(uint32_t address, size_t size)
{
	size_t left = MODEL_RAM_PAGE - address % MODEL_RAM_PAGE;

	return left < size ? left : size;
}

void model_ram_read(struct model *model, uint32_t address, uint8_t *out, size_t size)
{
	bool outside;

	while (size) {
		size_t part = in_page(address, size);
		uint8_t *page = page_at(model, address, false, &outside);

		if (page)
			memcpy(out, page, part);
		else
			memset(out, 0, part);
		address += (uint32_t)part;
		out += part;
		size -= part;
	}
}

void model_ram_write(struct model *model, uint32_t address, const uint8_t *data, size_t size)
{
	bool outside;

	while (size) {
		size_t part = in_page(address, size);
		uint8_t *page = page_at(model, address, true, &outside);

		if (!outside)
			memcpy(page, data, part);
		address += (uint32_t)part;
		data += part;
		size -= part;
	}
}

uint32_t model_ram_crc(struct model *model, uint32_t address, uint32_t size)
{
	uint32_t crc = 0;

	while (size) {
		uint32_t part = (uint32_t)in_page(address, size);

		model_ram_read(model, address, model->block, part);
		crc = rc_crc32(crc, model->block, part);
		model_pass(model, part * (uint64_t)LOOP_NS);
		address += part;
		size -= part;
	}
	return crc;
}

/* MIPS takes no word from an odd place. */
static void check_alignment(struct model *model, uint32_t address, int width)
{
	if (address % (uint32_t)width)
		model_crash(model, "the bootloader stopped with an exception: an address that is "
				   "no multiple of the object's size");
}

static uint32_t get_object(struct model *model, uint32_t address, int width)
{
	uint32_t value = 0;

	check_alignment(model, address, width);
	for (int i = width - 1; i >= 0; i--)
		value = value << 8 | model_ram_get(model, address + (uint32_t)i);
	return value;
}

static void put_object(struct model *model, uint32_t address, int width, uint32_t value)
{
	check_alignment(model, address, width);
	for (int i = 0; i < width; i++)
		model_ram_put(model, address + (uint32_t)i, (uint8_t)(value >> 8 * i));
}

/* Time for one object of a loop, in pieces that a limit can fall between. */
static void pass_loop(struct model *model, uint32_t index, int width)
{
	if (index % 1024 == 1023)
		model_pass(model, 1024 * (uint64_t)width * LOOP_NS);
}

/* cmd_get_data_size: .b, .w, .l; something else is -1. */
static int width_of(const char *command)
{
	size_t size = strlen(command);

	if (size < 3 || command[size - 2] != '.')
		return 4;
	switch (command[size - 1]) {
	case 'b':
		return 1;
	case 'w':
		return 2;
	case 'l':
		return 4;
	default:
		return -1;
	}
}

/* One line of print_buffer: count objects, at most as many as a line holds. */
static void print_line(struct model *model, uint32_t address, int width, uint32_t count)
{
	uint32_t bytes = count * (uint32_t)width;
	uint8_t line[LINE_BYTES];
	char text[LINE_BYTES + 1];

	model_printf(model, "%08x:", address);
	for (uint32_t i = 0; i < count; i++)
		model_printf(model, " %0*x", width * 2,
			     get_object(model, address + i * (uint32_t)width, width));
	model_printf(model, "%*s", (int)(LINE_BYTES / (uint32_t)width - count) * (width * 2 + 1),
		     "");
	model_ram_read(model, address, line, bytes);
	for (uint32_t i = 0; i < bytes; i++)
		text[i] = line[i] >= 0x20 && line[i] < 0x7f ? (char)line[i] : '.';
	text[bytes] = '\0';
	model_printf(model, "    %s\n", text);
}

int model_do_md(struct model *model, bool repeat, int argc, char *const argv[])
{
	uint32_t address = model->last_md.address, count = model->last_md.count, left;
	int width = model->last_md.width;

	if (argc < 2)
		return CMD_USAGE;
	if (!repeat) {
		width = width_of(argv[0]);
		if (width < 0)
			return CMD_FAILURE;
		address = model_number(argv[1], NULL, 16) + model->base;
		if (argc > 2)
			count = model_number(argv[2], NULL, 16);
	}
	left = count;
	while (left) {
		uint32_t part = LINE_BYTES / (uint32_t)width;

		if (part > left)
			part = left;
		print_line(model, address, width, part);
		address += part * (uint32_t)width;
		left -= part;
		if (model_ctrlc(model))
			break;
	}
	model->last_md.address = address + left * (uint32_t)width;
	model->last_md.count = count;
	model->last_md.width = width;
	return CMD_SUCCESS;
}

int model_do_mw(struct model *model, bool repeat, int argc, char *const argv[])
{
	int width = width_of(argv[0]);
	uint32_t address, value, count = 1;

	if (argc < 3)
		return CMD_USAGE;
	if (width < 0)
		return CMD_FAILURE;
	address = model_number(argv[1], NULL, 16) + model->base;
	value = model_number(argv[2], NULL, 16);
	if (argc == 4)
		count = model_number(argv[3], NULL, 16);
	for (uint32_t i = 0; i < count; i++) {
		put_object(model, address + i * (uint32_t)width, width, value);
		pass_loop(model, i, width);
	}
	return CMD_SUCCESS;
}

int model_do_cmp(struct model *model, bool repeat, int argc, char *const argv[])
{
	static const char *const names[] = { NULL, "byte", "halfword", NULL, "word" };
	int width = width_of(argv[0]);
	uint32_t one, two, count, same;

	if (argc != 4)
		return CMD_USAGE;
	if (width < 0)
		return CMD_FAILURE;
	one = model_number(argv[1], NULL, 16) + model->base;
	two = model_number(argv[2], NULL, 16) + model->base;
	count = model_number(argv[3], NULL, 16);
	for (same = 0; same < count; same++) {
		uint32_t left = get_object(model, one, width),
			 right = get_object(model, two, width);

		if (left != right) {
			/* The width that U-Boot gives here counts the "0x" as well. */
			int digits = width > 2 ? width - 2 : 0;

			model_printf(model, "%s at 0x%08x (0x%0*x) != %s at 0x%08x (0x%0*x)\n",
				     names[width], one, digits, left, names[width], two, digits,
				     right);
			break;
		}
		one += (uint32_t)width;
		two += (uint32_t)width;
		pass_loop(model, same, width);
	}
	model_printf(model, "Total of %u %s(s) were the same\n", same, names[width]);
	return same == count ? CMD_SUCCESS : CMD_FAILURE;
}

int model_do_cp(struct model *model, bool repeat, int argc, char *const argv[])
{
	int width = width_of(argv[0]);
	uint32_t from, to, count;

	if (argc != 4)
		return CMD_USAGE;
	if (width < 0)
		return CMD_FAILURE;
	from = model_number(argv[1], NULL, 16) + model->base;
	to = model_number(argv[2], NULL, 16) + model->base;
	count = model_number(argv[3], NULL, 16);
	if (count == 0) {
		model_puts(model, "Zero length ???\n");
		return CMD_FAILURE;
	}
	for (uint32_t i = 0; i < count; i++) {
		put_object(model, to + i * (uint32_t)width, width,
			   get_object(model, from + i * (uint32_t)width, width));
		pass_loop(model, i, width);
	}
	return CMD_SUCCESS;
}

/* The third argument, where the checksum should be stored, is taken and forgotten:
 * so does hash_command of this version. */
int model_do_crc32(struct model *model, bool repeat, int argc, char *const argv[])
{
	uint32_t address, size;

	if (argc < 3)
		return CMD_USAGE;
	address = model_number(argv[1], NULL, 16);
	size = model_number(argv[2], NULL, 16);
	model_printf(model, "CRC32 for %08x ... %08x ==> ", address, address + size - 1);
	model_printf(model, "%08x\n", model_ram_crc(model, address, size));
	return CMD_SUCCESS;
}

int model_do_base(struct model *model, bool repeat, int argc, char *const argv[])
{
	if (argc > 1)
		model->base = model_number(argv[1], NULL, 16);
	model_printf(model, "Base Address: 0x%08x\n", model->base);
	return CMD_SUCCESS;
}
