/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts a firmware file together from partitions. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pack/firmware_file.h"

static int refuse_missing(enum firmware_kind kind, const struct flash_map *map, size_t index,
			  struct rc_error *err)
{
	const char *name = map->layout.partitions[index].name;

	return rc_fail(err, RC_EREFUSED,
		       "%s needs the %s partition, and there is no %s.bin: a bootloader erases the "
		       "whole range, and would leave it blank; unpack a file that has it",
		       firmware_shapes[kind].what, name, name);
}

/* Each part at its place, FF where there is none. */
static int fill_payload(enum firmware_kind kind, const struct flash_map *map,
			const struct firmware_source *source, const struct flash_run *run,
			uint8_t *payload, struct rc_error *err)
{
	memset(payload, 0xff, run->size);
	for (size_t i = run->first; i < run->first + run->count; i++) {
		const struct partition *place = &map->layout.partitions[i];
		struct rc_span part = source->parts[i];

		if (!part.data)
			return refuse_missing(kind, map, i, err);
		if (part.size > place->size)
			return rc_fail(err, RC_EREFUSED,
				       "[image-too-large] %s has %zu bytes, its partition %" PRIu32
				       ": %zu too many",
				       place->name, part.size, place->size,
				       part.size - place->size);
		memcpy(payload + (place->offset - run->offset), part.data, part.size);
	}
	return 0;
}

/* Of a kernel what its own header says: the open bootloader refuses a file that goes on behind
 * that (facts 2.3, "bad total SIZE"). */
static size_t payload_size(enum firmware_kind kind, const struct firmware_source *source,
			   struct rc_span payload)
{
	struct uimage_header header;
	size_t used;

	if (firmware_shapes[kind].whole)
		return payload.size;
	if (kind == FIRMWARE_OPEN_KERNEL && uimage_parse(payload, &header, NULL) == 0)
		return UIMAGE_HEADER_SIZE + header.size;
	used = rc_used_before_fill(payload.data, payload.size, 0xff);
	if (used < source->payload_size && source->payload_size <= payload.size)
		used = source->payload_size;
	return used;
}

int firmware_file_build(enum firmware_kind kind, const struct flash_map *map,
			const struct firmware_source *source, struct rc_buffer *out,
			struct rc_error *err)
{
	const struct firmware_shape *shape = &firmware_shapes[kind];
	size_t head = shape->type ? UIMAGE_HEADER_SIZE : 0;
	struct uimage_header header;
	struct flash_run run;
	struct rc_span payload;
	int result;

	firmware_run(map, kind, &run);
	if (run.count == 0)
		return rc_fail(err, RC_EREFUSED,
			       "a %s has no partitions that lie as those of %s do: no such file is "
			       "for it",
			       map->camera, shape->what);
	*out = (struct rc_buffer){ .data = malloc(head + run.size), .room = head + run.size };
	if (!out->data) {
		*out = (struct rc_buffer){ 0 };
		return rc_fail_memory(err, head + run.size);
	}
	result = fill_payload(kind, map, source, &run, out->data + head, err);
	payload = (struct rc_span){ out->data + head, run.size };
	payload.size = result ? 0 : payload_size(kind, source, payload);
	if (!result && head) {
		header = *source->header;
		header.type = shape->type;
		result = uimage_build(&header, payload, out->data, err);
	}
	out->size = head + payload.size;
	if (result)
		rc_buffer_free(out);
	return result;
}
