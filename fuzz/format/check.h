/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every format owes its callers, whatever the bytes are. */
#ifndef RECAM_FUZZ_FORMAT_CHECK_H
#define RECAM_FUZZ_FORMAT_CHECK_H

#include <stdlib.h>

#include "format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool holds)
{
	if (!holds)
		abort();
}

static inline void fuzz_check(const struct format *format, const uint8_t *data, size_t size)
{
	struct format_report report;
	struct rc_error err;
	int result = format_check((struct rc_span){ data, size }, format, NULL, &report, &err);

	require(result == 0 || result == RC_ENOMEM);
	require(result < 0 || json_is_object(report.detail));
	require(report.used <= size);
	require((report.problem_count == 0) ==
		(report.state == REGION_GOOD || report.state == REGION_ERASED));
	for (size_t i = 0; i < report.problem_count && i < FORMAT_MAX_PROBLEMS; i++)
		require(report.problems[i].size > 0 && report.problems[i].text[0]);
	format_report_clear(&report);
}

#endif
