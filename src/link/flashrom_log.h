/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libflashrom says while it works. 1.3 has no function that tells the JEDEC id, the
 * status register or all chips that match, but it logs them, so that its lines are read:
 * fields that its log does not have stay unknown, and nothing else depends on them.
 */
#ifndef RECAM_LINK_FLASHROM_LOG_H
#define RECAM_LINK_FLASHROM_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLASHROM_MAX_FOUND 8
#define FLASHROM_NAME      64

struct flashrom_log {
	char found[FLASHROM_MAX_FOUND][FLASHROM_NAME]; /* names of chips that match, each once */
	size_t found_count;
	/* Ids as they came over the wires (RDID), the last one in id. */
	uint32_t id;
	uint64_t id_reads;
	/* The id that a chip was chosen by: 1.3 asks only once in the life of a process. */
	uint32_t chosen_id; /* 0: none told */
	int status;         /* status register 1, -1 unknown */
	int64_t failed_at;  /* where a verify found the first difference, -1: it did not */
	char choices[640];  /* the programmers of this build, after an unknown one was asked for */
	bool in_choices;
	char first_error[160], last_error[160]; /* lines of error level; "" none */
};

void flashrom_log_clear(struct flashrom_log *log);
/* One line without its newline. */
void flashrom_log_line(struct flashrom_log *log, bool error, const char *line);

#endif
