/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Linux kernel mounts what we packed, reads every file as it should be, and writes on. */
#include "support.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../format/tree.h"
#include "base/file.h"
#include "base/text.h"
#include "box.h"
#include "judge.h"
#include "pack/fs_tree.h"
#include "pack/fs_write.h"

#define MAX_IMAGES 8

struct packed {
	const char *name;
	char path[1024];
	uint32_t erase_block; /* 0: squashfs */
	/* Without clean markers this kernel (6.1, with summaries) comes to grief over what it
	 * wrote itself, on mkfs.jffs2's images and on stock ones too. */
	bool is_written;
	struct fs_tree tree; /* what the kernel must see */
};

static struct packed packed[MAX_IMAGES];
static size_t packed_count;

/* Unpacks original, packs the folder again, and notes what it must hold. */
static void pack_again(const struct box *box, const char *name, const struct rc_buffer *original)
{
	struct packed *one = &packed[packed_count++];
	struct rc_buffer image;
	struct fs_recipe recipe;
	struct rc_error err;

	assert_true(packed_count <= MAX_IMAGES);
	one->name = name;
	box_unpack(box, original, name);
	box_pack(box, name, &image);
	/* As in a partition that is not full. */
	if (format_probe((struct rc_span){ image.data, image.size }) == &format_jffs2)
		fs_fill(&image, 0xff, RC_MIB(1) - image.size % RC_KIB(64));
	snprintf(one->path, sizeof(one->path), "%s/%s.image", box->path, name);
	support_ok(rc_file_replace(one->path, image.data, image.size, 0644, &err), &err);
	/* By the original: what our writer and our reader agree upon is no proof. */
	support_ok(fs_tree_of_image((struct rc_span){ original->data, original->size }, NULL,
				    &one->tree, &recipe, &err),
		   &err);
	one->erase_block = recipe.format == &format_jffs2 ? recipe.erase_block : 0;
	one->is_written = recipe.cleanmarker != 0;
	rc_buffer_free(&image);
}

static void pack_made(const struct box *box)
{
	static const char table[] = "/dev d 755 0 0 - - - - -\n"
				    "/dev/null c 666 0 5 1 3 0 0 -\n"
				    "/dev/mtd b 640 7 8 31 9 0 0 -\n"
				    "/dev/log p 600 1 2 0 0 0 0 -\n";
	const char *folder = tree_make_folder();
	char *devices = rc_path_join(support_temp_dir(), "devices");
	const char *const t20[] = { "-e", "0x8000", "-p", "-D", devices, NULL };
	const char *const mi[] = { "-e", "0x10000", "-n", "-D", devices, NULL };
	static const char *const xz[] = { "-comp", "xz", "-p", "wide c 666 0 5 1 300", NULL };
	static const char *const gzip[] = { "-comp", "gzip", "-always-use-fragments",
					    "-b",    "8192", NULL };
	struct rc_buffer image, hole = { 0 };
	struct rc_error err;
	char *path = rc_path_join(folder, "hole");

	support_ok(rc_file_replace(devices, table, strlen(table), 0644, &err), &err);
	assert_true(rc_buffer_append(&hole, (uint8_t[20000]){ 0 }, 20000));
	assert_true(rc_buffer_append(&hole, "middle", 6));
	assert_true(rc_buffer_append(&hole, (uint8_t[9000]){ 0 }, 9000));
	support_ok(rc_file_replace(path, hole.data, hole.size, 0600, &err), &err);
	box_mkfs_jffs2(folder, t20, &image);
	pack_again(box, "t20", &image);
	rc_buffer_free(&image);
	box_mkfs_jffs2(folder, mi, &image);
	pack_again(box, "mi", &image);
	rc_buffer_free(&image);
	box_mksquashfs(folder, xz, &image);
	pack_again(box, "xz", &image);
	rc_buffer_free(&image);
	box_mksquashfs(folder, gzip, &image);
	pack_again(box, "gzip", &image);
	rc_buffer_free(&image);
	rc_buffer_free(&hole);
	free(path);
	free(devices);
}

static void pack_stock(const struct box *box)
{
	static const char *const files[][2] = {
		{ "appfs", "firmware/dafang-5.5.1.177/appfs.bin" },
		{ "root", "firmware/dafang-5.5.1.177/rootfs.bin" },
		{ "data", "firmware/mjsxj05cm/data.bin" },
	};

	for (size_t i = 0; i < RC_COUNT(files); i++) {
		struct rc_buffer original;

		if (!support_shared(files[i][1])) {
			print_message("without %s, which is not at hand\n", files[i][1]);
			continue;
		}
		support_shared_file(files[i][1], &original);
		pack_again(box, files[i][0], &original);
		rc_buffer_free(&original);
	}
}

/* --- what the kernel must say, and what it says --- */

