/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "card_wounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "card/transfer.h"
#include "format/uimage.h"
#include "run.h"
#include "support.h"

#define PARTITION 446u /* the first entry */
#define START     2048u

/* --- The file --- */

static void mend_header(struct wounded *w)
{
	rc_put_be32(w->file.data + 4, uimage_header_crc(w->file.data));
}

static void set_byte(struct wounded *w, size_t at, uint8_t value)
{
	w->file.data[at] = value;
	mend_header(w);
}

static void wrong_magic(struct wounded *w)
{
	set_byte(w, 0, 0x28);
}
static void arm(struct wounded *w)
{
	set_byte(w, 29, UIMAGE_ARCH_ARM);
}
static void kernel_type(struct wounded *w)
{
	set_byte(w, 30, UIMAGE_TYPE_KERNEL);
}
static void header_crc(struct wounded *w)
{
	w->file.data[5] ^= 1;
}
static void data_crc(struct wounded *w)
{
	w->file.data[1000] ^= 1;
}
/* Operating system, compression, addresses, time and name are nobody's business. */
static void unread_fields(struct wounded *w)
{
	memset(w->file.data + 8, 0x77, 4);
	memset(w->file.data + 16, 0x55, 8);
	w->file.data[28] = 99;
	w->file.data[31] = 99;
	memset(w->file.data + 32, 'x', 32);
	mend_header(w);
}
static void says_too_large(struct wounded *w)
{
	rc_put_be32(w->file.data + 12, 0xa90001);
	mend_header(w);
}
static void says_largest(struct wounded *w)
{
	rc_put_be32(w->file.data + 12, 0xa90000);
	mend_header(w);
}
static void says_nothing(struct wounded *w)
{
	rc_put_be32(w->file.data + 12, 0);
	rc_put_be32(w->file.data + 24, 0);
	mend_header(w);
	w->file.size = 64;
}
static void cut_one(struct wounded *w)
{
	w->file.size--;
}
static void cut_at_cluster(struct wounded *w)
{
	w->file.size = 4096;
}
static void one_more(struct wounded *w)
{
	rc_buffer_append(&w->file, "x", 1);
}
static void to_63(struct wounded *w)
{
	w->file.size = 63;
}
static void to_64(struct wounded *w)
{
	w->file.size = 64;
}
static void to_65(struct wounded *w)
{
	w->file.size = 65;
}
static void empty(struct wounded *w)
{
	w->file.size = 0;
}
static void replace(struct wounded *w, const char *beginning, size_t size)
{
	memcpy(w->file.data, beginning, size);
}
static void html(struct wounded *w)
{
	replace(w, "\n\n\n<!DOCTYPE html>\n<html lang=\"en\">", 35);
}
static void gzip(struct wounded *w)
{
	replace(w, "\x1f\x8b\x08\x08", 4);
}
static void zip(struct wounded *w)
{
	replace(w, "PK\x03\x04", 4);
}
static void all_ff(struct wounded *w)
{
	memset(w->file.data, 0xff, w->file.size);
}
/* The largest that it takes, and more behind it, which it does not read. */
static void largest_and_more(struct wounded *w)
{
	uint8_t *bytes = calloc(1, 0xa90000 + 5000);

	assert_non_null(bytes);
	memset(bytes, 0xff, 0xa90000);
	rc_put_be32(w->file.data + 12, 0xa90000);
	rc_put_be32(w->file.data + 24, rc_crc32(0, bytes, 0xa90000));
	mend_header(w);
	w->file.size = 64;
	assert_true(rc_buffer_append(&w->file, bytes, 0xa90000 + 5000));
	free(bytes);
}

/* --- Its name --- */

static void lower_case(struct wounded *w)
{
	w->name = "demo.bin";
}
static void mixed_case(struct wounded *w)
{
	w->name = "Demo.Bin";
}
static void other_name(struct wounded *w)
{
	w->name = "DEMO2.BIN";
}
static void double_ending(struct wounded *w)
{
	w->name = "demo.bin.bin";
}
static void copied(struct wounded *w)
{
	w->name = "demo(1).bin";
}
static void no_ending(struct wounded *w)
{
	w->name = "DEMO";
}
static void apple_double(struct wounded *w)
{
	w->name = "._demo.bin";
}
static void in_folder(struct wounded *w)
{
	w->name = "update/demo.bin";
}
static void is_folder(struct wounded *w)
{
	w->name = "demo.bin/file";
}

