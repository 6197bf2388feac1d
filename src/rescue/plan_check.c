/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What forbids a plan. */
#include "rescue/planning.h"

#include <inttypes.h>
#include <string.h>

void plan_check_camera(struct planning *p)
{
	const struct board *board = p->in->board;
	const struct board_match *other = &p->in->firmware->board;

	if (!board || p->in->inspection->partition_count == 0)
		plan_refuse(p->plan, PLAN_UNKNOWN_BOARD,
			    "which camera this is cannot be told from its flash: if you know it, "
			    "say so "
			    "with --board ID (recam boards lists them)");
	else if (board->refused)
		plan_refuse(p->plan, PLAN_UNKNOWN_BOARD,
			    "this is a %s, which recam does not touch: %s", board->name,
			    board->why_refused);
	else if (other->board && other->board != board && other->confidence >= BOARD_LIKELY)
		plan_refuse(p->plan, PLAN_WRONG_MODEL,
			    "[image-wrong-model] %s is firmware of a %s (%s), this camera is a %s: "
			    "take "
			    "the "
			    "firmware of this camera",
			    p->in->firmware->source, other->board->name,
			    other->because_count ? other->because[0]
						 : board_confidence_name(other->confidence),
			    board->name);
	else if (board->layout.flash_size > p->in->backup->size)
		plan_refuse(p->plan, PLAN_DOES_NOT_FIT,
			    "a %s has a flash of %" PRIu32 " bytes, this one has %" PRIu32
			    ": it is another camera, or the chip was taken for a smaller one",
			    board->name, board->layout.flash_size, p->in->backup->size);
}

static void check_proofs(struct planning *p, const struct plan_step *step)
{
	const struct inspection *inspection = p->in->inspection;

	for (size_t i = 0; i < inspection->partition_count; i++) {
		const struct inspected_partition *part = &inspection->partitions[i];

		if (part->role == ROLE_IDENTITY && !planning_is_beyond_reach(p, part) &&
		    !backup_covers(p->in->backup, part->place.offset, part->place.size))
			plan_refuse(p->plan, PLAN_IDENTITY_UNPROVEN,
				    "%s, which holds this camera's identity, has no proven backup "
				    "(this "
				    "link reaches %" PRIu32 " of %" PRIu32
				    " bytes): nothing is erased before it has one; read the chip "
				    "with a "
				    "programmer, or over a link that reaches all of it",
				    part->place.name, p->in->limits->reach,
				    p->in->limits->flash_size);
	}
	if (!backup_covers(p->in->backup, step->offset, step->size))
		plan_refuse(
			p->plan, PLAN_NO_BACKUP,
			"0x%" PRIx32 " to 0x%" PRIx32
			" (%s) has no proven backup: nothing is erased before it has one; take the "
			"backup again",
			step->offset, step->offset + step->size, step->partition);
}

/* A link that can lift the chip's protection does it while this plan is carried out. */
static bool lift_protection(struct planning *p, const struct plan_step *step)
{
	const struct link_info *limits = p->in->limits;
	uint32_t end = limits->protected_start + limits->protected_size;
	char range[CHIP_RANGE_TEXT];

	if (!limits->can_unprotect)
		return false;
	if (p->plan->lifts_protection || limits->protected_size == 0 || step->offset >= end ||
	    step->offset + step->size <= limits->protected_start)
		return true;
	p->plan->lifts_protection = true;
	plan_add_danger(
		p->plan,
		"on this chip %s is protected (status register %02X): that is lifted while this is "
		"written, and put back as it was; if power goes meanwhile, run the same command "
		"again before the camera is switched on",
		chip_range_text(range, limits->protected_start, limits->protected_size,
				limits->flash_size),
		limits->status[0]);
	return true;
}

static void check_protection(struct planning *p, const struct plan_step *step)
{
	const struct link_info *limits = p->in->limits;
	struct nor chip = { .size = limits->flash_size,
			    .jedec = limits->jedec,
			    .chip = limits->chip };

	if (lift_protection(p, step))
		return;
	memcpy(chip.status, limits->status, sizeof(chip.status));
	if (limits->status_count > 0 && nor_is_protected(&chip, step->offset, step->size))
		plan_refuse(
			p->plan, PLAN_WRITE_PROTECTED,
			"[write-protected] the chip's status register (%02X) protects 0x%" PRIx32
			" to 0x%" PRIx32
			" (%s): erasing there would do nothing; clear the protection with a "
			"programmer (flashrom --wp-disable) first",
			chip.status[0], step->offset, step->offset + step->size, step->partition);
}

void plan_check_steps(struct planning *p)
{
	const struct link_info *limits = p->in->limits;

	for (size_t i = 0; i < p->plan->step_count; i++) {
		const struct plan_step *step = &p->plan->steps[i];

		if ((uint64_t)step->offset + step->size > limits->reach)
			plan_refuse(
				p->plan, PLAN_UNREACHABLE,
				"%s at 0x%" PRIx32 " lies behind 0x%" PRIx32
				", the end of what this link can reach of the %" PRIu32
				" bytes of the chip: %suse a programmer, or a bootloader that "
				"knows "
				"this chip",
				step->partition, step->offset, limits->reach, limits->flash_size,
				limits->can_extend ? "let recam cure that (--cure-size), " : "");
		check_proofs(p, step);
		check_protection(p, step);
	}
	if (p->plan->step_count == 0)
		plan_refuse(p->plan, PLAN_NOTHING_TO_DO,
			    "the flash already holds what is wanted: there is nothing to do");
}
