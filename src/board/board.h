/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Camera models: boards/ID.board, one text file each, read here.
 *
 * A board file is data: layout, chips seen, console, buttons, LEDs, update file,
 * known bootloaders, where identity lies, and by what a dump or a log of this
 * camera is known. docs/boards.md describes the file; a broken one is refused
 * with its name, line and reason.
 */
#ifndef RECAM_BOARD_BOARD_H
#define RECAM_BOARD_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "flash/layout.h"
#include "format/format.h"

/* What a partition is for. Findings and the rescue's laws go by this, not by names. */
enum partition_role {
	ROLE_OTHER,
	ROLE_BOOT, /* written only when named */
	ROLE_KERNEL,
	ROLE_ROOT,
	ROLE_DRIVER,
	ROLE_APP, /* appfs, DATA, system */
	ROLE_BACKUP_KERNEL,
	ROLE_BACKUP_DRIVER,
	ROLE_BACKUP_APP,
	ROLE_SETTINGS, /* config, CONFIG: written only when named */
	ROLE_IDENTITY, /* para, FACTORY, factory: written only when named */
	ROLE_FLAG,
	ROLE_COUNT
};
const char *role_name(enum partition_role role);

struct board_partition {
	enum partition_role role;
	const struct format *format; /* what stock firmware has there; NULL: anything */
	bool required;               /* the camera does not start, or not work, without it */
};

enum bootloader_origin { BOOTLOADER_STOCK, BOOTLOADER_OPEN, BOOTLOADER_UNKNOWN };
const char *bootloader_origin_name(enum bootloader_origin origin);

struct board_bootloader {
	char name[32];   /* "jul-2017", for people and messages */
	char sha256[65]; /* of the used bytes (Ingenic: before the environment, FF and 00 at the
			  * end trimmed; MStar: the U-Boot slot), or its first 16+ digits */
	char dump_sha256[65]; /* of the file it was published as: a whole boot partition with its
			       * padding, or a file to be flashed; whole or first 16+ digits */
	char version[96];     /* "2013.07 (Jul 28 2017 - 17:10:01)" */
	enum bootloader_origin origin;
	bool runs_exact;        /* the exact twin knows how to start it */
	uint32_t misdetects[8]; /* JEDEC ids that it takes for a smaller chip; 0 ends */
	uint8_t makers[16];     /* manufacturer bytes it accepts; 0 ends; all 0: unknown */
	/* The entry of its chip table that unknown chips are taken for: the id in it, where
	 * that and the size lie as linked, and where the build runs. 0: not known. */
	uint32_t fallback_id, fallback_id_word, fallback_size_word, runs_at;
	char notes[4][160]; /* for people; "" ends */
	/* CRC-32 of each whole or last 4 KiB piece of the used bytes, to tell where a
	 * damaged copy differs; NULL where the build was never at hand. */
	uint32_t *piece_crc;
	size_t piece_count;
};

/* One thing by which this camera is known. */
struct board_evidence {
	char kind[24];    /* enum-like word: see board_clue */
	char pattern[96]; /* fnmatch(3) pattern on the clue's value */
	int weight;       /* 1..100; 100 alone makes it certain; negative speaks against it */
	char because[96]; /* what the pattern stands for: "the Wi-Fi module of the Dafang" */
};

struct board_pin {
	char name[24]; /* "blue", "setup" */
	int gpio;      /* number, or -1 where not known */
	bool active_low;
	char note[96];
};

#define BOARD_MAX_BOOTLOADERS 24
#define BOARD_MAX_EVIDENCE    32
#define BOARD_MAX_PINS        16
#define BOARD_MAX_CHIPS       16

