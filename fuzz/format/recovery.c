/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An update file's head with the rest of it FF, and the same bytes as a bootloader's code. */
#include <string.h>

#include "check.h"
#include "format/recovery.h"

static uint8_t file[RECOVERY_SIZE + 1];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_span program = { data, size };
	struct recovery_loader loader;
	struct recovery recovery;

	recovery_read_loader(program, &loader);
	if (size == 0 || size > sizeof(file))
		return 0;
	memset(file, 0xff, sizeof(file));
	memcpy(file, data, size);
	/* The last byte of the input chooses the length. */
	fuzz_check(&format_recovery, file, sizeof(file) - data[size - 1] % 3);
	recovery_parse((struct rc_span){ file, sizeof(file) - data[size - 1] }, &recovery, NULL);
	return 0;
}
