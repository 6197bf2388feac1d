/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole flashes, wounded in each way that their formats can be: the right finding, and no
 * other fatal one. The Dafang's is the vendor's, from ../shared; the Mi 360's is put
 * together from parts and a root file system that mksquashfs makes here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/uimage.h"
#include "inspect/inspect.h"
#include "run.h"
#include "support.h"

static struct boards boards;

static void inspect(const struct rc_buffer *flash, struct inspection *inspection)
{
	const struct inspect_options options = { .boards = &boards };
	struct rc_error err;

	support_ok(inspect_bytes((struct rc_span){ flash->data, flash->size }, &options, inspection,
				 &err),
		   &err);
}

static const struct inspected_partition *part_of(const struct inspection *inspection,
						 const char *name)
{
	for (size_t i = 0; i < inspection->partition_count; i++) {
		if (strcmp(inspection->partitions[i].place.name, name) == 0)
			return &inspection->partitions[i];
	}
	fail_msg("no partition %s", name);
	return NULL;
}

static void print_findings(const struct inspection *inspection)
{
	for (size_t i = 0; i < inspection->finding_count; i++) {
		const struct finding *finding = &inspection->findings[i];

		print_error("  %s %s %s: %s\n", severity_name(finding->kind->severity),
			    finding->kind->id, finding->partition, finding->evidence);
	}
}

/* --- The flashes --- */

static void join(struct rc_buffer *flash, const char *relative, size_t offset)
{
	struct rc_buffer part;

	support_shared_file(relative, &part);
	assert_true(offset + part.size <= flash->size);
	memcpy(flash->data + offset, part.data, part.size);
	rc_buffer_free(&part);
}

