/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The super block of a squashfs: its fields against each other. */
#include "format/squashfs.h"

#define MAX_INODES 200000u
#define OPTIONS_AT SQUASHFS_SUPER_SIZE

void squashfs_read_super(const uint8_t *p, sqfs_super_t *super)
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

int squashfs_describe_super(const struct squashfs *fs)
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

/* What makes reading on pointless; the field's place and what is wrong with it. */
bool squashfs_super_is_readable(const struct squashfs *fs)
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
	else if (s->inode_table_start < SQUASHFS_SUPER_SIZE ||
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
void squashfs_check_flags(const struct squashfs *fs)
{
	const unsigned known = 0x0ffb; /* enum SQFS_SUPER_FLAGS */
	const sqfs_super_t *s = &fs->super;
	bool exportable = s->flags & SQFS_FLAG_EXPORTABLE;

	if (s->flags & ~known)
		format_problem(fs->report, 24, 2, "the flags %04X hold bits that mean nothing",
			       s->flags);
	if (exportable != (s->export_table_start != SQUASHFS_NO_TABLE))
		format_problem(fs->report, 24, 2,
			       "the flags say there is %s export table, its address says %s",
			       exportable ? "an" : "no", exportable ? "no" : "yes");
	if ((s->flags & SQFS_FLAG_NO_FRAGMENTS) && s->fragment_entry_count > 0)
		format_problem(fs->report, 16, 10, "the flags say no fragments, yet there are %u",
			       s->fragment_entry_count);
	if ((s->flags & SQFS_FLAG_NO_XATTRS) && s->xattr_id_table_start != SQUASHFS_NO_TABLE)
		format_problem(
			fs->report, 24, 2,
			"the flags say no extended attributes, yet there is a table of them");
}

/* What the compressor was told stands behind the super block, as a metadata block
 * that is not compressed. */
void squashfs_check_options(const struct squashfs *fs)
{
	const size_t size = fs->super.compression_id == SQFS_COMP_ZSTD ? 4 : 8;
	unsigned header;

	if (!(fs->super.flags & SQFS_FLAG_COMPRESSOR_OPTIONS))
		return;
	header = fs->image.size > OPTIONS_AT + 2 ? rc_le16(fs->image.data + OPTIONS_AT) : 0;
	if (header != (0x8000 | size))
		format_problem(fs->report, 24, 2,
			       "the flags say compressor options, and none stand at 0x%X",
			       OPTIONS_AT);
}

/* The flags claim that something is stored as it is, and it was found compressed. */
void squashfs_check_uncompressed_flags(const struct squashfs *fs)
{
	uint32_t contradicted = fs->super.flags & fs->compressed_kinds;

	if (contradicted)
		format_problem(
			fs->report, 24, 2,
			"the flags %04X say that something is not compressed which is (%04X)",
			fs->super.flags, contradicted);
}
