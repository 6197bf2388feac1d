/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "check.h"
#include "format/uimage.h"

/* Once as it comes; once with checksums that hold, so that the unpackers are reached. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct uimage_header header;
	uint8_t *copy;

	fuzz_check(&format_uimage, data, size);
	if (!uimage_read_header((struct rc_span){ data, size }, &header) || size > RC_MIB(1))
		return 0;
	copy = malloc(size);
	require(copy != NULL);
	memcpy(copy, data, size);
	require(uimage_build(
			&header,
			(struct rc_span){ data + UIMAGE_HEADER_SIZE, size - UIMAGE_HEADER_SIZE },
			copy, NULL) == 0);
	fuzz_check(&format_uimage, copy, size);
	free(copy);
	return 0;
}
