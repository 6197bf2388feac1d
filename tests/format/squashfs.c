/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SquashFS held to mksquashfs, unsquashfs and the folders that images were made of. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "format/lzo.h"
#include "make.h"
#include "run.h"
#include "tree.h"

/* The image that mksquashfs makes of folder with the options; freed by the caller. */
static void make_image(const char *folder, const char *const *options, struct rc_buffer *image)
{
	const char *argv[32] = { "mksquashfs",   folder,   NULL,          "-noappend",
				 "-no-progress", "-quiet", "-processors", "1" };
	char *path = rc_path_join(support_temp_dir(), "image");
	struct rc_error err;
	size_t count = 8;

	argv[2] = path;
	while (*options)
		argv[count++] = *options++;
	argv[count] = NULL;
	run_well(argv);
	support_ok(rc_file_read(path, RC_MIB(16), image, &err), &err);
	free(path);
}

/* Nothing in it is stored as it is for being noise: XZ's checksums cover all of it. */
static const char *const sealed[] = { "-comp", "xz", "-e", "bin/noise", "bin/block", NULL };

static void make_sealed_image(struct rc_buffer *image)
{
	make_image(tree_make_folder(), sealed, image);
}

static void check_image(const struct rc_buffer *image, const struct fs_visitor *visitor,
			struct format_report *report)
{
	struct rc_error err;

	support_ok(format_check((struct rc_span){ image->data, image->size }, &format_squashfs,
				visitor, report, &err),
		   &err);
}

static void every_compressor_gives_the_folder_back(void **state)
{
	static const char *const cases[][8] = {
		{ "xz", "-comp", "xz", NULL },
		{ "xz", "-comp", "xz", "-Xbcj", "arm", "-b", "65536", NULL },
		{ "gzip", "-comp", "gzip", "-Xcompression-level", "3", NULL },
		{ "lzma", "-comp", "lzma", NULL },
		{ "lz4", "-comp", "lz4", NULL },
		{ "zstd", "-comp", "zstd", NULL },
		{ "lzo", "-comp", "lzo", NULL },
		{ "gzip", "-no-fragments", "-no-exports", "-no-xattrs", "-b", "4096", NULL },
		{ "gzip", "-always-use-fragments", "-no-duplicates", NULL },
		{ "gzip", "-noI", "-noD", "-noF", "-noX", NULL },
		{ "gzip", "-noId", "-b", "1048576", NULL },
	};
	const char *folder = tree_make_folder();

	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		struct tree tree = { 0 };
		struct fs_visitor visitor = tree_visitor(&tree);
		struct rc_buffer image = { 0 };
		struct format_report report;

		if (strcmp(cases[i][0], "lzo") == 0 && !lzo_available()) {
			print_message("SKIPPED: LZO, which this build does not have\n");
			continue;
		}
		make_image(folder, cases[i] + 1, &image);
		check_image(&image, &visitor, &report);
		assert_good(&report);
		assert_int_equal(report.files, tree.count);
		assert_string_equal(detail_text(&report, "compressor"), cases[i][0]);
		assert_int_equal(detail_number(&report, "bytes_used"), report.used);
		assert_tree_is_folder(&tree, folder);
		format_report_clear(&report);
		tree_free(&tree);
		rc_buffer_free(&image);
	}
}

static void devices_and_owners_are_told(void **state)
{
	static const char *const options[] = { "-comp", "gzip",
					       "-p",    "null c 666 0 5 1 300",
					       "-p",    "mtd b 640 7 8 31 9",
					       "-p",    "log i 600 1 2 f",
					       NULL };
	struct tree tree = { 0 };
	struct fs_visitor visitor = tree_visitor(&tree);
	struct rc_buffer image = { 0 };
	struct format_report report;
	const struct fs_entry *entry;

	make_image(tree_make_folder(), options, &image);
	check_image(&image, &visitor, &report);
	assert_good(&report);
	entry = tree_find(&tree, "/mtd");
	assert_non_null(entry);
	assert_int_equal(entry->type, FS_BLOCK_DEVICE);
	assert_int_equal(entry->device, 31 << 8 | 9);
	assert_int_equal(entry->mode, 0640);
	assert_int_equal(entry->uid, 7);
	assert_int_equal(entry->gid, 8);
	assert_int_equal(tree_find(&tree, "/null")->type, FS_CHAR_DEVICE);
	assert_int_equal(tree_find(&tree, "/null")->device, FS_DEVICE(1, 300));
	assert_int_equal(tree_find(&tree, "/log")->type, FS_FIFO);
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
}

static void assert_damage(const struct rc_buffer *image, const char *text)
{
	struct format_report report;
	bool found = false;

	check_image(image, NULL, &report);
	if (report.state != REGION_DAMAGED || report.format != &format_squashfs)
		fail_msg("%s, where \"%s\" was to be seen", region_state_name(report.state), text);
	for (size_t i = 0; i < report.problem_count && i < FORMAT_MAX_PROBLEMS; i++)
		found = found || strstr(report.problems[i].text, text);
	if (!found)
		fail_msg("\"%s\" is not in: %s", text, report.problems[0].text);
	format_report_clear(&report);
}