/* The script's lines for one image, in any order. */
static void expect(const struct packed *one, struct rc_text *lines)
{
	for (size_t i = 0; i < one->tree.count; i++) {
		const struct fs_node *node = &one->tree.nodes[i];
		const char *path = i ? node->path : "";
		bool is_device = node->type == FS_CHAR_DEVICE || node->type == FS_BLOCK_DEVICE;

		rc_text_add(lines, "%s %x %u %u %u %x:%x .%s\n", one->name, fs_node_st_mode(node),
			    node->uid, node->gid, node->mtime,
			    is_device ? FS_DEVICE_MAJOR(node->device) : 0,
			    is_device ? FS_DEVICE_MINOR(node->device) : 0, path);
		if (node->type == FS_SYMLINK)
			rc_text_add(lines, "%s .%s -> %s\n", one->name, path, node->target);
		if (node->type != FS_FILE)
			continue;
		rc_text_add(lines, "%s ", one->name);
		for (size_t b = 0; b < sizeof(node->sha256); b++)
			rc_text_add(lines, "%02x", node->sha256[b]);
		rc_text_add(lines, "  .%s\n", path);
	}
	rc_text_add(lines, "%s silent\n", one->name);
	if (one->is_written)
		rc_text_add(lines, "%s written\n", one->name);
}

static const char script[] =
	"look() { # NAME\n"
	"	cd /mnt\n"
	"	find . -exec stat -c \"$1 %f %u %g %Y %t:%T %n\" {} +\n"
	"	find . -type f -exec sha256sum {} + | sed \"s/^/$1 /\"\n"
	"	find . -type l -exec ls -l {} + | sed \"s/^[^.]*/$1 /\"\n"
	"	cd /; umount /mnt\n"
	"	kernel_silent && echo \"$1 silent\"\n"
	"}\n"
	/* New, larger, gone; after another mount still so. */
	"write() { # NAME FLASH\n"
	"	mount -t jffs2 $2 /mnt && cd /mnt || return\n"
	"	head -c 30000 /bin/busybox >new; sha256sum new >/tmp/sum\n"
	"	f=$(find . -type f -size +4k ! -name new | head -n 1); cp $f /tmp/f\n"
	"	echo more | tee -a $f >>/tmp/f\n"
	"	sync; sleep 1; cd /; umount /mnt; mount -t jffs2 $2 /mnt; cd /mnt\n"
	"	sha256sum -s -c /tmp/sum && cmp $f /tmp/f && kernel_silent && echo \"$1 written\"\n"
	"	cd /; umount /mnt\n"
	"}\n";

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t sort_lines(char *text, char ***lines)
{
	size_t count = 0;
	char *save = NULL;

	assert_non_null(text);
	*lines = calloc(strlen(text) / 2 + 1, sizeof(**lines));
	assert_non_null(*lines);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		(*lines)[count++] = line;
	qsort(*lines, count, sizeof(**lines), compare_lines);
	return count;
}

static void assert_same_lines(char *seen, char *expected)
{
	char **a, **b;
	size_t seen_count = sort_lines(seen, &a), expected_count = sort_lines(expected, &b);

	for (size_t i = 0; i < seen_count && i < expected_count; i++)
		assert_string_equal(a[i], b[i]);
	assert_int_equal(seen_count, expected_count);
	free(a);
	free(b);
}

static void linux_reads_what_we_packed(void **state)
{
	struct judge_disk disks[MAX_IMAGES];
	struct rc_text words = { 0 }, expected = { 0 };
	unsigned flashes = 0, others = 0;
	struct run_result result;
	struct box box;

	box_open(&box);
	pack_made(&box);
	pack_stock(&box);
	rc_text_add(&words, "%s", script);
	for (size_t i = 0; i < packed_count; i++) {
		const struct packed *one = &packed[i];

		disks[i] = (struct judge_disk){ one->path, one->erase_block };
		if (one->erase_block)
			rc_text_add(&words, "mount -t jffs2 -o ro $flash%u /mnt && look %s\n",
				    flashes + 1, one->name);
		else
			rc_text_add(&words, "mount -t squashfs -o ro $disk%u /mnt && look %s\n",
				    others + 1, one->name);
		if (one->is_written)
			rc_text_add(&words, "write %s $flash%u\n", one->name, flashes + 1);
		flashes += one->erase_block != 0;
		others += one->erase_block == 0;
		expect(one, &expected);
	}
	judge_run(disks, packed_count, rc_text_get(&words), &result);
	assert_same_lines((char *)result.out.data, expected.data);
	print_message("the kernel agrees with %zu images\n", packed_count);
	for (size_t i = 0; i < packed_count; i++)
		fs_tree_free(&packed[i].tree);
	run_result_free(&result);
	rc_text_free(&words);
	rc_text_free(&expected);
	box_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linux_reads_what_we_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
