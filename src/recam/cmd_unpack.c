/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "pack/firmware_open.h"
#include "pack/unpack.h"
#include "recam/common.h"

#define INPUT_LIMIT RC_MIB(128)

struct unpack_arguments {
	const char *board;
};

/* ---- what was found ---- */

static void add_count(struct rc_text *text, uint32_t count, const char *one, const char *many)
{
	rc_text_add(text, "%s%" PRIu32 " %s", strchr(rc_text_get(text), '(') ? ", " : " (", count,
		    count == 1 ? one : many);
}

static void files_text(const struct unpacked_part *part, const char *name, struct rc_text *text)
{
	if (part->has_files) {
		rc_text_add(text, "%s/", name);
		add_count(text, part->files, "file", "files");
		add_count(text, part->directories, "folder", "folders");
		add_count(text, part->links, "link", "links");
		if (part->specials)
			add_count(text, part->specials, "device in the manifest",
				  "devices in the manifest");
		rc_text_add(text, ")%s", part->note[0] ? "; " : "");
	}
	rc_text_add(text, "%s", part->note);
}

static void print_part(const struct folder_part *record, const struct unpacked_part *part)
{
	char size[RC_SIZE_TEXT], used[RC_SIZE_TEXT];
	struct rc_text files = { 0 };

	files_text(part, record->place.name, &files);
	printf("  0x%06" PRIx32 "  %-9s %10s  %10s  %-12s %-7s  %s\n", record->place.offset,
	       record->place.name, rc_size_text(size, record->bytes),
	       part->used ? rc_size_text(used, part->used) : "", part->format,
	       region_state_name(part->state), rc_text_get(&files));
	rc_text_free(&files);
}

static const char *what_it_is(const struct firmware_opened *opened)
{
	if (opened->split.kind != FIRMWARE_KINDS)
		return firmware_shapes[opened->split.kind].what;
	return opened->split.slice_count == 1 ? "one partition" : "an archive of partitions";
}

static void print_found(const struct firmware_opened *opened, const struct unpacked *unpacked)
{
	const struct firmware_archive *archive = &opened->archive;

	printf("%s: %s%s%s\n\n", opened->name, what_it_is(opened), opened->board ? " of a " : "",
	       opened->board ? opened->board->name : "");
	printf("  at        partition       size        used  format       state    files\n");
	for (size_t i = 0; i < unpacked->record.part_count; i++)
		print_part(&unpacked->record.parts[i], &unpacked->parts[i]);
	if (opened->split.kind == FIRMWARE_RECOVERY)
		printf("\nIts signature was not looked at: only the key in the camera's bootloader "
		       "can tell.\n");
	if (archive->passed_over)
		printf("\n%u files of the archive are no firmware, and were left there: %s%s\n",
		       archive->passed_over, archive->first_passed_over,
		       archive->passed_over > 1 ? ", ..." : "");
}

static void print_secrets(const struct unpacked *unpacked)
{
	const char *between = "";

	for (size_t i = 0; i < unpacked->record.part_count; i++) {
		if (!unpacked->parts[i].secret)
			continue;
		printf("%s%s", *between ? between : "\nOnly you can read ",
		       unpacked->record.parts[i].place.name);
		between = ", ";
	}
	if (*between)
		printf(": this camera's keys, MAC and Wi-Fi password are there. Give them to "
		       "nobody.\n");
}

static void print_next(const struct firmware_opened *opened, const struct unpacked *unpacked,
		       const char *folder)
{
	const char *board = opened->board ? opened->board->id : "ID";
	const char *as = opened->split.kind != FIRMWARE_KINDS
				 ? firmware_shapes[opened->split.kind].word
				 : unpacked->record.parts[0].place.name;

	size_t i = 0;

	while (i < unpacked->record.part_count && !unpacked->parts[i].has_files)
		i++;
	if (i < unpacked->record.part_count)
		printf("\nChange files below %s/%s, for example, and put it together again:\n",
		       folder, unpacked->record.parts[i].place.name);
	else
		printf("\nPut it together again:\n");
	printf("  recam pack --board %s %s -o new.bin --as %s\n", board, folder, as);
}

