/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/identity_file.h"
#include "report_all.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An identity file, and its partitions put into an image of their own size. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct identity_import_options options = { .boards = all_boards(),
							 .i_know = size % 2 };
	struct identity_file file;
	struct rc_buffer out = { 0 };

	if (identity_file_read((struct rc_span){ data, size }, &file, NULL) == 0)
		identity_import(
			&file,
			(struct rc_span){ file.parts[0].bytes.data, file.parts[0].bytes.size },
			&options, &out, NULL);
	rc_buffer_free(&out);
	identity_file_clear(&file);
	return 0;
}
