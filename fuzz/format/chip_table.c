/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "check.h"
#include "format/chip_table.h"
#include "format/ingenic_boot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes are U-Boot itself: what comes before it on the flash is of no interest here. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t whole = INGENIC_BODY_OFFSET + size;
	uint8_t *boot = calloc(1, whole);
	struct chip_table table;
	struct rc_error err;

	require(boot != NULL);
	if (size)
		memcpy(boot + INGENIC_BODY_OFFSET, data, size);
	if (chip_table_find((struct rc_span){ boot, whole }, &table, &err) == 0) {
		require(table.count >= 2 && table.count <= CHIP_TABLE_MAX);
		require(table.address >= UBOOT_LINK_ADDRESS && table.address <= table.id_word);
		require(table.size_word - UBOOT_LINK_ADDRESS + 4 <= size);
		require(table.relocation % UBOOT_RELOC_ALIGN == 0);
		require(table.fallback_name[31] == '\0');
		require(chip_table_size_of(&table, table.ids[0]) == table.sizes[0]);
	} else {
		require(err.text[0] != '\0');
	}
	free(boot);
	return 0;
}
