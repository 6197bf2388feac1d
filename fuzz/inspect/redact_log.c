/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "inspect/secret_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any text: its secrets found and replaced. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secrets secrets = { 0 };
	uint8_t *copy = malloc(size + 1);
	struct secret_text text = {
		.secrets = &secrets, .data = copy, .size = size, .name = "", .log = true
	};

	if (!copy || size > 4096) {
		free(copy);
		return 0;
	}
	memcpy(copy, data, size);
	secret_text_read(&text);
	if (secrets_prepare(&secrets, NULL) == 0)
		secrets_replace(&secrets, copy, size, SECRETS_ALL);
	secrets_clear(&secrets);
	free(copy);
	return 0;
}
