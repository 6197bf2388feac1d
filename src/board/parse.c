/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Board files: which sections and keys there are, and what each becomes.
 * docs/boards.md explains them to people; the tables here are what is true.
 */
#include "board/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "board/strict_ini.h"

#define MAX_PARTS     8
#define MAX_PIECES    256
#define PART_SUFFIX   ".part"
#define BOARD_SUFFIX  ".board"
#define ID_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

enum section_id {
	SECTION_TOP, /* before the first [section] */
	SECTION_CAMERA,
	SECTION_LAYOUT,
	SECTION_PARTITIONS,
	SECTION_CONSOLE,
	SECTION_UPDATE,
	SECTION_IDENTITY,
	SECTION_PINS,
	SECTION_BOOTLOADER,
	SECTION_EVIDENCE,
	SECTION_COUNT
};

#define MAX_KEYS 48

struct parser {
	struct board *board;
	struct board_bootloader *bootloader; /* the one of the section that is open */
	const struct board_parts *parts;
	const char *main_file;
	char *included[MAX_PARTS]; /* names, owned */
	size_t included_count;
	bool in_part;
	enum section_id section;
	struct ini_place opened[SECTION_COUNT]; /* where each section was opened first */
	struct ini_place seen[MAX_KEYS];        /* beside keys[] */
	struct ini_place mtdparts_at;
	struct ini_place partition_at[RC_MAX_PARTITIONS];
	struct ini_place bootloader_at[BOARD_MAX_BOOTLOADERS];
};

struct key;
typedef int (*set_key)(struct parser *parser, const struct key *key, const struct ini_place *place,
		       const char *value, struct rc_error *err);

struct key {
	enum section_id section;
	const char *name;
	set_key set;
	size_t offset; /* of the field in struct board or struct board_bootloader */
	size_t size;   /* of one element */
	size_t count;  /* elements; more than 1: the key may be repeated */
	bool required;
};

static void *field_of(const struct parser *parser, const struct key *key)
{
	char *base = key->section == SECTION_BOOTLOADER ? (char *)parser->bootloader
							: (char *)parser->board;

	return base + key->offset;
}

/* Text in the first free one of key->count fields of key->size bytes. */
static int set_text(struct parser *parser, const struct key *key, const struct ini_place *place,
		    const char *value, struct rc_error *err)
{
	char *field = field_of(parser, key);
	size_t used = 0;

	while (used < key->count && field[used * key->size])
		used++;
	if (used == key->count)
		return ini_fail(place, err, "there are more than %zu lines of %s: join some",
				key->count, key->name);
	if (strlen(value) >= key->size)
		return ini_fail(place, err, "%s has %zu characters, %zu are the most: shorten it%s",
				key->name, strlen(value), key->size - 1,
				key->count > 1 ? ", or write another such line" : "");
	snprintf(field + used * key->size, key->size, "%s", value);
	return 0;
}

/* Text between double quotes, for what ends in a blank. */
static int set_quoted(struct parser *parser, const struct key *key, const struct ini_place *place,
		      const char *value, struct rc_error *err)
{
	size_t size = strlen(value);
	char text[INI_LINE_LIMIT];

	if (size < 3 || value[0] != '"' || value[size - 1] != '"')
		return ini_fail(place, err,
				"%s is \"%s\" without quotes: write %s = \"isvp_t20# \", because "
				"its last blank counts",
				key->name, value, key->name);
	snprintf(text, sizeof(text), "%.*s", (int)(size - 2), value + 1);
	return set_text(parser, key, place, text, err);
}

/* "16M", "256K", "0x40000", "65536". */
static bool parse_size(const char *text, uint64_t max, uint64_t *value)
{
	size_t size = text ? strlen(text) : 0;
	char digits[24];
	uint64_t unit = 1;

	if (size == 0 || size >= sizeof(digits))
		return false;
	snprintf(digits, sizeof(digits), "%s", text);
	if (strncmp(text, "0x", 2) != 0 && strchr("KM", text[size - 1])) {
		unit = text[size - 1] == 'M' ? RC_MIB(1) : RC_KIB(1);
		digits[size - 1] = '\0';
	}
	if (!rc_parse_number(digits, max / unit, value))
		return false;
	*value *= unit;
	return true;
}

