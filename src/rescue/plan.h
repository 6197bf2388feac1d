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
	/* Multiples of RC_ERASE_BLOCK; but of a block that is shared (rescue/shared_block.h)
	 * only the part that is meant, where the link can erase that alone. */
	uint32_t offset;
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
	PLAN_IDENTITY_FOREIGN, /* law 3: the firmware's identity is another camera's */
	PLAN_UNREACHABLE,      /* behind the link's reach */
	PLAN_NO_BACKUP,        /* a block to be erased has no proof */
	PLAN_WRITE_PROTECTED,
	PLAN_NOT_IN_FIRMWARE,  /* a named or broken partition that the firmware does not have */
	PLAN_FIRMWARE_DAMAGED, /* a part that would be written is itself not whole */
	PLAN_UNKNOWN_BOARD,
	PLAN_SHARED_BLOCK, /* the bootloader lies in the block that would be erased */
	PLAN_REFUSAL_COUNT
};
const char *plan_refusal_name(enum plan_refusal refusal); /* "boot-not-named", for JSON */

#define PLAN_MAX_DANGERS 8

struct plan {
	const struct board *board;
	enum plan_refusal refusal;
	char why[640];   /* of a refusal: what, why, what to do */
	uint8_t *target; /* the whole flash afterwards; owned */
	uint32_t target_size;
	struct plan_step *steps; /* owned */
	size_t step_count;
	/* Partitions that are written, and why, and those that stay, and why: sentences. */
	char written[RC_MAX_PARTITIONS][200];
	size_t written_count;
	char kept[RC_MAX_PARTITIONS][200];
	size_t kept_count;
	char dangers[PLAN_MAX_DANGERS][240]; /* "" ends */
	char way_back[480];
	double seconds;        /* estimated on this link; 0 unknown */
	bool lifts_protection; /* a step lies in what the chip protects, and the link can lift it */
	uint64_t erase_bytes, write_bytes;
};

struct plan_input {
	const struct backup *backup;         /* what the flash held before, with proofs */
	const struct inspection *inspection; /* of backup->data */
	const struct firmware *firmware;
	const struct board *board; /* NULL: not known */
	const struct link_info *limits;
	const char *const *only; /* partition names the user named; NULL-terminated, NULL: none */
	/* CRC-32 of each reachable block as the camera has it now, where a rescue goes on
	 * after an interruption; NULL: as in the backup. */
	const uint32_t *now;
	const char *backup_path; /* for the way back; NULL: the default name */
};

/* 0 also for a refusal, which stands in plan->refusal; fails only for want of memory and
 * for names in only that the board does not have (RC_EUSAGE).
 *
 * Without "only": kernel, root and driver are made equal to the firmware's (a mix of
 * versions does not start: facts/bootloaders-and-flash.md 8, story 25); another partition
 * that the camera needs is written where it is not good; a good one stays, since the
 * camera writes into it. boot, settings and identity are never written (law 1). An update
 * flag that would undo this is erased. */
int plan_make(const struct plan_input *input, struct plan *plan, struct rc_error *err);
void plan_clear(struct plan *plan);
void plan_print(FILE *out, const struct plan *plan, const struct link_info *limits, bool colour);
json_t *plan_json(const struct plan *plan, const struct link_info *limits);

#endif
