/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JFFS2: the tree that the nodes make. A log-structured file system: nodes are only
 * ever added, and of two that speak of the same thing the one with the higher
 * version counts. Directory entries name inodes (number 0: the name is gone), inode
 * nodes each hold a piece of a file and all that is known of it at that time.
 *
 * A directory needs no inode node of its own to be one, and not even a living entry
 * that names it, as long as entries name it as their parent: para partitions have
 * come to that (facts/bootloaders-and-flash.md 1.5).
 */
#include "format/jffs2.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH     64u
#define MAX_PATH      4096u
#define MAX_FILE      RC_MIB(64)
#define MAX_NODE_DATA RC_KIB(256) /* a node holds one page; the largest of Linux has 256 KiB */
#define MAX_ADOPTED   64u

/* All files together, unpacked: no camera comes near; a made-up image could ask for
 * any amount with a handful of nodes. */
static uint64_t max_content(size_t region_size)
{
	return RC_MIB(16) + (uint64_t)64 * region_size;
}

/* Linux, include/linux/fs.h */
enum {
	DT_TYPE_FIFO = 1,
	DT_TYPE_CHAR = 2,
	DT_TYPE_DIR = 4,
	DT_TYPE_BLOCK = 6,
	DT_TYPE_FILE = 8,
	DT_TYPE_LINK = 10,
	DT_TYPE_SOCKET = 12
};

static const struct {
	unsigned dirent_type; /* the mode's type bits are the same, shifted by 12 */
	enum fs_type type;
} types[] = {
	{ DT_TYPE_FIFO, FS_FIFO },     { DT_TYPE_CHAR, FS_CHAR_DEVICE },
	{ DT_TYPE_DIR, FS_DIRECTORY }, { DT_TYPE_BLOCK, FS_BLOCK_DEVICE },
	{ DT_TYPE_FILE, FS_FILE },     { DT_TYPE_LINK, FS_SYMLINK },
	{ DT_TYPE_SOCKET, FS_SOCKET },
};

/* Indices into an array: [first, end). */
struct range {
	size_t first;
	size_t end;
};

struct directory {
	struct range entries; /* next one first */
	size_t path_size;
};

struct jffs2 {
	struct rc_span region;
	struct jffs2_scan scan;
	struct jffs2_nodes entries; /* directory entries that count, by parent and name */
	uint8_t *reached;           /* by the first inode node of each inode */
	uint8_t *entered;           /* by the first entry of each directory */
	uint64_t unpacked;
	uint32_t orphans;
	uint32_t unreadable;
	uint8_t *content;
	uint8_t *covered; /* one byte for each of content: some node has it */
	size_t content_room;
	struct directory stack[MAX_DEPTH];
	size_t depth;
	char path[MAX_PATH];
	size_t path_size;
	const struct fs_visitor *visitor;
	struct format_report *report;
	struct rc_error *err;
};

/* --- order --- */

static struct rc_span name_of(struct rc_span region, const struct jffs2_node *dirent)
{
	const uint8_t *p = region.data + dirent->offset;

	return (struct rc_span){ p + JFFS2_DIRENT_SIZE, p[28] };
}

static int compare_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int compare_names(struct rc_span a, struct rc_span b)
{
	int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* By parent, name, and the newest first; what is obsolete last. */
static int compare_dirents(const void *left, const void *right, void *region)
{
	const struct jffs2_node *a = left, *b = right;
	struct rc_span bytes = *(const struct rc_span *)region;
	int order = compare_numbers(a->parent, b->parent);

	if (order == 0)
		order = compare_names(name_of(bytes, a), name_of(bytes, b));
	if (order == 0)
		order = a->obsolete - b->obsolete;
	if (order == 0)
		order = compare_numbers(b->version, a->version);
	return order ? order : compare_numbers(b->offset, a->offset);
}

/* By inode, the oldest first. */
static int compare_inodes(const void *left, const void *right)
{
	const struct jffs2_node *a = left, *b = right;
	int order = compare_numbers(a->ino, b->ino);

	if (order == 0)
		order = compare_numbers(a->version, b->version);
	return order ? order : compare_numbers(a->offset, b->offset);
}

static void sort_dirents(const struct jffs2 *fs, struct jffs2_nodes *dirents)
{
	struct rc_span region = fs->region;

	if (dirents->count)
		qsort_r(dirents->at, dirents->count, sizeof(*dirents->at), compare_dirents,
			&region);
}

/* The nodes of inode ino. */
static struct range find_inode(const struct jffs2 *fs, uint32_t ino)
{
	const struct jffs2_nodes *nodes = &fs->scan.inodes;
	size_t low = 0, high = nodes->count;
	struct range found;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (nodes->at[middle].ino < ino)
			low = middle + 1;
		else
			high = middle;
	}
	found = (struct range){ low, low };
	while (found.end < nodes->count && nodes->at[found.end].ino == ino)
		found.end++;
	return found;
}

