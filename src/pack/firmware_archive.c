/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads archives into memory, with a limit on everything that they claim. */
#include "pack/firmware_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "format/recovery.h"

struct reading {
	const char *name; /* of the outermost archive, for messages */
	struct firmware_archive *out;
	size_t bytes; /* that came out so far */
	unsigned entries;
	struct rc_error *err;
};

static bool is_zip(struct rc_span file)
{
	return file.size >= 4 && memcmp(file.data, "PK\x03\x04", 4) == 0;
}

static bool is_gzip(struct rc_span file)
{
	return file.size >= 3 && memcmp(file.data, "\x1f\x8b\x08", 3) == 0;
}

static bool is_tar(struct rc_span file)
{
	return file.size >= 512 && memcmp(file.data + 257, "ustar", 5) == 0;
}

bool firmware_archive_probe(struct rc_span file)
{
	return is_zip(file) || is_gzip(file) || is_tar(file);
}

static const char *kind_of(struct rc_span file)
{
	return is_zip(file) ? "ZIP" : is_gzip(file) ? "gzip" : "tar";
}

/* The end of a long path tells more than its beginning. */
static void printable(const char *name, char out[ARCHIVE_NAME])
{
	const size_t limit = ARCHIVE_NAME / 4 - 1;
	struct rc_text text = { 0 };
	size_t length = strlen(name);

	if (length > limit) {
		rc_text_add(&text, "...");
		name += length - limit;
		length = limit;
	}
	rc_text_add_escaped(&text, (const uint8_t *)name, length, length);
	snprintf(out, ARCHIVE_NAME, "%s", rc_text_get(&text));
	rc_text_free(&text);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool climbs(const char *path)
{
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
			return true;
	}
	return false;
}

/* ---- what is kept ---- */

static bool has_extension(const char *name)
{
	static const char *const extensions[] = { ".bin", ".img", ".squashfs", ".jffs2" };
	size_t length = strlen(name);

	for (size_t i = 0; i < RC_COUNT(extensions); i++) {
		size_t size = strlen(extensions[i]);

		if (length > size && strcasecmp(name + length - size, extensions[i]) == 0)
			return true;
	}
	return false;
}

/* "._name" is what a Mac leaves beside each file. */
static bool may_be_firmware(const char *path, struct rc_span bytes)
{
	const char *name = base_name(path);

	if (bytes.size == 0 || strncmp(name, "._", 2) == 0)
		return false;
	return has_extension(name) || format_probe(bytes) || recovery_probe(bytes);
}

static void pass_over(struct firmware_archive *archive, const char *name)
{
	if (archive->passed_over++ == 0)
		printable(name, archive->first_passed_over);
}

static int keep(struct reading *reading, const char *name, struct rc_buffer *bytes)
{
	struct firmware_archive *out = reading->out;

	if (out->count == ARCHIVE_MAX_KEPT)
		return rc_fail(reading->err, RC_ERANGE,
			       "[image-not-firmware] %s holds more than %u files that could be "
			       "firmware: unpack it, and name the one that is meant",
			       reading->name, ARCHIVE_MAX_KEPT);
	printable(name, out->files[out->count].name);
	out->files[out->count++].bytes = *bytes;
	*bytes = (struct rc_buffer){ 0 };
	return 0;
}

/* ---- reading ---- */

static int fail_damaged(struct reading *reading, const char *kind, struct archive *archive)
{
	const char *why = archive_error_string(archive);
	char text[ARCHIVE_NAME];

	printable(why ? why : "it ends too early", text);
	return rc_fail(reading->err, RC_EFORMAT,
		       "[image-not-firmware] %s is a %s archive that cannot be read (%s): download "
		       "it again",
		       reading->name, kind, text);
}

static int fail_too_large(struct reading *reading, const char *path)
{
	char text[ARCHIVE_NAME];

	printable(path, text);
	return rc_fail(reading->err, RC_ERANGE,
		       "[image-not-firmware] %s holds more than any camera's flash (%s makes it "
		       "more than %zu MiB, the limit): it is not firmware of these cameras",
		       reading->name, text, ARCHIVE_MAX_BYTES >> 20);
}

static int read_bytes(struct reading *reading, const char *kind, struct archive *archive,
		      const char *path, struct rc_buffer *bytes)
{
	for (;;) {
		const void *block;
		size_t size;
		la_int64_t offset;
		int status = archive_read_data_block(archive, &block, &size, &offset);

		if (status == ARCHIVE_EOF)
			return 0;
		if (status != ARCHIVE_OK)
			return fail_damaged(reading, kind, archive);
		/* A hole in a sparse file: as if it were larger than it says. */
		if (offset < 0 || (uint64_t)offset != bytes->size)
			return rc_fail(reading->err, RC_EREFUSED,
				       "[image-not-firmware] %s holds a file with holes: firmware "
				       "has none; pack it anew without --sparse",
				       reading->name);
		if (size > ARCHIVE_MAX_FILE - bytes->size ||
		    size > ARCHIVE_MAX_BYTES - reading->bytes)
			return fail_too_large(reading, path);
		reading->bytes += size;
		if (!rc_buffer_append(bytes, block, size))
			return rc_fail_memory(reading->err, bytes->size + size);
	}
}

