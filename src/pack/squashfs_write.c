/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SquashFS by libsquashfs, which has the compressors, the threads that run them, and the
 * encoding of inodes and directories. What is done here is the order: data of all files,
 * then the inodes from the last path to the first, so that all that a directory lists
 * has its place before the directory gets its own, then the tables.
 */
#include "pack/squashfs_write.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqfs/block.h>
#include <sqfs/block_processor.h>
#include <sqfs/block_writer.h>
#include <sqfs/dir_writer.h>
#include <sqfs/error.h>
#include <sqfs/frag_table.h>
#include <sqfs/id_table.h>
#include <sqfs/inode.h>
#include <sqfs/meta_writer.h>

#define NO_XATTR UINT32_MAX

static int failed(int result, const char *what, struct rc_error *err)
{
	if (result == SQFS_ERROR_ALLOC)
		return rc_fail(err, RC_ENOMEM, "no memory for the squashfs: %s", what);
	return rc_fail(err, RC_EFORMAT, "libsquashfs refuses %s (its error %d)", what, result);
}

/* --- data --- */

/* Two for each processor, as mksquashfs has: one of them may wait for its next block. */
static unsigned worker_count(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 1 ? 2 : processors > 16 ? 32 : 2 * (unsigned)processors;
}

/* The flags of libsquashfs for a file's blocks: mksquashfs puts only small files' ends
 * together unless it was told -always-use-fragments. */
static sqfs_u32 block_flags(const struct fs_recipe *recipe, const struct fs_node *node)
{
	bool is_whole = (recipe->flags & SQFS_FLAG_NO_FRAGMENTS) ||
			(node->content.size > recipe->block_size &&
			 !(recipe->flags & SQFS_FLAG_ALWAYS_FRAGMENTS));

	return is_whole ? SQFS_BLK_DONT_FRAGMENT : 0;
}

static int write_files(struct squashfs_writer *w, sqfs_block_processor_t *processor)
{
	for (size_t i = 0; i < w->tree->count; i++) {
		const struct fs_node *node = &w->tree->nodes[i];
		int result;

		if (node->type != FS_FILE || node->first != i)
			continue;
		result = sqfs_block_processor_begin_file(processor, &w->inodes[i], NULL,
							 block_flags(w->recipe, node));
		if (result == 0 && node->content.size)
			result = sqfs_block_processor_append(processor, node->content.data,
							     node->content.size);
		if (result == 0)
			result = sqfs_block_processor_end_file(processor);
		if (result)
			return failed(result, node->path, w->err);
	}
	/* Until here the inodes may still move. */
	if (sqfs_block_processor_finish(processor))
		return failed(SQFS_ERROR_COMPRESSOR, "the last blocks", w->err);
	return 0;
}

static int write_data(struct squashfs_writer *w)
{
	sqfs_block_writer_t *blocks = sqfs_block_writer_create(&w->file.base, SQFS_DEVBLK_SIZE, 0);
	sqfs_block_processor_t *processor = NULL;
	sqfs_block_processor_desc_t desc = {
		.size = sizeof(desc),
		.max_block_size = w->recipe->block_size,
		.num_workers = worker_count(),
		.max_backlog = 10 * worker_count(),
		.cmp = w->data_compressor,
		.wr = blocks,
		.tbl = w->fragments,
		.file = &w->file.base,
		.uncmp = w->unpacker,
	};
	int result = blocks ? sqfs_block_processor_create_ex(&desc, &processor) : SQFS_ERROR_ALLOC;

	result = result ? failed(result, "its compressor threads", w->err)
			: write_files(w, processor);
	sqfs_destroy(processor);
	sqfs_destroy(blocks);
	return result;
}

/* --- inodes --- */

static const struct {
	sqfs_u16 type;
} inode_types[] = {
	[FS_SYMLINK] = { SQFS_INODE_SLINK },     [FS_CHAR_DEVICE] = { SQFS_INODE_CDEV },
	[FS_BLOCK_DEVICE] = { SQFS_INODE_BDEV }, [FS_FIFO] = { SQFS_INODE_FIFO },
	[FS_SOCKET] = { SQFS_INODE_SOCKET },
};

/* An inode of what is neither file nor directory. */
static sqfs_inode_generic_t *make_special(const struct fs_node *node)
{
	size_t target = node->type == FS_SYMLINK ? strlen(node->target) : 0;
	sqfs_inode_generic_t *inode = calloc(1, sizeof(*inode) + target + 1);

	if (!inode)
		return NULL;
	inode->base.type = inode_types[node->type].type;
	if (node->type == FS_SYMLINK) {
		inode->data.slink.nlink = 1;
		inode->data.slink.target_size = (sqfs_u32)target;
		inode->payload_bytes_available = (sqfs_u32)target;
		inode->payload_bytes_used = (sqfs_u32)target;
		memcpy(inode->extra, node->target, target);
	} else if (node->type == FS_CHAR_DEVICE || node->type == FS_BLOCK_DEVICE) {
		inode->data.dev.nlink = 1;
		inode->data.dev.devno = node->device;
	} else {
		inode->data.ipc.nlink = 1;
	}
	return inode;
}