static int set_size(struct parser *parser, const struct key *key, const struct ini_place *place,
		    const char *value, struct rc_error *err)
{
	uint64_t number;

	if (!parse_size(value, UINT32_MAX, &number) || number == 0)
		return ini_fail(place, err,
				"%s is \"%s\", which is no size: write 16M, 256K, 0x40000 or a "
				"number of bytes",
				key->name, value);
	*(uint32_t *)field_of(parser, key) = (uint32_t)number;
	return 0;
}

static int set_flash(struct parser *parser, const struct key *key, const struct ini_place *place,
		     const char *value, struct rc_error *err)
{
	uint32_t size;
	int result = set_size(parser, key, place, value, err);

	if (result)
		return result;
	size = parser->board->layout.flash_size;
	if (size > RC_MAX_FLASH || size < RC_ERASE_BLOCK || (size & (size - 1)) != 0)
		return ini_fail(place, err,
				"flash is 0x%x bytes: flash chips have a power of two, from "
				"0x%x to 0x%x",
				size, RC_ERASE_BLOCK, RC_MAX_FLASH);
	return 0;
}

static int set_yes(struct parser *parser, const struct key *key, const struct ini_place *place,
		   const char *value, struct rc_error *err)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return ini_fail(place, err, "%s is \"%s\": write yes or no", key->name, value);
	*(bool *)field_of(parser, key) = yes;
	return 0;
}

static int set_baud(struct parser *parser, const struct key *key, const struct ini_place *place,
		    const char *value, struct rc_error *err)
{
	uint64_t number;

	(void)key;
	if (!rc_parse_number(value, 4000000, &number) || number < 300)
		return ini_fail(place, err, "baud is \"%s\": write a number such as 115200", value);
	parser->board->console.baud = (unsigned)number;
	return 0;
}

static int set_refused(struct parser *parser, const struct key *key, const struct ini_place *place,
		       const char *value, struct rc_error *err)
{
	parser->board->refused = true;
	return set_text(parser, key, place, value, err);
}

static int set_mtdparts(struct parser *parser, const struct key *key, const struct ini_place *place,
			const char *value, struct rc_error *err)
{
	parser->mtdparts_at = *place;
	return set_text(parser, key, place, value, err);
}

static int set_dialect(struct parser *parser, const struct key *key, const struct ini_place *place,
		       const char *value, struct rc_error *err)
{
	if (strcmp(value, "ingenic") != 0 && strcmp(value, "mstar") != 0)
		return ini_fail(place, err,
				"there is no dialect \"%s\": write ingenic or mstar (src/console "
				"knows no other)",
				value);
	return set_text(parser, key, place, value, err);
}

static int set_autoboot_key(struct parser *parser, const struct key *key,
			    const struct ini_place *place, const char *value, struct rc_error *err)
{
	static const struct {
		const char *word;
		const char *bytes;
	} words[] = { { "space", " " }, { "return", "\r" }, { "escape", "\033" } };

	for (size_t i = 0; i < RC_COUNT(words); i++) {
		if (strcmp(words[i].word, value) == 0)
			return set_text(parser, key, place, words[i].bytes, err);
	}
	return ini_fail(place, err, "autoboot-key is \"%s\": write space, return or escape", value);
}

