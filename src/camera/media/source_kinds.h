/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of sources, one file each; for source.c's table. */
#ifndef RECAM_CAMERA_SOURCE_KINDS_H
#define RECAM_CAMERA_SOURCE_KINDS_H

#include "camera/media/source.h"

extern const struct source_kind source_test; /* source_test.c */
extern const struct source_kind source_file; /* source_file.c */
extern const struct source_kind source_pipe; /* source_pipe.c */
extern const struct source_kind source_exec; /* source_pipe.c */

#endif