/* The entries of directory ino. */
static struct range find_children(const struct jffs2 *fs, uint32_t ino)
{
	const struct jffs2_nodes *entries = &fs->entries;
	size_t low = 0, high = entries->count;
	struct range found;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (entries->at[middle].parent < ino)
			low = middle + 1;
		else
			high = middle;
	}
	found = (struct range){ low, low };
	while (found.end < entries->count && entries->at[found.end].parent == ino)
		found.end++;
	return found;
}

/* --- directory entries that count --- */

static bool same_name(const struct jffs2 *fs, const struct jffs2_node *a,
		      const struct jffs2_node *b)
{
	return a->parent == b->parent &&
	       compare_names(name_of(fs->region, a), name_of(fs->region, b)) == 0;
}

/* Of each name the newest entry, unless it says that the name is gone. */
static int choose_entries(struct jffs2 *fs)
{
	const struct jffs2_nodes *all = &fs->scan.dirents;

	sort_dirents(fs, &fs->scan.dirents);
	for (size_t i = 0; i < all->count; i++) {
		const struct jffs2_node *dirent = &all->at[i];

		if (dirent->obsolete || dirent->ino == 0 ||
		    (i > 0 && same_name(fs, dirent - 1, dirent)))
			continue;
		if (!jffs2_add_node(&fs->entries, dirent))
			return rc_fail_memory(fs->err, fs->entries.room * sizeof(*dirent));
	}
	return 0;
}

static int compare_inos(const void *a, const void *b)
{
	return compare_numbers(*(const uint32_t *)a, *(const uint32_t *)b);
}

/* All inodes that a living entry names, in order; freed by the caller. */
static uint32_t *list_named(const struct jffs2 *fs)
{
	uint32_t *named = malloc((fs->entries.count + 1) * sizeof(*named));

	if (!named)
		return NULL;
	named[0] = JFFS2_ROOT_INO;
	for (size_t i = 0; i < fs->entries.count; i++)
		named[i + 1] = fs->entries.at[i].ino;
	qsort(named, fs->entries.count + 1, sizeof(*named), compare_inos);
	return named;
}

/* The newest obsolete entry that names directory ino, if its place is free. */
static const struct jffs2_node *find_old_name(const struct jffs2 *fs, uint32_t ino)
{
	const struct jffs2_nodes *all = &fs->scan.dirents;
	const struct jffs2_node *best = NULL;

	for (size_t i = 0; i < all->count; i++) {
		const struct jffs2_node *dirent = &all->at[i];

		if (dirent->obsolete && dirent->ino == ino &&
		    fs->region.data[dirent->offset + 29] == DT_TYPE_DIR &&
		    (!best || dirent->version > best->version))
			best = dirent;
	}
	for (size_t i = 0; best && i < all->count; i++) {
		if (!all->at[i].obsolete && same_name(fs, &all->at[i], best))
			return NULL;
	}
	return best;
}

/* Directories with living entries and no living name get their last name back. */
static int adopt_directories(struct jffs2 *fs)
{
	size_t count = fs->entries.count;
	uint32_t *named = list_named(fs);
	uint32_t last = JFFS2_ROOT_INO;
	unsigned tried = 0;
	bool room = true;

	if (!named)
		return rc_fail_memory(fs->err, count * sizeof(*named));
	for (size_t i = 0; i < count && tried < MAX_ADOPTED && room; i++) {
		uint32_t parent = fs->entries.at[i].parent;
		const struct jffs2_node *name;

		if (parent == last)
			continue;
		last = parent;
		if (bsearch(&parent, named, count + 1, sizeof(*named), compare_inos))
			continue;
		tried++;
		name = find_old_name(fs, parent);
		room = !name || jffs2_add_node(&fs->entries, name);
	}
	free(named);
	sort_dirents(fs, &fs->entries);
	return room ? 0 : rc_fail_memory(fs->err, fs->entries.room * sizeof(*fs->entries.at));
}