/* Takes the next blank-separated word off *rest, or returns NULL. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " ");
	size_t size = strcspn(word, " ");

	if (size == 0)
		return NULL;
	*rest = word + size;
	if (**rest) {
		**rest = '\0';
		++*rest;
	}
	return word;
}

static int set_load(struct parser *parser, const struct key *key, const struct ini_place *place,
		    const char *value, struct rc_error *err)
{
	char words[INI_LINE_LIMIT + 1];
	char *rest = words;
	char *address, *size;
	uint64_t number[2];

	(void)key;
	snprintf(words, sizeof(words), "%s", value);
	address = next_word(&rest);
	size = next_word(&rest);
	if (!size || next_word(&rest) || !parse_size(address, UINT32_MAX, &number[0]) ||
	    !parse_size(size, UINT32_MAX, &number[1]) || number[0] + number[1] > UINT32_MAX ||
	    number[1] < RC_ERASE_BLOCK)
		return ini_fail(place, err,
				"load is \"%s\": write the address of free RAM and its size, "
				"0x80600000 16M",
				value);
	parser->board->console.load_address = (uint32_t)number[0];
	parser->board->console.load_size = (uint32_t)number[1];
	return 0;
}

/* Words as hex numbers of exactly digits digits, appended to a list that 0 ends. */
static int set_hex_list(struct parser *parser, const struct key *key, const struct ini_place *place,
			const char *value, struct rc_error *err)
{
	size_t digits = key->size == 1 ? 2 : 6;
	char *field = field_of(parser, key);
	char words[INI_LINE_LIMIT + 1];
	char *rest = words;
	char *word;
	size_t used = 0;
	uint64_t number;

	snprintf(words, sizeof(words), "%s", value);
	while ((word = next_word(&rest))) {
		uint32_t id;

		if (strlen(word) != digits || !rc_parse_hex(word, UINT32_MAX, &number) || !number)
			return ini_fail(place, err, "%s has \"%s\": write %zu hex digits, as %s",
					key->name, word, digits, digits == 2 ? "c8" : "c84018");
		if (used + 1 >= key->count)
			return ini_fail(place, err, "%s has more than %zu numbers", key->name,
					key->count - 1);
		id = (uint32_t)number;
		if (key->size == 1)
			((uint8_t *)field)[used++] = (uint8_t)id;
		else
			((uint32_t *)(void *)field)[used++] = id;
	}
	return 0;
}

static int set_sha256(struct parser *parser, const struct key *key, const struct ini_place *place,
		      const char *value, struct rc_error *err)
{
	size_t size = strlen(value);

	if (strspn(value, "0123456789abcdef") != size || size < 16 || size > 64)
		return ini_fail(place, err,
				"%s is \"%s\": write 16 to 64 lower-case hex digits of the digest",
				key->name, value);
	return set_text(parser, key, place, value, err);
}

static int set_origin(struct parser *parser, const struct key *key, const struct ini_place *place,
		      const char *value, struct rc_error *err)
{
	(void)key;
	for (int i = BOOTLOADER_STOCK; i <= BOOTLOADER_UNKNOWN; i++) {
		if (strcmp(value, bootloader_origin_name((enum bootloader_origin)i)) == 0) {
			parser->bootloader->origin = (enum bootloader_origin)i;
			return 0;
		}
	}
	return ini_fail(place, err, "origin is \"%s\": write stock, open or unknown", value);
}

static int set_piece_crc(struct parser *parser, const struct key *key,
			 const struct ini_place *place, const char *value, struct rc_error *err)
{
	struct board_bootloader *bootloader = parser->bootloader;
	char words[INI_LINE_LIMIT + 1];
	char *rest = words;
	char *word;
	uint64_t number;

	(void)key;
	if (!bootloader->piece_crc)
		bootloader->piece_crc = calloc(MAX_PIECES, sizeof(uint32_t));
	if (!bootloader->piece_crc)
		return rc_fail_memory(err, MAX_PIECES * sizeof(uint32_t));
	snprintf(words, sizeof(words), "%s", value);
	while ((word = next_word(&rest))) {
		if (strlen(word) != 8 || !rc_parse_hex(word, UINT32_MAX, &number))
			return ini_fail(place, err,
					"piece-crc has \"%s\": write CRC-32 values of 8 hex digits",
					word);
		if (bootloader->piece_count == MAX_PIECES)
			return ini_fail(place, err,
					"there are more than %d piece-crc values, one for each "
					"4 KiB: no boot partition is that large",
					MAX_PIECES);
		bootloader->piece_crc[bootloader->piece_count++] = (uint32_t)number;
	}
	return 0;
}

static int include_part(struct parser *parser, const struct key *key, const struct ini_place *place,
			const char *value, struct rc_error *err);

#define BOARD_FIELD(field) offsetof(struct board, field), sizeof(((struct board *)0)->field), 1
#define BOARD_FIELDS(field)                                                   \
	offsetof(struct board, field), sizeof(((struct board *)0)->field[0]), \
		RC_COUNT(((struct board *)0)->field)
#define LOADER_FIELD(field) \
	offsetof(struct board_bootloader, field), sizeof(((struct board_bootloader *)0)->field), 1
