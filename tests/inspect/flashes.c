/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flashes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "run.h"
#include "support.h"

static struct boards boards;

int flashes_setup(void **state)
{
	struct rc_error err;

	(void)state;
	support_ok(boards_load(NULL, &boards, &err), &err);
	return 0;
}

int flashes_teardown(void **state)
{
	(void)state;
	boards_free(&boards);
	return 0;
}

void inspect(const struct rc_buffer *flash, struct inspection *inspection)
{
	const struct inspect_options options = { .boards = &boards };
	struct rc_error err;

	support_ok(inspect_bytes((struct rc_span){ flash->data, flash->size }, &options, inspection,
				 &err),
		   &err);
}

void inspect_on(const struct rc_buffer *flash, unsigned threads, struct inspection *inspection)
{
	const struct inspect_options options = { .boards = &boards,
						 .hash_files = true,
						 .threads = threads };
	struct rc_error err;

	support_ok(inspect_flash((struct rc_span){ flash->data, flash->size }, &options, inspection,
				 &err),
		   &err);
}

const struct inspected_partition *part_of(const struct inspection *inspection, const char *name)
{
	for (size_t i = 0; i < inspection->partition_count; i++) {
		if (strcmp(inspection->partitions[i].place.name, name) == 0)
			return &inspection->partitions[i];
	}
	fail_msg("no partition %s", name);
	return NULL;
}

void print_findings(const struct inspection *inspection)
{
	for (size_t i = 0; i < inspection->finding_count; i++) {
		const struct finding *finding = &inspection->findings[i];

		print_error("  %s %s %s: %s\n", severity_name(finding->kind->severity),
			    finding->kind->id, finding->partition, finding->evidence);
	}
}

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

void make_mi360(struct rc_buffer *flash)
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
