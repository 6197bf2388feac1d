/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An archive, for a board of 256 KiB with a kernel and a root. */
#include "pack/firmware_archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct flash_map map = {
		.camera = "fuzz",
		.layout = { .flash_size = 0x40000,
			    .count = 3,
			    .partitions = { { "boot", 0, 0x10000 },
					    { "kernel", 0x10000, 0x10000 },
					    { "root", 0x20000, 0x20000 } } },
		.roles = { ROLE_BOOT, ROLE_KERNEL, ROLE_ROOT },
	};
	static struct firmware_archive archive;
	static struct firmware_file split;
	const struct archive_file *single;

	if (firmware_archive_read("fuzz", (struct rc_span){ data, size }, &archive, NULL))
		return 0;
	firmware_archive_single("fuzz", &archive, &single, NULL);
	if (single)
		firmware_file_split(single->name,
				    (struct rc_span){ single->bytes.data, single->bytes.size },
				    &map, &split, NULL);
	firmware_archive_parts("fuzz", &archive, &map, &split, NULL);
	firmware_archive_clear(&archive);
	return 0;
}
