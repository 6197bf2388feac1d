/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"
#include "format/mxpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_span region = { data, size };
	struct layout layout;
	struct mxpt table;

	fuzz_check(&format_mxpt, data, size);
	mxpt_locate(region);
	if (mxpt_parse(region, &table, NULL) < 0 ||
	    mxpt_to_layout(&table, 16u << 20, &layout, NULL) < 0)
		return 0;
	require(layout.count > 0 && layout.count <= RC_MAX_PARTITIONS);
	for (size_t i = 0; i < layout.count; i++) {
		const struct partition *p = &layout.partitions[i];

		require(p->size > 0 && p->offset <= (16u << 20) - p->size);
		require(i == 0 || p->offset >= p[-1].offset + p[-1].size);
		require(mxpt_find(&table, p->name) != NULL);
	}
	return 0;
}
