/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of an archive stand for. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "format/ingenic_boot.h"
#include "format/mstar_boot.h"
#include "format/recovery.h"
#include "pack/firmware_archive.h"

static struct rc_span span_of(const struct archive_file *file)
{
	return (struct rc_span){ file->bytes.data, file->bytes.size };
}

/* A demo.bin or one of its relatives, a recovery image, a whole flash. */
static bool is_whole(struct rc_span bytes)
{
	struct uimage_header header;

	if (recovery_probe(bytes))
		return true;
	if (uimage_read_header(bytes, &header) && header.magic == UIMAGE_MAGIC)
		return header.type == UIMAGE_TYPE_FIRMWARE || header.type == UIMAGE_TYPE_FILESYSTEM;
	return bytes.size > INGENIC_BOOT_SIZE && (bytes.size & (bytes.size - 1)) == 0 &&
	       (format_ingenic_boot.probe(bytes) || format_mstar_boot.probe(bytes));
}

int firmware_archive_single(const char *name, const struct firmware_archive *archive,
			    const struct archive_file **found, struct rc_error *err)
{
	*found = NULL;
	for (size_t i = 0; i < archive->count; i++) {
		if (!is_whole(span_of(&archive->files[i])))
			continue;
		if (*found)
			return rc_fail(err, RC_EREFUSED,
				       "%s holds several firmware files (%s, %s): unpack it, and "
				       "name the one that this camera's bootloader looks for",
				       name, (*found)->name, archive->files[i].name);
		*found = &archive->files[i];
	}
	return 0;
}

/* The name without folders and extension, where it is that of a partition. */
static const struct partition *place_by_name(const struct flash_map *map, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t length = strcspn(base, ".");
	char name[RC_PARTITION_NAME];

	if (length == 0 || length >= sizeof(name))
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)length, base);
	return layout_find(&map->layout, name);
}

/* Only what there is one of: a kernel, a bootloader. */
static const struct partition *place_by_content(const struct flash_map *map, struct rc_span bytes)
{
	const struct format *format = format_probe(bytes);
	enum partition_role role = format == &format_uimage         ? ROLE_KERNEL
				   : format == &format_ingenic_boot ? ROLE_BOOT
				   : format == &format_mstar_boot   ? ROLE_BOOT
								    : ROLE_OTHER;

	for (size_t i = 0; role != ROLE_OTHER && i < map->layout.count; i++)
		if (map->roles[i] == role)
			return &map->layout.partitions[i];
	return NULL;
}

static int add_file(const char *name, const struct archive_file *file, const struct flash_map *map,
		    const struct partition *place, struct firmware_file *out, struct rc_error *err)
{
	for (size_t i = 0; i < out->slice_count; i++)
		if (strcmp(out->slices[i].place.name, place->name) == 0)
			return rc_fail(
				err, RC_EREFUSED,
				"%s holds two files for the %s partition (%s is one): unpack "
				"it, and put the right ones into a folder as NAME.bin",
				name, place->name, file->name);
	if (file->bytes.size > place->size)
		return rc_fail(err, RC_EREFUSED,
			       "[image-too-large] %s in %s has %zu bytes, the %s partition of a %s "
			       "has %" PRIu32 ": it is not the file for this partition",
			       file->name, name, file->bytes.size, place->name, map->camera,
			       place->size);
	out->slices[out->slice_count++] =
		(struct firmware_slice){ .place = *place,
					 .role = map->roles[place - map->layout.partitions],
					 .bytes = span_of(file) };
	return 0;
}

int firmware_archive_parts(const char *name, const struct firmware_archive *archive,
			   const struct flash_map *map, struct firmware_file *out,
			   struct rc_error *err)
{
	*out = (struct firmware_file){ .kind = FIRMWARE_KINDS };
	for (size_t i = 0; i < archive->count; i++) {
		const struct archive_file *file = &archive->files[i];
		const struct partition *place = place_by_name(map, file->name);
		int result;

		if (!place)
			place = place_by_content(map, span_of(file));
		result = place ? firmware_refuse_stranger(file->name, span_of(file), err) : 0;
		if (!result && place)
			result = add_file(name, file, map, place, out, err);
		if (result)
			return result;
	}
	if (out->slice_count == 0)
		return rc_fail(err, RC_EREFUSED,
			       "[image-not-firmware] %s holds no file for any partition of a %s "
			       "(kernel.bin, rootfs.bin, ...), and no firmware file: it is not "
			       "firmware for this camera",
			       name, map->camera);
	return 0;
}
