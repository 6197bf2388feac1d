/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one way in which anything in this tree fails.
 *
 * A function that can fail returns int: 0, or a negative enum rc_status; the
 * details go into the struct rc_error that its caller passes (NULL: not
 * wanted). The text is one line for a person: what, where, why, and what to do
 * next, with the numbers. It is written where the cause is known and is not
 * prefixed on the way up.
 */
#ifndef RECAM_BASE_ERROR_H
#define RECAM_BASE_ERROR_H

#include <stdarg.h>

enum rc_status {
	RC_OK = 0,
	RC_EUSAGE = -1,       /* the caller's words do not make sense */
	RC_EIO = -2,          /* the operating system or a line failed */
	RC_ENOMEM = -3,       /* no memory, or more was asked for than is allowed */
	RC_EFORMAT = -4,      /* the bytes are not what they claim to be */
	RC_ERANGE = -5,       /* a number is outside what is possible here */
	RC_EREFUSED = -6,     /* possible, but a law or the user forbids it */
	RC_ETIMEOUT = -7,     /* nothing came in the time allowed */
	RC_ENOTFOUND = -8,    /* there is no such thing */
	RC_EUNSUPPORTED = -9, /* this build or this camera cannot do it */
	RC_EVERIFY = -10,     /* what was read back is not what was written */
	RC_ESTOPPED = -11,    /* stopped half-way: a signal, a line pulled, power lost */
};

struct rc_error {
	enum rc_status status;
	char text[768]; /* one line, no newline, always terminated */
};

/* Fills err (may be NULL) and returns status, so that "return rc_fail(...)" works. */
int rc_fail(struct rc_error *err, enum rc_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int rc_vfail(struct rc_error *err, enum rc_status status, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* As rc_fail with the text of an errno value behind a colon: "cannot open x: No such file". */
int rc_fail_errno(struct rc_error *err, enum rc_status status, int errnum, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* RC_ENOMEM with the number of bytes that could not be had. In the header, so that analysers
 * see that it never comes back as 0. */
void rc_tell_memory(struct rc_error *err, unsigned long long bytes);
static inline int rc_fail_memory(struct rc_error *err, unsigned long long bytes)
{
	rc_tell_memory(err, bytes);
	return RC_ENOMEM;
}

#endif
