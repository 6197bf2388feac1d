/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/firmware.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "pack/firmware_archive.h"
#include "pack/folder_record.h"
#include "rescue/backup.h"

void firmware_clear(struct firmware *firmware)
{
	for (size_t i = 0; i < firmware->part_count; i++)
		rc_buffer_free(&firmware->parts[i].bytes);
	inspection_clear(&firmware->inspection);
	*firmware = (struct firmware){ 0 };
}

const struct firmware_part *firmware_part(const struct firmware *firmware, const char *name)
{
	for (size_t i = 0; i < firmware->part_count; i++)
		if (firmware_same_name(firmware->parts[i].place.name, name))
			return &firmware->parts[i];
	return NULL;
}

static void note(struct firmware *firmware, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void note(struct firmware *firmware, const char *format, ...)
{
	va_list args;

	for (size_t i = 0; i < FIRMWARE_MAX_NOTES; i++)
		if (!firmware->notes[i][0]) {
			va_start(args, format);
			vsnprintf(firmware->notes[i], sizeof(firmware->notes[i]), format, args);
			va_end(args);
			return;
		}
}

static enum partition_role role_of(const struct board *board, const char *name)
{
	const struct board_partition *partition = board_partition(board, name);

	return partition ? partition->role : ROLE_OTHER;
}

static int add_part(struct firmware *firmware, const struct board *board,
		    const struct partition *place, struct rc_span bytes, struct rc_error *err)
{
	struct firmware_part *part = &firmware->parts[firmware->part_count];

	if (firmware->part_count == RC_MAX_PARTITIONS)
		return rc_fail(err, RC_ERANGE, "%s has more than %d parts: no camera has so many",
			       firmware->source, RC_MAX_PARTITIONS);
	*part = (struct firmware_part){ .place = *place, .role = role_of(board, place->name) };
	if (!rc_buffer_append(&part->bytes, bytes.data, bytes.size)) {
		rc_buffer_free(&part->bytes);
		return rc_fail_memory(err, bytes.size);
	}
	firmware->part_count++;
	return 0;
}

/* ---- a folder of NAME.bin ---- */

static int add_file(struct firmware *firmware, const struct board *board, const char *path,
		    const char *file_name, struct rc_error *err)
{
	size_t length = strlen(file_name) - strlen(".bin");
	const struct partition *place = NULL;
	char name[RC_PARTITION_NAME] = "";
	struct rc_buffer bytes = { 0 };
	struct rc_span span;
	int result;

	if (length < sizeof(name)) {
		snprintf(name, sizeof(name), "%.*s", (int)length, file_name);
		place = layout_find(&board->layout, name);
	}
	if (!place) {
		note(firmware, "%.64s is passed over: a %s has no partition of that name",
		     file_name, board->name);
		return 0;
	}
	if (firmware_part(firmware, name))
		return rc_fail(err, RC_EREFUSED,
			       "%s holds two files for the %s partition (%s is one): take one away",
			       firmware->source, place->name, file_name);
	result = rc_file_read(path, RC_MAX_FLASH, &bytes, err);
	span = (struct rc_span){ bytes.data, bytes.size };
	if (!result)
		result = firmware_refuse_stranger(path, span, err);
	if (!result && bytes.size > place->size)
		result = rc_fail(err, RC_EREFUSED,
				 "[image-too-large] %s has %zu bytes, the %s partition of a %s has "
				 "%" PRIu32 ": it is not the file for this partition",
				 path, bytes.size, place->name, board->name, place->size);
	if (!result)
		result = add_part(firmware, board, place, span, err);
	rc_buffer_free(&bytes);
	return result;
}

static int is_candidate(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 4 && strcasecmp(entry->d_name + length - 4, ".bin") == 0;
}

/* Of what recam unpack made only the NAME.bin are firmware yet. */
static void note_unpacked(const char *path, struct firmware *firmware)
{
	char *record = rc_path_join(path, FOLDER_RECORD);

	if (record && rc_file_exists(record))
		note(firmware,
		     "%.60s was unpacked by recam: what you changed below NAME/ counts only once "
		     "\"recam pack\" made a NAME.bin of it",
		     path);
	free(record);
}

static int read_folder(const char *path, const struct board *board, struct firmware *firmware,
		       struct rc_error *err)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_candidate, alphasort);
	int result = 0;

	if (count < 0)
		return rc_fail_errno(err, RC_EIO, errno, "cannot read the folder %s", path);
	for (int i = 0; i < count; i++) {
		char *name = result ? NULL : rc_path_join(path, entries[i]->d_name);

		if (name)
			result = add_file(firmware, board, name, entries[i]->d_name, err);
		else if (!result)
			result = rc_fail_memory(err, strlen(path));
		free(name);
		free(entries[i]);
	}
	free(entries);
	note_unpacked(path, firmware);
	if (!result && firmware->part_count == 0)
		result = rc_fail(err, RC_EREFUSED,
				 "[image-not-firmware] %s holds no NAME.bin of a partition of a %s "
				 "(kernel.bin, rootfs.bin, ...): name the folder that does",
				 path, board->name);
	return result;
}

