/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks each partition once, and listens to what its files tell. */
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/parallel.h"
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

/* One partition to be checked, by one thread. */
struct job {
	struct inspected_partition *part; /* its report and digest are written */
	struct rc_span region;
	const struct inspected_partition *same; /* has the very same bytes; NULL: is checked */
	bool hash_files;
	json_t *digests; /* NULL: not wanted */
	struct told told;
	bool failed; /* memory ran out */
	int status;
	struct rc_error err;
};

static void add_digest(struct job *job, const struct fs_entry *entry)
{
	char hex[65];
	json_t *digest;

	rc_sha256_hex(entry->content.data, entry->content.size, hex);
	digest = json_pack("{s:s, s:I, s:s}", "path", entry->path, "size",
			   (json_int_t)entry->content.size, "sha256", hex);
	/* A path that is no UTF-8 cannot be written in JSON: its file stays out of the list. */
	if (digest && json_array_append_new(job->digests, digest))
		job->failed = true;
}

static int visit(void *context, const struct fs_entry *entry, struct rc_error *err)
{
	struct job *job = context;

	(void)err;
	if (entry->type != FS_FILE)
		return 0;
	image_read_file(&job->told, job->part, entry);
	if (job->digests)
		add_digest(job, entry);
	return 0;
}

/* The name field of a kernel: "Linux-3.10.14", "MVX2##I6g..." */
static void read_kernel_name(struct job *job)
{
	struct uimage_header header;

	if (job->part->role == ROLE_KERNEL && uimage_read_header(job->region, &header) &&
	    header.magic == UIMAGE_MAGIC)
		clues_add(&job->told.clues, "uimage", header.name, job->part->place.name);
}

static void examine(void *context, size_t index)
{
	struct job *job = (struct job *)context + index;
	struct inspected_partition *part = job->part;
	struct fs_visitor visitor = { visit, job };

	if (job->same)
		return;
	job->digests = job->hash_files ? json_array() : NULL;
	job->status = format_check(job->region, part->expected, &visitor, &part->report, &job->err);
	if (job->status == 0 && json_array_size(job->digests) > 0)
		json_object_set(part->report.detail, "digests", job->digests);
	json_decref(job->digests);
	if (job->status)
		return;
	rc_sha256_hex(job->region.data, job->region.size, part->sha256);
	read_kernel_name(job);
	image_read_identity(&job->told, part, job->region);
}

/* The format that the region is certain to be checked as; NULL: none. */
static const struct format *begins_as(const struct inspected_partition *part, struct rc_span region)
{
	if (!part->expected)
		return format_probe(region);
	return part->expected->probe(region) ? part->expected : NULL;
}

static bool is_backup(enum partition_role role)
{
	return role == ROLE_BACKUP_KERNEL || role == ROLE_BACKUP_DRIVER || role == ROLE_BACKUP_APP;
}

/* A backup partition is often the very copy of another (facts/bootloaders-and-flash.md 1): the
 * same bytes need no second look, and have nothing more to tell. */
static void find_same(const struct job *jobs, size_t count, struct job *job)
{
	const struct format *format;

	if (!is_backup(job->part->role))
		return;
	format = begins_as(job->part, job->region);
	for (size_t i = 0; format && !job->same && i < count; i++) {
		const struct job *other = &jobs[i];

		if (!is_backup(other->part->role) && other->region.size == job->region.size &&
		    memcmp(other->region.data, job->region.data, job->region.size) == 0 &&
		    begins_as(other->part, other->region) == format)
			job->same = other->part;
	}
}

static int take_result(struct image *image, struct job *job, struct rc_error *err)
{
	if (job->status)
		return rc_fail(err, job->err.status, "%s", job->err.text);
	if (job->same) {
		job->part->report = job->same->report;
		json_incref(job->part->report.detail);
		memcpy(job->part->sha256, job->same->sha256, sizeof(job->part->sha256));
	}
	image->failed |= job->failed;
	image_hear(image, &job->told);
	return 0;
}

static int examine_all(struct image *image, struct job *jobs, size_t count, struct rc_error *err)
{
	int status = 0;

	for (size_t i = 0; i < count; i++)
		find_same(jobs, count, &jobs[i]);
	/* jansson draws its seed when the first object is made: not in two threads at once. */
	json_object_seed(0);
	rc_parallel(count, image->options->threads, examine, jobs);
	for (size_t i = 0; i < count; i++) {
		if (status == 0)
			status = take_result(image, &jobs[i], err);
		clues_free(&jobs[i].told.clues);
	}
	return status;
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
	struct job *jobs = calloc(image->layout.count + 1, sizeof(*jobs));
	size_t count = 0;
	int status = 0;

	if (!jobs)
		return rc_fail_memory(err, image->layout.count * sizeof(*jobs));
	for (size_t i = 0; status == 0 && i < image->layout.count; i++) {
		struct inspected_partition *part = &out->partitions[out->partition_count++];
		bool required;

		part->place = image->layout.partitions[i];
		part->role = image_role(image, part->place.name, &required, &part->expected);
		if (image_holds(image, &part->place))
			jobs[count++] = (struct job){ .part = part,
						      .region = image_region(image, &part->place),
						      .hash_files = image->options->hash_files };
		else
			status = leave_out(part, err);
	}
	if (status == 0)
		status = examine_all(image, jobs, count, err);
	free(jobs);
	return status;
}
