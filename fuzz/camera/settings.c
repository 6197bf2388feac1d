/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "camera/settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file that can be read can be changed, and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct setting_change changes[] = { { SETTING_NAME, "Hof" },
							 { SETTING_BITRATE, "900" } };
	struct settings settings = { 0 };
	struct rc_text out = { 0 };

	if (settings_parse("x", (struct rc_span){ data, size }, &settings, NULL) == 0 &&
	    settings_edit("x", (struct rc_span){ data, size }, changes, RC_COUNT(changes), &out,
			  NULL))
		abort();
	rc_text_free(&out);
	settings_free(&settings);
	return 0;
}
