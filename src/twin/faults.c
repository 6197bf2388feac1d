/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "flash/layout.h"
#include "twin/twin.h"

struct fault_target {
	struct nor_faults *chip;
	struct twin_line_faults *line;
	struct sd_faults *card;
};

static bool set_cut(const struct fault_target *target, uint64_t value)
{
	target->chip->cut_at_op = value;
	return true;
}

static bool set_fail(const struct fault_target *target, uint64_t value)
{
	target->chip->fail_at_op = value;
	return true;
}

static bool set_lie(const struct fault_target *target, uint64_t value)
{
	target->chip->lie_at_op = value;
	return true;
}

static bool set_flip(const struct fault_target *target, uint64_t value)
{
	target->line->flip_one_in = (uint32_t)value;
	return value <= UINT32_MAX;
}

static bool set_drop(const struct fault_target *target, uint64_t value)
{
	target->line->drop_one_in = (uint32_t)value;
	return value <= UINT32_MAX;
}

static bool set_card(const struct fault_target *target, uint64_t value)
{
	target->card->pull_after = value;
	return true;
}

static bool set_seed(const struct fault_target *target, uint64_t value)
{
	target->chip->seed = value;
	target->line->seed = value;
	return true;
}

struct fault_kind {
	const char *name;
	bool (*set)(const struct fault_target *target, uint64_t value);
	uint64_t least;
};

static const struct fault_kind kinds[] = {
	{ "cut", set_cut, 1 },   { "fail", set_fail, 1 }, { "lie", set_lie, 1 },
	{ "flip", set_flip, 1 }, { "drop", set_drop, 1 }, { "card", set_card, 1 },
	{ "seed", set_seed, 0 },
};

/* OFFSET/N */
static bool set_unstable(struct nor_faults *chip, const char *value)
{
	char offset_text[32];
	const char *slash = strchr(value, '/');
	uint64_t offset, one_in;

	if (!slash || (size_t)(slash - value) >= sizeof(offset_text))
		return false;
	memcpy(offset_text, value, (size_t)(slash - value));
	offset_text[slash - value] = '\0';
	if (!rc_parse_number(offset_text, RC_MAX_FLASH - 1, &offset) ||
	    !rc_parse_number(slash + 1, UINT32_MAX, &one_in) || one_in == 0)
		return false;
	chip->unstable_offset = (uint32_t)offset;
	chip->unstable_one_in = (uint32_t)one_in;
	return true;
}

static int parse_one(const char *item, const struct fault_target *target, struct rc_error *err)
{
	const char *colon = strchr(item, ':');
	size_t name_size = colon ? (size_t)(colon - item) : strlen(item);
	const char *value = colon ? colon + 1 : "";
	uint64_t number;

	if (name_size == strlen("unstable") && strncmp(item, "unstable", name_size) == 0) {
		if (set_unstable(target->chip, value))
			return 0;
		return rc_fail(err, RC_EUSAGE,
			       "fault \"%s\" is not unstable:OFFSET/N, as in unstable:0x240000/10 "
			       "(about one read in 10 of the 64 KiB block there is wrong)",
			       item);
	}
	for (size_t i = 0; i < RC_COUNT(kinds); i++) {
		const struct fault_kind *kind = &kinds[i];

		if (strlen(kind->name) != name_size || strncmp(kind->name, item, name_size) != 0)
			continue;
		if (rc_parse_number(value, UINT64_MAX, &number) && number >= kind->least &&
		    kind->set(target, number))
			return 0;
		return rc_fail(
			err, RC_EUSAGE,
			"fault \"%s\" needs a whole number of at least %llu behind the colon, as "
			"in %s:100",
			item, (unsigned long long)kind->least, kind->name);
	}
	return rc_fail(err, RC_EUSAGE,
		       "there is no fault \"%s\": there are cut:N fail:N lie:N flip:N drop:N "
		       "unstable:OFFSET/N card:N seed:N, separated by commas",
		       item);
}

int twin_parse_faults(const char *spec, struct nor_faults *chip, struct twin_line_faults *line,
		      struct sd_faults *card, struct rc_error *err)
{
	struct fault_target target = { chip, line, card };

	*chip = (struct nor_faults){ 0 };
	*line = (struct twin_line_faults){ 0 };
	*card = (struct sd_faults){ 0 };
	while (*spec) {
		size_t size = strcspn(spec, ",");
		char item[64];
		int status;

		if (size >= sizeof(item))
			return rc_fail(err, RC_EUSAGE,
				       "a fault of %zu characters is none: %.40s...", size, spec);
		memcpy(item, spec, size);
		item[size] = '\0';
		status = parse_one(item, &target, err);
		if (status != 0)
			return status;
		spec += size;
		if (*spec == ',')
			spec++;
	}
	return 0;
}
