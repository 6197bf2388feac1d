/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of a squashfs: each metadata block of each, whether it unpacks, whether the
 * lists of blocks agree with where they are, and whether the tables lie without a gap.
 */
#include "format/squashfs.h"

static uint64_t le64_at(const struct squashfs *fs, uint64_t offset)
{
	return rc_le64(fs->image.data + offset);
}

static size_t unpack_block(struct squashfs *fs, uint64_t offset, size_t on_disk, uint16_t header,
			   uint32_t kind, uint8_t out[SQFS_META_BLOCK_SIZE])
{
	if (header & 0x8000)
		return squashfs_unpack(fs, offset, on_disk, false, kind, out, SQFS_META_BLOCK_SIZE);
	return squashfs_unpack_metadata(fs, offset, on_disk, kind, out);
}

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
		size = unpack_block(fs, at + 2, on_disk, header, kind, block);
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
	table.size = (uint64_t)SQUASHFS_FRAGMENT_SIZE * rc_le32(fs->image.data + start + 8);
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

void squashfs_read_tables(struct squashfs *fs)
{
	const sqfs_super_t *s = &fs->super;
	const struct table tables[] = {
		{ "fragment table", s->fragment_table_start,
		  (uint64_t)SQUASHFS_FRAGMENT_SIZE * s->fragment_entry_count,
		  SQFS_FLAG_UNCOMPRESSED_INODES, 80, &fs->fragments },
		{ "export table", s->export_table_start, (uint64_t)8 * s->inode_count,
		  SQFS_FLAG_UNCOMPRESSED_INODES, 88, &fs->exports },
		{ "id table", s->id_table_start, (uint64_t)4 * s->id_count,
		  SQFS_FLAG_UNCOMPRESSED_IDS, 48, &fs->ids },
	};
	uint64_t at = s->id_table_start;
	uint64_t first, end;

	for (size_t i = 0; i < RC_COUNT(tables); i++) {
		if (tables[i].index != SQUASHFS_NO_TABLE &&
		    locate_table(fs, &tables[i], &first, &end) && first < at)
			at = first;
	}
	read_chain(fs, "inode table", s->inode_table_start, s->directory_table_start, 0,
		   SQFS_FLAG_UNCOMPRESSED_INODES, NULL, 0);
	read_chain(fs, "directory table", s->directory_table_start, at, 0,
		   SQFS_FLAG_UNCOMPRESSED_INODES, NULL, 0);
	for (size_t i = 0; i < RC_COUNT(tables); i++) {
		if (tables[i].index != SQUASHFS_NO_TABLE)
			read_table(fs, &tables[i], &at);
	}
	if (s->xattr_id_table_start != SQUASHFS_NO_TABLE)
		read_xattrs(fs, &at);
	if (at != s->bytes_used)
		format_problem(fs->report, 40, 8,
			       "the last table ends at 0x%llX, the super block says 0x%llX",
			       (unsigned long long)at, (unsigned long long)s->bytes_used);
}
