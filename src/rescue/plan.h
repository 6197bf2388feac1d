/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rescue will do, exactly. Pure: (image, firmware, board, limits) in, steps
 * out; nothing is touched. Applying executes these steps and nothing else.
 */
#ifndef RECAM_RESCUE_PLAN_H
#define RECAM_RESCUE_PLAN_H

#include <jansson.h>
#include <stdio.h>

#include "link/link.h"
#include "rescue/backup.h"
#include "rescue/firmware.h"

/* One run of adjacent blocks in one partition: each block is erased, written and
 * checked in turn, in this order. */
struct plan_step {
	uint32_t offset; /* multiple of the link's step */
	uint32_t size;
	char partition[RC_PARTITION_NAME];
	bool erase_only; /* the target is FF: nothing is written after the erase */
};

enum plan_refusal {
	PLAN_OK,
	PLAN_NOTHING_TO_DO,  /* the flash already holds what is wanted */
	PLAN_BOOT_NOT_NAMED, /* law 1 */
	PLAN_WRONG_MODEL,
	PLAN_DOES_NOT_FIT,
	PLAN_IDENTITY_UNPROVEN,
	PLAN_UNREACHABLE, /* behind the link's reach */
	PLAN_NO_BACKUP,   /* a block to be erased has no proof */
	PLAN_WRITE_PROTECTED,
	PLAN_NOT_IN_FIRMWARE, /* a named or broken partition that the firmware does not have */
	PLAN_UNKNOWN_BOARD,
};

struct plan {
	const struct board *board;
	enum plan_refusal refusal;
	char why[512];   /* of a refusal: what, why, what to do */
	uint8_t *target; /* the whole flash afterwards; owned */
	uint32_t target_size;
	struct plan_step *steps; /* owned */
	size_t step_count;
	/* Partitions that stay as they are, and why, for the user. */
	char kept[RC_MAX_PARTITIONS][160];
	size_t kept_count;
	char dangers[8][200]; /* "" ends */
	char way_back[320];
	double seconds; /* estimated on this link; 0 unknown */
	uint64_t erase_bytes, write_bytes;
};

struct plan_input {
	const struct backup *backup;         /* what the flash holds now, with proofs */
	const struct inspection *inspection; /* of backup->data */
	const struct firmware *firmware;
	const struct board *board;
	const struct link_info *limits;
	const char *const *only; /* partition names the user named; NULL-terminated, NULL: none */
};

/* 0 also for a refusal, which stands in plan->refusal; fails only for want of memory and
 * for names in only that the board does not have (RC_EUSAGE). Without "only": every
 * required partition that is not good or differs from the firmware's, never boot,
 * settings or identity (law 1). */
int plan_make(const struct plan_input *input, struct plan *plan, struct rc_error *err);
void plan_clear(struct plan *plan);
void plan_print(FILE *out, const struct plan *plan, const struct link_info *limits, bool colour);
json_t *plan_json(const struct plan *plan, const struct link_info *limits);

#endif
