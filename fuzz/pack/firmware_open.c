/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any file, as unpack takes it, without a camera that is known. */
#include "pack/firmware_open.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct boards none;
	static const struct firmware_open_options options = { .boards = &none };
	static struct firmware_opened opened;
	struct rc_span file = { data, size };

	if (firmware_open("kernel.bin", file, &options, &opened, NULL) == 0)
		firmware_opened_clear(&opened);
	return 0;
}
