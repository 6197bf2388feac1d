/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "check.h"
#include "format/uboot_env.h"

/* Once as it comes, once with a checksum that holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rc_span area = { data, size };
	struct uboot_env_variable variable;
	size_t position = 0;
	uint8_t *copy;

	fuzz_check(&format_uboot_env, data, size);
	while (uboot_env_next(area, &position, &variable))
		require((const uint8_t *)variable.value + variable.value_size < data + size);
	if (size < UBOOT_ENV_HEADER)
		return 0;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	rc_put_le32(copy, rc_crc32(0, copy + UBOOT_ENV_HEADER, size - UBOOT_ENV_HEADER));
	fuzz_check(&format_uboot_env, copy, size);
	free(copy);
	return 0;
}
