/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What fuzz targets of file systems share: every file is looked at. */
#ifndef RECAM_FUZZ_FORMAT_FILES_H
#define RECAM_FUZZ_FORMAT_FILES_H

#include <string.h>

#include "check.h"

static inline int fuzz_visit(void *context, const struct fs_entry *entry, struct rc_error *err)
{
	volatile uint8_t *sum = context;

	require(entry->path[0] == '/' && !strstr(entry->path, "/../"));
	require((entry->type == FS_SYMLINK) == (entry->target != NULL));
	if (entry->target)
		*sum = (uint8_t)(*sum + strlen(entry->target));
	for (size_t i = 0; i < entry->content.size; i += 4096)
		*sum ^= entry->content.data[i];
	if (entry->content.size)
		*sum ^= entry->content.data[entry->content.size - 1];
	return 0;
}

static inline void fuzz_files(const struct format *format, const uint8_t *data, size_t size)
{
	volatile uint8_t sum = 0;
	const struct fs_visitor visitor = { fuzz_visit, (void *)(uintptr_t)&sum };
	struct format_report report;
	struct rc_error err;

	require(format_check((struct rc_span){ data, size }, format, &visitor, &report, &err) == 0);
	require((report.state == REGION_DAMAGED) == (report.problem_count > 0) ||
		report.state == REGION_FOREIGN || report.state == REGION_UNKNOWN);
	require(report.used <= size);
	format_report_clear(&report);
}

#endif
