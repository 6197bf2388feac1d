/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

int rc_vfail(struct rc_error *err, enum rc_status status, const char *format, va_list args)
{
	if (!err)
		return status;
	err->status = status;
	vsnprintf(err->text, sizeof(err->text), format, args);
	/* Bytes from outside may have come into the text: it stays one line, and
	 * never sends a control sequence to a terminal. */
	for (char *c = err->text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return status;
}

int rc_fail(struct rc_error *err, enum rc_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	rc_vfail(err, status, format, args);
	va_end(args);
	return status;
}

int rc_fail_errno(struct rc_error *err, enum rc_status status, int errnum, const char *format, ...)
{
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return rc_fail(err, status, "%s: %s", what, strerror(errnum));
}

void rc_tell_memory(struct rc_error *err, unsigned long long bytes)
{
	rc_fail(err, RC_ENOMEM, "cannot get %llu bytes of memory: close other programs", bytes);
}
