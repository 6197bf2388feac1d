/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "camera/web/parameters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One text as each of a form, a Cookie header and an Authorization header. What comes out fits,
 * and ends where it says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), small[8], large[256];

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (form_value((struct rc_span){ data, size }, "cmd", small, sizeof(small)) &&
	    strlen(small) >= sizeof(small))
		abort();
	(void)form_value((struct rc_span){ data, size }, "hostname", large, sizeof(large));
	if (cookie_value(text, "recamd", small, sizeof(small)) && strpbrk(small, "; "))
		abort();
	(void)cookie_value(text, "a", large, sizeof(large));
	(void)basic_credentials(text, small, sizeof(small));
	if (basic_credentials(text, large, sizeof(large)) && strchr(large, ':'))
		abort();
	hide_credentials(text);
	if (strlen(text) > size)
		abort();
	free(text);
	return 0;
}
