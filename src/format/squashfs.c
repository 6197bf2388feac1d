/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SquashFS 4.0, little-endian, through libsquashfs: its compressors, its readers of
 * inodes and directories. What is done here is to look at every byte: the super
 * block's fields against each other, each metadata block of each table, each data
 * block of each file, whether or not anybody wants to see the files.
 *
 * On flash: super block, data and fragment blocks, inode table, directory table,
 * then for each of the fragment, export and id tables its metadata blocks and a list
 * of where they begin, then extended attributes; all of it without a gap, as both
 * mksquashfs and libsquashfs write it (kernel: Documentation/filesystems/squashfs).
 */
#include "format/squashfs.h"

#include <stdlib.h>
#include <string.h>

#include <sqfs/error.h>

#include "format/lzo.h"

/* --- bytes for libsquashfs --- */

static int file_read_at(sqfs_file_t *base, sqfs_u64 offset, void *buffer, size_t size)
{
	struct squashfs_bytes *file = (struct squashfs_bytes *)base;

	if (offset > file->bytes.size || size > file->bytes.size - offset)
		return SQFS_ERROR_OUT_OF_BOUNDS;
	memcpy(buffer, file->bytes.data + offset, size);
	file->last_offset = offset;
	file->last_size = size;
	return 0;
}

static int file_write_at(sqfs_file_t *base, sqfs_u64 offset, const void *buffer, size_t size)
{
	return SQFS_ERROR_UNSUPPORTED;
}

static sqfs_u64 file_get_size(const sqfs_file_t *base)
{
	return ((const struct squashfs_bytes *)base)->bytes.size;
}

static int file_truncate(sqfs_file_t *base, sqfs_u64 size)
{
	return SQFS_ERROR_UNSUPPORTED;
}

static void keep(sqfs_object_t *object)
{
	(void)object;
}

static sqfs_s32 lzo_do_block(sqfs_compressor_t *self, const sqfs_u8 *in, sqfs_u32 size,
			     sqfs_u8 *out, sqfs_u32 room)
{
	size_t unpacked = room;

	return lzo_unpack(in, size, out, &unpacked) ? (sqfs_s32)unpacked : SQFS_ERROR_COMPRESSOR;
}

/* libsquashfs leaves LZO out for its licence's sake; liblzo2 itself can be had. */
static sqfs_compressor_t lzo_compressor = { .base = { .destroy = keep }, .do_block = lzo_do_block };

static bool open_compressor(struct squashfs *fs)
{
	sqfs_compressor_config_t config;
	SQFS_COMPRESSOR id = (SQFS_COMPRESSOR)fs->super.compression_id;

	if (id == SQFS_COMP_LZO && lzo_available()) {
		fs->compressor = &lzo_compressor;
		return true;
	}
	return sqfs_compressor_config_init(&config, id, fs->super.block_size,
					   SQFS_COMP_FLAG_UNCOMPRESS) == 0 &&
	       sqfs_compressor_create(&config, &fs->compressor) == 0;
}

/* Unpacks on_disk bytes at offset; the number of bytes that came out, 0 where it fails. */
size_t squashfs_unpack(struct squashfs *fs, uint64_t offset, size_t on_disk, bool compressed,
		       uint32_t kind, uint8_t *out, size_t room)
{
	sqfs_s32 size;

	if (offset > fs->image.size || on_disk > fs->image.size - offset || on_disk == 0)
		return 0;
	if (!compressed) {
		if (on_disk > room)
			return 0;
		memcpy(out, fs->image.data + offset, on_disk);
		return on_disk;
	}
	fs->compressed_kinds |= kind;
	size = fs->compressor->do_block(fs->compressor, fs->image.data + offset, (sqfs_u32)on_disk,
					out, (sqfs_u32)room);
	return size > 0 && (size_t)size <= room ? (size_t)size : 0;
}

