/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of libflashrom's log, which hold what a chip answered. */
#include <stdint.h>
#include <string.h>

#include "link/flashrom.h"
#include "link/flashrom_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flashrom_log log;
	struct flashrom_spec spec;
	char text[4096], *rest = text, *line;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	flashrom_spec_parse(text, &spec, NULL);
	flashrom_log_clear(&log);
	while ((line = strsep(&rest, "\n")))
		flashrom_log_line(&log, *line & 1, line);
	return 0;
}
