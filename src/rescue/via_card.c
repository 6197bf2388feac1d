/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/via_card.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/text.h"
#include "card/transfer.h"
#include "config.h"

#define JSON_LIMIT RC_KIB(64)

static size_t piece_count(const struct via_card *state)
{
	return (state->reach + VIA_CARD_PIECE - 1) / VIA_CARD_PIECE;
}

static uint32_t piece_size(const struct via_card *state, size_t piece)
{
	uint32_t left = state->reach - (uint32_t)(piece * VIA_CARD_PIECE);

	return left < VIA_CARD_PIECE ? left : (uint32_t)VIA_CARD_PIECE;
}

static char *state_name(const char *path, struct rc_error *err)
{
	struct rc_text name = { 0 };

	rc_text_add(&name, "%s.card.json", path);
	if (name.failed) {
		rc_text_free(&name);
		rc_fail_memory(err, strlen(path) + 16);
		return NULL;
	}
	return name.data;
}

static void describe(const struct link_info *info, struct via_card *state)
{
	time_t now = time(NULL);
	struct tm utc;

	*state = (struct via_card){ .size = info->flash_size,
				    .reach = info->reach / RC_ERASE_BLOCK * RC_ERASE_BLOCK,
				    .jedec = info->jedec,
				    .status_count = info->status_count };
	memcpy(state->status, info->status, sizeof(state->status));
	snprintf(state->bootloader, sizeof(state->bootloader), "%s", info->bootloader);
	snprintf(state->link_name, sizeof(state->link_name), "%s", info->name);
	if (gmtime_r(&now, &utc))
		strftime(state->date, sizeof(state->date), "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static json_t *state_json(const struct via_card *state)
{
	json_t *crcs = json_array();
	json_t *status = json_array();
	char text[16];

	for (size_t i = 0; i < piece_count(state); i++) {
		snprintf(text, sizeof(text), "%08" PRIx32, state->crcs[i]);
		json_array_append_new(crcs, json_string(text));
	}
	for (unsigned i = 0; i < state->status_count; i++)
		json_array_append_new(status, json_integer(state->status[i]));
	snprintf(text, sizeof(text), "%06" PRIx32, state->jedec);
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:o}", "via-card", 1,
			 "recam", RECAM_VERSION, "date", state->date, "link", state->link_name,
			 "bootloader", state->bootloader, "chip", text, "status", status, "size",
			 (json_int_t)state->size, "reach", (json_int_t)state->reach, "piece",
			 (json_int_t)VIA_CARD_PIECE, "crc32", crcs);
}

static int save_state(const struct via_card *state, const char *path, struct rc_error *err)
{
	json_t *json = state_json(state);
	char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	char *name = state_name(path, err);
	int result = RC_ENOMEM;

	json_decref(json);
	if (!text)
		result = rc_fail_memory(err, JSON_LIMIT);
	else if (name)
		result = rc_file_replace(name, text, strlen(text), 0600, err);
	free(text);
	free(name);
	return result;
}

static int check_room(struct link *link, const struct via_card *state, struct rc_error *err)
{
	uint64_t room;
	int result = link_card_room(link, &room, err);

	if (result || room >= state->reach)
		return result;
	return rc_fail(err, RC_ERANGE,
		       "the transfer area of the card takes %" PRIu64
		       " bytes, the flash has %" PRIu32 ": make a larger card",
		       room, state->reach);
}

static int send_pieces(struct link *link, struct via_card *state, const volatile int *stop,
		       struct rc_error *err)
{
	struct rc_progress progress;
	int result = 0;

	rc_progress_start(&progress, "to the card", state->reach);
	for (size_t i = 0; i < piece_count(state) && !result; i++) {
		uint32_t offset = (uint32_t)(i * VIA_CARD_PIECE);

		if (stop && *stop)
			result = rc_fail(err, RC_ESTOPPED,
					 "stopped: %zu of %zu MiB are on the card; run the same "
					 "command again",
					 i, piece_count(state));
		else
			result = link_card_save(link, offset, piece_size(state, i), &state->crcs[i],
						err);
		rc_progress_update(&progress, offset + piece_size(state, i));
	}
	rc_progress_finish(&progress);
	return result;
}

int via_card_send(struct link *link, const char *path, const volatile int *stop,
		  struct rc_error *err)
{
	struct via_card state;
	int result;

	describe(&link->info, &state);
	if (state.size == 0 || state.size > RC_MAX_FLASH || state.size % RC_ERASE_BLOCK)
		return rc_fail(err, RC_ERANGE,
			       "a flash of %" PRIu32 " bytes is no flash of a camera: check the "
			       "link",
			       state.size);
	result = check_room(link, &state, err);
	if (!result)
		result = send_pieces(link, &state, stop, err);
	return result ? result : save_state(&state, path, err);
}

static int fail_state(const char *name, const char *what, struct rc_error *err)
{
	return rc_fail(err, RC_EFORMAT,
		       "%s is not what recam backup --via-card wrote (%s): run that again with the "
		       "card in the camera",
		       name, what);
}

static void copy_text(const json_t *json, const char *key, char *out, size_t size)
{
	const char *value = json_string_value(json_object_get(json, key));

	snprintf(out, size, "%s", value ? value : "");
}

static int take_numbers(const json_t *json, const char *name, struct via_card *state,
			struct rc_error *err)
{
	json_int_t size = json_integer_value(json_object_get(json, "size"));
	json_int_t reach = json_integer_value(json_object_get(json, "reach"));
	const json_t *crcs = json_object_get(json, "crc32");

