/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rescue/start.h"

#include <string.h>

/* A start's console has some 30 KiB; a camera that starts over and over must end it too. */
#define CAPTURE_LIMIT RC_KIB(512)

static bool take_console(void *context, const uint8_t *data, size_t size)
{
	struct rc_buffer *console = context;

	return rc_buffer_append(console, data, size) && console->size < CAPTURE_LIMIT;
}

static const struct finding *first_fatal(const struct inspection *log)
{
	for (size_t i = 0; i < log->finding_count; i++)
		if (log->findings[i].kind->severity == SEVERITY_FATAL)
			return &log->findings[i];
	return NULL;
}

int start_watch(struct link *link, const struct inspect_options *options, struct start *start,
		struct rc_error *err)
{
	struct rc_buffer console = { 0 };
	struct rc_span span;
	int result;

	*start = (struct start){ 0 };
	result = link_boot(link, take_console, &console, err);
	span = (struct rc_span){ console.data ? console.data : (const uint8_t *)"", console.size };
	if (!result && console.failed)
		result = rc_fail_memory(err, console.size);
	if (!result)
		result = inspect_log(span, options, &start->log, err);
	start->kernel_seen = rc_find(span, "Starting kernel", strlen("Starting kernel")) != NULL;
	start->fatal = first_fatal(&start->log);
	rc_buffer_free(&console);
	return result;
}

void start_clear(struct start *start)
{
	inspection_clear(&start->log);
	*start = (struct start){ 0 };
}
