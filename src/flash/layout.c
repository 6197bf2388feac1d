/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flash/layout.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"

/* Larger than any flash, small enough that sums of two never overflow. */
#define NUMBER_MAX ((uint64_t)1 << 40)

struct reader {
	const char *at;
	const char *end;
};

static int peek(const struct reader *reader)
{
	return reader->at < reader->end ? (unsigned char)*reader->at : '\0';
}

static bool take(struct reader *reader, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0)
		return false;
	reader->at += size;
	return true;
}

static int digit_value(int c, unsigned base)
{
	int value = isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : 16;

	return value < (int)base ? value : -1;
}

/* "256k", "2M", "0x40000", "65536": as the kernel's memparse reads them. */
static bool take_size(struct reader *reader, uint64_t *value)
{
	unsigned base = take(reader, "0x") || take(reader, "0X") ? 16 : 10;
	const char *first = reader->at;

	*value = 0;
	while (digit_value(peek(reader), base) >= 0) {
		*value = *value * base + (unsigned)digit_value(peek(reader), base);
		if (*value > NUMBER_MAX)
			return false;
		reader->at++;
	}
	if (reader->at == first)
		return false;
	if (take(reader, "k") || take(reader, "K"))
		*value <<= 10;
	else if (take(reader, "m") || take(reader, "M"))
		*value <<= 20;
	return *value <= NUMBER_MAX;
}

static int fail_at(const struct reader *reader, const char *start, const char *wanted,
		   struct rc_error *err)
{
	size_t shown = (size_t)(reader->end - reader->at);

	if (shown > 24)
		shown = 24;
	return rc_fail(err, RC_EFORMAT,
		       "mtdparts: at character %zu comes \"%.*s\" where %s should be",
		       (size_t)(reader->at - start) + 1, (int)shown, reader->at, wanted);
}

/* "(name)", and the flags behind it. */
static int take_name(struct reader *reader, const char *start, char name[RC_PARTITION_NAME],
		     struct rc_error *err)
{
	const char *first;
	size_t size;

	if (!take(reader, "("))
		return fail_at(reader, start, "a name in brackets", err);
	first = reader->at;
	while (isgraph(peek(reader)) && peek(reader) != ')')
		reader->at++;
	size = (size_t)(reader->at - first);
	if (peek(reader) != ')')
		return fail_at(reader, start, "the name's closing bracket", err);
	if (size == 0 || size >= RC_PARTITION_NAME)
		return rc_fail(
			err, RC_EFORMAT,
			"mtdparts: a partition's name has %zu characters, it can have 1 to %d",
			size, RC_PARTITION_NAME - 1);
	memcpy(name, first, size);
	name[size] = '\0';
	reader->at++;
	if (take(reader, "ro"))
		take(reader, "lk");
	return 0;
}

struct part_words {
	char name[RC_PARTITION_NAME];
	uint64_t size;
	bool is_rest; /* "-" */
	uint64_t offset;
	bool has_offset;
};

static int take_part(struct reader *reader, const char *start, struct part_words *part,
		     struct rc_error *err)
{
	*part = (struct part_words){ 0 };
	if (take(reader, "-"))
		part->is_rest = true;
	else if (!take_size(reader, &part->size))
		return fail_at(reader, start, "a size (256k, 2m, 0x40000) or \"-\"", err);
	if (take(reader, "@")) {
		part->has_offset = true;
		if (!take_size(reader, &part->offset))
			return fail_at(reader, start, "an offset", err);
	}
	return take_name(reader, start, part->name, err);
}

