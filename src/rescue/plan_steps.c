/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flash as it is to be, and the steps to it. */
#include "rescue/planning.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "rescue/shared_block.h"
#include "rescue/survey.h"

static void check_part_is_whole(struct planning *p, const struct inspected_partition *part)
{
	const struct inspected_partition *source = planning_find(&p->in->firmware->inspection,
								 part->place.name);
	bool blank_is_right = !planning_is_required(p, part);

	if (!source || planning_is_good(source) ||
	    (source->report.state == REGION_ERASED && blank_is_right))
		return;
	plan_refuse(
		p->plan, PLAN_FIRMWARE_DAMAGED,
		"[image-bad-checksum] %s in %s is itself %s (%s): it is not written; take firmware "
		"that is whole, or name other partitions with --only",
		part->place.name, p->in->firmware->source, region_state_name(source->report.state),
		planning_problem_of(source));
}

void plan_set_target(struct planning *p, size_t index)
{
	const struct inspected_partition *part = &p->in->inspection->partitions[index];
	const struct partition *place = &part->place;
	const struct firmware_part *wanted = firmware_part(p->in->firmware, place->name);

	if (p->fates[index] == FATE_KEEP || p->plan->refusal != PLAN_OK)
		return;
	if (place->offset % RC_ERASE_BLOCK || place->size % RC_ERASE_BLOCK ||
	    place->offset > p->plan->target_size ||
	    place->size > p->plan->target_size - place->offset) {
		plan_refuse(
			p->plan, PLAN_DOES_NOT_FIT,
			"%s (0x%" PRIx32 ", %" PRIu32
			" bytes) does not lie in this flash of %" PRIu32
			" bytes in whole blocks of 64 KiB: this is another camera, or its chip is "
			"not "
			"the one it came with",
			place->name, place->offset, place->size, p->plan->target_size);
		return;
	}
	memset(p->plan->target + place->offset, 0xff, place->size);
	if (p->fates[index] == FATE_ERASE)
		return;
	if (wanted->bytes.size > place->size) {
		plan_refuse(p->plan, PLAN_DOES_NOT_FIT,
			    "[image-too-large] %s in %s has %zu bytes, the partition has %" PRIu32
			    ": it is not the firmware of this camera",
			    place->name, p->in->firmware->source, wanted->bytes.size, place->size);
		return;
	}
	check_part_is_whole(p, part);
	if (wanted->bytes.size)
		memcpy(p->plan->target + place->offset, wanted->bytes.data, wanted->bytes.size);
}

static bool differs(const struct planning *p, size_t block)
{
	const struct backup *backup = p->in->backup;
	size_t offset = block * RC_ERASE_BLOCK;
	size_t size = backup->size - offset < RC_ERASE_BLOCK ? backup->size - offset
							     : RC_ERASE_BLOCK;

	if (p->in->now && block < survey_reachable(p->in->limits))
		return p->in->now[block] != rc_crc32(0, p->plan->target + offset, size);
	return memcmp(p->plan->target + offset, backup->data + offset, size) != 0;
}

static const char *partition_at(const struct inspection *inspection, uint32_t offset)
{
	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct partition *place = &inspection->partitions[i].place;

		if (offset >= place->offset && offset - place->offset < place->size)
			return place->name;
	}
	return "";
}

static void add_block(struct planning *p, size_t block)
{
	struct plan *plan = p->plan;
	uint32_t offset = (uint32_t)(block * RC_ERASE_BLOCK);
	const char *name = partition_at(p->in->inspection, offset);
	bool erase_only = rc_all_bytes(plan->target + offset, RC_ERASE_BLOCK, 0xff);
	struct plan_step *last = plan->step_count ? &plan->steps[plan->step_count - 1] : NULL;

	plan->erase_bytes += RC_ERASE_BLOCK;
	plan->write_bytes += erase_only ? 0 : RC_ERASE_BLOCK;
	if (last && last->offset + last->size == offset && last->erase_only == erase_only &&
	    strcmp(last->partition, name) == 0) {
		last->size += RC_ERASE_BLOCK;
		return;
	}
	plan->steps[plan->step_count] = (struct plan_step){ .offset = offset,
							    .size = RC_ERASE_BLOCK,
							    .erase_only = erase_only };
	snprintf(plan->steps[plan->step_count++].partition, RC_PARTITION_NAME, "%s", name);
}

static void add_part(struct planning *p, const struct shared_block *shared)
{
	struct plan *plan = p->plan;
	struct plan_step *step = &plan->steps[plan->step_count++];

	*step = (struct plan_step){ .offset = shared->offset,
				    .size = shared->size,
				    .erase_only = rc_all_bytes(plan->target + shared->offset,
							       shared->size, 0xff) };
	snprintf(step->partition, RC_PARTITION_NAME, "%s",
		 partition_at(p->in->inspection, shared->offset));
	plan->erase_bytes += shared->size;
	plan->write_bytes += step->erase_only ? 0 : shared->size;
	plan_add_danger(plan,
			"the block at 0x%" PRIx32
			" also holds the end of the bootloader: only the %" PRIu32
			" bytes of the environment at 0x%" PRIx32 " are erased in it",
			shared->block, shared->size, shared->offset);
}

/* Where the other side is a programmer, or a file, a power cut leaves no camera without a
 * bootloader that it needs to be reached. */
static bool may_erase_whole(const struct planning *p)
{
	return p->in->limits->kind == LINK_FILE || p->in->limits->kind == LINK_FLASHROM;
}

/* True where it was the shared block's environment alone, and that is dealt with. */
static bool add_environment(struct planning *p, size_t block, const struct shared_block *shared)
{
	const struct link_info *limits = p->in->limits;

	if (block * RC_ERASE_BLOCK != shared->block ||
	    !shared_block_alone(shared, p->in->backup->data, p->plan->target))
		return false;
	if (limits->fine_step && shared->offset % limits->fine_step == 0 &&
	    shared->size % limits->fine_step == 0) {
		add_part(p, shared);
		return true;
	}
	if (may_erase_whole(p))
		return false;
	plan_refuse(
		p->plan, PLAN_SHARED_BLOCK,
		"of the block at 0x%" PRIx32 " only the bootloader's environment (0x%" PRIx32
		") is to change, and the rest of it is the bootloader itself: over this link the "
		"block can only be erased whole, and a power cut then would leave no bootloader; "
		"use the bootloader's own console (uboot:PORT), or a programmer",
		shared->block, shared->offset);
	return true;
}

int plan_make_steps(struct planning *p, struct rc_error *err)
{
	struct rc_span flash = { p->in->backup->data, p->in->backup->size };
	size_t blocks = p->plan->target_size / RC_ERASE_BLOCK;
	struct shared_block shared;
	bool is_shared = shared_block_find(flash, p->in->board, &shared);

	p->plan->steps = calloc(blocks + 1, sizeof(*p->plan->steps));
	if (!p->plan->steps)
		return rc_fail_memory(err, blocks * sizeof(*p->plan->steps));
	for (size_t i = 0; i < blocks; i++)
		if (differs(p, i) && !(is_shared && add_environment(p, i, &shared)))
			add_block(p, i);
	return 0;
}
