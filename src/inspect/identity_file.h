/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A camera's identity in a file of its own, and back into an image (docs/secrets.md has the
 * file's form). The partitions are in it byte for byte; what else it says is for people,
 * and is read again from them.
 */
#ifndef RECAM_INSPECT_IDENTITY_FILE_H
#define RECAM_INSPECT_IDENTITY_FILE_H

#include "inspect/identity_parts.h"

#define IDENTITY_FILE_VERSION 1
#define IDENTITY_FILE_MAX     RC_MIB(4)

struct identity_saved {
	char name[RC_PARTITION_NAME];
	uint32_t offset;
	bool settings;
	struct rc_buffer bytes;
};

struct identity_file {
	struct identity_report report; /* read from the bytes, not from what the file says */
	struct identity_saved parts[IDENTITY_MAX_PARTS];
	size_t part_count;
};

/* The file's text, for the partitions of report in image. RC_EREFUSED where there is no
 * whole identity. */
int identity_file_make(struct rc_span image, const struct identity_report *report,
		       struct rc_text *out, struct rc_error *err);

/* RC_EFORMAT with what is wrong. Cleared by the caller in any case. */
int identity_file_read(struct rc_span text, struct identity_file *file, struct rc_error *err);
void identity_file_clear(struct identity_file *file);

struct identity_import_options {
	const struct boards *boards;
	const char *board; /* of the image, as its owner says, NULL: found out */
	bool i_know;       /* also another camera's */
	bool settings;     /* the settings too */
};

/* Makes *out of image with the identity partitions of file. RC_EREFUSED where it is of
 * another camera, or damaged. */
int identity_import(const struct identity_file *file, struct rc_span image,
		    const struct identity_import_options *options, struct rc_buffer *out,
		    struct rc_error *err);

#endif
