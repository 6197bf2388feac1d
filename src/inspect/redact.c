/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/redact.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/uimage.h"
#include "base/checksum.h"
#include "inspect/capture.h"
#include "inspect/image.h"
#include "inspect/redact_image.h"
#include "inspect/secret_text.h"

static int verify_failed(struct rc_error *err, const char *what)
{
	return rc_fail(err, RC_EVERIFY,
		       "the copy would not look as the original does (%s): nothing was written; "
		       "please report this, without the file",
		       what);
}

/* --- Images --- */

static void add_region(struct redact_image *image, size_t from, size_t to, bool code)
{
	if (from < to && image->region_count < RC_COUNT(image->regions))
		image->regions[image->region_count++] = (struct redact_region){
			.offset = (uint32_t)from, .size = (uint32_t)(to - from), .code = code
		};
}

/* What a vendor wrote and nobody but he changes. */
static bool is_code(const struct inspected_partition *part)
{
	const struct format *format = part->report.format;

	return format == &format_ingenic_boot || format == &format_mstar_boot ||
	       format == &format_uimage || format == &format_squashfs || part->role == ROLE_BOOT ||
	       part->role == ROLE_KERNEL || part->role == ROLE_ROOT || part->role == ROLE_DRIVER ||
	       part->role == ROLE_BACKUP_KERNEL || part->role == ROLE_BACKUP_DRIVER;
}

/* Where in the file the bytes of the flash begin: behind the header of a demo.bin. */
static size_t header_size(struct rc_span bytes, const struct inspection *inspection)
{
	return inspection->kind == INSPECT_FIRMWARE && firmware_is_demo(bytes) ? UIMAGE_HEADER_SIZE
									       : 0;
}

static void take_regions(struct redact_image *image, const struct inspection *inspection,
			 size_t header, struct layout *layout)
{
	size_t done = 0;

	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct inspected_partition *part = &inspection->partitions[i];
		size_t from = part->place.offset - inspection->base + header;
		size_t to = from + part->place.size;

		if (from < done || from >= image->size)
			continue;
		to = to < image->size ? to : image->size;
		add_region(image, done, from, false);
		add_region(image, from, to, is_code(part));
		done = to;
		layout->partitions[layout->count] = part->place;
		layout->partitions[layout->count].offset = (uint32_t)from;
		layout->partitions[layout->count++].size = (uint32_t)(to - from);
	}
	add_region(image, done, image->size, false);
}

struct squashfs_search {
	const struct secrets *secrets;
	const struct secret *found;
	char path[256];
};

static int search_entry(void *context, const struct fs_entry *entry, struct rc_error *err)
{
	struct squashfs_search *search = context;

	(void)err;
	if (search->found || entry->type != FS_FILE)
		return 0;
	search->found = secrets_find(search->secrets, entry->content.data, entry->content.size,
				     true);
	snprintf(search->path, sizeof(search->path), "%s", entry->path);
	return 0;
}

/* A SquashFS is packed in one piece: nothing in it can be replaced in its place. */
static int search_squashfs(const struct redact_image *image, const struct inspection *inspection,
			   size_t header, struct rc_error *err)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < inspection->partition_count; i++) {
		const struct inspected_partition *part = &inspection->partitions[i];
		struct squashfs_search search = { .secrets = image->secrets };
		struct fs_visitor visitor = { .visit = search_entry, .context = &search };
		struct format_report report = { 0 };
		struct rc_span region = rc_span_sub((struct rc_span){ image->data, image->size },
						    part->place.offset - inspection->base + header,
						    part->place.size);

		if (part->report.format != &format_squashfs || image->secrets->count == 0)
			continue;
		status = format_check(region, &format_squashfs, &visitor, &report, err);
		format_report_clear(&report);
		if (status == 0 && search.found)
			status = rc_fail(
				err, RC_EREFUSED,
				"%s:%s holds a %s too, and a SquashFS cannot be changed in "
				"its place: share the other partitions alone",
				part->place.name, search.path,
				secret_kind_name(search.found->kind));
	}
	return status;
}

/* The header of a demo.bin has checksums of itself and of all behind it. */
static void mend_header(uint8_t *data, size_t size, struct rc_span original)
{
	struct uimage_header header;
	uint32_t payload = rc_crc32(0, original.data + UIMAGE_HEADER_SIZE,
				    size - UIMAGE_HEADER_SIZE);

	if (!uimage_read_header(original, &header) || payload != header.data_crc ||
	    header.size != size - UIMAGE_HEADER_SIZE)
		return;
	rc_put_be32(data + 24, rc_crc32(0, data + UIMAGE_HEADER_SIZE, size - UIMAGE_HEADER_SIZE));
	rc_put_be32(data + 4, uimage_header_crc(data));
}

