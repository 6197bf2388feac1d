/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/checksum.h"
#include "check.h"
#include "format/ingenic_boot.h"

/* Once as it comes. Once with the first 16 bytes as the header and all others as U-Boot
 * behind an SPL whose checksum holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t crc[INGENIC_MAX_PIECES];
	uint8_t *image;
	uint32_t spl_size;
	size_t body;

	fuzz_check(&format_ingenic_boot, data, size);
	if (size < 16 || size > INGENIC_BOOT_SIZE - INGENIC_BODY_OFFSET)
		return 0;
	body = size - 16;
	image = calloc(1, INGENIC_BODY_OFFSET + body);
	require(image != NULL);
	memcpy(image, data, 16);
	memcpy(image + INGENIC_BODY_OFFSET, data + 16, body);
	spl_size = rc_le32(image + 12);
	if (spl_size > INGENIC_CODE_OFFSET && spl_size <= INGENIC_BODY_OFFSET)
		image[9] = rc_crc7(image + INGENIC_CODE_OFFSET, spl_size - INGENIC_CODE_OFFSET);
	fuzz_check(&format_ingenic_boot, image, INGENIC_BODY_OFFSET + body);
	ingenic_boot_pieces((struct rc_span){ image, INGENIC_BODY_OFFSET + body }, UINT32_MAX, crc);
	free(image);
	return 0;
}
