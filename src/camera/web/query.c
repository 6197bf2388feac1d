/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "camera/web/request.h"

/* libwebsockets has decoded %XX and parted the arguments already. */
const char *request_query(const struct request *request, const char *name, char *out, size_t size)
{
	char argument[512];
	size_t length = strlen(name);

	for (int i = 0; lws_hdr_copy_fragment(request->wsi, argument, sizeof(argument),
					      WSI_TOKEN_HTTP_URI_ARGS, i) >= 0;
	     i++) {
		const char *value = argument + length + 1;

		if (strncmp(argument, name, length) != 0 || argument[length] != '=' ||
		    strlen(value) >= size)
			continue;
		memcpy(out, value, strlen(value) + 1);
		return out;
	}
	return NULL;
}