/* --- Sizes --- */

static void small_card(struct wounded *w)
{
	w->size = WOUND_SMALL_SIZE;
}

/* --- The partition table --- */

static void no_signature(struct wounded *w)
{
	w->card[511] = 0;
}
static void second_partition(struct wounded *w)
{
	memcpy(w->card + PARTITION + 16, w->card + PARTITION, 16);
	memset(w->card + PARTITION, 0, 16);
}
static void two_partitions(struct wounded *w)
{
	memcpy(w->card + PARTITION + 16, w->card + PARTITION, 16);
	rc_put_le32(w->card + PARTITION + 16 + 8, 2048 * 70);
	rc_put_le32(w->card + PARTITION + 16 + 12, 2048 * 5);
}
static void type_0(struct wounded *w)
{
	w->card[PARTITION + 4] = 0;
}
static void type_linux(struct wounded *w)
{
	w->card[PARTITION + 4] = 0x83;
}
static void type_exfat(struct wounded *w)
{
	w->card[PARTITION + 4] = 0x07;
}
static void type_extended(struct wounded *w)
{
	w->card[PARTITION + 4] = 0x05;
}
static void active(struct wounded *w)
{
	w->card[PARTITION] = 0x80;
}
static void odd_flag(struct wounded *w)
{
	w->card[PARTITION] = 0x01;
}
static void odd_flag_in_second(struct wounded *w)
{
	w->card[PARTITION + 16] = 0x01;
}
static void starts_outside(struct wounded *w)
{
	rc_put_le32(w->card + PARTITION + 8, (uint32_t)(w->size / 512) + 10);
}
static void ends_outside(struct wounded *w)
{
	rc_put_le32(w->card + PARTITION + 12, (uint32_t)(w->size / 512));
}
static void starts_late(struct wounded *w)
{
	rc_put_le32(w->card + PARTITION + 8, START + 1);
}
/* The whole file system at the card's first sector. */
static void no_table(struct wounded *w)
{
	memmove(w->card, w->card + START * 512, w->size - START * 512);
	memset(w->card + w->size - START * 512, 0, START * 512);
}

/* --- Other systems --- */

static void not_fat(struct wounded *w)
{
	w->not_fat = true;
}

static void by_program(struct wounded *w, const char *const *argv, const char *path, size_t at,
		       struct rc_span input)
{
	struct run_result result;
	struct rc_buffer bytes;
	struct rc_error err;
	uint8_t *empty_card = calloc(1, w->size);

	support_ok(rc_file_replace(path, empty_card, w->size - at, 0600, &err), &err);
	free(empty_card);
	run_program(argv, input, &result);
	if (result.status)
		fail_msg("%s: %s", argv[0], (const char *)result.err.data);
	run_result_free(&result);
	support_ok(rc_file_read(path, w->size, &bytes, &err), &err);
	memcpy(w->card + at, bytes.data, bytes.size);
	rc_buffer_free(&bytes);
	remove(path);
}

static void table_of(struct wounded *w, uint8_t type)
{
	const struct mbr mbr = { { { type, START, (uint32_t)(w->size / 512) - START } } };

	mbr_write(&mbr, w->card);
}

static void exfat(struct wounded *w)
{
	char *path = rc_path_join(support_temp_dir(), "exfat");

	by_program(w, (const char *const[]){ "mkfs.exfat", path, NULL }, path, START * 512,
		   (struct rc_span){ 0 });
	table_of(w, 0x07);
	free(path);
}

static void ntfs(struct wounded *w)
{
	uint8_t *boot = w->card + START * 512;

	memcpy(boot, "\xeb\x52\x90NTFS    ", 11);
	rc_put_le16(boot + 510, 0xaa55);
	table_of(w, 0x07);
}