/* ---- one file ---- */

static int take_slices(const struct firmware_file *file, const struct board *board,
		       struct firmware *firmware, struct rc_error *err)
{
	int result = 0;

	for (size_t i = 0; i < file->slice_count && !result; i++)
		result = add_part(firmware, board, &file->slices[i].place, file->slices[i].bytes,
				  err);
	return result;
}

int firmware_split(const char *name, struct rc_span file, const struct board *board,
		   struct firmware *firmware, struct rc_error *err)
{
	struct firmware_file split;
	struct flash_map map;
	int result;

	flash_map_of_board(board, &map);
	result = firmware_file_split(name, file, &map, &split, err);
	if (result)
		return result;
	if (split.kind == FIRMWARE_RECOVERY)
		note(firmware, "%.80s: its signature was not looked at; a rescue needs none", name);
	return take_slices(&split, board, firmware, err);
}

/* The firmware file in the archive, or else its files as partitions. */
static int split_archive(const char *name, struct rc_span file, const struct board *board,
			 struct firmware *firmware, struct rc_error *err)
{
	struct firmware_archive archive;
	const struct archive_file *single;
	struct firmware_file split;
	struct flash_map map;
	int result = firmware_archive_read(name, file, &archive, err);

	if (result)
		return result;
	flash_map_of_board(board, &map);
	result = firmware_archive_single(name, &archive, &single, err);
	if (!result && single) {
		note(firmware, "%.60s: the firmware is %.60s in it", name, single->name);
		result = firmware_split(single->name,
					(struct rc_span){ single->bytes.data, single->bytes.size },
					board, firmware, err);
	} else if (!result) {
		result = firmware_archive_parts(name, &archive, &map, &split, err);
		if (!result)
			result = take_slices(&split, board, firmware, err);
	}
	firmware_archive_clear(&archive);
	return result;
}

/* What a partial copy has not read is FF in its file, and no firmware. */
static void leave_out_unread(const char *path, struct firmware *firmware)
{
	struct backup backup;
	size_t kept = 0;

	if (backup_load(path, &backup, NULL))
		return;
	for (size_t i = 0; i < firmware->part_count; i++) {
		struct firmware_part *part = &firmware->parts[i];

		if ((uint64_t)part->place.offset + part->place.size <= backup_reach(&backup))
			firmware->parts[kept++] = *part;
		else
			rc_buffer_free(&part->bytes);
	}
	if (kept < firmware->part_count)
		note(firmware,
		     "%.80s is a partial copy: %zu partitions that it does not have are "
		     "left out",
		     path, firmware->part_count - kept);
	firmware->part_count = kept;
	backup_clear(&backup);
}

int firmware_read(const char *path, const struct board *board, struct firmware *firmware,
		  struct rc_error *err)
{
	struct rc_buffer file = { 0 };
	struct rc_span span;
	int result;

	*firmware = (struct firmware){ 0 };
	snprintf(firmware->source, sizeof(firmware->source), "%s", path);
	if (!board)
		return rc_fail(err, RC_EUSAGE,
			       "where the parts of %s lie depends on the camera: say which it is "
			       "with --board ID (\"recam boards\" lists them)",
			       path);
	if (rc_is_directory(path)) {
		result = read_folder(path, board, firmware, err);
	} else {
		result = rc_file_read(path, RC_MAX_FLASH, &file, err);
		span = (struct rc_span){ file.data, file.size };
		if (!result)
			result = firmware_archive_probe(span)
					 ? split_archive(path, span, board, firmware, err)
					 : firmware_split(path, span, board, firmware, err);
		rc_buffer_free(&file);
		if (!result)
			leave_out_unread(path, firmware);
	}
	if (result)
		firmware_clear(firmware);
	return result;
}

