/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report_all.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The boot log reader. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct inspect_options options = { .boards = all_boards() };
	struct inspection inspection;

	if (inspect_log((struct rc_span){ data, size }, &options, &inspection, NULL) == 0)
		report_all(&inspection);
	return 0;
}