	if (size <= 0 || size > RC_MAX_FLASH || size % RC_ERASE_BLOCK || reach < 0 ||
	    reach > size || reach % RC_ERASE_BLOCK ||
	    json_integer_value(json_object_get(json, "piece")) != (json_int_t)VIA_CARD_PIECE)
		return fail_state(name, "impossible sizes", err);
	state->size = (uint32_t)size;
	state->reach = (uint32_t)reach;
	if (json_array_size(crcs) != piece_count(state))
		return fail_state(name, "not one CRC-32 for each MiB", err);
	for (size_t i = 0; i < piece_count(state); i++) {
		const char *text = json_string_value(json_array_get(crcs, i));
		uint64_t crc;

		if (!text || !rc_parse_hex(text, UINT32_MAX, &crc))
			return fail_state(name, "a CRC-32 that is none", err);
		state->crcs[i] = (uint32_t)crc;
	}
	return 0;
}

int via_card_parse(struct rc_span text, const char *name, struct via_card *state,
		   struct rc_error *err)
{
	json_error_t where;
	json_t *json = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES,
				  &where);
	const json_t *status;
	uint64_t jedec = 0;
	char chip[16];
	int result;

	*state = (struct via_card){ 0 };
	if (!json)
		return fail_state(name, where.text, err);
	result = json_integer_value(json_object_get(json, "via-card")) == 1
			 ? take_numbers(json, name, state, err)
			 : fail_state(name, "no version 1", err);
	copy_text(json, "chip", chip, sizeof(chip));
	if (rc_parse_hex(chip, 0xffffff, &jedec))
		state->jedec = (uint32_t)jedec;
	copy_text(json, "bootloader", state->bootloader, sizeof(state->bootloader));
	copy_text(json, "link", state->link_name, sizeof(state->link_name));
	copy_text(json, "date", state->date, sizeof(state->date));
	status = json_object_get(json, "status");
	for (size_t i = 0; i < json_array_size(status) && i < sizeof(state->status); i++) {
		state->status[i] = (uint8_t)json_integer_value(json_array_get(status, i));
		state->status_count = (unsigned)i + 1;
	}
	json_decref(json);
	return result;
}

static int load_state(const char *path, const char *state_path, struct via_card *state,
		      struct rc_error *err)
{
	struct rc_buffer text = { 0 };
	char *name = state_path ? strdup(state_path) : state_name(path, err);
	int result;

	if (!name)
		return rc_fail_memory(err, strlen(path) + 16);
	result = rc_file_read(name, JSON_LIMIT, &text, err);
	if (result == RC_ENOTFOUND)
		result = rc_fail(err, RC_ENOTFOUND,
				 "%s is not there: recam backup LINK -o %s --via-card writes it, "
				 "with the checksums that prove what is on the card; use the same "
				 "-o FILE, or name it with --proof",
				 name, path);
	else if (!result)
		result = via_card_parse((struct rc_span){ text.data, text.size }, name, state, err);
	rc_buffer_free(&text);
	free(name);
	return result;
}

static int check_pieces(const struct via_card *state, struct rc_span area, struct rc_error *err)
{
	for (size_t i = 0; i < piece_count(state); i++) {
		uint32_t crc = rc_crc32(0, area.data + i * VIA_CARD_PIECE, piece_size(state, i));

		if (crc != state->crcs[i])
			return rc_fail(err, RC_EVERIFY,
				       "the MiB at 0x%zx on the card has CRC-32 %08" PRIx32
				       ", the camera had %08" PRIx32
				       ": this is another card, or it lost data; put it into the "
				       "camera and run recam backup --via-card again",
				       i * VIA_CARD_PIECE, crc, state->crcs[i]);
	}
	return 0;
}

static int fill_backup(const struct via_card *state, struct rc_span area, struct backup *backup,
		       struct rc_error *err)
{
	backup->size = state->size;
	backup->block_count = state->size / RC_ERASE_BLOCK;
	backup->data = malloc((size_t)state->size + 1);
	backup->proofs = malloc(backup->block_count + 1);
	if (!backup->data || !backup->proofs) {
		backup_clear(backup);
		return rc_fail_memory(err, state->size);
	}
	memset(backup->data, 0xff, state->size);
	memcpy(backup->data, area.data, state->reach);
	for (size_t i = 0; i < backup->block_count; i++)
		backup->proofs[i] = i < state->reach / RC_ERASE_BLOCK ? PROOF_CHECKSUM
								      : PROOF_UNREACHED;
	backup->jedec = state->jedec;
	memcpy(backup->status, state->status, sizeof(backup->status));
	backup->status_count = state->status_count;
	memcpy(backup->bootloader, state->bootloader, sizeof(backup->bootloader));
	memcpy(backup->link_name, state->link_name, sizeof(backup->link_name));
	memcpy(backup->date, state->date, sizeof(backup->date));
	backup->moved = state->reach;
	return 0;
}

int via_card_take(struct rc_span card, const char *path, const char *state_path,
		  struct backup *backup, struct rc_error *err)
{
	struct transfer_area area;
	struct via_card state = { 0 };
	struct rc_span bytes;
	int result = load_state(path, state_path, &state, err);

	*backup = (struct backup){ 0 };
	if (!result)
		result = transfer_find(card, &area, err);
	if (result)
		return result;
	bytes = rc_span_sub(card, (size_t)area.first * CARD_SECTOR, state.reach);
	if (bytes.size < state.reach)
		return rc_fail(err, RC_ERANGE,
			       "the card ends after %zu of the %" PRIu32
			       " bytes that the camera wrote: this is another card, or a copy that "
			       "was cut",
			       bytes.size, state.reach);
	result = check_pieces(&state, bytes, err);
	return result ? result : fill_backup(&state, bytes, backup, err);
}
