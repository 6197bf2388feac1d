/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metadata blocks of a squashfs, unpacked once.
 *
 * They are wanted three times: all of them looked at, the inodes for what can be unpacked ahead,
 * and both tables again by going through the tree. libsquashfs's readers hold one block each, and a
 * tree leads them to and fro. What they take for their compressor is this store.
 */
#include "format/squashfs.h"

#include <stdlib.h>
#include <string.h>

#include <sqfs/error.h>

#define STORED_BLOCKS 128u /* 1 MiB: some twenty thousand inodes and their names */

struct stored {
	uint64_t offset;
	size_t on_disk; /* 0: nothing is stored here */
	size_t size;
	uint8_t bytes[SQFS_META_BLOCK_SIZE];
};

struct squashfs_metadata {
	sqfs_compressor_t as_compressor;
	struct squashfs *fs;
	unsigned next; /* to be stored in */
	struct stored blocks[STORED_BLOCKS];
};

static const struct stored *find(const struct squashfs_metadata *store, uint64_t offset,
				 size_t on_disk)
{
	for (unsigned i = 0; i < STORED_BLOCKS; i++) {
		const struct stored *block = &store->blocks[i];

		if (block->offset == offset && block->on_disk == on_disk)
			return block;
	}
	return NULL;
}

size_t squashfs_unpack_metadata(struct squashfs *fs, uint64_t offset, size_t on_disk, uint32_t kind,
				uint8_t out[SQFS_META_BLOCK_SIZE])
{
	struct squashfs_metadata *store = fs->metadata;
	const struct stored *known = find(store, offset, on_disk);
	struct stored *block;
	size_t size;

	fs->compressed_kinds |= kind;
	if (known) {
		memcpy(out, known->bytes, known->size);
		return known->size;
	}
	size = squashfs_unpack(fs, offset, on_disk, true, kind, out, SQFS_META_BLOCK_SIZE);
	if (size == 0)
		return 0;
	block = &store->blocks[store->next++ % STORED_BLOCKS];
	block->offset = offset;
	block->on_disk = on_disk;
	block->size = size;
	memcpy(block->bytes, out, size);
	return size;
}

/* in is what the reader has just read from the image, and the image knows where that was. */
static sqfs_s32 do_block(sqfs_compressor_t *self, const sqfs_u8 *in, sqfs_u32 on_disk, sqfs_u8 *out,
			 sqfs_u32 room)
{
	struct squashfs *fs = ((struct squashfs_metadata *)self)->fs;
	size_t size = 0;

	if (room >= SQFS_META_BLOCK_SIZE && fs->file.last_size == on_disk)
		size = squashfs_unpack_metadata(fs, fs->file.last_offset, on_disk, 0, out);
	return size ? (sqfs_s32)size : SQFS_ERROR_COMPRESSOR;
}

static void keep(sqfs_object_t *object)
{
	(void)object;
}

bool squashfs_metadata_open(struct squashfs *fs)
{
	fs->metadata = calloc(1, sizeof(*fs->metadata));
	if (!fs->metadata)
		return false;
	fs->metadata->fs = fs;
	fs->metadata->as_compressor = (sqfs_compressor_t){ .base = { .destroy = keep },
							   .do_block = do_block };
	return true;
}

sqfs_compressor_t *squashfs_metadata_compressor(struct squashfs *fs)
{
	return &fs->metadata->as_compressor;
}

void squashfs_metadata_close(struct squashfs *fs)
{
	free(fs->metadata);
	fs->metadata = NULL;
}
