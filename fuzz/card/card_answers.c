/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a bootloader says of a card. */
#include "console/uboot_mmc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_span answer = { data, size };
	uint32_t loaded;

	mmc_parse(answer, false, 0, 1);
	mmc_parse(answer, true, 2048, 8);
	fatload_parse(answer, &loaded);
	return 0;
}
