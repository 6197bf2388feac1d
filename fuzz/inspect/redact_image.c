/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "inspect/redact.h"
#include "inspect/redact_image.h"
#include "report_all.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The parts of an image one by one, as damaged as they come. */
static void redact_alone(const uint8_t *data, size_t size)
{
	struct secrets secrets = { 0 };
	struct redact_image image = { .data = malloc(size + 1), .size = size, .secrets = &secrets };

	if (!image.data)
		return;
	memcpy(image.data, data, size);
	if (redact_image_begin(&image, NULL) == 0) {
		redact_image_collect(&image);
		if (secrets_prepare(&secrets, NULL) == 0 && redact_image_replace(&image, NULL) == 0)
			redact_image_verify(&image, NULL);
	}
	redact_image_end(&image);
	secrets_clear(&secrets);
	free(image.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct redaction redaction;

	if (size > RC_KIB(64))
		return 0;
	redact_alone(data, size);
	redact_bytes((struct rc_span){ data, size }, all_boards(), &redaction, NULL);
	redaction_clear(&redaction);
	return 0;
}
