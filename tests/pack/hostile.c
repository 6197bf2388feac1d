/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives that somebody made to do harm, or that were damaged on the way: nothing appears
 * outside of the folder, and each ends in an error that says why, or in what was meant. */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "pack/firmware_open.h"
#include "pack/unpack.h"
#include "support.h"

#define MARK "/tmp/recam-hostile-archive-was-here" /* nothing may ever be there */

static struct boards boards;
static uint8_t kernel[UIMAGE_HEADER_SIZE + 5000]; /* a whole uImage */

/* ---- making archives ---- */

enum content { NOTHING, KERNEL, TEXT, PAGE, OTHER };

struct entry {
	const char *path;
	unsigned type; /* AE_IF... */
	enum content content;
	const char *symlink, *hardlink;
	size_t zeros;  /* this many instead of content */
	size_t repeat; /* so many of them, numbered where path holds %u */
};

enum form { TAR, TAR_GZ, ZIP };

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

static struct archive *begin(enum form form, struct rc_buffer *out)
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

static void put_zeros(struct archive *archive, size_t size)
{
	static const uint8_t zeros[1 << 20];

	while (size > 0) {
		size_t part = size < sizeof(zeros) ? size : sizeof(zeros);

		assert_int_equal(archive_write_data(archive, zeros, part), part);
		size -= part;
	}
}

static void put_bytes(struct archive *archive, const char *path, const struct entry *entry,
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
		put_zeros(archive, entry->zeros);
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
		put_bytes(archive, number ? path : entry->path, entry, content_of(entry->content));
	}
}

static void end(struct archive *archive)
{
	assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
}

static void make(enum form form, const struct entry *entries, struct rc_buffer *out)
{
	struct archive *archive = begin(form, out);

	for (size_t i = 0; entries[i].path; i++)
		put_entry(archive, &entries[i]);
	end(archive);
}

/* out as the only file of a new archive. */
static void wrap(enum form form, const char *path, struct rc_buffer *out)
{
	struct rc_buffer inner = *out;
	const struct entry entry = { 0 };
	struct archive *archive = begin(form, out);

	put_bytes(archive, path, &entry, (struct rc_span){ inner.data, inner.size });
	end(archive);
	rc_buffer_free(&inner);
}

/* ---- trying them ---- */

static unsigned count_files(const char *folder)
{
	DIR *entries = opendir(folder);
	unsigned count = 0;

	assert_non_null(entries);
	while (readdir(entries))
		count++;
	closedir(entries);
	return count - 2;
}

/* What an owner would do with it; returns the status, and how many partitions came out. */
static int try(const struct rc_buffer *bytes, size_t *parts, struct rc_error *err)
{
	static struct firmware_opened opened;
	static struct unpacked unpacked;
	const char *place = support_temp_dir();
	char *folder = rc_path_join(place, "out");
	struct unpack_source source;
	int result = firmware_open("hostile.tar", (struct rc_span){ bytes->data, bytes->size },
				   &boards, boards_find(&boards, "dafang"), &opened, err);

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
			assert_int_equal(count_files(folder), *parts + 1);
		}
		firmware_opened_clear(&opened);
	}
	assert_int_equal(count_files(place), result ? 0 : 1);
	assert_false(rc_file_exists(MARK));
	free(folder);
	return result;
}

