/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last lines of the log, for the page and the API. One for the process; any thread. It
 * begins with web_open: the password that a first start makes up was printed before. */
#ifndef RECAM_CAMERA_WEB_LOG_RING_H
#define RECAM_CAMERA_WEB_LOG_RING_H

#include "base/text.h"

#define LOG_RING_LINES 200u
#define LOG_RING_LINE  200u /* bytes of one, with its time and a NUL; longer ones are cut */

void log_ring_open(void);
void log_ring_close(void);
/* Oldest first, each with its local time before it: "2026-11-20 13:00:01 TEXT\n". */
void log_ring_text(struct rc_text *out);
void log_ring_clear(void);

#endif
