/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archives.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "pack/unpack.h"
#include "support.h"

static struct boards boards;
static uint8_t kernel[ARCHIVE_KERNEL_SIZE];

/* ---- making archives ---- */

static struct rc_span content_of(enum content content)
{
	static const char text[] = "read me\n";
	static const char page[] = "<!DOCTYPE html><html><title>404</title></html>";
	static const char other[] = "just bytes, and enough of them to be a file of some kind";

	switch (content) {
	case KERNEL:
		return (struct rc_span){ kernel, sizeof(kernel) };
	case TEXT:
		return (struct rc_span){ (const uint8_t *)text, sizeof(text) - 1 };
	case PAGE:
		return (struct rc_span){ (const uint8_t *)page, sizeof(page) - 1 };
	case OTHER:
		return (struct rc_span){ (const uint8_t *)other, sizeof(other) - 1 };
	default:
		return (struct rc_span){ 0 };
	}
}

static la_ssize_t take(struct archive *archive, void *context, const void *data, size_t size)
{
	(void)archive;
	return rc_buffer_append(context, data, size) ? (la_ssize_t)size : -1;
}

struct archive *archive_begin(enum form form, struct rc_buffer *out)
{
	struct archive *archive = archive_write_new();

	*out = (struct rc_buffer){ 0 };
	if (form == ZIP)
		archive_write_set_format_zip(archive);
	else
		archive_write_set_format_pax_restricted(archive);
	if (form == TAR_GZ)
		archive_write_add_filter_gzip(archive);
	archive_write_set_bytes_in_last_block(archive, 1);
	assert_int_equal(archive_write_open(archive, out, NULL, take, NULL), ARCHIVE_OK);
	return archive;
}

void archive_put_zeros(struct archive *archive, size_t size)
{
	static const uint8_t zeros[1 << 20];

	while (size > 0) {
		size_t part = size < sizeof(zeros) ? size : sizeof(zeros);

		assert_int_equal(archive_write_data(archive, zeros, part), part);
		size -= part;
	}
}

void archive_put(struct archive *archive, const char *path, const struct entry *entry,
		 struct rc_span bytes)
{
	struct archive_entry *header = archive_entry_new();

	archive_entry_set_pathname(header, path);
	archive_entry_set_filetype(header, entry->type ? entry->type : AE_IFREG);
	archive_entry_set_perm(header, 0644);
	archive_entry_set_size(header, (la_int64_t)(entry->zeros ? entry->zeros : bytes.size));
	if (entry->type == AE_IFCHR || entry->type == AE_IFBLK)
		archive_entry_set_rdev(header, 0x0103);
	if (entry->symlink)
		archive_entry_set_symlink(header, entry->symlink);
	if (entry->hardlink)
		archive_entry_set_hardlink(header, entry->hardlink);
	assert_true(archive_write_header(archive, header) >= ARCHIVE_WARN);
	if (entry->zeros)
		archive_put_zeros(archive, entry->zeros);
	else if (bytes.size)
		archive_write_data(archive, bytes.data, bytes.size);
	archive_entry_free(header);
}

static void put_entry(struct archive *archive, const struct entry *entry)
{
	for (size_t i = 0; i < (entry->repeat ? entry->repeat : 1); i++) {
		char path[64];
		const char *number = strstr(entry->path, "%u");

		if (number)
			snprintf(path, sizeof(path), "%.*s%zu%s", (int)(number - entry->path),
				 entry->path, i, number + 2);
		archive_put(archive, number ? path : entry->path, entry,
			    content_of(entry->content));
	}
}

void archive_end(struct archive *archive)
{
	assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
}

void archive_make(enum form form, const struct entry *entries, struct rc_buffer *out)
{
	struct archive *archive = archive_begin(form, out);

	for (size_t i = 0; entries[i].path; i++)
		put_entry(archive, &entries[i]);
	archive_end(archive);
}

void archive_wrap(enum form form, const char *path, struct rc_buffer *out)
{
	struct rc_buffer inner = *out;
	const struct entry entry = { 0 };
	struct archive *archive = archive_begin(form, out);

	archive_put(archive, path, &entry, (struct rc_span){ inner.data, inner.size });
	archive_end(archive);
	rc_buffer_free(&inner);
}

/* ---- trying them ---- */

int archive_try(const struct rc_buffer *bytes, size_t *parts, struct rc_error *err)
{
	static struct firmware_opened opened;
	static struct unpacked unpacked;
	const char *place = support_temp_dir();
	char *folder = rc_path_join(place, "out");
	struct firmware_open_options options = { .boards = &boards,
						 .board = boards_find(&boards, "dafang") };
	struct unpack_source source;
	int result = firmware_open("hostile.tar", (struct rc_span){ bytes->data, bytes->size },
				   &options, &opened, err);

	*parts = 0;
	if (!result) {
		source = (struct unpack_source){ .name = opened.name,
						 .file = opened.file,
						 .split = &opened.split,
						 .map = &opened.map,
						 .board = opened.board };
		result = unpack_firmware(&source, folder, &unpacked, err);
		if (!result) {
			*parts = unpacked.record.part_count;
			assert_int_equal(support_count_files(folder), *parts + 1);
		}
		firmware_opened_clear(&opened);
	}
	assert_int_equal(support_count_files(place), result ? 0 : 1);
	assert_false(rc_file_exists(ARCHIVE_MARK));
	free(folder);
	return result;
}

void archive_expect(const char *name, const struct rc_buffer *bytes, int status, size_t parts,
		    const char *says)
{
	struct rc_error err = { 0 };
	size_t found;
	int result = archive_try(bytes, &found, &err);

	if (result != status || found != parts)
		fail_msg("%s: status %d and %zu parts instead of %d and %zu: %s", name, result,
			 found, status, parts, err.text);
	if (result && !strstr(err.text, "[image-not-firmware]") && !strstr(err.text, says))
		fail_msg("%s: \"%s\"", name, err.text);
	if (says && !strstr(err.text, says))
		fail_msg("%s: \"%s\" is not in: %s", name, says, err.text);
	for (const char *c = err.text; *c; c++)
		assert_true(*c >= ' ' && *c < 0x7f);
}

int archives_setup(void **state)
{
	struct uimage_header header = { .os = UIMAGE_OS_LINUX,
					.arch = UIMAGE_ARCH_MIPS,
					.type = UIMAGE_TYPE_KERNEL,
					.name = "Linux-hostile" };
	uint64_t seed = 7;
	struct rc_error err;

	(void)state;
	for (size_t i = UIMAGE_HEADER_SIZE; i < sizeof(kernel); i++)
		kernel[i] = (uint8_t)support_random(&seed);
	support_ok(uimage_build(&header,
				(struct rc_span){ kernel + UIMAGE_HEADER_SIZE,
						  sizeof(kernel) - UIMAGE_HEADER_SIZE },
				kernel, &err),
		   &err);
	support_ok(boards_load(NULL, &boards, &err), &err);
	unlink(ARCHIVE_MARK);
	return 0;
}

int archives_teardown(void **state)
{
	(void)state;
	boards_free(&boards);
	return 0;
}