static void one_flipped_byte_is_damage(void **state)
{
	struct rc_buffer image = { 0 };
	struct format_report report;

	make_sealed_image(&image);
	check_image(&image, NULL, &report);
	assert_good(&report);
	assert_flips_are_damage(&format_squashfs, (struct rc_span){ image.data, image.size }, 96,
				report.used, 60, 20171, 0x40000);
	/* The super block: all but the time of its making. */
	assert_flips_are_damage(&format_squashfs, (struct rc_span){ image.data, image.size }, 12,
				24, 12, 3, 96);
	assert_flips_are_damage(&format_squashfs, (struct rc_span){ image.data, image.size }, 26,
				96, 40, 5, image.size);
	format_report_clear(&report);
	rc_buffer_free(&image);
}

/* What follows bytes_used is the partition's filling, and nobody's business. */
static void extended_attributes_are_verified(void **state)
{
	static const char *const options[] = { "-noX", "-noI", "-xattrs", NULL };
	const char *folder = tree_make_folder();
	char *path = rc_path_join(folder, "bin/busybox");
	struct rc_buffer image = { 0 };
	struct format_report report;

	if (setxattr(path, "user.test", "value", 5, 0) != 0) {
		print_message("SKIPPED: %s takes no extended attributes\n", folder);
		free(path);
		skip();
	}
	make_image(folder, options, &image);
	check_image(&image, NULL, &report);
	assert_good(&report);
	assert_true(rc_le64(image.data + 56) < report.used);
	image.data[rc_le64(image.data + 56) + 8] ^= 2; /* the number of sets of them */
	format_report_clear(&report);
	assert_damage(&image, "the extended attribute table does not hold the 48 bytes");
	rc_buffer_free(&image);
	free(path);
}

static void an_empty_tree_is_good(void **state)
{
	static const char *const options[] = { "-comp", "xz", NULL };
	struct rc_buffer image = { 0 };
	struct format_report report;

	make_image(support_temp_dir(), options, &image);
	check_image(&image, NULL, &report);
	assert_good(&report);
	assert_int_equal(report.files, 0);
	format_report_clear(&report);
	rc_buffer_free(&image);
}

static void filling_does_not_matter(void **state)
{
	struct rc_buffer image = { 0 };
	struct format_report report;

	make_sealed_image(&image);
	assert_true(rc_buffer_append(&image, "what was here before", 20));
	check_image(&image, NULL, &report);
	assert_good(&report);
	assert_true(report.used < image.size - 20 + 1);
	format_report_clear(&report);
	rc_buffer_free(&image);
}

static void super_block_damage_is_named(void **state)
{
	static const struct {
		size_t at;
		uint8_t bits;
		const char *text;
	} cases[] = {
		{ 0, 0x01, "the magic number is 73717369" },
		{ 28, 0x02, "version 6.0, only 4.0 is known" },
		{ 22, 0x01, "block size 131072 does not agree with its logarithm 16" },
		{ 20, 0x10, "there is no compressor 20" },
		{ 20, 0x05, "does not unpack" },
		{ 4, 0x01, "the export table holds" },
		{ 6, 0xff, "1 to 200000 are possible here" },
		{ 16, 0x02, "the fragment table holds" },
		{ 25, 0x80, "hold bits that mean nothing" },
		{ 24, 0x80, "the flags say there is no export table" },
		{ 24, 0x01, "not compressed which is" },
		{ 24, 0x10, "the flags say no fragments" },
		{ 25, 0x04, "compressor options, and none stand" },
		{ 26, 0x04, "the id table holds" },
		{ 34, 0x01, "root directory's inode cannot be read" },
		{ 40, 0x01, "the last table ends at" },
		{ 47, 0x01, "are here" },
		{ 50, 0xff, "are not in this order" },
		{ 64, 0x04, "inode table: the metadata block" },
		{ 72, 0x04, "table: the metadata block" },
		{ 80, 0x08, "fragment table" },
		{ 88, 0x08, "export table" },
	};
	struct rc_buffer image = { 0 };

	make_sealed_image(&image);
	for (size_t i = 0; i < RC_COUNT(cases); i++) {
		image.data[cases[i].at] ^= cases[i].bits;
		assert_damage(&image, cases[i].text);
		image.data[cases[i].at] ^= cases[i].bits;
	}
	rc_buffer_free(&image);

	const char *const options[] = { "-no-exports", NULL };

	make_image(tree_make_folder(), options, &image);
	image.data[4] ^= 0x01;
	assert_damage(&image, "/ has the inode number ");
	rc_buffer_free(&image);
}