/* Everything that was good is, and nothing is found that was not. */
static int compare(const struct inspection *before, const struct inspection *after,
		   struct rc_error *err)
{
	if (before->finding_count != after->finding_count ||
	    before->partition_count != after->partition_count ||
	    before->identity.present != after->identity.present ||
	    before->board.board != after->board.board)
		return verify_failed(err, "other findings");
	for (size_t i = 0; i < before->finding_count; i++) {
		if (before->findings[i].kind != after->findings[i].kind)
			return verify_failed(err, before->findings[i].kind->id);
	}
	for (size_t i = 0; i < before->partition_count; i++) {
		const struct inspected_partition *part = &before->partitions[i];

		if (part->report.state != after->partitions[i].report.state ||
		    part->report.files != after->partitions[i].report.files)
			return verify_failed(err, part->place.name);
	}
	return 0;
}

static int compare_copy(const struct redact_image *image, const struct inspection *before,
			const struct inspect_options *options, struct rc_error *err)
{
	struct inspection after = { 0 };
	int status = inspect_bytes((struct rc_span){ image->data, image->size }, options, &after,
				   err);

	if (status == 0)
		status = compare(before, &after, err);
	inspection_clear(&after);
	return status;
}

static int redact_image(struct rc_span original, const struct inspection *inspection,
			const struct inspect_options *options, struct redaction *redaction,
			struct rc_error *err)
{
	struct redact_image *image = calloc(1, sizeof(*image));
	size_t header = header_size(original, inspection);
	int status;

	if (!image)
		return rc_fail_memory(err, sizeof(*image));
	image->data = redaction->bytes.data;
	image->size = redaction->bytes.size;
	image->secrets = &redaction->secrets;
	take_regions(image, inspection, header, &redaction->layout);
	status = redact_image_begin(image, err);
	if (status == 0) {
		redact_image_collect(image);
		status = secrets_prepare(&redaction->secrets, err);
	}
	if (status == 0)
		status = search_squashfs(image, inspection, header, err);
	if (status == 0)
		status = redact_image_replace(image, err);
	if (status == 0 && header)
		mend_header(image->data, image->size, original);
	if (status == 0)
		status = redact_image_verify(image, err);
	if (status == 0)
		status = compare_copy(image, inspection, options, err);
	redaction->repacked = image->repacked;
	redaction->wiped = image->wiped;
	redaction->emptied = image->emptied;
	redact_image_end(image);
	free(image);
	return status;
}

/* --- Logs --- */

/* PowerShell keeps a log in UTF-16: its letters without the zero bytes between. */
static void make_narrow(struct rc_buffer *bytes)
{
	size_t used = 0;

	if (bytes->size < 2 || bytes->data[0] != 0xff || bytes->data[1] != 0xfe)
		return;
	for (size_t at = 2; at + 1 < bytes->size; at += 2)
		bytes->data[used++] = bytes->data[at + 1] ? '?' : bytes->data[at];
	bytes->size = used;
}

static void collect_log(struct secrets *secrets, uint8_t *data, size_t size, uint64_t offset)
{
	struct secret_text text = { .secrets = secrets,
				    .data = data,
				    .size = size,
				    .offset = offset,
				    .name = "",
				    .log = true };

	secret_text_read(&text);
}

static int redact_log(struct redaction *redaction, struct rc_error *err)
{
	int status;

	make_narrow(&redaction->bytes);
	collect_log(&redaction->secrets, redaction->bytes.data, redaction->bytes.size, 0);
	status = secrets_prepare(&redaction->secrets, err);
	if (status == 0)
		secrets_replace(&redaction->secrets, redaction->bytes.data, redaction->bytes.size,
				SECRETS_ALL);
	return status;
}

/* --- Captures --- */

/* A line that is none of the dump. */
static void pass_line(void *context, const char *line, struct rc_text *out)
{
	struct secrets *secrets = context;
	size_t start = out->size, size = strlen(line);

	rc_text_add_bytes(out, line, size);
	rc_text_add_bytes(out, "\n", 1);
	if (out->failed)
		return;
	collect_log(secrets, (uint8_t *)out->data + start, size, start);
	secrets_replace(secrets, (uint8_t *)out->data + start, size, SECRETS_ALL);
}

static void collect_line(void *context, char *line)
{
	collect_log(context, (uint8_t *)line, strlen(line), 0);
}