/* --- contents --- */

static int make_room(struct jffs2 *fs, size_t size)
{
	if (size >= fs->content_room) {
		free(fs->content);
		free(fs->covered);
		/* One byte more: a symlink's target is ended by NUL. */
		fs->content_room = size + 1;
		fs->content = calloc(1, fs->content_room);
		fs->covered = calloc(1, fs->content_room);
		if (!fs->content || !fs->covered) {
			fs->content_room = 0;
			return rc_fail_memory(fs->err, (unsigned long long)size * 2);
		}
	}
	memset(fs->content, 0, size + 1);
	memset(fs->covered, 0, size + 1);
	return 0;
}

/* Puts one node's data at its place. False where that could not be had. */
static bool apply_node(struct jffs2 *fs, const struct jffs2_node *node, size_t file_size)
{
	const uint8_t *p = fs->region.data + node->offset;
	struct rc_span data = { p + JFFS2_INODE_SIZE, rc_le32(p + 48) };
	uint32_t offset = rc_le32(p + 44);
	uint32_t size = rc_le32(p + 52);
	uint8_t *page = NULL;
	enum jffs2_unpacked result = JFFS2_BAD_DATA;
	size_t part;

	fs->unpacked += size;
	if (offset >= file_size || size == 0)
		return true;
	part = size < file_size - offset ? size : file_size - offset;
	if (part == size && (data.size == 0 || size <= MAX_NODE_DATA)) {
		result = jffs2_unpack(p[56], data, fs->content + offset, size);
	} else if (size <= MAX_NODE_DATA && (page = malloc(size))) {
		result = jffs2_unpack(p[56], data, page, size);
		memcpy(fs->content + offset, page, result == JFFS2_UNPACKED ? part : 0);
		free(page);
	}
	if (result == JFFS2_UNPACKED)
		memset(fs->covered + offset, 1, part);
	else if (result == JFFS2_CANNOT_UNPACK)
		fs->unreadable++;
	else
		format_problem(fs->report, node->offset, rc_le32(p + 4),
			       "%s: the data of the node at 0x%X (%s) do not make %u bytes",
			       fs->path, node->offset, jffs2_compression_name(p[56]), size);
	return result == JFFS2_UNPACKED;
}

/* A version of the file that is shorter than the ones before cuts it. */
static void cut_to(struct jffs2 *fs, size_t *extent, size_t size)
{
	if (size >= *extent)
		return;
	memset(fs->content + size, 0, *extent - size);
	memset(fs->covered + size, 0, *extent - size);
	*extent = size;
}

/* Bytes of the file that no node has; Linux writes a node for each real hole. */
static bool report_holes(struct jffs2 *fs, const struct jffs2_node *newest, size_t have,
			 size_t size)
{
	bool whole = true;

	for (size_t at = 0, end; at < size; at = end) {
		bool covered = at < have && fs->covered[at];
		const uint8_t *next = at < have
					      ? memchr(fs->covered + at, covered ? 0 : 1, have - at)
					      : NULL;

		end = next ? (size_t)(next - fs->covered) : covered ? have : size;
		if (covered)
			continue;
		whole = false;
		format_problem(fs->report, newest->offset, JFFS2_INODE_SIZE,
			       "%s: %zu of its %zu bytes, from %zu on, are in no node", fs->path,
			       end - at, size, at);
	}
	return whole;
}

/* What mkfs.jffs2 writes of devices, and old kernels of symlinks, says that it has no
 * size (Linux, fs/jffs2/readinode.c). */
static size_t content_size(const struct jffs2 *fs, const struct jffs2_node *newest,
			   enum fs_type type)
{
	const uint8_t *p = fs->region.data + newest->offset;
	uint32_t size = rc_le32(p + 28);

	return size == 0 && type != FS_FILE ? rc_le32(p + 52) : size;
}

