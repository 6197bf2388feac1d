/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives as libarchive writes them, of whatever a test wants in them, and what an owner who
 * unpacks one gets. */
#ifndef RECAM_TESTS_PACK_ARCHIVES_H
#define RECAM_TESTS_PACK_ARCHIVES_H

#include <archive.h>
#include <archive_entry.h>

#include "pack/firmware_open.h"

#define ARCHIVE_MARK "/tmp/recam-hostile-archive-was-here" /* nothing may ever be there */

enum content { NOTHING, KERNEL, TEXT, PAGE, OTHER };

struct entry {
	const char *path;
	unsigned type; /* AE_IF...; 0: a file */
	enum content content;
	const char *symlink, *hardlink;
	size_t zeros;  /* this many instead of content */
	size_t repeat; /* so many of them, numbered where path holds %u */
};

enum form { TAR, TAR_GZ, ZIP };

/* Group fixtures. */
int archives_setup(void **state);
int archives_teardown(void **state);

#define ARCHIVE_KERNEL_SIZE 5064u /* of what KERNEL stands for: a whole uImage */

/* One piece after the other; out is freed by the caller. */
struct archive *archive_begin(enum form form, struct rc_buffer *out);
void archive_put(struct archive *archive, const char *path, const struct entry *entry,
		 struct rc_span bytes);
void archive_put_zeros(struct archive *archive, size_t size);
void archive_end(struct archive *archive);

/* A whole one; a path of NULL ends the entries. */
void archive_make(enum form form, const struct entry *entries, struct rc_buffer *out);
/* out as the only file of a new archive. */
void archive_wrap(enum form form, const char *path, struct rc_buffer *out);

/* Unpacks it as that of a Dafang: the status, and how many partitions came out. Asserts that
 * nothing is anywhere else. */
int archive_try(const struct rc_buffer *bytes, size_t *parts, struct rc_error *err);
/* The same, which must end so; says is a part of the message, or NULL. */
void archive_expect(const char *name, const struct rc_buffer *bytes, int status, size_t parts,
		    const char *says);

#endif