static int open_readers(struct squashfs *fs)
{
	sqfs_file_t *file = &fs->file.base;
	sqfs_compressor_t *metadata = squashfs_metadata_compressor(fs);

	*file = (sqfs_file_t){ .base = { .destroy = keep },
			       .read_at = file_read_at,
			       .write_at = file_write_at,
			       .get_size = file_get_size,
			       .truncate = file_truncate };
	fs->file.bytes = fs->image;
	fs->inodes = sqfs_meta_reader_create(file, metadata, fs->super.inode_table_start,
					     fs->super.directory_table_start);
	fs->directories = sqfs_meta_reader_create(file, metadata, fs->super.directory_table_start,
						  fs->super.id_table_start);
	fs->inode_seen = calloc(fs->super.inode_count + 1, 1);
	fs->fragment_used = calloc(fs->fragments.size / SQUASHFS_FRAGMENT_SIZE + 1, 1);
	if (!fs->inodes || !fs->directories || !fs->inode_seen || !fs->fragment_used)
		return rc_fail_memory(fs->err, fs->super.inode_count);
	return 0;
}

static void close_all(struct squashfs *fs)
{
	sqfs_destroy(fs->inodes);
	sqfs_destroy(fs->directories);
	sqfs_destroy(fs->compressor);
	squashfs_metadata_close(fs);
	rc_buffer_free(&fs->fragments);
	rc_buffer_free(&fs->exports);
	rc_buffer_free(&fs->ids);
	for (size_t i = 0; i < SQUASHFS_CACHED_FRAGMENTS; i++)
		free(fs->cache[i].data);
	free(fs->fragment_used);
	free(fs->inode_seen);
	free(fs->content);
	free(fs);
}

static int check_readable(struct squashfs *fs)
{
	int result;

	squashfs_check_flags(fs);
	squashfs_check_options(fs);
	if (!squashfs_metadata_open(fs))
		return rc_fail_memory(fs->err, RC_MIB(1));
	squashfs_read_tables(fs);
	if (fs->fragments.failed || fs->exports.failed || fs->ids.failed)
		return rc_fail_memory(fs->err, fs->super.bytes_used);
	result = open_readers(fs);
	if (result == 0)
		squashfs_ahead_start(fs);
	if (result == 0)
		result = squashfs_walk(fs);
	if (result == 0)
		squashfs_read_other_fragments(fs);
	squashfs_ahead_stop(fs);
	squashfs_check_uncompressed_flags(fs);
	return result;
}

static int check_image(struct squashfs *fs, struct rc_span region)
{
	int result = squashfs_describe_super(fs);

	if (result < 0 || !squashfs_super_is_readable(fs))
		return result;
	fs->report->used = (uint32_t)(fs->super.bytes_used < region.size ? fs->super.bytes_used
									 : region.size);
	if (fs->super.bytes_used > region.size) {
		format_problem(fs->report, region.size - 1, 1,
			       "%llu bytes long, and only %zu of them are here",
			       (unsigned long long)fs->super.bytes_used, region.size);
		return 0;
	}
	fs->image.size = fs->super.bytes_used;
	if (!open_compressor(fs)) {
		format_problem(
			fs->report, 20, 2,
			"compressed with %s, which this build cannot unpack: not checked",
			sqfs_compressor_name_from_id((SQFS_COMPRESSOR)fs->super.compression_id));
		fs->report->state = REGION_UNKNOWN;
		return 0;
	}
	return check_readable(fs);
}

static bool probe(struct rc_span region)
{
	return region.size >= SQUASHFS_SUPER_SIZE && rc_le32(region.data) == SQFS_MAGIC &&
	       rc_le16(region.data + 28) == SQFS_VERSION_MAJOR;
}

static int check(struct rc_span region, const struct fs_visitor *visitor,
		 struct format_report *report, struct rc_error *err)
{
	struct squashfs *fs;
	int result;

	if (region.size < SQUASHFS_SUPER_SIZE) {
		format_problem(report, 0, region.size, "%zu bytes are too few for a squashfs",
			       region.size);
		return 0;
	}
	fs = calloc(1, sizeof(*fs));
	if (!fs)
		return rc_fail_memory(err, sizeof(*fs));
	fs->image = region;
	fs->visitor = visitor;
	fs->report = report;
	fs->err = err;
	squashfs_read_super(region.data, &fs->super);
	result = check_image(fs, region);
	close_all(fs);
	return result;
}

const struct format format_squashfs = { .name = "squashfs", .probe = probe, .check = check };
