/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware files, and single partitions: parts of a flash, looked at as the flash is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/recovery.h"
#include "format/uimage.h"
#include "inspect/image.h"

/* facts/bootloaders-and-flash.md 1.1: kernel, root, driver, appfs as they lie at 0x40000. */
#define DEMO_BASE    0x40000u
#define DEMO_PAYLOAD 0xa90000u

/* facts/mstar-mi360.md 2.1: KERNEL, ROOTFS, DATA in full slots, then a signature and 16
 * bytes that nobody looks at. */

static struct image *new_image(enum inspect_kind kind, struct rc_span file,
			       const struct inspect_options *options, struct inspection *out)
{
	struct image *image = calloc(1, sizeof(*image));

	*out = (struct inspection){ .kind = kind, .size = file.size };
	if (image) {
		image->options = options;
		image->out = out;
	}
	return image;
}

static int finish(struct image *image, struct rc_error *err)
{
	struct inspection *out = image->out;
	int status = image_finish(image, err);

	free(image);
	if (status)
		inspection_clear(out);
	return status;
}

/* --- demo.bin --- */

bool firmware_is_demo(struct rc_span bytes)
{
	struct uimage_header header;

	return uimage_read_header(bytes, &header) && header.magic == UIMAGE_MAGIC &&
	       header.type == UIMAGE_TYPE_FIRMWARE &&
	       !format_ingenic_boot.probe(rc_span_sub(bytes, UIMAGE_HEADER_SIZE, bytes.size));
}

/* The tests of the stock bootloader, in its order, and its size (facts 2.1). */
static void judge_header(struct image *image, struct rc_span file,
			 const struct uimage_header *header)
{
	struct rc_error why;
	size_t there = file.size - UIMAGE_HEADER_SIZE;

	if (uimage_header_crc(file.data) != header->header_crc)
		image_found(image, "image-bad-checksum", NULL, 4,
			    "the header's checksum is %08X, it says %08X",
			    uimage_header_crc(file.data), header->header_crc);
	if (header->arch != UIMAGE_ARCH_MIPS)
		image_found(image, "image-wrong-model", NULL, 29,
			    "it is for processor type %u, these cameras are %u (MIPS)",
			    header->arch, UIMAGE_ARCH_MIPS);
	if (header->size > DEMO_PAYLOAD || there > DEMO_PAYLOAD)
		image_found(image, "image-too-large", NULL, 12,
			    "%zu bytes behind the header, which says %u; %u fit", there,
			    header->size, DEMO_PAYLOAD);
	else if (there < header->size)
		image_found(image, "image-too-small", NULL, file.size,
			    "%zu bytes behind the header, which says %u", there, header->size);
	else if (header->size < DEMO_PAYLOAD)
		image_found(
			image, "image-too-small", NULL, 12,
			"%u bytes of %u: the bootloader erases the whole range, and would leave "
			"what is missing blank",
			header->size, DEMO_PAYLOAD);
	else if (uimage_parse(file, (struct uimage_header *)header, &why) != 0 &&
		 !inspection_find(image->out, "image-bad-checksum"))
		image_found(image, "image-bad-checksum", NULL, 24, "%s", why.text);
}

/* The four partitions of any board that has them where demo.bin puts them. */
static const struct board *demo_board(const struct image *image)
{
	const struct boards *boards = image->options->boards;

	for (size_t i = 0; boards && i < boards->count; i++) {
		const struct partition *kernel = layout_find(&boards->all[i].layout, "kernel");
		const struct partition *app = layout_find(&boards->all[i].layout, "appfs");

		if (kernel && app && kernel->offset == DEMO_BASE &&
		    app->offset + app->size == DEMO_BASE + DEMO_PAYLOAD)
			return &boards->all[i];
	}
	return NULL;
}

/* Takes those partitions of the board that lie in the range. */
static void take_range(struct image *image, const struct board *board, uint32_t from, uint32_t to)
{
	image->board = board;
	for (size_t i = 0; board && i < board->layout.count; i++) {
		const struct partition *place = &board->layout.partitions[i];

		if (place->offset >= from && place->offset + place->size <= to)
			image->layout.partitions[image->layout.count++] = *place;
	}
	if (board)
		snprintf(image->out->layout_from, sizeof(image->out->layout_from), "%s",
			 board->name);
}

int inspect_demo(struct rc_span bytes, const struct inspect_options *options,
		 struct inspection *out, struct rc_error *err)
{
	struct image *image = new_image(INSPECT_FIRMWARE, bytes, options, out);
	struct uimage_header header;

	if (!image)
		return rc_fail_memory(err, sizeof(*image));
	uimage_read_header(bytes, &header);
	judge_header(image, bytes, &header);
	out->base = DEMO_BASE;
	image->bytes = rc_span_sub(bytes, UIMAGE_HEADER_SIZE, DEMO_PAYLOAD);
	image->trusted = image->bytes.size;
	take_range(image, demo_board(image), DEMO_BASE, DEMO_BASE + DEMO_PAYLOAD);
	snprintf(out->what, sizeof(out->what),
		 "a demo.bin: kernel, root, driver and appfs for a card update");
	return finish(image, err);
}

/* --- tf_recovery.img, tf_update.img --- */

bool firmware_is_recovery(struct rc_span bytes)
{
	return recovery_probe(bytes);
}

/* Of the two layouts, the one with which the root file system begins at its place. */
static const struct board *recovery_board(const struct image *image)
{
	const struct boards *boards = image->options->boards;

	for (size_t i = 0; boards && i < boards->count; i++) {
		const struct layout *layout = &boards->all[i].layout;
		const struct partition *root = layout_find(layout, "root");

		if (boards->all[i].layout_from_mxpt && root &&
		    format_squashfs.probe(image_region(image, root)))
			return &boards->all[i];
	}
	return NULL;
}

