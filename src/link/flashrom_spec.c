/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "link/flashrom.h"

static int copy(char *to, size_t room, const char *from, size_t length, const char *what,
		struct rc_error *err)
{
	if (length >= room)
		return rc_fail(err, RC_EUSAGE,
			       "flashrom: the %s has %zu characters; %zu are the most", what,
			       length, room - 1);
	memcpy(to, from, length);
	to[length] = '\0';
	return 0;
}

int flashrom_spec_parse(const char *address, struct flashrom_spec *spec, struct rc_error *err)
{
	const char *end = address + strlen(address);
	const char *query = strchr(address, '?');
	const char *behind = query ? query : end;
	const char *colon = memchr(address, ':', (size_t)(behind - address));
	const char *name_end = colon ? colon : behind;
	int result;

	*spec = (struct flashrom_spec){ 0 };
	if (name_end == address)
		return rc_fail(err, RC_EUSAGE,
			       "flashrom: names no programmer: write flashrom:ch341a_spi, or "
			       "flashrom:PROGRAMMER:PARAMETERS as flashrom -p takes them");
	result = copy(spec->programmer, sizeof(spec->programmer), address,
		      (size_t)(name_end - address), "programmer's name", err);
	if (!result && colon)
		result = copy(spec->parameters, sizeof(spec->parameters), colon + 1,
			      (size_t)(behind - colon - 1), "programmer's parameter list", err);
	if (result || !query)
		return result;
	if (strncmp(query, "?chip=", 6) != 0 || !query[6])
		return rc_fail(err, RC_EUSAGE,
			       "\"%s\" is nothing that a programmer takes: after ? may stand "
			       "chip=NAME, with libflashrom's name of the chip",
			       query);
	return copy(spec->chip, sizeof(spec->chip), query + 6, (size_t)(end - query - 6),
		    "chip's name", err);
}
