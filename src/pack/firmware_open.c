/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/firmware_open.h"

#include <stdio.h>
#include <string.h>

#include "format/recovery.h"
#include "pack/unpack.h"

static int ask_board(const char *name, struct rc_error *err)
{
	return rc_fail(err, RC_EUSAGE,
		       "%s does not say which camera it is for, and where its parts lie depends on "
		       "that: say it with --board ID (\"recam boards\" lists them)",
		       name);
}

/* Files that say in their first bytes what they are. */
static bool has_shape(struct rc_span file)
{
	struct uimage_header header;

	return recovery_probe(file) ||
	       (uimage_read_header(file, &header) && header.magic == UIMAGE_MAGIC &&
		(header.type == UIMAGE_TYPE_FIRMWARE || header.type == UIMAGE_TYPE_FILESYSTEM));
}

/* The user's word, or what was recognised by more than a guess; for files of a shape a guess will
 * do, since the cameras that share it share the layout too. */
static void choose_board(const struct board *given, struct firmware_opened *out)
{
	const struct board_match *match = &out->inspection.board;

	out->board = given;
	if (!given && match->confidence >= BOARD_LIKELY)
		out->board = match->board;
}

/* What a partial copy has not read is FF in its file, and nobody's firmware. */
static void leave_out_unread(struct firmware_file *split, uint32_t reach)
{
	for (size_t i = 0; i < split->slice_count; i++) {
		struct firmware_slice *slice = &split->slices[i];

		if ((uint64_t)slice->place.offset + slice->place.size > reach)
			slice->bytes = (struct rc_span){ 0 };
	}
}

static int open_flash(struct firmware_opened *out, uint32_t reach, struct rc_error *err)
{
	const struct board *board = out->board;
	int result;

	if (board && !board->layout_from_mxpt)
		flash_map_of_board(board, &out->map);
	else
		flash_map_of_inspection(&out->inspection, &out->map);
	if (out->map.layout.count == 0)
		return ask_board(out->name, err);
	if (out->file.size == out->map.layout.flash_size)
		unpack_add_gaps(out->file, &out->map);
	result = firmware_file_split(out->name, out->file, &out->map, &out->split, err);
	if (!result && reach)
		leave_out_unread(&out->split, reach);
	return result;
}

static int open_shape(struct firmware_opened *out, struct rc_error *err)
{
	const struct board *board = out->board ? out->board : out->inspection.board.board;

	if (board)
		flash_map_of_board(board, &out->map);
	else
		flash_map_of_inspection(&out->inspection, &out->map);
	if (!board && out->inspection.kind != INSPECT_FIRMWARE)
		return ask_board(out->name, err);
	return firmware_file_split(out->name, out->file, &out->map, &out->split, err);
}

/* "/x/rootfs.bin" is "rootfs"; names that no partition can have are "". */
static void name_of_file(const char *path, char name[RC_PARTITION_NAME])
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t length = strcspn(base, ".");

	snprintf(name, RC_PARTITION_NAME, "%.*s", length < RC_PARTITION_NAME ? (int)length : 0,
		 base);
}

/* A name that the camera has says more than the format: driver and root are both SquashFS. */
static int open_partition(struct firmware_opened *out, struct rc_error *err)
{
	char name[RC_PARTITION_NAME];
	const struct partition *place;

	if (out->inspection.partition_count == 0 || !format_probe(out->file))
		return rc_fail(err, RC_EREFUSED,
			       "[image-not-firmware] %s is nothing that recam knows: no flash, no "
			       "firmware file, no partition, no archive of such (\"recam inspect\" "
			       "says more)",
			       out->name);
	if (out->board)
		flash_map_of_board(out->board, &out->map);
	name_of_file(out->name, name);
	place = layout_find(&out->map.layout, name);
	if (!place)
		place = &out->inspection.partitions[0].place;
	unpack_single(place->name, out->file, &out->map, &out->split);
	return 0;
}

static bool is_same_layout(const struct layout *a, const struct layout *b)
{
	bool same = a->flash_size == b->flash_size && a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = a->partitions[i].offset == b->partitions[i].offset &&
		       a->partitions[i].size == b->partitions[i].size;
	return same;
}

/* The user's word counts, but not against a file that clearly is of another camera: taken apart at
 * the wrong places it would be rubbish. */
static int check_board(const struct board *given, const struct firmware_opened *opened,
		       struct rc_error *err)
{
	const struct board_match *match = &opened->inspection.board;

	if (!match->board || match->confidence < BOARD_LIKELY ||
	    is_same_layout(&match->board->layout, &given->layout))
		return 0;
	return rc_fail(err, RC_EREFUSED,
		       "[image-wrong-model] %s is of a %s (%s: %s), --board says %s, and their "
		       "partitions lie elsewhere: leave --board away",
		       opened->name, match->board->name, board_confidence_name(match->confidence),
		       match->because_count ? match->because[0] : "", given->id);
}

static int inspect(const struct firmware_open_options *how, struct firmware_opened *out,
		   struct rc_error *err)
{
	struct inspect_options options = { .boards = how->boards, .reach = how->reach };
	const struct board *given = how->board;
	int result = inspect_bytes(out->file, &options, &out->inspection, err);

	if (result || !given || out->inspection.board.board == given)
		return result;
	result = check_board(given, out, err);
	if (result)
		return result;
	inspection_clear(&out->inspection);
	options.board = given->id;
	return inspect_bytes(out->file, &options, &out->inspection, err);
}

static int open_file(const struct firmware_open_options *options, struct firmware_opened *out,
		     struct rc_error *err)
{
	int result = firmware_refuse_stranger(out->name, out->file, err);

	if (!result)
		result = inspect(options, out, err);
	if (result)
		return result;
	choose_board(options->board, out);
	if (has_shape(out->file))
		return open_shape(out, err);
	if (out->inspection.kind == INSPECT_FLASH)
		return open_flash(out, options->reach, err);
	if (out->inspection.kind == INSPECT_PARTITION)
		return open_partition(out, err);
	return rc_fail(err, RC_EREFUSED, "[image-not-firmware] %s is no firmware, it is %s",
		       out->name, out->inspection.what);
}

static int open_archive(const struct firmware_open_options *options, struct firmware_opened *out,
			struct rc_error *err)
{
	const struct archive_file *single;
	int result = firmware_archive_read(out->name, out->file, &out->archive, err);

	if (!result)
		result = firmware_archive_single(out->name, &out->archive, &single, err);
	if (result)
		return result;
	if (single) {
		out->name = single->name;
		out->file = (struct rc_span){ single->bytes.data, single->bytes.size };
		return open_file(options, out, err);
	}
	if (!options->board)
		return ask_board(out->name, err);
	out->board = options->board;
	flash_map_of_board(out->board, &out->map);
	return firmware_archive_parts(out->name, &out->archive, &out->map, &out->split, err);
}

int firmware_open(const char *name, struct rc_span bytes,
		  const struct firmware_open_options *options, struct firmware_opened *out,
		  struct rc_error *err)
{
	int result;

	*out = (struct firmware_opened){ .name = name, .file = bytes };
	result = firmware_archive_probe(bytes) ? open_archive(options, out, err)
					       : open_file(options, out, err);
	if (result)
		firmware_opened_clear(out);
	return result;
}

void firmware_opened_clear(struct firmware_opened *opened)
{
	inspection_clear(&opened->inspection);
	firmware_archive_clear(&opened->archive);
	*opened = (struct firmware_opened){ 0 };
}
