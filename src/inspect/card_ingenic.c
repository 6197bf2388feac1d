/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdupdate of the Ingenic bootloaders: the stock one, as in the builds of Jul 2017, Dec 2017,
 * Mar 2018 and Jul 2018 (facts/bootloaders-and-flash.md 2.1), and the open one, which the
 * Dafang-Hacks project made of Ingenic's sources (2.3).
 */
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "format/uimage.h"
#include "inspect/card_rules.h"
#include "inspect/image.h"

#define TYPE_RAMDISK    3
#define TYPE_FILESYSTEM 7

/* One file that such a bootloader takes, and where it goes. */
struct update_file {
	const char *name;
	uint32_t start, end;
	uint8_t types[2]; /* of the header; 0: none */
};

static bool has_type(const struct update_file *file, uint8_t type)
{
	return type && (file->types[0] == type || file->types[1] == type);
}

/* What it says of a file that begins otherwise than it should. */
static void blame_beginning(struct card_verdict *verdict, const struct uimage_header *header,
			    struct rc_span bytes)
{
	const char *other = detect_not_firmware(bytes);

	card_say(verdict, "Image %s bad MAGIC or ARCH", verdict->file);
	if (header->magic == UIMAGE_MAGIC)
		card_settle(verdict, CARD_REFUSED, "image-wrong-model",
			    "the file's header is for processor type %u, this camera is %u (MIPS)",
			    header->arch, UIMAGE_ARCH_MIPS);
	else
		card_settle(verdict, CARD_REFUSED, "image-not-firmware",
			    "the file begins with %08x instead of %08x%s%s", header->magic,
			    UIMAGE_MAGIC, other ? ": it is " : "", other ? other : "");
}

static bool judge_header(const struct update_file *file, struct rc_span bytes,
			 struct card_verdict *verdict)
{
	struct uimage_header header;
	uint32_t room = file->end - file->start;

	if (!uimage_read_header(bytes, &header)) {
		card_settle(verdict, CARD_NOT_SEEN, "card-no-file",
			    "the file has %zu bytes, less than a header's %u: as if it were not "
			    "there",
			    bytes.size, UIMAGE_HEADER_SIZE);
		return false;
	}
	if (header.magic != UIMAGE_MAGIC || header.arch != UIMAGE_ARCH_MIPS) {
		blame_beginning(verdict, &header, bytes);
		return false;
	}
	if (uimage_header_crc(bytes.data) != header.header_crc) {
		card_say(verdict, "Image %s bad header checksum", verdict->file);
		card_settle(verdict, CARD_REFUSED, "image-bad-checksum",
			    "the header's checksum is %08x, it says %08x",
			    uimage_header_crc(bytes.data), header.header_crc);
		return false;
	}
	if (!has_type(file, header.type)) {
		card_say(verdict, "Image %s wrong type", verdict->file);
		card_settle(verdict, CARD_REFUSED, "image-wrong-model",
			    "the header says type %u, this bootloader takes %u for %s", header.type,
			    file->types[0], file->name);
		return false;
	}
	if (header.size > room) {
		card_say(verdict, "Image %s is bigger than FLASH", verdict->file);
		card_settle(verdict, CARD_REFUSED, "image-too-large",
			    "the header says %u bytes, %u fit", header.size, room);
		return false;
	}
	return true;
}

static bool judge_file(const struct update_file *file, struct rc_span bytes,
		       struct card_verdict *verdict)
{
	struct uimage_header header;
	uint32_t crc;

	/* A header and nothing behind it is no update to it, and it says nothing. */
	if (!uimage_read_header(bytes, &header) || bytes.size <= UIMAGE_HEADER_SIZE) {
		card_settle(verdict, CARD_NOT_SEEN, "card-no-file",
			    "the file has %zu bytes, and none behind its header: as if it were "
			    "not there",
			    bytes.size);
		return false;
	}
	if (bytes.size != (uint64_t)UIMAGE_HEADER_SIZE + header.size) {
		card_say(verdict, "Image %s bad total SIZE", verdict->file);
		card_settle(verdict, CARD_REFUSED,
			    bytes.size < (uint64_t)UIMAGE_HEADER_SIZE + header.size
				    ? "image-too-small"
				    : "image-too-large",
			    "it can read %zu bytes of the file, which has %u; the header says "
			    "%llu with itself",
			    bytes.size, verdict->file_size,
			    (unsigned long long)UIMAGE_HEADER_SIZE + header.size);
		return false;
	}
	crc = rc_crc32(0, bytes.data + UIMAGE_HEADER_SIZE, header.size);
	if (crc != header.data_crc) {
		card_say(verdict, "Image %s bad data checksum", verdict->file);
		card_settle(verdict, CARD_REFUSED, "image-bad-checksum",
			    "the checksum of the file's contents is %08x, its header says %08x",
			    crc, header.data_crc);
		return false;
	}
	verdict->flash_offset = file->start;
	verdict->flash_size = file->end - file->start;
	verdict->file_offset = UIMAGE_HEADER_SIZE;
	verdict->file_size = header.size;
	return true;
}

