/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report_all.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Anything at all: once for what it says that it is, once as a flash. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct inspect_options options = { .boards = all_boards(),
						 .hash_files = true,
						 .threads = 1 };
	struct rc_span bytes = { data, size };
	struct inspection inspection;

	if (inspect_bytes(bytes, &options, &inspection, NULL) == 0)
		report_all(&inspection);
	if (inspect_flash(bytes, &options, &inspection, NULL) == 0)
		report_all(&inspection);
	return 0;
}