static int add_part(struct layout *layout, const struct part_words *part, struct rc_error *err)
{
	const struct partition *last = layout->count ? &layout->partitions[layout->count - 1]
						     : NULL;
	uint64_t behind = last ? (uint64_t)last->offset + last->size : 0;
	uint64_t offset = part->has_offset ? part->offset : behind;
	uint64_t size = part->size;
	struct partition *added;

	if (layout->count == RC_MAX_PARTITIONS)
		return rc_fail(err, RC_ERANGE, "mtdparts: more than %d partitions",
			       RC_MAX_PARTITIONS);
	if (offset < behind)
		return rc_fail(err, RC_EFORMAT,
			       "mtdparts: %s at 0x%" PRIx64
			       " overlaps %s, which ends at 0x%" PRIx64,
			       part->name, offset, last->name, behind);
	if (part->is_rest && offset < layout->flash_size)
		size = layout->flash_size - offset;
	if (size == 0)
		return rc_fail(err, RC_ERANGE,
			       "mtdparts: nothing is left for %s at 0x%" PRIx64
			       " of a flash of 0x%" PRIx32 " bytes",
			       part->name, offset, layout->flash_size);
	if (offset + size > layout->flash_size)
		return rc_fail(err, RC_ERANGE,
			       "mtdparts: %s (0x%" PRIx64 " bytes at 0x%" PRIx64
			       ") ends at 0x%" PRIx64 ", behind the end of the flash at 0x%" PRIx32,
			       part->name, size, offset, offset + size, layout->flash_size);
	for (size_t i = 0; i < layout->count; i++)
		if (strcasecmp(layout->partitions[i].name, part->name) == 0)
			return rc_fail(err, RC_EFORMAT, "mtdparts: two partitions are called %s",
				       part->name);
	added = &layout->partitions[layout->count++];
	memcpy(added->name, part->name, sizeof(added->name));
	added->offset = (uint32_t)offset;
	added->size = (uint32_t)size;
	return 0;
}

/* Takes "mtdparts=" and "DEVICE:" away; cuts at the blank or NUL that ends the word. */
static struct reader partition_list(const char *text, size_t size)
{
	struct reader reader = { text, text + size };

	take(&reader, "mtdparts=");
	for (const char *c = reader.at; c < reader.end; c++)
		if (*c == '\0' || isspace((unsigned char)*c))
			reader.end = c;
	for (const char *c = reader.at; c < reader.end && *c != '(' && *c != ','; c++)
		if (*c == ':') {
			reader.at = c + 1;
			break;
		}
	return reader;
}

int layout_parse_mtdparts(const char *text, size_t size, uint32_t flash_size, struct layout *layout,
			  struct rc_error *err)
{
	struct reader reader = partition_list(text, size);
	struct part_words part = { 0 };
	int result;

	*layout = (struct layout){ .flash_size = flash_size };
	if (flash_size == 0 || flash_size > RC_MAX_FLASH)
		return rc_fail(err, RC_ERANGE,
			       "mtdparts: a flash of %" PRIu32
			       " bytes is no flash of a camera (1 to %u)",
			       flash_size, RC_MAX_FLASH);
	do {
		if (part.is_rest)
			return rc_fail(
				err, RC_EFORMAT,
				"mtdparts: %s takes all the rest (\"-\"), yet more follows it",
				part.name);
		result = take_part(&reader, text, &part, err);
		if (result == 0)
			result = add_part(layout, &part, err);
		if (result < 0)
			return result;
	} while (take(&reader, ","));
	if (reader.at != reader.end)
		return fail_at(&reader, text, "a comma or the end", err);
	return 0;
}

/* Names that firmware folders and vendors use for one and the same partition. */
static const char *canonical(const char *name)
{
	if (strcasecmp(name, "uboot") == 0)
		return "boot";
	if (strcasecmp(name, "rootfs") == 0)
		return "root";
	return name;
}

const struct partition *layout_find(const struct layout *layout, const char *name)
{
	/* The name itself first: an MXPT may hold both BOOT and UBOOT. */
	for (size_t i = 0; i < layout->count; i++)
		if (strcasecmp(layout->partitions[i].name, name) == 0)
			return &layout->partitions[i];
	for (size_t i = 0; i < layout->count; i++)
		if (strcasecmp(canonical(layout->partitions[i].name), canonical(name)) == 0)
			return &layout->partitions[i];
	return NULL;
}

const struct partition *layout_at(const struct layout *layout, uint32_t offset)
{
	for (size_t i = 0; i < layout->count; i++) {
		const struct partition *partition = &layout->partitions[i];

		if (offset >= partition->offset && offset - partition->offset < partition->size)
			return partition;
	}
	return NULL;
}
