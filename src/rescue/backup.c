/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/backup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/text.h"
#include "link/differ.h"
#include "rescue/partial.h"
#include "rescue/survey.h"

/* A block whose bytes came over a noisy line is mended in pieces of this size, so that
 * one wrong byte in it does not cost the whole block again. */
#define PIECE       RC_KIB(4)
#define PIECE_TRIES 8

static const struct {
	const char *name;
	const char *text;
} proofs[PROOF_COUNT] = {
	[PROOF_NONE] = { "none", "not proven" },
	[PROOF_TWO_READS] = { "two-reads", "read twice, equal" },
	[PROOF_CHECKSUM] = { "checksum", "read, and confirmed by the camera's own CRC-32" },
	[PROOF_REFERENCE] = { "reference", "equal to known firmware by the camera's CRC-32" },
	[PROOF_ERASED] = { "erased", "erased by the camera's CRC-32" },
	[PROOF_UNREACHED] = { "unreached", "NOT REACHED: behind what this link can address" },
};

const char *proof_name(enum proof proof)
{
	return proofs[proof].name;
}

const char *proof_text(enum proof proof)
{
	return proofs[proof].text;
}

void backup_clear(struct backup *backup)
{
	free(backup->data);
	free(backup->proofs);
	*backup = (struct backup){ 0 };
}

bool backup_covers(const struct backup *backup, uint32_t offset, uint32_t size)
{
	if (offset > backup->size || size > backup->size - offset)
		return false;
	for (uint64_t at = offset / RC_ERASE_BLOCK; at * RC_ERASE_BLOCK < (uint64_t)offset + size;
	     at++)
		if (backup->proofs[at] == PROOF_NONE || backup->proofs[at] == PROOF_UNREACHED)
			return false;
	return true;
}

bool backup_is_partial(const struct backup *backup)
{
	return !backup_covers(backup, 0, backup->size);
}

uint32_t backup_reach(const struct backup *backup)
{
	for (size_t i = 0; i < backup->block_count; i++)
		if (backup->proofs[i] == PROOF_UNREACHED)
			return (uint32_t)(i * RC_ERASE_BLOCK);
	return backup->size;
}

/* What is at hand while a backup is being taken. */
struct taking {
	struct link *link;
	const struct backup_options *options;
	struct backup *backup;
	size_t reachable;
	uint32_t erased_crc;
	uint32_t *crcs;            /* the camera's, where it computes them */
	bool *have;                /* data holds what an earlier try read */
	struct rc_buffer existing; /* FILE as it is there already */
	struct partial partial;
};

static uint8_t *block_data(const struct taking *taking, size_t block)
{
	return taking->backup->data + block * RC_ERASE_BLOCK;
}

