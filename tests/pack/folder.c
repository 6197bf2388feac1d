/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A firmware file as a folder and back: what was not changed is not, and what was is. */
#include "container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "run.h"
#include "support.h"

static struct unpacked unpacked; /* large */

static struct rc_span span_of(const struct rc_buffer *bytes)
{
	return (struct rc_span){ bytes->data, bytes->size };
}

static unsigned mode_of(const char *folder, const char *name)
{
	char *path = rc_path_join(folder, name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	free(path);
	return st.st_mode & 0777;
}

/* ---- what nobody changed ---- */

static void a_whole_flash(void **state)
{
	char *folder = container_unpack("/x/my dump.bin", &container_flash, NULL, &unpacked);

	(void)state;
	assert_int_equal(unpacked.record.part_count, 11);
	assert_string_equal(unpacked.record.board, "dafang");
	assert_string_equal(unpacked.record.source, "my dump.bin");
	assert_true(container_has(folder, "root/etc/init.d/rcS"));
	assert_true(container_has(folder, "para/config/.product_config"));
	assert_false(container_has(folder, "kernel"));
	assert_packs_to(folder, "dafang", NULL, span_of(&container_flash));
	assert_packs_to(folder, "dafang", "full", span_of(&container_flash));
	free(folder);
}

static void a_demo_bin_of_mkimage(void **state)
{
	struct rc_buffer demo;
	char *folder;

	(void)state;
	container_demo(span_of(&container_flash), &demo);
	folder = container_unpack("demo.bin", &demo, NULL, &unpacked);
	assert_int_equal(unpacked.record.part_count, 4);
	assert_packs_to(folder, "dafang", NULL, span_of(&demo));
	free(folder);
	rc_buffer_free(&demo);
}

/* In an archive too, and one in another. */
static void a_demo_bin_in_an_archive(void **state)
{
	char *place = strdup(support_temp_dir());
	const char *const tar[] = { "tar", "-C", place, "-czf", NULL, "demo.bin", NULL };
	const char *argv[7];
	struct rc_buffer demo, archive;
	struct run_result result;
	char *path = rc_path_join(place, "update.tar.gz");
	char *folder;

	(void)state;
	container_demo(span_of(&container_flash), &demo);
	container_put(place, "demo.bin", demo.data, demo.size);
	memcpy(argv, tar, sizeof(argv));
	argv[4] = path;
	run_program(argv, (struct rc_span){ 0 }, &result);
	assert_int_equal(result.status, 0);
	run_result_free(&result);
	container_get(place, "update.tar.gz", &archive);
	folder = container_unpack("update.tar.gz", &archive, NULL, &unpacked);
	assert_string_equal(unpacked.record.source, "demo.bin");
	assert_packs_to(folder, "dafang", NULL, span_of(&demo));
	free(folder);
	free(path);
	free(place);
	rc_buffer_free(&archive);
	rc_buffer_free(&demo);
}

static void each_partition_alone(void **state)
{
	const struct layout *layout = &container_board("dafang")->layout;

	(void)state;
	for (size_t i = 0; i < layout->count; i++) {
		const struct partition *place = &layout->partitions[i];
		struct rc_buffer part = { container_flash.data + place->offset, place->size, 0,
					  false };
		char name[32];
		char *folder;

		if (rc_all_bytes(part.data, part.size, 0xff))
			continue;
		snprintf(name, sizeof(name), "%s.bin", place->name);
		folder = container_unpack(name, &part, "dafang", &unpacked);
		assert_int_equal(unpacked.record.part_count, 1);
		assert_string_equal(unpacked.record.parts[0].place.name, place->name);
		assert_packs_to(folder, "dafang", NULL, span_of(&part));
		free(folder);
	}
}

/* Each of the open bootloader's files, made of a whole flash, comes back as it was. */
static void the_open_bootloaders_files(void **state)
{
	static const struct {
		const char *as;
		size_t parts;
		int type;
	} files[] = {
		{ "flash-uboot", 1, 5 },
		{ "flash-rootfs", 1, 7 },
		{ "flash-full", 3, 5 },
		{ "flash-kernel", 1, 2 },
	};
	char *folder = container_unpack("dump.bin", &container_flash, NULL, NULL);

	(void)state;
	for (size_t i = 0; i < RC_COUNT(files); i++) {
		struct uimage_header header;
		struct repacked packed;
		struct rc_error err;
		char name[32];
		char *again;

		support_ok(container_pack(folder, "dafang", files[i].as, &packed, &err), &err);
		/* "Bad total SIZE" (facts 2.3) where a file is longer or shorter than its header
		 * says. */
		support_ok(uimage_parse(span_of(&packed.file), &header, &err), &err);
		assert_int_equal(packed.file.size, UIMAGE_HEADER_SIZE + header.size);
		assert_int_equal(header.type, files[i].type);
		snprintf(name, sizeof(name), "%s.bin", files[i].as);
		again = container_unpack(name, &packed.file, "dafang", &unpacked);
		assert_int_equal(unpacked.record.part_count, files[i].parts);
		assert_packs_to(again, "dafang", i == 3 ? files[i].as : NULL,
				span_of(&packed.file));
		repacked_clear(&packed);
		free(again);
	}
	free(folder);
}

/* ---- what was changed ---- */

static void a_changed_file(void **state)
{
	static const char text[] = "# changed\n";
	char *folder = container_unpack("dump.bin", &container_flash, NULL, NULL);
	const struct partition *root = layout_find(&container_board("dafang")->layout, "root");
	struct repacked packed, again;
	struct rc_buffer part;
	struct rc_error err;
	char *second;

	(void)state;
	container_put(folder, "root/etc/init.d/rcS", text, strlen(text));
	support_ok(container_pack(folder, "dafang", NULL, &packed, &err), &err);
	assert_false(packed.original);
	assert_int_equal(packed.sources[2], PART_TREE);
	assert_int_equal(packed.sources[3], PART_UNCHANGED);
	/* Nothing but root is other than it was. */
	assert_memory_equal(packed.file.data, container_flash.data, root->offset);
	assert_memory_equal(packed.file.data + root->offset + root->size,
			    container_flash.data + root->offset + root->size,
			    container_flash.size - root->offset - root->size);
	second = container_unpack("new.bin", &packed.file, NULL, NULL);
	container_get(second, "root/etc/init.d/rcS", &part);
	assert_int_equal(part.size, strlen(text));
	assert_memory_equal(part.data, text, part.size);
	/* The same folder makes the same file. */
	support_ok(container_pack(folder, "dafang", NULL, &again, &err), &err);
	assert_memory_equal(again.file.data, packed.file.data, packed.file.size);
	rc_buffer_free(&part);
	repacked_clear(&packed);
	repacked_clear(&again);
	free(second);
	free(folder);
}

/* A new kernel as a file; the tree of root stays as it is. */
static void a_changed_bin(void **state)
{
	const struct partition *driver = layout_find(&container_board("dafang")->layout, "driver");
	const struct partition *root = layout_find(&container_board("dafang")->layout, "root");
	char *folder = container_unpack("dump.bin", &container_flash, NULL, NULL);
	struct repacked packed;
	struct rc_error err;

	(void)state;
	/* Any whole SquashFS will do, and this one is at hand. */
	container_put(folder, "root.bin", container_flash.data + driver->offset, driver->size);
	support_ok(container_pack(folder, "dafang", NULL, &packed, &err), &err);
	assert_int_equal(packed.sources[2], PART_FILE);
	assert_memory_equal(packed.file.data + root->offset, container_flash.data + driver->offset,
			    driver->size);
	assert_true(rc_all_bytes(packed.file.data + root->offset + driver->size,
				 root->size - driver->size, 0xff));
	repacked_clear(&packed);
	free(folder);
}

static void both_changed(void **state)
{
	const struct partition *driver = layout_find(&container_board("dafang")->layout, "driver");
	char *folder = container_unpack("dump.bin", &container_flash, NULL, NULL);
	struct repacked packed;
	struct rc_error err;

	(void)state;
	container_put(folder, "root.bin", container_flash.data + driver->offset, driver->size);
	container_put(folder, "root/new", "x", 1);
	support_fails(container_pack(folder, "dafang", NULL, &packed, &err), RC_EREFUSED, &err,
		      "root.bin is not what root/ holds", "neither is what was unpacked",
		      "remove root.bin", "root/ and root.mtree");
	/* Either way out that the message names. */
	container_remove(folder, "root.bin");
	support_ok(container_pack(folder, "dafang", NULL, &packed, &err), &err);
	assert_int_equal(packed.sources[2], PART_TREE);
	repacked_clear(&packed);
	container_put(folder, "root.bin", container_flash.data + driver->offset, driver->size);
	container_remove(folder, "root");
	support_fails(container_pack(folder, "dafang", NULL, &packed, &err), RC_EREFUSED, &err,
		      "holds root.mtree and no root/");
	container_remove(folder, "root.mtree");
	support_ok(container_pack(folder, "dafang", NULL, &packed, &err), &err);
	assert_int_equal(packed.sources[2], PART_FILE);
	repacked_clear(&packed);
	free(folder);
}

/* The manifest alone makes another image: a mode, say. */
static void a_changed_manifest(void **state)
{
	char *folder = container_unpack("dump.bin", &container_flash, NULL, NULL);
	struct rc_buffer manifest;
	struct repacked packed;
	struct rc_error err;
	char *mode;

	(void)state;
	container_get(folder, "root.mtree", &manifest);
	assert_true(rc_buffer_append(&manifest, "", 1));
	mode = strstr((char *)manifest.data, "mode=644");
	assert_non_null(mode);
	memcpy(mode, "mode=600", 8);
	container_put(folder, "root.mtree", manifest.data, manifest.size - 1);
	support_ok(container_pack(folder, "dafang", NULL, &packed, &err), &err);
	assert_int_equal(packed.sources[2], PART_TREE);
	repacked_clear(&packed);
	rc_buffer_free(&manifest);
	free(folder);
}

/* ---- secrets, damage ---- */

static void secrets_are_for_their_owner(void **state)
{
	char *folder = container_unpack("dump.bin", &container_flash, NULL, &unpacked);

	(void)state;
	assert_int_equal(mode_of(folder, "."), 0700);
	assert_int_equal(mode_of(folder, "config.bin"), 0600);
	assert_int_equal(mode_of(folder, "para.bin"), 0600);
	assert_int_equal(mode_of(folder, "para.mtree"), 0600);
	assert_int_equal(mode_of(folder, "para"), 0700);
	assert_int_equal(mode_of(folder, "root.bin"), 0644);
	assert_true(unpacked.parts[9].secret);
	assert_false(unpacked.parts[2].secret);
	free(folder);
}

/* A damaged file system is unpacked as far as it can be read, and packed as it was. */
static void a_wounded_flash(void **state)
{
	struct rc_buffer flash = { .data = malloc(container_flash.size),
				   .size = container_flash.size };
	char *folder;

	(void)state;
	memcpy(flash.data, container_flash.data, flash.size);
	memset(flash.data + 0x240000 + 100, 0x55, 200000); /* root */
	memset(flash.data + 0x630000 + 200, 0, 5000);      /* appfs */
	folder = container_unpack("dump.bin", &flash, NULL, &unpacked);
	assert_int_equal(unpacked.parts[2].state, REGION_DAMAGED);
	assert_int_equal(unpacked.parts[4].state, REGION_DAMAGED);
	assert_true(unpacked.parts[2].note[0]);
	assert_packs_to(folder, "dafang", NULL, span_of(&flash));
	rc_buffer_free(&flash);
	free(folder);
}

/* ---- what lies between partitions ---- */

/* Of a flash whose own table leaves room: what is there and not erased is not lost. */
static void a_flash_with_gaps(void **state)
{
	static struct firmware_file split;
	struct flash_map map = { .camera = "camera of this test",
				 .layout = { .flash_size = 0x50000,
					     .count = 2,
					     .partitions = { { "boot", 0, 0x10000 },
							     { "kernel", 0x20000, 0x10000 } } },
				 .roles = { ROLE_BOOT, ROLE_KERNEL } };
	struct rc_buffer flash = { .data = malloc(0x50000), .size = 0x50000 };
	struct unpack_source source = {
		.name = "dump.bin", .file = span_of(&flash), .split = &split, .map = &map
	};
	char *folder = rc_path_join(support_temp_dir(), "folder");
	struct rc_error err;

	(void)state;
	memset(flash.data, 0xff, flash.size);
	memset(flash.data, 1, 0x100);
	memset(flash.data + 0x18000, 2, 0x100); /* in the first gap; the second is erased */
	memset(flash.data + 0x20000, 3, 0x100);
	unpack_add_gaps(span_of(&flash), &map);
	assert_int_equal(map.layout.count, 3);
	assert_string_equal(map.layout.partitions[1].name, "gap-010000");
	assert_int_equal(map.layout.partitions[1].size, 0x10000);
	support_ok(firmware_file_split("dump.bin", span_of(&flash), &map, &split, &err), &err);
	support_ok(unpack_firmware(&source, folder, &unpacked, &err), &err);
	assert_true(container_has(folder, "gap-010000.bin"));
	/* A camera whose flash has its own table may have any. */
	assert_packs_to(folder, "mjsxj05cm", "full", span_of(&flash));
	rc_buffer_free(&flash);
	free(folder);
}

/* ---- real firmware ---- */

static void the_dafang(void **state)
{
	struct uimage_header header;
	struct rc_buffer flash, demo;
	struct repacked packed;
	struct rc_error err;
	char *folder;

	(void)state;
	support_dafang_flash(&flash);
	folder = container_unpack("dump.bin", &flash, NULL, &unpacked);
	for (size_t i = 0; i < unpacked.record.part_count; i++)
		assert_int_equal(unpacked.parts[i].state, REGION_GOOD);
	assert_packs_to(folder, "dafang", NULL, span_of(&flash));
	/* Its kernel is filled up with 00, which does not go into the file. */
	support_ok(container_pack(folder, "dafang", "flash-kernel", &packed, &err), &err);
	support_ok(uimage_parse(span_of(&packed.file), &header, &err), &err);
	assert_int_equal(packed.file.size, UIMAGE_HEADER_SIZE + header.size);
	repacked_clear(&packed);
	free(folder);
	container_demo(span_of(&flash), &demo);
	folder = container_unpack("demo.bin", &demo, NULL, NULL);
	assert_packs_to(folder, "dafang", NULL, span_of(&demo));
	free(folder);
	rc_buffer_free(&demo);
	rc_buffer_free(&flash);
}

static void the_mi360(void **state)
{
	struct rc_buffer flash;
	char *folder;

	(void)state;
	container_mi360(&flash);
	folder = container_unpack("dump.bin", &flash, NULL, &unpacked);
	assert_string_equal(unpacked.record.board, "mjsxj05cm");
	assert_int_equal(unpacked.record.part_count, 6);
	assert_true(container_has(folder, "DATA/bin"));
	assert_int_equal(mode_of(folder, "FACTORY.bin"), 0600);
	assert_int_equal(mode_of(folder, "DATA"), 0700);
	assert_int_equal(mode_of(folder, "DATA.bin"), 0600);
	assert_packs_to(folder, "mjsxj05cm", NULL, span_of(&flash));
	free(folder);
	rc_buffer_free(&flash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_flash),
		cmocka_unit_test(a_demo_bin_of_mkimage),
		cmocka_unit_test(a_demo_bin_in_an_archive),
		cmocka_unit_test(each_partition_alone),
		cmocka_unit_test(the_open_bootloaders_files),
		cmocka_unit_test(a_changed_file),
		cmocka_unit_test(a_changed_bin),
		cmocka_unit_test(both_changed),
		cmocka_unit_test(a_changed_manifest),
		cmocka_unit_test(secrets_are_for_their_owner),
		cmocka_unit_test(a_wounded_flash),
		cmocka_unit_test(a_flash_with_gaps),
		cmocka_unit_test(the_dafang),
		cmocka_unit_test(the_mi360),
	};

	return cmocka_run_group_tests(tests, container_setup, container_teardown);
}
