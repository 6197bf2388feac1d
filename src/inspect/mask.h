/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes secrets out of a line of text from a camera before a person sees it. */
#ifndef RECAM_INSPECT_MASK_H
#define RECAM_INSPECT_MASK_H

#include <stddef.h>

/* Copies line with MAC addresses, and the values behind words such as ssid=, key= or
 * passwd=, starred out. out has out_size bytes; a longer line is cut. */
void mask_line(const char *line, char *out, size_t out_size);

#endif
