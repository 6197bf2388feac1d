/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/apply.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/checksum.h"
#include "rescue/survey.h"

static uint32_t block_crc(const uint8_t *image, size_t image_size, size_t block)
{
	size_t offset = block * RC_ERASE_BLOCK;
	size_t left = image_size - offset;

	return rc_crc32(0, image + offset, left < RC_ERASE_BLOCK ? left : RC_ERASE_BLOCK);
}

static uint32_t target_crc(const struct apply *apply, size_t block)
{
	return block_crc(apply->plan->target, apply->plan->target_size, block);
}

static int expect_before(const struct apply *apply, size_t block, struct rc_error *err)
{
	const uint32_t expected[] = {
		block_crc(apply->backup->data, apply->backup->size, block),
		target_crc(apply, block),
	};
	uint32_t crc;
	int result;

	if (apply->journal && apply->journal->blocks[block].begun)
		return 0;
	result = survey_expect(apply->link, block, expected, RC_COUNT(expected), &crc, err);
	if (result || crc == expected[0] || crc == expected[1])
		return result;
	return rc_fail(err, RC_EREFUSED,
		       "the block at 0x%zx is not what the backup says (CRC-32 %08" PRIX32
		       ", the backup has %08" PRIX32
		       "): it changed since, or this is another camera; nothing of it was erased; "
		       "start anew with another --backup FILE",
		       block * RC_ERASE_BLOCK, crc, expected[0]);
}

static int check_after(const struct apply *apply, size_t block, bool *right, uint32_t *crc,
		       struct rc_error *err)
{
	const uint32_t wanted = target_crc(apply, block);
	int result = survey_expect(apply->link, block, &wanted, 1, crc, err);

	*right = !result && *crc == wanted;
	return result;
}

/* What is to be written arrives before the erase, so that no block is blank for longer than
 * it must be. */
static int stage_range(const struct apply *apply, uint32_t offset, uint32_t size, bool erase_only,
		       struct rc_error *err)
{
	return erase_only ? 0 : link_stage(apply->link, apply->plan->target + offset, size, err);
}

static int write_range(const struct apply *apply, uint32_t offset, uint32_t size, bool erase_only,
		       struct rc_error *err)
{
	int result = link_erase(apply->link, offset, size, err);

	if (!result && !erase_only)
		result = link_write(apply->link, offset, apply->plan->target + offset, size, err);
	return result;
}

/* Checks a block that was written; one that is wrong is written once more. */
static int settle_block(const struct apply *apply, size_t block, bool erase_only,
			struct rc_error *err)
{
	uint32_t offset = (uint32_t)(block * RC_ERASE_BLOCK);
	uint32_t first = 0;
	uint32_t second = 0;
	bool right;
	int result = check_after(apply, block, &right, &first, err);

	if (result || right)
		return result;
	result = stage_range(apply, offset, RC_ERASE_BLOCK, erase_only, err);
	if (!result)
		result = write_range(apply, offset, RC_ERASE_BLOCK, erase_only, err);
	if (!result)
		result = check_after(apply, block, &right, &second, err);
	if (result || right)
		return result;
	return rc_fail(
		err, RC_EVERIFY,
		"the block at 0x%" PRIx32 " does not hold what was written: CRC-32 %08" PRIX32
		", and %08" PRIX32 " after a second try, should be %08" PRIX32
		": the chip wears out there, is protected, or has too little power; the backup "
		"is whole",
		offset, first, second, target_crc(apply, block));
}

static int apply_run(struct apply *apply, uint32_t offset, uint32_t size, bool erase_only,
		     struct rc_error *err)
{
	uint32_t crcs[APPLY_RUN_BLOCKS];
	size_t first = offset / RC_ERASE_BLOCK;
	size_t count = size / RC_ERASE_BLOCK;
	int result = 0;

	for (size_t i = 0; i < count && !result; i++) {
		crcs[i] = target_crc(apply, first + i);
		result = expect_before(apply, first + i, err);
	}
	if (!result)
		result = stage_range(apply, offset, size, erase_only, err);
	if (!result)
		result = journal_add_begin(apply->journal_path, offset, size, err);
	if (result)
		return result;
	apply->begun = true;
	result = write_range(apply, offset, size, erase_only, err);
	for (size_t i = 0; i < count && !result; i++)
		result = settle_block(apply, first + i, erase_only, err);
	if (!result)
		result = journal_add_done(apply->journal_path, offset, crcs, count, err);
	return result;
}

