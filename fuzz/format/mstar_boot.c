/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/checksum.h"
#include "check.h"
#include "format/mstar_boot.h"
#include "format/uimage.h"

/* Takes the next piece (16 bits of length, then bytes) off data. */
static struct rc_span take(struct rc_span *data)
{
	struct rc_span piece = { 0 };

	if (data->size < 2)
		return piece;
	piece = rc_span_sub(*data, 2, rc_le16(data->data));
	*data = rc_span_sub(*data, 2 + piece.size, data->size);
	return piece;
}

/* Pieces of the input lie where the parts of a boot partition do, their checksums hold. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t places[] = { 0, 0x10000, 0x20000, 0x30000, 0x4f000 };
	static uint8_t image[MSTAR_BOOT_SIZE];
	struct rc_span rest = { data, size };
	struct uimage_header header;

	fuzz_check(&format_mstar_boot, data, size);
	memset(image, 0xff, sizeof(image));
	for (size_t i = 0; i < RC_COUNT(places); i++) {
		struct rc_span piece = rc_span_sub(take(&rest), 0, 0x1000);

		if (piece.size)
			memcpy(image + places[i], piece.data, piece.size);
		if (places[i] == 0x30000 && uimage_read_header(piece, &header))
			require(uimage_build(&header,
					     rc_span_sub(piece, UIMAGE_HEADER_SIZE, piece.size),
					     image + places[i], NULL) == 0);
	}
	rc_put_le32(image + 0x4f000, rc_crc32(0, image + 0x4f004, 0xffc));
	fuzz_check(&format_mstar_boot, image, sizeof(image));
	return 0;
}