/* ---- judging what was read ---- */

int firmware_image(const struct firmware *firmware, uint32_t flash_size, struct rc_buffer *image,
		   struct rc_error *err)
{
	*image = (struct rc_buffer){ .data = malloc(flash_size),
				     .size = flash_size,
				     .room = flash_size };
	if (!image->data) {
		*image = (struct rc_buffer){ 0 };
		return rc_fail_memory(err, flash_size);
	}
	memset(image->data, 0xff, flash_size);
	for (size_t i = 0; i < firmware->part_count; i++) {
		const struct firmware_part *part = &firmware->parts[i];

		if (part->place.offset <= flash_size &&
		    part->bytes.size <= flash_size - part->place.offset)
			memcpy(image->data + part->place.offset, part->bytes.data,
			       part->bytes.size);
	}
	return 0;
}

static int refuse_other_model(const struct firmware *firmware, const struct board *board,
			      struct rc_error *err)
{
	const struct board_match *match = &firmware->board;

	if (!match->board || match->board == board || match->confidence < BOARD_LIKELY)
		return 0;
	return rc_fail(err, RC_EREFUSED,
		       "[image-wrong-model] %s is firmware of a %s (%s: %s), this camera is a %s: "
		       "take the firmware of this camera",
		       firmware->source, match->board->name,
		       board_confidence_name(match->confidence),
		       match->because_count ? match->because[0] : "", board->name);
}

/* The whole is looked at twice where the firmware does not say whose it is: first to ask
 * it, then with this board's layout. */
static int inspect_parts(struct firmware *firmware, const struct boards *boards,
			 const struct board *board, struct rc_error *err)
{
	struct inspect_options options = { .boards = boards };
	struct rc_buffer image;
	struct rc_span span;
	int result = firmware_image(firmware, board->layout.flash_size, &image, err);

	if (result)
		return result;
	span = (struct rc_span){ image.data, image.size };
	result = inspect_flash(span, &options, &firmware->inspection, err);
	if (!result)
		firmware->board = firmware->inspection.board;
	if (!result && firmware->board.board != board) {
		result = refuse_other_model(firmware, board, err);
		inspection_clear(&firmware->inspection);
		options.board = board->id;
		if (!result)
			result = inspect_flash(span, &options, &firmware->inspection, err);
	}
	rc_buffer_free(&image);
	return result;
}

static const struct inspected_partition *inspected(const struct firmware *firmware,
						   const char *name)
{
	for (size_t i = 0; i < firmware->inspection.partition_count; i++)
		if (firmware_same_name(firmware->inspection.partitions[i].place.name, name))
			return &firmware->inspection.partitions[i];
	return NULL;
}

/* What a folder or a demo.bin holds was made to be written: a damaged part in it is refused
 * here. A whole image may be somebody's old dump with one sick partition: plan_make refuses
 * where it would write that one. */
static int refuse_damaged(const struct firmware *firmware, struct rc_error *err)
{
	for (size_t i = 0; i < firmware->part_count; i++) {
		const char *name = firmware->parts[i].place.name;
		const struct inspected_partition *part = inspected(firmware, name);

		if (!part || part->report.state != REGION_DAMAGED)
			continue;
		return rc_fail(
			err, RC_EREFUSED,
			"[image-bad-checksum] %s: %s in it is damaged (%s): download it again",
			firmware->source, name,
			part->report.problem_count ? part->report.problems[0].text
						   : "its checks do not hold");
	}
	return 0;
}

int firmware_load(const char *path, const struct boards *boards, const struct board *board,
		  struct firmware *firmware, struct rc_error *err)
{
	int result = firmware_read(path, board, firmware, err);

	if (result)
		return result;
	result = inspect_parts(firmware, boards, board, err);
	if (!result && firmware->part_count < board->layout.count)
		result = refuse_damaged(firmware, err);
	if (result)
		firmware_clear(firmware);
	return result;
}
