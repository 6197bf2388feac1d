/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A console capture: the hex lines that a terminal program kept while somebody read a
 * flash with md, hexdump, od or xxd, as bytes, with all that is missing named.
 *
 * Addresses: hexdump, od and xxd say the place in what they read. md says a place in the
 * camera's memory; the "sf read ADDRESS OFFSET LENGTH" typed before it says which place of
 * the flash that is. What md showed of memory where no sf read put anything is memory and
 * not flash (facts/bootloaders-and-flash.md 8, story 24).
 */
#ifndef RECAM_INSPECT_CAPTURE_H
#define RECAM_INSPECT_CAPTURE_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "inspect/capture_line.h"

struct capture_gap {
	uint64_t offset;    /* in the bytes */
	uint64_t size;      /* bytes */
	uint64_t address;   /* as the capture would have printed it */
	bool contradicting; /* lines are there, and say different things */
};

struct capture_options {
	/* Takes memory for what is wanted: places every line by its address alone. */
	bool memory;
};

struct capture {
	uint8_t *bytes; /* owned; FF where nothing is known */
	size_t size;
	uint32_t flash_offset; /* of the first byte, where sf read told it; else 0 */
	bool has_offset;
	uint64_t begin;   /* place of the first byte: in the flash, or by the addresses */
	uint64_t address; /* of the first byte, as printed */
	enum capture_tool tool;
	size_t rows;              /* lines with bytes that were taken */
	size_t repeated;          /* of those, lines that only say again what another said */
	size_t contradicting;     /* lines that contradict another one */
	size_t garbled;           /* lines that begin as a row and are none */
	size_t first_garbled;     /* line of the file, counted from 1; 0 none */
	size_t wrapped;           /* rows that the terminal had broken into two lines */
	struct capture_gap *gaps; /* owned, in order */
	size_t gap_count;
	uint64_t missing; /* bytes in all gaps */
	bool end_unknown; /* nothing tells that the last line is the last one */
	bool of_memory;   /* some of it is the camera's memory, which was left out */
	char memory_why[240];
};

/* True where most lines are those of a hex dump. Looks at the first MiB. */
bool capture_probe(struct rc_span text);

/* RC_EFORMAT where no line holds bytes, RC_ERANGE where the addresses lie farther apart
 * than any flash is large. A capture of memory alone is no failure: size is 0 then. */
int capture_read(struct rc_span text, const struct capture_options *options,
		 struct capture *capture, struct rc_error *err);
void capture_clear(struct capture *capture);

/* What is not as it should be, a line each; nothing where the capture is whole. */
void capture_describe(const struct capture *capture, struct rc_text *out);

/* What to type at the camera to get the missing bytes: a command on each line, flash
 * commands with multiples of 0x10000 only. */
void capture_commands(const struct capture *capture, struct rc_text *out);

/* Calls visit for each line that is none of the dump. */
int capture_other_lines(struct rc_span text, void (*visit)(void *context, char *line),
			void *context, struct rc_error *err);

/* Writes the lines of text, from which capture was read with the same options, again with
 * bytes (capture->size of them) in the place of capture->bytes; other lines go through pass (may be
 * NULL: as they are), and those that are garbled lose their digits. */
struct capture_rewriter {
	const uint8_t *bytes;
	void (*pass)(void *context, const char *line, struct rc_text *out);
	void *context;
};
int capture_rewrite(struct rc_span text, const struct capture_options *options,
		    const struct capture *capture, const struct capture_rewriter *rewriter,
		    struct rc_text *out, struct rc_error *err);

#endif
