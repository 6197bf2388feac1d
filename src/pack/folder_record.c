/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack/folder_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config.h"

/* ---- writing ---- */

/* Names of uImages may hold any byte, and JSON only UTF-8: as hex digits, in the order of the
 * header. */
static void to_hex(const uint8_t *bytes, size_t size, char *out)
{
	for (size_t i = 0; i < size; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static json_t *header_json(const struct uimage_header *header)
{
	char name[2 * UIMAGE_NAME_SIZE + 1];

	to_hex((const uint8_t *)header->name, UIMAGE_NAME_SIZE, name);
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:i, s:i, s:i, s:i}", "name-hex", name, "time",
			 (json_int_t)header->time, "payload", (json_int_t)header->size, "load",
			 (json_int_t)header->load, "entry", (json_int_t)header->entry, "os",
			 header->os, "arch", header->arch, "type", header->type, "compression",
			 header->compression);
}

static json_t *part_json(const struct folder_part *part)
{
	const char *manifest = part->manifest_sha256;

	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:s?}", "name", part->place.name, "role",
			 role_name(part->role), "offset", (json_int_t)part->place.offset, "size",
			 (json_int_t)part->place.size, "bytes", (json_int_t)part->bytes, "sha256",
			 part->sha256, "manifest-sha256", *manifest ? manifest : NULL);
}

json_t *folder_record_json(const struct folder_record *record)
{
	char trailer[2 * RECOVERY_TRAILER + 1];
	json_t *parts = json_array();
	json_t *json;

	for (size_t i = 0; i < record->part_count; i++)
		json_array_append_new(parts, part_json(&record->parts[i]));
	to_hex(record->trailer, RECOVERY_TRAILER, trailer);
	json = json_pack("{s:s, s:s, s:s, s:s?, s:I, s:s, s:I, s:o}", "recam", RECAM_VERSION,
			 "source", record->source, "kind",
			 record->kind == FIRMWARE_KINDS ? FOLDER_PARTS
							: firmware_shapes[record->kind].word,
			 "board", record->board[0] ? record->board : NULL, "size",
			 (json_int_t)record->size, "sha256", record->sha256, "flash-size",
			 (json_int_t)record->flash_size, "parts", parts);
	if (json && record->has_header)
		json_object_set_new(json, "header", header_json(&record->header));
	if (json && record->has_trailer)
		json_object_set_new(json, "trailer-hex", json_string(trailer));
	return json;
}

/* ---- reading ---- */

struct reader {
	const char *name; /* of the file, for messages */
	struct rc_error *err;
	bool failed;
};

static void wrong(struct reader *reader, const char *field, const char *why)
{
	if (!reader->failed)
		rc_fail(reader->err, RC_EFORMAT,
			"%s: \"%s\" %s: the file was changed or damaged; unpack again into another "
			"folder",
			reader->name, field, why);
	reader->failed = true;
}

static uint64_t get_number(struct reader *reader, const json_t *object, const char *field,
			   uint64_t max)
{
	const json_t *value = json_object_get(object, field);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > max) {
		wrong(reader, field, "is no number that can be right");
		return 0;
	}
	return (uint64_t)json_integer_value(value);
}

/* optional: null or absent is "". */
static void get_text(struct reader *reader, const json_t *object, const char *field, bool optional,
		     char *out, size_t out_size)
{
	const json_t *value = json_object_get(object, field);

	*out = '\0';
	if (optional && (!value || json_is_null(value)))
		return;
	if (!json_is_string(value) || json_string_length(value) >= out_size) {
		wrong(reader, field, "is no text that can be right");
		return;
	}
	snprintf(out, out_size, "%s", json_string_value(value));
}

static void get_digest(struct reader *reader, const json_t *object, const char *field,
		       bool optional, char out[65])
{
	get_text(reader, object, field, optional, out, 65);
	if (optional && !*out)
		return;
	if (strlen(out) != 64 || strspn(out, "0123456789abcdef") != 64)
		wrong(reader, field, "is no SHA-256");
}

static void get_hex(struct reader *reader, const json_t *object, const char *field, uint8_t *out,
		    size_t size)
{
	const char *text = json_string_value(json_object_get(object, field));

	if (!text || strlen(text) != 2 * size || strspn(text, "0123456789abcdef") != 2 * size) {
		wrong(reader, field, "is not as many hex digits as it has to be");
		return;
	}
	for (size_t i = 0; i < size; i++) {
		char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };
		uint64_t byte = 0;

		rc_parse_hex(digits, 0xff, &byte);
		out[i] = (uint8_t)byte;
	}
}

static void read_header(struct reader *reader, const json_t *json, struct uimage_header *header)
{
	*header = (struct uimage_header){
		.magic = UIMAGE_MAGIC,
		.time = (uint32_t)get_number(reader, json, "time", UINT32_MAX),
		.size = (uint32_t)get_number(reader, json, "payload", RC_MAX_FLASH),
		.load = (uint32_t)get_number(reader, json, "load", UINT32_MAX),
		.entry = (uint32_t)get_number(reader, json, "entry", UINT32_MAX),
		.os = (uint8_t)get_number(reader, json, "os", UINT8_MAX),
		.arch = (uint8_t)get_number(reader, json, "arch", UINT8_MAX),
		.type = (uint8_t)get_number(reader, json, "type", UINT8_MAX),
		.compression = (uint8_t)get_number(reader, json, "compression", UINT8_MAX),
	};
	get_hex(reader, json, "name-hex", (uint8_t *)header->name, UIMAGE_NAME_SIZE);
}