/* The capture's bytes are an image: its secrets go as they do from one. */
static int redact_capture_bytes(struct rc_span text, const struct capture_options *options,
				struct capture *capture, const struct inspect_options *inspecting,
				struct redaction *redaction, struct rc_error *err)
{
	struct redact_image *image = calloc(1, sizeof(*image));
	struct capture_rewriter rewriter = { .bytes = capture->bytes,
					     .pass = pass_line,
					     .context = &redaction->secrets };
	struct inspection inspection = { 0 };
	struct rc_text out = { 0 };
	int status;

	if (!image)
		return rc_fail_memory(err, sizeof(*image));
	image->data = capture->bytes;
	image->size = capture->size;
	image->secrets = &redaction->secrets;
	status = inspect_bytes((struct rc_span){ image->data, image->size }, inspecting,
			       &inspection, err);
	if (status == 0) {
		take_regions(image, &inspection, 0, &redaction->layout);
		status = redact_image_begin(image, err);
	}
	if (status == 0) {
		redact_image_collect(image);
		status = capture_other_lines(text, collect_line, &redaction->secrets, err);
	}
	if (status == 0)
		status = secrets_prepare(&redaction->secrets, err);
	if (status == 0)
		status = redact_image_replace(image, err);
	if (status == 0)
		status = redact_image_verify(image, err);
	if (status == 0)
		status = capture_rewrite(text, options, capture, &rewriter, &out, err);
	redact_image_end(image);
	inspection_clear(&inspection);
	free(image);
	rc_buffer_free(&redaction->bytes);
	redaction->bytes = (struct rc_buffer){ (uint8_t *)out.data, out.size, out.room, false };
	return status;
}

static int redact_capture(struct rc_span text, const struct inspect_options *inspecting,
			  struct redaction *redaction, struct rc_error *err)
{
	struct capture_options options = { 0 };
	struct capture capture;
	int status = capture_read(text, &options, &capture, err);

	/* Memory holds secrets as well. */
	if (status == 0 && capture.of_memory) {
		capture_clear(&capture);
		options.memory = true;
		status = capture_read(text, &options, &capture, err);
	}
	if (status)
		return status;
	status = redact_capture_bytes(text, &options, &capture, inspecting, redaction, err);
	capture_clear(&capture);
	return status;
}

/* --- The whole --- */

static int redact_kind(struct rc_span bytes, const struct inspection *inspection,
		       const struct inspect_options *options, struct redaction *redaction,
		       struct rc_error *err)
{
	const char *other = detect_not_firmware(bytes);

	if (inspection->kind == INSPECT_CARD)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "an SD card image holds whatever its owner put there: share the log "
			       "or the firmware file on it alone");
	if (other)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "it is %s; give a dump, a partition, a log or a capture", other);
	switch (inspection->kind) {
	case INSPECT_BOOT_LOG:
		return redact_log(redaction, err);
	case INSPECT_CAPTURE:
		return redact_capture(bytes, options, redaction, err);
	default:
		return redact_image(bytes, inspection, options, redaction, err);
	}
}

int redact_bytes(struct rc_span bytes, const struct boards *boards, struct redaction *redaction,
		 struct rc_error *err)
{
	const struct inspect_options options = { .boards = boards };
	struct inspection inspection = { 0 };
	int status;

	*redaction = (struct redaction){ 0 };
	if (!rc_buffer_append(&redaction->bytes, bytes.data, bytes.size))
		return rc_fail_memory(err, bytes.size);
	status = inspect_bytes(bytes, &options, &inspection, err);
	if (status == 0) {
		redaction->kind = inspection.kind;
		status = redact_kind(bytes, &inspection, &options, redaction, err);
	}
	if (status == 0 && redaction->secrets.failed)
		status = rc_fail_memory(err, bytes.size);
	inspection_clear(&inspection);
	return status;
}

void redaction_clear(struct redaction *redaction)
{
	rc_buffer_free(&redaction->bytes);
	secrets_clear(&redaction->secrets);
	*redaction = (struct redaction){ .kind = redaction->kind };
}

static size_t line_of(const struct redaction *redaction, uint64_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset && i < redaction->bytes.size; i++)
		line += redaction->bytes.data[i] == '\n';
	return line;
}

void redaction_place(const struct redaction *redaction, const struct secret *secret, char *out,
		     size_t out_size)
{
	const char *partition = "";

	for (size_t i = 0; i < redaction->layout.count; i++) {
		const struct partition *place = &redaction->layout.partitions[i];

		if (secret->found_at >= place->offset &&
		    secret->found_at - place->offset < place->size)
			partition = place->name;
	}
	if (redaction->kind == INSPECT_BOOT_LOG)
		snprintf(out, out_size, "in line %zu", line_of(redaction, secret->found_at));
	else
		snprintf(out, out_size, "%s%s%s at 0x%" PRIX64, partition,
			 secret->found_in[0] ? ":" : "", secret->found_in, secret->found_at);
}
