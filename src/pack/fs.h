/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file system of a camera as a folder of files, and back.
 *
 * fs_unpack makes DIR/NAME/ with everything that an ordinary user can make (files, folders,
 * symbolic links), and DIR/NAME.mtree, a manifest in the form of mtree(5) as libarchive
 * writes and reads it: owners, modes, devices, fifos, sockets, times, hard links (equal
 * inode=), and a SHA-256 of each file. The manifest is the authority for what it lists;
 * the folder is the authority for what files there are and what is in them.
 *
 * The second line of the manifest, "#recam squashfs block-size=131072 ...", says how
 * the image was made, so that the new one is made the same way (struct fs_recipe).
 *
 * Control bytes in a name, and backslashes, are written as in mtree on disk too: a
 * line feed is the four characters \012.
 */
#ifndef RECAM_PACK_FS_H
#define RECAM_PACK_FS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "format/format.h"

/* More than any of these cameras could hold, and little enough for any PC. */
#define FS_MAX_ENTRIES  65536u
#define FS_MAX_BYTES    RC_MIB(256) /* of all files, hard links counted once */
#define FS_MAX_DEPTH    64u
#define FS_MAX_MANIFEST RC_MIB(32)

/* How an image is made. All of it comes from the image that was unpacked. */
struct fs_recipe {
	const struct format *format; /* &format_squashfs or &format_jffs2 */
	uint32_t align;  /* the image ends at a multiple of this: 00 (squashfs), FF (jffs2) */
	uint32_t pad_to; /* then it is filled up to this many bytes, where it is shorter */
	uint32_t fill;   /* with this byte: 0xff or 0x00 */
	/* SquashFS: fields of its super block. */
	uint32_t block_size;
	uint32_t compressor; /* SQFS_COMPRESSOR */
	uint32_t flags;      /* SQFS_SUPER_FLAGS */
	uint32_t created;    /* seconds since 1970 */
	uint32_t options[2]; /* as behind the super block, where the flags say so */
	/* JFFS2. */
	uint32_t erase_block;
	uint32_t cleanmarker; /* bytes of the node that begins each erase block; 0: none */
	uint32_t zlib;        /* 1: pages are compressed where that makes them smaller */
};

/* What was unpacked. */
struct fs_summary {
	struct format_report report; /* of the image; cleared with fs_summary_clear */
	uint32_t files, directories, links;
	uint32_t specials; /* devices, fifos, sockets: in the manifest only */
	uint64_t bytes;    /* in all files */
	uint32_t damaged;  /* files of which part could not be read: zeros stand in for it */
	char first_damaged[128];
};

/* True for formats that hold files. */
bool fs_is_file_system(const struct format *format);

/* Unpacks region to NAME/ and NAME.mtree below dir_fd; neither may be there yet. Damaged
 * images are unpacked as far as they can be read (summary->damaged, summary->report).
 * format NULL: what region begins as. Nothing is left behind where it fails: RC_EFORMAT
 * where region is no file system, or holds names that no file can have; RC_ERANGE
 * where it holds more than FS_MAX_*; RC_EREFUSED where NAME is there. */
int fs_unpack(struct rc_span region, const struct format *format, int dir_fd, const char *name,
	      struct fs_summary *summary, struct rc_error *err);
void fs_summary_clear(struct fs_summary *summary);

/* How region was made. RC_EFORMAT where it is no file system. */
int fs_recipe_of(struct rc_span region, const struct format *format, struct fs_recipe *recipe,
		 struct rc_error *err);

/* Makes an image of NAME/ and NAME.mtree, in memory that the caller frees with
 * rc_buffer_free. recipe NULL: the manifest's own. Without a manifest everything gets
 * the defaults of new files, and a recipe is needed.
 *
 * What is not in the manifest belongs to root, has the mode that it has on disk without
 * what group and others could write, and the time that SOURCE_DATE_EPOCH says, or else of
 * the manifest's newest entry; files whose content is no longer the manifest's get that time
 * too. The same folder and manifest make the same image.
 *
 * RC_ERANGE where the image is larger than room, with by how much and what is largest. */
int fs_pack(int dir_fd, const char *name, const struct fs_recipe *recipe, size_t room,
	    struct rc_buffer *image, struct rc_error *err);

/* Whether NAME/ and NAME.mtree still say what original holds, so that the original bytes can
 * be given back. */
int fs_unchanged(int dir_fd, const char *name, struct rc_span original, const struct format *format,
		 bool *unchanged, struct rc_error *err);

/* Removes NAME/ with all that is in it, and NAME.mtree; no link is followed. What is not
 * there is no error. */
int fs_remove(int dir_fd, const char *name, struct rc_error *err);

#endif
