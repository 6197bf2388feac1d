/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How an image was made: read from the image, and kept as one line of text. */
#include "pack/fs_manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/jffs2.h"
#include "format/squashfs.h"

/* --- as text --- */

static const struct key {
	const char *name;
	const struct format *format; /* NULL: of all */
	size_t offset;               /* of a uint32_t in struct fs_recipe */
	bool is_hex;
} keys[] = {
	{ "align", NULL, offsetof(struct fs_recipe, align), false },
	{ "pad-to", NULL, offsetof(struct fs_recipe, pad_to), false },
	{ "fill", NULL, offsetof(struct fs_recipe, fill), true },
	{ "block-size", &format_squashfs, offsetof(struct fs_recipe, block_size), false },
	{ "compressor", &format_squashfs, offsetof(struct fs_recipe, compressor), false },
	{ "flags", &format_squashfs, offsetof(struct fs_recipe, flags), true },
	{ "created", &format_squashfs, offsetof(struct fs_recipe, created), false },
	{ "option0", &format_squashfs, offsetof(struct fs_recipe, options[0]), true },
	{ "option1", &format_squashfs, offsetof(struct fs_recipe, options[1]), true },
	{ "erase-block", &format_jffs2, offsetof(struct fs_recipe, erase_block), false },
	{ "cleanmarker", &format_jffs2, offsetof(struct fs_recipe, cleanmarker), false },
	{ "zlib", &format_jffs2, offsetof(struct fs_recipe, zlib), false },
};

static bool belongs(const struct key *key, const struct fs_recipe *recipe)
{
	return !key->format || key->format == recipe->format;
}

void fs_recipe_print(const struct fs_recipe *recipe, char line[FS_RECIPE_LINE])
{
	size_t size = (size_t)snprintf(line, FS_RECIPE_LINE, "#recam %s", recipe->format->name);

	for (size_t i = 0; i < RC_COUNT(keys); i++) {
		const char *at = (const char *)recipe + keys[i].offset;
		size_t room = FS_RECIPE_LINE - size;
		uint32_t value;

		memcpy(&value, at, sizeof(value));
		if (!belongs(&keys[i], recipe))
			continue;
		if (keys[i].is_hex)
			size += (size_t)snprintf(line + size, room, " %s=0x%" PRIx32, keys[i].name,
						 value);
		else
			size += (size_t)snprintf(line + size, room, " %s=%" PRIu32, keys[i].name,
						 value);
	}
}

static bool take_word(const char *word, struct fs_recipe *recipe)
{
	size_t size = strcspn(word, "=");
	uint64_t value;
	uint32_t number;

	for (size_t i = 0; i < RC_COUNT(keys); i++) {
		if (strlen(keys[i].name) != size || strncmp(keys[i].name, word, size) != 0 ||
		    !belongs(&keys[i], recipe))
			continue;
		if (word[size] != '=' || !rc_parse_number(word + size + 1, UINT32_MAX, &value))
			return false;
		number = (uint32_t)value;
		memcpy((char *)recipe + keys[i].offset, &number, sizeof(number));
		return true;
	}
	return false;
}

int fs_recipe_parse(const char *line, struct fs_recipe *recipe, struct rc_error *err)
{
	char copy[FS_RECIPE_LINE];
	char *save = NULL;
	const char *word;

	*recipe = (struct fs_recipe){ .fill = 0xff, .align = 1 };
	snprintf(copy, sizeof(copy), "%s", line);
	word = strtok_r(copy, " \t\r", &save);
	word = word ? strtok_r(NULL, " \t\r", &save) : NULL;
	recipe->format = word ? format_find(word) : NULL;
	if (!recipe->format || !fs_is_file_system(recipe->format))
		return rc_fail(err, RC_EFORMAT,
			       "the manifest's line #recam names \"%.40s\", which is no file "
			       "system that can be packed (squashfs, jffs2)",
			       word ? word : "");
	while ((word = strtok_r(NULL, " \t\r", &save))) {
		if (!take_word(word, recipe))
			return rc_fail(err, RC_EFORMAT,
				       "the manifest's line #recam %s has \"%.40s\", which is not "
				       "understood",
				       recipe->format->name, word);
	}
	return 0;
}

