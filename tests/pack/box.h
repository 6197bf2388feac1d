/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder to unpack into, and the way back, for tests of file systems. */
#ifndef RECAM_TESTS_PACK_BOX_H
#define RECAM_TESTS_PACK_BOX_H

#include "pack/fs.h"

/* A fresh folder; its descriptor is closed at box_close. */
struct box {
	const char *path;
	int fd;
};
void box_open(struct box *box);
void box_close(struct box *box);

/* "PATH/NAME" in static memory. */
const char *box_path(const struct box *box, const char *name);

/* Unpacks image to NAME, which must do, and packs NAME again, which must do. */
void box_unpack(const struct box *box, const struct rc_buffer *image, const char *name);
void box_pack(const struct box *box, const char *name, struct rc_buffer *image);

/* The manifest as text, ended by NUL; freed by the caller. */
char *box_manifest(const struct box *box, const char *name);
/* Replaces the first from in the manifest by to; asserts that it is there. */
void box_edit_manifest(const struct box *box, const char *name, const char *from, const char *to);

/* A file in the box's folder: "root/etc/x". */
void box_put(const struct box *box, const char *name, const char *text, unsigned mode);

/* Asserts that image is a whole file system, and that unpacking it to NAME gives the manifest that
 * OTHER has, byte for byte. */
void assert_same_manifest(const struct box *box, const struct rc_buffer *image, const char *name,
			  const char *other);

/* What mksquashfs or mkfs.jffs2 makes of folder; options end with NULL. */
void box_mksquashfs(const char *folder, const char *const *options, struct rc_buffer *image);
void box_mkfs_jffs2(const char *folder, const char *const *options, struct rc_buffer *image);

#endif
