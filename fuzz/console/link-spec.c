/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users write behind "twin:", and what behind "uboot:PORT?" is not the port's. */
#include <stdlib.h>
#include <string.h>

#include "link/agent.h"
#include "link/kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char *port = malloc(size + 1);
	struct ram_choice choice;
	struct twin_spec spec;
	struct rc_error err;

	if (!text || !port) {
		free(port);
		free(text);
		return 0;
	}
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	memcpy(port, text, size + 1);
	if (ram_choice_take(port, &choice, &err) == 0 && strlen(port) > strlen(text))
		abort();
	if (twin_spec_parse(text, &spec, &err) == 0 && !*spec.image)
		abort();
	free(port);
	free(text);
	return 0;
}
