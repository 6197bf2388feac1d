/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wounds.h"

#include <stdlib.h>
#include <string.h>

#include "flashes.h"
#include "support.h"

#define FLIPS 20

static const char *const wound_names[] = { "erased", "flipped", "cut", "shifted" };

/* Returns where the wound begins, from the start of the partition. */
static size_t wound(struct rc_buffer *flash, const struct inspected_partition *part, enum wound how,
		    uint64_t *random)
{
	uint8_t *start = flash->data + part->place.offset;
	size_t used = part->report.used;
	size_t at = 0;

	switch (how) {
	case ERASED:
		memset(start, 0xff, part->place.size);
		break;
	case FLIPPED:
		at = support_random(random) % used;
		start[at] ^= (uint8_t)(1 << support_random(random) % 8);
		break;
	case CUT:
		at = used / 2;
		memset(start + at, 0xff, used - at);
		break;
	case SHIFTED:
		memmove(start + 64, start, part->place.size - 64);
		memset(start, 0xff, 64);
		break;
	}
	return at;
}

static bool is_among(const char *ids, const char *id)
{
	const char *found = ids ? strstr(ids, id) : NULL;
	size_t size = strlen(id);

	return found && (found == ids || found[-1] == ' ') &&
	       (found[size] == '\0' || found[size] == ' ');
}

/* True if the wound is named, in its partition and place, and nothing else is fatal. */
static bool is_named(const struct inspection *inspection, const struct inspected_partition *part,
		     const char *ids)
{
	bool named = ids == NULL;

	for (size_t i = 0; i < inspection->finding_count; i++) {
		const struct finding *finding = &inspection->findings[i];

		if (is_among(ids, finding->kind->id) &&
		    strcmp(finding->partition, part->place.name) == 0 &&
		    finding->offset >= part->place.offset &&
		    finding->offset < part->place.offset + part->place.size)
			named = true;
		else if (finding->kind->severity == SEVERITY_FATAL)
			return false;
	}
	return named;
}

static unsigned count_unnamed(struct rc_buffer *flash, const struct inspection *whole,
			      const struct wounded *wounded, enum wound how)
{
	const struct inspected_partition *part = part_of(whole, wounded->name);
	unsigned tries = how == FLIPPED ? FLIPS : 1;
	uint64_t random = 1 + part->place.offset;
	unsigned unnamed = 0;
	uint8_t *saved;

	if (part->report.used == 0)
		return 0;
	saved = malloc(part->place.size);
	assert_non_null(saved);
	memcpy(saved, flash->data + part->place.offset, part->place.size);
	for (unsigned i = 0; i < tries; i++) {
		size_t at = wound(flash, part, how, &random);
		struct inspection inspection;

		inspect(flash, &inspection);
		if (!is_named(&inspection, part, wounded->ids[how])) {
			print_error("%s %s at 0x%zx: expected %s\n", wounded->name,
				    wound_names[how], at, wounded->ids[how]);
			print_findings(&inspection);
			unnamed++;
		}
		inspection_clear(&inspection);
		memcpy(flash->data + part->place.offset, saved, part->place.size);
	}
	free(saved);
	return unnamed;
}

void wound_all(struct rc_buffer *flash, const struct wounded *wounded, size_t count)
{
	struct inspection whole;
	unsigned unnamed = 0;

	inspect(flash, &whole);
	for (size_t i = 0; i < count; i++) {
		for (enum wound how = ERASED; how <= SHIFTED; how++)
			unnamed += count_unnamed(flash, &whole, &wounded[i], how);
	}
	inspection_clear(&whole);
	assert_int_equal(unnamed, 0);
}