/* --- of an image --- */

/* What follows the image in its partition. The last piece of a squashfs is filled with 00,
 * as mksquashfs does it; whatever comes behind that is the partition's. */
static void read_padding(struct rc_span region, size_t used, uint32_t align, uint8_t filling,
			 struct fs_recipe *recipe)
{
	size_t end = (used + align - 1) / align * align;

	if (region.size <= used)
		return;
	recipe->fill = region.data[region.size - 1] == 0 ? 0x00 : 0xff;
	if (end <= region.size && rc_all_bytes(region.data + used, end - used, filling)) {
		recipe->align = align;
		used = end;
	}
	if (region.size > used)
		recipe->pad_to = (uint32_t)region.size;
}

static int read_squashfs(struct rc_span region, struct fs_recipe *recipe, struct rc_error *err)
{
	sqfs_super_t super;
	const uint8_t *options = region.data + SQUASHFS_SUPER_SIZE;

	if (!format_squashfs.probe(region))
		return rc_fail(err, RC_EFORMAT, "these %zu bytes do not begin as a squashfs",
			       region.size);
	squashfs_read_super(region.data, &super);
	recipe->block_size = super.block_size;
	recipe->compressor = super.compression_id;
	recipe->flags = super.flags;
	recipe->created = super.modification_time;
	if ((super.flags & SQFS_FLAG_COMPRESSOR_OPTIONS) &&
	    region.size >= SQUASHFS_SUPER_SIZE + 10) {
		recipe->options[0] = rc_le32(options + 2);
		recipe->options[1] = super.compression_id == SQFS_COMP_ZSTD ? 0
									    : rc_le32(options + 6);
	}
	if (super.bytes_used <= region.size)
		read_padding(region, super.bytes_used, SQFS_DEVBLK_SIZE, 0x00, recipe);
	return 0;
}

/* Size of the first clean marker, 0 where none is there. */
static uint32_t find_cleanmarker(struct rc_span region, uint32_t erase_block)
{
	for (size_t at = 0; at < region.size; at += erase_block) {
		if (jffs2_header_holds(region, at) &&
		    rc_le16(region.data + at + 2) == JFFS2_CLEANMARKER)
			return rc_le32(region.data + at + 4);
	}
	return 0;
}

static int read_jffs2(struct rc_span region, struct fs_recipe *recipe, struct rc_error *err)
{
	struct format_report report = { 0 };
	struct jffs2_scan scan;
	int result = jffs2_scan(region, &scan, &report, err);
	size_t used = (scan.used + 3u) & ~(size_t)3; /* nodes take multiples of four bytes */

	if (result == 0 && scan.nodes == 0)
		result = rc_fail(err, RC_EFORMAT, "there is no JFFS2 node in these %zu bytes",
				 region.size);
	if (result == 0) {
		recipe->erase_block = scan.erase_block;
		recipe->cleanmarker = find_cleanmarker(region, scan.erase_block);
		recipe->zlib = scan.compressions != 1u << JFFS2_COMPR_NONE;
		read_padding(region, used, scan.erase_block, 0xff, recipe);
		recipe->pad_to = used < region.size ? (uint32_t)region.size : 0;
	}
	jffs2_scan_free(&scan);
	return result;
}

int fs_recipe_of(struct rc_span region, const struct format *format, struct fs_recipe *recipe,
		 struct rc_error *err)
{
	*recipe = (struct fs_recipe){ .format = format ? format : format_probe(region),
				      .align = 1,
				      .fill = 0xff };
	if (recipe->format == &format_squashfs)
		return read_squashfs(region, recipe, err);
	if (recipe->format == &format_jffs2)
		return read_jffs2(region, recipe, err);
	return rc_fail(err, RC_EFORMAT,
		       "this is %s and no file system that can be unpacked (squashfs, jffs2)",
		       recipe->format ? recipe->format->name : "nothing that is known");
}
