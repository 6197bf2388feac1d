/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/survey.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/checksum.h"
#include "flash/layout.h"

#define TRIES   3
#define AT_ONCE 64

uint32_t survey_erased_crc(void)
{
	static const uint8_t erased[256] = { [0 ... 255] = 0xff };
	uint32_t crc = 0;

	for (size_t done = 0; done < RC_ERASE_BLOCK; done += sizeof(erased))
		crc = rc_crc32(crc, erased, sizeof(erased));
	return crc;
}

size_t survey_reachable(const struct link_info *info)
{
	uint32_t reach = info->reach < info->flash_size ? info->reach : info->flash_size;

	return (reach + (size_t)RC_ERASE_BLOCK - 1) / RC_ERASE_BLOCK;
}

uint32_t survey_block_size(const struct link_info *info, size_t block)
{
	uint32_t reach = info->reach < info->flash_size ? info->reach : info->flash_size;
	uint32_t left = reach - (uint32_t)(block * RC_ERASE_BLOCK);

	return left < RC_ERASE_BLOCK ? left : RC_ERASE_BLOCK;
}

int survey_block(struct link *link, size_t block, uint32_t *crc, struct rc_error *err)
{
	uint32_t offset = (uint32_t)(block * RC_ERASE_BLOCK);
	uint32_t size = survey_block_size(&link->info, block);
	uint8_t *data;
	int result;

	if (link->info.can_checksum)
		return link_checksum(link, offset, size, crc, err);
	data = malloc(RC_ERASE_BLOCK);
	if (!data)
		return rc_fail_memory(err, RC_ERASE_BLOCK);
	result = link_read(link, offset, data, size, err);
	if (!result)
		*crc = rc_crc32(0, data, size);
	free(data);
	return result;
}

static bool is_one_of(uint32_t crc, const uint32_t *expected, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (crc == expected[i])
			return true;
	return false;
}

int survey_expect(struct link *link, size_t block, const uint32_t *expected, size_t count,
		  uint32_t *crc, struct rc_error *err)
{
	for (int i = 0; i < TRIES; i++) {
		int result = survey_block(link, block, crc, err);

		if (result || is_one_of(*crc, expected, count))
			return result;
	}
	return 0;
}

/* Few enough to be stopped soon, many enough to be worth the asking; whole ones only. */
static size_t blocks_at_once(const struct link *link, size_t first, size_t count)
{
	size_t some = count - first < AT_ONCE ? count - first : AT_ONCE;

	if (!link->info.can_checksum)
		return 1;
	return survey_block_size(&link->info, first + some - 1) == RC_ERASE_BLOCK ? some : 1;
}

int survey_all(struct link *link, const char *label, uint32_t *crcs, const volatile int *stop,
	       struct rc_error *err)
{
	size_t count = survey_reachable(&link->info);
	struct rc_progress progress;
	int result = 0;

	rc_progress_start(&progress, label, count);
	for (size_t i = 0, some; i < count && !result; i += some) {
		some = blocks_at_once(link, i, count);
		if (stop && *stop)
			result = rc_fail(
				err, RC_ESTOPPED,
				"stopped after %zu of %zu blocks; nothing was written: run "
				"the same command again",
				i, count);
		else if (some > 1)
			result = link_survey(link, (uint32_t)(i * RC_ERASE_BLOCK), some, &crcs[i],
					     err);
		else
			result = survey_block(link, i, &crcs[i], err);
		rc_progress_update(&progress, i + some);
	}
	rc_progress_finish(&progress);
	return result;
}
