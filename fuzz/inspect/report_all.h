/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes all three reports of what was found, and throws them away. */
#ifndef RECAM_FUZZ_REPORT_ALL_H
#define RECAM_FUZZ_REPORT_ALL_H

#include <stdlib.h>

#include "inspect/inspect.h"

static inline void report_all(struct inspection *inspection)
{
	const struct report_options report = { .columns = 60, .colour = true, .source = "fuzz" };
	struct rc_text page = { 0 };
	char *text = NULL;
	size_t text_size;
	FILE *out = open_memstream(&text, &text_size);

	if (!out)
		abort();
	report_text(out, inspection, &report);
	fclose(out);
	free(text);
	json_decref(report_json(inspection, &report));
	report_html(&page, inspection, &report);
	rc_text_free(&page);
	inspection_clear(inspection);
}

/* All cameras, loaded once. */
static inline const struct boards *all_boards(void)
{
	static struct boards boards;

	if (!boards.count && boards_load(NULL, &boards, NULL))
		abort();
	return &boards;
}

#endif