static void describe(struct backup *backup, const struct link_info *info)
{
	time_t now = time(NULL);
	struct tm utc;

	backup->jedec = info->jedec;
	memcpy(backup->status, info->status, sizeof(backup->status));
	backup->status_count = info->status_count;
	snprintf(backup->bootloader, sizeof(backup->bootloader), "%s", info->bootloader);
	snprintf(backup->link_name, sizeof(backup->link_name), "%s", info->name);
	if (gmtime_r(&now, &utc))
		strftime(backup->date, sizeof(backup->date), "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static int make_room(struct backup *backup, uint32_t size, struct rc_error *err)
{
	if (size == 0 || size > RC_MAX_FLASH)
		return rc_fail(err, RC_ERANGE,
			       "a flash of %" PRIu32
			       " bytes is no flash of a camera (1 to %u): check the link",
			       size, RC_MAX_FLASH);
	backup->size = size;
	backup->block_count = (size + (size_t)RC_ERASE_BLOCK - 1) / RC_ERASE_BLOCK;
	backup->data = malloc(size);
	backup->proofs = calloc(backup->block_count, 1);
	if (!backup->data || !backup->proofs)
		return rc_fail_memory(err, size);
	memset(backup->data, 0xff, size);
	return 0;
}

/* The block of a whole image (reference, earlier FILE), or NULL where it ends before. */
static const uint8_t *image_block(struct rc_span image, size_t block)
{
	size_t offset = block * RC_ERASE_BLOCK;

	return offset + RC_ERASE_BLOCK <= image.size ? image.data + offset : NULL;
}

static bool image_agrees(struct rc_span image, size_t block, uint32_t crc)
{
	const uint8_t *data = image_block(image, block);

	return data && rc_crc32(0, data, RC_ERASE_BLOCK) == crc;
}

/*
 * An earlier block of this flash with the same content (backup partitions, padding), or
 * NULL. One CRC-32 among hundreds would agree by chance once in 100,000 cameras, so a
 * neighbour on the same side must agree as well.
 */
static const uint8_t *earlier_copy(const struct taking *taking, size_t block)
{
	const uint32_t *crcs = taking->crcs;

	for (size_t i = 0; i < block; i++) {
		enum proof proof = taking->backup->proofs[i];
		bool before = i > 0 && crcs[i - 1] == crcs[block - 1] &&
			      crcs[i - 1] != taking->erased_crc;
		bool after = block + 1 < taking->reachable && crcs[i + 1] == crcs[block + 1] &&
			     crcs[i + 1] != taking->erased_crc;

		if (crcs[i] == crcs[block] && (before || after) && proof != PROOF_NONE)
			return block_data(taking, i);
	}
	return NULL;
}

/* Bytes from elsewhere that the camera's CRC-32 of this block confirms. */
static enum proof settle(struct taking *taking, size_t block)
{
	uint32_t crc = taking->crcs[block];
	struct rc_span existing = { taking->existing.data, taking->existing.size };
	uint8_t *data = block_data(taking, block);
	const uint8_t *copy;

	if (crc == taking->erased_crc) {
		memset(data, 0xff, RC_ERASE_BLOCK);
		return PROOF_ERASED;
	}
	if (taking->have[block] && rc_crc32(0, data, RC_ERASE_BLOCK) == crc)
		return PROOF_CHECKSUM;
	for (size_t i = 0; i < taking->options->reference_count; i++)
		if (image_agrees(taking->options->references[i], block, crc)) {
			memcpy(data, image_block(taking->options->references[i], block),
			       RC_ERASE_BLOCK);
			return PROOF_REFERENCE;
		}
	copy = image_agrees(existing, block, crc) ? image_block(existing, block)
						  : earlier_copy(taking, block);
	if (!copy)
		return PROOF_NONE;
	memcpy(data, copy, RC_ERASE_BLOCK);
	return PROOF_CHECKSUM;
}

static int read_flash(struct taking *taking, uint32_t offset, uint8_t *out, size_t size,
		      struct rc_error *err)
{
	taking->backup->moved += size;
	return link_read(taking->link, offset, out, size, err);
}

/* Reads a piece until the camera's CRC-32 of it agrees. */
static int mend_piece(struct taking *taking, uint32_t offset, struct rc_error *err)
{
	uint8_t *data = taking->backup->data + offset;
	uint32_t crc = 0;

	for (int i = 0; i < PIECE_TRIES; i++) {
		int result = link_checksum(taking->link, offset, PIECE, &crc, err);

		if (result || crc == rc_crc32(0, data, PIECE))
			return result;
		result = read_flash(taking, offset, data, PIECE, err);
		if (result || crc == rc_crc32(0, data, PIECE))
			return result;
	}
	return rc_fail(err, RC_EVERIFY,
		       "[reads-differ] 0x%" PRIx32
		       ": %d reads of 4 KiB do not agree with the checksums that the camera "
		       "computes (last: %08" PRIX32 " read, %08" PRIX32
		       " computed): check ground and wires, shorten them, and run the same command "
		       "again; what is proven so far is kept",
		       offset, PIECE_TRIES, rc_crc32(0, data, PIECE), crc);
}

static int read_with_checksum(struct taking *taking, size_t block, struct rc_error *err)
{
	uint32_t offset = (uint32_t)(block * RC_ERASE_BLOCK);
	uint8_t *data = block_data(taking, block);
	uint32_t expected[1];
	uint32_t crc;
	int result = read_flash(taking, offset, data, RC_ERASE_BLOCK, err);

	if (result)
		return result;
	expected[0] = rc_crc32(0, data, RC_ERASE_BLOCK);
	if (expected[0] == taking->crcs[block])
		return 0;
	for (uint32_t piece = 0; piece < RC_ERASE_BLOCK && !result; piece += PIECE)
		result = mend_piece(taking, offset + piece, err);
	if (result)
		return result;
	expected[0] = rc_crc32(0, data, RC_ERASE_BLOCK);
	result = survey_expect(taking->link, block, expected, 1, &crc, err);
	if (!result && crc != expected[0])
		return rc_fail(err, RC_EVERIFY,
			       "[reads-differ] block 0x%" PRIx32 ": its 4 KiB pieces agree with "
			       "the camera's checksums, the whole does not (%08" PRIX32
			       " read, %08" PRIX32 " computed): the camera reads its chip "
			       "differently each time; check its power supply",
			       offset, expected[0], crc);
	taking->crcs[block] = crc;
	return result;
}

static int say_difference(const uint8_t *a, const uint8_t *b, const uint8_t *c, uint32_t offset,
			  uint32_t size, struct rc_error *err)
{
	uint32_t first = size;
	unsigned bits = 0;
	unsigned third = 0;

	for (uint32_t i = 0; i < size; i++) {
		if (a[i] == b[i])
			continue;
		first = first == size ? i : first;
		bits += (unsigned)__builtin_popcount(a[i] ^ b[i]);
		third += a[i] == c[i];
	}
	return rc_fail(err, RC_EVERIFY,
		       "[reads-differ] two reads of the block at 0x%" PRIx32
		       " differ in %u bits, first at 0x%" PRIx32
		       " (%02X, %02X; a third read says %02X, and agrees with the first read in %u "
		       "of the places): nothing read like this can be trusted. It smells of %s; "
		       "then try again",
		       offset, bits, offset + first, a[first], b[first], c[first], third,
		       differ_smell(a, b, size));
}

static int read_twice(struct taking *taking, size_t block, struct rc_error *err)
{
	uint32_t offset = (uint32_t)(block * RC_ERASE_BLOCK);
	uint32_t size = survey_block_size(&taking->link->info, block);
	uint8_t *first = block_data(taking, block);
	uint8_t *again = malloc(2 * (size_t)RC_ERASE_BLOCK);
	int result;

	if (!again)
		return rc_fail_memory(err, 2 * (size_t)RC_ERASE_BLOCK);
	result = read_flash(taking, offset, first, size, err);
	if (!result)
		result = read_flash(taking, offset, again, size, err);
	if (!result && memcmp(first, again, size) != 0) {
		result = read_flash(taking, offset, again + RC_ERASE_BLOCK, size, err);
		if (!result)
			result = say_difference(first, again, again + RC_ERASE_BLOCK, offset, size,
						err);
	}
	free(again);
	return result;
}

/* FILE is there already: it may be this camera's, as it is now, and nothing else. */
static int compare_existing(struct taking *taking, struct rc_error *err)
{
	struct rc_span existing = { taking->existing.data, taking->existing.size };
	size_t differ = 0;
	size_t first = 0;

	if (!existing.data)
		return 0;
	for (size_t i = taking->reachable; i-- > 0;) {
		const uint8_t *data = image_block(existing, i);
		uint32_t crc = data ? rc_crc32(0, data, RC_ERASE_BLOCK) : 0;
		int result = 0;

		if (data && crc != taking->crcs[i])
			result = survey_expect(taking->link, i, &crc, 1, &taking->crcs[i], err);
		if (result)
			return result;
		if (!data || crc != taking->crcs[i]) {
			differ++;
			first = i;
		}
	}
	if (differ == 0 && existing.size == taking->backup->size)
		return 0;
	return rc_fail(err, RC_EREFUSED,
		       "%s is there already and is not what this camera holds now (%zu of %zu "
		       "blocks differ, first at 0x%zx): it is not overwritten; name another file "
		       "for this backup",
		       taking->options->path, differ, taking->reachable, first * RC_ERASE_BLOCK);
}

static int stopped(const struct taking *taking, size_t done, struct rc_error *err)
{
	const volatile int *stop = taking->options->stop;

	if (!stop || !*stop)
		return 0;
	return rc_fail(err, RC_ESTOPPED,
		       "stopped: %zu of %zu blocks are proven%s; run the same command again", done,
		       taking->reachable, taking->partial.image >= 0 ? " and kept" : "");
}

/* Everything that need not be moved; the rest stays PROOF_NONE. Returns how many. */
static size_t settle_all(struct taking *taking)
{
	size_t settled = 0;

	for (size_t i = 0; i < taking->reachable; i++) {
		taking->backup->proofs[i] = (uint8_t)settle(taking, i);
		settled += taking->backup->proofs[i] != PROOF_NONE;
	}
	return settled;
}

static int prove_block(struct taking *taking, size_t block, struct rc_error *err)
{
	uint8_t *proof = &taking->backup->proofs[block];
	int result;

	if (!taking->link->info.can_checksum) {
		result = read_twice(taking, block, err);
		if (!result)
			*proof = PROOF_TWO_READS;
		return result;
	}
	*proof = (uint8_t)settle(taking, block);
	if (*proof != PROOF_NONE)
		return 0;
	result = read_with_checksum(taking, block, err);
	if (result)
		return result;
	*proof = PROOF_CHECKSUM;
	return partial_keep(&taking->partial, block, block_data(taking, block), err);
}

static int prove_rest(struct taking *taking, size_t settled, struct rc_error *err)
{
	size_t passes = taking->link->info.can_checksum ? 1 : 2;
	struct rc_progress progress;
	uint64_t done = 0;
	int result = 0;

	rc_progress_start(&progress, "reading",
			  (taking->reachable - settled) * passes * (uint64_t)RC_ERASE_BLOCK);
	taking->link->progress = &progress;
	for (size_t i = 0; i < taking->reachable && !result; i++) {
		if (taking->backup->proofs[i] != PROOF_NONE)
			continue;
		result = stopped(taking, settled, err);
		if (!result)
			result = prove_block(taking, i, err);
		settled++;
		done += passes * RC_ERASE_BLOCK;
		rc_progress_update(&progress, done);
	}
	taking->link->progress = NULL;
	rc_progress_finish(&progress);
	return result;
}

static int take_with_checksums(struct taking *taking, struct rc_error *err)
{
	const struct backup_options *options = taking->options;
	struct backup *backup = taking->backup;
	int result = 0;

	if (backup->size % RC_ERASE_BLOCK)
		return rc_fail(err, RC_EUNSUPPORTED,
			       "a flash of %" PRIu32
			       " bytes is not whole blocks of 64 KiB: no NOR chip is like that",
			       backup->size);
	if (options->path && rc_file_exists(options->path))
		result = rc_file_read(options->path, RC_MAX_FLASH, &taking->existing, err);
	if (!result)
		result = survey_all(taking->link, "checksums", taking->crcs, options->stop, err);
	if (!result)
		result = compare_existing(taking, err);
	if (!result)
		result = partial_open(taking->existing.data ? NULL : options->path, backup->data,
				      backup->size, taking->have, &taking->partial, err);
	if (!result)
		result = prove_rest(taking, settle_all(taking), err);
	return result;
}

int backup_take(struct link *link, const struct backup_options *options, struct backup *backup,
		struct rc_error *err)
{
	struct taking taking = {
		.link = link,
		.options = options,
		.backup = backup,
		.reachable = survey_reachable(&link->info),
		.erased_crc = survey_erased_crc(),
		.partial = { .image = -1, .lines = -1 },
	};
	int result;

	*backup = (struct backup){ 0 };
	result = make_room(backup, link->info.flash_size, err);
	if (!result) {
		taking.crcs = calloc(backup->block_count + 1, sizeof(*taking.crcs));
		taking.have = calloc(backup->block_count + 1, sizeof(*taking.have));
		if (!taking.crcs || !taking.have)
			result = rc_fail_memory(err, backup->block_count * sizeof(*taking.crcs));
	}
	if (!result)
		result = link->info.can_checksum ? take_with_checksums(&taking, err)
						 : prove_rest(&taking, 0, err);
	for (size_t i = taking.reachable; i < backup->block_count; i++)
		backup->proofs[i] = PROOF_UNREACHED;
	describe(backup, &link->info);
	partial_close(&taking.partial);
	rc_buffer_free(&taking.existing);
	free(taking.crcs);
	free(taking.have);
	if (result)
		backup_clear(backup);
	return result;
}
