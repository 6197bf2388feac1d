/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives that somebody made to do harm: nothing appears outside of the folder, and each ends in
 * an error that says why, or in what was meant. */
#include "archives.h"

#include "support.h"

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
	{ "far up",
	  TAR_GZ,
	  { { "../../../.." ARCHIVE_MARK, .content = KERNEL } },
	  RC_EREFUSED,
	  0,
	  OUT },
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
	{ "the mark itself", TAR, { { ARCHIVE_MARK, .content = KERNEL } }, 0, 1, NULL },
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
	  { { "kernel.bin", AE_IFLNK, .symlink = ARCHIVE_MARK },
	    { "kernel.bin", .content = KERNEL } },
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

		archive_make(cases[i].form, cases[i].entries, &bytes);
		archive_expect(cases[i].name, &bytes, cases[i].status, cases[i].parts,
			       cases[i].says);
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
	archive_make(TAR, one_kernel, &bytes);
	for (size_t depth = 1; depth <= 8; depth++) {
		bool allowed = depth <= ARCHIVE_MAX_DEPTH;

		archive_expect("nested", &bytes, allowed ? 0 : RC_EREFUSED, allowed ? 1 : 0,
			       allowed ? NULL : "archives in archives, more than 3 deep");
		archive_wrap(forms[depth % RC_COUNT(forms)], "inner", &bytes);
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
	archive_make(TAR_GZ, half, &inner);
	archive = archive_begin(TAR, &bytes);
	archive_put(archive, "a.tar.gz", &entry, (struct rc_span){ inner.data, inner.size });
	archive_put(archive, "b.tar.gz", &entry, (struct rc_span){ inner.data, inner.size });
	archive_end(archive);
	archive_expect("two halves", &bytes, RC_ERANGE, 0, TOO_LARGE);
	rc_buffer_free(&inner);
	rc_buffer_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_them),
		cmocka_unit_test(archives_in_archives),
		cmocka_unit_test(a_bomb_in_two_halves),
	};

	return cmocka_run_group_tests(tests, archives_setup, archives_teardown);
}
