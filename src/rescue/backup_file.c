/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A backup on the disk: FILE, the bytes, and FILE.json, how they were proven. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/text.h"
#include "config.h"
#include "rescue/backup.h"
#include "rescue/partial.h"

#define JSON_LIMIT RC_MIB(4)

static uint32_t size_of_block(const struct backup *backup, size_t block)
{
	uint32_t left = backup->size - (uint32_t)(block * RC_ERASE_BLOCK);

	return left < RC_ERASE_BLOCK ? left : RC_ERASE_BLOCK;
}

static json_t *blocks_json(const struct backup *backup)
{
	json_t *blocks = json_array();

	for (size_t i = 0; i < backup->block_count; i++) {
		const uint8_t *data = backup->data + i * RC_ERASE_BLOCK;
		char crc[9];

		snprintf(crc, sizeof(crc), "%08" PRIx32,
			 rc_crc32(0, data, size_of_block(backup, i)));
		json_array_append_new(blocks, json_pack("{s:I, s:s, s:s}", "offset",
							(json_int_t)i * RC_ERASE_BLOCK, "proof",
							proof_name((enum proof)backup->proofs[i]),
							"crc32", crc));
	}
	return blocks;
}

static json_t *partitions_json(const struct inspection *inspection)
{
	json_t *partitions = json_array();

	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct inspected_partition *partition = &inspection->partitions[i];

		json_array_append_new(partitions,
				      json_pack("{s:s, s:I, s:I, s:s, s:s}", "name",
						partition->place.name, "offset",
						(json_int_t)partition->place.offset, "size",
						(json_int_t)partition->place.size, "state",
						region_state_name(partition->report.state),
						"sha256", partition->sha256));
	}
	return partitions;
}

static void add_status(json_t *json, const struct backup *backup)
{
	json_t *status = json_array();

	for (unsigned i = 0; i < backup->status_count && i < sizeof(backup->status); i++)
		json_array_append_new(status, json_integer(backup->status[i]));
	json_object_set_new(json, "status", status);
}

json_t *backup_json(const struct backup *backup, const struct inspection *inspection)
{
	const struct chip *chip = chip_find(backup->jedec);
	const struct board *board = inspection ? inspection->board.board : NULL;
	char sha256[65];
	char jedec[8];
	json_t *json;

	rc_sha256_hex(backup->data, backup->size, sha256);
	snprintf(jedec, sizeof(jedec), "%06" PRIx32, backup->jedec & 0xffffff);
	json = json_pack("{s:s, s:s, s:I, s:s, s:b, s:s, s:s, s:s, s:s, s:I}", "recam",
			 RECAM_VERSION, "date", backup->date, "size", (json_int_t)backup->size,
			 "sha256", sha256, "partial", backup_is_partial(backup), "chip", jedec,
			 "chip_name", chip ? chip->name : "", "link", backup->link_name,
			 "bootloader", backup->bootloader, "moved", (json_int_t)backup->moved);
	if (!json)
		return NULL;
	add_status(json, backup);
	if (board)
		json_object_set_new(json, "board",
				    json_pack("{s:s, s:s}", "id", board->id, "confidence",
					      board_confidence_name(inspection->board.confidence)));
	if (inspection)
		json_object_set_new(json, "partitions", partitions_json(inspection));
	json_object_set_new(json, "blocks", blocks_json(backup));
	return json;
}

static char *json_name(const char *path, struct rc_error *err)
{
	size_t size = strlen(path) + sizeof(".json");
	char *name = malloc(size);

	if (!name)
		rc_fail_memory(err, size);
	else
		snprintf(name, size, "%s.json", path);
	return name;
}

static char *json_text(const struct backup *backup, const struct inspection *inspection)
{
	json_t *json = backup_json(backup, inspection);
	char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;

	json_decref(json);
	return text;
}

static int may_write(const struct backup *backup, const char *path, struct rc_error *err)
{
	struct rc_buffer old;
	bool same;
	int result;

	if (!rc_file_exists(path))
		return 0;
	result = rc_file_read(path, RC_MAX_FLASH, &old, err);
	if (result)
		return result;
	same = old.size == backup->size && memcmp(old.data, backup->data, old.size) == 0;
	rc_buffer_free(&old);
	if (same)
		return 0;
	return rc_fail(err, RC_EREFUSED,
		       "%s is there already and holds something else: it is not overwritten; name "
		       "another file for this backup, or move that one away",
		       path);
}

int backup_save(const struct backup *backup, const char *path, const struct inspection *inspection,
		struct rc_error *err)
{
	int result = may_write(backup, path, err);
	char *name;
	char *text;

	if (result)
		return result;
	name = json_name(path, err);
	text = json_text(backup, inspection);
	/* The bytes first: a FILE.json without its FILE would promise what is not there. */
	if (!name || !text)
		result = rc_fail_memory(err, JSON_LIMIT);
	else
		result = rc_file_replace(path, backup->data, backup->size, 0600, err);
	if (!result)
		result = rc_file_replace(name, text, strlen(text), 0600, err);
	if (!result)
		partial_remove(path);
	free(text);
	free(name);
	return result;
}