static void expect(const char *name, const struct rc_buffer *bytes, int status, size_t parts,
		   const char *says)
{
	struct rc_error err = { 0 };
	size_t found;
	int result = try(bytes, &found, &err);

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

/* ---- by what is in them ---- */

#define LONG_40   "a-folder-with-a-name-that-is-long-enough"
#define LONG_NAME LONG_40 "/" LONG_40 "/" LONG_40 "/" LONG_40 "/" LONG_40 "/" LONG_40
#define OUT       "leads out of it"
#define NONE      "holds no file for any partition"
#define TOO_LARGE "more than any camera's flash"

static const struct {
	const char *name;
	enum form form;
	struct entry entries[4];
	int status;
	size_t parts;
	const char *says;
} cases[] = {
	/* Paths that climb. */
	{ "up", TAR, { { "../kernel.bin", .content = KERNEL } }, RC_EREFUSED, 0, OUT },
	{ "up in zip", ZIP, { { "../kernel.bin", .content = KERNEL } }, RC_EREFUSED, 0, OUT },
	{ "far up", TAR_GZ, { { "../../../.." MARK, .content = KERNEL } }, RC_EREFUSED, 0, OUT },
	{ "down and up",
	  TAR,
	  { { "a/../../kernel.bin", .content = KERNEL } },
	  RC_EREFUSED,
	  0,
	  OUT },
	{ "up at the end", TAR, { { "a/b/..", AE_IFDIR } }, RC_EREFUSED, 0, OUT },
	{ "nothing but up", TAR, { { "..", .content = KERNEL } }, RC_EREFUSED, 0, OUT },
	{ "a long way up",
	  TAR,
	  { { LONG_NAME "/../../kernel.bin", .content = KERNEL } },
	  RC_EREFUSED,
	  0,
	  OUT },
	{ "up after something good",
	  TAR,
	  { { "kernel.bin", .content = KERNEL }, { "../rootfs.bin", .content = OTHER } },
	  RC_EREFUSED,
	  0,
	  OUT },
	{ "a link that climbs",
	  TAR,
	  { { "../a", AE_IFLNK, .symlink = "/tmp" } },
	  RC_EREFUSED,
	  0,
	  OUT },
	{ "a name that only looks so", TAR, { { "..bin/...", .content = KERNEL } }, 0, 1, NULL },
	/* Paths from the root: the name is used, the path is not. */
	{ "absolute", TAR, { { "/etc/kernel.bin", .content = KERNEL } }, 0, 1, NULL },
	{ "absolute in zip", ZIP, { { "/kernel.bin", .content = KERNEL } }, 0, 1, NULL },
	{ "twice absolute", TAR, { { "//kernel.bin", .content = KERNEL } }, 0, 1, NULL },
	{ "the mark itself", TAR, { { MARK, .content = KERNEL } }, 0, 1, NULL },
	{ "a drive letter", ZIP, { { "C:\\kernel.bin", .content = KERNEL } }, 0, 1, NULL },
	/* Links. */
	{ "a link in the place of a part",
	  TAR,
	  { { "kernel.bin", AE_IFLNK, .symlink = "/etc/passwd" } },
	  RC_EREFUSED,
	  0,
	  NONE },
	{ "a link in zip",
	  ZIP,
	  { { "kernel.bin", AE_IFLNK, .symlink = "/etc/passwd" } },
	  RC_EREFUSED,
	  0,
	  NONE },
	{ "a file through a link",
	  TAR,
	  { { "a", AE_IFLNK, .symlink = "/tmp" },
	    { "a/recam-hostile-archive-was-here", .content = KERNEL } },
	  0,
	  1,
	  NULL },
	{ "a file over a link",
	  TAR,
	  { { "kernel.bin", AE_IFLNK, .symlink = MARK }, { "kernel.bin", .content = KERNEL } },
	  0,
	  1,
	  NULL },
	{ "a hard link out",
	  TAR,
	  { { "kernel.bin", .hardlink = "/etc/passwd" } },
	  RC_EREFUSED,
	  0,
	  NONE },
	{ "a hard link inside",
	  TAR,
	  { { "kernel.bin", .content = KERNEL }, { "rootfs.bin", .hardlink = "kernel.bin" } },
	  0,
	  1,
	  NULL },
	{ "a link to itself",
	  TAR,
	  { { "kernel.bin", .hardlink = "kernel.bin" } },
	  RC_EREFUSED,
	  0,
	  NONE },
	/* What is no file. */
	{ "a character device", TAR, { { "kernel.bin", AE_IFCHR } }, RC_EREFUSED, 0, NONE },
	{ "a block device", TAR, { { "kernel.bin", AE_IFBLK } }, RC_EREFUSED, 0, NONE },
	{ "a fifo", TAR, { { "kernel.bin", AE_IFIFO } }, RC_EREFUSED, 0, NONE },
	{ "a folder", TAR, { { "kernel.bin", AE_IFDIR } }, RC_EREFUSED, 0, NONE },
	{ "an empty file", TAR, { { "kernel.bin" } }, RC_EREFUSED, 0, NONE },
	/* Names. */
	{ "a line feed", TAR, { { "ker\nnel", .content = KERNEL } }, 0, 1, NULL },
	{ "an escape that climbs",
	  TAR,
	  { { "\033[2J/../x", .content = KERNEL } },
	  RC_EREFUSED,
	  0,
	  "\\x1b[2J/../x" },
	{ "no UTF-8", TAR, { { "\xff\xfe.bin", .content = KERNEL } }, 0, 1, NULL },
	{ "a format", TAR, { { "../%s%n%x", .content = KERNEL } }, RC_EREFUSED, 0, "%s%n%x" },
	{ "long",
	  TAR,
	  { { LONG_NAME "/" LONG_NAME "/kernel.bin", .content = KERNEL } },
	  0,
	  1,
	  NULL },
	{ "what a Mac leaves",
	  ZIP,
	  { { "__MACOSX/._kernel.bin", .content = OTHER }, { "kernel.bin", .content = KERNEL } },
	  0,
	  1,
	  NULL },
	/* Twice the same. */
	{ "twice",
	  TAR,
	  { { "kernel.bin", .content = KERNEL }, { "kernel.bin", .content = KERNEL } },
	  RC_EREFUSED,
	  0,
	  "two files for the kernel partition" },
	{ "in two folders",
	  ZIP,
	  { { "a/kernel.bin", .content = KERNEL }, { "b/kernel.bin", .content = KERNEL } },
	  RC_EREFUSED,
	  0,
	  "two files for the kernel partition" },
	{ "by name and by content",
	  TAR,
	  { { "kernel.bin", .content = KERNEL }, { "uImage", .content = KERNEL } },
	  RC_EREFUSED,
	  0,
	  "two files for the kernel partition" },
	/* What is not firmware. */
	{ "a page", ZIP, { { "kernel.bin", .content = PAGE } }, RC_EREFUSED, 0, "web page" },
	{ "texts",
	  TAR_GZ,
	  { { "README", .content = TEXT }, { "LICENSE", .content = TEXT } },
	  RC_EREFUSED,
	  0,
	  NONE },
	{ "a part that is too large",
	  TAR_GZ,
	  { { "kernel.bin", .zeros = 3 << 20 } },
	  RC_EREFUSED,
	  0,
	  "[image-too-large] kernel.bin" },
	/* Bombs. */
	{ "a file of 200 MiB",
	  TAR_GZ,
	  { { "kernel.bin", .zeros = 200u << 20 } },
	  RC_ERANGE,
	  0,
	  TOO_LARGE },
	{ "one of 200 MiB in zip",
	  ZIP,
	  { { "kernel.bin", .zeros = 200u << 20 } },
	  RC_ERANGE,
	  0,
	  TOO_LARGE },
	{ "one of 65 MiB",
	  TAR_GZ,
	  { { "kernel.bin", .zeros = 65u << 20 } },
	  RC_ERANGE,
	  0,
	  TOO_LARGE },
	{ "three of 50 MiB",
	  TAR_GZ,
	  { { "%u.txt", .zeros = 50u << 20, .repeat = 3 } },
	  RC_ERANGE,
	  0,
	  TOO_LARGE },
	{ "5000 files",
	  TAR_GZ,
	  { { "%u.txt", .content = TEXT, .repeat = 5000 } },
	  RC_ERANGE,
	  0,
	  "more than 4096 files" },
	{ "5000 folders",
	  TAR_GZ,
	  { { "%u", AE_IFDIR, .repeat = 5000 } },
	  RC_ERANGE,
	  0,
	  "more than 4096 files" },
	{ "100 parts",
	  TAR_GZ,
	  { { "%u.bin", .content = OTHER, .repeat = 100 } },
	  RC_ERANGE,
	  0,
	  "more than 64 files" },
};

static void what_is_in_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct rc_buffer bytes;

		make(cases[i].form, cases[i].entries, &bytes);
		expect(cases[i].name, &bytes, cases[i].status, cases[i].parts, cases[i].says);
		rc_buffer_free(&bytes);
	}
}

