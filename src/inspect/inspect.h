/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes in, findings out. Pure: nothing is written, no device is touched. */
#ifndef RECAM_INSPECT_INSPECT_H
#define RECAM_INSPECT_INSPECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "board/board.h"
#include "format/format.h"
#include "inspect/card_rules.h"
#include "inspect/finding.h"

enum inspect_kind {
	INSPECT_FLASH,
	INSPECT_PARTITION,
	INSPECT_FIRMWARE,
	INSPECT_CARD,
	INSPECT_BOOT_LOG,
	INSPECT_CAPTURE,
};
const char *inspect_kind_name(enum inspect_kind kind); /* contract: "boot-log" */

struct inspected_partition {
	struct partition place;
	enum partition_role role;
	const struct format *expected;
	struct format_report report;
	char sha256[65]; /* of the whole partition */
};

/* How each 4 KiB of the image looks, for drawing. */
enum piece_look { PIECE_CONTENT, PIECE_ERASED, PIECE_DAMAGED, PIECE_UNREAD, PIECE_LOOKS };
#define INSPECT_PIECE 4096u

struct identity {
	bool present;
	char where[96]; /* "para:/config/.product_config" */
	char mac[32];   /* as stored; masked only when printed. "" not found */
	char model[64]; /* FLSH model, "" */
};

struct inspection {
	enum inspect_kind kind;
	uint64_t size;
	char what[192];       /* what it is, in a sentence for a person */
	char layout_from[96]; /* who says where the partitions lie; "" where none do */
	uint32_t base;        /* where in the flash the first piece lies: 0x40000 of a demo.bin */
	struct board_match board;
	struct {
		bool present;
		char version[96];
		char sha256[65];
		enum bootloader_origin origin;
		const struct board_bootloader *known; /* NULL: not in any board file */
	} bootloader;
	char firmware_version[64]; /* AppVer, CHUANGMI_VERSION; "" */
	struct inspected_partition partitions[RC_MAX_PARTITIONS];
	size_t partition_count;
	struct identity identity;
	bool card_judged;         /* of a card: whether its camera's bootloader is known */
	struct card_verdict card; /* what that will do with it */
	struct finding *findings; /* owned */
	size_t finding_count;
	uint8_t *pieces; /* enum piece_look, one per INSPECT_PIECE; owned; NULL for logs */
	size_t piece_count;
};

struct inspect_options {
	const struct boards *boards;
	const char *board; /* forced id, or NULL */
	uint32_t jedec;    /* the chip it was read from, 0 not known */
	/* Bytes from the start that were really read, where what read them takes the chip for
	 * a smaller one; 0: all. Nothing is said of what lies behind. */
	uint32_t reach;
	bool hash_files; /* every file's path, size and SHA-256 into its partition's detail */
	/* At most so many partitions are checked at once; 0: as many as there are cores. The
	 * result is the same. */
	unsigned threads;
};

/* What the bytes are (flash, partition, firmware, boot log) decides itself. */
int inspect_bytes(struct rc_span bytes, const struct inspect_options *options,
		  struct inspection *inspection, struct rc_error *err);
/* Bytes that are known to be a whole flash (of a link), or a log. */
int inspect_flash(struct rc_span bytes, const struct inspect_options *options,
		  struct inspection *inspection, struct rc_error *err);
int inspect_log(struct rc_span bytes, const struct inspect_options *options,
		struct inspection *inspection, struct rc_error *err);
void inspection_clear(struct inspection *inspection);
/* What the bytes begin as, where that is no firmware, and what to do: "a bzip2 file:
 * unpack it"; NULL else. */
const char *detect_not_firmware(struct rc_span bytes);

/* For parts of the tree that find something themselves (links, rescue). False: no memory. */
bool inspection_add(struct inspection *inspection, const char *id, const char *partition,
		    uint64_t offset, const char *evidence, ...)
	__attribute__((format(printf, 5, 6)));
enum severity inspection_worst(const struct inspection *inspection); /* NOTE where none */
const struct finding *inspection_find(const struct inspection *inspection, const char *id);

/* Reports. Secrets are masked unless show_secrets. */
struct report_options {
	bool show_secrets;
	bool colour;
	unsigned columns;   /* width of the terminal, 80 where unknown */
	const char *source; /* file name or link, for headings */
};
json_t *report_json(const struct inspection *inspection, const struct report_options *options);
void report_text(FILE *out, const struct inspection *inspection,
		 const struct report_options *options);
/* One self-contained page: SVG map of the flash, findings beside it. */
int report_html(struct rc_text *out, const struct inspection *inspection,
		const struct report_options *options);
/* Only the map: a line per partition with a bar of its blocks. */
void report_map(FILE *out, const struct inspection *inspection,
		const struct report_options *options);

#endif
