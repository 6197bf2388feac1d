/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways in which JFFS2 compresses the data of a node (Linux, fs/jffs2/compr*.c). */
#include "format/jffs2.h"

#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "format/lzo.h"

static enum jffs2_unpacked unpack_none(struct rc_span data, uint8_t *out, size_t size)
{
	if (data.size != size)
		return JFFS2_BAD_DATA;
	if (size)
		memcpy(out, data.data, size);
	return JFFS2_UNPACKED;
}

static enum jffs2_unpacked unpack_zero(struct rc_span data, uint8_t *out, size_t size)
{
	memset(out, 0, size);
	return JFFS2_UNPACKED;
}

/* Each byte is followed by how many bytes come after it that also came after the
 * last byte of the same value (compr_rtime.c). */
static enum jffs2_unpacked unpack_rtime(struct rc_span data, uint8_t *out, size_t size)
{
	size_t after[256] = { 0 };
	size_t done = 0;

	for (size_t at = 0; done < size; at += 2) {
		size_t from, repeat;

		if (at + 2 > data.size)
			return JFFS2_BAD_DATA;
		out[done++] = data.data[at];
		repeat = data.data[at + 1];
		from = after[data.data[at]];
		after[data.data[at]] = done;
		if (repeat > size - done)
			return JFFS2_BAD_DATA;
		while (repeat--)
			out[done++] = out[from++];
	}
	return JFFS2_UNPACKED;
}

static enum jffs2_unpacked unpack_zlib(struct rc_span data, uint8_t *out, size_t size)
{
	z_stream stream = { .next_in = data.data,
			    .avail_in = (uInt)data.size,
			    .next_out = out,
			    .avail_out = (uInt)size };
	int result;

	if (inflateInit(&stream) != Z_OK)
		return JFFS2_BAD_DATA;
	result = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	return result == Z_STREAM_END && stream.total_out == size ? JFFS2_UNPACKED : JFFS2_BAD_DATA;
}

static enum jffs2_unpacked unpack_lzo(struct rc_span data, uint8_t *out, size_t size)
{
	size_t unpacked = size;

	if (!lzo_available())
		return JFFS2_CANNOT_UNPACK;
	return lzo_unpack(data.data, data.size, out, &unpacked) && unpacked == size
		       ? JFFS2_UNPACKED
		       : JFFS2_BAD_DATA;
}

/* By their numbers on flash. Rubin was given up in 2.6.10, and LZMA is OpenWrt's. */
static const struct {
	const char *name;
	enum jffs2_unpacked (*unpack)(struct rc_span data, uint8_t *out, size_t size);
} compressions[] = {
	{ "none", unpack_none }, { "zero", unpack_zero }, { "rtime", unpack_rtime },
	{ "rubinmips", NULL },   { "copy", unpack_none }, { "dynrubin", NULL },
	{ "zlib", unpack_zlib }, { "lzo", unpack_lzo },   { "lzma", NULL },
};

const char *jffs2_compression_name(unsigned compression)
{
	return compression < RC_COUNT(compressions) ? compressions[compression].name : "unknown";
}

enum jffs2_unpacked jffs2_unpack(unsigned compression, struct rc_span data, uint8_t *out,
				 size_t size)
{
	if (compression >= RC_COUNT(compressions) || !compressions[compression].unpack)
		return JFFS2_CANNOT_UNPACK;
	return compressions[compression].unpack(data, out, size);
}