/* ---- archives in archives ---- */

static const struct entry one_kernel[] = { { "kernel.bin", .content = KERNEL }, { 0 } };

static void archives_in_archives(void **state)
{
	static const enum form forms[] = { ZIP, TAR_GZ, TAR };
	struct rc_buffer bytes;

	(void)state;
	make(TAR, one_kernel, &bytes);
	for (size_t depth = 1; depth <= 8; depth++) {
		bool allowed = depth <= ARCHIVE_MAX_DEPTH;

		expect("nested", &bytes, allowed ? 0 : RC_EREFUSED, allowed ? 1 : 0,
		       allowed ? NULL : "archives in archives, more than 3 deep");
		wrap(forms[depth % RC_COUNT(forms)], "inner", &bytes);
	}
	rc_buffer_free(&bytes);
}

/* Each is small enough alone. */
static void a_bomb_in_two_halves(void **state)
{
	static const struct entry half[] = { { "%u.txt", .zeros = 35u << 20, .repeat = 2 }, { 0 } };
	const struct entry entry = { 0 };
	struct rc_buffer inner, bytes;
	struct archive *archive;

	(void)state;
	make(TAR_GZ, half, &inner);
	archive = begin(TAR, &bytes);
	put_bytes(archive, "a.tar.gz", &entry, (struct rc_span){ inner.data, inner.size });
	put_bytes(archive, "b.tar.gz", &entry, (struct rc_span){ inner.data, inner.size });
	end(archive);
	expect("two halves", &bytes, RC_ERANGE, 0, TOO_LARGE);
	rc_buffer_free(&inner);
	rc_buffer_free(&bytes);
}

