/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the partitions of an image lie, and what each is for. */
#include <stdio.h>
#include <string.h>

#include "format/mxpt.h"
#include "inspect/image.h"

/* What partitions of that name are for where no board says so: the names of
 * facts/bootloaders-and-flash.md 1 and facts/mstar-mi360.md 1.1. */
static const struct {
	const char *name;
	enum partition_role role;
	const struct format *format;
	bool required;
} usual[] = {
	{ "boot", ROLE_BOOT, NULL, true },
	{ "uboot", ROLE_BOOT, NULL, true },
	{ "kernel", ROLE_KERNEL, &format_uimage, true },
	{ "root", ROLE_ROOT, &format_squashfs, true },
	{ "rootfs", ROLE_ROOT, &format_squashfs, true },
	{ "driver", ROLE_DRIVER, &format_squashfs, true },
	{ "appfs", ROLE_APP, &format_jffs2, true },
	{ "system", ROLE_APP, &format_jffs2, true },
	{ "data", ROLE_APP, &format_jffs2, true },
	{ "backupk", ROLE_BACKUP_KERNEL, NULL, false },
	{ "backupd", ROLE_BACKUP_DRIVER, NULL, false },
	{ "backupa", ROLE_BACKUP_APP, NULL, false },
	{ "config", ROLE_SETTINGS, NULL, false },
	{ "param", ROLE_SETTINGS, NULL, false },
	{ "para", ROLE_IDENTITY, NULL, false },
	{ "factory", ROLE_IDENTITY, NULL, false },
	{ "flag", ROLE_FLAG, &format_flag, false },
};

enum partition_role image_role(const struct image *image, const char *name, bool *required,
			       const struct format **expected)
{
	const struct board_partition *known = image->board ? board_partition(image->board, name)
							   : NULL;

	*required = known && known->required;
	*expected = known ? known->format : NULL;
	if (known)
		return known->role;
	for (size_t i = 0; i < RC_COUNT(usual); i++) {
		if (strcasecmp(usual[i].name, name) != 0)
			continue;
		*required = usual[i].required;
		*expected = usual[i].format;
		return usual[i].role;
	}
	return ROLE_OTHER;
}

static void take(struct image *image, const struct layout *layout, const char *from)
{
	image->layout = *layout;
	snprintf(image->out->layout_from, sizeof(image->out->layout_from), "%s", from);
}

static bool take_board(struct image *image, const struct board *board)
{
	if (!board || board->layout.count == 0)
		return false;
	image->board = board;
	take(image, &board->layout, board->name);
	return true;
}

/* The flash's own table, which a board with layout_from_mxpt is to be asked by. */
static bool take_mxpt(struct image *image)
{
	struct rc_span span = mxpt_locate(image->bytes);
	struct mxpt table;
	struct layout layout;

	if (!span.data || mxpt_parse(span, &table, NULL) != 0 ||
	    mxpt_to_layout(&table, RC_MAX_FLASH, &layout, NULL) != 0 || layout.count == 0)
		return false;
	layout.flash_size = layout.partitions[layout.count - 1].offset +
			    layout.partitions[layout.count - 1].size;
	take(image, &layout, "the flash's own table (MXPT)");
	return true;
}

static bool take_mtdparts(struct image *image)
{
	const char *text = image->has_ingenic ? image->ingenic.mtdparts : "";
	struct layout layout;

	if (!*text || layout_parse_mtdparts(text, strlen(text), (uint32_t)image->bytes.size,
					    &layout, NULL) != 0)
		return false;
	take(image, &layout, "the bootloader's start arguments (mtdparts)");
	return true;
}

/* How many partitions of a board begin as they should, here. */
static size_t count_matches(const struct image *image, const struct board *board)
{
	size_t matches = 0;

	for (size_t i = 0; i < board->layout.count; i++) {
		const struct format *format = board->partitions[i].format;

		matches += format &&
			   format->probe(image_region(image, &board->layout.partitions[i]));
	}
	return matches;
}

/* Without a bootloader to ask, the places where file systems begin tell the layout. */
static bool take_likeliest(struct image *image)
{
	const struct boards *boards = image->options->boards;
	const struct board *best = NULL;
	size_t most = 1;

	for (size_t i = 0; boards && i < boards->count; i++) {
		size_t matches = count_matches(image, &boards->all[i]);

		if (matches <= most)
			continue;
		most = matches;
		best = &boards->all[i];
	}
	if (!take_board(image, best))
		return false;
	snprintf(image->out->layout_from, sizeof(image->out->layout_from),
		 "the places where %zu partitions begin, as on a %.48s", most, best->name);
	return true;
}

/* One partition per place where a format begins that is told by its first bytes; JFFS2
 * goes on over erase blocks that begin with a node as well. */
static void take_signatures(struct image *image)
{
	struct layout *layout = &image->layout;
	const struct format *last = NULL;

	*layout = (struct layout){ .flash_size = (uint32_t)image->bytes.size };
	for (size_t at = 0; at < image->bytes.size; at += RC_ERASE_BLOCK) {
		struct rc_span rest = rc_span_sub(image->bytes, at, image->bytes.size);
		const struct format *format = format_probe(rest);
		struct partition *next = &layout->partitions[layout->count];

		if ((at && !format) || (format == &format_jffs2 && format == last))
			continue;
		if (layout->count == RC_MAX_PARTITIONS || format == &format_flag)
			continue;
		if (layout->count)
			next[-1].size = (uint32_t)at - next[-1].offset;
		snprintf(next->name, sizeof(next->name), "part%zu", layout->count);
		next->offset = (uint32_t)at;
		next->size = (uint32_t)(image->bytes.size - at);
		layout->count++;
		last = format;
	}
	image->guessed = true;
	snprintf(image->out->layout_from, sizeof(image->out->layout_from),
		 "what is recognised by its first bytes");
}

int image_choose_layout(struct image *image, struct rc_error *err)
{
	const struct inspect_options *options = image->options;
	struct board_match match = { 0 };
	bool sure;
	int status;

	if (options->boards) {
		status = board_identify(options->boards, image->clues.all, image->clues.count,
					options->board, &match, err);
		if (status)
			return status;
	}
	sure = match.confidence >= BOARD_LIKELY;
	image->board = match.board;
	if ((!match.board || match.board->layout_from_mxpt || !sure) && take_mxpt(image))
		return 0;
	if (sure && take_board(image, match.board))
		return 0;
	if (take_mtdparts(image) || take_likeliest(image) || take_board(image, match.board))
		return 0;
	take_signatures(image);
	return 0;
}
