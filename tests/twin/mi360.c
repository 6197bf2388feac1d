/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mi360.h"

#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/mstar_boot.h"
#include "format/recovery.h"
#include "format/uimage.h"

#define FLASH_SIZE RC_MIB(16)
#define UBOOT_AT   0x30000u
#define UBOOT_SLOT 0x1f000u

int mi360_needed(const char *tests)
{
	if (support_shared("firmware/mjsxj05cm/boot.bin"))
		return 0;
	print_message("skipped: %s need ../shared/firmware/mjsxj05cm\n", tests);
	return 77;
}

void mi360_flash(struct rc_buffer *out)
{
	static const struct {
		const char *file;
		uint32_t at;
	} parts[] = {
		{ "firmware/mjsxj05cm/boot.bin", 0 },
		{ "firmware/mjsxj05cm/kernel.bin", 0x50000 },
		{ "firmware/mjsxj05cm/data.bin", 0x9b0000 },
		{ "firmware/mjsxj05cm/config.bin", 0xfe0000 },
		{ "firmware/mjsxj05cm/factory.bin", 0xff0000 },
	};
	uint8_t *blank = malloc(FLASH_SIZE);

	assert_non_null(blank);
	memset(blank, 0xff, FLASH_SIZE);
	*out = (struct rc_buffer){ 0 };
	assert_true(rc_buffer_append(out, blank, FLASH_SIZE));
	free(blank);
	for (size_t i = 0; i < RC_COUNT(parts); i++) {
		struct rc_buffer part;

		support_shared_file(parts[i].file, &part);
		memcpy(out->data + parts[i].at, part.data, part.size);
		rc_buffer_free(&part);
	}
}

void mi360_put_key(struct rc_buffer *flash, const uint8_t key[32])
{
	uint8_t *slot = flash->data + UBOOT_AT;
	uint8_t packed[UBOOT_SLOT - UIMAGE_HEADER_SIZE];
	struct rc_buffer program = { 0 };
	struct recovery_loader loader;
	struct uimage_header header;
	struct rc_error err;
	size_t size = 0;
	uint8_t *place;

	support_ok(mstar_boot_unpack((struct rc_span){ flash->data, flash->size }, &program, &err),
		   &err);
	recovery_read_loader((struct rc_span){ program.data, program.size }, &loader);
	assert_true(loader.has_key);
	place = (uint8_t *)(uintptr_t)rc_find((struct rc_span){ program.data, program.size },
					      loader.key, sizeof(loader.key));
	memcpy(place, key, sizeof(loader.key));
	assert_int_equal(lzma_easy_buffer_encode(9 | LZMA_PRESET_EXTREME, LZMA_CHECK_CRC32, NULL,
						 program.data, program.size, packed, &size,
						 sizeof(packed)),
			 LZMA_OK);
	assert_true(uimage_read_header((struct rc_span){ slot, UBOOT_SLOT }, &header));
	support_ok(uimage_build(&header, (struct rc_span){ packed, size }, slot, &err), &err);
	memset(slot + UIMAGE_HEADER_SIZE, 0, UBOOT_SLOT - UIMAGE_HEADER_SIZE);
	memcpy(slot + UIMAGE_HEADER_SIZE, packed, size);
	rc_buffer_free(&program);
}
