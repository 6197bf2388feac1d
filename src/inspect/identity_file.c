/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/identity_file.h"

#include <jansson.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"

/* --- Making --- */

static char *to_base64(struct rc_span bytes)
{
	char *text = malloc(BASE64_ENCODE_RAW_LENGTH(bytes.size) + 1);

	if (!text)
		return NULL;
	base64_encode_raw(text, bytes.size, bytes.data);
	text[BASE64_ENCODE_RAW_LENGTH(bytes.size)] = '\0';
	return text;
}

static json_t *make_fields(const struct identity_part *part)
{
	json_t *fields = json_object();

	for (size_t i = 0; i < part->field_count; i++)
		json_object_set_new(fields, part->fields[i].name,
				    json_string(part->fields[i].value));
	return fields;
}

static json_t *make_part(struct rc_span image, const struct identity_part *part)
{
	struct rc_span bytes = rc_span_sub(image, part->offset, part->size);
	char *base64 = to_base64(bytes);
	char sha256[65];
	json_t *made;

	if (!base64)
		return NULL;
	rc_sha256_hex(bytes.data, bytes.size, sha256);
	made = json_pack("{s:s, s:I, s:I, s:b, s:s, s:o, s:s}", "name", part->name, "offset",
			 (json_int_t)part->offset, "size", (json_int_t)part->size, "settings",
			 part->settings, "sha256", sha256, "fields", make_fields(part), "base64",
			 base64);
	free(base64);
	return made;
}

static int refuse_export(const struct identity_report *report, struct rc_error *err)
{
	if (!report->mac[0] && !identity_wrong(report)[0])
		return rc_fail(
			err, RC_EREFUSED,
			"there is no identity in it to export: the partition for it is blank "
			"or not in the image");
	return rc_fail(err, RC_EREFUSED,
		       "the identity in it is damaged (%s): a file of it would be of no use; keep "
		       "the whole dump",
		       identity_wrong(report));
}

int identity_file_make(struct rc_span image, const struct identity_report *report,
		       struct rc_text *out, struct rc_error *err)
{
	json_t *parts = json_array(), *file;
	char *text;

	if (!identity_is_whole(report)) {
		json_decref(parts);
		return refuse_export(report, err);
	}
	for (size_t i = 0; i < report->part_count; i++) {
		if (!report->parts[i].blank)
			json_array_append_new(parts, make_part(image, &report->parts[i]));
	}
	file = json_pack("{s:i, s:s, s:s, s:s, s:o}", "recam-identity", IDENTITY_FILE_VERSION,
			 "board", report->board, "mac", report->mac, "model", report->model,
			 "partitions", parts);
	text = file ? json_dumps(file, JSON_INDENT(2)) : NULL;
	json_decref(file);
	if (!text)
		return rc_fail_memory(err, image.size);
	rc_text_add(out, "%s\n", text);
	free(text);
	return out->failed ? rc_fail_memory(err, out->size) : 0;
}

/* --- Reading --- */

static int wrong_file(struct rc_error *err, const char *what)
{
	return rc_fail(err, RC_EFORMAT,
		       "it is no identity file as \"recam identity export\" makes it: %s", what);
}

static int from_base64(const char *text, struct rc_buffer *out, struct rc_error *err)
{
	struct base64_decode_ctx context;
	size_t size = strlen(text);
	uint8_t *bytes = malloc(BASE64_DECODE_LENGTH(size) + 1);
	size_t used = BASE64_DECODE_LENGTH(size);

	if (!bytes)
		return rc_fail_memory(err, size);
	base64_decode_init(&context);
	if (!base64_decode_update(&context, &used, bytes, size, text) ||
	    !base64_decode_final(&context)) {
		free(bytes);
		return wrong_file(err, "its base64 is damaged");
	}
	*out = (struct rc_buffer){ bytes, used, used, false };
	return 0;
}

static int read_part(json_t *from, struct identity_saved *part, struct rc_error *err)
{
	const char *name, *sha256, *base64;
	json_int_t offset, size;
	int settings, status;
	char digest[65];

	if (json_unpack(from, "{s:s, s:I, s:I, s:b, s:s, s:s}", "name", &name, "offset", &offset,
			"size", &size, "settings", &settings, "sha256", &sha256, "base64", &base64))
		return wrong_file(err, "a partition lacks name, offset, size, settings, sha256 or "
				       "base64");
	if (strlen(name) >= sizeof(part->name) || !*name || offset < 0 || offset > RC_MAX_FLASH)
		return wrong_file(err, "the name or offset of a partition is none");
	status = from_base64(base64, &part->bytes, err);
	if (status)
		return status;
	rc_sha256_hex(part->bytes.data, part->bytes.size, digest);
	if (part->bytes.size != (uint64_t)size || strcmp(digest, sha256) != 0)
		return rc_fail(
			err, RC_EFORMAT,
			"the identity file is damaged: partition %.31s does not have the size or "
			"the SHA-256 that stand beside it; take another copy of the file",
			name);
	snprintf(part->name, sizeof(part->name), "%s", name);
	part->offset = (uint32_t)offset;
	part->settings = settings;
	return 0;
}

static void read_report(struct identity_file *file)
{
	for (size_t i = 0; i < file->part_count; i++) {
		struct identity_part *part = &file->report.parts[i];
		const struct identity_saved *saved = &file->parts[i];

		memcpy(part->name, saved->name, sizeof(part->name));
		part->offset = saved->offset;
		part->size = (uint32_t)saved->bytes.size;
		part->settings = saved->settings;
		identity_part_read((struct rc_span){ saved->bytes.data, saved->bytes.size }, part,
				   &file->report);
	}
	file->report.part_count = file->part_count;
}

