/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An SDHC card as its host sees it: commands, responses, blocks (SD Specifications Part 1,
 * Physical Layer Simplified Specification, chapters 4 and 5). What it holds is memory of
 * whoever put it in, and what is written to the card is written there at once.
 */
#ifndef RECAM_TWIN_SD_CARD_H
#define RECAM_TWIN_SD_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SD_BLOCK 512u
/* The CSD counts capacity in these; a rest cannot be addressed. */
#define SD_CAPACITY_UNIT (512u * 1024)

struct sd_faults {
	uint64_t pull_after; /* 0 never; n: pulled out after the n-th block command, before the next
			      */
};

enum sd_state { SD_IDLE, SD_READY, SD_IDENT, SD_STANDBY, SD_TRANSFER, SD_SENDING, SD_RECEIVING };

struct sd_card {
	uint8_t *data; /* borrowed; NULL: the slot is empty */
	size_t size;
	struct sd_faults faults;
	uint64_t block_commands; /* reads and writes begun: CMD 17, 18, 24, 25 */
	uint64_t blocks_read, blocks_written;
	bool pulled;

	enum sd_state state;
	bool next_is_app; /* CMD 55 came */
	bool many;        /* blocks follow each other until CMD 12 */
	uint32_t block;   /* the next to be moved */
	uint8_t buffer[SD_BLOCK];
	size_t filled, taken;
};

/* data NULL: no card. RC_ERANGE where size makes no card. */
int sd_insert(struct sd_card *card, uint8_t *data, size_t size, const struct sd_faults *faults,
	      struct rc_error *err);
/* The slot's power comes on: the card waits for CMD 0. */
void sd_power_on(struct sd_card *card);

enum sd_answer {
	SD_SILENT,   /* no card, or no such command in this state */
	SD_NONE,     /* obeyed; the command has no response */
	SD_SHORT,    /* value: the 32 bits of R1, R3, R6, R7 */
	SD_REGISTER, /* bytes: CID or CSD (R2) */
};
struct sd_response {
	enum sd_answer answer;
	uint32_t value;
	uint8_t bytes[16];
};
void sd_command(struct sd_card *card, unsigned index, uint32_t argument,
		struct sd_response *response);

/* The next byte from the card; false where it sends nothing. */
bool sd_take(struct sd_card *card, uint8_t *byte);
/* A byte to the card; a block is written when it is whole. */
void sd_put(struct sd_card *card, uint8_t byte);

/* A card image file as memory, for a card that is written in place as a real one is. */
struct sd_file {
	uint8_t *data;
	size_t size;
};
int sd_file_open(const char *path, struct sd_file *file, struct rc_error *err);
void sd_file_close(struct sd_file *file); /* allowed on a zeroed one */

#endif
