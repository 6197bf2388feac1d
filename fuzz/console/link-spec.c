/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users write behind "twin:". */
#include <stdlib.h>
#include <string.h>

#include "link/kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct twin_spec spec;
	struct rc_error err;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (twin_spec_parse(text, &spec, &err) == 0 && !*spec.image)
		abort();
	free(text);
	return 0;
}
