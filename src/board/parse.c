/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Board files: sections, parts, and the file as a whole. */
#include "board/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_SUFFIX   ".part"
#define BOARD_SUFFIX  ".board"
#define ID_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

static int include_part(struct parser *parser, const struct ini_place *place, const char *key,
			const char *value, struct rc_error *err);

static const struct {
	const char *name;
	/* NULL: the section's keys are those of parse_keys. */
	int (*entry)(struct parser *parser, const struct ini_place *place, const char *key,
		     const char *value, struct rc_error *err);
} sections[SECTION_COUNT] = {
	[SECTION_TOP] = { "", include_part },
	[SECTION_CAMERA] = { "camera", NULL },
	[SECTION_LAYOUT] = { "layout", NULL },
	[SECTION_PARTITIONS] = { "partitions", parse_partition_row },
	[SECTION_CONSOLE] = { "console", NULL },
	[SECTION_UPDATE] = { "update", NULL },
	[SECTION_IDENTITY] = { "identity", NULL },
	[SECTION_PINS] = { "pins", parse_pin_row },
	[SECTION_BOOTLOADER] = { "bootloader", NULL },
	[SECTION_EVIDENCE] = { "evidence", parse_evidence_row },
};

const char *parse_section_name(enum section_id section)
{
	return sections[section].name;
}

/* "[bootloader NAME]": each such section is a bootloader of its own. */
static int open_bootloader(struct parser *parser, const struct ini_place *place, const char *name,
			   struct rc_error *err)
{
	struct board *board = parser->board;
	size_t count = board->bootloader_count;
	const struct key *keys;
	size_t key_count;

	if (strlen(name) == 0 || strlen(name) >= sizeof(board->bootloaders[0].name))
		return ini_fail(place, err,
				"a bootloader needs a name of 1 to %zu characters: "
				"[bootloader jul-2017]",
				sizeof(board->bootloaders[0].name) - 1);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(board->bootloaders[i].name, name) == 0)
			return ini_fail(
				place, err, "[bootloader %s] is there twice, first in %s:%u", name,
				parser->bootloader_at[i].file, parser->bootloader_at[i].line);
	}
	if (count == BOARD_MAX_BOOTLOADERS)
		return ini_fail(place, err, "there are more than %d bootloaders",
				BOARD_MAX_BOOTLOADERS);
	parser->bootloader_at[count] = *place;
	parser->bootloader = &board->bootloaders[count];
	parser->bootloader->origin = BOOTLOADER_UNKNOWN;
	snprintf(parser->bootloader->name, sizeof(parser->bootloader->name), "%s", name);
	board->bootloader_count++;
	keys = parse_keys(&key_count);
	for (size_t i = 0; i < key_count; i++) {
		if (keys[i].section == SECTION_BOOTLOADER)
			parser->seen[i] = (struct ini_place){ 0 };
	}
	return 0;
}

static int on_section(void *context, const struct ini_place *place, const char *name,
		      struct rc_error *err)
{
	static const char labelled[] = "bootloader ";
	struct parser *parser = context;
	enum section_id section = SECTION_CAMERA;
	bool is_bootloader = strncmp(name, labelled, strlen(labelled)) == 0;

	while (section < SECTION_COUNT && strcmp(sections[section].name, name) != 0)
		section++;
	if (is_bootloader || section == SECTION_BOOTLOADER) {
		section = SECTION_BOOTLOADER;
		if (open_bootloader(parser, place, is_bootloader ? name + strlen(labelled) : "",
				    err))
			return RC_EFORMAT;
	}
	if (section == SECTION_COUNT)
		return ini_fail(place, err,
				"there is no section [%s]: write camera, layout, partitions, "
				"console, update, identity, pins, bootloader NAME or evidence",
				name);
	parser->section = section;
	if (!parser->opened[section].file)
		parser->opened[section] = *place;
	return 0;
}

static int set_entry(struct parser *parser, const struct ini_place *place, const char *name,
		     const char *value, struct rc_error *err)
{
	size_t count, i = 0;
	const struct key *keys = parse_keys(&count);
	struct ini_place *seen;

	while (i < count && (keys[i].section != parser->section || strcmp(keys[i].name, name) != 0))
		i++;
	if (i == count)
		return ini_fail(place, err,
				"there is no key \"%s\" in [%s]: docs/boards.md lists those there "
				"are",
				name, parse_section_name(parser->section));
	seen = &parser->seen[i];
	if (seen->file && !keys[i].repeats)
		return ini_fail(place, err, "%s is there twice, first in %s:%u: keep one", name,
				seen->file, seen->line);
	*seen = *place;
	return keys[i].set(parser, &keys[i], place, value, err);
}

static int on_entry(void *context, const struct ini_place *place, const char *name,
		    const char *value, struct rc_error *err)
{
	struct parser *parser = context;

	if (!*value)
		return ini_fail(place, err, "%s has no value: write one, or take the line out",
				name);
	if (sections[parser->section].entry)
		return sections[parser->section].entry(parser, place, name, value, err);
	return set_entry(parser, place, name, value, err);
}

