/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder of partitions and their files as a firmware file again: what unpack_firmware
 * made, or any folder of NAME.bin.
 *
 * What nobody changed comes back byte for byte. A partition whose files were changed is
 * made anew from them; one whose NAME.bin was changed is taken from there; where both were,
 * only their owner can say which is meant.
 */
#ifndef RECAM_PACK_REPACK_H
#define RECAM_PACK_REPACK_H

#include "pack/folder_record.h"
#include "pack/fs.h"

enum part_source {
	PART_ABSENT,
	PART_UNCHANGED, /* as it was unpacked */
	PART_FILE,      /* NAME.bin, which was changed, or of which no record is */
	PART_TREE,      /* made anew from NAME/ and NAME.mtree */
	PART_CFW,       /* as PART_TREE, with our start script put in */
};

struct repack_request {
	const char *folder;
	const struct board *board; /* whose firmware it is to be */
	/* A shape's word, the name of a partition, or NULL: what the folder was unpacked from. */
	const char *as;
	/* Ed25519 secret key, RECOVERY_SECRET_SIZE bytes, for a changed recovery image; NULL:
	 * none is at hand. */
	const uint8_t *secret;
	bool cfw; /* put the start script for the SD card into root */
};

struct repacked {
	enum firmware_kind kind; /* FIRMWARE_KINDS: one partition */
	struct flash_map map;
	enum part_source sources[RC_MAX_PARTITIONS]; /* beside map.layout.partitions */
	bool wanted[RC_MAX_PARTITIONS];              /* those that the file carries */
	bool original;                               /* byte for byte what was unpacked */
	bool signed_anew;                            /* with request->secret */
	/* Of a recovery image, where the folder has this camera's bootloader too: what that one
	 * looks for, and whether it takes the signature. */
	struct recovery_loader loader;
	bool loader_takes;
	struct rc_buffer file; /* owned */
};

/* RC_EREFUSED where a part is missing, does not fit, is damaged, or was changed in both of its
 * forms; RC_ERANGE where a tree does not fit, with what takes the room; RC_EUSAGE where
 * request->as makes no sense for this folder and camera. */
int repack_firmware(const struct repack_request *request, struct repacked *out,
		    struct rc_error *err);
void repacked_clear(struct repacked *repacked);

#endif
