/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FILE.json and FILE.partial.json of a backup of two blocks. */
#include "rescue/backup.h"

#include "rescue/partial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[2 * RC_ERASE_BLOCK];
	uint8_t proofs[2] = { 0 };
	struct backup backup = {
		.data = bytes, .size = sizeof(bytes), .proofs = proofs, .block_count = 2
	};
	struct rc_span text = { data, size };
	uint32_t crcs[2];
	bool have[2];

	backup_parse_json(text, "fuzz", &backup, NULL);
	partial_parse(text, 2, have, crcs);
	return 0;
}