static int read_archive(struct reading *reading, struct rc_span file, unsigned depth);

static int take_bytes(struct reading *reading, const char *path, struct rc_buffer *bytes,
		      unsigned depth)
{
	struct rc_span span = { bytes->data, bytes->size };

	if (firmware_archive_probe(span)) {
		if (depth == ARCHIVE_MAX_DEPTH)
			return rc_fail(reading->err, RC_EREFUSED,
				       "[image-not-firmware] %s holds archives in archives, more "
				       "than %u deep: unpack it by hand, and name the file that is "
				       "meant",
				       reading->name, ARCHIVE_MAX_DEPTH);
		return read_archive(reading, span, depth + 1);
	}
	if (may_be_firmware(path, span))
		return keep(reading, path, bytes);
	pass_over(reading->out, path);
	return 0;
}

static int take_entry(struct reading *reading, const char *kind, struct archive *archive,
		      struct archive_entry *entry, unsigned depth)
{
	const char *path = archive_entry_pathname(entry);
	struct rc_buffer bytes = { 0 };
	int result;

	if (++reading->entries > ARCHIVE_MAX_ENTRIES)
		return rc_fail(reading->err, RC_ERANGE,
			       "[image-not-firmware] %s holds more than %u files: it is not "
			       "firmware of these cameras",
			       reading->name, ARCHIVE_MAX_ENTRIES);
	if (!path || climbs(path)) {
		char text[ARCHIVE_NAME];

		printable(path ? path : "a file without a name", text);
		return rc_fail(reading->err, RC_EREFUSED,
			       "[image-not-firmware] %s holds a path that leads out of it (%s): "
			       "somebody made it to do harm, or it is damaged; get it elsewhere",
			       reading->name, text);
	}
	if (archive_entry_is_encrypted(entry))
		return rc_fail(reading->err, RC_EREFUSED,
			       "[image-not-firmware] %s needs a password: unpack it, and name the "
			       "file in it",
			       reading->name);
	if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry)) {
		if (archive_entry_filetype(entry) != AE_IFDIR)
			pass_over(reading->out, path);
		return 0;
	}
	if (archive_entry_size_is_set(entry) &&
	    (uint64_t)archive_entry_size(entry) > ARCHIVE_MAX_BYTES - reading->bytes)
		return fail_too_large(reading, path);
	result = read_bytes(reading, kind, archive, path, &bytes);
	if (!result)
		result = take_bytes(reading, path, &bytes, depth);
	rc_buffer_free(&bytes);
	return result;
}

/* "raw" is a single file in gzip; it is asked last, and would take anything. */
static struct archive *open_archive(struct rc_span file)
{
	struct archive *archive = archive_read_new();

	if (!archive)
		return NULL;
	archive_read_support_filter_gzip(archive);
	archive_read_support_format_tar(archive);
	archive_read_support_format_zip(archive);
	if (is_gzip(file))
		archive_read_support_format_raw(archive);
	return archive;
}

static int read_archive(struct reading *reading, struct rc_span file, unsigned depth)
{
	const char *kind = kind_of(file);
	struct archive *archive = open_archive(file);
	struct archive_entry *entry;
	int result = 0;
	int status;

	if (!archive)
		return rc_fail_memory(reading->err, file.size);
	if (archive_read_open_memory(archive, file.data, file.size) != ARCHIVE_OK)
		result = fail_damaged(reading, kind, archive);
	while (!result) {
		status = archive_read_next_header(archive, &entry);
		if (status == ARCHIVE_EOF)
			break;
		/* Without its filter, a damaged gzip file would be taken for a single file. */
		if (status != ARCHIVE_OK ||
		    (is_gzip(file) && archive_filter_code(archive, 0) != ARCHIVE_FILTER_GZIP))
			result = fail_damaged(reading, kind, archive);
		else
			result = take_entry(reading, kind, archive, entry, depth);
	}
	archive_read_free(archive);
	return result;
}

int firmware_archive_read(const char *name, struct rc_span file, struct firmware_archive *archive,
			  struct rc_error *err)
{
	struct reading reading = { .name = name, .out = archive, .err = err };
	int result;

	*archive = (struct firmware_archive){ 0 };
	result = read_archive(&reading, file, 1);
	if (result)
		firmware_archive_clear(archive);
	return result;
}

void firmware_archive_clear(struct firmware_archive *archive)
{
	for (size_t i = 0; i < archive->count; i++)
		rc_buffer_free(&archive->files[i].bytes);
	*archive = (struct firmware_archive){ 0 };
}