static void gpt(struct wounded *w)
{
	static const char script[] = "label: gpt\n2048,+,EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\n";
	uint8_t *volume = malloc(w->volume.size);
	char *path = rc_path_join(support_temp_dir(), "gpt");

	memcpy(volume, w->volume.data, w->volume.size);
	by_program(w, (const char *const[]){ "sfdisk", "-q", path, NULL }, path, 0,
		   (struct rc_span){ (const uint8_t *)script, sizeof(script) - 1 });
	memcpy(w->card + START * 512, volume, w->volume.size - RC_MIB(1));
	free(volume);
	free(path);
}

static void fat_12(struct wounded *w)
{
	char *path = rc_path_join(support_temp_dir(), "fat12");
	char *file = rc_path_join(support_temp_dir(), "file");
	struct run_result result;
	struct rc_error err;
	struct rc_buffer bytes;

	by_program(w, (const char *const[]){ "mkfs.fat", "-F", "12", "-s", "16", path, NULL }, path,
		   START * 512, (struct rc_span){ 0 });
	table_of(w, 0x01);
	support_ok(rc_file_replace(path, w->card + START * 512, w->size - START * 512, 0600, &err),
		   &err);
	support_ok(rc_file_replace(file, w->file.data, w->file.size, 0600, &err), &err);
	run_program((const char *const[]){ "mcopy", "-i", path, file, "::demo.bin", NULL },
		    (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	support_ok(rc_file_read(path, w->size, &bytes, &err), &err);
	memcpy(w->card + START * 512, bytes.data, bytes.size);
	rc_buffer_free(&bytes);
	free(path);
	free(file);
}

/* --- The file system --- */

static uint8_t *volume(struct wounded *w)
{
	return (uint8_t *)w->volume.data;
}

static void no_kind(struct wounded *w)
{
	memcpy(volume(w) + 82, "        ", 8);
}
static void kind_with_tail(struct wounded *w)
{
	memcpy(volume(w) + 82, "FAT32LBA", 8);
}
static void sectors_4096(struct wounded *w)
{
	rc_put_le16(volume(w) + 11, 4096);
}
static void no_boot_signature(struct wounded *w)
{
	volume(w)[510] = 0;
}
static void other_root(struct wounded *w)
{
	rc_put_le32(volume(w) + 44, 9);
}
static void second_table_differs(struct wounded *w)
{
	memset(volume(w) + w->fat.table + rc_le32(volume(w) + 36) * 512, 0x5a, 4096);
}

static struct fat_entry update_of(const struct wounded *w)
{
	struct fat_entry entry;
	struct rc_error err;

	support_ok(fat_find(&w->fat, "demo.bin", &entry, &err), &err);
	return entry;
}

static void link_cluster(struct wounded *w, uint32_t from, uint32_t to)
{
	rc_put_le32(volume(w) + w->fat.table + (size_t)from * 4, to);
}

/* Its second and third cluster at the end of the volume, the other way round. */
static void fragmented(struct wounded *w)
{
	uint32_t first = update_of(w).cluster, far = w->fat.cluster_count - 7;
	size_t size = w->fat.cluster_size;
	uint8_t *clusters = volume(w) + w->fat.clusters - 2 * size;

	for (uint32_t i = 1; i <= 2; i++) {
		memcpy(clusters + (far - 3 * i) * size, clusters + (first + i) * size, size);
		memset(clusters + (first + i) * size, 0xee, size);
	}
	link_cluster(w, first, far - 3);
	link_cluster(w, far - 3, far - 6);
	link_cluster(w, far - 6, first + 3);
}
static void chain_ends(struct wounded *w)
{
	link_cluster(w, update_of(w).cluster + 3, 0x0fffffff);
}
static void chain_is_free(struct wounded *w)
{
	link_cluster(w, update_of(w).cluster + 3, 0);
}
/* In its last cluster: a table that is asked for more than it has makes the bootloader hang. */
static void chain_leaves(struct wounded *w)
{
	struct fat_entry update = update_of(w);
	uint32_t last = (update.size - 1) / w->fat.cluster_size;

	link_cluster(w, update.cluster + last - 1, 0x00ffff00);
}
static uint8_t *entry_of(struct wounded *w)
{
	const uint8_t *found = rc_find(w->volume, "DEMO    BIN", 11);

	assert_non_null(found);
	return (uint8_t *)found;
}
static void starts_nowhere(struct wounded *w)
{
	rc_put_le16(entry_of(w) + 26, 0);
	rc_put_le16(entry_of(w) + 20, 0);
}
static void starts_past_the_end(struct wounded *w)
{
	rc_put_le16(entry_of(w) + 20, 0x00ff);
}
static void deleted(struct wounded *w)
{
	entry_of(w)[0] = 0xe5;
}
static void is_label(struct wounded *w)
{
	entry_of(w)[11] = 0x08;
}
static void hidden_and_read_only(struct wounded *w)
{
	entry_of(w)[11] = 0x27;
}
static void size_of_entry(struct wounded *w)
{
	rc_put_le32(entry_of(w) + 28, (uint32_t)w->file.size - 512);
}
static void end_before_it(struct wounded *w)
{
	memset(entry_of(w) - 32, 0, 32);
}

#define NO_PARTITION "** Partition 1 not valid on device 0 **"
#define BAD_MAGIC    "Image demo.bin bad MAGIC or ARCH"
#define BAD_HEADER   "Image demo.bin bad header checksum"
#define BAD_TYPE     "Image demo.bin wrong type"
#define BAD_SIZE     "Image demo.bin bad total SIZE"
#define BAD_DATA     "Image demo.bin bad data checksum"
#define TOO_LARGE    "Image demo.bin is bigger than FLASH"
#define TAKEN        "after change the blue_gpio ret is 1"
#define PAST_CHIP    "len plus offset more than flash size!"

const struct wound wounds[] = {
	{ "none", NULL, NULL, CARD_TAKEN, TAKEN },
	/* The file. */
	{ "wrong magic", wrong_magic, NULL, CARD_REFUSED, BAD_MAGIC },
	{ "for another processor", arm, NULL, CARD_REFUSED, BAD_MAGIC, .again = true },
	{ "a kernel by its header", kernel_type, NULL, CARD_REFUSED, BAD_TYPE },
	{ "header checksum", header_crc, NULL, CARD_REFUSED, BAD_HEADER },
	{ "data checksum", data_crc, NULL, CARD_REFUSED, BAD_DATA },
	{ "fields that nobody reads", unread_fields, NULL, CARD_TAKEN, TAKEN },
	{ "says that it is too large", says_too_large, NULL, CARD_REFUSED, TOO_LARGE },
	{ "says that it is the largest", says_largest, NULL, CARD_REFUSED, BAD_SIZE },
	{ "says that it is empty", says_nothing, NULL, CARD_NOT_SEEN, NULL },
	{ "cut by a byte", cut_one, NULL, CARD_REFUSED, BAD_SIZE },
	{ "cut at a cluster", cut_at_cluster, NULL, CARD_REFUSED, BAD_SIZE, .again = true },
	{ "a byte too many", one_more, NULL, CARD_REFUSED, BAD_SIZE },
	{ "the largest and more behind it", largest_and_more, NULL, CARD_TAKEN, TAKEN },
	{ "0 bytes", empty, NULL, CARD_NOT_SEEN, NULL, .again = true },
	{ "63 bytes", to_63, NULL, CARD_NOT_SEEN, NULL },
	{ "64 bytes", to_64, NULL, CARD_NOT_SEEN, NULL, .again = true },
	{ "65 bytes", to_65, NULL, CARD_REFUSED, BAD_SIZE },
	{ "a web page", html, NULL, CARD_REFUSED, BAD_MAGIC, .again = true },
	{ "a gzip file", gzip, NULL, CARD_REFUSED, BAD_MAGIC, .again = true },
	{ "a zip archive", zip, NULL, CARD_REFUSED, BAD_MAGIC },
	{ "all FF", all_ff, NULL, CARD_REFUSED, BAD_MAGIC, .again = true },
	/* Its name. */
	{ "small letters", lower_case, NULL, CARD_TAKEN, TAKEN },
	{ "some small letters", mixed_case, NULL, CARD_TAKEN, TAKEN, .again = true },
	{ "another name", other_name, NULL, CARD_NOT_SEEN, NULL },
	{ "two endings", double_ending, NULL, CARD_NOT_SEEN, NULL, .again = true },
	{ "a second download", copied, NULL, CARD_NOT_SEEN, NULL },
	{ "no ending", no_ending, NULL, CARD_NOT_SEEN, NULL, .again = true },
	{ "only Apple's shadow of it", apple_double, NULL, CARD_NOT_SEEN, NULL, .again = true },
	{ "in a folder", in_folder, NULL, CARD_NOT_SEEN, NULL },
	{ "a folder of its name", is_folder, NULL, CARD_NOT_SEEN, NULL, .again = true },
	/* The partition table. */
	{ "no 55 AA", NULL, no_signature, CARD_NOT_SEEN, NO_PARTITION },
	{ "in the second partition", NULL, second_partition, CARD_NOT_SEEN, NO_PARTITION },
	{ "two partitions", NULL, two_partitions, CARD_TAKEN, TAKEN },
	{ "partition type 00", NULL, type_0, CARD_NOT_SEEN, NO_PARTITION },
	{ "partition type 05", NULL, type_extended, CARD_NOT_SEEN, NO_PARTITION, .again = true },
	{ "partition type 83", NULL, type_linux, CARD_TAKEN, TAKEN },
	{ "partition type 07", NULL, type_exfat, CARD_TAKEN, TAKEN, .again = true },
	{ "active", NULL, active, CARD_TAKEN, TAKEN, .again = true },
	{ "a flag that is none", NULL, odd_flag, CARD_NOT_SEEN, NO_PARTITION },
	{ "such a flag in the second entry", NULL, odd_flag_in_second, CARD_TAKEN, TAKEN,
	  .again = true },
	{ "begins outside of the card", NULL, starts_outside, CARD_NOT_SEEN, NULL },
	{ "ends outside of the card", NULL, ends_outside, CARD_TAKEN, TAKEN, .again = true },
	{ "begins a sector late", NULL, starts_late, CARD_NOT_SEEN, NULL },
	{ "no partition table", NULL, no_table, CARD_NOT_SEEN, NO_PARTITION },
	{ "GPT", NULL, gpt, CARD_NOT_SEEN, NULL, .tool = "sfdisk" },
	/* The file system. */
	{ "FAT16", small_card, NULL, CARD_TAKEN, TAKEN, .again = true },
	{ "FAT12", small_card, fat_12, CARD_TAKEN, TAKEN, .tool = "mkfs.fat" },
	{ "exFAT", not_fat, exfat, CARD_NOT_SEEN, NULL, .tool = "mkfs.exfat" },
	{ "NTFS", not_fat, ntfs, CARD_NOT_SEEN, NULL, .again = true },
	{ "nothing at all", not_fat, NULL, CARD_NOT_SEEN, NO_PARTITION, .again = true },
	{ "its kind left out", NULL, no_kind, CARD_NOT_SEEN, NULL, .again = true },
	{ "its kind with a tail", NULL, kind_with_tail, CARD_NOT_SEEN, "No valid FAT fs found" },
	{ "sectors of 4096", NULL, sectors_4096, CARD_NOT_SEEN, "FAT sector size mismatch" },
	{ "no 55 AA in it", NULL, no_boot_signature, CARD_NOT_SEEN, NULL, .again = true },
	{ "root folder said to be elsewhere", NULL, other_root, CARD_TAKEN, TAKEN },
	{ "the second table is garbage", NULL, second_table_differs, CARD_TAKEN, TAKEN,
	  .again = true },
	{ "in three pieces", NULL, fragmented, CARD_TAKEN, TAKEN },
	{ "chain ends early", NULL, chain_ends, CARD_REFUSED, BAD_SIZE },
	{ "chain runs into a free cluster", NULL, chain_is_free, CARD_REFUSED, BAD_SIZE,
	  .again = true },
	{ "chain leaves the card", NULL, chain_leaves, CARD_NOT_SEEN, "Error reading cluster" },
	{ "begins nowhere", NULL, starts_nowhere, CARD_REFUSED, BAD_MAGIC },
	{ "begins past the end", NULL, starts_past_the_end, CARD_NOT_SEEN,
	  "Error reading cluster" },
	{ "deleted", NULL, deleted, CARD_NOT_SEEN, NULL },
	{ "a label", NULL, is_label, CARD_NOT_SEEN, NULL, .again = true },
	{ "hidden and read-only", NULL, hidden_and_read_only, CARD_TAKEN, TAKEN, .again = true },
	{ "its size cut in the folder", NULL, size_of_entry, CARD_REFUSED, BAD_SIZE },
	{ "the folder ends before it", NULL, end_before_it, CARD_NOT_SEEN, NULL },
	/* The camera. */
	{ "the button not held", NULL, NULL, CARD_NOT_SEEN, NULL, .no_button = true },
	{ "EN25QH128A", NULL, NULL, CARD_REFUSED, PAST_CHIP, .jedec = 0x1c7018 },
	{ "ZB25VQ128", NULL, NULL, CARD_REFUSED, "SF: Unsupported manufacturer 5e",
	  .jedec = 0x5e4018 },
	{ "W25Q128", NULL, NULL, CARD_TAKEN, TAKEN, .jedec = 0xef4018, .again = true },
};
const size_t wound_count = RC_COUNT(wounds);

/* --- The whole --- */

#define PAYLOAD 0x10000u

static void make_file(struct rc_buffer *file)
{
	struct uimage_header header = { .os = UIMAGE_OS_LINUX,
					.arch = UIMAGE_ARCH_MIPS,
					.type = UIMAGE_TYPE_FIRMWARE,
					.name = "jz_fw" };
	uint8_t content[PAYLOAD];
	struct rc_span payload = { content, PAYLOAD };
	uint64_t seed = 99;
	uint8_t bytes[UIMAGE_HEADER_SIZE];
	struct rc_error err;

	for (size_t i = 0; i < PAYLOAD; i++)
		content[i] = (uint8_t)(support_random(&seed) >> 40);
	support_ok(uimage_build(&header, payload, bytes, &err), &err);
	assert_true(rc_buffer_append(file, bytes, sizeof(bytes)));
	assert_true(rc_buffer_append(file, payload.data, payload.size));
}

/* "update/demo.bin": the file in a folder beside others, as cards have them. */
static void make_card(struct wounded *w)
{
	const char *name = w->name ? w->name : "DEMO.BIN";
	const char *slash = strchr(name, '/');
	char folder[32] = "";
	struct fat_node nodes[] = {
		{ "System Volume Information", .folder = true },
		{ "WPSettings.dat", { (const uint8_t *)"x", 1 }, .parent = 1 },
		{ folder, .folder = true },
		{ slash ? slash + 1 : name,
		  { w->file.data, w->file.size },
		  .parent = slash ? 3 : 0 },
	};
	struct card_options options = { .nodes = nodes, .node_count = 4 };
	struct rc_error err;

	strncat(folder, slash ? name : "Android", slash ? (size_t)(slash - name) : 7);
	support_ok(card_make(w->card, w->size, &options, NULL, &err), &err);
	w->volume = (struct rc_span){ w->card + CARD_FIRST_SECTOR * CARD_SECTOR,
				      w->size - CARD_FIRST_SECTOR * CARD_SECTOR };
	support_ok(fat_open(w->volume, &w->fat, &err), &err);
}

void wound_make(struct wounded *w, const struct wound *wound)
{
	*w = (struct wounded){ .size = WOUND_CARD_SIZE };
	make_file(&w->file);
	if (wound->file)
		wound->file(w);
	w->card = calloc(1, w->size);
	assert_non_null(w->card);
	if (!w->not_fat)
		make_card(w);
	if (wound->card)
		wound->card(w);
}

void wound_free(struct wounded *w)
{
	rc_buffer_free(&w->file);
	free(w->card);
}