#define LOADER_FIELDS(field)                                      \
	offsetof(struct board_bootloader, field),                 \
		sizeof(((struct board_bootloader *)0)->field[0]), \
		RC_COUNT(((struct board_bootloader *)0)->field)

static const struct key keys[] = {
	{ SECTION_TOP, "include", include_part, 0, 0, MAX_PARTS, false },
	{ SECTION_CAMERA, "name", set_text, BOARD_FIELD(name), true },
	{ SECTION_CAMERA, "soc", set_text, BOARD_FIELD(soc), true },
	{ SECTION_CAMERA, "ram", set_size, BOARD_FIELD(ram_size), false },
	{ SECTION_CAMERA, "chips", set_hex_list, BOARD_FIELDS(chips), false },
	{ SECTION_CAMERA, "refused", set_refused, BOARD_FIELD(why_refused), false },
	{ SECTION_CAMERA, "note", set_text, BOARD_FIELDS(notes), false },
	{ SECTION_LAYOUT, "flash", set_flash, BOARD_FIELD(layout.flash_size), true },
	{ SECTION_LAYOUT, "mtdparts", set_mtdparts, BOARD_FIELD(mtdparts), false },
	{ SECTION_LAYOUT, "own-table", set_yes, BOARD_FIELD(layout_from_mxpt), false },
	{ SECTION_CONSOLE, "baud", set_baud, BOARD_FIELD(console.baud), true },
	{ SECTION_CONSOLE, "prompt", set_quoted, BOARD_FIELDS(console.prompts), true },
	{ SECTION_CONSOLE, "dialect", set_dialect, BOARD_FIELD(console.dialect), true },
	{ SECTION_CONSOLE, "autoboot-key", set_autoboot_key, BOARD_FIELD(console.autoboot_key),
	  true },
	{ SECTION_CONSOLE, "load", set_load, BOARD_FIELD(console.load_address), true },
	{ SECTION_CONSOLE, "stop", set_text, BOARD_FIELD(console.stop), false },
	{ SECTION_CONSOLE, "where", set_text, BOARD_FIELD(console.where), false },
	{ SECTION_UPDATE, "file", set_text, BOARD_FIELD(update.file), true },
	{ SECTION_UPDATE, "button", set_text, BOARD_FIELD(update.button), false },
	{ SECTION_UPDATE, "note", set_text, BOARD_FIELD(update.note), false },
	{ SECTION_IDENTITY, "partition", set_text, BOARD_FIELD(identity.partition), true },
	{ SECTION_IDENTITY, "path", set_text, BOARD_FIELD(identity.path), false },
	{ SECTION_IDENTITY, "kind", set_text, BOARD_FIELD(identity.kind), true },
	{ SECTION_IDENTITY, "note", set_text, BOARD_FIELD(identity.note), false },
	{ SECTION_BOOTLOADER, "version", set_text, LOADER_FIELD(version), false },
	{ SECTION_BOOTLOADER, "sha256", set_sha256, LOADER_FIELD(sha256), false },
	{ SECTION_BOOTLOADER, "dump-sha256", set_sha256, LOADER_FIELD(dump_sha256), false },
	{ SECTION_BOOTLOADER, "origin", set_origin, LOADER_FIELD(origin), false },
	{ SECTION_BOOTLOADER, "runs-exact", set_yes, LOADER_FIELD(runs_exact), false },
	{ SECTION_BOOTLOADER, "misdetects", set_hex_list, LOADER_FIELDS(misdetects), false },
	{ SECTION_BOOTLOADER, "makers", set_hex_list, LOADER_FIELDS(makers), false },
	{ SECTION_BOOTLOADER, "note", set_text, LOADER_FIELDS(notes), false },
	{ SECTION_BOOTLOADER, "piece-crc", set_piece_crc, 0, 0, MAX_PIECES, false },
};
_Static_assert(RC_COUNT(keys) <= MAX_KEYS, "struct parser has no room for all keys");

static const struct partition_word {
	const char *name;
	enum partition_role role;
} role_words[] = {
	{ "other", ROLE_OTHER },
	{ "boot", ROLE_BOOT },
	{ "kernel", ROLE_KERNEL },
	{ "root", ROLE_ROOT },
	{ "driver", ROLE_DRIVER },
	{ "app", ROLE_APP },
	{ "backup-kernel", ROLE_BACKUP_KERNEL },
	{ "backup-driver", ROLE_BACKUP_DRIVER },
	{ "backup-app", ROLE_BACKUP_APP },
	{ "settings", ROLE_SETTINGS },
	{ "identity", ROLE_IDENTITY },
	{ "flag", ROLE_FLAG },
};
_Static_assert(RC_COUNT(role_words) == ROLE_COUNT, "a role without its word");

