/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Splits one firmware file, and judges what its bootloader would judge. */
#include "pack/firmware_file.h"

#include <inttypes.h>
#include <string.h>

#include "base/checksum.h"
#include "format/recovery.h"

int firmware_refuse_stranger(const char *name, struct rc_span file, struct rc_error *err)
{
	const char *what;

	if (file.size == 0)
		return rc_fail(err, RC_EREFUSED,
			       "[image-not-firmware] %s is empty: download it again", name);
	what = detect_not_firmware(file);
	if (what)
		return rc_fail(err, RC_EREFUSED,
			       "[image-not-firmware] %s of %zu bytes is not firmware, it is %s",
			       name, file.size, what);
	return 0;
}

/* One file under work. */
struct split {
	const char *name;
	struct rc_span file;
	const struct flash_map *map;
	struct firmware_file *out;
	struct rc_error *err;
};

static void add_slice(struct split *split, size_t index, struct rc_span bytes)
{
	const struct flash_map *map = split->map;

	split->out->slices[split->out->slice_count++] = (struct firmware_slice){
		.place = map->layout.partitions[index], .role = map->roles[index], .bytes = bytes
	};
}

/* The payload as the row of partitions that this kind of file carries. */
static int split_row(struct split *split, enum firmware_kind kind)
{
	const struct firmware_shape *shape = &firmware_shapes[kind];
	struct rc_span payload = split->out->payload;
	struct flash_run run;

	firmware_run(split->map, kind, &run);
	if (run.count == 0)
		return rc_fail(split->err, RC_EREFUSED,
			       "[image-wrong-model] %s is %s, and no such file is for a %s: its "
			       "partitions do not lie so",
			       split->name, shape->what, split->map->camera);
	if (payload.size > run.size || (shape->whole && payload.size < run.size))
		return rc_fail(
			split->err, RC_EREFUSED,
			"[%s] %s carries %zu bytes, the partitions of a %s that it is for "
			"have %" PRIu32 " (0x%" PRIx32 "): it is for another camera, or was "
			"cut; a bootloader would erase them all and write only what is there",
			payload.size > run.size ? "image-too-large" : "image-too-small",
			split->name, payload.size, split->map->camera, run.size, run.size);
	for (size_t i = 0; i < run.count; i++) {
		const struct partition *place = &split->map->layout.partitions[run.first + i];
		struct rc_span bytes = rc_span_sub(payload, place->offset - run.offset,
						   place->size);

		if (bytes.size)
			add_slice(split, run.first + i, bytes);
	}
	return 0;
}

/* ---- behind a uImage header ---- */

/* Header and data as every bootloader of these cameras checks them (facts 2.1, 7 to 9). */
static int check_header(struct split *split)
{
	const struct uimage_header *header = &split->out->header;
	uint32_t crc = uimage_header_crc(split->file.data);
	struct rc_span payload = rc_span_sub(split->file, UIMAGE_HEADER_SIZE, SIZE_MAX);

	if (crc != header->header_crc)
		return rc_fail(split->err, RC_EREFUSED,
			       "[image-bad-checksum] %s: the header's checksum is %08" PRIX32
			       ", it says %08" PRIX32 ": download it again",
			       split->name, crc, header->header_crc);
	if (payload.size < header->size)
		return rc_fail(split->err, RC_EREFUSED,
			       "[image-too-small] %s is cut: its header says %" PRIu32
			       " bytes, %zu are there; download it again",
			       split->name, header->size, payload.size);
	split->out->payload = rc_span_sub(payload, 0, header->size);
	crc = rc_crc32(0, split->out->payload.data, split->out->payload.size);
	if (crc != header->data_crc)
		return rc_fail(split->err, RC_EREFUSED,
			       "[image-bad-checksum] %s: the data's checksum is %08" PRIX32
			       ", the header says %08" PRIX32 ": download it again",
			       split->name, crc, header->data_crc);
	return 0;
}

/* demo.bin and two files of the open bootloader have one type: the payload tells. */
static enum firmware_kind wrapped_kind(const struct split *split)
{
	const struct uimage_header *header = &split->out->header;
	struct flash_run boot;