static int read_file(json_t *json, struct identity_file *file, struct rc_error *err)
{
	const char *board;
	json_t *parts, *part;
	int version, status = 0;
	size_t i;

	if (json_unpack(json, "{s:i, s:s, s:o}", "recam-identity", &version, "board", &board,
			"partitions", &parts) ||
	    !json_is_array(parts))
		return wrong_file(err, "it lacks recam-identity, board or partitions");
	if (version != IDENTITY_FILE_VERSION)
		return rc_fail(
			err, RC_EUNSUPPORTED,
			"the identity file is of version %d, this recam reads version %d: take "
			"a newer recam",
			version, IDENTITY_FILE_VERSION);
	if (json_array_size(parts) == 0 || json_array_size(parts) > IDENTITY_MAX_PARTS)
		return wrong_file(err, "the number of its partitions is wrong");
	json_array_foreach(parts, i, part)
	{
		file->part_count++;
		status = read_part(part, &file->parts[i], err);
		if (status)
			return status;
	}
	read_report(file);
	snprintf(file->report.board, sizeof(file->report.board), "%.23s", board);
	if (identity_is_whole(&file->report))
		return 0;
	return rc_fail(err, RC_EFORMAT, "the identity in the file is damaged: %s",
		       file->report.mac[0] ? identity_wrong(&file->report)
					   : "no MAC address is in it");
}

int identity_file_read(struct rc_span text, struct identity_file *file, struct rc_error *err)
{
	json_error_t why;
	json_t *json = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &why);
	int status;

	memset(file, 0, sizeof(*file));
	if (!json)
		return rc_fail(err, RC_EFORMAT,
			       "it is no identity file: line %d is no JSON (%.80s)", why.line,
			       why.text);
	status = read_file(json, file, err);
	json_decref(json);
	return status;
}

void identity_file_clear(struct identity_file *file)
{
	for (size_t i = 0; i < IDENTITY_MAX_PARTS; i++)
		rc_buffer_free(&file->parts[i].bytes);
	memset(file, 0, sizeof(*file));
}

/* --- Importing --- */

static int refuse_other(const char *what, const char *theirs, const char *here,
			struct rc_error *err)
{
	return rc_fail(
		err, RC_EREFUSED,
		"the file is of another camera: its %s is %s, that of the image is %s; a "
		"camera with another's identity takes that one's place in the network and at "
		"the cloud, and loses its own; --i-know does it all the same",
		what, theirs, here);
}

static int compare(const struct identity_report *file, const struct identity_report *image,
		   struct rc_error *err)
{
	char theirs[64], here[64];

	if (file->board[0] && image->board[0] && strcmp(file->board, image->board) != 0)
		return refuse_other("model", file->board, image->board, err);
	if (image->model[0] && strcmp(file->model, image->model) != 0)
		return refuse_other("model", file->model[0] ? file->model : "not said",
				    image->model, err);
	if (!image->mac[0] || strcmp(file->mac, image->mac) == 0)
		return 0;
	rc_mask_secret(file->mac, theirs, sizeof(theirs));
	rc_mask_secret(image->mac, here, sizeof(here));
	return refuse_other("MAC address", theirs, here, err);
}

static const struct identity_part *find_part(const struct identity_report *image,
					     const struct identity_saved *saved)
{
	for (size_t i = 0; i < image->part_count; i++) {
		const struct identity_part *part = &image->parts[i];

		if (part->size == saved->bytes.size &&
		    (strcmp(part->name, saved->name) == 0 || image->part_count == 1))
			return part;
	}
	return NULL;
}

static int put_parts(const struct identity_file *file, const struct identity_report *image,
		     bool settings, struct rc_buffer *out, struct rc_error *err)
{
	size_t done = 0;

	for (size_t i = 0; i < file->part_count; i++) {
		const struct identity_saved *saved = &file->parts[i];
		const struct identity_part *part = find_part(image, saved);

		if (file->report.parts[i].settings && !settings)
			continue;
		if (!part && image->part_count == 1)
			continue;
		if (!part)
			return rc_fail(
				err, RC_EREFUSED,
				"the image has no partition %s of %zu bytes, which the file is "
				"of: it is of a camera with another layout",
				saved->name, saved->bytes.size);
		memcpy(out->data + part->offset, saved->bytes.data, saved->bytes.size);
		done++;
	}
	return done ? 0
		    : rc_fail(err, RC_EREFUSED,
			      "none of the file's partitions has the size of the image: nothing to "
			      "import into it");
}

static int verify(const struct identity_file *file, struct rc_span made,
		  const struct identity_import_options *options, struct rc_error *err)
{
	struct identity_report after;
	int status = identity_read(made, options->boards, options->board, &after, err);

	if (status == 0 && strcmp(after.mac, file->report.mac) != 0)
		status = rc_fail(err, RC_EVERIFY,
				 "the identity does not read back from the new image: nothing was "
				 "written; please report this");
	return status;
}

int identity_import(const struct identity_file *file, struct rc_span image,
		    const struct identity_import_options *options, struct rc_buffer *out,
		    struct rc_error *err)
{
	struct identity_report report;
	int status = identity_read(image, options->boards, options->board, &report, err);

	*out = (struct rc_buffer){ 0 };
	if (status == 0 && !options->i_know)
		status = compare(&file->report, &report, err);
	if (status == 0 && !rc_buffer_append(out, image.data, image.size))
		status = rc_fail_memory(err, image.size);
	if (status == 0)
		status = put_parts(file, &report, options->settings, out, err);
	if (status == 0)
		status = verify(file, (struct rc_span){ out->data, out->size }, options, err);
	if (status)
		rc_buffer_free(out);
	return status;
}