const char *role_name(enum partition_role role)
{
	return role_words[role].name;
}

static bool role_find(const char *name, enum partition_role *role)
{
	for (size_t i = 0; i < RC_COUNT(role_words); i++) {
		if (strcmp(role_words[i].name, name) == 0) {
			*role = role_words[i].role;
			return true;
		}
	}
	return false;
}

/* "OFFSET SIZE ROLE FORMAT [required]" */
static int parse_partition(const char *value, struct partition *place,
			   struct board_partition *partition, const struct ini_place *at,
			   struct rc_error *err)
{
	char words[INI_LINE_LIMIT + 1];
	char *rest = words;
	char *word[5] = { NULL };
	uint64_t offset, size;

	snprintf(words, sizeof(words), "%s", value);
	for (size_t i = 0; i < RC_COUNT(word); i++)
		word[i] = next_word(&rest);
	if (!word[3] || next_word(&rest) || (word[4] && strcmp(word[4], "required") != 0))
		return ini_fail(at, err,
				"a partition is \"%s\": write OFFSET SIZE ROLE FORMAT, and "
				"required behind it where the camera needs it",
				value);
	if (!parse_size(word[0], UINT32_MAX, &offset) || !parse_size(word[1], UINT32_MAX, &size) ||
	    size == 0 || offset % RC_ERASE_BLOCK || size % RC_ERASE_BLOCK)
		return ini_fail(at, err,
				"offset %s and size %s are not both multiples of 0x%x, the erase "
				"block that everything here works in",
				word[0], word[1], RC_ERASE_BLOCK);
	if (!role_find(word[2], &partition->role))
		return ini_fail(at, err, "there is no role \"%s\": docs/boards.md lists them",
				word[2]);
	partition->format = format_find(word[3]);
	if (!partition->format && strcmp(word[3], "any") != 0)
		return ini_fail(at, err,
				"there is no format \"%s\": write one of docs/boards.md, or any",
				word[3]);
	partition->required = word[4] != NULL;
	place->offset = (uint32_t)offset;
	place->size = (uint32_t)size;
	return 0;
}

static int add_partition(struct parser *parser, const struct ini_place *at, const char *key,
			 const char *value, struct rc_error *err)
{
	struct layout *layout = &parser->board->layout;
	struct partition *place = &layout->partitions[layout->count];

	if (layout->count == RC_MAX_PARTITIONS)
		return ini_fail(at, err, "there are more than %d partitions", RC_MAX_PARTITIONS);
	if (strlen(key) >= sizeof(place->name))
		return ini_fail(at, err,
				"\"%s\" is too long for a partition's name: %zu are the most", key,
				sizeof(place->name) - 1);
	if (layout_find(layout, key))
		return ini_fail(at, err, "partition %s is there twice (or under its other name)",
				key);
	parser->partition_at[layout->count] = *at;
	if (parse_partition(value, place, &parser->board->partitions[layout->count], at, err))
		return RC_EFORMAT;
	snprintf(place->name, sizeof(place->name), "%s", key);
	layout->count++;
	return 0;
}

/* Cuts "A | B | C" in three, blanks trimmed. False where it is not that. */
static bool split_bars(char *text, char *part[3])
{
	for (size_t i = 0; i < 3; i++) {
		char *bar = strchr(text, '|');
		size_t size;

		if ((bar == NULL) != (i == 2))
			return false;
		if (bar)
			*bar = '\0';
		text += strspn(text, " ");
		size = strlen(text);
		while (size > 0 && text[size - 1] == ' ')
			text[--size] = '\0';
		if (size == 0)
			return false;
		part[i] = text;
		text = bar ? bar + 1 : text;
	}
	return true;
}

static bool parse_weight(const char *text, int *weight)
{
	uint64_t number;
	bool negative = text[0] == '-';

	if (!rc_parse_number(text + negative, 100, &number) || number == 0)
		return false;
	*weight = negative ? -(int)number : (int)number;
	return true;
}

