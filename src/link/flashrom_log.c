/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/flashrom_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void flashrom_log_clear(struct flashrom_log *log)
{
	*log = (struct flashrom_log){ .status = -1, .failed_at = -1 };
}

/* "RDID returned 0xef 0x40 0x18. ": once for each time that it was clocked out (spi25.c). */
static void take_ids(struct flashrom_log *log, const char *line)
{
	while ((line = strstr(line, "RDID returned"))) {
		unsigned maker, type, capacity;

		if (sscanf(line, "RDID returned 0x%2x 0x%2x 0x%2x", &maker, &type, &capacity) ==
		    3) {
			log->id = maker << 16 | type << 8 | capacity;
			log->id_reads++;
		}
		line++;
	}
}

/* "compare_id: id1 0xef, id2 0x4018" of the SPI chips; a REMS id has one byte there. */
static void take_chosen_id(struct flashrom_log *log, const char *line)
{
	const char *at = strstr(line, "compare_id: id1 0x");
	unsigned maker, type;

	if (at && sscanf(at, "compare_id: id1 0x%2x, id2 0x%4x", &maker, &type) == 2 && type > 0xff)
		log->chosen_id = maker << 16 | type;
}

/* 'Found Winbond flash chip "W25Q128.V" (16384 kB, SPI) on dummy.' */
static void take_found(struct flashrom_log *log, const char *line)
{
	const char *name = strstr(line, " flash chip \"");
	char copy[FLASHROM_NAME];
	size_t length;

	if (!name || !strstr(line, "Found "))
		return;
	name += strlen(" flash chip \"");
	length = strcspn(name, "\"");
	if (name[length] != '"' || length >= sizeof(copy))
		return;
	memcpy(copy, name, length);
	copy[length] = '\0';
	for (size_t i = 0; i < log->found_count; i++)
		if (strcmp(log->found[i], copy) == 0)
			return;
	if (log->found_count < FLASHROM_MAX_FOUND)
		memcpy(log->found[log->found_count++], copy, sizeof(copy));
}

static void take_status(struct flashrom_log *log, const char *line)
{
	const char *at = strstr(line, "Chip status register is 0x");
	unsigned status;

	if (at && sscanf(at, "Chip status register is 0x%2x", &status) == 1)
		log->status = (int)status;
}

/* "FAILED at 0x00010000! Expected=0x55, Found=0xff, ..." */
static void take_failure(struct flashrom_log *log, const char *line)
{
	const char *at = strstr(line, "FAILED at 0x");
	unsigned offset;

	if (at && log->failed_at < 0 && sscanf(at, "FAILED at 0x%8x", &offset) == 1)
		log->failed_at = offset;
}

/* The list comes over several lines and ends with a full stop. */
static void take_choices(struct flashrom_log *log, const char *line)
{
	size_t used = strlen(log->choices);
	size_t length = strlen(line);

	if (strstr(line, "Valid choices are:")) {
		log->in_choices = true;
		return;
	}
	if (!log->in_choices)
		return;
	if (length > 0 && line[length - 1] == '.') {
		log->in_choices = false;
		length--;
	}
	snprintf(log->choices + used, sizeof(log->choices) - used, "%s%.*s", used ? " " : "",
		 (int)length, line);
}

void flashrom_log_line(struct flashrom_log *log, bool error, const char *line)
{
	take_choices(log, line);
	take_ids(log, line);
	take_chosen_id(log, line);
	take_found(log, line);
	take_status(log, line);
	take_failure(log, line);
	if (!error || !*line)
		return;
	if (!log->first_error[0])
		snprintf(log->first_error, sizeof(log->first_error), "%s", line);
	snprintf(log->last_error, sizeof(log->last_error), "%s", line);
}
