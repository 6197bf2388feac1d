/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks each partition once, and listens to what its files tell. */
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "format/uimage.h"
#include "inspect/image.h"

struct rc_span image_region(const struct image *image, const struct partition *place)
{
	uint32_t base = image->out->base;

	if (place->offset < base)
		return (struct rc_span){ 0 };
	return rc_span_sub(image->bytes, place->offset - base, place->size);
}

bool image_holds(const struct image *image, const struct partition *place)
{
	return place->offset >= image->out->base &&
	       (uint64_t)place->offset - image->out->base + place->size <= image->trusted;
}

struct visit {
	struct image *image;
	const struct inspected_partition *part;
};

static void add_digest(struct image *image, const struct fs_entry *entry)
{
	char hex[65];
	json_t *digest;

	rc_sha256_hex(entry->content.data, entry->content.size, hex);
	digest = json_pack("{s:s, s:I, s:s}", "path", entry->path, "size",
			   (json_int_t)entry->content.size, "sha256", hex);
	/* A path that is no UTF-8 cannot be written in JSON: its file stays out of the list. */
	if (digest && json_array_append_new(image->digests, digest))
		image->failed = true;
}

static int visit(void *context, const struct fs_entry *entry, struct rc_error *err)
{
	struct visit *here = context;

	(void)err;
	if (entry->type != FS_FILE)
		return 0;
	image_read_file(here->image, here->part, entry);
	if (here->image->digests)
		add_digest(here->image, entry);
	return 0;
}

/* The name field of a kernel: "Linux-3.10.14", "MVX2##I6g..." */
static void read_kernel_name(struct image *image, const struct inspected_partition *part,
			     struct rc_span region)
{
	struct uimage_header header;

	if (part->role == ROLE_KERNEL && uimage_read_header(region, &header) &&
	    header.magic == UIMAGE_MAGIC)
		clues_add(&image->clues, "uimage", header.name, part->place.name);
}

static int examine_one(struct image *image, struct inspected_partition *part, struct rc_error *err)
{
	struct rc_span region = image_region(image, &part->place);
	struct visit context = { image, part };
	struct fs_visitor visitor = { visit, &context };
	int status;

	image->digests = image->options->hash_files ? json_array() : NULL;
	status = format_check(region, part->expected, &visitor, &part->report, err);
	if (status == 0 && json_array_size(image->digests) > 0)
		json_object_set(part->report.detail, "digests", image->digests);
	json_decref(image->digests);
	image->digests = NULL;
	if (status)
		return status;
	rc_sha256_hex(region.data, region.size, part->sha256);
	read_kernel_name(image, part, region);
	image_read_identity(image, &part->place);
	return 0;
}

/* A partition that was not read, or not wholly: nothing can be said of it. */
static int leave_out(struct inspected_partition *part, struct rc_error *err)
{
	part->report = (struct format_report){ .state = REGION_UNKNOWN };
	part->report.detail = json_pack("{s:b}", "missing", 1);
	return part->report.detail ? 0 : rc_fail_memory(err, sizeof(json_t));
}

int image_examine(struct image *image, struct rc_error *err)
{
	struct inspection *out = image->out;
	int status = 0;

	for (size_t i = 0; status == 0 && i < image->layout.count; i++) {
		struct inspected_partition *part = &out->partitions[out->partition_count++];
		bool required;

		part->place = image->layout.partitions[i];
		part->role = image_role(image, part->place.name, &required, &part->expected);
		if (image_holds(image, &part->place))
			status = examine_one(image, part, err);
		else
			status = leave_out(part, err);
	}
	return status;
}
