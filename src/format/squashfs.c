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
#include "format/format.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <sqfs/block.h>
#include <sqfs/compressor.h>
#include <sqfs/dir.h>
#include <sqfs/error.h>
#include <sqfs/inode.h>
#include <sqfs/io.h>
#include <sqfs/meta_reader.h>
#include <sqfs/super.h>

#include "format/lzo.h"

#define SUPER_SIZE       96u
#define NO_TABLE         UINT64_MAX
#define NO_FRAGMENT      UINT32_MAX
#define FRAGMENT_SIZE    16u
#define MAX_INODES       200000u
#define MAX_ENTRIES      200000u
#define MAX_DEPTH        64u
#define MAX_PATH         4096u
#define MAX_FILE         RC_MIB(64)
#define MAX_CONTENT      RC_MIB(512) /* of all files together */
#define CACHED_FRAGMENTS 8u

struct memory_file {
	sqfs_file_t base;
	struct rc_span bytes;
};

struct cached_fragment {
	uint32_t index;
	uint32_t age;
	size_t size; /* 0: does not unpack */
	uint8_t *data;
};

struct directory {
	sqfs_readdir_state_t state;
	sqfs_u32 inode_number;
	size_t path_size;
};

struct squashfs {
	struct rc_span image; /* bytes_used of them, or what there is */
	sqfs_super_t super;
	struct memory_file file;
	sqfs_compressor_t *compressor;
	sqfs_meta_reader_t *inodes;
	sqfs_meta_reader_t *directories;
	struct rc_buffer fragments; /* decoded tables */
	struct rc_buffer exports;
	struct rc_buffer ids;
	struct cached_fragment cache[CACHED_FRAGMENTS];
	uint32_t clock;
	uint8_t *fragment_used; /* one byte each */
	uint8_t *inode_seen;    /* one byte each, by inode number */
	uint32_t inodes_found;
	uint32_t entries;
	uint32_t compressed_kinds; /* SQFS_FLAG_UNCOMPRESSED_* of what was seen compressed */
	uint64_t content_total;
	uint8_t *content; /* of the file at hand */
	size_t content_room;
	struct directory stack[MAX_DEPTH];
	size_t depth;
	char path[MAX_PATH];
	size_t path_size;
	const struct fs_visitor *visitor;
	struct format_report *report;
	struct rc_error *err;
};

/* --- bytes for libsquashfs --- */

static int file_read_at(sqfs_file_t *base, sqfs_u64 offset, void *buffer, size_t size)
{
	const struct memory_file *file = (const struct memory_file *)base;

	if (offset > file->bytes.size || size > file->bytes.size - offset)
		return SQFS_ERROR_OUT_OF_BOUNDS;
	memcpy(buffer, file->bytes.data + offset, size);
	return 0;
}

static int file_write_at(sqfs_file_t *base, sqfs_u64 offset, const void *buffer, size_t size)
{
	return SQFS_ERROR_UNSUPPORTED;
}

