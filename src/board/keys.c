/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of board files, what each value may be, and where it goes. docs/boards.md
 * explains them to people; the table at the end is what is true. */
#include "board/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MAX_PIECES 256

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
				key->repeats ? ", or write another such line" : "");
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

bool parse_size(const char *text, uint64_t max, uint64_t *value)
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

char *parse_word(char **rest)
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
	address = parse_word(&rest);
	size = parse_word(&rest);
	if (!size || parse_word(&rest) || !parse_size(address, UINT32_MAX, &number[0]) ||
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
	while ((word = parse_word(&rest))) {
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

static int set_word(struct parser *parser, const struct key *key, const struct ini_place *place,
		    const char *value, struct rc_error *err)
{
	uint64_t number;

	if (strlen(value) != 8 || !rc_parse_hex(value, UINT32_MAX, &number) || number == 0)
		return ini_fail(place, err, "%s is \"%s\": write 8 hex digits, as md.l shows them",
				key->name, value);
	*(uint32_t *)field_of(parser, key) = (uint32_t)number;
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
	while ((word = parse_word(&rest))) {
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
	{ SECTION_CAMERA, true, false, "name", set_text, BOARD_FIELD(name) },
	{ SECTION_CAMERA, true, false, "soc", set_text, BOARD_FIELD(soc) },
	{ SECTION_CAMERA, false, false, "ram", set_size, BOARD_FIELD(ram_size) },
	{ SECTION_CAMERA, false, false, "chips", set_hex_list, BOARD_FIELDS(chips) },
	{ SECTION_CAMERA, false, false, "refused", set_refused, BOARD_FIELD(why_refused) },
	{ SECTION_CAMERA, false, true, "note", set_text, BOARD_FIELDS(notes) },
	{ SECTION_LAYOUT, true, false, "flash", set_flash, BOARD_FIELD(layout.flash_size) },
	{ SECTION_LAYOUT, false, false, "mtdparts", set_mtdparts, BOARD_FIELD(mtdparts) },
	{ SECTION_LAYOUT, false, false, "own-table", set_yes, BOARD_FIELD(layout_from_mxpt) },
	{ SECTION_CONSOLE, true, false, "baud", set_baud, BOARD_FIELD(console.baud) },
	{ SECTION_CONSOLE, true, true, "prompt", set_quoted, BOARD_FIELDS(console.prompts) },
	{ SECTION_CONSOLE, true, false, "dialect", set_dialect, BOARD_FIELD(console.dialect) },
	{ SECTION_CONSOLE, true, false, "autoboot-key", set_autoboot_key,
	  BOARD_FIELD(console.autoboot_key) },
	{ SECTION_CONSOLE, true, false, "load", set_load, BOARD_FIELD(console.load_address) },
	{ SECTION_CONSOLE, false, false, "stop", set_text, BOARD_FIELD(console.stop) },
	{ SECTION_CONSOLE, false, false, "where", set_text, BOARD_FIELD(console.where) },
	{ SECTION_UPDATE, true, false, "file", set_text, BOARD_FIELD(update.file) },
	{ SECTION_UPDATE, false, false, "button", set_text, BOARD_FIELD(update.button) },
	{ SECTION_UPDATE, false, false, "note", set_text, BOARD_FIELD(update.note) },
	{ SECTION_IDENTITY, true, false, "partition", set_text, BOARD_FIELD(identity.partition) },
	{ SECTION_IDENTITY, false, false, "path", set_text, BOARD_FIELD(identity.path) },
	{ SECTION_IDENTITY, true, false, "kind", set_text, BOARD_FIELD(identity.kind) },
	{ SECTION_IDENTITY, false, false, "note", set_text, BOARD_FIELD(identity.note) },
	{ SECTION_BOOTLOADER, false, false, "version", set_text, LOADER_FIELD(version) },
	{ SECTION_BOOTLOADER, false, false, "sha256", set_sha256, LOADER_FIELD(sha256) },
	{ SECTION_BOOTLOADER, false, false, "dump-sha256", set_sha256, LOADER_FIELD(dump_sha256) },
	{ SECTION_BOOTLOADER, false, false, "origin", set_origin, LOADER_FIELD(origin) },
	{ SECTION_BOOTLOADER, false, false, "runs-exact", set_yes, LOADER_FIELD(runs_exact) },
	{ SECTION_BOOTLOADER, false, false, "misdetects", set_hex_list, LOADER_FIELDS(misdetects) },
	{ SECTION_BOOTLOADER, false, false, "makers", set_hex_list, LOADER_FIELDS(makers) },
	{ SECTION_BOOTLOADER, false, false, "fallback-id", set_word, LOADER_FIELD(fallback_id) },
	{ SECTION_BOOTLOADER, false, false, "fallback-id-word", set_word,
	  LOADER_FIELD(fallback_id_word) },
	{ SECTION_BOOTLOADER, false, false, "fallback-size-word", set_word,
	  LOADER_FIELD(fallback_size_word) },
	{ SECTION_BOOTLOADER, false, false, "runs-at", set_word, LOADER_FIELD(runs_at) },
	{ SECTION_BOOTLOADER, false, true, "note", set_text, LOADER_FIELDS(notes) },
	{ SECTION_BOOTLOADER, false, true, "piece-crc", set_piece_crc, 0, 0, MAX_PIECES },
};
_Static_assert(RC_COUNT(keys) <= MAX_KEYS, "struct parser has no room for all keys");

const struct key *parse_keys(size_t *count)
{
	*count = RC_COUNT(keys);
	return keys;
}