static enum proof proof_find(const char *name)
{
	for (int i = 0; name && i < PROOF_COUNT; i++)
		if (strcmp(proof_name((enum proof)i), name) == 0)
			return (enum proof)i;
	return PROOF_NONE;
}

static void copy_string(const json_t *json, const char *key, char *out, size_t size)
{
	const char *value = json_string_value(json_object_get(json, key));

	snprintf(out, size, "%s", value ? value : "");
}

static void take_status(const json_t *json, struct backup *backup)
{
	json_t *status = json_object_get(json, "status");

	for (size_t i = 0; i < json_array_size(status) && i < sizeof(backup->status); i++) {
		backup->status[i] = (uint8_t)json_integer_value(json_array_get(status, i));
		backup->status_count = (unsigned)i + 1;
	}
}

static int take_blocks(const json_t *json, const char *name, struct backup *backup,
		       struct rc_error *err)
{
	json_t *blocks = json_object_get(json, "blocks");

	if (json_array_size(blocks) != backup->block_count)
		return rc_fail(err, RC_EFORMAT,
			       "%s names %zu blocks, a flash of %" PRIu32
			       " bytes has %zu: take the backup again",
			       name, json_array_size(blocks), backup->size, backup->block_count);
	for (size_t i = 0; i < backup->block_count; i++) {
		json_t *block = json_array_get(blocks, i);
		const char *proof = json_string_value(json_object_get(block, "proof"));

		if (json_integer_value(json_object_get(block, "offset")) !=
		    (json_int_t)i * RC_ERASE_BLOCK)
			return rc_fail(err, RC_EFORMAT,
				       "%s: block %zu is not at 0x%zx: take the backup again", name,
				       i, i * RC_ERASE_BLOCK);
		backup->proofs[i] = (uint8_t)proof_find(proof);
	}
	return 0;
}

static int check_digest(const json_t *json, const char *name, const struct backup *backup,
			struct rc_error *err)
{
	const char *said = json_string_value(json_object_get(json, "sha256"));
	char sha256[65];

	rc_sha256_hex(backup->data, backup->size, sha256);
	if (said && strcmp(said, sha256) == 0)
		return 0;
	return rc_fail(
		err, RC_EVERIFY,
		"%s speaks of a flash with sha256 %.16s..., the bytes beside it have %.16s...: "
		"one of the two files was changed or damaged; take a new backup under another "
		"name",
		name, said ? said : "(none)", sha256);
}

int backup_parse_json(struct rc_span text, const char *name, struct backup *backup,
		      struct rc_error *err)
{
	json_error_t where;
	json_t *json = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES,
				  &where);
	uint64_t jedec = 0;
	char chip[16];
	int result;

	if (!json)
		return rc_fail(err, RC_EFORMAT, "%s, line %d: %s: take the backup again", name,
			       where.line, where.text);
	result = check_digest(json, name, backup, err);
	if (!result)
		result = take_blocks(json, name, backup, err);
	copy_string(json, "chip", chip, sizeof(chip));
	if (rc_parse_hex(chip, 0xffffff, &jedec))
		backup->jedec = (uint32_t)jedec;
	copy_string(json, "bootloader", backup->bootloader, sizeof(backup->bootloader));
	copy_string(json, "link", backup->link_name, sizeof(backup->link_name));
	copy_string(json, "date", backup->date, sizeof(backup->date));
	take_status(json, backup);
	json_decref(json);
	return result;
}

static int load_json(const char *path, struct backup *backup, struct rc_error *err)
{
	struct rc_buffer text = { 0 };
	char *name = json_name(path, err);
	int result;

	if (!name)
		return RC_ENOMEM;
	result = rc_file_read(name, JSON_LIMIT, &text, err);
	if (result == RC_ENOTFOUND)
		result = rc_fail(err, RC_ENOTFOUND,
				 "%s has no %s beside it: how its blocks were proven is not known, "
				 "so it is no backup; take one under another name",
				 path, name);
	else if (!result)
		result = backup_parse_json((struct rc_span){ text.data, text.size }, name, backup,
					   err);
	rc_buffer_free(&text);
	free(name);
	return result;
}

int backup_load(const char *path, struct backup *backup, struct rc_error *err)
{
	struct rc_buffer bytes;
	int result = rc_file_read(path, RC_MAX_FLASH, &bytes, err);

	*backup = (struct backup){ 0 };
	if (result)
		return result;
	backup->data = bytes.data;
	backup->size = (uint32_t)bytes.size;
	backup->block_count = (bytes.size + RC_ERASE_BLOCK - 1) / RC_ERASE_BLOCK;
	backup->proofs = calloc(backup->block_count + 1, 1);
	if (!backup->proofs)
		result = rc_fail_memory(err, backup->block_count);
	else if (backup->size == 0)
		result = rc_fail(err, RC_EFORMAT, "%s is empty: take a backup under another name",
				 path);
	else
		result = load_json(path, backup, err);
	if (result)
		backup_clear(backup);
	return result;
}