/* ---- damaged ones ---- */

/* U-Boot's and everybody's: the sum of the header's bytes, its own eight taken for blanks. */
static void mend_tar(uint8_t *header)
{
	unsigned sum = 0;

	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += header[i];
	snprintf((char *)header + 148, 8, "%06o", sum);
}

static void cut_anywhere(void **state)
{
	static const enum form forms[] = { TAR, TAR_GZ, ZIP };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(forms); i++) {
		struct rc_buffer whole;

		make(forms[i], one_kernel, &whole);
		for (size_t part = 1; part < 10; part++) {
			struct rc_buffer cut = whole;
			struct rc_error err;
			size_t parts;
			int result;

			/* Not the end marks of a tar and the directory of a zip: files are read
			 * without. */
			cut.size = (forms[i] == TAR ? sizeof(kernel) : whole.size - 200) * part /
				   10;
			result = try(&cut, &parts, &err);
			if (!result || !strstr(err.text, "[image-not-firmware]"))
				fail_msg("form %zu cut to %zu bytes: %d, %s", i, cut.size, result,
					 err.text);
		}
		rc_buffer_free(&whole);
	}
}

static void sizes_that_lie(void **state)
{
	static const struct {
		const char *size; /* 12 bytes of the header */
		int status;
		const char *says;
	} lies[] = {
		{ "77777777777", RC_ERANGE, TOO_LARGE },                  /* 8 GiB */
		{ "\x80\0\0\0\x7f\0\0\0\0\0\0\0", RC_ERANGE, TOO_LARGE }, /* 2^63 */
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", RC_EFORMAT,
		  "cannot be read" },
		{ "00000100000", RC_EFORMAT, "cannot be read" }, /* 32 KiB, which are not there */
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(lies); i++) {
		struct rc_buffer bytes;

		make(TAR, one_kernel, &bytes);
		memcpy(bytes.data + 124, lies[i].size, 12);
		mend_tar(bytes.data);
		expect("a size that lies", &bytes, lies[i].status, 0, lies[i].says);
		rc_buffer_free(&bytes);
	}
}

