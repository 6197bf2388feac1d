/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/lzo.h"

#include "config.h"

#ifdef HAVE_LZO

#include <lzo/lzo1x.h>

bool lzo_available(void)
{
	return true;
}

bool lzo_unpack(const uint8_t *in, size_t in_size, uint8_t *out, size_t *out_size)
{
	lzo_uint size = *out_size;

	if (lzo1x_decompress_safe(in, in_size, out, &size, NULL) != LZO_E_OK)
		return false;
	*out_size = size;
	return true;
}

#else

bool lzo_available(void)
{
	return false;
}

bool lzo_unpack(const uint8_t *in, size_t in_size, uint8_t *out, size_t *out_size)
{
	(void)in;
	(void)in_size;
	(void)out;
	(void)out_size;
	return false;
}

#endif
