/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checksum.h"
#include "base/text.h"
#include "pack/fs.h"
#include "pack/fs_disk.h"
#include "pack/new_folder.h"

static int put(int dir_fd, const char *name, struct rc_span bytes, bool secret,
	       struct rc_error *err)
{
	int result = fs_disk_put_text(dir_fd, name, bytes, err);

	if (!result && secret && fchmodat(dir_fd, name, 0600, 0))
		result = rc_fail_errno(err, RC_EIO, errno, "cannot keep %s from others", name);
	return result;
}

/* ---- one partition ---- */

static const struct format *expected_format(const struct board *board, const char *name)
{
	const struct board_partition *known = board ? board_partition(board, name) : NULL;

	return known ? known->format : NULL;
}

static void describe(const struct format_report *report, struct unpacked_part *part)
{
	part->state = report->state;
	part->used = report->used;
	snprintf(part->format, sizeof(part->format), "%s",
		 report->format                   ? report->format->name
		 : report->state == REGION_ERASED ? "erased"
						  : "raw");
	if (report->state == REGION_DAMAGED && report->problem_count && !part->note[0])
		snprintf(part->note, sizeof(part->note), "%s", report->problems[0].text);
}

static int check(struct rc_span bytes, const struct format *expected, struct unpacked_part *part,
		 struct rc_error *err)
{
	struct format_report report = { 0 };
	int result = format_check(bytes, expected, NULL, &report, err);

	if (!result)
		describe(&report, part);
	format_report_clear(&report);
	return result;
}

static int digest_manifest(int dir_fd, const char *name, struct folder_part *record, bool secret,
			   struct rc_error *err)
{
	char manifest[RC_PARTITION_NAME + sizeof(".mtree")];
	struct rc_buffer text = { 0 };
	int result;

	snprintf(manifest, sizeof(manifest), "%s.mtree", name);
	result = fs_disk_get_text(dir_fd, manifest, FS_MAX_MANIFEST, &text, err);
	if (!result)
		rc_sha256_hex(text.data, text.size, record->manifest_sha256);
	rc_buffer_free(&text);
	if (!result && secret &&
	    (fchmodat(dir_fd, manifest, 0600, 0) || fchmodat(dir_fd, name, 0700, 0)))
		result = rc_fail_errno(err, RC_EIO, errno, "cannot keep %s from others", name);
	return result;
}

/* What no folder can be made of stays NAME.bin, and its note says why. */
static int unpack_files(int dir_fd, struct rc_span bytes, const struct format *format,
			struct folder_part *record, struct unpacked_part *part,
			struct rc_error *err)
{
	struct fs_summary summary = { 0 };
	struct rc_error why = { 0 };
	int result = fs_unpack(bytes, format, dir_fd, record->place.name, &summary, &why);

	if (result == RC_EFORMAT || result == RC_ERANGE) {
		snprintf(part->note, sizeof(part->note), "%.250s", why.text);
		fs_summary_clear(&summary);
		return 0;
	}
	if (result)
		rc_fail(err, why.status, "%s", why.text);
	if (!result) {
		describe(&summary.report, part);
		part->has_files = true;
		part->files = summary.files;
		part->directories = summary.directories;
		part->links = summary.links;
		part->specials = summary.specials;
		part->damaged = summary.damaged;
		if (summary.damaged)
			snprintf(part->note, sizeof(part->note),
				 "%" PRIu32 " files could not be read whole, %.100s is the first: "
				 "zeros stand in for what is missing",
				 summary.damaged, summary.first_damaged);
		result = digest_manifest(dir_fd, record->place.name, record, part->secret, err);
	}
	fs_summary_clear(&summary);
	return result;
}

/* What begins as one, or should be one and is not erased. */
static bool is_file_system(struct rc_span bytes, const struct format **format,
			   const struct format *expected)
{
	*format = format_probe(bytes);
	if (!*format)
		*format = expected;
	return *format && fs_is_file_system(*format) && !rc_all_bytes(bytes.data, bytes.size, 0xff);
}

static int unpack_part(int dir_fd, const struct unpack_source *source,
		       const struct firmware_slice *slice, struct folder_part *record,
		       struct unpacked_part *part, struct rc_error *err)
{
	const struct format *expected = expected_format(source->board, slice->place.name);
	const struct format *format;
	char file[RC_PARTITION_NAME + sizeof(".bin")];
	int result;

	*part = (struct unpacked_part){ .secret = flash_map_is_secret(source->map, slice->role) };
	*record = (struct folder_part){ .place = slice->place,
					.role = slice->role,
					.bytes = (uint32_t)slice->bytes.size };
	if (!firmware_is_name(slice->place.name))
		return rc_fail(err, RC_EUSAGE, "a partition without a name that a file can have");
	rc_sha256_hex(slice->bytes.data, slice->bytes.size, record->sha256);
	if (!slice->bytes.data) {
		part->state = REGION_UNKNOWN;
		snprintf(part->format, sizeof(part->format), "raw");
		snprintf(part->note, sizeof(part->note),
			 "not there: the copy is partial, and this was not read");
		return 0;
	}
	snprintf(file, sizeof(file), "%s.bin", slice->place.name);
	result = put(dir_fd, file, slice->bytes, part->secret, err);
	if (!result && is_file_system(slice->bytes, &format, expected))
		result = unpack_files(dir_fd, slice->bytes, format, record, part, err);
	if (!result && !part->has_files)
		result = check(slice->bytes, expected, part, err);
	return result;
}

