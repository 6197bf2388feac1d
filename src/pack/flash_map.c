/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the partitions of a camera lie, and which of them a firmware file carries. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "format/recovery.h"
#include "pack/firmware_file.h"

const struct firmware_shape firmware_shapes[FIRMWARE_KINDS] = {
	[FIRMWARE_FLASH] = { .word = "full",
			     .what = "a whole flash",
			     .whole = true,
			     .inspected = true },
	[FIRMWARE_DEMO] = { .word = "demo",
			    .what = "a demo.bin",
			    .file = "demo.bin",
			    .dialect = "ingenic",
			    .type = UIMAGE_TYPE_FIRMWARE,
			    .from = ROLE_KERNEL,
			    .to = ROLE_APP,
			    .whole = true,
			    .inspected = true },
	[FIRMWARE_RECOVERY] = { .word = "recovery",
				.what = "a tf_recovery.img or tf_update.img",
				.dialect = "mstar",
				.from = ROLE_KERNEL,
				.to = ROLE_APP,
				.trailer = RECOVERY_TRAILER,
				.whole = true,
				.inspected = true },
	[FIRMWARE_OPEN_UBOOT] = { .word = "flash-uboot",
				  .what = "a flash-uboot.bin",
				  .file = "flash-uboot.bin",
				  .dialect = "ingenic",
				  .type = UIMAGE_TYPE_FIRMWARE,
				  .from = ROLE_BOOT,
				  .to = ROLE_BOOT },
	[FIRMWARE_OPEN_KERNEL] = { .word = "flash-kernel",
				   .what = "a flash-kernel.bin",
				   .file = "flash-kernel.bin",
				   .dialect = "ingenic",
				   .from = ROLE_KERNEL,
				   .to = ROLE_KERNEL },
	[FIRMWARE_OPEN_ROOTFS] = { .word = "flash-rootfs",
				   .what = "a flash-rootfs.bin",
				   .file = "flash-rootfs.bin",
				   .dialect = "ingenic",
				   .type = UIMAGE_TYPE_FILESYSTEM,
				   .from = ROLE_ROOT,
				   .to = ROLE_ROOT },
	[FIRMWARE_OPEN_FULL] = { .word = "flash-full",
				 .what = "a flash-full.bin",
				 .file = "flash-full.bin",
				 .dialect = "ingenic",
				 .type = UIMAGE_TYPE_FIRMWARE,
				 .from = ROLE_BOOT,
				 .to = ROLE_ROOT },
};

enum firmware_kind firmware_kind_find(const char *word)
{
	for (int i = 0; i < FIRMWARE_KINDS; i++)
		if (strcmp(firmware_shapes[i].word, word) == 0)
			return (enum firmware_kind)i;
	return FIRMWARE_KINDS;
}

bool firmware_same_name(const char *a, const char *b)
{
	struct layout one = { .count = 1 };

	snprintf(one.partitions[0].name, RC_PARTITION_NAME, "%s", a);
	return layout_find(&one, b) != NULL;
}

bool firmware_is_name(const char *name)
{
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			return false;
	return *name != '\0';
}

void flash_map_of_board(const struct board *board, struct flash_map *map)
{
	*map = (struct flash_map){ .layout = board->layout };
	snprintf(map->camera, sizeof(map->camera), "%s", board->name);
	snprintf(map->dialect, sizeof(map->dialect), "%s", board->console.dialect);
	for (size_t i = 0; i < board->layout.count; i++) {
		const struct board_partition *known = board_partition(
			board, board->layout.partitions[i].name);

		map->roles[i] = known ? known->role : ROLE_OTHER;
	}
}

/* A partition table in a flash may say anything: "../../x", or the same name twice. */
static void mend_name(struct layout *before, struct partition *place)
{
	if (!firmware_is_name(place->name) || layout_find(before, place->name))
		snprintf(place->name, sizeof(place->name), "part-%06" PRIx32, place->offset);
}

void flash_map_of_inspection(const struct inspection *inspection, struct flash_map *map)
{
	const struct board *board = inspection->board.board;

	*map = (struct flash_map){ 0 };
	snprintf(map->camera, sizeof(map->camera), "%s",
		 board ? board->name : "camera with this layout");
	snprintf(map->dialect, sizeof(map->dialect), "%s", board ? board->console.dialect : "");
	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct inspected_partition *part = &inspection->partitions[i];

		map->layout.partitions[i] = part->place;
		mend_name(&map->layout, &map->layout.partitions[i]);
		map->layout.count++;
		map->layout.flash_size = part->place.offset + part->place.size;
		map->roles[i] = part->role;
	}
	if (inspection->kind == INSPECT_FLASH)
		map->layout.flash_size = (uint32_t)inspection->size;
	else if (board && board->layout.flash_size > map->layout.flash_size)
		map->layout.flash_size = board->layout.flash_size;
}

bool flash_map_is_secret(const struct flash_map *map, enum partition_role role)
{
	return role == ROLE_SETTINGS || role == ROLE_IDENTITY ||
	       (role == ROLE_APP && strcmp(map->dialect, "mstar") == 0);
}

enum partition_role flash_map_role(const struct flash_map *map, const char *name)
{
	const struct partition *place = layout_find(&map->layout, name);

	return place ? map->roles[place - map->layout.partitions] : ROLE_OTHER;
}

/* From the first partition of one role to the next of another, as long as they touch and
 * nothing in between is other than firmware. */
void firmware_run(const struct flash_map *map, enum firmware_kind kind, struct flash_run *run)
{
	const struct firmware_shape *shape = &firmware_shapes[kind];
	const struct layout *layout = &map->layout;
	size_t i = 0;

	*run = (struct flash_run){ 0 };
	if (kind == FIRMWARE_FLASH) {
		*run = (struct flash_run){ 0, layout->count, 0, layout->flash_size };
		return;
	}
	if (map->dialect[0] && shape->dialect && strcmp(map->dialect, shape->dialect) != 0)
		return;
	while (i < layout->count && map->roles[i] != shape->from)
		i++;
	if (i == layout->count)
		return;
	run->first = i;
	run->offset = layout->partitions[i].offset;
	for (; i < layout->count; i++) {
		const struct partition *place = &layout->partitions[i];

		if (place->offset != run->offset + run->size || map->roles[i] > ROLE_APP ||
		    map->roles[i] == ROLE_OTHER)
			break;
		run->size += place->size;
		run->count++;
		if (map->roles[i] == shape->to)
			return;
	}
	*run = (struct flash_run){ 0 };
}