static void one_wrong_byte(void **state)
{
	static const struct {
		const char *name;
		enum form form;
		size_t at;
		uint8_t flip;
		int status;
		const char *says;
	} wounds[] = {
		{ "checksum of a tar header", TAR, 150, 1, RC_EFORMAT, "cannot be read" },
		{ "its magic", TAR, 257, 1, RC_EREFUSED, "is no firmware" },
		{ "flags of gzip", TAR_GZ, 3, 0xe0, RC_EFORMAT, "cannot be read" },
		{ "data of gzip", TAR_GZ, 40, 0xff, RC_EFORMAT, "cannot be read" },
		{ "method of zip", ZIP, 8, 0x55, RC_EFORMAT, "cannot be read" },
		{ "encrypted zip", ZIP, 6, 1, RC_EREFUSED, "needs a password" },
		{ "data of zip", ZIP, 100, 0xff, RC_EFORMAT, "cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(wounds); i++) {
		struct rc_buffer bytes;

		make(wounds[i].form, one_kernel, &bytes);
		bytes.data[wounds[i].at] ^= wounds[i].flip;
		expect(wounds[i].name, &bytes, wounds[i].status, 0, wounds[i].says);
		rc_buffer_free(&bytes);
	}
}

/* A file that says it is 60 MiB and holds one block. */
static void a_file_with_holes(void **state)
{
	struct archive_entry *header = archive_entry_new();
	struct rc_buffer bytes;
	struct archive *archive = begin(TAR, &bytes);

	(void)state;
	archive_entry_set_pathname(header, "kernel.bin");
	archive_entry_set_filetype(header, AE_IFREG);
	archive_entry_set_size(header, 60 << 20);
	archive_entry_sparse_add_entry(header, 50 << 20, 4096);
	assert_int_equal(archive_write_header(archive, header), ARCHIVE_OK);
	put_zeros(archive, 60 << 20);
	archive_entry_free(header);
	end(archive);
	assert_true(bytes.size < 1 << 20);
	expect("holes", &bytes, RC_EREFUSED, 0, "a file with holes");
	rc_buffer_free(&bytes);
}

/* Every byte of a small archive, flipped: an error, or what was meant. */
static void any_wrong_byte(void **state)
{
	static const enum form forms[] = { TAR, TAR_GZ, ZIP };

	(void)state;
	for (size_t i = 0; i < RC_COUNT(forms); i++) {
		struct rc_buffer bytes;

		make(forms[i], one_kernel, &bytes);
		for (size_t at = 0; at < bytes.size && at < 600; at += 3) {
			static struct firmware_archive archive;
			struct rc_span span = { bytes.data, bytes.size };
			struct rc_error err = { 0 };

			bytes.data[at] ^= 0x55;
			if (firmware_archive_probe(span) &&
			    firmware_archive_read("x", span, &archive, &err))
				assert_non_null(strstr(err.text, "[image-not-firmware]"));
			else
				firmware_archive_clear(&archive);
			bytes.data[at] ^= 0x55;
		}
		rc_buffer_free(&bytes);
	}
}

static int setup(void **state)
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
	unlink(MARK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	boards_free(&boards);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_them),      cmocka_unit_test(archives_in_archives),
		cmocka_unit_test(a_bomb_in_two_halves), cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(sizes_that_lie),       cmocka_unit_test(one_wrong_byte),
		cmocka_unit_test(a_file_with_holes),    cmocka_unit_test(any_wrong_byte),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
