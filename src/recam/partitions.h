/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The value of --only: partition names with commas between. */
#ifndef RECAM_RECAM_PARTITIONS_H
#define RECAM_RECAM_PARTITIONS_H

#include <stddef.h>

#include "base/error.h"
#include "flash/layout.h"

struct partition_names {
	char text[RC_MAX_PARTITIONS][RC_PARTITION_NAME];
	const char *names[RC_MAX_PARTITIONS + 1]; /* NULL-terminated, into text */
	size_t count;
};

/* RC_EUSAGE where a name is empty, too long, or there are too many. NULL gives none. */
int partition_names_parse(const char *list, struct partition_names *names, struct rc_error *err);

#endif