	if (header->type == UIMAGE_TYPE_FILESYSTEM)
		return FIRMWARE_OPEN_ROOTFS;
	if (header->type != UIMAGE_TYPE_FIRMWARE)
		return FIRMWARE_KINDS;
	if (!format_ingenic_boot.probe(rc_span_sub(split->file, UIMAGE_HEADER_SIZE, SIZE_MAX)))
		return FIRMWARE_DEMO;
	firmware_run(split->map, FIRMWARE_OPEN_UBOOT, &boot);
	return header->size > boot.size ? FIRMWARE_OPEN_FULL : FIRMWARE_OPEN_UBOOT;
}

static int split_wrapped(struct split *split)
{
	enum firmware_kind kind = wrapped_kind(split);
	int result;

	if (kind == FIRMWARE_KINDS)
		return rc_fail(split->err, RC_EREFUSED,
			       "[image-not-firmware] %s is a U-Boot image of type %u (a demo.bin "
			       "has type %d, firmware): one partition goes into a folder, as "
			       "kernel.bin",
			       split->name, split->out->header.type, UIMAGE_TYPE_FIRMWARE);
	split->out->kind = kind;
	result = check_header(split);
	return result ? result : split_row(split, kind);
}

/* ---- without a header ---- */

static int split_recovery(struct split *split)
{
	const struct layout *layout = &split->map->layout;
	struct recovery recovery;
	struct flash_run run;

	if (recovery_parse(split->file, &recovery, NULL))
		return rc_fail(split->err, RC_EREFUSED,
			       "[%s] %s begins as a tf_recovery.img or tf_update.img does and has "
			       "%zu bytes; those have %u: download it again",
			       split->file.size > RECOVERY_SIZE ? "image-too-large"
								: "image-too-small",
			       split->name, split->file.size, RECOVERY_SIZE);
	firmware_run(split->map, FIRMWARE_RECOVERY, &run);
	for (size_t i = 0; i < RECOVERY_SLOTS; i++)
		if (run.count != RECOVERY_SLOTS || run.offset != RECOVERY_BASE ||
		    layout->partitions[run.first + i].size != recovery.slots[i].size)
			return rc_fail(
				split->err, RC_EREFUSED,
				"[image-wrong-model] %s is a card update for a Mi 360 with a "
				"chip of the %s line, and a %s has other partitions",
				split->name, recovery.chip, split->map->camera);
	split->out->kind = FIRMWARE_RECOVERY;
	split->out->payload = rc_span_sub(split->file, 0, RECOVERY_PAYLOAD);
	split->out->trailer = recovery.trailer;
	return split_row(split, FIRMWARE_RECOVERY);
}

static int split_flash(struct split *split)
{
	struct rc_span file = split->file;
	const struct flash_map *map = split->map;
	uint32_t size = map->layout.flash_size;

	if (file.size != size)
		return rc_fail(split->err, RC_EREFUSED,
			       "[%s] %s has %zu bytes; the flash of a %s has %" PRIu32
			       ", and a demo.bin begins with 27 05 19 56: this is neither; one "
			       "partition goes into a folder, as NAME.bin",
			       file.size > size ? "image-too-large" : "image-too-small",
			       split->name, file.size, map->camera, size);
	if (rc_all_bytes(file.data, file.size, file.data[0]))
		return rc_fail(split->err, RC_EREFUSED,
			       "[flash-all-same] %s holds nothing but %02X: nothing was read there",
			       split->name, file.data[0]);
	split->out->kind = FIRMWARE_FLASH;
	split->out->payload = file;
	return split_row(split, FIRMWARE_FLASH);
}

int firmware_file_split(const char *name, struct rc_span file, const struct flash_map *map,
			struct firmware_file *out, struct rc_error *err)
{
	struct split split;
	int result = firmware_refuse_stranger(name, file, err);

	*out = (struct firmware_file){ 0 };
	if (result)
		return result;
	split = (struct split){ name, file, map, out, err };
	if (recovery_probe(file))
		return split_recovery(&split);
	if (uimage_read_header(file, &out->header) && out->header.magic == UIMAGE_MAGIC)
		return split_wrapped(&split);
	return split_flash(&split);
}
