/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct journal journal;

	journal_parse((struct rc_span){ data, size }, "fuzz", &journal, NULL);
	return 0;
}