static int read_file(struct parser *parser, const char *file, struct rc_span text,
		     struct rc_error *err)
{
	const struct ini_events events = {
		.section = on_section,
		.entry = on_entry,
		.context = parser,
	};

	parser->section = SECTION_TOP;
	return ini_read(file, text, &events, err);
}

static bool is_part_name(const char *name)
{
	size_t size = strlen(name);
	size_t suffix = strlen(PART_SUFFIX);

	return size > suffix && strcmp(name + size - suffix, PART_SUFFIX) == 0 &&
	       strspn(name, ID_CHARACTERS) == size - suffix;
}

static int check_include(const struct parser *parser, const struct ini_place *place,
			 const char *name, struct rc_error *err)
{
	if (parser->in_part)
		return ini_fail(place, err, "a part includes no other part: include both in %s",
				parser->main_file);
	if (!is_part_name(name))
		return ini_fail(place, err,
				"\"%s\" is no part: write the name of a file beside this one, of "
				"a-z, 0-9 and -, that ends in " PART_SUFFIX,
				name);
	for (size_t i = 0; i < parser->included_count; i++) {
		if (strcmp(parser->included[i], name) == 0)
			return ini_fail(place, err, "%s is included twice", name);
	}
	if (!parser->parts->read)
		return ini_fail(place, err, "%s cannot be included: this file is in no folder",
				name);
	if (parser->included_count == MAX_PARTS)
		return ini_fail(place, err, "there are more than %d parts", MAX_PARTS);
	return 0;
}

/* The lines of another file of the same folder, as if they stood here. */
static int include_part(struct parser *parser, const struct ini_place *place, const char *key,
			const char *value, struct rc_error *err)
{
	struct rc_error why = { 0 };
	struct rc_buffer text;
	char *name;
	int result;

	if (strcmp(key, "include") != 0)
		return ini_fail(place, err,
				"\"%s\" stands before the first [section]: only include may", key);
	result = check_include(parser, place, value, err);
	if (result)
		return result;
	name = strdup(value);
	if (!name)
		return rc_fail_memory(err, strlen(value) + 1);
	/* Kept to the end: places in it name it. */
	parser->included[parser->included_count++] = name;
	if (parser->parts->read(parser->parts->context, value, &text, &why))
		return ini_fail(place, err, "cannot include %s: %s", value, why.text);
	parser->in_part = true;
	result = read_file(parser, name, (struct rc_span){ text.data, text.size }, err);
	parser->in_part = false;
	parser->section = SECTION_TOP;
	rc_buffer_free(&text);
	return result;
}
/* "boards/dafang.board" -> "dafang" */
static int take_id(const char *file, struct board *board, struct rc_error *err)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	size_t size = strlen(base);
	size_t suffix = strlen(BOARD_SUFFIX);

	if (size > suffix && strcmp(base + size - suffix, BOARD_SUFFIX) == 0)
		size -= suffix;
	if (size == 0 || size >= sizeof(board->id) || strspn(base, ID_CHARACTERS) < size)
		return rc_fail(err, RC_EFORMAT,
			       "%s: a board file is called ID" BOARD_SUFFIX ", the id of 1 to %zu "
			       "characters of a-z, 0-9 and -: rename it",
			       file, sizeof(board->id) - 1);
	snprintf(board->id, sizeof(board->id), "%.*s", (int)size, base);
	return 0;
}

static unsigned count_lines(struct rc_span text)
{
	unsigned lines = 1;

	for (size_t i = 0; i + 1 < text.size; i++)
		lines += text.data[i] == '\n';
	return lines;
}

int board_parse_with(const char *name, struct rc_span text, const struct board_parts *parts,
		     struct board *board, struct rc_error *err)
{
	struct parser *parser;
	int result;

	*board = (struct board){ 0 };
	result = take_id(name, board, err);
	if (result)
		return result;
	if (text.size > BOARD_FILE_LIMIT)
		return rc_fail(err, RC_ERANGE, "%s has %zu bytes, a board file at most %zu", name,
			       text.size, BOARD_FILE_LIMIT);
	parser = calloc(1, sizeof(*parser));
	if (!parser)
		return rc_fail_memory(err, sizeof(*parser));
	parser->board = board;
	parser->parts = parts;
	parser->main_file = name;
	result = read_file(parser, name, text, err);
	if (!result)
		result = parse_check(parser, count_lines(text), err);
	for (size_t i = 0; i < parser->included_count; i++)
		free(parser->included[i]);
	free(parser);
	if (result)
		board_clear(board);
	return result;
}

int board_parse(const char *name, struct rc_span text, struct board *board, struct rc_error *err)
{
	static const struct board_parts none = { 0 };

	return board_parse_with(name, text, &none, board, err);
}
