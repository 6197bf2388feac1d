/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bootloader of an image: which build it is, what it tells of its camera, and what is
 * wrong with it. */
#include "inspect/image.h"

#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "flash/chip.h"
#include "format/chip_table.h"

static void set_bootloader(struct image *image, const char *version, const char *sha256,
			   const char *sha256_whole)
{
	struct inspection *out = image->out;
	const struct boards *boards = image->options->boards;

	out->bootloader.present = true;
	out->bootloader.origin = BOOTLOADER_UNKNOWN;
	snprintf(out->bootloader.version, sizeof(out->bootloader.version), "%s", version);
	snprintf(out->bootloader.sha256, sizeof(out->bootloader.sha256), "%s", sha256);
	if (boards) {
		out->bootloader.known = boards_bootloader(boards, sha256, NULL, NULL);
		if (!out->bootloader.known)
			out->bootloader.known = boards_bootloader(boards, sha256_whole, NULL, NULL);
	}
	if (out->bootloader.known)
		out->bootloader.origin = out->bootloader.known->origin;
	clues_add(&image->clues, "version", version, "boot");
	clues_add(&image->clues, "bootloader", sha256, "boot");
	clues_add(&image->clues, "bootloader", sha256_whole, "boot");
}

static void read_ingenic(struct image *image, struct rc_span boot)
{
	const struct ingenic_boot *ingenic = &image->ingenic;
	const struct board_bootloader *nearest;
	char ram[24];

	set_bootloader(image, ingenic->version, ingenic->sha256, ingenic->sha256_whole);
	clues_add(&image->clues, "boardline", ingenic->board, "boot");
	clues_add(&image->clues, "prompt", ingenic->prompt, "boot");
	clues_add(&image->clues, "mtdparts", ingenic->mtdparts, "boot");
	if (ingenic->ram_size) {
		snprintf(ram, sizeof(ram), "%u", (unsigned)(ingenic->ram_size >> 20));
		clues_add(&image->clues, "ram", ram, "boot");
	}
	if (image->out->bootloader.known)
		return;
	/* A damaged copy of a known build still says which camera this is. */
	nearest = image_nearest_boot(image, boot, NULL);
	if (nearest)
		clues_add(&image->clues, "bootloader", nearest->sha256, "boot");
}

static void read_mstar(struct image *image)
{
	const struct mstar_boot *mstar = &image->mstar;
	char version[192];

	set_bootloader(image, mstar->version, mstar->sha256, mstar->sha256_whole);
	snprintf(version, sizeof(version), "%s, Build: jenkins-%s", mstar->version, mstar->build);
	clues_add(&image->clues, "version", version, "boot");
	clues_add(&image->clues, "uimage", mstar->image_name, "boot");
	clues_add(&image->clues, "prompt", mstar->prompt, "boot");
}

static void add_magic(struct image *image, struct rc_span boot)
{
	char hex[2 * 9 + 1];

	for (size_t i = 0; i < 9 && i < boot.size; i++)
		snprintf(hex + 2 * i, 3, "%02x", boot.data[i]);
	if (boot.size >= 9)
		clues_add(&image->clues, "magic", hex, "the start");
}

int image_read_boot(struct image *image, struct rc_span boot, struct rc_error *err)
{
	add_magic(image, boot);
	if (ingenic_boot_parse(boot, &image->ingenic, NULL) == 0) {
		image->has_ingenic = true;
		read_ingenic(image, rc_span_sub(boot, 0, INGENIC_BOOT_SIZE));
	} else if (format_mstar_boot.probe(boot) || mxpt_locate(boot).data) {
		int status = mstar_boot_parse(rc_span_sub(boot, 0, MSTAR_BOOT_SIZE), &image->mstar,
					      err);

		if (status)
			return status;
		image->has_mstar = true;
		read_mstar(image);
	}
	return 0;
}