static sqfs_u64 file_get_size(const sqfs_file_t *base)
{
	return ((const struct memory_file *)base)->bytes.size;
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
static size_t unpack(struct squashfs *fs, uint64_t offset, size_t on_disk, bool compressed,
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

/* --- super block --- */

static uint64_t le64_at(const struct squashfs *fs, uint64_t offset)
{
	return rc_le64(fs->image.data + offset);
}

static void read_super(const uint8_t *p, sqfs_super_t *super)
{
	super->magic = rc_le32(p);
	super->inode_count = rc_le32(p + 4);
	super->modification_time = rc_le32(p + 8);
	super->block_size = rc_le32(p + 12);
	super->fragment_entry_count = rc_le32(p + 16);
	super->compression_id = rc_le16(p + 20);
	super->block_log = rc_le16(p + 22);
	super->flags = rc_le16(p + 24);
	super->id_count = rc_le16(p + 26);
	super->version_major = rc_le16(p + 28);
	super->version_minor = rc_le16(p + 30);
	super->root_inode_ref = rc_le64(p + 32);
	super->bytes_used = rc_le64(p + 40);
	super->id_table_start = rc_le64(p + 48);
	super->xattr_id_table_start = rc_le64(p + 56);
	super->inode_table_start = rc_le64(p + 64);
	super->directory_table_start = rc_le64(p + 72);
	super->fragment_table_start = rc_le64(p + 80);
	super->export_table_start = rc_le64(p + 88);
}

/* What makes reading on pointless; the field's place and what is wrong with it. */
static bool super_is_readable(const struct squashfs *fs)
{
	const sqfs_super_t *s = &fs->super;
	struct format_report *r = fs->report;

	if (s->magic != SQFS_MAGIC)
		format_problem(r, 0, 4, "the magic number is %08X, a squashfs has %08X", s->magic,
			       SQFS_MAGIC);
	else if (s->version_major != SQFS_VERSION_MAJOR || s->version_minor != SQFS_VERSION_MINOR)
		format_problem(r, 28, 4, "version %u.%u, only 4.0 is known", s->version_major,
			       s->version_minor);
	else if (s->block_log < 12 || s->block_log > 20 || s->block_size != 1u << s->block_log)
		format_problem(r, 12, 12, "block size %u does not agree with its logarithm %u",
			       s->block_size, s->block_log);
	else if (s->compression_id < SQFS_COMP_MIN || s->compression_id > SQFS_COMP_MAX)
		format_problem(r, 20, 2, "there is no compressor %u", s->compression_id);
	else if (s->inode_count == 0 || s->inode_count > MAX_INODES)
		format_problem(r, 4, 4, "%u inodes: 1 to %u are possible here", s->inode_count,
			       MAX_INODES);
	else if (s->id_count == 0)
		format_problem(r, 26, 2, "no user id, where even an empty file system has one");
	else if (s->inode_table_start < SUPER_SIZE ||
		 s->directory_table_start <= s->inode_table_start ||
		 s->id_table_start <= s->directory_table_start ||
		 s->bytes_used <= s->id_table_start)
		format_problem(r, 40, 40,
			       "inodes at 0x%llX, directories at 0x%llX, ids at 0x%llX and the end "
			       "at 0x%llX are not in this order",
			       (unsigned long long)s->inode_table_start,
			       (unsigned long long)s->directory_table_start,
			       (unsigned long long)s->id_table_start,
			       (unsigned long long)s->bytes_used);
	else
		return true;
	return false;
}

/* Fields that only describe: wrong ones do not stop the reading. */
static void check_flags(const struct squashfs *fs)
{
	const unsigned known = 0x0ffb; /* enum SQFS_SUPER_FLAGS */
	const sqfs_super_t *s = &fs->super;
	bool exportable = s->flags & SQFS_FLAG_EXPORTABLE;

	if (s->flags & ~known)
		format_problem(fs->report, 24, 2, "the flags %04X hold bits that mean nothing",
			       s->flags);
	if (exportable != (s->export_table_start != NO_TABLE))
		format_problem(fs->report, 24, 2,
			       "the flags say there is %s export table, its address says %s",
			       exportable ? "an" : "no", exportable ? "no" : "yes");
	if ((s->flags & SQFS_FLAG_NO_FRAGMENTS) && s->fragment_entry_count > 0)
		format_problem(fs->report, 16, 10, "the flags say no fragments, yet there are %u",
			       s->fragment_entry_count);
	if ((s->flags & SQFS_FLAG_NO_XATTRS) && s->xattr_id_table_start != NO_TABLE)
		format_problem(
			fs->report, 24, 2,
			"the flags say no extended attributes, yet there is a table of them");
}

/* What the compressor was told stands behind the super block, as a metadata block
 * that is not compressed. */
static void check_options(const struct squashfs *fs)
{
	const size_t size = fs->super.compression_id == SQFS_COMP_ZSTD ? 4 : 8;
	unsigned header;

	if (!(fs->super.flags & SQFS_FLAG_COMPRESSOR_OPTIONS))
		return;
	header = fs->image.size > SUPER_SIZE + 2 ? rc_le16(fs->image.data + SUPER_SIZE) : 0;
	if (header != (0x8000 | size))
		format_problem(fs->report, 24, 2,
			       "the flags say compressor options, and none stand at 0x%X",
			       SUPER_SIZE);
}

/* The flags claim that something is stored as it is, and it was found compressed. */
static void check_uncompressed_flags(const struct squashfs *fs)
{
	uint32_t contradicted = fs->super.flags & fs->compressed_kinds;

	if (contradicted)
		format_problem(
			fs->report, 24, 2,
			"the flags %04X say that something is not compressed which is (%04X)",
			fs->super.flags, contradicted);
}

/* --- metadata blocks --- */

/* Goes from one metadata block to the next, from begin until end, and unpacks each;
 * out (may be NULL) gets what they hold, at most limit bytes. index (0: none) is
 * where the addresses of these blocks are listed. Returns the bytes unpacked. */
static uint64_t read_chain(struct squashfs *fs, const char *what, uint64_t begin, uint64_t end,
			   uint64_t index, uint32_t kind, struct rc_buffer *out, uint64_t limit)
{
	uint8_t block[SQFS_META_BLOCK_SIZE];
	uint64_t total = 0;

	for (uint64_t at = begin, next; at < end; at = next, index += index ? 8 : 0) {
		uint16_t header = end - at > 2 ? rc_le16(fs->image.data + at) : 0;
		size_t on_disk = header & 0x7fff;
		size_t size;

		next = at + 2 + on_disk;
		if (on_disk == 0 || on_disk > SQFS_META_BLOCK_SIZE || next > end) {
			format_problem(fs->report, at, end - at,
				       "%s: the metadata block at 0x%llX says it is %zu bytes long",
				       what, (unsigned long long)at, on_disk);
			return total;
		}
		size = unpack(fs, at + 2, on_disk, !(header & 0x8000), kind, block, sizeof(block));
		if (size == 0 || (size < sizeof(block) && next < end))
			format_problem(fs->report, at, on_disk + 2,
				       "%s: the metadata block at 0x%llX does not unpack", what,
				       (unsigned long long)at);
		/* A table may hold more blocks than its list has room for. */
		if (index && fs->image.size - index < 8) {
			format_problem(fs->report, at, end - at,
				       "%s: the block at 0x%llX is behind the end of its list",
				       what, (unsigned long long)at);
			return total;
		}
		if (index && le64_at(fs, index) != at)
			format_problem(fs->report, index, 8,
				       "%s: the list has a block at 0x%llX, which is at 0x%llX",
				       what, (unsigned long long)le64_at(fs, index),
				       (unsigned long long)at);
		if (out && total + size <= limit)
			rc_buffer_append(out, block, size);
		total += size;
	}
	return total;
}

struct table {
	const char *name;
	uint64_t index; /* where its list of blocks is */
	uint64_t size;  /* of what it holds */
	uint32_t kind;  /* SQFS_FLAG_UNCOMPRESSED_* */
	size_t field;   /* of its address in the super block */
	struct rc_buffer *out;
};

static uint64_t block_count(uint64_t size)
{
	return (size + SQFS_META_BLOCK_SIZE - 1) / SQFS_META_BLOCK_SIZE;
}

/* Where the table's first block is; *end is set to the place behind its list. False
 * where that lies outside the image. */
static bool locate_table(const struct squashfs *fs, const struct table *table, uint64_t *first,
			 uint64_t *end)
{
	uint64_t list = 8 * block_count(table->size);

	if (table->index > fs->image.size || list > fs->image.size - table->index)
		return false;
	*first = list ? le64_at(fs, table->index) : table->index;
	*end = table->index + list;
	return *first >= fs->super.directory_table_start && *first <= table->index;
}

/* The next table must begin where the last one ended. */
static void check_gap(const struct squashfs *fs, const char *what, uint64_t expected,
		      uint64_t found)
{
	if (expected != found)
		format_problem(fs->report, expected < found ? expected : found,
			       expected < found ? found - expected : expected - found,
			       "%s should begin at 0x%llX, and its address is 0x%llX", what,
			       (unsigned long long)expected, (unsigned long long)found);
}

/* Reads one table that must begin at *at (0: wherever it does), and moves *at behind it. */
static void read_table(struct squashfs *fs, const struct table *table, uint64_t *at)
{
	uint64_t first, end, total;

	if (!locate_table(fs, table, &first, &end)) {
		format_problem(fs->report, table->field, 8, "the %s is said to be at 0x%llX",
			       table->name, (unsigned long long)table->index);
		return;
	}
	check_gap(fs, table->name, *at, first);
	*at = end;
	total = read_chain(fs, table->name, first, table->index, table->size ? table->index : 0,
			   table->kind, table->out, table->size);
	if (total != table->size)
		format_problem(fs->report, first, end - first,
			       "the %s holds %llu bytes, and should hold %llu", table->name,
			       (unsigned long long)total, (unsigned long long)table->size);
}

static void read_xattrs(struct squashfs *fs, uint64_t *at)
{
	uint64_t start = fs->super.xattr_id_table_start;
	uint64_t pairs, first;
	struct table table = { .name = "extended attribute table",
			       .field = 56,
			       .kind = SQFS_FLAG_UNCOMPRESSED_XATTRS };

	if (start > fs->image.size || fs->image.size - start < 16) {
		format_problem(fs->report, 56, 8,
			       "the extended attribute table is said to be at 0x%llX",
			       (unsigned long long)start);
		return;
	}
	pairs = le64_at(fs, start);
	table.size = (uint64_t)FRAGMENT_SIZE * rc_le32(fs->image.data + start + 8);
	table.index = start + 16;
	first = fs->image.size - start >= 24 && table.size ? le64_at(fs, start + 16) : start;
	check_gap(fs, "extended attributes", *at, pairs);
	if (pairs < fs->super.directory_table_start || first < pairs || first > start ||
	    8 * block_count(table.size) > fs->image.size - table.index) {
		format_problem(fs->report, start, 16,
			       "the extended attribute table has addresses outside the image");
		return;
	}
	read_chain(fs, "extended attributes", pairs, first, 0, table.kind, NULL, 0);
	if (read_chain(fs, table.name, first, start, table.index, table.kind, NULL, 0) !=
	    table.size)
		format_problem(fs->report, first, start - first,
			       "the %s does not hold the %llu bytes that it should", table.name,
			       (unsigned long long)table.size);
	*at = table.index + 8 * block_count(table.size);
}

static void read_tables(struct squashfs *fs)
{
	const sqfs_super_t *s = &fs->super;
	const struct table tables[] = {
		{ "fragment table", s->fragment_table_start,
		  (uint64_t)FRAGMENT_SIZE * s->fragment_entry_count, SQFS_FLAG_UNCOMPRESSED_INODES,
		  80, &fs->fragments },
		{ "export table", s->export_table_start, (uint64_t)8 * s->inode_count,
		  SQFS_FLAG_UNCOMPRESSED_INODES, 88, &fs->exports },
		{ "id table", s->id_table_start, (uint64_t)4 * s->id_count,
		  SQFS_FLAG_UNCOMPRESSED_IDS, 48, &fs->ids },
	};
	uint64_t at = s->id_table_start;
	uint64_t first, end;

	for (size_t i = 0; i < RC_COUNT(tables); i++) {
		if (tables[i].index != NO_TABLE && locate_table(fs, &tables[i], &first, &end) &&
		    first < at)
			at = first;
	}
	read_chain(fs, "inode table", s->inode_table_start, s->directory_table_start, 0,
		   SQFS_FLAG_UNCOMPRESSED_INODES, NULL, 0);
	read_chain(fs, "directory table", s->directory_table_start, at, 0,
		   SQFS_FLAG_UNCOMPRESSED_INODES, NULL, 0);
	for (size_t i = 0; i < RC_COUNT(tables); i++) {
		if (tables[i].index != NO_TABLE)
			read_table(fs, &tables[i], &at);
	}
	if (s->xattr_id_table_start != NO_TABLE)
		read_xattrs(fs, &at);
	if (at != s->bytes_used)
		format_problem(fs->report, 40, 8,
			       "the last table ends at 0x%llX, the super block says 0x%llX",
			       (unsigned long long)at, (unsigned long long)s->bytes_used);
}

/* --- file contents --- */

/* The fragment block, unpacked, or NULL. What does not unpack is reported once. */
static const struct cached_fragment *get_fragment(struct squashfs *fs, uint32_t index)
{
	struct cached_fragment *slot = &fs->cache[0];
	const uint8_t *entry;
	uint64_t start;
	uint32_t word;

	if (index >= fs->fragments.size / FRAGMENT_SIZE)
		return NULL;
	for (size_t i = 0; i < CACHED_FRAGMENTS; i++) {
		if (fs->cache[i].age && fs->cache[i].index == index) {
			fs->cache[i].age = ++fs->clock;
			return fs->cache[i].size ? &fs->cache[i] : NULL;
		}
		if (fs->cache[i].age < slot->age)
			slot = &fs->cache[i];
	}
	if (!slot->data)
		slot->data = malloc(fs->super.block_size);
	if (!slot->data)
		return NULL;
	entry = fs->fragments.data + (size_t)FRAGMENT_SIZE * index;
	start = rc_le64(entry);
	word = rc_le32(entry + 8);
	slot->index = index;
	slot->age = ++fs->clock;
	slot->size = unpack(fs, start, SQFS_ON_DISK_BLOCK_SIZE(word),
			    SQFS_IS_BLOCK_COMPRESSED(word), SQFS_FLAG_UNCOMPRESSED_FRAGMENTS,
			    slot->data, fs->super.block_size);
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
	const struct cached_fragment *fragment;
	sqfs_u32 index, offset;
	uint64_t place = fs->super.inode_table_start;

	sqfs_inode_get_frag_location(inode, &index, &offset);
	fragment = index == NO_FRAGMENT ? NULL : get_fragment(fs, index);
	if (!fragment || offset > fragment->size || size > fragment->size - offset) {
		if (index < fs->fragments.size / FRAGMENT_SIZE)
			place = rc_le64(fs->fragments.data + (size_t)FRAGMENT_SIZE * index);
		format_problem(fs->report, place, 1, "the last %zu bytes of %s cannot be had", size,
			       fs->path);
		return false;
	}
	memcpy(out, fragment->data + offset, size);
	return true;
}

static bool read_block(struct squashfs *fs, uint64_t at, uint32_t word, size_t number, uint8_t *out,
		       size_t size)
{
	size_t on_disk = SQFS_ON_DISK_BLOCK_SIZE(word);

	if (SQFS_IS_SPARSE_BLOCK(word))
		return true;
	if (word >> 25 == 0 && at >= SUPER_SIZE && at < fs->super.inode_table_start &&
	    unpack(fs, at, on_disk, SQFS_IS_BLOCK_COMPRESSED(word), SQFS_FLAG_UNCOMPRESSED_DATA,
		   out, size) == size)
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
	if (size)
		memset(fs->content, 0, size);
	return 0;
}

static int read_content(struct squashfs *fs, const sqfs_inode_generic_t *inode,
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

/* --- the tree --- */

/* A directory's index of names, as long as its inode says: each entry is bounded
 * before libsquashfs allocates for it. */
static int check_index(sqfs_meta_reader_t *reader, unsigned count)
{
	uint8_t bytes[256];
	int result = 0;

	for (unsigned i = 0; i < count && result == 0; i++) {
		uint32_t size;

		result = sqfs_meta_reader_read(reader, bytes, 12);
		size = rc_le32(bytes + 8);
		if (result == 0 && size >= sizeof(bytes))
			return SQFS_ERROR_CORRUPTED;
		if (result == 0)
			result = sqfs_meta_reader_read(reader, bytes, size + 1);
	}
	return result;
}

/* The part of an inode behind the 16 bytes that all have, as far as it says how much
 * more there is (struct sqfs_inode_*_t). */
static const struct {
	uint8_t head;       /* bytes to read */
	uint8_t size_at;    /* where among them the size is */
	uint8_t size_bytes; /* 0: no size in it */
	uint32_t limit;
} inode_sizes[] = {
	[SQFS_INODE_FILE] = { 16, 12, 4, MAX_FILE },
	[SQFS_INODE_SLINK] = { 8, 4, 4, MAX_PATH },
	[SQFS_INODE_EXT_DIR] = { 24, 0, 0, 0 },
	[SQFS_INODE_EXT_FILE] = { 16, 8, 8, MAX_FILE },
	[SQFS_INODE_EXT_SLINK] = { 8, 4, 4, MAX_PATH },
};

/* libsquashfs allocates what the inode says it needs: look at that first. */
static int check_inode_sizes(sqfs_meta_reader_t *reader)
{
	uint8_t head[24] = { 0 };
	uint64_t size = 0;
	unsigned type;
	int result = sqfs_meta_reader_read(reader, head, 16);

	if (result)
		return result;
	type = rc_le16(head);
	if (type >= RC_COUNT(inode_sizes) || inode_sizes[type].head == 0)
		return 0;
	result = sqfs_meta_reader_read(reader, head, inode_sizes[type].head);
	if (result)
		return result;
	if (type == SQFS_INODE_EXT_DIR)
		return check_index(reader, rc_le16(head + 16));
	memcpy(&size, head + inode_sizes[type].size_at, inode_sizes[type].size_bytes);
	return le64toh(size) > inode_sizes[type].limit ? SQFS_ERROR_OVERFLOW : 0;
}

static int read_inode(struct squashfs *fs, uint64_t ref, sqfs_inode_generic_t **out)
{
	uint64_t block = ref >> 16;
	size_t offset = ref & 0xffff;
	int result;

	*out = NULL;
	result = sqfs_meta_reader_seek(fs->inodes, fs->super.inode_table_start + block, offset);
	if (result == 0)
		result = check_inode_sizes(fs->inodes);
	if (result == 0)
		result = sqfs_meta_reader_read_inode(fs->inodes, &fs->super, block, offset, out);
	return result;
}

static const struct {
	enum fs_type type;
	const char *name;
} types[] = {
	[SQFS_INODE_DIR] = { FS_DIRECTORY, "directory" },
	[SQFS_INODE_FILE] = { FS_FILE, "file" },
	[SQFS_INODE_SLINK] = { FS_SYMLINK, "symlink" },
	[SQFS_INODE_BDEV] = { FS_BLOCK_DEVICE, "block device" },
	[SQFS_INODE_CDEV] = { FS_CHAR_DEVICE, "character device" },
	[SQFS_INODE_FIFO] = { FS_FIFO, "fifo" },
	[SQFS_INODE_SOCKET] = { FS_SOCKET, "socket" },
};

static unsigned basic_type(unsigned type)
{
	return type >= SQFS_INODE_EXT_DIR ? type - 7 : type;
}

/* Whether directory entry, inode and export table agree about the inode. */
static void check_inode(struct squashfs *fs, const sqfs_inode_generic_t *inode, unsigned type,
			uint32_t number, uint64_t ref)
{
	if (basic_type(inode->base.type) != type || inode->base.inode_number != number)
		format_problem(fs->report, fs->super.inode_table_start + (ref >> 16), 1,
			       "%s should be inode %u of type %u, and is inode %u of type %u",
			       fs->path, number, type, inode->base.inode_number, inode->base.type);
	if (number == 0 || number > fs->super.inode_count) {
		format_problem(fs->report, fs->super.inode_table_start + (ref >> 16), 1,
			       "%s has the inode number %u, and there are %u inodes", fs->path,
			       number, fs->super.inode_count);
		return;
	}
	if (fs->exports.size >= (size_t)8 * number &&
	    rc_le64(fs->exports.data + (size_t)8 * (number - 1)) != ref)
		format_problem(fs->report, fs->super.export_table_start, 1,
			       "%s: the export table has inode %u elsewhere", fs->path, number);
	if (inode->base.uid_idx >= fs->super.id_count || inode->base.gid_idx >= fs->super.id_count)
		format_problem(fs->report, fs->super.inode_table_start + (ref >> 16), 1,
			       "%s: its owner has the number %u/%u in a table of %u", fs->path,
			       inode->base.uid_idx, inode->base.gid_idx, fs->super.id_count);
}

static uint32_t id_at(const struct squashfs *fs, unsigned index)
{
	return fs->ids.size / 4 > index ? rc_le32(fs->ids.data + (size_t)4 * index) : 0;
}

/* Linux's new_encode_dev: 12 bits of major between the two parts of minor. */
static uint32_t device_number(uint32_t encoded)
{
	uint32_t major_number = encoded >> 8 & 0xfff;
	uint32_t minor_number = (encoded & 0xff) | (encoded >> 12 & 0xfff00);

	return major_number << 8 | minor_number;
}

static void describe(const struct squashfs *fs, const sqfs_inode_generic_t *inode,
		     struct fs_entry *entry)
{
	unsigned type = basic_type(inode->base.type);

	entry->path = fs->path;
	entry->type = types[type].type;
	entry->mode = inode->base.mode & 07777;
	entry->uid = id_at(fs, inode->base.uid_idx);
	entry->gid = id_at(fs, inode->base.gid_idx);
	entry->mtime = inode->base.mod_time;
	if (type == SQFS_INODE_SLINK)
		entry->target = (const char *)inode->extra;
	if (type == SQFS_INODE_BDEV || type == SQFS_INODE_CDEV)
		entry->device = device_number(inode->data.dev.devno);
}

/* Steps into a directory, if it is not the parent of itself and not too deep. */
static void enter(struct squashfs *fs, const sqfs_inode_generic_t *inode)
{
	struct directory *directory = &fs->stack[fs->depth];
	sqfs_u32 parent = inode->base.type == SQFS_INODE_DIR ? inode->data.dir.parent_inode
							     : inode->data.dir_ext.parent_inode;

	if (fs->depth == MAX_DEPTH) {
		format_problem(fs->report, fs->super.directory_table_start, 1,
			       "%s lies deeper than %u directories", fs->path, MAX_DEPTH);
		return;
	}
	if (fs->depth > 0 && parent != fs->stack[fs->depth - 1].inode_number)
		format_problem(fs->report, fs->super.inode_table_start, 1,
			       "%s says that its parent is inode %u, and lies in inode %u",
			       fs->path, parent, fs->stack[fs->depth - 1].inode_number);
	if (sqfs_readdir_state_init(&directory->state, &fs->super, inode)) {
		format_problem(fs->report, fs->super.directory_table_start, 1,
			       "%s cannot be listed", fs->path);
		return;
	}
	directory->inode_number = inode->base.inode_number;
	directory->path_size = fs->path_size;
	fs->depth++;
}

/* Marks the inode as met; true where it was before (a hard link, or a loop). */
static bool met_before(struct squashfs *fs, uint32_t number)
{
	if (number == 0 || number > fs->super.inode_count)
		return true;
	if (fs->inode_seen[number])
		return true;
	fs->inode_seen[number] = 1;
	fs->inodes_found++;
	return false;
}

static int visit_inode(struct squashfs *fs, const sqfs_inode_generic_t *inode)
{
	struct fs_entry entry = { 0 };
	bool known = met_before(fs, inode->base.inode_number);
	unsigned type = basic_type(inode->base.type);
	int result = 0;

	fs->report->files++;
	describe(fs, inode, &entry);
	if (type == SQFS_INODE_FILE && (!known || fs->visitor))
		result = read_content(fs, inode, &entry);
	if (result == 0 && fs->visitor)
		result = fs->visitor->visit(fs->visitor->context, &entry, fs->err);
	if (result != 0 || type != SQFS_INODE_DIR)
		return result;
	if (known)
		format_problem(fs->report, fs->super.directory_table_start, 1,
			       "the directory %s is also somewhere else in the tree", fs->path);
	else
		enter(fs, inode);
	return 0;
}

static bool append_name(struct squashfs *fs, const sqfs_dir_entry_t *entry)
{
	size_t size = (size_t)entry->size + 1;
	const char *name = (const char *)entry->name;

	if (strnlen(name, size) != size || memchr(name, '/', size) || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || fs->path_size + 1 + size >= sizeof(fs->path))
		return false;
	fs->path[fs->path_size] = '/';
	memcpy(fs->path + fs->path_size + 1, name, size + 1);
	fs->path_size += size + 1;
	return true;
}

static int visit_entry(struct squashfs *fs, const sqfs_dir_entry_t *entry, uint32_t number,
		       uint64_t ref)
{
	sqfs_inode_generic_t *inode = NULL;
	int result;

	if (!append_name(fs, entry)) {
		format_problem(fs->report, fs->super.directory_table_start, 1,
			       "a name in %s/ is none, or makes too long a path", fs->path);
		return 0;
	}
	result = read_inode(fs, ref, &inode);
	if (result == SQFS_ERROR_ALLOC)
		return rc_fail_memory(fs->err, sizeof(*inode));
	if (result) {
		fs->report->files++;
		format_problem(fs->report, fs->super.inode_table_start + (ref >> 16 & 0xffffffff),
			       1, "the inode of %s %s", fs->path,
			       result == SQFS_ERROR_OVERFLOW ? "says that it is larger than 64 MiB"
							     : "cannot be read");
		return 0;
	}
	check_inode(fs, inode, entry->type, number, ref);
	result = visit_inode(fs, inode);
	sqfs_free(inode);
	return result;
}

/* One step: the next entry of the deepest directory. */
static int step(struct squashfs *fs)
{
	struct directory *directory = &fs->stack[fs->depth - 1];
	sqfs_dir_entry_t *entry = NULL;
	sqfs_u32 number = 0;
	sqfs_u64 ref = 0;
	int result;

	fs->path_size = directory->path_size;
	fs->path[fs->path_size] = '\0';
	result = sqfs_meta_reader_readdir(fs->directories, &directory->state, &entry, &number,
					  &ref);
	if (result == SQFS_ERROR_ALLOC)
		return rc_fail_memory(fs->err, sizeof(*entry));
	if (result < 0)
		format_problem(fs->report, fs->super.directory_table_start, 1,
			       "the directory %s/ cannot be read on", fs->path);
	if (result != 0) {
		fs->depth--;
		return 0;
	}
	if (++fs->entries > MAX_ENTRIES) {
		format_problem(fs->report, fs->super.directory_table_start, 1,
			       "there are more than %u directory entries", MAX_ENTRIES);
		fs->depth = 0;
		result = 0;
	} else {
		result = visit_entry(fs, entry, number, ref);
	}
	sqfs_free(entry);
	return result;
}

static int walk(struct squashfs *fs)
{
	sqfs_inode_generic_t *root = NULL;
	int result = read_inode(fs, fs->super.root_inode_ref, &root);

	if (result == SQFS_ERROR_ALLOC)
		return rc_fail_memory(fs->err, sizeof(*root));
	if (result || basic_type(root->base.type) != SQFS_INODE_DIR) {
		format_problem(fs->report, 32, 8, "the root directory's inode cannot be read");
		sqfs_free(root);
		return 0;
	}
	strcpy(fs->path, "/");
	check_inode(fs, root, SQFS_INODE_DIR, root->base.inode_number, fs->super.root_inode_ref);
	met_before(fs, root->base.inode_number);
	enter(fs, root);
	sqfs_free(root);
	result = 0;
	while (fs->depth > 0 && result == 0)
		result = step(fs);
	if (result == 0 && fs->inodes_found != fs->super.inode_count)
		format_problem(fs->report, 4, 4,
			       "%u inodes are in the tree, the super block says %u",
			       fs->inodes_found, fs->super.inode_count);
	return result;
}

/* Fragment blocks that no file led to. */
static void read_other_fragments(struct squashfs *fs)
{
	strcpy(fs->path, "no file");
	for (uint32_t i = 0; i < fs->fragments.size / FRAGMENT_SIZE; i++) {
		if (!fs->fragment_used[i])
			get_fragment(fs, i);
	}
}

/* --- the whole --- */

static int describe_super(const struct squashfs *fs)
{
	const sqfs_super_t *s = &fs->super;
	const char *name = sqfs_compressor_name_from_id((SQFS_COMPRESSOR)s->compression_id);

	fs->report->detail = json_pack(
		"{s:s, s:s, s:I, s:I, s:I, s:I}", "version", "4.0", "compressor",
		name ? name : "unknown", "block_size", (json_int_t)s->block_size, "inodes",
		(json_int_t)s->inode_count, "created", (json_int_t)s->modification_time,
		"bytes_used", (json_int_t)s->bytes_used);
	return fs->report->detail ? 0 : rc_fail_memory(fs->err, sizeof(json_t));
}

static int open_readers(struct squashfs *fs)
{
	sqfs_file_t *file = &fs->file.base;

	*file = (sqfs_file_t){ .base = { .destroy = keep },
			       .read_at = file_read_at,
			       .write_at = file_write_at,
			       .get_size = file_get_size,
			       .truncate = file_truncate };
	fs->file.bytes = fs->image;
	fs->inodes = sqfs_meta_reader_create(file, fs->compressor, fs->super.inode_table_start,
					     fs->super.directory_table_start);
	fs->directories = sqfs_meta_reader_create(
		file, fs->compressor, fs->super.directory_table_start, fs->super.id_table_start);
	fs->inode_seen = calloc(fs->super.inode_count + 1, 1);
	fs->fragment_used = calloc(fs->fragments.size / FRAGMENT_SIZE + 1, 1);
	if (!fs->inodes || !fs->directories || !fs->inode_seen || !fs->fragment_used)
		return rc_fail_memory(fs->err, fs->super.inode_count);
	return 0;
}

static void close_all(struct squashfs *fs)
{
	sqfs_destroy(fs->inodes);
	sqfs_destroy(fs->directories);
	sqfs_destroy(fs->compressor);
	rc_buffer_free(&fs->fragments);
	rc_buffer_free(&fs->exports);
	rc_buffer_free(&fs->ids);
	for (size_t i = 0; i < CACHED_FRAGMENTS; i++)
		free(fs->cache[i].data);
	free(fs->fragment_used);
	free(fs->inode_seen);
	free(fs->content);
	free(fs);
}

static int check_readable(struct squashfs *fs)
{
	int result;

	check_flags(fs);
	check_options(fs);
	read_tables(fs);
	if (fs->fragments.failed || fs->exports.failed || fs->ids.failed)
		return rc_fail_memory(fs->err, fs->super.bytes_used);
	result = open_readers(fs);
	if (result == 0)
		result = walk(fs);
	if (result == 0)
		read_other_fragments(fs);
	check_uncompressed_flags(fs);
	return result;
}

static int check_image(struct squashfs *fs, struct rc_span region)
{
	int result = describe_super(fs);

	if (result < 0 || !super_is_readable(fs))
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
	return region.size >= SUPER_SIZE && rc_le32(region.data) == SQFS_MAGIC &&
	       rc_le16(region.data + 28) == SQFS_VERSION_MAJOR;
}

static int check(struct rc_span region, const struct fs_visitor *visitor,
		 struct format_report *report, struct rc_error *err)
{
	struct squashfs *fs;
	int result;

	if (region.size < SUPER_SIZE) {
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
	read_super(region.data, &fs->super);
	result = check_image(fs, region);
	close_all(fs);
	return result;
}

const struct format format_squashfs = { .name = "squashfs", .probe = probe, .check = check };
