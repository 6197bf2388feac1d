/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "check.h"
#include "format/flag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	require(strlen(flag_update_name(flag_read((struct rc_span){ data, size }))) > 0);
	fuzz_check(&format_flag, data, size);
	return 0;
}
