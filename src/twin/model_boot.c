/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootm (cmd_bootm.c, image.c) and sdupdate (cmd_sdupdate.c, as Ingenic's customers
 * changed it: facts 2.1 and 2.2). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "format/decompress.h"
#include "format/uimage.h"
#include "twin/model.h"

/* --- bootm. --- */

struct code_name {
	uint8_t code;
	const char *name;
};

static const struct code_name arch_names[] = {
	{ 2, "ARM" }, { 3, "Intel x86" }, { 5, "MIPS" }, { 6, "MIPS 64 Bit" }, { 7, "PowerPC" },
};
static const struct code_name os_names[] = {
	{ 5, "Linux" },
	{ 17, "U-Boot" },
};
static const struct code_name type_names[] = {
	{ 1, "Standalone Program" }, { 2, "Kernel Image" },     { 3, "RAMDisk Image" },
	{ 4, "Multi-File Image" },   { 5, "Firmware" },         { 6, "Script" },
	{ 7, "Filesystem Image" },   { 8, "Flat Device Tree" },
};
static const struct code_name compression_names[] = {
	{ 0, "uncompressed" },    { 1, "gzip compressed" }, { 2, "bzip2 compressed" },
	{ 3, "lzma compressed" }, { 4, "lzo compressed" },
};

#define TYPE_STANDALONE 1
#define TYPE_MULTI      4
#define COMPRESSION_LZO 4

static const char *name_of(const struct code_name *names, size_t count, uint8_t code,
			   const char *unknown)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].code == code)
			return names[i].name;
	return unknown;
}
#define NAME_OF(names, code, unknown) name_of(names, RC_COUNT(names), code, unknown)

/* print_size, in the range that a 32-bit size has. */
static void print_size(struct model *model, uint32_t size)
{
	static const char units[] = { 'G', 'M', 'K' };
	unsigned shift = 30;
	uint32_t whole, tenths;

	for (size_t i = 0; i < RC_COUNT(units); i++, shift -= 10) {
		if (size >> shift == 0)
			continue;
		whole = size >> shift;
		tenths = (uint32_t)(((size & ((1u << shift) - 1)) * UINT64_C(10) +
				     (1u << (shift - 1))) >>
				    shift);
		if (tenths >= 10) {
			tenths -= 10;
			whole++;
		}
		model_printf(model, "%u", whole);
		if (tenths)
			model_printf(model, ".%u", tenths);
		model_printf(model, " %ciB\n", units[i]);
		return;
	}
	model_printf(model, "%u Bytes\n", size);
}

/* image_print_contents */
static void print_header(struct model *model, const struct uimage_header *header)
{
	model_printf(model, "   Image Name:   %s\n", header->name);
	model_printf(model, "   Image Type:   %s %s %s (%s)\n",
		     NAME_OF(arch_names, header->arch, "Unknown Architecture"),
		     NAME_OF(os_names, header->os, "Unknown OS"),
		     NAME_OF(type_names, header->type, "Unknown Image"),
		     NAME_OF(compression_names, header->compression, "Unknown Compression"));
	model_printf(model, "   Data Size:    %u Bytes = ", header->size);
	print_size(model, header->size);
	model_printf(model, "   Load Address: %08x\n", header->load);
	model_printf(model, "   Entry Point:  %08x\n", header->entry);
}

/* boot_get_kernel: false after saying what is wrong. */
static bool find_kernel(struct model *model, uint32_t address, struct uimage_header *header)
{
	uint8_t bytes[UIMAGE_HEADER_SIZE];
	struct rc_span span = { bytes, sizeof(bytes) };

	model_ram_read(model, address, bytes, sizeof(bytes));
	uimage_read_header(span, header);
	if (header->magic != UIMAGE_MAGIC) {
		model_puts(model, "Wrong Image Format for bootm command\n");
		return false;
	}
	model_printf(model, "## Booting kernel from Legacy Image at %08x ...\n", address);
	if (uimage_header_crc(bytes) != header->header_crc) {
		model_puts(model, "Bad Header Checksum\n");
		return false;
	}
	print_header(model, header);
	model_puts(model, "   Verifying Checksum ... ");
	if (model_ram_crc(model, address + UIMAGE_HEADER_SIZE, header->size) != header->data_crc) {
		model_puts(model, "Bad Data CRC\n");
		return false;
	}
	model_puts(model, "OK\n");
	if (header->arch != UIMAGE_ARCH_MIPS) {
		model_printf(model, "Unsupported Architecture 0x%x\n", header->arch);
		return false;
	}
	if (header->type != UIMAGE_TYPE_KERNEL && header->type != TYPE_MULTI &&
	    header->type != TYPE_STANDALONE) {
		model_puts(model, "Wrong Image Type for bootm command\n");
		return false;
	}
	return true;
}