/* Part of one block, written again as that part where it did not come out right. */
static int write_part(const struct apply *apply, const struct plan_step *step, bool *right,
		      uint32_t *crc, struct rc_error *err)
{
	int result = stage_range(apply, step->offset, step->size, step->erase_only, err);

	if (!result)
		result = write_range(apply, step->offset, step->size, step->erase_only, err);
	return result ? result : check_after(apply, step->offset / RC_ERASE_BLOCK, right, crc, err);
}

static int apply_part(struct apply *apply, const struct plan_step *step, struct rc_error *err)
{
	size_t block = step->offset / RC_ERASE_BLOCK;
	uint32_t start = (uint32_t)(block * RC_ERASE_BLOCK);
	bool right = false;
	uint32_t crc = 0;
	int result = expect_before(apply, block, err);

	if (!result)
		result = journal_add_begin(apply->journal_path, start, RC_ERASE_BLOCK, err);
	if (result)
		return result;
	apply->begun = true;
	for (int try = 0; try < 2 && !result && !right; try++)
		result = write_part(apply, step, &right, &crc, err);
	if (!result && !right)
		return rc_fail(err, RC_EVERIFY,
			       "the %" PRIu32 " bytes at 0x%" PRIx32
			       " do not hold what was written, twice: the block has CRC-32 "
			       "%08" PRIX32 ", should be %08" PRIX32
			       "; the rest of it was not touched, and the backup is whole",
			       step->size, step->offset, crc, target_crc(apply, block));
	return result ? result : journal_add_done(apply->journal_path, start, &crc, 1, err);
}

static int apply_step(struct apply *apply, const struct plan_step *step, struct rc_error *err)
{
	uint32_t end = step->offset + step->size;
	uint32_t most = APPLY_RUN_BLOCKS * RC_ERASE_BLOCK;
	int result = 0;

	if (step->size % RC_ERASE_BLOCK)
		return apply_part(apply, step, err);

	for (uint32_t at = step->offset; at < end && !result; at += most) {
		uint32_t size = end - at < most ? end - at : most;

		if (apply->stop && *apply->stop)
			result = rc_fail(err, RC_ESTOPPED, "stopped before 0x%" PRIx32 " (%s)", at,
					 step->partition);
		else
			result = apply_run(apply, at, size, step->erase_only, err);
	}
	return result;
}

int apply_plan(struct apply *apply, struct rc_error *err)
{
	struct rc_progress progress;
	int result = 0;

	rc_progress_start(&progress, "writing",
			  apply->plan->erase_bytes + apply->plan->write_bytes);
	apply->link->progress = &progress;
	for (size_t i = 0; i < apply->plan->step_count && !result; i++)
		result = apply_step(apply, &apply->plan->steps[i], err);
	apply->link->progress = NULL;
	rc_progress_finish(&progress);
	return result;
}

/* A block that is not the target's at first sight. */
static int look_again(const struct apply *apply, size_t block, struct rc_error *err)
{
	uint32_t crc = 0;
	bool right;
	int result = check_after(apply, block, &right, &crc, err);

	if (result || right)
		return result;
	return rc_fail(err, RC_EVERIFY,
		       "the block at 0x%zx has CRC-32 %08" PRIX32 ", should be %08" PRIX32
		       ": it changed while the rescue was under way; the backup is whole",
		       block * RC_ERASE_BLOCK, crc, target_crc(apply, block));
}

int apply_verify(struct apply *apply, struct rc_error *err)
{
	size_t count = survey_reachable(&apply->link->info);
	uint32_t *crcs = calloc(count + 1, sizeof(*crcs));
	int result;

	if (!crcs)
		return rc_fail_memory(err, count * sizeof(*crcs));
	result = survey_all(apply->link, "checking", crcs, NULL, err);
	for (size_t i = 0; i < count && !result; i++)
		if (crcs[i] != target_crc(apply, i))
			result = look_again(apply, i, err);
	free(crcs);
	return result;
}