/* How far the nodes go, so that a size that nothing stands behind costs no memory. */
static size_t reach(const struct jffs2 *fs, struct range nodes, size_t size)
{
	uint64_t farthest = 0;

	for (size_t i = nodes.first; i < nodes.end; i++) {
		const uint8_t *p = fs->region.data + fs->scan.inodes.at[i].offset;
		uint64_t end = (uint64_t)rc_le32(p + 44) + rc_le32(p + 52);

		if (end > farthest)
			farthest = end;
	}
	return farthest < size ? (size_t)farthest : size;
}

/* Makes the content of an inode from its nodes, oldest first. */
static int read_content(struct jffs2 *fs, struct range nodes, struct fs_entry *entry)
{
	const struct jffs2_node *newest = &fs->scan.inodes.at[nodes.end - 1];
	size_t size = content_size(fs, newest, entry->type);
	uint32_t unreadable = fs->unreadable;
	size_t extent = 0;
	size_t have;
	int result;

	if (size > MAX_FILE) {
		format_problem(fs->report, newest->offset, JFFS2_INODE_SIZE,
			       "%s is said to be %zu bytes long: more than 64 MiB", fs->path, size);
		entry->damaged = true;
		return 0;
	}
	have = reach(fs, nodes, size);
	fs->unpacked += have;
	if (fs->unpacked > max_content(fs->region.size)) {
		entry->damaged = true;
		return 0;
	}
	result = make_room(fs, have);
	if (result < 0)
		return result;
	for (size_t i = nodes.first; i < nodes.end && fs->unpacked <= max_content(fs->region.size);
	     i++) {
		const uint8_t *p = fs->region.data + fs->scan.inodes.at[i].offset;
		uint64_t end = (uint64_t)rc_le32(p + 44) + rc_le32(p + 52);

		cut_to(fs, &extent, rc_le32(p + 28));
		if (!apply_node(fs, &fs->scan.inodes.at[i], have))
			entry->damaged = true;
		if (end > extent)
			extent = end < have ? (size_t)end : have;
	}
	/* What this build cannot unpack is missing, but not damaged. */
	if (fs->unreadable == unreadable && !report_holes(fs, newest, have, size))
		entry->damaged = true;
	entry->content = (struct rc_span){ fs->content, have };
	return 0;
}

/* --- the tree --- */

static bool find_type(unsigned dirent_type, enum fs_type *type)
{
	for (size_t i = 0; i < RC_COUNT(types); i++) {
		if (types[i].dirent_type == dirent_type) {
			*type = types[i].type;
			return true;
		}
	}
	return false;
}

/* What the newest inode node says. */
static void describe_inode(const struct jffs2 *fs, const struct jffs2_node *newest,
			   struct fs_entry *entry)
{
	const uint8_t *p = fs->region.data + newest->offset;

	entry->damaged = !find_type(rc_le32(p + 20) >> 12 & 0xf, &entry->type);
	entry->mode = rc_le32(p + 20) & 07777;
	entry->uid = rc_le16(p + 24);
	entry->gid = rc_le16(p + 26);
	entry->mtime = rc_le32(p + 36);
}

/* A directory may have no inode node: then its directory entry is all that is known. */
static void describe(const struct jffs2 *fs, const struct jffs2_node *dirent, struct range nodes,
		     struct fs_entry *entry)
{
	const uint8_t *p = fs->region.data + dirent->offset;

	*entry = (struct fs_entry){ .path = fs->path,
				    .mtime = rc_le32(p + 24),
				    .inode = dirent->ino };
	if (nodes.first < nodes.end) {
		describe_inode(fs, &fs->scan.inodes.at[nodes.end - 1], entry);
		return;
	}
	entry->damaged = !find_type(p[29], &entry->type) || entry->type != FS_DIRECTORY;
	entry->target = entry->type == FS_SYMLINK ? "" : NULL;
	entry->mode = 0755;
}

/* Device numbers take two bytes, or four as Linux's new_encode_dev has them. */
static void finish_device(struct fs_entry *entry)
{
	const uint8_t *p = entry->content.data;

	if (p && entry->content.size == 2)
		entry->device = rc_le16(p);
	else if (p && entry->content.size == 4)
		entry->device = rc_le32(p);
	entry->content = (struct rc_span){ 0 };
}

