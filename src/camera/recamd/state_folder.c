/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "camera/recamd/words.h"

static int find(const char *given, char *out, size_t size)
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (given)
		return snprintf(out, size, "%s", given);
	if (geteuid() == 0)
		return snprintf(out, size, "/var/lib/recamd");
	if (base && *base == '/')
		return snprintf(out, size, "%s/recamd", base);
	return snprintf(out, size, "%s/.local/state/recamd", home ? home : "");
}

int state_folder(const char *given, char path[256], struct rc_error *err)
{
	int length = find(given, path, 256);

	if (length <= 0 || length >= 256)
		return rc_fail(
			err, RC_ERANGE,
			"the name of the state folder has %d characters, and may have 1 to 255",
			length);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return rc_fail_errno(err, RC_EIO, errno,
				     "cannot make the state folder %s (--state names another)",
				     path);
	return 0;
}