static enum partition_role find_role(struct reader *reader, const char *name)
{
	for (int role = 0; role < ROLE_COUNT; role++)
		if (strcmp(role_name((enum partition_role)role), name) == 0)
			return (enum partition_role)role;
	wrong(reader, "role", "is none that recam knows");
	return ROLE_OTHER;
}

static void read_part(struct reader *reader, const json_t *json, const struct folder_part *before,
		      struct folder_part *part)
{
	uint64_t end = before ? (uint64_t)before->place.offset + before->place.size : 0;
	char role[24];

	get_text(reader, json, "name", false, part->place.name, sizeof(part->place.name));
	get_text(reader, json, "role", false, role, sizeof(role));
	part->place.offset = (uint32_t)get_number(reader, json, "offset", RC_MAX_FLASH);
	part->place.size = (uint32_t)get_number(reader, json, "size", RC_MAX_FLASH);
	part->bytes = (uint32_t)get_number(reader, json, "bytes", part->place.size);
	get_digest(reader, json, "sha256", false, part->sha256);
	get_digest(reader, json, "manifest-sha256", true, part->manifest_sha256);
	if (reader->failed)
		return;
	part->role = find_role(reader, role);
	if (!firmware_is_name(part->place.name))
		wrong(reader, "name", "is no name of a partition");
	if (part->place.offset < end)
		wrong(reader, "offset", "lies in the partition before it");
}

static void read_parts(struct reader *reader, const json_t *json, struct folder_record *record)
{
	const json_t *parts = json_object_get(json, "parts");
	size_t count = json_array_size(parts);

	if (count == 0 || count > RC_MAX_PARTITIONS) {
		wrong(reader, "parts", "is no list of partitions");
		return;
	}
	for (size_t i = 0; i < count && !reader->failed; i++) {
		struct folder_part *part = &record->parts[i];

		read_part(reader, json_array_get(parts, i), i ? part - 1 : NULL, part);
		if (!reader->failed && folder_record_part(record, part->place.name))
			wrong(reader, "name", "is that of a partition before it");
		if (!reader->failed &&
		    (uint64_t)part->place.offset + part->place.size > record->flash_size)
			wrong(reader, "offset", "lies outside the flash");
		record->part_count++;
	}
}

static void read_record(struct reader *reader, const json_t *json, struct folder_record *record)
{
	const json_t *header = json_object_get(json, "header");
	char kind[24];

	get_text(reader, json, "source", false, record->source, sizeof(record->source));
	get_text(reader, json, "kind", false, kind, sizeof(kind));
	get_text(reader, json, "board", true, record->board, sizeof(record->board));
	get_digest(reader, json, "sha256", false, record->sha256);
	record->size = get_number(reader, json, "size", 2 * (uint64_t)RC_MAX_FLASH);
	record->flash_size = (uint32_t)get_number(reader, json, "flash-size", RC_MAX_FLASH);
	record->kind = firmware_kind_find(kind);
	if (!reader->failed && record->kind == FIRMWARE_KINDS && strcmp(kind, FOLDER_PARTS) != 0)
		wrong(reader, "kind", "is none that recam knows");
	record->has_header = header != NULL;
	if (header)
		read_header(reader, header, &record->header);
	else if (!reader->failed && record->kind != FIRMWARE_KINDS &&
		 firmware_shapes[record->kind].type)
		wrong(reader, "header", "is missing");
	record->has_trailer = json_object_get(json, "trailer-hex") != NULL;
	if (record->has_trailer)
		get_hex(reader, json, "trailer-hex", record->trailer, RECOVERY_TRAILER);
	read_parts(reader, json, record);
}

int folder_record_parse(struct rc_span text, const char *name, struct folder_record *record,
			struct rc_error *err)
{
	struct reader reader = { .name = name, .err = err };
	json_error_t why;
	json_t *json = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &why);

	*record = (struct folder_record){ 0 };
	if (!json)
		return rc_fail(
			err, RC_EFORMAT,
			"%s is no recam.json (line %d: %s): unpack again into another folder", name,
			why.line, why.text);
	read_record(&reader, json, record);
	json_decref(json);
	return reader.failed ? RC_EFORMAT : 0;
}

/* ---- asking ---- */

const struct folder_part *folder_record_part(const struct folder_record *record, const char *name)
{
	for (size_t i = 0; i < record->part_count; i++)
		if (firmware_same_name(record->parts[i].place.name, name))
			return &record->parts[i];
	return NULL;
}

void folder_record_map(const struct folder_record *record, struct flash_map *map)
{
	*map = (struct flash_map){ .layout = { .flash_size = record->flash_size,
					       .count = record->part_count } };
	snprintf(map->camera, sizeof(map->camera), "camera of %s", FOLDER_RECORD);
	for (size_t i = 0; i < record->part_count; i++) {
		map->layout.partitions[i] = record->parts[i].place;
		map->roles[i] = record->parts[i].role;
	}
}
