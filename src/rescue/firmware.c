/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/firmware.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/checksum.h"
#include "base/file.h"
#include "rescue/backup.h"

/* U-Boot's legacy image header, include/image.h. */
#define UIMAGE_MAGIC         0x27051956u
#define UIMAGE_HEADER        64u
#define UIMAGE_HEADER_CRC    4
#define UIMAGE_DATA_SIZE     12
#define UIMAGE_DATA_CRC      24
#define UIMAGE_TYPE          30
#define UIMAGE_TYPE_FIRMWARE 5

void firmware_clear(struct firmware *firmware)
{
	for (size_t i = 0; i < firmware->part_count; i++)
		rc_buffer_free(&firmware->parts[i].bytes);
	inspection_clear(&firmware->inspection);
	*firmware = (struct firmware){ 0 };
}

bool firmware_same_name(const char *a, const char *b)
{
	struct layout one = { .count = 1 };

	snprintf(one.partitions[0].name, RC_PARTITION_NAME, "%s", a);
	return layout_find(&one, b) != NULL;
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

/* What people have taken for firmware (facts/bootloaders-and-flash.md 8, stories 5, 12). */
static const struct {
	const char *magic;
	size_t size;
	const char *what;
	const char *advice;
} strangers[] = {
	{ "PK\3\4", 4, "a ZIP archive", "unpack it and name what is in it" },
	{ "\x1f\x8b", 2, "a gzip archive", "unpack it and name what is in it" },
	{ "BZh", 3, "a bzip2 archive", "unpack it and name what is in it" },
	{ "7z\xbc\xaf\x27\x1c", 6, "a 7-Zip archive", "unpack it and name what is in it" },
	{ "Rar!", 4, "a RAR archive", "unpack it and name what is in it" },
	{ "\xfd\x37zXZ", 5, "an XZ archive", "unpack it and name what is in it" },
	{ "\x7f"
	  "ELF",
	  4, "a program", "name the firmware file itself" },
	{ "%PDF", 4, "a PDF document", "name the firmware file itself" },
	{ "\x89PNG", 4, "a picture", "name the firmware file itself" },
	{ "\xff\xd8\xff", 3, "a picture", "name the firmware file itself" },
	{ "version https://git-lfs", 23, "a Git LFS pointer",
	  "download the file that it stands for" },
};

static bool is_html(struct rc_span file)
{
	static const char *const tags[] = { "<!do", "<htm", "<?xm", "<hea", "<bod" };
	size_t at = 0;

	while (at < file.size && at < 256 && strchr(" \t\r\n", file.data[at]) && file.data[at])
		at++;
	for (size_t i = 0; i < RC_COUNT(tags) && at + 4 <= file.size; i++)
		if (strncasecmp((const char *)file.data + at, tags[i], 4) == 0)
			return true;
	return false;
}

static int refuse_stranger(const char *name, struct rc_span file, struct rc_error *err)
{
	if (file.size == 0)
		return rc_fail(err, RC_EREFUSED,
			       "[image-not-firmware] %s is empty: download it again", name);
	if (is_html(file))
		return rc_fail(err, RC_EREFUSED,
			       "[image-not-firmware] %s is a web page of %zu bytes, not firmware: "
			       "download the file itself (\"raw\"), not the page that shows it",
			       name, file.size);
	for (size_t i = 0; i < RC_COUNT(strangers); i++)
		if (file.size >= strangers[i].size &&
		    memcmp(file.data, strangers[i].magic, strangers[i].size) == 0)
			return rc_fail(err, RC_EREFUSED, "[image-not-firmware] %s is %s: %s", name,
				       strangers[i].what, strangers[i].advice);
	return 0;
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
		result = refuse_stranger(path, span, err);
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
	if (!result && firmware->part_count == 0)
		result = rc_fail(err, RC_EREFUSED,
				 "[image-not-firmware] %s holds no NAME.bin of a partition of a %s "
				 "(kernel.bin, rootfs.bin, ...): name the folder that does",
				 path, board->name);
	return result;
}

/* ---- one file ---- */

/* kernel, root, driver and app lie one behind the other, and a demo.bin holds them as they
 * lie (facts/bootloaders-and-flash.md 1.1). */
static size_t payload_parts(const struct layout *layout, const struct board *board, size_t *first)
{
	size_t count = 0;

	*first = layout->count;
	for (size_t i = 0; i < layout->count; i++) {
		enum partition_role role = role_of(board, layout->partitions[i].name);
		bool carried = role == ROLE_KERNEL || role == ROLE_ROOT || role == ROLE_DRIVER ||
			       role == ROLE_APP;

		if (carried && *first == layout->count)
			*first = i;
		if (carried && i == *first + count)
			count++;
	}
	return count;
}

static int split_payload(const char *name, struct rc_span payload, const struct board *board,
			 struct firmware *firmware, struct rc_error *err)
{
	size_t first;
	size_t count = payload_parts(&board->layout, board, &first);
	size_t whole = 0;
	size_t done = 0;

	for (size_t i = 0; i < count; i++)
		whole += board->layout.partitions[first + i].size;
	if (payload.size != whole)
		return rc_fail(
			err, RC_EREFUSED,
			"[%s] %s carries %zu bytes, the partitions of a %s that it is for "
			"have %zu (0x%zx): it is for another camera, or was cut; a bootloader "
			"would erase them all and write only what is there",
			payload.size > whole ? "image-too-large" : "image-too-small", name,
			payload.size, board->name, whole, whole);
	for (size_t i = 0; i < count; i++) {
		const struct partition *place = &board->layout.partitions[first + i];
		int result = add_part(firmware, board, place,
				      rc_span_sub(payload, done, place->size), err);

		if (result)
			return result;
		done += place->size;
	}
	return 0;
}

static int split_demo(const char *name, struct rc_span file, const struct board *board,
		      struct firmware *firmware, struct rc_error *err)
{
	uint8_t header[UIMAGE_HEADER];
	struct rc_span payload = rc_span_sub(file, UIMAGE_HEADER, SIZE_MAX);
	uint32_t size = rc_be32(file.data + UIMAGE_DATA_SIZE);
	uint32_t crc;

	memcpy(header, file.data, sizeof(header));
	memset(header + UIMAGE_HEADER_CRC, 0, 4);
	crc = rc_crc32(0, header, sizeof(header));
	if (crc != rc_be32(file.data + UIMAGE_HEADER_CRC))
		return rc_fail(err, RC_EREFUSED,
			       "[image-bad-checksum] %s: the header's checksum is %08" PRIX32
			       ", it says %08" PRIX32 ": download it again",
			       name, crc, rc_be32(file.data + UIMAGE_HEADER_CRC));
	if (file.data[UIMAGE_TYPE] != UIMAGE_TYPE_FIRMWARE)
		return rc_fail(
			err, RC_EREFUSED,
			"[image-not-firmware] %s is a U-Boot image of type %u (a demo.bin has "
			"type %d, firmware): one partition goes into a folder, as kernel.bin",
			name, file.data[UIMAGE_TYPE], UIMAGE_TYPE_FIRMWARE);
	if (payload.size < size)
		return rc_fail(err, RC_EREFUSED,
			       "[image-too-small] %s is cut: its header says %" PRIu32
			       " bytes, %zu are there; download it again",
			       name, size, payload.size);
	payload = rc_span_sub(payload, 0, size);
	crc = rc_crc32(0, payload.data, payload.size);
	if (crc != rc_be32(file.data + UIMAGE_DATA_CRC))
		return rc_fail(err, RC_EREFUSED,
			       "[image-bad-checksum] %s: the data's checksum is %08" PRIX32
			       ", the header says %08" PRIX32 ": download it again",
			       name, crc, rc_be32(file.data + UIMAGE_DATA_CRC));
	return split_payload(name, payload, board, firmware, err);
}

static int split_whole(const char *name, struct rc_span file, const struct board *board,
		       struct firmware *firmware, struct rc_error *err)
{
	const struct layout *layout = &board->layout;
	int result = 0;

	if (file.size != layout->flash_size)
		return rc_fail(err, RC_EREFUSED,
			       "[%s] %s has %zu bytes; the flash of a %s has %" PRIu32
			       ", and a demo.bin begins with 27 05 19 56: this is neither; one "
			       "partition goes into a folder, as NAME.bin",
			       file.size > layout->flash_size ? "image-too-large"
							      : "image-too-small",
			       name, file.size, board->name, layout->flash_size);
	if (rc_all_bytes(file.data, file.size, file.data[0]))
		return rc_fail(err, RC_EREFUSED,
			       "[flash-all-same] %s holds nothing but %02X: nothing was read there",
			       name, file.data[0]);
	for (size_t i = 0; i < layout->count && !result; i++) {
		const struct partition *place = &layout->partitions[i];

		result = add_part(firmware, board, place,
				  rc_span_sub(file, place->offset, place->size), err);
	}
	return result;
}

int firmware_split(const char *name, struct rc_span file, const struct board *board,
		   struct firmware *firmware, struct rc_error *err)
{
	int result = refuse_stranger(name, file, err);

	if (result)
		return result;
	if (file.size > UIMAGE_HEADER && rc_be32(file.data) == UIMAGE_MAGIC)
		return split_demo(name, file, board, firmware, err);
	return split_whole(name, file, board, firmware, err);
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
		if (!result)
			result = firmware_split(path, (struct rc_span){ file.data, file.size },
						board, firmware, err);
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