static void enter(struct jffs2 *fs, uint32_t ino)
{
	struct range children = find_children(fs, ino);

	if (children.first == children.end)
		return;
	if (fs->entered[children.first] || fs->depth == MAX_DEPTH) {
		format_problem(
			fs->report, fs->entries.at[children.first].offset, JFFS2_DIRENT_SIZE,
			fs->depth == MAX_DEPTH
				? "directory inode %u lies too deep in the tree: %s"
				: "directory inode %u is also somewhere else in the tree: %s",
			ino, fs->path);
		return;
	}
	fs->entered[children.first] = 1;
	fs->stack[fs->depth++] = (struct directory){ .entries = children,
						     .path_size = fs->path_size };
}

static int fill_entry(struct jffs2 *fs, struct range nodes, struct fs_entry *entry)
{
	int result;

	if (nodes.first == nodes.end || entry->type == FS_DIRECTORY || entry->type == FS_FIFO ||
	    entry->type == FS_SOCKET)
		return 0;
	result = read_content(fs, nodes, entry);
	if (result < 0)
		return result;
	if (entry->type == FS_SYMLINK) {
		entry->target = entry->content.data ? (const char *)entry->content.data : "";
		entry->content = (struct rc_span){ 0 };
	} else if (entry->type == FS_CHAR_DEVICE || entry->type == FS_BLOCK_DEVICE) {
		finish_device(entry);
	}
	return 0;
}

static int visit(struct jffs2 *fs, const struct jffs2_node *dirent)
{
	struct range nodes = find_inode(fs, dirent->ino);
	struct fs_entry entry;
	int result;

	fs->report->files++;
	describe(fs, dirent, nodes, &entry);
	if (entry.damaged)
		format_problem(fs->report, dirent->offset,
			       rc_le32(fs->region.data + dirent->offset + 4), "%s: inode %u %s",
			       fs->path, dirent->ino,
			       nodes.first == nodes.end ? "has no node" : "is of no known type");
	if (nodes.first < nodes.end)
		fs->reached[nodes.first] = 1;
	result = fill_entry(fs, nodes, &entry);
	if (result == 0 && fs->visitor)
		result = fs->visitor->visit(fs->visitor->context, &entry, fs->err);
	if (result == 0 && entry.type == FS_DIRECTORY)
		enter(fs, dirent->ino);
	return result;
}

static int step(struct jffs2 *fs)
{
	struct directory *directory = &fs->stack[fs->depth - 1];
	const struct jffs2_node *dirent;
	struct rc_span name;

	if (directory->entries.first == directory->entries.end) {
		fs->depth--;
		return 0;
	}
	dirent = &fs->entries.at[directory->entries.first++];
	name = name_of(fs->region, dirent);
	if (directory->path_size + 1 + name.size >= sizeof(fs->path)) {
		format_problem(fs->report, dirent->offset, JFFS2_DIRENT_SIZE,
			       "the path of a file is longer than %u bytes", MAX_PATH);
		return 0;
	}
	fs->path_size = directory->path_size;
	fs->path[fs->path_size++] = '/';
	memcpy(fs->path + fs->path_size, name.data, name.size);
	fs->path_size += name.size;
	fs->path[fs->path_size] = '\0';
	return visit(fs, dirent);
}

/* The root seldom has an inode node: Linux gives it the mode 0755 then. */
static int visit_root(const struct jffs2 *fs, struct range nodes)
{
	struct fs_entry entry = { .path = "/", .inode = JFFS2_ROOT_INO };

	if (!fs->visitor || !fs->visitor->with_root)
		return 0;
	entry.mode = 0755;
	if (nodes.first < nodes.end)
		describe_inode(fs, &fs->scan.inodes.at[nodes.end - 1], &entry);
	entry.type = FS_DIRECTORY;
	entry.damaged = false;
	return fs->visitor->visit(fs->visitor->context, &entry, fs->err);
}

