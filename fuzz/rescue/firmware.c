/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file of firmware, for a board of 256 KiB with a kernel and a root. */
#include "rescue/firmware.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct board board = {
		.name = "fuzz",
		.layout = { .flash_size = 0x40000,
			    .count = 3,
			    .partitions = { { "boot", 0, 0x10000 },
					    { "kernel", 0x10000, 0x10000 },
					    { "root", 0x20000, 0x20000 } } },
		.partitions = { { .role = ROLE_BOOT },
				{ .role = ROLE_KERNEL },
				{ .role = ROLE_ROOT } },
	};
	static struct firmware firmware;

	firmware = (struct firmware){ 0 };
	firmware_split("fuzz", (struct rc_span){ data, size }, &board, &firmware, NULL);
	firmware_clear(&firmware);
	return 0;
}
