/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A way to reach a flash. Few verbs, the same for all; what a link can and cannot
 * do is data in struct link_info. Offsets and sizes are bytes of the flash.
 */
#ifndef RECAM_LINK_LINK_H
#define RECAM_LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "board/board.h"
#include "flash/chip.h"
#include "twin/twin.h"

enum link_kind { LINK_FILE, LINK_FLASHROM, LINK_UBOOT, LINK_LINUX, LINK_TWIN };

struct link_info {
	enum link_kind kind;
	char name[160];          /* as the user gave it */
	uint32_t jedec;          /* 0 not known (a file) */
	const struct chip *chip; /* NULL not in the table */
	uint32_t flash_size;     /* what the chip has */
	uint32_t reach;          /* what this link can address: <= flash_size */
	uint32_t step;           /* erase and write only at multiples of this */
	/* Where one erase block holds two things, a part of it alone may be erased and written,
	 * at multiples of this and inside the block; 0: it may not. */
	uint32_t fine_step;
	bool can_checksum;   /* the other side computes CRC-32 */
	bool can_boot;       /* the camera can be let start, and watched */
	char bootloader[96]; /* version text, "" */
	char prompt[24];
	uint8_t status[3];     /* status registers as found */
	unsigned status_count; /* 0: not readable here */
	/* What the chip's protection covers, where the link can tell; size 0: nothing known. */
	uint32_t protected_start, protected_size;
	bool can_unprotect; /* link_unprotect lifts it */
	/* reach ends before the chip does, and link_extend may change that. */
	bool can_extend;
	char extended[160]; /* what link_extend has changed, "" nothing */
	/* For estimates, at the speed of this line: bytes a second. 0: not worth a figure. */
	double read_rate, write_rate;
	double checksum_seconds; /* for one 64 KiB block */
	double survey_seconds;   /* the same, where many are asked for at once */
};

struct link;

struct link_ops {
	/* Finds the flash and fills link->info. Called once by link_open. */
	int (*identify)(struct link *link, struct rc_error *err);
	int (*read)(struct link *link, uint32_t offset, uint8_t *out, size_t size,
		    struct rc_error *err);
	/* Erases to FF. */
	int (*erase)(struct link *link, uint32_t offset, size_t size, struct rc_error *err);
	/* Programs bytes into erased flash, after they arrived whole on the other side. */
	int (*write)(struct link *link, uint32_t offset, const uint8_t *data, size_t size,
		     struct rc_error *err);
	/* CRC-32 (zlib's) of a range, computed by the other side from the flash itself. */
	int (*checksum)(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
			struct rc_error *err);
	/* The same of each of count erase blocks from offset on, faster than one by one. NULL:
	 * it would not be. */
	int (*survey)(struct link *link, uint32_t offset, size_t count, uint32_t *crcs,
		      struct rc_error *err);
	/* Brings bytes to the other side ahead of the erase that makes room for them; a write
	 * of the same bytes then takes them from there. Where it is cheaper, the erase may
	 * leave them in the flash already. NULL: of no use on this link. */
	int (*stage)(struct link *link, const uint8_t *data, size_t size, struct rc_error *err);
	/* NULL: this link cannot. */
	int (*unprotect)(struct link *link, struct rc_error *err);
	/* NULL: this link cannot. */
	int (*extend)(struct link *link, struct rc_error *err);
	/* A card in the camera's slot that takes the flash raw (docs/card.md): how many bytes;
	 * then a piece of the flash to it, read back from there, with its CRC-32 as the camera
	 * computes it. At most 1 MiB at once. RC_ESTOPPED where the card fails. */
	int (*card_room)(struct link *link, uint64_t *size, struct rc_error *err);
	int (*card_save)(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
			 struct rc_error *err);
	/* Lets the camera start; the console's bytes go to sink until the start came to
	 * its verdict, nothing more comes, or sink returns false. */
	int (*boot)(struct link *link,
		    bool (*sink)(void *context, const uint8_t *data, size_t size), void *context,
		    struct rc_error *err);
	void (*close)(struct link *link); /* frees link */
};

struct link {
	const struct link_ops *ops;
	struct link_info info;
	struct rc_progress *progress; /* set by the caller around a long act, or NULL; links
				       * add the bytes moved to progress->done */
	uint64_t wire_in, wire_out;   /* bytes on a serial line so far, 0 elsewhere */
	uint64_t wire_turns;          /* how often an answer was waited for on it */
};

struct link_options {
	const struct boards *boards;
	/* Told once, when the other side must do something: "switch the camera on now". */
	void (*ask)(void *context, const char *text);
	void *context;
	/* How long to wait for a camera that is not there yet, or for a programmer to come to
	 * the end of one act, in ms; 0: 120000. */
	unsigned patience_ms;
};

/* LINK of contracts/recam.md. Kinds that this build does not have are refused by name. */
int link_open(const char *spec, const struct link_options *options, struct link **link,
	      struct rc_error *err);
/* A link to a U-Boot console on an open stream, which it takes over (also on failure);
 * to a twin in this process, which stays the caller's. For rehearsals and tests. */
struct stream;
int link_open_uboot(struct stream *stream, const struct link_options *options, struct link **link,
		    struct rc_error *err);
int link_open_twin(struct twin *twin, const struct link_options *options, struct link **link,
		   struct rc_error *err);
/* The twin behind a "twin:" link, or NULL. */
struct twin *link_twin(struct link *link);

/* The verbs, with what is common to all links checked once here: ranges inside
 * reach, multiples of step for erase and write (law 4), verbs that are not there. */
int link_read(struct link *link, uint32_t offset, uint8_t *out, size_t size, struct rc_error *err);
int link_erase(struct link *link, uint32_t offset, size_t size, struct rc_error *err);
int link_write(struct link *link, uint32_t offset, const uint8_t *data, size_t size,
	       struct rc_error *err);
/* Optional, before link_erase: what link_write is to write next arrives first, so that the
 * flash stays erased no longer than it must. 0 at once where a link has no use for it. */
int link_stage(struct link *link, const uint8_t *data, size_t size, struct rc_error *err);
int link_checksum(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
		  struct rc_error *err);
/* crcs[i] of each of count erase blocks from offset on, which is a multiple of RC_ERASE_BLOCK;
 * by whatever way of asking is the fastest here. */
int link_survey(struct link *link, uint32_t offset, size_t count, uint32_t *crcs,
		struct rc_error *err);
/* From now on erases and writes pass the chip's protection, which is put back as it was
 * found by link_close at the latest. Only after the user has agreed. */
int link_unprotect(struct link *link, struct rc_error *err);
/* Makes all of the chip reachable where the other side takes it for a smaller one, and says
 * in info what was changed for it. Nothing of the flash changes, and a restart undoes it.
 * Where it fails, reach is what it was. Only after the user has agreed. */
int link_extend(struct link *link, struct rc_error *err);
/* RC_EUNSUPPORTED where a link has no card. */
int link_card_room(struct link *link, uint64_t *size, struct rc_error *err);
int link_card_save(struct link *link, uint32_t offset, size_t size, uint32_t *crc,
		   struct rc_error *err);
int link_boot(struct link *link, bool (*sink)(void *context, const uint8_t *data, size_t size),
	      void *context, struct rc_error *err);
void link_close(struct link *link);

#endif
