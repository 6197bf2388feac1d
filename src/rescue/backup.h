/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backup: the bytes of a flash and how each block of them was proven (law 2).
 *
 * FILE is the flash image (mode 0600: it holds secrets), FILE.json says how each
 * block was proven. While a backup is being taken, FILE.partial holds the blocks
 * that are proven so far and FILE.partial.json says which (rescue/partial.h), so
 * that an interrupted one goes on.
 */
#ifndef RECAM_RESCUE_BACKUP_H
#define RECAM_RESCUE_BACKUP_H

#include <jansson.h>

#include "base/bytes.h"
#include "base/error.h"
#include "inspect/inspect.h"
#include "link/link.h"

enum proof {
	PROOF_NONE,      /* not read, or reads that differ: not proven */
	PROOF_TWO_READS, /* read twice, equal */
	PROOF_CHECKSUM,  /* read once, the camera's own CRC-32 agrees */
	PROOF_REFERENCE, /* not moved: the camera's CRC-32 equals that of known firmware's block */
	PROOF_ERASED,    /* not moved: the camera's CRC-32 is that of an erased block */
	PROOF_UNREACHED, /* behind what this link can address */
	PROOF_COUNT
};
const char *proof_name(enum proof proof); /* "two-reads", "checksum", ... as in FILE.json */
const char *proof_text(enum proof proof); /* for people: "read twice, equal" */

struct backup {
	uint8_t *data; /* owned, size bytes; FF where not reached */
	uint32_t size;
	uint8_t *proofs; /* enum proof, one per RC_ERASE_BLOCK; owned */
	size_t block_count;
	uint32_t jedec;
	uint8_t status[3];
	unsigned status_count;
	char bootloader[96];
	char link_name[160];
	char date[24];  /* "2026-11-20T09:00:00Z" */
	uint64_t moved; /* bytes of flash that were read over the link for it */
};

struct backup_options {
	const struct rc_span *references; /* known firmware: whole flash images, FF where unknown */
	size_t reference_count;
	const char *path;         /* where FILE is to be; for going on after an interruption */
	const volatile int *stop; /* looked at between blocks; may be NULL */
};

/* Reads and proves. With options->path, what FILE.partial holds from an interrupted try
 * is not read again where the camera's CRC-32 of the block agrees with it; a FILE that is
 * there already must agree with the camera in every block, else RC_EREFUSED. RC_EVERIFY
 * (reads-differ) where a block cannot be proven. */
int backup_take(struct link *link, const struct backup_options *options, struct backup *backup,
		struct rc_error *err);
/* Writes FILE and FILE.json, and removes the partial ones. A FILE with other bytes is never
 * overwritten (RC_EREFUSED). inspection may be NULL. */
int backup_save(const struct backup *backup, const char *path, const struct inspection *inspection,
		struct rc_error *err);
/* Reads FILE and FILE.json back; refuses where the digests do not agree. */
int backup_load(const char *path, struct backup *backup, struct rc_error *err);
void backup_clear(struct backup *backup);

/* True if every block that the range touches is proven. */
bool backup_covers(const struct backup *backup, uint32_t offset, uint32_t size);
bool backup_is_partial(const struct backup *backup); /* some block unreached */
/* Bytes from the start that were reached. */
uint32_t backup_reach(const struct backup *backup);
json_t *backup_json(const struct backup *backup, const struct inspection *inspection);

/* Fills in what FILE.json says (for backup_load and its fuzz target): proofs and the
 * camera. backup->data and size are there already. */
int backup_parse_json(struct rc_span text, const char *name, struct backup *backup,
		      struct rc_error *err);

#endif
