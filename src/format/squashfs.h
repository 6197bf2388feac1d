/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the parts of the SquashFS reader: squashfs.c opens and closes the image,
 * squashfs_super.c looks at the super block, squashfs_tables.c at the metadata blocks,
 * which squashfs_metadata.c keeps, squashfs_tree.c at inodes and directories, squashfs_content.c at
 * the data of files, which squashfs_ahead.c unpacks on other processors.
 */
#ifndef RECAM_FORMAT_SQUASHFS_H
#define RECAM_FORMAT_SQUASHFS_H

#include "format/format.h"

#include <sqfs/block.h>
#include <sqfs/compressor.h>
#include <sqfs/dir.h>
#include <sqfs/inode.h>
#include <sqfs/io.h>
#include <sqfs/meta_reader.h>
#include <sqfs/super.h>

#define SQUASHFS_SUPER_SIZE       96u
#define SQUASHFS_NO_TABLE         UINT64_MAX
#define SQUASHFS_FRAGMENT_SIZE    16u /* of an entry in the fragment table */
#define SQUASHFS_MAX_DEPTH        64u
#define SQUASHFS_MAX_PATH         4096u
#define SQUASHFS_CACHED_FRAGMENTS 8u

struct squashfs_bytes {
	sqfs_file_t base;
	struct rc_span bytes;
	uint64_t last_offset; /* of what was read last */
	size_t last_size;
};

struct squashfs_fragment {
	uint32_t index;
	uint32_t age;
	size_t size; /* 0: does not unpack */
	uint8_t *data;
};

struct squashfs_directory {
	sqfs_readdir_state_t state;
	sqfs_u32 inode_number;
	size_t path_size;
};

struct squashfs {
	struct rc_span image; /* bytes_used of them, or what there is */
	sqfs_super_t super;
	struct squashfs_bytes file;
	sqfs_compressor_t *compressor;
	struct squashfs_metadata *metadata;
	sqfs_meta_reader_t *inodes;
	sqfs_meta_reader_t *directories;
	struct rc_buffer fragments; /* decoded tables */
	struct rc_buffer exports;
	struct rc_buffer ids;
	struct squashfs_fragment cache[SQUASHFS_CACHED_FRAGMENTS];
	uint32_t clock;
	struct squashfs_ahead *ahead; /* NULL: nobody works ahead */
	uint8_t *fragment_used;       /* one byte each */
	uint8_t *inode_seen;          /* one byte each, by inode number */
	uint32_t inodes_found;
	uint32_t entries;
	uint32_t compressed_kinds; /* SQFS_FLAG_UNCOMPRESSED_* of what was seen compressed */
	uint64_t content_total;
	uint8_t *content; /* of the file at hand */
	size_t content_room;
	struct squashfs_directory stack[SQUASHFS_MAX_DEPTH];
	size_t depth;
	char path[SQUASHFS_MAX_PATH];
	size_t path_size;
	const struct fs_visitor *visitor;
	struct format_report *report;
	struct rc_error *err;
};

/* Unpacks on_disk bytes at offset; the number of bytes that came out, 0 where it fails.
 * kind: the SQFS_FLAG_UNCOMPRESSED_* that says that no such block is compressed. */
size_t squashfs_unpack(struct squashfs *fs, uint64_t offset, size_t on_disk, bool compressed,
		       uint32_t kind, uint8_t *out, size_t room);

/* Metadata blocks, unpacked once; false without memory. The compressor is for libsquashfs's readers
 * of fs->file, and lives until close. */
bool squashfs_metadata_open(struct squashfs *fs);
sqfs_compressor_t *squashfs_metadata_compressor(struct squashfs *fs);
void squashfs_metadata_close(struct squashfs *fs);
/* squashfs_unpack() of a compressed metadata block. */
size_t squashfs_unpack_metadata(struct squashfs *fs, uint64_t offset, size_t on_disk, uint32_t kind,
				uint8_t out[SQFS_META_BLOCK_SIZE]);

/* p: SQUASHFS_SUPER_SIZE bytes. */
void squashfs_read_super(const uint8_t *p, sqfs_super_t *super);
int squashfs_describe_super(const struct squashfs *fs);
/* False, with the problem reported, where a field is wrong that makes reading on pointless. */
bool squashfs_super_is_readable(const struct squashfs *fs);
/* Fields that only describe: wrong ones do not stop the reading. */
void squashfs_check_flags(const struct squashfs *fs);
void squashfs_check_options(const struct squashfs *fs);
/* At the end: whether what the flags call uncompressed was. */
void squashfs_check_uncompressed_flags(const struct squashfs *fs);

/* Looks at every metadata block; fills fragments, exports and ids (.failed: no memory). */
void squashfs_read_tables(struct squashfs *fs);

/* An inode by its reference, freed with sqfs_free; a libsquashfs error where it makes no sense. */
int squashfs_read_inode(struct squashfs *fs, uint64_t ref, sqfs_inode_generic_t **out);

/* Goes through the whole tree. Problems are reported; fails only without memory or where the
 * visitor does. */
int squashfs_walk(struct squashfs *fs);

/* The data of the file fs->path, into fs->content and entry. */
int squashfs_read_content(struct squashfs *fs, const sqfs_inode_generic_t *inode,
			  struct fs_entry *entry);
/* Between these two, blocks are unpacked ahead where that is worth it. Needs the tables and the
 * reader of inodes. */
void squashfs_ahead_start(struct squashfs *fs);
void squashfs_ahead_stop(struct squashfs *fs);
/* The bytes of the block at offset, given back or freed by the caller; NULL: nobody has unpacked
 * it. */
uint8_t *squashfs_ahead_take(struct squashfs *fs, uint64_t offset, uint32_t word, size_t *size);
/* Takes such bytes (or NULL) back, for other blocks. */
void squashfs_ahead_give_back(struct squashfs *fs, uint8_t *data);

/* Fragment blocks that no file led to. */
void squashfs_read_other_fragments(struct squashfs *fs);

#endif
