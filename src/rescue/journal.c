/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/text.h"
#include "config.h"

#define JOURNAL_VERSION 1
#define FILE_LIMIT      RC_MIB(4)
#define LINE_LIMIT      4096

/* ---- reading ---- */

static bool copy_string(const json_t *line, const char *key, char *out, size_t size)
{
	const char *value = json_string_value(json_object_get(line, key));

	if (!value || strlen(value) >= size)
		return false;
	snprintf(out, size, "%s", value);
	return true;
}

/* Offset and number of blocks, inside of any flash and in whole blocks. */
static bool take_range(const json_t *line, uint64_t blocks, size_t *first)
{
	json_t *offset = json_object_get(line, "offset");
	json_int_t value = json_integer_value(offset);

	if (!json_is_integer(offset) || value < 0 || value % RC_ERASE_BLOCK || blocks == 0)
		return false;
	*first = (size_t)((uint64_t)value / RC_ERASE_BLOCK);
	return *first < JOURNAL_BLOCKS && blocks <= JOURNAL_BLOCKS - *first;
}

static const char *take_plan(const json_t *line, struct journal *journal)
{
	char backup[sizeof(journal->backup_sha256)];

	if (json_integer_value(json_object_get(line, "journal")) != JOURNAL_VERSION)
		return "it is not of a version that this recam reads";
	if (!copy_string(line, "backup", backup, sizeof(backup)) ||
	    !copy_string(line, "target", journal->target_sha256, sizeof(journal->target_sha256)) ||
	    !copy_string(line, "chip", journal->chip, sizeof(journal->chip)) ||
	    !copy_string(line, "board", journal->board, sizeof(journal->board)))
		return "backup, target, chip or board is missing";
	if (journal->present && strcmp(backup, journal->backup_sha256) != 0)
		return "it speaks of another backup than the lines before";
	memcpy(journal->backup_sha256, backup, sizeof(backup));
	journal->present = true;
	journal->engine[0] = '\0';
	journal->finished = false;
	return NULL;
}

static const char *take_rehearsed(const json_t *line, struct journal *journal)
{
	return copy_string(line, "engine", journal->engine, sizeof(journal->engine))
		       ? NULL
		       : "the engine is missing";
}

static const char *take_begin(const json_t *line, struct journal *journal)
{
	json_int_t size = json_integer_value(json_object_get(line, "size"));
	size_t first;

	if (size < 0 || size % RC_ERASE_BLOCK ||
	    !take_range(line, (uint64_t)size / RC_ERASE_BLOCK, &first))
		return "offset and size are no blocks of a flash";
	for (size_t i = 0; i < (size_t)size / RC_ERASE_BLOCK; i++)
		journal->blocks[first + i] = (struct journal_block){ .begun = true };
	return NULL;
}

static const char *take_done(const json_t *line, struct journal *journal)
{
	json_t *crcs = json_object_get(line, "crc32");
	size_t first;

	if (!take_range(line, json_array_size(crcs), &first))
		return "offset and checksums are no blocks of a flash";
	for (size_t i = 0; i < json_array_size(crcs); i++) {
		struct journal_block *block = &journal->blocks[first + i];
		const char *text = json_string_value(json_array_get(crcs, i));
		uint64_t crc;

		if (!block->begun)
			return "a block is done that was never begun";
		if (!text || !rc_parse_hex(text, UINT32_MAX, &crc))
			return "a checksum is none";
		block->done = true;
		block->crc = (uint32_t)crc;
	}
	return NULL;
}

static const char *take_verdict(const json_t *line, struct journal *journal)
{
	if (!copy_string(line, "verdict", journal->verdict, sizeof(journal->verdict)))
		return "the verdict is missing";
	journal->finished = json_is_true(json_object_get(line, "final"));
	return NULL;
}

static const struct {
	const char *name;
	const char *(*take)(const json_t *line, struct journal *journal);
} events[] = {
	{ "rehearsed", take_rehearsed },
	{ "begin", take_begin },
	{ "done", take_done },
	{ "verdict", take_verdict },
};

/* What is wrong with the line, or NULL. */
static const char *take_line(const json_t *line, struct journal *journal)
{
	const char *event = json_string_value(json_object_get(line, "event"));

	if (json_object_get(line, "journal"))
		return take_plan(line, journal);
	if (!journal->present)
		return "the first line names no backup";
	for (size_t i = 0; event && i < RC_COUNT(events); i++)
		if (strcmp(event, events[i].name) == 0)
			return events[i].take(line, journal);
	return "it announces nothing that is known";
}

