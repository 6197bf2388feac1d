/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a flash holds now, as one CRC-32 per block: computed by the camera where it
 * can, else from a read. Answers come over a line that may garble them, so one that
 * is not what was expected is asked for again before it is believed.
 */
#ifndef RECAM_RESCUE_SURVEY_H
#define RECAM_RESCUE_SURVEY_H

#include "link/link.h"

/* CRC-32 of an erased block. */
uint32_t survey_erased_crc(void);

/* Blocks of RC_ERASE_BLOCK that the link can reach; the last may be short where the
 * flash is an image file of an odd size. */
size_t survey_reachable(const struct link_info *info);
uint32_t survey_block_size(const struct link_info *info, size_t block);

/* CRC-32 of one block of the flash. */
int survey_block(struct link *link, size_t block, uint32_t *crc, struct rc_error *err);

/* The same; asked for again, up to three times in all, while it is none of the expected. */
int survey_expect(struct link *link, size_t block, const uint32_t *expected, size_t count,
		  uint32_t *crc, struct rc_error *err);

/* crcs[i] of every reachable block, with progress. stop may be NULL: RC_ESTOPPED. */
int survey_all(struct link *link, const char *label, uint32_t *crcs, const volatile int *stop,
	       struct rc_error *err);

#endif
