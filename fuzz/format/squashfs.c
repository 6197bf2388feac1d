/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"
#include "files.h"

/* The seeds are stored as they are: nothing but the structure stands in the way. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_files(&format_squashfs, data, size);
	return 0;
}
