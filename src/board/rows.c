/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of board files: partitions, evidence, pins. */
#include "board/parser.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

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
		word[i] = parse_word(&rest);
	if (!word[3] || parse_word(&rest) || (word[4] && strcmp(word[4], "required") != 0))
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

int parse_partition_row(struct parser *parser, const struct ini_place *at, const char *key,
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
int parse_evidence_row(struct parser *parser, const struct ini_place *at, const char *key,
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

/* "39 active-low | what it is", "?" for a number that is not known. False: it is not that. */
static bool parse_pin(const char *value, struct board_pin *pin)
{
	char text[INI_LINE_LIMIT + 1];
	char *bar, *number, *level;
	char *rest = text;
	uint64_t gpio = 0;

	snprintf(text, sizeof(text), "%s", value);
	bar = strchr(text, '|');
	if (bar)
		*bar++ = '\0';
	number = parse_word(&rest);
	level = parse_word(&rest);
	if (!number || parse_word(&rest) || (level && strcmp(level, "active-low") != 0) ||
	    (strcmp(number, "?") != 0 && !rc_parse_number(number, 1023, &gpio)) ||
	    (bar && strlen(bar) >= sizeof(pin->note)))
		return false;
	pin->gpio = strcmp(number, "?") == 0 ? -1 : (int)gpio;
	pin->active_low = level != NULL;
	snprintf(pin->note, sizeof(pin->note), "%s", bar ? bar + strspn(bar, " ") : "");
	return true;
}

int parse_pin_row(struct parser *parser, const struct ini_place *at, const char *key,
		  const char *value, struct rc_error *err)
{
	struct board_pin *pins = parser->board->pins;
	size_t count = 0;

	for (; count < BOARD_MAX_PINS && pins[count].name[0]; count++) {
		if (strcmp(pins[count].name, key) == 0)
			return ini_fail(at, err, "pin %s is there twice", key);
	}
	if (count == BOARD_MAX_PINS || strlen(key) >= sizeof(pins->name))
		return ini_fail(at, err, "pin %s: there can be %d, with names of %zu characters",
				key, BOARD_MAX_PINS, sizeof(pins->name) - 1);
	if (!parse_pin(value, &pins[count]))
		return ini_fail(at, err,
				"a pin is \"%s\": write its GPIO number (or ?), active-low where "
				"it is, and | with at most %zu characters about it",
				value, sizeof(pins->note) - 1);
	snprintf(pins[count].name, sizeof(pins[count].name), "%s", key);
	return 0;
}