static int walk(struct jffs2 *fs)
{
	const struct jffs2_nodes *inodes = &fs->scan.inodes;
	struct range root = find_inode(fs, JFFS2_ROOT_INO);
	int result = visit_root(fs, root);

	if (root.first < root.end)
		fs->reached[root.first] = 1;
	enter(fs, JFFS2_ROOT_INO);
	while (fs->depth > 0 && result == 0)
		result = step(fs);
	if (fs->unpacked > max_content(fs->region.size))
		format_problem(fs->report, 0, 1, "the nodes hold more than %llu MiB of content",
			       (unsigned long long)(max_content(fs->region.size) >> 20));
	for (size_t i = 0; i < inodes->count; i++) {
		bool first = i == 0 || inodes->at[i].ino != inodes->at[i - 1].ino;

		if (first && !fs->reached[i])
			fs->orphans++;
	}
	return result;
}

/* --- the whole --- */

static int describe_all(const struct jffs2 *fs)
{
	const struct jffs2_scan *scan = &fs->scan;
	json_t *compressors = json_array();

	for (unsigned i = 0; i < 32; i++) {
		if (scan->compressions & 1u << i)
			json_array_append_new(compressors, json_string(jffs2_compression_name(i)));
	}
	fs->report->detail = json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "nodes", (json_int_t)scan->nodes,
		"obsolete", (json_int_t)scan->obsolete, "torn", (json_int_t)scan->torn, "gaps",
		(json_int_t)scan->gaps, "orphans", (json_int_t)fs->orphans, "unreadable",
		(json_int_t)fs->unreadable, "highest_version", (json_int_t)scan->highest_version,
		"erase_block", (json_int_t)scan->erase_block, "compressors", compressors);
	return fs->report->detail ? 0 : rc_fail_memory(fs->err, sizeof(json_t));
}

static int read_tree(struct jffs2 *fs)
{
	struct jffs2_nodes *inodes = &fs->scan.inodes;
	int result = choose_entries(fs);

	if (result == 0)
		result = adopt_directories(fs);
	if (result < 0)
		return result;
	if (inodes->count)
		qsort(inodes->at, inodes->count, sizeof(*inodes->at), compare_inodes);
	fs->reached = calloc(inodes->count + 1, 1);
	fs->entered = calloc(fs->entries.count + 1, 1);
	if (!fs->reached || !fs->entered)
		return rc_fail_memory(fs->err, inodes->count);
	return walk(fs);
}

static void note_beginning(struct rc_span region, const struct jffs2_scan *scan,
			   struct format_report *report)
{
	if (region.size >= 4 && rc_be32(region.data) >> 16 == JFFS2_MAGIC)
		format_problem(report, 0, 4,
			       "a big-endian JFFS2: these cameras write little-endian ones");
	if (scan->nodes == 0)
		format_problem(report, 0, region.size, "no JFFS2 node in %zu bytes", region.size);
}

static int check(struct rc_span region, const struct fs_visitor *visitor,
		 struct format_report *report, struct rc_error *err)
{
	struct jffs2 *fs = calloc(1, sizeof(*fs));
	int result;

	if (!fs)
		return rc_fail_memory(err, sizeof(*fs));
	fs->region = region;
	fs->visitor = visitor;
	fs->report = report;
	fs->err = err;
	result = jffs2_scan(region, &fs->scan, report, err);
	if (result == 0) {
		note_beginning(region, &fs->scan, report);
		report->used = fs->scan.used;
		result = read_tree(fs);
	}
	if (result == 0)
		result = describe_all(fs);
	jffs2_scan_free(&fs->scan);
	free(fs->entries.at);
	free(fs->reached);
	free(fs->entered);
	free(fs->content);
	free(fs->covered);
	free(fs);
	return result;
}

/* The first erase blocks may be blank, and the first node may be the damaged one. */
static bool probe(struct rc_span region)
{
	size_t at = 0;

	while (at + 4 <= region.size && rc_le32(region.data + at) == 0xffffffff)
		at += 4;
	if (at % 0x1000 != 0)
		return false;
	for (size_t end = at + 0x1000; at < end && at + 4 <= region.size; at += 4) {
		if (rc_le16(region.data + at) == JFFS2_MAGIC && jffs2_header_holds(region, at))
			return true;
	}
	return false;
}

const struct format format_jffs2 = {
	.name = "jffs2",
	.probe = probe,
	.check = check,
	.tells_shift = true,
};
