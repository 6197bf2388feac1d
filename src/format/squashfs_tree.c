/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of a squashfs: inodes and directories, and whether they agree with each other. */
#include "format/squashfs.h"

#include <endian.h>
#include <string.h>

#include <sqfs/error.h>

#define MAX_ENTRIES 200000u
#define MAX_FILE    RC_MIB(64)

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
	[SQFS_INODE_SLINK] = { 8, 4, 4, SQUASHFS_MAX_PATH },
	[SQFS_INODE_EXT_DIR] = { 24, 0, 0, 0 },
	[SQFS_INODE_EXT_FILE] = { 16, 8, 8, MAX_FILE },
	[SQFS_INODE_EXT_SLINK] = { 8, 4, 4, SQUASHFS_MAX_PATH },
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

int squashfs_read_inode(struct squashfs *fs, uint64_t ref, sqfs_inode_generic_t **out)
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
	entry->inode = inode->base.inode_number;
	if (type == SQFS_INODE_SLINK)
		entry->target = (const char *)inode->extra;
	if (type == SQFS_INODE_BDEV || type == SQFS_INODE_CDEV)
		entry->device = inode->data.dev.devno;
}

/* Steps into a directory, if it is not the parent of itself and not too deep. */
static void enter(struct squashfs *fs, const sqfs_inode_generic_t *inode)
{
	struct squashfs_directory *directory = &fs->stack[fs->depth];
	sqfs_u32 parent = inode->base.type == SQFS_INODE_DIR ? inode->data.dir.parent_inode
							     : inode->data.dir_ext.parent_inode;

	if (fs->depth == SQUASHFS_MAX_DEPTH) {
		format_problem(fs->report, fs->super.directory_table_start, 1,
			       "%s lies deeper than %u directories", fs->path, SQUASHFS_MAX_DEPTH);
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
		result = squashfs_read_content(fs, inode, &entry);
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
	result = squashfs_read_inode(fs, ref, &inode);
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
	struct squashfs_directory *directory = &fs->stack[fs->depth - 1];
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

static int visit_root(struct squashfs *fs, const sqfs_inode_generic_t *root)
{
	struct fs_entry entry = { 0 };

	if (!fs->visitor || !fs->visitor->with_root)
		return 0;
	describe(fs, root, &entry);
	return fs->visitor->visit(fs->visitor->context, &entry, fs->err);
}

int squashfs_walk(struct squashfs *fs)
{
	sqfs_inode_generic_t *root = NULL;
	int result = squashfs_read_inode(fs, fs->super.root_inode_ref, &root);

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
	result = visit_root(fs, root);
	enter(fs, root);
	sqfs_free(root);
	while (fs->depth > 0 && result == 0)
		result = step(fs);
	if (result == 0 && fs->inodes_found != fs->super.inode_count)
		format_problem(fs->report, 4, 4,
			       "%u inodes are in the tree, the super block says %u",
			       fs->inodes_found, fs->super.inode_count);
	return result;
}