/* "KIND = PATTERN | WEIGHT | what that stands for" */
static int add_evidence(struct parser *parser, const struct ini_place *at, const char *key,
			const char *value, struct rc_error *err)
{
	struct board *board = parser->board;
	struct board_evidence *evidence = &board->evidence[board->evidence_count];
	char text[INI_LINE_LIMIT + 1];
	char *part[3];

	if (!clue_kind_find(key))
		return ini_fail(at, err, "there is no kind of clue \"%s\": write one of %s", key,
				clue_kind_names());
	if (board->evidence_count == BOARD_MAX_EVIDENCE)
		return ini_fail(at, err, "there are more than %d lines of evidence",
				BOARD_MAX_EVIDENCE);
	snprintf(text, sizeof(text), "%s", value);
	if (!split_bars(text, part))
		return ini_fail(at, err,
				"evidence is \"%s\": write PATTERN | WEIGHT | what it stands for",
				value);
	if (!parse_weight(part[1], &evidence->weight))
		return ini_fail(at, err,
				"a weight is \"%s\": write 1 to 100, or -1 to -100 where it speaks "
				"against this camera",
				part[1]);
	if (strlen(part[0]) >= sizeof(evidence->pattern) ||
	    strlen(part[2]) >= sizeof(evidence->because))
		return ini_fail(at, err,
				"a pattern has at most %zu characters, and what it stands for %zu",
				sizeof(evidence->pattern) - 1, sizeof(evidence->because) - 1);
	snprintf(evidence->kind, sizeof(evidence->kind), "%s", key);
	snprintf(evidence->pattern, sizeof(evidence->pattern), "%s", part[0]);
	snprintf(evidence->because, sizeof(evidence->because), "%s", part[2]);
	board->evidence_count++;
	return 0;
}

/* "NAME = 39 active-low | what it is", "?" for a number that is not known */
static int add_pin(struct parser *parser, const struct ini_place *at, const char *key,
		   const char *value, struct rc_error *err)
{
	struct board_pin *pin = parser->board->pins;
	char text[INI_LINE_LIMIT + 1];
	char *bar, *number, *level;
	char *rest = text;
	uint64_t gpio = 0;

	while (pin < parser->board->pins + BOARD_MAX_PINS && pin->name[0]) {
		if (strcmp(pin->name, key) == 0)
			return ini_fail(at, err, "pin %s is there twice", key);
		pin++;
	}
	if (pin == parser->board->pins + BOARD_MAX_PINS || strlen(key) >= sizeof(pin->name))
		return ini_fail(at, err, "pin %s: there can be %d, with names of %zu characters",
				key, BOARD_MAX_PINS, sizeof(pin->name) - 1);
	snprintf(text, sizeof(text), "%s", value);
	bar = strchr(text, '|');
	if (bar)
		*bar++ = '\0';
	number = next_word(&rest);
	level = next_word(&rest);
	if (!number || next_word(&rest) || (level && strcmp(level, "active-low") != 0) ||
	    (strcmp(number, "?") != 0 && !rc_parse_number(number, 1023, &gpio)) ||
	    (bar && strlen(bar) >= sizeof(pin->note)))
		return ini_fail(at, err,
				"a pin is \"%s\": write its GPIO number (or ?), active-low where "
				"it is, and | with at most %zu characters about it",
				value, sizeof(pin->note) - 1);
	snprintf(pin->name, sizeof(pin->name), "%s", key);
	pin->gpio = strcmp(number, "?") == 0 ? -1 : (int)gpio;
	pin->active_low = level != NULL;
	snprintf(pin->note, sizeof(pin->note), "%s", bar ? bar + strspn(bar, " ") : "");
	return 0;
}

static const struct {
	const char *name;
	/* Where the keys are names that the file makes up; NULL: those of keys[]. */
	int (*entry)(struct parser *parser, const struct ini_place *place, const char *key,
		     const char *value, struct rc_error *err);
} sections[SECTION_COUNT] = {
	[SECTION_TOP] = { "", NULL },
	[SECTION_CAMERA] = { "camera", NULL },
	[SECTION_LAYOUT] = { "layout", NULL },
	[SECTION_PARTITIONS] = { "partitions", add_partition },
	[SECTION_CONSOLE] = { "console", NULL },
	[SECTION_UPDATE] = { "update", NULL },
	[SECTION_IDENTITY] = { "identity", NULL },
	[SECTION_PINS] = { "pins", add_pin },
	[SECTION_BOOTLOADER] = { "bootloader", NULL },
	[SECTION_EVIDENCE] = { "evidence", add_evidence },
};