/* Whether the kernel unpacks; what it unpacks to is of no use here. */
static bool unpacks(struct model *model, uint32_t address, const struct uimage_header *header)
{
	enum compression kind = header->compression == UIMAGE_COMPRESSION_GZIP ? COMPRESSION_GZIP
									       : COMPRESSION_LZMA;
	struct decompressed done;
	uint8_t *data;
	int status;

	if (header->size > MODEL_RAM)
		return false;
	data = malloc(header->size ? header->size : 1);
	if (!data)
		model_crash(model, "there is no memory for unpacking the kernel");
	model_ram_read(model, address + UIMAGE_HEADER_SIZE, data, header->size);
	status = decompress_test(kind, (struct rc_span){ data, header->size }, MODEL_RAM, &done,
				 NULL);
	free(data);
	model_pass(model, done.out_size * 50);
	return status == 0;
}

/* bootm_load_os: 0, or a command's result. A failure after memory was overwritten
 * resets the camera. */
static int load_kernel(struct model *model, uint32_t address, const struct uimage_header *header)
{
	const char *type = NAME_OF(type_names, header->type, "Unknown Image");

	switch (header->compression) {
	case UIMAGE_COMPRESSION_NONE:
		model_printf(model, "   %s %s ... ",
			     header->load == address + UIMAGE_HEADER_SIZE ? "XIP" : "Loading",
			     type);
		break;
	case UIMAGE_COMPRESSION_GZIP:
		model_printf(model, "   Uncompressing %s ... ", type);
		if (unpacks(model, address, header))
			break;
		model_puts(model, "Error: Bad gzipped data\nGUNZIP: uncompress, out-of-mem or "
				  "overwrite error - must RESET board to recover\n");
		model_reset(model);
	case UIMAGE_COMPRESSION_LZMA:
		model_printf(model, "   Uncompressing %s ... ", type);
		if (unpacks(model, address, header))
			break;
		model_puts(model, "LZMA: uncompress or overwrite error 1 - must RESET board to "
				  "recover\n");
		model_reset(model);
	case COMPRESSION_LZO: /* no kernel of these cameras: taken for whole */
		model_printf(model, "   Uncompressing %s ... ", type);
		break;
	default:
		model_printf(model, "Unimplemented compression type %u\n", header->compression);
		return CMD_FAILURE;
	}
	model_puts(model, "OK\n");
	return CMD_SUCCESS;
}

int model_do_bootm(struct model *model, bool repeat, int argc, char *const argv[])
{
	uint32_t address = model->dialect->load_address;
	struct uimage_header header;

	/* The sub-commands (bootm start, ...) are not imitated. */
	if (argc > 1 && !model_hex(argv[1], &address))
		return CMD_USAGE;
	if (!find_kernel(model, address, &header)) {
		model_puts(model, "ERROR: can't get kernel image!\n");
		return CMD_FAILURE;
	}
	if (load_kernel(model, address, &header) != CMD_SUCCESS)
		return CMD_FAILURE;
	if (header.os != UIMAGE_OS_LINUX) {
		model_printf(model, "ERROR: booting os '%s' (%u) is not supported\n",
			     NAME_OF(os_names, header.os, "Unknown OS"), header.os);
		return CMD_FAILURE;
	}
	model_puts(model, "\nStarting kernel ...\n\n");
	model_leave(model, TWIN_LINUX);
}

/* --- sdupdate. --- */

#define SETUP_BUTTON_NS UINT64_C(2000000000)
#define FLAG_OFFSET     0xff0000u
#define FLAG_SIZE       0x10000u
#define BACK_ADDRESS    0x80600000u

/* What the bootloader copies when the flag asks for it: facts 1.6, 2.2. */
struct upgrade_step {
	const char *text;    /* NULL: no more */
	const char *failure; /* of an erase; NULL: this is a write */
	uint32_t offset, size;
	uint32_t back; /* of a write: from here in what was read back */
};

struct upgrade {
	const char *word; /* behind "FWGRADEUP=" */
	size_t compared;
	const char *banner;
	uint32_t back_offset, back_size;
	struct upgrade_step steps[5];
};

static const struct upgrade upgrades[] = {
	{ "kernel+drivers",
	  10,
	  "FWGRADEUP=kernel+drivers!!!!!!!!!!!!!\n",
	  0xad0000,
	  0x2a0000,
	  { { "kenral flash erase...\n", "SPI kernel flash sector erase failed\n", 0x40000,
	      0x200000, 0 },
	    { "drivers flash erase...\n", "SPI drivers flash sector erase failed\n", 0x590000,
	      0xa0000, 0 },
	    { "kernel flash write...\n", NULL, 0x40000, 0x200000, 0 },
	    { "drivers flash write...\n", NULL, 0x590000, 0xa0000, 0x200000 },
	    { "flag flash earse...\n", "SPI flash sector erase failed\n", FLAG_OFFSET, FLAG_SIZE,
	      0 } } },
	{ "kernel",
	  6,
	  "FWGRADEUP=Kernel!!!!!!!!!!!!!\n",
	  0xad0000,
	  0x200000,
	  { { "Kernal flash erase...\n", "SPI kernal flash sector erase failed\n", 0x40000,
	      0x200000, 0 },
	    { "Kernal flash write...\n", NULL, 0x40000, 0x200000, 0 },
	    { "flag flash earse...\n", "SPI flash sector erase failed\n", FLAG_OFFSET, FLAG_SIZE,
	      0 } } },
	{ "drivers",
	  7,
	  "FWGRADEUP=drivers!!!!!!!!!!!!!\n",
	  0xcd0000,
	  0xa0000,
	  { { "drivers flash erase...\n", "SPI drivers flash sector erase failed\n", 0x590000,
	      0xa0000, 0 },
	    { "drivers flash write...\n", NULL, 0x590000, 0xa0000, 0 },
	    { "flag flash earse...\n", "SPI flash sector erase failed\n", FLAG_OFFSET, FLAG_SIZE,
	      0 } } },
};

