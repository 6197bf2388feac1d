/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/progress.h"

static enum rc_log_level current_level = RC_LOG_NORMAL;
static void (*current_listener)(const char *line);

void rc_log_set_level(enum rc_log_level level)
{
	current_level = level;
}

enum rc_log_level rc_log_level(void)
{
	return current_level;
}

void rc_log_set_listener(void (*listener)(const char *line))
{
	current_listener = listener;
}

static void __attribute__((format(printf, 2, 0)))
print_line(const char *prefix, const char *format, va_list args)
{
	char line[2048];

	vsnprintf(line, sizeof(line), format, args);
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	rc_progress_clear_line();
	fprintf(stderr, "%s%s\n", prefix, line);
	if (current_listener)
		current_listener(line);
}

void rc_log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line("recam: ", format, args);
	va_end(args);
}

void rc_log_note(const char *format, ...)
{
	va_list args;

	if (current_level < RC_LOG_NORMAL)
		return;
	va_start(args, format);
	print_line("", format, args);
	va_end(args);
}

void rc_log_detail(const char *format, ...)
{
	va_list args;

	if (current_level < RC_LOG_VERBOSE)
		return;
	va_start(args, format);
	print_line("  ", format, args);
	va_end(args);
}

bool rc_use_colour(FILE *stream)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return (!no_colour || !*no_colour) && (!term || strcmp(term, "dumb") != 0) &&
	       isatty(fileno(stream));
}