/* Lists the directory, all of whose entries have their inodes on the image already. */
static int make_directory(struct squashfs_writer *w, size_t directory)
{
	const struct fs_tree *tree = w->tree;
	size_t parent = fs_tree_parent(tree, directory);
	size_t end = fs_tree_skip(tree, directory);
	sqfs_u32 links = 2;
	sqfs_inode_generic_t *inode;
	int result = sqfs_dir_writer_begin(w->directories, 0);

	for (size_t i = directory + 1; i < end && result == 0; i = fs_tree_skip(tree, i)) {
		const struct fs_node *node = &tree->nodes[i];

		links += node->type == FS_DIRECTORY;
		result = sqfs_dir_writer_add_entry(w->directories, fs_node_name(node),
						   w->numbers[node->first], w->places[node->first],
						   (sqfs_u16)fs_node_st_mode(node));
	}
	if (result == 0)
		result = sqfs_dir_writer_end(w->directories);
	if (result)
		return failed(result, tree->nodes[directory].path, w->err);
	inode = sqfs_dir_writer_create_inode(w->directories, 0, NO_XATTR,
					     parent == FS_NO_NODE ? w->super.inode_count + 1
								  : w->numbers[parent]);
	if (!inode)
		return failed(SQFS_ERROR_ALLOC, "a directory", w->err);
	if (inode->base.type == SQFS_INODE_DIR)
		inode->data.dir.nlink = links;
	else
		inode->data.dir_ext.nlink = links;
	w->inodes[directory] = inode;
	return 0;
}

/* A file with several names needs the larger form of inode, which counts them. */
static int finish_file(struct squashfs_writer *w, size_t i)
{
	sqfs_inode_generic_t *inode = w->inodes[i];
	int result;

	if (w->tree->nodes[i].names < 2)
		return 0;
	result = sqfs_inode_make_extended(inode);
	if (result)
		return failed(result, w->tree->nodes[i].path, w->err);
	inode->data.file_ext.nlink = w->tree->nodes[i].names;
	return 0;
}

static int make_inode(struct squashfs_writer *w, size_t i)
{
	const struct fs_node *node = &w->tree->nodes[i];

	if (node->type == FS_FILE)
		return finish_file(w, i);
	if (node->type == FS_DIRECTORY)
		return make_directory(w, i);
	w->inodes[i] = make_special(node);
	return w->inodes[i] ? 0 : failed(SQFS_ERROR_ALLOC, node->path, w->err);
}

static int write_inode(struct squashfs_writer *w, sqfs_meta_writer_t *inodes, size_t i)
{
	const struct fs_node *node = &w->tree->nodes[i];
	sqfs_u64 block;
	sqfs_u32 offset;
	sqfs_inode_t *base;
	int result = make_inode(w, i);

	if (result < 0)
		return result;
	base = &w->inodes[i]->base;
	base->mode = (sqfs_u16)fs_node_st_mode(node);
	base->mod_time = node->mtime;
	base->inode_number = w->numbers[i];
	result = sqfs_id_table_id_to_index(w->ids, node->uid, &base->uid_idx);
	if (result == 0)
		result = sqfs_id_table_id_to_index(w->ids, node->gid, &base->gid_idx);
	sqfs_meta_writer_get_position(inodes, &block, &offset);
	w->places[i] = block << 16 | offset;
	if (result == 0)
		result = sqfs_meta_writer_write_inode(inodes, w->inodes[i]);
	return result ? failed(result, node->path, w->err) : 0;
}

static int write_tree(struct squashfs_writer *w, sqfs_meta_writer_t *inodes,
		      sqfs_meta_writer_t *entries)
{
	int result = 0;

	w->super.inode_table_start = w->file.image->size;
	for (size_t i = w->tree->count; i-- > 0 && result == 0;) {
		if (w->tree->nodes[i].first == i)
			result = write_inode(w, inodes, i);
	}
	if (result < 0)
		return result;
	result = sqfs_meta_writer_flush(inodes);
	w->super.root_inode_ref = w->places[0];
	w->super.directory_table_start = w->file.image->size;
	if (result == 0)
		result = sqfs_meta_writer_flush(entries);
	if (result == 0)
		result = sqfs_meta_write_write_to_file(entries);
	return result ? failed(result, "the tables of inodes and directories", w->err) : 0;
}

