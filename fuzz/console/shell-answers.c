/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a camera's Linux prints, taken apart. */
#include <stdlib.h>
#include <string.h>

#include "console/shell.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_span text = { data, size };
	struct rc_buffer out = { 0 };
	char where[SHELL_PATH];
	struct shell_mtd mtd;
	struct rc_span line;

	if (shell_parse_mtd(text, &mtd) &&
	    (mtd.count == 0 || mtd.count > SHELL_MAX_MTD || mtd.total == 0))
		abort();
	if (shell_parse_flash_id(text) > 0xffffff || shell_parse_root(text) > 99)
		abort();
	if (shell_parse_mounted(text, 4, where) && strlen(where) >= sizeof(where))
		abort();
	shell_look(text, &line);
	if (line.size > size)
		abort();
	if (shell_parse_gzip(text, &out) && out.size > size)
		abort();
	rc_buffer_free(&out);
	if (!shell_make_lines(text, &out) || out.size > 4 * size + size / 20 + 4)
		abort();
	rc_buffer_free(&out);
	return 0;
}
