/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What requests carry besides their address, as text from outside: pure functions. */
#ifndef RECAM_CAMERA_WEB_PARAMETERS_H
#define RECAM_CAMERA_WEB_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* The value of name in "a=1&b=two+words%21" (application/x-www-form-urlencoded), decoded and
 * terminated, the first where it stands there twice. False: not there, does not fit into size
 * bytes, has a NUL in it, or a % without two hex digits behind it. */
bool form_value(struct rc_span form, const char *name, char *out, size_t size);

/* The value of name in a Cookie header, "a=b; name=value" (RFC 6265 4.2). False: not there, or
 * does not fit. */
bool cookie_value(const char *header, const char *name, char *out, size_t size);

/* User and password of an Authorization header of the scheme Basic (RFC 7617), in "out": the
 * password begins at the returned pointer. NULL: another scheme, no base64, no ':' or a NUL in
 * it, or too long. The caller wipes out. */
char *basic_credentials(const char *header, char *out, size_t size);

/* Stars in the place of "user:password" in each "scheme://user:password@host" of the line. */
void hide_credentials(char *line);

#endif