struct board {
	char id[24];   /* "dafang" */
	char name[64]; /* "Xiaomi Dafang DF3" */
	char soc[48];  /* "Ingenic T20" */
	bool refused;  /* recognised, and out of scope: escamg02 */
	char why_refused[160];
	uint32_t ram_size; /* bytes; 0 not known */
	struct layout layout;
	char mtdparts[512];    /* as the kernel gets it, "" where the flash holds its own table */
	bool layout_from_mxpt; /* the flash's own MXPT is believed before layout */
	struct board_partition partitions[RC_MAX_PARTITIONS]; /* beside layout.partitions */
	uint32_t chips[BOARD_MAX_CHIPS];                      /* JEDEC ids seen in it; 0 ends */
	struct {
		unsigned baud;
		char prompts[4][24];   /* "isvp_t20# "; "" ends */
		char dialect[16];      /* "ingenic", "mstar" */
		char autoboot_key[8];  /* bytes that stop autoboot: " " or "\r" */
		uint32_t load_address; /* safe RAM for flash data */
		uint32_t load_size;    /* bytes safe there */
		char stop[160];        /* how a person stops autoboot */
		char where[160];       /* where the pads are, for a person */
	} console;
	struct {
		char file[32];    /* "demo.bin" */
		char button[160]; /* what to hold, for how long */
		char note[160];
	} update;
	struct {
		char partition[RC_PARTITION_NAME];
		char path[64]; /* file in it, "" where the partition itself holds it */
		char kind[16]; /* "product_config", "flsh", "aplink" */
		char note[160];
	} identity;
	struct board_pin pins[BOARD_MAX_PINS]; /* name "" ends */
	struct board_bootloader bootloaders[BOARD_MAX_BOOTLOADERS];
	size_t bootloader_count;
	struct board_evidence evidence[BOARD_MAX_EVIDENCE];
	size_t evidence_count;
	char notes[8][200]; /* for people; "" ends */
};

/* All boards. Owned by the caller: boards_free. */
struct boards {
	struct board *all;
	size_t count;
};

/* Reads every *.board of directory (NULL: $RECAM_BOARDS, else the installed folder,
 * else the source tree's). Sorted by id. A broken file fails the whole: "boards/x.board:12: ...".
 */
int boards_load(const char *directory, struct boards *boards, struct rc_error *err);
void boards_free(struct boards *boards);
const struct board *boards_find(const struct boards *boards, const char *id);

/* One board file from memory; name is for messages. */
int board_parse(const char *name, struct rc_span text, struct board *board, struct rc_error *err);
void board_clear(struct board *board);

/* Something seen in a dump, a log or on a console. kind is one of
 * "bootloader" (sha256 hex), "version" (bootloader version text), "boardline"
 * ("ISVP (Ingenic XBurst T20 SoC)"), "prompt", "mtdparts", "ram" ("128"),
 * "module" (file name of a kernel module), "model" (FACTORY model), "appver",
 * "uimage" (name field), "magic" (first bytes, hex), "product" (identity file's
 * first section name), "flash" (size in bytes). */
struct board_clue {
	const char *kind;
	const char *value;
	const char *where; /* "driver:/8189es.ko", for the reason given */
};

enum board_confidence { BOARD_UNKNOWN, BOARD_GUESS, BOARD_LIKELY, BOARD_CERTAIN };
const char *board_confidence_name(enum board_confidence confidence);

struct board_match {
	const struct board *board; /* NULL: none */
	enum board_confidence confidence;
	size_t because_count;
	char because[8][192]; /* reasons, strongest first */
};

/* Pure: the board that the clues speak for. With forced (a board id, may be NULL)
 * that board, certain, because the user said so; contradicting clues are listed. */
int board_identify(const struct boards *boards, const struct board_clue *clues, size_t count,
		   const char *forced, struct board_match *match, struct rc_error *err);

/* The known bootloader with this digest (of the used bytes or of the whole file it was
 * published as), or that version where exactly one has it and no digest was given;
 * searches all boards, *board (may be NULL) tells which. */
const struct board_bootloader *boards_bootloader(const struct boards *boards, const char *sha256,
						 const char *version, const struct board **board);

/* The board's role and expected format for a partition found by name (the same
 * names that layout_find treats as equal); NULL where the board has none such. */
const struct board_partition *board_partition(const struct board *board, const char *name);

#endif
