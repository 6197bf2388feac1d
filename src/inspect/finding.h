/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one catalogue of findings: everything that recam can say is wrong, or is
 * not, with an id that never changes (scripts rely on it), a severity, and advice
 * that names the next command or act.
 */
#ifndef RECAM_INSPECT_FINDING_H
#define RECAM_INSPECT_FINDING_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "flash/layout.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_FATAL };
const char *severity_name(enum severity severity);

struct finding_kind {
	const char *id;
	enum severity severity; /* fatal: the camera does not start or does not work as itself */
	const char *title;      /* a few words, for headings */
	const char *advice;     /* sentences; the next command in them where there is one */
};

const struct finding_kind *finding_table(size_t *count);
const struct finding_kind *finding_find(const char *id);

#define FINDING_NO_OFFSET UINT64_MAX

struct finding {
	const struct finding_kind *kind;
	char partition[RC_PARTITION_NAME]; /* "" where it is about none */
	uint64_t offset;                   /* in the flash, file or log; FINDING_NO_OFFSET: none */
	char evidence[320];                /* one line: the log line, the two checksums */
};

/* Adds the advice, with the word PARTITION replaced by the partition that it is about. */
void finding_advice(const struct finding *finding, struct rc_text *out);

#endif
