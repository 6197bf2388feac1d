/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sectors that say what a card is: partition table, transfer area, index. */
#include <stdlib.h>

#include "card/transfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mbr_partition place = { MBR_RAW, 4096, 0x10000 };
	static const uint8_t block[TRANSFER_BLOCK];
	struct rc_span bytes = { data, size };
	struct transfer_index index;
	struct transfer_area area;
	uint32_t offset;
	size_t file;

	transfer_find(bytes, &area, NULL);
	if (transfer_parse(bytes, &place, &area, NULL) == 0 &&
	    area.first - place.first + area.count > place.count)
		abort();
	if (index_parse(bytes, &index, NULL) == 0 &&
	    index_find(&index, block, sizeof(block), &file, &offset) && file >= index.file_count)
		abort();
	return 0;
}
