/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: wound IN.bin OUT.bin WOUND:PARTITION...
 *
 * Breaks a flash image on purpose, for the demonstration: erase (all FF), or smash
 * (64 KiB in the middle of what is used are overwritten with a pattern).
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "inspect/inspect.h"

#define SMASHED_BYTES RC_KIB(64)

static const struct inspected_partition *find(const struct inspection *inspection, const char *name)
{
	for (size_t i = 0; i < inspection->partition_count; i++)
		if (strcmp(inspection->partitions[i].place.name, name) == 0 ||
		    strcmp(role_name(inspection->partitions[i].role), name) == 0)
			return &inspection->partitions[i];
	return NULL;
}

static int wound(const struct inspection *inspection, uint8_t *flash, const char *what,
		 struct rc_error *err)
{
	const char *name = strchr(what, ':');
	const struct inspected_partition *partition = name ? find(inspection, name + 1) : NULL;
	uint8_t *start;

	if (!partition)
		return rc_fail(err, RC_ENOTFOUND, "%s: no such partition in this image", what);
	start = flash + partition->place.offset;
	if (strncmp(what, "erase:", 6) == 0) {
		memset(start, 0xff, partition->place.size);
	} else if (strncmp(what, "smash:", 6) == 0 && partition->report.used > SMASHED_BYTES) {
		size_t middle = (partition->report.used - SMASHED_BYTES) / 2;

		for (size_t i = 0; i < SMASHED_BYTES; i++)
			start[middle + i] = (uint8_t)(i * 31);
	} else {
		return rc_fail(err, RC_EUSAGE,
			       "%s: wounds are erase: and smash: (of more than %zu bytes)", what,
			       SMASHED_BYTES);
	}
	return 0;
}

static int run(int argc, char **argv, struct rc_error *err)
{
	struct inspection inspection = { 0 };
	struct boards boards = { 0 };
	struct rc_buffer flash = { 0 };
	struct inspect_options options = { .boards = &boards };
	int result = boards_load(NULL, &boards, err);

	if (!result)
		result = rc_file_read(argv[1], RC_MAX_FLASH, &flash, err);
	if (!result)
		result = inspect_flash((struct rc_span){ flash.data, flash.size }, &options,
				       &inspection, err);
	for (int i = 3; !result && i < argc; i++)
		result = wound(&inspection, flash.data, argv[i], err);
	if (!result)
		result = rc_file_replace(argv[2], flash.data, flash.size, 0600, err);
	inspection_clear(&inspection);
	rc_buffer_free(&flash);
	boards_free(&boards);
	return result;
}

int main(int argc, char **argv)
{
	struct rc_error err;

	if (argc < 4) {
		fprintf(stderr, "usage: wound IN.bin OUT.bin erase:PARTITION|smash:PARTITION...\n");
		return 2;
	}
	if (run(argc, argv, &err)) {
		fprintf(stderr, "wound: %s\n", err.text);
		return 2;
	}
	return 0;
}
