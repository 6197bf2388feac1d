/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who a camera is, as a person sees it: what the partitions that hold its identity and its
 * settings say, and whether each of them is as it should be. para and config of the jz_sfc
 * layout, factory of the Sannce (facts/bootloaders-and-flash.md 1.3, 1.5), FACTORY and
 * CONFIG of the Mi 360 family (facts/mstar-mi360.md 1.6).
 */
#ifndef RECAM_INSPECT_IDENTITY_PARTS_H
#define RECAM_INSPECT_IDENTITY_PARTS_H

#include "board/board.h"
#include "inspect/inspect.h"

struct identity_field {
	char name[40];   /* for people: "MAC address" */
	char value[200]; /* as stored */
	bool secret;
	char wrong[96]; /* "it has 7 characters, not 16"; "" right */
};
#define IDENTITY_MAX_FIELDS 16

struct identity_part {
	char name[RC_PARTITION_NAME]; /* "para" */
	uint32_t offset, size;        /* in the image */
	bool settings;                /* Wi-Fi and the like, not who the camera is */
	bool blank;
	char where[96];  /* "/config/.product_config", "FLSH settings"; "" nothing known */
	char wrong[200]; /* why it is damaged; "" it is not */
	struct identity_field fields[IDENTITY_MAX_FIELDS];
	size_t field_count;
};
#define IDENTITY_MAX_PARTS 4

struct identity_report {
	char board[24]; /* id, where it is at least likely; "" else */
	char mac[18];   /* "02:00:00:5E:C0:DE", "" none */
	char model[64]; /* FLSH's, "" none */
	struct identity_part parts[IDENTITY_MAX_PARTS];
	size_t part_count;
};

/* Reads the identity of a whole flash or of one partition. RC_EFORMAT where the image has
 * no partition for it. */
int identity_read(struct rc_span image, const struct boards *boards, const char *board,
		  struct identity_report *report, struct rc_error *err);

/* One partition's bytes, whose name and place are set. */
void identity_part_read(struct rc_span bytes, struct identity_part *part,
			struct identity_report *report);

/* Not damaged, and with what tells one camera from another. */
bool identity_is_whole(const struct identity_report *report);

/* The first thing that is wrong, for a message; "" none. */
const char *identity_wrong(const struct identity_report *report);

/* "02-00-00-5e-c0-de" and other ways of writing it as "02:00:00:5E:C0:DE". False: no MAC. */
bool identity_mac(const char *text, char out[18]);

#endif