/* The last piece of a build ends with its last byte that is no fill, as its used bytes do. */
static bool piece_is(struct rc_span boot, const uint32_t crc[INGENIC_MAX_PIECES],
		     const struct board_bootloader *build, size_t p)
{
	struct rc_span piece = rc_span_sub(boot, p * INGENIC_BOOT_PIECE, INGENIC_BOOT_PIECE);

	if (p >= INGENIC_MAX_PIECES)
		return false;
	if (p + 1 < build->piece_count)
		return crc[p] == build->piece_crc[p];
	while (piece.size &&
	       (piece.data[piece.size - 1] == 0xff || piece.data[piece.size - 1] == 0))
		piece.size--;
	return rc_crc32(0, piece.data, piece.size) == build->piece_crc[p];
}

const struct board_bootloader *image_nearest_boot(const struct image *image, struct rc_span boot,
						  bool differing[INGENIC_MAX_PIECES])
{
	const struct boards *boards = image->options->boards;
	const struct board_bootloader *best = NULL;
	uint32_t crc[INGENIC_MAX_PIECES] = { 0 };
	size_t most = 0;

	if (!boards || boot.size == 0)
		return NULL;
	ingenic_boot_pieces(boot, (uint32_t)boot.size, crc);
	for (size_t i = 0; i < boards->count; i++) {
		for (size_t n = 0; n < boards->all[i].bootloader_count; n++) {
			const struct board_bootloader *build = &boards->all[i].bootloaders[n];
			size_t equal = 0;

			for (size_t p = 0; build->piece_crc && p < build->piece_count; p++)
				equal += piece_is(boot, crc, build, p);
			if (equal <= most || equal * 4 < build->piece_count)
				continue;
			most = equal;
			best = build;
		}
	}
	for (size_t p = 0; best && differing && p < INGENIC_MAX_PIECES; p++)
		differing[p] = p < best->piece_count && !piece_is(boot, crc, best, p);
	return best;
}

/* What is known of a bootloader, put to the chip that it has to live with. */
static void judge_chip(struct image *image, const struct board_bootloader *known)
{
	uint32_t jedec = image->options->jedec;
	uint8_t maker = (uint8_t)(jedec >> 16);

	if (jedec == 0)
		return;
	for (size_t i = 0; i < RC_COUNT(known->misdetects) && known->misdetects[i]; i++) {
		if (known->misdetects[i] == jedec)
			image_found(image, "chip-size-misdetected", NULL, FINDING_NO_OFFSET,
				    "chip %06x, which the bootloader %s does not know", jedec,
				    known->version);
	}
	if (known->makers[0] && !memchr(known->makers, maker, sizeof(known->makers)))
		image_found(image, "chip-unsupported", NULL, FINDING_NO_OFFSET,
			    "chip %06x: the bootloader %s knows no maker %02x", jedec,
			    known->version, maker);
}

/* The same for a build that nobody knows, by the table of chips in it. */
static void judge_chip_by_table(struct image *image, const struct inspected_partition *part)
{
	uint32_t jedec = image->options->jedec;
	uint32_t size = chip_size_from_id(jedec);
	struct chip_table table;

	if (jedec == 0 || chip_table_find(image_region(image, &part->place), &table, NULL) != 0 ||
	    chip_table_size_of(&table, jedec) >= size)
		return;
	image_found(image, "chip-size-misdetected", NULL, FINDING_NO_OFFSET,
		    "chip %06x of 0x%X bytes, which this bootloader takes for 0x%X (%s)", jedec,
		    size, chip_table_size_of(&table, jedec), table.fallback_name);
}

static bool is_own_build(const struct board *board, const struct board_bootloader *known)
{
	for (size_t i = 0; i < board->bootloader_count; i++) {
		const struct board_bootloader *own = &board->bootloaders[i];

		if (own == known || strcmp(own->version, known->version) == 0)
			return true;
	}
	return false;
}

static void judge_known(struct image *image, const struct inspected_partition *part,
			const struct board_bootloader *known)
{
	const struct board *board = image->out->board.board;

	judge_chip(image, known);
	if (strstr(known->notes[0], "patched"))
		image_found(image, "boot-modified", part->place.name, part->place.offset, "%s",
			    known->notes[0]);
	if (board && image->out->board.confidence >= BOARD_LIKELY &&
	    known->origin == BOOTLOADER_STOCK && !is_own_build(board, known))
		image_found(image, "boot-other-board", part->place.name, part->place.offset,
			    "bootloader %s on a %s", known->version, board->name);
}