static int exit_status(const struct firmware_opened *opened, const struct unpacked *unpacked)
{
	enum firmware_kind kind = opened->split.kind;

	if (kind != FIRMWARE_KINDS && firmware_shapes[kind].inspected)
		return exit_for(&opened->inspection);
	for (size_t i = 0; i < unpacked->record.part_count; i++)
		if (unpacked->parts[i].state == REGION_DAMAGED)
			return EXIT_FOUND;
	return EXIT_DONE;
}

/* ---- the command ---- */

/* A backup of ours has beside it how much of the chip was read. */
static uint32_t reach_of(const char *path)
{
	struct backup backup;
	uint32_t reach;

	if (backup_load(path, &backup, NULL))
		return 0;
	reach = backup_reach(&backup);
	backup_clear(&backup);
	return reach;
}

static int unpack(const struct call *call, const struct board *board, const struct rc_buffer *bytes,
		  struct rc_error *err)
{
	static struct firmware_opened opened; /* large */
	static struct unpacked unpacked;
	const char *path = call->arguments[0];
	struct firmware_open_options options = { .boards = &call->boards,
						 .board = board,
						 .reach = reach_of(path) };
	struct unpack_source source;
	int result = firmware_open(path, (struct rc_span){ bytes->data, bytes->size }, &options,
				   &opened, err);

	if (result)
		return result;
	source = (struct unpack_source){ .name = opened.name,
					 .file = opened.file,
					 .split = &opened.split,
					 .map = &opened.map,
					 .board = opened.board };
	result = unpack_firmware(&source, call->arguments[1], &unpacked, err);
	if (!result) {
		print_found(&opened, &unpacked);
		print_secrets(&unpacked);
		print_next(&opened, &unpacked, call->arguments[1]);
		result = exit_status(&opened, &unpacked);
		if (result == EXIT_FOUND)
			rc_log_note("it is not sound: \"recam inspect %s\" says what is wrong",
				    path);
	}
	firmware_opened_clear(&opened);
	return result;
}

static int run(const struct call *call, struct rc_error *err)
{
	const struct unpack_arguments *arguments = call->values;
	const struct board *board = NULL;
	struct rc_buffer bytes;
	int result;

	if (arguments->board) {
		board = boards_find(&call->boards, arguments->board);
		if (!board)
			return rc_fail(
				err, RC_EUSAGE,
				"no camera is called \"%s\" here; \"recam boards\" lists them",
				arguments->board);
	}
	result = rc_file_read(call->arguments[0], INPUT_LIMIT, &bytes, err);
	if (result)
		return result;
	result = unpack(call, board, &bytes, err);
	rc_buffer_free(&bytes);
	return result;
}

static const struct option_spec options[] = {
	{ "board", 0, OPTION_TEXT, "ID", "the camera, where the file does not say it",
	  offsetof(struct unpack_arguments, board) },
	{ 0 },
};

const struct command command_unpack = {
	.name = "unpack",
	.arguments = "PATH DIR [--board ID]",
	.summary = "a flash or firmware file to a folder of partitions and their files",
	.text = "PATH is a whole flash, a demo.bin, a tf_recovery.img, an update file of the open\n"
		"bootloader, one partition, or an archive (tar, tar.gz, zip) of such. DIR must "
		"not\n"
		"be there yet. It gets NAME.bin for each partition, NAME/ and NAME.mtree for "
		"those\n"
		"that hold files, and recam.json, by which \"recam pack\" makes it again.\n",
	.options = options,
	.values_size = sizeof(struct unpack_arguments),
	.min = 2,
	.max = 2,
	.run = run,
};