/* --- Stock --- */

static const struct update_file demo = { "demo.bin", 0x40000, 0xad0000, { UIMAGE_TYPE_FIRMWARE } };
#define DEMO_SIZE (0xad0000u - 0x40000u)

static bool stock_fits(const struct card_camera *camera)
{
	return strcmp(camera->board->update.file, demo.name) == 0 &&
	       (!camera->bootloader || camera->bootloader->origin != BOOTLOADER_OPEN);
}

static size_t stock_files(const struct card_camera *camera, const char *names[CARD_MAX_FILES])
{
	(void)camera;
	names[0] = demo.name;
	return 1;
}

static bool stock_header(const struct card_camera *camera, size_t index, struct rc_span header,
			 struct card_verdict *verdict)
{
	(void)camera;
	(void)index;
	return judge_header(&demo, header, verdict);
}

static bool stock_file(const struct card_camera *camera, size_t index, struct rc_span file,
		       struct card_verdict *verdict)
{
	(void)camera;
	(void)index;
	if (!judge_file(&demo, file, verdict))
		return false;
	card_say(verdict, "misc_init_r after change the blue_gpio ret is 1");
	if (verdict->file_size < DEMO_SIZE)
		card_settle(verdict, CARD_TAKEN, "image-too-small",
			    "the bootloader erases %u bytes and writes the %u of this file: what "
			    "lies behind them is blank afterwards",
			    DEMO_SIZE, verdict->file_size);
	return true;
}

const struct card_rules card_rules_stock = {
	.name = "ingenic-stock",
	.fits = stock_fits,
	.files = stock_files,
	.wants_button = true,
	.header_size = UIMAGE_HEADER_SIZE,
	.load_limit = UIMAGE_HEADER_SIZE + DEMO_SIZE,
	.judge_header = stock_header,
	.judge_file = stock_file,
};

/* --- Open --- */

/* Of the builds for the 16 MiB layout of the T20 cameras. */
static const struct update_file open_files[CARD_MAX_FILES] = {
	{ "flash-uboot.bin", 0, 0x40000, { UIMAGE_TYPE_FIRMWARE } },
	{ "flash-kernel.bin", 0x40000, 0x240000, { UIMAGE_TYPE_KERNEL } },
	{ "flash-rootfs.bin", 0x240000, 0x590000, { TYPE_FILESYSTEM, TYPE_RAMDISK } },
	{ "flash-full.bin", 0, 0x590000, { UIMAGE_TYPE_FIRMWARE } },
};

static bool open_fits(const struct card_camera *camera)
{
	return camera->bootloader && camera->bootloader->origin == BOOTLOADER_OPEN &&
	       strcmp(camera->board->update.file, demo.name) == 0;
}

static size_t list_open(const struct card_camera *camera, const char *names[CARD_MAX_FILES])
{
	(void)camera;
	for (size_t i = 0; i < RC_COUNT(open_files); i++)
		names[i] = open_files[i].name;
	return RC_COUNT(open_files);
}

static bool open_header(const struct card_camera *camera, size_t index, struct rc_span header,
			struct card_verdict *verdict)
{
	(void)camera;
	return judge_header(&open_files[index], header, verdict);
}

static bool open_file(const struct card_camera *camera, size_t index, struct rc_span file,
		      struct card_verdict *verdict)
{
	struct uimage_header header;

	(void)camera;
	if (!judge_file(&open_files[index], file, verdict))
		return false;
	card_say(verdict, "flash write...");
	/* Of these two the header goes to the flash, too. */
	uimage_read_header(file, &header);
	if (header.type == UIMAGE_TYPE_KERNEL || header.type == TYPE_RAMDISK) {
		verdict->file_offset = 0;
		verdict->file_size += UIMAGE_HEADER_SIZE;
	}
	return true;
}

const struct card_rules card_rules_open = {
	.name = "ingenic-open",
	.fits = open_fits,
	.files = list_open,
	.header_size = UIMAGE_HEADER_SIZE,
	.load_limit = 0x590000,
	.judge_header = open_header,
	.judge_file = open_file,
};