static void judge_against(struct image *image, struct inspected_partition *part,
			  const struct board_bootloader *nearest,
			  const bool differing[INGENIC_MAX_PIECES])
{
	size_t count = 0, first = 0;

	for (size_t p = nearest->piece_count; p-- > 0;) {
		if (!differing[p])
			continue;
		first = p;
		count++;
		format_problem(&part->report, p * INGENIC_BOOT_PIECE, INGENIC_BOOT_PIECE,
			       "4 KiB differ from the build %s", nearest->version);
	}
	if (count == 0) {
		image_found(image, "boot-unknown", part->place.name, part->place.offset,
			    "the build %s is whole, and other bytes follow it", nearest->version);
		return;
	}
	image_found(image, "boot-damaged", part->place.name,
		    part->place.offset + first * INGENIC_BOOT_PIECE,
		    "%zu of %zu pieces of 4 KiB differ from the build %s, the first at 0x%zX",
		    count, nearest->piece_count, nearest->version, first * INGENIC_BOOT_PIECE);
}

/* A boot image whose every checksum holds: that says little of the Ingenic ones, whose main
 * part has none. */
static void judge_whole(struct image *image, struct inspected_partition *part)
{
	const struct board_bootloader *known = image->out->bootloader.known;
	bool differing[INGENIC_MAX_PIECES] = { false };
	const struct board_bootloader *nearest = NULL;

	if (known) {
		judge_known(image, part, known);
		return;
	}
	if (image->has_ingenic)
		judge_chip_by_table(image, part);
	if (image->has_ingenic)
		nearest = image_nearest_boot(image, image_region(image, &part->place), differing);
	if (nearest)
		judge_against(image, part, nearest, differing);
	else if (image->has_ingenic)
		image_found(image, "boot-unknown", part->place.name, part->place.offset,
			    "version %s, SHA-256 %.16s...", image->out->bootloader.version,
			    image->out->bootloader.sha256);
}

/* Where the damage to a boot image that has lost its beginning comes from. */
static bool judge_displaced(struct image *image, const struct inspected_partition *part)
{
	const char *name = part->place.name;

	switch (image->boot_place) {
	case INGENIC_BOOT_WRAPPED:
		image_found(image, "boot-wrapped", name, part->place.offset,
			    "a uImage header, and the boot image behind it at 0x%zX",
			    image->boot_offset);
		return true;
	case INGENIC_BOOT_MISPLACED:
		image_found(image, "boot-misplaced", name, image->boot_offset,
			    "a valid boot image begins at 0x%zX instead of 0", image->boot_offset);
		return true;
	case INGENIC_BOOT_HTML:
		image_found(image, "boot-damaged", name, part->place.offset,
			    "a web page lies here: the download saved the page, not the file");
		return true;
	default:
		return false;
	}
}

static void judge_damaged(struct image *image, const struct inspected_partition *part)
{
	const struct format_report *report = &part->report;
	const struct format_problem *problem = &report->problems[0];
	uint64_t at = part->place.offset + (report->problem_count ? problem->offset : 0);
	bool environment = image->has_mstar && report->problem_count == 1 &&
			   problem->offset >= image->mstar.env_at;

	image_found(image, environment ? "environment-damaged" : "boot-damaged", part->place.name,
		    at, "%s",
		    report->problem_count ? problem->text
					  : "nothing that is known as a bootloader begins here");
}

void image_judge_boot(struct image *image, struct inspected_partition *part)
{
	if (judge_displaced(image, part))
		return;
	if (part->report.state == REGION_ERASED)
		image_found(image, "boot-erased", part->place.name, part->place.offset,
			    "all %u bytes are FF", part->place.size);
	else if (part->report.state == REGION_GOOD)
		judge_whole(image, part);
	else
		judge_damaged(image, part);
}
