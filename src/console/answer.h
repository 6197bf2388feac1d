/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What U-Boot answers, taken apart. Pure: bytes in, values out.
 *
 * A console line may have lost or changed bytes on its way, so each parser takes
 * only exactly what U-Boot prints (formats: facts/bootloaders-and-flash.md 3.1 and
 * 4.2, and U-Boot 2013.07 common/cmd_sf.c, lib/display_options.c) and the caller
 * asks again where it got nothing.
 */
#ifndef RECAM_CONSOLE_ANSWER_H
#define RECAM_CONSOLE_ANSWER_H

#include <stdbool.h>

#include "base/bytes.h"

/* Takes the next line off *rest, without its line end (LF, CR LF, CR CR LF). False
 * where nothing is left. */
bool answer_next_line(struct rc_span *rest, struct rc_span *line);

#define MD_LINE_BYTES 16

/* One line of md.b, md.w or md.l (width 1, 2, 4; words in the camera's little-endian
 * order). The text column is checked against the bytes. */
struct md_line {
	uint32_t address;
	size_t count; /* 1 to MD_LINE_BYTES, a multiple of the width */
	uint8_t bytes[MD_LINE_BYTES];
};
bool md_parse_line(struct rc_span line, unsigned width, struct md_line *parsed);

/* "CRC32 for 80600000 ... 8060ffff ==> 1a2b3c4d": the crc32 of size bytes at address. */
bool crc32_parse(struct rc_span answer, uint32_t address, uint32_t size, uint32_t *crc);

enum sf_verb { SF_READ, SF_ERASE, SF_WRITE };

enum sf_verdict {
	SF_UNCLEAR,  /* no line that answers the command: ask again */
	SF_OK,       /* "SF: 65536 bytes @ 0x40000 Read: OK", with the numbers asked for */
	SF_FAILED,   /* the same with ERROR, or a driver's complaint */
	SF_TOO_FAR,  /* "ERROR: attempting read past flash size (0x800000)" */
	SF_NO_FLASH, /* "No SPI flash selected. Please run `sf probe'" */
};
/* size: of the flash as the bootloader believes, set for SF_TOO_FAR. */
enum sf_verdict sf_parse(struct rc_span answer, enum sf_verb verb, uint32_t offset, uint32_t length,
			 uint32_t *flash_size);
/* The line of answer that complains, for a message; empty where there is none. */
struct rc_span sf_complaint(struct rc_span answer);

struct probe_answer {
	bool found;       /* "SF: Detected NAME" */
	bool refused;     /* "SF: Unsupported manufacturer xx", which is in maker */
	bool failed;      /* "Failed to initialize SPI flash": of itself no reason */
	bool has_maker;   /* "the manufacturer c8" */
	uint8_t maker;    /* first byte of the JEDEC id */
	uint32_t unknown; /* "the id code = 1c7018": only for an id not in its table; 0 */
	uint32_t jedec;   /* of a bootloader that tells it of every chip; 0 */
	char name[24];    /* "GD25Q128" */
};
/* False where the answer is not one of sf probe's. */
bool probe_parse(struct rc_span answer, struct probe_answer *probe);

/* The version of U-Boot's version command: "2013.07 (Jul 28 2017 - 17:10:01)". */
#define VERSION_TEXT 96
bool version_parse(struct rc_span answer, char version[VERSION_TEXT]);

/* "Now running in RAM - U-Boot at: 83f9c000", which the bootloader says at its start. */
bool running_at_parse(struct rc_span text, uint32_t *address);

/* "## Total Size      = 0x00010000 = 65536 Bytes" with both numbers equal. */
bool total_size_parse(struct rc_span answer, uint32_t *size);

#endif
