/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/checksum.h"
#include "check.h"
#include "format/flsh.h"

/* Once as it comes, once with a checksum that holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t copy[FLSH_SIZE];
	struct flsh settings;
	struct rc_span name;
	struct rc_span value;
	size_t position = 0;
	char text[32];

	fuzz_check(&format_flsh, data, size);
	if (size < FLSH_HEADER_SIZE || size > sizeof(copy))
		return 0;
	memcpy(copy, data, size);
	copy[8] = rc_crc8_flsh(0xff, copy + 9, size - 9);
	fuzz_check(&format_flsh, copy, size);
	if (flsh_parse((struct rc_span){ copy, size }, &settings, NULL) < 0)
		return 0;
	while (flsh_next(&settings, &position, &name, &value))
		require(name.data >= copy && value.data + value.size <= copy + size);
	if (flsh_get(&settings, "mac", text, sizeof(text)))
		require(strlen(text) < sizeof(text));
	return 0;
}