/* A damaged block is named with its file; the rest of the files still come out. */
static void a_damaged_block_names_its_file(void **state)
{
	struct tree tree = { 0 };
	struct fs_visitor visitor = tree_visitor(&tree);
	struct rc_buffer image = { 0 };
	struct format_report report;
	size_t damaged = 0;

	make_sealed_image(&image);
	image.data[200] ^= 0x10; /* in the first file's first block */
	check_image(&image, &visitor, &report);
	assert_int_equal(report.state, REGION_DAMAGED);
	assert_int_equal(report.problem_count, 1);
	assert_non_null(strstr(report.problems[0].text, "block 0 of /bin/busybox"));
	assert_int_equal(report.problems[0].offset, 96);
	for (size_t i = 0; i < tree.count; i++)
		damaged += tree.entries[i].seen.damaged;
	assert_int_equal(damaged, 1);
	assert_true(tree_find(&tree, "/bin/busybox")->damaged);
	format_report_clear(&report);
	tree_free(&tree);
	rc_buffer_free(&image);
}

static void a_cut_or_shifted_image_is_damage(void **state)
{
	struct rc_buffer image = { 0 };
	uint8_t *bytes;

	make_sealed_image(&image);
	bytes = malloc(image.size);
	assert_non_null(bytes);
	memcpy(bytes, image.data, image.size);

	image.size /= 2;
	assert_damage(&image, "bytes long, and only");
	image.size *= 2;
	memset(image.data + image.size / 2, 0xff, image.size / 2);
	assert_damage(&image, "the metadata block at");

	memset(image.data, 0xff, 64);
	memcpy(image.data + 64, bytes, image.size - 64);
	assert_damage(&image, "a squashfs begins 64 bytes later than its place");
	memset(image.data, 0x00, image.size);
	assert_damage(&image, "a squashfs was never written here");
	free(bytes);
	rc_buffer_free(&image);
}

static int stop_at_third(void *context, const struct fs_entry *entry, struct rc_error *err)
{
	unsigned *count = context;

	return ++*count == 3 ? rc_fail(err, RC_ESTOPPED, "enough") : 0;
}

static void a_wrong_export_table_is_damage(void **state)
{
	static const char *const options[] = { "-noI", NULL };
	struct rc_buffer image = { 0 };

	make_image(tree_make_folder(), options, &image);
	/* Its first block is where the first entry of its list says, behind two bytes. */
	image.data[rc_le64(image.data + rc_le64(image.data + 88)) + 2 + 8] ^= 1;
	assert_damage(&image, "the export table has inode 2 elsewhere");
	rc_buffer_free(&image);
}

static void a_visitor_can_stop(void **state)
{
	unsigned count = 0;
	struct fs_visitor visitor = { stop_at_third, &count };
	struct rc_buffer image = { 0 };
	struct format_report report;
	struct rc_error err;

	make_sealed_image(&image);
	support_fails(format_check((struct rc_span){ image.data, image.size }, NULL, &visitor,
				   &report, &err),
		      RC_ESTOPPED, &err, "enough");
	assert_int_equal(count, 3);
	format_report_clear(&report);
	rc_buffer_free(&image);
}

/* The vendor's own, held to what unsquashfs says of it. */
static void stock_images_are_as_unsquashfs_sees_them(void **state)
{
	static const char *const files[] = { "rootfs", "driver", "backupd" };

	for (size_t i = 0; i < RC_COUNT(files); i++) {
		const char *folder = support_temp_dir();
		char relative[64], out[64];
		struct tree tree = { 0 };
		struct fs_visitor visitor = tree_visitor(&tree);
		struct rc_buffer image = { 0 };
		struct format_report report;

		snprintf(relative, sizeof(relative), "firmware/dafang-5.5.1.177/%s.bin", files[i]);
		snprintf(out, sizeof(out), "%s/out", folder);
		support_shared_file(relative, &image);
		check_image(&image, &visitor, &report);
		assert_good(&report);
		const char *const argv[] = { "unsquashfs", "-no-progress",           "-quiet", "-d",
					     out,          support_shared(relative), NULL };
		run_well(argv);
		assert_tree_is_folder(&tree, out);
		format_report_clear(&report);
		tree_free(&tree);
		rc_buffer_free(&image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_compressor_gives_the_folder_back),
		cmocka_unit_test(devices_and_owners_are_told),
		cmocka_unit_test(one_flipped_byte_is_damage),
		cmocka_unit_test(extended_attributes_are_verified),
		cmocka_unit_test(an_empty_tree_is_good),
		cmocka_unit_test(filling_does_not_matter),
		cmocka_unit_test(super_block_damage_is_named),
		cmocka_unit_test(a_damaged_block_names_its_file),
		cmocka_unit_test(a_cut_or_shifted_image_is_damage),
		cmocka_unit_test(a_wrong_export_table_is_damage),
		cmocka_unit_test(a_visitor_can_stop),
		cmocka_unit_test(stock_images_are_as_unsquashfs_sees_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
