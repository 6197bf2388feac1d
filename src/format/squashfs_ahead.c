/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unpacks blocks of a squashfs on other processors before squashfs_content.c needs them.
 *
 * Which blocks there are, the inode and fragment tables tell. Workers take them in the order in
 * which they lie in the image, which is nearly that in which the files are read; whoever
 * reads waits only for a block that a worker has begun, and unpacks himself what nobody has.
 * What does not unpack is nobody's either, so that there is one place that reports it.
 */
#include "format/squashfs.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqfs/block.h>

#define MAX_WORKERS 8u
#define MAX_JOBS    65536u
/* Blocks unpacked and not taken yet: enough for nobody to wait where files are read in another
 * order, and few enough for little to be left for one processor when the last is unpacked. */
#define MAX_AHEAD 8u
/* Below this, threads cost more than they give. */
#define LEAST_BYTES RC_KIB(256)

enum job_state { JOB_WAITING, JOB_BEGUN, JOB_DONE, JOB_NOBODYS };

struct job {
	uint64_t offset;
	uint32_t word; /* size on disk, and whether it is compressed */
	enum job_state state;
	size_t size; /* unpacked */
	uint8_t *data;
};

struct squashfs_ahead {
	const struct squashfs *fs;
	struct job *jobs; /* by offset */
	size_t count, room, next;
	unsigned ahead; /* blocks begun or done, and not taken */
	uint64_t bytes;
	bool stop;
	uint8_t *spare[MAX_AHEAD]; /* of a block each */
	unsigned spare_count;
	pthread_mutex_t lock;
	pthread_cond_t done, taken;
	pthread_t workers[MAX_WORKERS];
	unsigned worker_count;
};

/* --- what there is to do --- */

static void add_job(struct squashfs_ahead *ahead, uint64_t offset, uint32_t word)
{
	size_t size = SQFS_ON_DISK_BLOCK_SIZE(word);
	struct job *bigger = ahead->jobs;

	if (size == 0 || !SQFS_IS_BLOCK_COMPRESSED(word) || word >> 25 != 0 ||
	    offset > ahead->fs->image.size || size > ahead->fs->image.size - offset ||
	    ahead->count == MAX_JOBS)
		return;
	if (ahead->count == ahead->room) {
		ahead->room = ahead->room ? ahead->room * 2 : 64;
		bigger = realloc(ahead->jobs, ahead->room * sizeof(*bigger));
	}
	if (!bigger) {
		ahead->room = ahead->count;
		return;
	}
	ahead->jobs = bigger;
	ahead->jobs[ahead->count++] = (struct job){ .offset = offset, .word = word };
	ahead->bytes += size;
}

static void add_file(struct squashfs_ahead *ahead, const sqfs_inode_generic_t *inode)
{
	size_t blocks = sqfs_inode_get_file_block_count(inode);
	sqfs_u64 at;

	sqfs_inode_get_file_block_start(inode, &at);
	for (size_t i = 0; i < blocks; i++) {
		add_job(ahead, at, inode->extra[i]);
		at += SQFS_ON_DISK_BLOCK_SIZE(inode->extra[i]);
	}
}

static int compare_jobs(const void *left, const void *right)
{
	const struct job *a = left, *b = right;

	return (a->offset > b->offset) - (a->offset < b->offset);
}

/* Sorts, and leaves out what several files share. */
static void sort_jobs(struct squashfs_ahead *ahead)
{
	size_t count = 0;

	if (ahead->count)
		qsort(ahead->jobs, ahead->count, sizeof(*ahead->jobs), compare_jobs);
	for (size_t i = 0; i < ahead->count; i++) {
		if (count == 0 || ahead->jobs[count - 1].offset != ahead->jobs[i].offset)
			ahead->jobs[count++] = ahead->jobs[i];
	}
	ahead->count = count;
}

static void find_jobs(struct squashfs *fs, struct squashfs_ahead *ahead)
{
	uint64_t ref = 0;

	for (size_t at = 0; at + SQUASHFS_FRAGMENT_SIZE <= fs->fragments.size;
	     at += SQUASHFS_FRAGMENT_SIZE)
		add_job(ahead, rc_le64(fs->fragments.data + at),
			rc_le32(fs->fragments.data + at + 8));
	for (uint32_t i = 0; i < fs->super.inode_count; i++) {
		sqfs_inode_generic_t *inode;
		sqfs_u64 block;
		size_t offset;

		if (squashfs_read_inode(fs, ref, &inode))
			break;
		if (inode->base.type == SQFS_INODE_FILE || inode->base.type == SQFS_INODE_EXT_FILE)
			add_file(ahead, inode);
		sqfs_free(inode);
		sqfs_meta_reader_get_position(fs->inodes, &block, &offset);
		ref = (block - fs->super.inode_table_start) << 16 | offset;
	}
	sort_jobs(ahead);
}

/* --- doing it --- */

static struct job *next_job(struct squashfs_ahead *ahead)
{
	for (;;) {
		while (ahead->next < ahead->count && ahead->jobs[ahead->next].state != JOB_WAITING)
			ahead->next++;
		if (ahead->stop || ahead->next == ahead->count)
			return NULL;
		if (ahead->ahead < MAX_AHEAD)
			return &ahead->jobs[ahead->next++];
		pthread_cond_wait(&ahead->taken, &ahead->lock);
	}
}