/* "[bootloader NAME]": each such section is a bootloader of its own. */
static int open_bootloader(struct parser *parser, const struct ini_place *place, const char *name,
			   struct rc_error *err)
{
	struct board *board = parser->board;
	size_t count = board->bootloader_count;

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
	for (size_t i = 0; i < RC_COUNT(keys); i++) {
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

static const struct key *key_find(enum section_id section, const char *name)
{
	for (size_t i = 0; i < RC_COUNT(keys); i++) {
		if (keys[i].section == section && strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	return NULL;
}

static int on_entry(void *context, const struct ini_place *place, const char *name,
		    const char *value, struct rc_error *err)
{
	struct parser *parser = context;
	const struct key *key = key_find(parser->section, name);
	struct ini_place *seen;

	if (!*value)
		return ini_fail(place, err, "%s has no value: write one, or take the line out",
				name);
	if (sections[parser->section].entry)
		return sections[parser->section].entry(parser, place, name, value, err);
	if (!key && parser->section == SECTION_TOP)
		return ini_fail(place, err,
				"\"%s\" stands before the first [section]: only include may", name);
	if (!key)
		return ini_fail(place, err,
				"there is no key \"%s\" in [%s]: docs/boards.md lists "
				"those there are",
				name, sections[parser->section].name);
	seen = &parser->seen[key - keys];
	if (seen->file && (key->count == 1 || key->set == set_hex_list))
		return ini_fail(place, err, "%s is there twice, first in %s:%u: keep one", name,
				seen->file, seen->line);
	*seen = *place;
	return key->set(parser, key, place, value, err);
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

/* The lines of another file of the same folder, as if they stood here. */
static int include_part(struct parser *parser, const struct key *key, const struct ini_place *place,
			const char *value, struct rc_error *err)
{
	struct rc_buffer text;
	int result;

	(void)key;
	if (parser->in_part)
		return ini_fail(place, err, "a part includes no other part: include both in %s",
				parser->main_file);
	if (!is_part_name(value))
		return ini_fail(place, err,
				"\"%s\" is no part: write the name of a file beside this one, of "
				"a-z, 0-9 and -, that ends in " PART_SUFFIX,
				value);
	for (size_t i = 0; i < parser->included_count; i++) {
		if (strcmp(parser->included[i], value) == 0)
			return ini_fail(place, err, "%s is included twice", value);
	}
	if (!parser->parts->read || parser->included_count == MAX_PARTS)
		return ini_fail(place, err, "%s cannot be included here (%d parts are the most)",
				value, parser->parts->read ? MAX_PARTS : 0);
	parser->included[parser->included_count] = strdup(value);
	if (!parser->included[parser->included_count])
		return rc_fail_memory(err, strlen(value) + 1);
	parser->included_count++;
	result = parser->parts->read(parser->parts->context, value, &text, err);
	if (result)
		return ini_fail(place, err, "cannot include %s: no such file can be read", value);
	parser->in_part = true;
	result = read_file(parser, parser->included[parser->included_count - 1],
			   (struct rc_span){ text.data, text.size }, err);
	parser->in_part = false;
	parser->section = SECTION_TOP;
	rc_buffer_free(&text);
	return result;
}

/* Overlaps, order, and the end of the flash. */
static int check_layout(const struct parser *parser, struct rc_error *err)
{
	const struct layout *layout = &parser->board->layout;
	uint64_t behind = 0;

	for (size_t i = 0; i < layout->count; i++) {
		const struct partition *place = &layout->partitions[i];
		uint64_t end = (uint64_t)place->offset + place->size;

		if (place->offset < behind)
			return ini_fail(&parser->partition_at[i], err,
					"%s at 0x%x begins before %s ends, at 0x%llx: partitions "
					"do not overlap, and stand in the order of their offsets",
					place->name, place->offset, layout->partitions[i - 1].name,
					(unsigned long long)behind);
		if (end > layout->flash_size)
			return ini_fail(&parser->partition_at[i], err,
					"%s ends at 0x%llx, beyond the flash of 0x%x bytes",
					place->name, (unsigned long long)end, layout->flash_size);
		behind = end;
	}
	return 0;
}

/* mtdparts is kept as the kernel gets it; it must say what [partitions] says. */
static int check_mtdparts(const struct parser *parser, struct rc_error *err)
{
	const struct board *board = parser->board;
	struct rc_error why = { 0 };
	struct layout told;

	if (!board->mtdparts[0])
		return 0;
	if (layout_parse_mtdparts(board->mtdparts, strlen(board->mtdparts),
				  board->layout.flash_size, &told, &why))
		return ini_fail(&parser->mtdparts_at, err, "%s", why.text);
	if (told.count != board->layout.count)
		return ini_fail(&parser->mtdparts_at, err,
				"mtdparts has %zu partitions, [partitions] has %zu", told.count,
				board->layout.count);
	for (size_t i = 0; i < told.count; i++) {
		const struct partition *a = &told.partitions[i];
		const struct partition *b = &board->layout.partitions[i];

		if (strcmp(a->name, b->name) != 0 || a->offset != b->offset || a->size != b->size)
			return ini_fail(&parser->partition_at[i], err,
					"%s is 0x%x + 0x%x here, and mtdparts has %s at "
					"0x%x + 0x%x in its place",
					b->name, b->offset, b->size, a->name, a->offset, a->size);
	}
	return 0;
}

/* Where a thing is missing: the head of its section, or the file's end. */
static struct ini_place place_of(const struct parser *parser, enum section_id section,
				 unsigned lines)
{
	if (parser->opened[section].file)
		return parser->opened[section];
	return (struct ini_place){ .file = parser->main_file, .line = lines };
}

static int check_required(const struct parser *parser, unsigned lines, struct rc_error *err)
{
	static const bool optional[SECTION_COUNT] = {
		[SECTION_UPDATE] = true,
		[SECTION_IDENTITY] = true,
		[SECTION_BOOTLOADER] = true,
	};

	for (size_t i = 0; i < RC_COUNT(keys); i++) {
		enum section_id section = keys[i].section;
		struct ini_place place = place_of(parser, section, lines);
		bool wanted = keys[i].required &&
			      (parser->opened[section].file || !optional[section]) &&
			      (section == SECTION_CAMERA || !parser->board->refused);

		if (wanted && !parser->seen[i].file)
			return ini_fail(&place, err, "[%s] has no %s: add \"%s = ...\"",
					sections[section].name, keys[i].name, keys[i].name);
	}
	return 0;
}

static int check_whole(const struct parser *parser, unsigned lines, struct rc_error *err)
{
	const struct board *board = parser->board;
	struct ini_place place;

	if (check_required(parser, lines, err) || check_layout(parser, err) ||
	    check_mtdparts(parser, err))
		return RC_EFORMAT;
	if (board->layout.count == 0 && !board->refused) {
		place = place_of(parser, SECTION_PARTITIONS, lines);
		return ini_fail(&place, err,
				"there is no partition in [partitions]: add "
				"\"NAME = OFFSET SIZE ROLE FORMAT\"");
	}
	if (board->evidence_count == 0 && board->bootloader_count == 0) {
		place = place_of(parser, SECTION_EVIDENCE, lines);
		return ini_fail(&place, err,
				"nothing tells this camera from others: add to [evidence]");
	}
	if (board->identity.partition[0] &&
	    !layout_find(&board->layout, board->identity.partition)) {
		place = parser->opened[SECTION_IDENTITY];
		return ini_fail(&place, err, "identity lies in \"%s\", which is no partition here",
				board->identity.partition);
	}
	for (size_t i = 0; i < board->bootloader_count; i++) {
		const struct board_bootloader *loader = &board->bootloaders[i];

		if (!loader->version[0] && !loader->sha256[0] && !loader->dump_sha256[0])
			return ini_fail(&parser->bootloader_at[i], err,
					"[bootloader %s] has neither version nor sha256: nothing "
					"could be told to be it",
					loader->name);
	}
	return 0;
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
		result = check_whole(parser, count_lines(text), err);
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
