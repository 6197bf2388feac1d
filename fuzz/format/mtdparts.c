/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"
#include "flash/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct layout layout;

	if (layout_parse_mtdparts((const char *)data, size, 16u << 20, &layout, NULL) < 0)
		return 0;
	require(layout.count > 0 && layout.count <= RC_MAX_PARTITIONS);
	for (size_t i = 0; i < layout.count; i++) {
		const struct partition *p = &layout.partitions[i];

		require(p->size > 0 && p->offset <= layout.flash_size - p->size);
		require(i == 0 || p->offset >= p[-1].offset + p[-1].size);
		require(layout_find(&layout, p->name) == p);
		require(layout_at(&layout, p->offset) == p);
	}
	return 0;
}