/* data: room for a block, or NULL. The number of bytes that come out, 0 where it fails. */
static size_t unpack_job(const struct squashfs_ahead *ahead, sqfs_compressor_t *compressor,
			 const struct job *job, uint8_t *data)
{
	uint32_t room = ahead->fs->super.block_size;
	sqfs_s32 size = 0;

	if (data)
		size = compressor->do_block(compressor, ahead->fs->image.data + job->offset,
					    SQFS_ON_DISK_BLOCK_SIZE(job->word), data, room);
	return size > 0 && (uint32_t)size <= room ? (size_t)size : 0;
}

static void keep_spare(struct squashfs_ahead *ahead, uint8_t *data)
{
	if (data && ahead->spare_count < MAX_AHEAD)
		ahead->spare[ahead->spare_count++] = data;
	else
		free(data);
}

static void finish_job(struct squashfs_ahead *ahead, struct job *job, uint8_t *data)
{
	if (job->size) {
		job->state = JOB_DONE;
		job->data = data;
	} else {
		job->state = JOB_NOBODYS;
		ahead->ahead--;
		keep_spare(ahead, data);
	}
	pthread_cond_broadcast(&ahead->done);
}

static void *work(void *context)
{
	struct squashfs_ahead *ahead = context;
	sqfs_compressor_t *compressor = sqfs_copy(ahead->fs->compressor);
	struct job *job;
	uint8_t *data;

	pthread_mutex_lock(&ahead->lock);
	while (compressor && (job = next_job(ahead))) {
		job->state = JOB_BEGUN;
		ahead->ahead++;
		data = ahead->spare_count ? ahead->spare[--ahead->spare_count] : NULL;
		pthread_mutex_unlock(&ahead->lock);
		if (!data)
			data = malloc(ahead->fs->super.block_size);
		job->size = unpack_job(ahead, compressor, job, data);
		pthread_mutex_lock(&ahead->lock);
		finish_job(ahead, job, data);
	}
	pthread_mutex_unlock(&ahead->lock);
	sqfs_destroy(compressor);
	return NULL;
}

uint8_t *squashfs_ahead_take(struct squashfs *fs, uint64_t offset, uint32_t word, size_t *size)
{
	struct squashfs_ahead *ahead = fs->ahead;
	const struct job key = { .offset = offset };
	uint8_t *data = NULL;
	struct job *job = ahead && ahead->count ? bsearch(&key, ahead->jobs, ahead->count,
							  sizeof(key), compare_jobs)
						: NULL;

	if (!job || job->word != word)
		return NULL;
	pthread_mutex_lock(&ahead->lock);
	while (job->state == JOB_BEGUN)
		pthread_cond_wait(&ahead->done, &ahead->lock);
	if (job->state == JOB_DONE) {
		data = job->data;
		*size = job->size;
		job->data = NULL;
		ahead->ahead--;
		pthread_cond_broadcast(&ahead->taken);
	}
	job->state = JOB_NOBODYS;
	pthread_mutex_unlock(&ahead->lock);
	return data;
}

void squashfs_ahead_give_back(struct squashfs *fs, uint8_t *data)
{
	struct squashfs_ahead *ahead = fs->ahead;

	if (!ahead) {
		free(data);
		return;
	}
	pthread_mutex_lock(&ahead->lock);
	keep_spare(ahead, data);
	pthread_mutex_unlock(&ahead->lock);
}

/* --- beginning and end --- */

/* One for each processor: whoever takes the blocks has little to do. None where there is only one.
 */
static unsigned wanted_workers(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (processors < 2)
		return 0;
	return processors > (long)MAX_WORKERS ? MAX_WORKERS : (unsigned)processors;
}

void squashfs_ahead_start(struct squashfs *fs)
{
	struct squashfs_ahead *ahead;
	unsigned wanted = wanted_workers();

	if (wanted == 0 || fs->super.inode_table_start < LEAST_BYTES || !fs->compressor->base.copy)
		return;
	ahead = fs->ahead = calloc(1, sizeof(*ahead));
	if (!ahead)
		return;
	ahead->fs = fs;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->done, NULL);
	pthread_cond_init(&ahead->taken, NULL);
	find_jobs(fs, ahead);
	while (ahead->bytes >= LEAST_BYTES && ahead->worker_count < wanted &&
	       pthread_create(&ahead->workers[ahead->worker_count], NULL, work, ahead) == 0)
		ahead->worker_count++;
	if (ahead->worker_count == 0)
		ahead->count = 0;
}

void squashfs_ahead_stop(struct squashfs *fs)
{
	struct squashfs_ahead *ahead = fs->ahead;

	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->stop = true;
	pthread_cond_broadcast(&ahead->taken);
	pthread_mutex_unlock(&ahead->lock);
	for (unsigned i = 0; i < ahead->worker_count; i++)
		pthread_join(ahead->workers[i], NULL);
	for (size_t i = 0; ahead->jobs && i < ahead->count; i++)
		free(ahead->jobs[i].data);
	while (ahead->spare_count)
		free(ahead->spare[--ahead->spare_count]);
	pthread_mutex_destroy(&ahead->lock);
	pthread_cond_destroy(&ahead->done);
	pthread_cond_destroy(&ahead->taken);
	free(ahead->jobs);
	free(ahead);
	fs->ahead = NULL;
}
