/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recam.json; what was read is written and read again, and must be the same. */
#include "pack/folder_record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct folder_record record, again;
	static struct flash_map map;
	json_t *json;
	char *text;

	if (folder_record_parse((struct rc_span){ data, size }, "fuzz", &record, NULL))
		return 0;
	folder_record_map(&record, &map);
	json = folder_record_json(&record);
	text = json ? json_dumps(json, 0) : NULL;
	if (!text ||
	    folder_record_parse((struct rc_span){ (const uint8_t *)text, strlen(text) }, "fuzz",
				&again, NULL) ||
	    memcmp(&record, &again, sizeof(record)) != 0)
		abort();
	free(text);
	json_decref(json);
	return 0;
}
