/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of md.b, md.w and md.l. */
#include <stdlib.h>

#include "console/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_span rest = { data, size }, text;
	struct md_line line;

	while (answer_next_line(&rest, &text))
		for (unsigned width = 1; width <= 4; width *= 2)
			if (md_parse_line(text, width, &line) &&
			    (line.count == 0 || line.count > MD_LINE_BYTES || line.count % width))
				abort();
	return 0;
}
