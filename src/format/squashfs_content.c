/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contents of a squashfs's files: data blocks, and fragments that files share. */
#include "format/squashfs.h"

#include <stdlib.h>
#include <string.h>

#include <sqfs/block.h>

#define NO_FRAGMENT UINT32_MAX
#define MAX_CONTENT RC_MIB(512) /* of all files together */

static const uint8_t *fragment_entry(const struct squashfs *fs, uint32_t index)
{
	return fs->fragments.data + (size_t)SQUASHFS_FRAGMENT_SIZE * index;
}

/* False without memory; slot->size is 0 where it does not unpack. */
static bool fill_slot(struct squashfs *fs, struct squashfs_fragment *slot, uint64_t start,
		      uint32_t word)
{
	uint8_t *ready = squashfs_ahead_take(fs, start, word, &slot->size);

	if (ready) {
		squashfs_ahead_give_back(fs, slot->data);
		slot->data = ready;
		fs->compressed_kinds |= SQFS_FLAG_UNCOMPRESSED_FRAGMENTS;
		return true;
	}
	if (!slot->data)
		slot->data = malloc(fs->super.block_size);
	if (!slot->data)
		return false;
	slot->size = squashfs_unpack(
		fs, start, SQFS_ON_DISK_BLOCK_SIZE(word), SQFS_IS_BLOCK_COMPRESSED(word),
		SQFS_FLAG_UNCOMPRESSED_FRAGMENTS, slot->data, fs->super.block_size);
	return true;
}

/* The fragment block, unpacked, or NULL. What does not unpack is reported once. */
static const struct squashfs_fragment *get_fragment(struct squashfs *fs, uint32_t index)
{
	struct squashfs_fragment *slot = &fs->cache[0];
	const uint8_t *entry;
	uint64_t start;
	uint32_t word;

	if (index >= fs->fragments.size / SQUASHFS_FRAGMENT_SIZE)
		return NULL;
	for (size_t i = 0; i < SQUASHFS_CACHED_FRAGMENTS; i++) {
		if (fs->cache[i].age && fs->cache[i].index == index) {
			fs->cache[i].age = ++fs->clock;
			return fs->cache[i].size ? &fs->cache[i] : NULL;
		}
		if (fs->cache[i].age < slot->age)
			slot = &fs->cache[i];
	}
	entry = fragment_entry(fs, index);
	start = rc_le64(entry);
	word = rc_le32(entry + 8);
	if (!fill_slot(fs, slot, start, word))
		return NULL;
	slot->index = index;
	slot->age = ++fs->clock;
	if (slot->size == 0 && fs->fragment_used[index] == 0)
		format_problem(fs->report, start, SQFS_ON_DISK_BLOCK_SIZE(word),
			       "fragment block %u at 0x%llX does not unpack (first needed by %s)",
			       index, (unsigned long long)start, fs->path);
	fs->fragment_used[index] = 1;
	return slot->size ? slot : NULL;
}

/* The file's last bytes, which share a block with those of other files. */
static bool read_tail(struct squashfs *fs, const sqfs_inode_generic_t *inode, uint8_t *out,
		      size_t size)
{
	const struct squashfs_fragment *fragment;
	sqfs_u32 index, offset;
	uint64_t place = fs->super.inode_table_start;

	sqfs_inode_get_frag_location(inode, &index, &offset);
	fragment = index == NO_FRAGMENT ? NULL : get_fragment(fs, index);
	if (!fragment || offset > fragment->size || size > fragment->size - offset) {
		if (index < fs->fragments.size / SQUASHFS_FRAGMENT_SIZE)
			place = rc_le64(fragment_entry(fs, index));
		format_problem(fs->report, place, 1, "the last %zu bytes of %s cannot be had", size,
			       fs->path);
		memset(out, 0, size);
		return false;
	}
	memcpy(out, fragment->data + offset, size);
	return true;
}

static bool take_block(struct squashfs *fs, uint64_t at, uint32_t word, uint8_t *out, size_t size)
{
	size_t ready_size = 0;
	uint8_t *ready = squashfs_ahead_take(fs, at, word, &ready_size);
	bool fits = ready && ready_size == size;

	if (fits) {
		memcpy(out, ready, size);
		fs->compressed_kinds |= SQFS_FLAG_UNCOMPRESSED_DATA;
	}
	squashfs_ahead_give_back(fs, ready);
	return fits;
}

static bool read_block(struct squashfs *fs, uint64_t at, uint32_t word, size_t number, uint8_t *out,
		       size_t size)
{
	size_t on_disk = SQFS_ON_DISK_BLOCK_SIZE(word);

	if (SQFS_IS_SPARSE_BLOCK(word)) {
		memset(out, 0, size);
		return true;
	}
	if (word >> 25 == 0 && at >= SQUASHFS_SUPER_SIZE && at < fs->super.inode_table_start &&
	    (take_block(fs, at, word, out, size) ||
	     squashfs_unpack(fs, at, on_disk, SQFS_IS_BLOCK_COMPRESSED(word),
			     SQFS_FLAG_UNCOMPRESSED_DATA, out, size) == size))
		return true;
	format_problem(fs->report, at < fs->image.size ? at : fs->super.inode_table_start, on_disk,
		       "block %zu of %s (0x%zX bytes at 0x%llX) does not unpack", number, fs->path,
		       on_disk, (unsigned long long)at);
	memset(out, 0, size);
	return false;
}

static int make_room(struct squashfs *fs, size_t size)
{
	uint8_t *bigger;

	if (size > fs->content_room) {
		bigger = realloc(fs->content, size);
		if (!bigger)
			return rc_fail_memory(fs->err, size);
		fs->content = bigger;
		fs->content_room = size;
	}
	return 0;
}

int squashfs_read_content(struct squashfs *fs, const sqfs_inode_generic_t *inode,
			  struct fs_entry *entry)
{
	size_t blocks = sqfs_inode_get_file_block_count(inode);
	size_t block_size = fs->super.block_size;
	sqfs_u64 size, at;
	size_t done = 0;
	int result;

	sqfs_inode_get_file_size(inode, &size);
	sqfs_inode_get_file_block_start(inode, &at);
	fs->content_total += size;
	if (fs->content_total > MAX_CONTENT) {
		format_problem(fs->report, fs->super.inode_table_start, 1,
			       "%s and the files before it hold more than 512 MiB", fs->path);
		entry->damaged = true;
		return 0;
	}
	result = make_room(fs, size);
	if (result < 0)
		return result;
	for (size_t i = 0; i < blocks && done < size; i++) {
		size_t part = size - done < block_size ? size - done : block_size;

		if (!read_block(fs, at, inode->extra[i], i, fs->content + done, part))
			entry->damaged = true;
		at += SQFS_ON_DISK_BLOCK_SIZE(inode->extra[i]);
		done += part;
	}
	if (done < size && !read_tail(fs, inode, fs->content + done, size - done))
		entry->damaged = true;
	entry->content = (struct rc_span){ fs->content, size };
	return 0;
}

/* Fragment blocks that no file led to. */
void squashfs_read_other_fragments(struct squashfs *fs)
{
	strcpy(fs->path, "no file");
	for (uint32_t i = 0; i < fs->fragments.size / SQUASHFS_FRAGMENT_SIZE; i++) {
		if (!fs->fragment_used[i])
			get_fragment(fs, i);
	}
}
