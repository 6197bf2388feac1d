/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Archives that firmware comes in: tar, tar.gz, zip, and a single file in gzip, one in
 * another up to ARCHIVE_MAX_DEPTH.
 *
 * Nothing is ever written by a name that stands in an archive, and no link in it is
 * followed: names serve to recognise partitions and for messages only, so there is no path
 * that could lead anywhere.
 */
#ifndef RECAM_PACK_FIRMWARE_ARCHIVE_H
#define RECAM_PACK_FIRMWARE_ARCHIVE_H

#include "base/bytes.h"
#include "base/error.h"
#include "pack/firmware_file.h"

#define ARCHIVE_MAX_DEPTH   3u
#define ARCHIVE_MAX_ENTRIES 4096u        /* of all archives in it together */
#define ARCHIVE_MAX_BYTES   RC_MIB(128)  /* that come out of all of them */
#define ARCHIVE_MAX_FILE    RC_MAX_FLASH /* of one file in it */
#define ARCHIVE_MAX_KEPT    64u
#define ARCHIVE_NAME        160

struct archive_file {
	char name[ARCHIVE_NAME]; /* as it stands there, control bytes as \xNN, cut where long */
	struct rc_buffer bytes;  /* owned */
};

/* The files of an archive that may be firmware. */
struct firmware_archive {
	struct archive_file files[ARCHIVE_MAX_KEPT];
	size_t count;
	unsigned passed_over; /* files, links, devices: what cannot be firmware */
	char first_passed_over[ARCHIVE_NAME];
};

/* True if file begins as one of them. */
bool firmware_archive_probe(struct rc_span file);

/* Reads the whole archive. RC_EFORMAT where it is damaged, RC_ERANGE where it is larger
 * inside than any firmware, RC_EREFUSED for what no vendor's archive has: a path that climbs
 * out, a password. All with [image-not-firmware]. */
int firmware_archive_read(const char *name, struct rc_span file, struct firmware_archive *archive,
			  struct rc_error *err);
void firmware_archive_clear(struct firmware_archive *archive);

/* The one file of it that is a firmware file in itself (a demo.bin, a recovery image, a whole
 * flash); *found NULL where there is none. RC_EREFUSED where there are several. */
int firmware_archive_single(const char *name, const struct firmware_archive *archive,
			    const struct archive_file **found, struct rc_error *err);

/* Its files as the partitions that their names, or else their contents, stand for. out->kind
 * is FIRMWARE_KINDS; the slices are borrowed from archive. RC_EREFUSED where one does not
 * fit, where two are for one partition, or where there are none. */
int firmware_archive_parts(const char *name, const struct firmware_archive *archive,
			   const struct flash_map *map, struct firmware_file *out,
			   struct rc_error *err);

#endif
