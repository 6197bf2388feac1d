/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only a whole board file can tell: required keys, a layout without contradiction. */
#include "board/parser.h"

#include <string.h>

/* Overlaps, order, and the end of the flash. */
static int check_layout(const struct parser *parser, struct rc_error *err)
{
	const struct layout *layout = &parser->board->layout;
	uint64_t behind = 0;

	for (size_t i = 0; i < layout->count; i++) {
		const struct partition *place = &layout->partitions[i];
		uint64_t end = (uint64_t)place->offset + place->size;

		if (place->offset < behind)
			return ini_fail(&parser->partition_at[i], err,
					"%s at 0x%x begins before %s ends, at 0x%llx: partitions "
					"do not overlap, and stand in the order of their offsets",
					place->name, place->offset, layout->partitions[i - 1].name,
					(unsigned long long)behind);
		if (end > layout->flash_size)
			return ini_fail(&parser->partition_at[i], err,
					"%s ends at 0x%llx, beyond the flash of 0x%x bytes",
					place->name, (unsigned long long)end, layout->flash_size);
		behind = end;
	}
	return 0;
}

/* mtdparts is kept as the kernel gets it; it must say what [partitions] says. */
static int check_mtdparts(const struct parser *parser, struct rc_error *err)
{
	const struct board *board = parser->board;
	struct rc_error why = { 0 };
	struct layout told;

	if (!board->mtdparts[0])
		return 0;
	if (layout_parse_mtdparts(board->mtdparts, strlen(board->mtdparts),
				  board->layout.flash_size, &told, &why))
		return ini_fail(&parser->mtdparts_at, err, "%s", why.text);
	if (told.count != board->layout.count)
		return ini_fail(&parser->mtdparts_at, err,
				"mtdparts has %zu partitions, [partitions] has %zu", told.count,
				board->layout.count);
	for (size_t i = 0; i < told.count; i++) {
		const struct partition *a = &told.partitions[i];
		const struct partition *b = &board->layout.partitions[i];

		if (strcmp(a->name, b->name) != 0 || a->offset != b->offset || a->size != b->size)
			return ini_fail(&parser->partition_at[i], err,
					"%s is 0x%x + 0x%x here, and mtdparts has %s at "
					"0x%x + 0x%x in its place",
					b->name, b->offset, b->size, a->name, a->offset, a->size);
	}
	return 0;
}

/* Where a thing is missing: the head of its section, or the file's end. */
static struct ini_place place_of(const struct parser *parser, enum section_id section,
				 unsigned lines)
{
	if (parser->opened[section].file)
		return parser->opened[section];
	return (struct ini_place){ .file = parser->main_file, .line = lines };
}

static int check_required(const struct parser *parser, unsigned lines, struct rc_error *err)
{
	static const bool optional[SECTION_COUNT] = {
		[SECTION_UPDATE] = true,
		[SECTION_IDENTITY] = true,
		[SECTION_BOOTLOADER] = true,
	};
	size_t count;
	const struct key *keys = parse_keys(&count);

	for (size_t i = 0; i < count; i++) {
		enum section_id section = keys[i].section;
		struct ini_place place = place_of(parser, section, lines);
		bool wanted = keys[i].required &&
			      (parser->opened[section].file || !optional[section]) &&
			      (section == SECTION_CAMERA || !parser->board->refused);

		if (wanted && !parser->seen[i].file)
			return ini_fail(&place, err, "[%s] has no %s: add \"%s = ...\"",
					parse_section_name(section), keys[i].name, keys[i].name);
	}
	return 0;
}

static int check_bootloaders(const struct parser *parser, struct rc_error *err)
{
	const struct board *board = parser->board;

	for (size_t i = 0; i < board->bootloader_count; i++) {
		const struct board_bootloader *loader = &board->bootloaders[i];
		int words = (loader->fallback_id != 0) + (loader->fallback_id_word != 0) +
			    (loader->fallback_size_word != 0);

		if (!loader->version[0] && !loader->sha256[0] && !loader->dump_sha256[0])
			return ini_fail(&parser->bootloader_at[i], err,
					"[bootloader %s] has neither version nor sha256: nothing "
					"could be told to be it",
					loader->name);
		if (words != 0 && words != 3)
			return ini_fail(&parser->bootloader_at[i], err,
					"[bootloader %s] has %d of fallback-id, fallback-id-word "
					"and fallback-size-word: each is of use only with the "
					"others",
					loader->name, words);
	}
	return 0;
}

int parse_check(const struct parser *parser, unsigned lines, struct rc_error *err)
{
	const struct board *board = parser->board;
	struct ini_place place;

	if (check_required(parser, lines, err) || check_layout(parser, err) ||
	    check_mtdparts(parser, err))
		return RC_EFORMAT;
	if (board->layout.count == 0 && !board->refused) {
		place = place_of(parser, SECTION_PARTITIONS, lines);
		return ini_fail(&place, err,
				"there is no partition in [partitions]: add "
				"\"NAME = OFFSET SIZE ROLE FORMAT\"");
	}
	if (board->evidence_count == 0 && board->bootloader_count == 0) {
		place = place_of(parser, SECTION_EVIDENCE, lines);
		return ini_fail(&place, err,
				"nothing tells this camera from others: add to [evidence]");
	}
	if (board->identity.partition[0] &&
	    !layout_find(&board->layout, board->identity.partition)) {
		place = parser->opened[SECTION_IDENTITY];
		return ini_fail(&place, err, "identity lies in \"%s\", which is no partition here",
				board->identity.partition);
	}
	return check_bootloaders(parser, err);
}