/* Kernel and root of two chip families: where the root lies tells one, the kernel the other. */
static void judge_family(struct image *image, struct rc_span bytes, const struct board *board)
{
	const struct partition *root = board ? layout_find(&board->layout, "root") : NULL;
	struct recovery recovery;

	if (!root || recovery_parse(bytes, &recovery, NULL) < 0 ||
	    root->offset == RECOVERY_BASE + recovery.places[RECOVERY_ROOTFS].offset)
		return;
	image_found(image, "image-wrong-model", "KERNEL", 0,
		    "its kernel is for the chip %s, and its root file system lies where the %s "
		    "has it",
		    recovery.chip, board->name);
}

int inspect_recovery(struct rc_span bytes, const struct inspect_options *options,
		     struct inspection *out, struct rc_error *err)
{
	struct image *image = new_image(INSPECT_FIRMWARE, bytes, options, out);
	const size_t whole = RECOVERY_SIZE;
	const struct board *board;

	if (!image)
		return rc_fail_memory(err, sizeof(*image));
	if (bytes.size > whole)
		image_found(image, "image-too-large", NULL, whole, "%zu bytes instead of %zu",
			    bytes.size, whole);
	else if (bytes.size < whole)
		image_found(image, "image-too-small", NULL, bytes.size, "%zu bytes instead of %zu",
			    bytes.size, whole);
	out->base = RECOVERY_BASE;
	image->bytes = rc_span_sub(bytes, 0, RECOVERY_PAYLOAD);
	image->trusted = image->bytes.size;
	board = recovery_board(image);
	judge_family(image, bytes, board);
	take_range(image, board, RECOVERY_BASE, RECOVERY_BASE + RECOVERY_PAYLOAD);
	snprintf(out->what, sizeof(out->what),
		 "a tf_recovery.img or tf_update.img: kernel, root and data for a card update; "
		 "its signature can be checked with a dump of the camera (recam card check "
		 "--rehearse)");
	return finish(image, err);
}

/* --- One partition --- */

/* The name that this stretch has in a known layout, by format and size; else by format. */
static void name_partition(const struct image *image, const struct format *format, char *name)
{
	static const struct {
		const struct format *format;
		const char *name;
	} likely[] = {
		{ &format_ingenic_boot, "boot" }, { &format_mstar_boot, "boot" },
		{ &format_uimage, "kernel" },     { &format_squashfs, "root" },
		{ &format_flag, "flag" },         { &format_uboot_env, "env" },
		{ &format_mxpt, "mxpt" },
	};
	const struct boards *boards = image->options->boards;
	const char *found = "";

	for (size_t i = 0; i < RC_COUNT(likely); i++) {
		if (likely[i].format == format)
			found = likely[i].name;
	}
	for (size_t i = 0; boards && i < boards->count; i++) {
		const struct board *board = &boards->all[i];

		for (size_t n = 0; n < board->layout.count; n++) {
			const struct partition *place = &board->layout.partitions[n];

			/* Several names where settings and identity have one size: then none. */
			if (format && board->partitions[n].format == format &&
			    place->size == image->bytes.size &&
			    board->partitions[n].role != ROLE_SETTINGS &&
			    board->partitions[n].role != ROLE_IDENTITY)
				found = place->name;
		}
	}
	snprintf(name, RC_PARTITION_NAME, "%s", *found ? found : "image");
}

static int start_partition(struct image *image, struct rc_span bytes, struct rc_error *err)
{
	struct partition *place = &image->layout.partitions[0];
	const struct format *format = format_probe(bytes);

	name_partition(image, format, place->name);
	place->size = (uint32_t)bytes.size;
	image->layout.count = 1;
	snprintf(image->out->what, sizeof(image->out->what), "%s of %zu bytes%s%s",
		 format ? "a single partition" : "a file", bytes.size, format ? ", " : "",
		 format ? format->name : " that recam does not recognise");
	if (format == &format_ingenic_boot || format == &format_mstar_boot)
		return image_read_boot(image, bytes, err);
	return 0;
}

/* A bootloader that is still in its update file, or a page that was saved instead. */
static void look_for_boot(struct image *image, struct rc_span bytes)
{
	if (bytes.size <= 2 * INGENIC_BOOT_SIZE)
		image->boot_place = ingenic_boot_find(bytes, &image->boot_offset);
	if (image->boot_place == INGENIC_BOOT_WRAPPED ||
	    image->boot_place == INGENIC_BOOT_MISPLACED)
		snprintf(image->layout.partitions[0].name, RC_PARTITION_NAME, "boot");
}

int inspect_partition(struct rc_span bytes, const struct inspect_options *options,
		      struct inspection *out, struct rc_error *err)
{
	struct image *image = new_image(INSPECT_PARTITION, bytes, options, out);
	int status = 0;

	if (!image)
		return rc_fail_memory(err, sizeof(*image));
	if (bytes.size > RC_MAX_FLASH)
		status = rc_fail(err, RC_ERANGE, "%zu bytes are more than any chip has (%u MiB)",
				 bytes.size, RC_MAX_FLASH >> 20);
	image->bytes = bytes;
	image->trusted = bytes.size;
	if (status == 0)
		status = start_partition(image, bytes, err);
	if (status) {
		clues_free(&image->clues);
		free(image);
		return status;
	}
	look_for_boot(image, bytes);
	if (rc_all_bytes(bytes.data, bytes.size, bytes.data[0]))
		image_found(image, "flash-all-same", NULL, 0, "all %zu bytes are %02X", bytes.size,
			    bytes.data[0]);
	return finish(image, err);
}