int journal_parse(struct rc_span text, const char *name, struct journal *journal,
		  struct rc_error *err)
{
	const char *at = (const char *)text.data;
	size_t left = text.size;
	const char *end;

	*journal = (struct journal){ 0 };
	for (unsigned number = 1; left > 0 && (end = memchr(at, '\n', left)); number++) {
		size_t size = (size_t)(end - at);
		const char *wrong = "it is too long";

		if (size < LINE_LIMIT) {
			json_t *line = json_loadb(at, size, JSON_REJECT_DUPLICATES, NULL);

			wrong = line ? take_line(line, journal) : "it is no JSON object";
			json_decref(line);
		}
		if (wrong)
			return rc_fail(err, RC_EFORMAT,
				       "%s, line %u: %s; what was written to the camera cannot be "
				       "told from it: move it and its backup away, and start anew "
				       "with another --backup FILE",
				       name, number, wrong);
		at += size + 1;
		left -= size + 1;
	}
	return 0;
}

int journal_load(const char *path, struct journal *journal, struct rc_error *err)
{
	struct rc_buffer text = { 0 };
	size_t whole;
	int result;

	*journal = (struct journal){ 0 };
	if (!rc_file_exists(path))
		return 0;
	result = rc_file_read(path, FILE_LIMIT, &text, err);
	if (!result)
		result = journal_parse((struct rc_span){ text.data, text.size }, path, journal,
				       err);
	for (whole = text.size; whole > 0 && text.data[whole - 1] != '\n'; whole--)
		;
	if (!result && whole < text.size)
		result = rc_file_replace(path, text.data, whole, 0600, err);
	rc_buffer_free(&text);
	return result;
}

/* ---- writing ---- */

static int add_line(const char *path, json_t *line, struct rc_error *err)
{
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	size_t size = text ? strlen(text) : 0;
	int result;

	if (!path) {
		result = 0;
	} else if (!text) {
		result = rc_fail_memory(err, LINE_LIMIT);
	} else {
		text[size] = '\n'; /* in the place of the NUL: one write, one line */
		result = rc_file_append(path, text, size + 1, err);
	}
	free(text);
	json_decref(line);
	return result;
}

int journal_add_plan(const char *path, const struct journal *plan, struct rc_error *err)
{
	time_t now = time(NULL);
	char date[24] = "";
	struct tm utc;

	if (gmtime_r(&now, &utc))
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return add_line(path,
			json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s}", "journal", JOURNAL_VERSION,
				  "recam", RECAM_VERSION, "date", date, "backup",
				  plan->backup_sha256, "target", plan->target_sha256, "chip",
				  plan->chip, "board", plan->board),
			err);
}

int journal_add_rehearsal(const char *path, const char *engine, struct rc_error *err)
{
	return add_line(path, json_pack("{s:s, s:s}", "event", "rehearsed", "engine", engine), err);
}

int journal_add_begin(const char *path, uint32_t offset, uint32_t size, struct rc_error *err)
{
	return add_line(path,
			json_pack("{s:s, s:I, s:I}", "event", "begin", "offset", (json_int_t)offset,
				  "size", (json_int_t)size),
			err);
}

int journal_add_done(const char *path, uint32_t offset, const uint32_t *crcs, size_t count,
		     struct rc_error *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		char crc[9];

		snprintf(crc, sizeof(crc), "%08" PRIx32, crcs[i]);
		json_array_append_new(list, json_string(crc));
	}
	return add_line(path,
			json_pack("{s:s, s:I, s:o}", "event", "done", "offset", (json_int_t)offset,
				  "crc32", list),
			err);
}

int journal_add_verdict(const char *path, const char *verdict, bool final, struct rc_error *err)
{
	return add_line(path,
			json_pack("{s:s, s:s, s:b}", "event", "verdict", "verdict", verdict,
				  "final", final),
			err);
}

int journal_set_aside(const char *path, struct rc_error *err)
{
	size_t size = strlen(path) + sizeof(".old");
	char *old = malloc(size);
	int result = 0;

	if (!old)
		return rc_fail_memory(err, size);
	snprintf(old, size, "%s.old", path);
	if (rename(path, old) && errno != ENOENT)
		result = rc_fail_errno(err, RC_EIO, errno, "cannot rename %s to %s", path, old);
	free(old);
	return result;
}
