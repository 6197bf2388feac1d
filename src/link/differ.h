/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two reads of one flash over a programmer differ by, and what that smells of. */
#ifndef RECAM_LINK_DIFFER_H
#define RECAM_LINK_DIFFER_H

#include <stddef.h>
#include <stdint.h>

/* A clause for a message: "whole runs of FF in one of them: a contact that comes and
 * goes". For reads that are equal it is "nothing". */
const char *differ_smell(const uint8_t *a, const uint8_t *b, size_t size);

#endif
