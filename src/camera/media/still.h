/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stills of a source that delivers coded pictures: a helper ("still = exec:COMMAND") writes one
 * JPEG to its standard output. A thread starts it while somebody wants a picture, never more
 * than one at a time, and at most once a second.
 */
#ifndef RECAM_CAMERA_STILL_H
#define RECAM_CAMERA_STILL_H

#include "base/error.h"
#include "camera/media/stream.h"

#define STILL_MAX_BYTES RC_MIB(4)

struct still_helper;

/* RC_EUSAGE: command is not of the form exec:COMMAND. */
int still_check(const char *command, struct rc_error *err);
int still_open(struct stream *stream, const char *command, struct still_helper **helper,
	       struct rc_error *err);
void still_close(struct still_helper *helper); /* NULL: nothing */

#endif
