/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recam/partitions.h"

#include <string.h>

int partition_names_parse(const char *list, struct partition_names *names, struct rc_error *err)
{
	*names = (struct partition_names){ 0 };
	if (!list)
		return 0;
	while (*list) {
		size_t size = strcspn(list, ",");

		if (size == 0 || size >= RC_PARTITION_NAME || names->count == RC_MAX_PARTITIONS)
			return rc_fail(
				err, RC_EUSAGE,
				"--only takes at most %d partition names with commas "
				"between, such as kernel,root; \"%.20s\" does not begin with "
				"one",
				RC_MAX_PARTITIONS, list);
		memcpy(names->text[names->count], list, size);
		names->names[names->count] = names->text[names->count];
		names->count++;
		list += size;
		if (*list == ',' && *++list == '\0')
			break;
	}
	return 0;
}
