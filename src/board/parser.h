/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that read board files share; for them only. */
#ifndef RECAM_BOARD_PARSER_H
#define RECAM_BOARD_PARSER_H

#include "board/parse.h"
#include "base/strict_ini.h"

#define MAX_PARTS 8
#define MAX_KEYS  48

enum section_id {
	SECTION_TOP, /* before the first [section] */
	SECTION_CAMERA,
	SECTION_LAYOUT,
	SECTION_PARTITIONS,
	SECTION_CONSOLE,
	SECTION_UPDATE,
	SECTION_IDENTITY,
	SECTION_PINS,
	SECTION_BOOTLOADER,
	SECTION_EVIDENCE,
	SECTION_COUNT
};

struct parser {
	struct board *board;
	struct board_bootloader *bootloader; /* the one of the section that is open */
	const struct board_parts *parts;
	const char *main_file;
	char *included[MAX_PARTS]; /* names, owned */
	size_t included_count;
	bool in_part;
	enum section_id section;
	struct ini_place opened[SECTION_COUNT]; /* where each section was opened first */
	struct ini_place seen[MAX_KEYS];        /* beside keys[] */
	struct ini_place mtdparts_at;
	struct ini_place partition_at[RC_MAX_PARTITIONS];
	struct ini_place bootloader_at[BOARD_MAX_BOOTLOADERS];
};

struct key;
typedef int (*set_key)(struct parser *parser, const struct key *key, const struct ini_place *place,
		       const char *value, struct rc_error *err);

struct key {
	enum section_id section;
	bool required;
	bool repeats; /* may stand more than once */
	const char *name;
	set_key set;
	size_t offset; /* of the field in struct board or struct board_bootloader */
	size_t size;   /* of one element */
	size_t count;  /* elements */
};

/* keys.c: the keys with fixed names, at most MAX_KEYS. */
const struct key *parse_keys(size_t *count);

/* "16M", "256K", "0x40000", "65536"; false for NULL, too. */
bool parse_size(const char *text, uint64_t max, uint64_t *value);
/* Takes the next blank-separated word off *rest, or returns NULL. */
char *parse_word(char **rest);

/* rows.c: the sections whose keys are names that the file makes up. */
int parse_partition_row(struct parser *parser, const struct ini_place *at, const char *key,
			const char *value, struct rc_error *err);
int parse_evidence_row(struct parser *parser, const struct ini_place *at, const char *key,
		       const char *value, struct rc_error *err);
int parse_pin_row(struct parser *parser, const struct ini_place *at, const char *key,
		  const char *value, struct rc_error *err);

/* check.c: what only the whole file can tell. lines: how many it has. */
int parse_check(const struct parser *parser, unsigned lines, struct rc_error *err);
/* "camera" */
const char *parse_section_name(enum section_id section);

#endif
