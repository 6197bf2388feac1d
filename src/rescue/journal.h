/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FILE.journal, beside the backup FILE: what a rescue is about to do and what it has
 * done, one JSON object a line, each on the disk before the act that it announces.
 *
 *   {"journal": 1, "recam": "0.1.0", "date": ..., "backup": SHA256, "target": SHA256,
 *    "chip": "c84018", "board": "dafang"}
 *   {"event": "rehearsed", "engine": "exact"}
 *   {"event": "begin", "offset": 262144, "size": 262144}
 *   {"event": "done", "offset": 262144, "crc32": ["1234abcd", ...]}
 *   {"event": "verdict", "verdict": "starts"}
 *
 * A block that was begun may hold anything; every other block must still be what the
 * backup says, or this is another camera. A last line that is torn was never acted on.
 */
#ifndef RECAM_RESCUE_JOURNAL_H
#define RECAM_RESCUE_JOURNAL_H

#include "base/bytes.h"
#include "base/error.h"
#include "flash/layout.h"

#define JOURNAL_BLOCKS (RC_MAX_FLASH / RC_ERASE_BLOCK)

struct journal_block {
	bool begun;
	bool done; /* and checked; crc is what it then held */
	uint32_t crc;
};

struct journal {
	bool present;
	char backup_sha256[65];
	char target_sha256[65]; /* of the last plan begun */
	char chip[8];
	char board[24];
	char engine[8]; /* of the twin that the plan was rehearsed on, "" none */
	bool finished;  /* came to a verdict that ends it */
	char verdict[24];
	struct journal_block blocks[JOURNAL_BLOCKS];
};

/* Pure. name is for messages. RC_EFORMAT names the line. */
int journal_parse(struct rc_span text, const char *name, struct journal *journal,
		  struct rc_error *err);
/* A file that is not there gives present false. A torn last line is taken off it. */
int journal_load(const char *path, struct journal *journal, struct rc_error *err);

/* Adding to it; path NULL keeps no journal (a rehearsal). Each returns when the line is on
 * the disk. */
int journal_add_plan(const char *path, const struct journal *plan, struct rc_error *err);
int journal_add_rehearsal(const char *path, const char *engine, struct rc_error *err);
int journal_add_begin(const char *path, uint32_t offset, uint32_t size, struct rc_error *err);
int journal_add_done(const char *path, uint32_t offset, const uint32_t *crcs, size_t count,
		     struct rc_error *err);
int journal_add_verdict(const char *path, const char *verdict, bool final, struct rc_error *err);

/* Renames a journal whose backup is gone to PATH.old. */
int journal_set_aside(const char *path, struct rc_error *err);

#endif