static int write_inodes_and_directories(struct squashfs_writer *w)
{
	const sqfs_u32 flags = w->recipe->flags & SQFS_FLAG_EXPORTABLE
				       ? SQFS_DIR_WRITER_CREATE_EXPORT_TABLE
				       : 0;
	sqfs_file_t *file = &w->file.base;
	sqfs_meta_writer_t *inodes = sqfs_meta_writer_create(file, w->table_compressor, 0);
	sqfs_meta_writer_t *entries = sqfs_meta_writer_create(file, w->table_compressor,
							      SQFS_META_WRITER_KEEP_IN_MEMORY);
	int result;

	w->directories = entries ? sqfs_dir_writer_create(entries, flags) : NULL;
	result = inodes && w->directories ? write_tree(w, inodes, entries)
					  : failed(SQFS_ERROR_ALLOC, "its inodes", w->err);
	sqfs_destroy(inodes);
	sqfs_destroy(entries);
	return result;
}

/* --- the whole --- */

static void number_inodes(struct squashfs_writer *w)
{
	sqfs_u32 number = 0;

	for (size_t i = 0; i < w->tree->count; i++) {
		if (w->tree->nodes[i].first == i)
			w->numbers[i] = ++number;
	}
	w->super.inode_count = number;
}

static int write_tables(struct squashfs_writer *w)
{
	sqfs_file_t *file = &w->file.base;
	int result = sqfs_frag_table_write(w->fragments, file, &w->super, w->table_compressor);

	if (result == 0)
		result = sqfs_dir_writer_write_export_table(w->directories, file,
							    w->table_compressor, w->numbers[0],
							    w->super.root_inode_ref, &w->super);
	if (result == 0)
		result = sqfs_id_table_write(w->ids, file, &w->super, w->id_compressor);
	return result ? failed(result, "the tables of fragments and owners", w->err) : 0;
}

static int write_super(struct squashfs_writer *w, sqfs_u16 options)
{
	w->super.flags = (sqfs_u16)(w->flags | options);
	w->super.modification_time = w->recipe->created;
	w->super.bytes_used = w->file.image->size;
	if (sqfs_super_write(&w->super, &w->file.base))
		return failed(SQFS_ERROR_IO, "the super block", w->err);
	return 0;
}

static int write_image(struct squashfs_writer *w)
{
	sqfs_compressor_t *compressor = w->compressor;
	int options, result;

	if (sqfs_super_init(&w->super, w->recipe->block_size, w->recipe->created,
			    (SQFS_COMPRESSOR)w->recipe->compressor) ||
	    sqfs_super_write(&w->super, &w->file.base))
		return failed(SQFS_ERROR_ALLOC, "the super block", w->err);
	options = compressor->write_options(compressor, &w->file.base);
	if (options < 0)
		return failed(options, "the options of the compressor", w->err);
	number_inodes(w);
	result = write_data(w);
	if (result == 0)
		result = write_inodes_and_directories(w);
	if (result == 0)
		result = write_tables(w);
	if (result == 0)
		result = write_super(w, options > 0 ? SQFS_FLAG_COMPRESSOR_OPTIONS : 0);
	if (result == 0 && w->file.image->failed)
		result = rc_fail_memory(w->err, w->file.image->size);
	return result;
}

static void close_writer(struct squashfs_writer *w)
{
	for (size_t i = 0; w->inodes && i < w->tree->count; i++)
		sqfs_free(w->inodes[i]);
	free(w->inodes);
	free(w->places);
	free(w->numbers);
	sqfs_destroy(w->directories);
	sqfs_destroy(w->fragments);
	sqfs_destroy(w->ids);
	squashfs_writer_close(w);
}

int squashfs_write(const struct fs_tree *tree, const struct fs_recipe *recipe,
		   struct rc_buffer *image, struct rc_error *err)
{
	struct squashfs_writer w = { .tree = tree, .recipe = recipe, .err = err };
	int result = squashfs_writer_open(&w, image);

	if (result == 0) {
		w.inodes = calloc(tree->count, sizeof(void *));
		w.places = calloc(tree->count, sizeof(*w.places));
		w.numbers = calloc(tree->count, sizeof(*w.numbers));
		w.fragments = sqfs_frag_table_create(0);
		w.ids = sqfs_id_table_create(0);
		result = w.inodes && w.places && w.numbers && w.fragments && w.ids
				 ? write_image(&w)
				 : rc_fail_memory(err, tree->count * sizeof(*w.places));
	}
	close_writer(&w);
	return result;
}