/* A root file system for the Mi 360, of files whose content is the same each time. */
static void make_root(struct rc_buffer *image)
{
	const char *folder = support_temp_dir();
	char *path = rc_path_join(support_temp_dir(), "root.squashfs");
	const char *argv[] = { "mksquashfs", folder,         path,     "-comp", "xz",
			       "-noappend",  "-no-progress", "-quiet", NULL };
	uint64_t random = 5;
	struct run_result result;
	struct rc_error err;

	for (unsigned file = 0; file < 12; file++) {
		struct rc_buffer content = { 0 };
		char name[24], *where;

		for (unsigned i = 0; i < 6000; i++) {
			char line[40];
			int size = snprintf(line, sizeof(line), "%016llx line %u\n",
					    (unsigned long long)support_random(&random), i);

			assert_true(rc_buffer_append(&content, line, (size_t)size));
		}
		snprintf(name, sizeof(name), "file%u", file);
		where = rc_path_join(folder, name);
		support_ok(rc_file_replace(where, content.data, content.size, 0644, &err), &err);
		rc_buffer_free(&content);
		free(where);
	}
	run_program(argv, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	support_ok(rc_file_read(path, RC_MIB(8), image, &err), &err);
	free(path);
}

static void make_mi360(struct rc_buffer *flash)
{
	struct rc_buffer root;

	*flash = (struct rc_buffer){ .data = malloc(RC_MIB(16)), .size = RC_MIB(16) };
	assert_non_null(flash->data);
	memset(flash->data, 0xff, flash->size);
	join(flash, "firmware/mjsxj05cm/boot.bin", 0);
	join(flash, "firmware/mjsxj05cm/kernel.bin", 0x50000);
	join(flash, "firmware/mjsxj05cm/data.bin", 0x9b0000);
	join(flash, "firmware/mjsxj05cm/config.bin", 0xfe0000);
	join(flash, "firmware/mjsxj05cm/factory.bin", 0xff0000);
	make_root(&root);
	memcpy(flash->data + 0x250000, root.data, root.size);
	rc_buffer_free(&root);
}

/* --- Whole ones --- */

struct expected_part {
	const char *name, *format;
	enum region_state state;
	unsigned files; /* and everything else below the root */
};

static void expect_parts(const struct inspection *inspection, const struct expected_part *parts,
			 size_t count)
{
	assert_int_equal(inspection->partition_count, count);
	for (size_t i = 0; i < count; i++) {
		const struct inspected_partition *part = part_of(inspection, parts[i].name);
		const char *format = part->report.format ? part->report.format->name : "erased";

		if (strcmp(format, parts[i].format) != 0 || part->report.state != parts[i].state ||
		    part->report.files != parts[i].files)
			fail_msg("%s: %s %s, %u files", parts[i].name, format,
				 region_state_name(part->report.state), part->report.files);
		assert_int_equal(strlen(part->sha256), 64);
	}
}

/* How many things unsquashfs lists below the root of an image. */
static unsigned count_by_unsquashfs(const uint8_t *image, size_t size)
{
	char *path = rc_path_join(support_temp_dir(), "image");
	const char *argv[] = { "unsquashfs", "-lls", path, NULL };
	struct run_result result;
	unsigned count = 0;
	struct rc_error err;

	support_ok(rc_file_replace(path, image, size, 0644, &err), &err);
	run_program(argv, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	for (const char *at = (const char *)result.out.data; (at = strstr(at, "squashfs-root/"));
	     at++)
		count++;
	run_result_free(&result);
	free(path);
	return count;
}

static void test_dafang(void **state)
{
	static const struct expected_part parts[] = {
		{ "boot", "ingenic-boot", REGION_GOOD, 0 },
		{ "kernel", "uimage", REGION_GOOD, 0 },
		{ "root", "squashfs", REGION_GOOD, 405 },
		{ "driver", "squashfs", REGION_GOOD, 8 },
		{ "appfs", "jffs2", REGION_GOOD, 38 },
		{ "backupk", "jffs2", REGION_GOOD, 0 },
		{ "backupd", "squashfs", REGION_GOOD, 8 },
		{ "backupa", "jffs2", REGION_GOOD, 4 },
		{ "config", "jffs2", REGION_GOOD, 7 },
		{ "para", "jffs2", REGION_GOOD, 2 },
		{ "flag", "flag", REGION_GOOD, 0 },
	};
	struct rc_buffer flash;
	struct inspection inspection;

	(void)state;
	support_dafang_flash(&flash);
	inspect(&flash, &inspection);
	assert_int_equal(inspection.kind, INSPECT_FLASH);
	assert_string_equal(inspection.board.board->id, "dafang");
	assert_int_equal(inspection.board.confidence, BOARD_CERTAIN);
	assert_string_equal(inspection.firmware_version, "5.5.1.177");
	assert_true(inspection.identity.present);
	assert_string_equal(inspection.identity.where, "para:/config/.product_config");
	assert_string_equal(inspection.identity.mac, "0200005EC0DE");
	assert_int_equal(part_of(&inspection, "root")->report.files,
			 count_by_unsquashfs(flash.data + 0x240000, 0x350000));
	assert_int_equal(part_of(&inspection, "driver")->report.files,
			 count_by_unsquashfs(flash.data + 0x590000, 0xa0000));
	expect_parts(&inspection, parts, RC_COUNT(parts));
	if (inspection.finding_count)
		print_findings(&inspection);
	assert_int_equal(inspection.finding_count, 0);
	inspection_clear(&inspection);
	rc_buffer_free(&flash);
}

static void test_mi360(void **state)
{
	static const struct expected_part parts[] = {
		{ "BOOT", "mstar-boot", REGION_GOOD, 0 },  { "KERNEL", "uimage", REGION_GOOD, 0 },
		{ "ROOTFS", "squashfs", REGION_GOOD, 12 }, { "DATA", "jffs2", REGION_GOOD, 230 },
		{ "CONFIG", "flsh", REGION_GOOD, 0 },      { "FACTORY", "flsh", REGION_GOOD, 0 },
	};
	struct rc_buffer flash;
	struct inspection inspection;

	(void)state;
	make_mi360(&flash);
	inspect(&flash, &inspection);
	assert_string_equal(inspection.board.board->id, "mjsxj05cm");
	assert_int_equal(inspection.board.confidence, BOARD_CERTAIN);
	assert_string_equal(inspection.firmware_version, "3.5.1_0052");
	assert_non_null(strstr(inspection.layout_from, "MXPT"));
	assert_true(inspection.identity.present);
	assert_string_equal(inspection.identity.where, "FACTORY");
	expect_parts(&inspection, parts, RC_COUNT(parts));
	if (inspection.finding_count)
		print_findings(&inspection);
	assert_int_equal(inspection.finding_count, 0);
	inspection_clear(&inspection);
	rc_buffer_free(&flash);
}

/* --- Wounded ones --- */

enum wound { ERASED, FLIPPED, CUT, SHIFTED };
#define FLIPS 20

static const char *const wound_names[] = { "erased", "flipped", "cut", "shifted" };

/* For each partition, the ids that may tell of each wound; NULL: none needs to. */
struct wounded {
	const char *name;
	const char *ids[4]; /* blank-separated alternatives */
};

static const struct wounded dafang_wounds[] = {
	{ "boot", { "boot-erased", "boot-damaged", "boot-damaged", "boot-misplaced" } },
	{ "kernel", { "kernel-erased", "kernel-damaged", "kernel-damaged", "kernel-damaged" } },
	{ "root", { "root-erased", "root-damaged", "root-damaged", "root-damaged" } },
	{ "driver", { "driver-erased", "driver-damaged", "driver-damaged", "driver-damaged" } },
	{ "appfs", { "appfs-erased", "appfs-damaged", "appfs-damaged", "appfs-damaged" } },
	{ "backupk", { NULL, "backup-damaged", NULL, "backup-damaged" } },
	{ "backupd", { NULL, "backup-damaged", "backup-damaged", "backup-damaged" } },
	{ "backupa", { NULL, "backup-damaged", NULL, "backup-damaged" } },
	{ "config",
	  { "settings-erased", "settings-damaged", "settings-damaged", "settings-damaged" } },
	{ "para",
	  { "identity-missing", "identity-damaged identity-at-risk", "identity-damaged",
	    "identity-damaged identity-at-risk" } },
	{ "flag", { NULL, NULL, NULL, NULL } },
};

static const size_t dafang_starts[] = { 0,        0x040000, 0x240000, 0x590000, 0x630000, 0xad0000,
					0xcd0000, 0xd70000, 0xf70000, 0xfb0000, 0xff0000 };

static const struct wounded mi360_wounds[] = {
	{ "BOOT",
	  { "boot-erased", "boot-damaged environment-damaged", "boot-damaged", "boot-damaged" } },
	{ "KERNEL", { "kernel-erased", "kernel-damaged", "kernel-damaged", "kernel-damaged" } },
	{ "ROOTFS", { "root-erased", "root-damaged", "root-damaged", "root-damaged" } },
	{ "DATA", { "appfs-erased", "appfs-damaged", "appfs-damaged", "appfs-damaged" } },
	{ "CONFIG",
	  { "settings-erased", "settings-damaged", "settings-damaged", "settings-damaged" } },
	{ "FACTORY",
	  { "identity-missing", "identity-damaged", "identity-damaged", "identity-damaged" } },
};

/* Returns where the wound begins, from the start of the partition. */
static size_t wound(struct rc_buffer *flash, const struct inspected_partition *part, enum wound how,
		    uint64_t *random)
{
	uint8_t *start = flash->data + part->place.offset;
	size_t used = part->report.used;
	size_t at = 0;

	switch (how) {
	case ERASED:
		memset(start, 0xff, part->place.size);
		break;
	case FLIPPED:
		at = support_random(random) % used;
		start[at] ^= (uint8_t)(1 << support_random(random) % 8);
		break;
	case CUT:
		at = used / 2;
		memset(start + at, 0xff, used - at);
		break;
	case SHIFTED:
		memmove(start + 64, start, part->place.size - 64);
		memset(start, 0xff, 64);
		break;
	}
	return at;
}

static bool is_among(const char *ids, const char *id)
{
	const char *found = ids ? strstr(ids, id) : NULL;
	size_t size = strlen(id);

	return found && (found == ids || found[-1] == ' ') &&
	       (found[size] == '\0' || found[size] == ' ');
}

/* True if the wound is named, in its partition and place, and nothing else is fatal. */
static bool is_named(const struct inspection *inspection, const struct inspected_partition *part,
		     const char *ids)
{
	bool named = ids == NULL;

	for (size_t i = 0; i < inspection->finding_count; i++) {
		const struct finding *finding = &inspection->findings[i];

		if (is_among(ids, finding->kind->id) &&
		    strcmp(finding->partition, part->place.name) == 0 &&
		    finding->offset >= part->place.offset &&
		    finding->offset < part->place.offset + part->place.size)
			named = true;
		else if (finding->kind->severity == SEVERITY_FATAL)
			return false;
	}
	return named;
}

static unsigned count_unnamed(struct rc_buffer *flash, const struct inspection *whole,
			      const struct wounded *wounded, enum wound how)
{
	const struct inspected_partition *part = part_of(whole, wounded->name);
	unsigned tries = how == FLIPPED ? FLIPS : 1;
	uint64_t random = 1 + part->place.offset;
	unsigned unnamed = 0;
	uint8_t *saved;

	if (part->report.used == 0)
		return 0;
	saved = malloc(part->place.size);
	assert_non_null(saved);
	memcpy(saved, flash->data + part->place.offset, part->place.size);
	for (unsigned i = 0; i < tries; i++) {
		size_t at = wound(flash, part, how, &random);
		struct inspection inspection;

		inspect(flash, &inspection);
		if (!is_named(&inspection, part, wounded->ids[how])) {
			print_error("%s %s at 0x%zx: expected %s\n", wounded->name,
				    wound_names[how], at, wounded->ids[how]);
			print_findings(&inspection);
			unnamed++;
		}
		inspection_clear(&inspection);
		memcpy(flash->data + part->place.offset, saved, part->place.size);
	}
	free(saved);
	return unnamed;
}

static void wound_all(struct rc_buffer *flash, const struct wounded *wounded, size_t count)
{
	struct inspection whole;
	unsigned unnamed = 0;

	inspect(flash, &whole);
	for (size_t i = 0; i < count; i++) {
		for (enum wound how = ERASED; how <= SHIFTED; how++)
			unnamed += count_unnamed(flash, &whole, &wounded[i], how);
	}
	inspection_clear(&whole);
	assert_int_equal(unnamed, 0);
}

static void test_dafang_wounds(void **state)
{
	struct rc_buffer flash;

	(void)state;
	support_dafang_flash(&flash);
	wound_all(&flash, dafang_wounds, RC_COUNT(dafang_wounds));
	rc_buffer_free(&flash);
}

static void test_mi360_wounds(void **state)
{
	struct rc_buffer flash;

	(void)state;
	make_mi360(&flash);
	wound_all(&flash, mi360_wounds, RC_COUNT(mi360_wounds));
	rc_buffer_free(&flash);
}

/* Kernel and bootloader for different chips: the camera lights up and goes no further. */
static void test_kernel_of_another_model(void **state)
{
	struct rc_buffer flash;
	struct inspection inspection;
	uint8_t *header;

	(void)state;
	make_mi360(&flash);
	header = flash.data + 0x50000;
	assert_memory_equal(header + 32, "MVX2##I6", 8);
	header[32 + 7] = '3';
	rc_put_be32(header + 4, uimage_header_crc(header));
	inspect(&flash, &inspection);
	assert_non_null(inspection_find(&inspection, "image-wrong-model"));
	assert_int_equal(inspection.finding_count, 1);
	inspection_clear(&inspection);
	rc_buffer_free(&flash);
}

/* Damage of every kind at once, at seeded places: something is always found, nothing breaks,
 * and the reports can be written. */
static void test_hostile(void **state)
{
	const struct report_options options = { .columns = 80, .source = "hostile" };
	struct rc_buffer flash, whole;
	uint64_t random = 77;

	(void)state;
	support_demo_flash(&whole);
	support_demo_flash(&flash);
	for (unsigned round = 0; round < 8; round++) {
		struct inspection inspection;
		struct rc_text page = { 0 };

		memcpy(flash.data, whole.data, flash.size);
		for (unsigned i = 0; i < 400; i++) {
			size_t at = support_random(&random) % (flash.size - 4096);

			/* Headers and tables lie at the starts of partitions. */
			if (i % 4 == 0 && i / 4 < 11)
				at = dafang_starts[i / 4] + support_random(&random) % 96;
			flash.data[at] = (uint8_t)support_random(&random);
			if (i % 40 == 1)
				memset(flash.data + at, (int)support_random(&random), 4000);
		}
		inspect(&flash, &inspection);
		assert_true(inspection.finding_count > 0);
		assert_int_equal(report_html(&page, &inspection, &options), 0);
		json_decref(report_json(&inspection, &options));
		rc_text_free(&page);
		inspection_clear(&inspection);
	}
	rc_buffer_free(&flash);
	rc_buffer_free(&whole);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dafang),
		cmocka_unit_test(test_mi360),
		cmocka_unit_test(test_kernel_of_another_model),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_dafang_wounds),
		cmocka_unit_test(test_mi360_wounds),
	};
	struct rc_error err;
	int failed;

	if (boards_load(NULL, &boards, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (argc > 1)
		cmocka_set_test_filter(argv[1]); /* one of them: they take their time */
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	boards_free(&boards);
	return failed;
}