static void apply_upgrade(struct model *model, const struct model_chip *flash,
			  const struct upgrade *upgrade)
{
	model_puts(model, upgrade->banner);
	model_puts(model, "back flash read...\n");
	model_flash_read(model, upgrade->back_offset, upgrade->back_size, BACK_ADDRESS);
	for (const struct upgrade_step *step = upgrade->steps;
	     step < upgrade->steps + RC_COUNT(upgrade->steps) && step->text; step++) {
		model_puts(model, step->text);
		if (!step->failure)
			model_flash_write(model, flash, step->offset, step->size,
					  BACK_ADDRESS + step->back);
		else if (model_flash_erase(model, flash, step->offset, step->size) != 0) {
			model_puts(model, step->failure);
			return;
		}
	}
}

/* Without the button: what an update from within Linux left to be done. */
static void check_flag(struct model *model, const struct model_chip *flash)
{
	static const char key[] = "FWGRADEUP=";
	struct rc_span flag = { model->block, FLAG_SIZE };
	const uint8_t *found;

	model_puts(model, "jiabo_update_to_flash!!!!!!!!!!!!!!!!!!!!!!!!\n"
			  "jiabo_au_do_update!!!!!!!!!!!!!!!!!!!!!!!!\n"
			  "start=0\nstart=40000\nlen=40000\nflash check read...\n");
	nor_read(&model->camera->nor, FLAG_OFFSET, model->block, FLAG_SIZE);
	model_pass(model, FLAG_SIZE * (uint64_t)CAMERA_FLASH_BYTE_NS);
	found = rc_find(flag, key, sizeof(key) - 1);
	if (!found) {
		model_puts(model, "FWGRADEUP not find !!!!!!!!!\n"
				  "gradeup check fail!!!!!!!!!!!!!!!!!!!\n");
		return;
	}
	found += sizeof(key) - 1;
	for (size_t i = 0; i < RC_COUNT(upgrades); i++) {
		size_t left = (size_t)(flag.data + flag.size - found);

		if (left >= upgrades[i].compared &&
		    memcmp(found, upgrades[i].word, upgrades[i].compared) == 0) {
			apply_upgrade(model, flash, &upgrades[i]);
			return;
		}
	}
}

static const struct model_chip *update_flash(struct model *model)
{
	const struct model_chip *flash = model_flash_probe(model);

	if (!flash)
		model_puts(model, "Failed to initialize SPI flash\n");
	return flash;
}

/* With the button held, and no card: the slot of this twin is empty. */
static int update_from_card(struct model *model, int argc, char *const argv[])
{
	static const char *const names[] = {
		"u-boot", "kernel", "rootfs", "drivers", "demo.bin", ""
	};
	uint32_t id = 4;
	const char *end = "";

	model_pass(model, SETUP_BUTTON_NS);
	model_puts(model, "setup_button set long!!!!!!!!!!!!!!!!!!!\n");
	if (argc > 1)
		id = model_number(argv[1], &end, 10);
	if (*end || (argc > 1 && !argv[1][0]))
		return CMD_USAGE;
	if (id > 5) {
		model_puts(model, "unsupport id!\n");
		return CMD_USAGE;
	}
	model_puts(model, "Card did not respond to voltage select!\n");
	if (!update_flash(model))
		return CMD_USAGE;
	if (id == 5)
		model_crash(model, "the bootloader stopped with an exception: sdupdate 5 reads "
				   "behind its table of names");
	model_printf(model, "reading %s\n", names[id]);
	return CMD_SUCCESS;
}

int model_do_sdupdate(struct model *model, bool repeat, int argc, char *const argv[])
{
	const struct model_chip *flash;

	model_puts(model, "jiabo_do_auto_update!!!!!!!!!!!!!!!!!!!!!!!!\n"
			  "gpio_request lable = sdupgrade gpio = 46\n");
	if (model->camera->button_held)
		return update_from_card(model, argc, argv);
	flash = update_flash(model);
	if (!flash)
		return CMD_USAGE;
	check_flag(model, flash);
	/* It saves the environment whatever became of that: facts 2.2. */
	model_do_saveenv(model, false, 1, argv);
	return CMD_SUCCESS;
}
