/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "card make --transfer --firmware" puts on: a file for each part, and their index. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/transfer.h"
#include "recam/card.h"
#include "rescue/firmware.h"

#define CARD_FILE_SUFFIX ".BIN"

/* A part as large as its partition, the rest FF, as the flash is to have it. */
static int put_part(struct card_tree *tree, const struct firmware_part *part, struct rc_error *err)
{
	size_t most = part->bytes.size > part->place.size ? part->bytes.size : part->place.size;
	size_t size = (most + TRANSFER_BLOCK - 1) / TRANSFER_BLOCK * TRANSFER_BLOCK;
	uint8_t *bytes = malloc(size ? size : 1);
	char name[FAT_NAME] = "";
	int result;

	if (!bytes)
		return rc_fail_memory(err, size);
	memset(bytes, 0xff, size);
	memcpy(bytes, part->bytes.data, part->bytes.size);
	snprintf(name, sizeof(name), "%.8s%s", part->place.name, CARD_FILE_SUFFIX);
	for (size_t i = 0; name[i]; i++)
		name[i] = (char)toupper((unsigned char)name[i]);
	result = card_tree_put(tree, name, (struct rc_span){ bytes, size }, err);
	free(bytes);
	return result;
}

/* Boot, settings and identity are not brought along: nothing writes them unasked. */
static bool is_wanted(const struct firmware_part *part)
{
	return part->role != ROLE_BOOT && part->role != ROLE_SETTINGS &&
	       part->role != ROLE_IDENTITY && part->role != ROLE_FLAG;
}

static int put_parts(struct card_tree *tree, const struct firmware *firmware, struct rc_error *err)
{
	size_t first = tree->count;
	struct rc_buffer index;
	int result = 0;

	for (size_t i = 0; i < firmware->part_count && !result; i++)
		if (is_wanted(&firmware->parts[i]) && tree->count - first < INDEX_MAX_FILES)
			result = put_part(tree, &firmware->parts[i], err);
	if (!result)
		result = index_make(tree->nodes + first, tree->count - first, &index, err);
	if (result)
		return result;
	result = card_tree_put(tree, TRANSFER_INDEX, (struct rc_span){ index.data, index.size },
			       err);
	rc_buffer_free(&index);
	return result;
}

int card_put_firmware(struct card_tree *tree, const char *path, const struct boards *boards,
		      const struct board *board, struct rc_error *err)
{
	struct firmware firmware;
	int result = firmware_load(path, boards, board, &firmware, err);

	if (result)
		return result;
	result = put_parts(tree, &firmware, err);
	firmware_clear(&firmware);
	return result;
}