/* ---- the whole ---- */

/* JSON takes only UTF-8. */
static void name_source(const char *name, struct folder_record *record)
{
	struct rc_text text = { 0 };

	rc_text_add_escaped(&text, (const uint8_t *)name, strlen(name), 30);
	snprintf(record->source, sizeof(record->source), "%s", rc_text_get(&text));
	rc_text_free(&text);
}

static void fill_record(const struct unpack_source *source, struct folder_record *record)
{
	const struct firmware_file *split = source->split;
	const char *slash = strrchr(source->name, '/');
	struct rc_span file = source->file;

	*record = (struct folder_record){
		.kind = split->kind,
		.flash_size = source->map->layout.flash_size,
		.has_header = split->kind != FIRMWARE_KINDS && firmware_shapes[split->kind].type,
		.header = split->header,
		.has_trailer = split->trailer.size == RECOVERY_TRAILER,
		.part_count = split->slice_count,
	};
	/* What follows the payload, and no bootloader reads, is not made again. */
	if (split->payload.data)
		file.size = (size_t)(split->payload.data - file.data) + split->payload.size +
			    split->trailer.size;
	record->size = file.size;
	rc_sha256_hex(file.data, file.size, record->sha256);
	name_source(slash ? slash + 1 : source->name, record);
	if (source->board)
		snprintf(record->board, sizeof(record->board), "%s", source->board->id);
	if (record->has_trailer)
		memcpy(record->trailer, split->trailer.data, RECOVERY_TRAILER);
}

static int put_record(int dir_fd, const struct folder_record *record, struct rc_error *err)
{
	json_t *json = folder_record_json(record);
	char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	int result;

	json_decref(json);
	if (!text)
		return rc_fail_memory(err, sizeof(*record));
	result = put(dir_fd, FOLDER_RECORD, (struct rc_span){ (const uint8_t *)text, strlen(text) },
		     false, err);
	free(text);
	return result;
}

int unpack_firmware(const struct unpack_source *source, const char *folder, struct unpacked *out,
		    struct rc_error *err)
{
	struct new_folder draft;
	int result;

	*out = (struct unpacked){ 0 };
	fill_record(source, &out->record);
	result = new_folder_begin(folder, &draft, err);
	if (result)
		return result;
	for (size_t i = 0; i < source->split->slice_count && !result; i++)
		result = unpack_part(draft.fd, source, &source->split->slices[i],
				     &out->record.parts[i], &out->parts[i], err);
	if (!result)
		result = put_record(draft.fd, &out->record, err);
	if (result) {
		new_folder_drop(&draft);
		return result;
	}
	return new_folder_finish(&draft, err);
}

void unpack_single(const char *name, struct rc_span bytes, struct flash_map *map,
		   struct firmware_file *split)
{
	const struct partition *place = layout_find(&map->layout, name);

	*split = (struct firmware_file){ .kind = FIRMWARE_KINDS, .slice_count = 1 };
	split->slices[0].bytes = bytes;
	if (place && bytes.size <= place->size) {
		split->slices[0].place = *place;
		split->slices[0].role = map->roles[place - map->layout.partitions];
		return;
	}
	snprintf(split->slices[0].place.name, RC_PARTITION_NAME, "%s", name);
	split->slices[0].place.size = (uint32_t)bytes.size;
	if (map->layout.flash_size < bytes.size)
		map->layout.flash_size = (uint32_t)bytes.size;
}

void unpack_add_gaps(struct rc_span flash, struct flash_map *map)
{
	struct flash_map with = *map;
	uint32_t end = 0;

	with.layout.count = 0;
	for (size_t i = 0; i <= map->layout.count; i++) {
		const struct partition *next = i < map->layout.count ? &map->layout.partitions[i]
								     : NULL;
		uint32_t start = next ? next->offset : map->layout.flash_size;
		struct rc_span gap = rc_span_sub(flash, end, start - end);

		if (start > end && !rc_all_bytes(gap.data, gap.size, 0xff) &&
		    with.layout.count < RC_MAX_PARTITIONS) {
			struct partition *place = &with.layout.partitions[with.layout.count];

			with.roles[with.layout.count++] = ROLE_OTHER;
			*place = (struct partition){ .offset = end, .size = start - end };
			snprintf(place->name, sizeof(place->name), "gap-%06" PRIx32, end);
		}
		if (!next || with.layout.count == RC_MAX_PARTITIONS)
			break;
		with.roles[with.layout.count] = map->roles[i];
		with.layout.partitions[with.layout.count++] = *next;
		end = next->offset + next->size;
	}
	*map = with;
}
