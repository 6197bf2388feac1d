/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An update file's head with the rest of it FF, and the same bytes as a bootloader's code. */
#include <string.h>

#include "check.h"
#include "format/recovery.h"

static uint8_t file[RECOVERY_SIZE + 1];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct recovery_loader loader;
	struct recovery recovery;
	size_t whole;

	recovery_read_loader((struct rc_span){ data, size }, &loader);
	fuzz_check(&format_recovery, data, size);
	if (size == 0 || size > sizeof(file))
		return 0;
	if (!ready)
		memset(file, 0xff, sizeof(file));
	ready = true;
	memcpy(file, data, size);
	/* The last byte of the input chooses the length; looking at all of it takes long. */
	whole = sizeof(file) - data[size - 1] % 3;
	recovery_parse((struct rc_span){ file, whole }, &recovery, NULL);
	if (data[size - 1] % 64 == 1)
		fuzz_check(&format_recovery, file, whole);
	memset(file, 0xff, size);
	return 0;
}
