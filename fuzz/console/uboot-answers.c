/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every other answer that is taken apart. */
#include <stdlib.h>
#include <string.h>

#include "console/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_span answer = { data, size };
	char version[VERSION_TEXT];
	struct probe_answer probe;
	uint32_t value;

	crc32_parse(answer, 0x80600000, 0x10000, &value);
	running_at_parse(answer, &value);
	total_size_parse(answer, &value);
	for (int verb = SF_READ; verb <= SF_WRITE; verb++)
		sf_parse(answer, (enum sf_verb)verb, 0x40000, 0x10000, &value);
	if (sf_complaint(answer).size > size)
		abort();
	if (version_parse(answer, version) && strlen(version) >= sizeof(version))
		abort();
	if (probe_parse(answer, &probe) && strlen(probe.name) >= sizeof(probe.name))
		abort();
	return 0;
}
