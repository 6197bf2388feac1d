/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format/decompress.h"

#include <inttypes.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>

#define WINDOW RC_KIB(64)

/* A stock T20 kernel asks for a dictionary of 64 MiB; nothing sound asks for more. */
#define LZMA_MEMORY_LIMIT RC_MIB(80)

/* One pass over a stream, whoever decodes it. */
struct unpacking {
	enum compression compression;
	struct rc_span data;
	uint64_t limit;
	struct rc_buffer *out; /* NULL: not kept */
	struct decompressed done;
};

const char *compression_name(enum compression compression)
{
	static const char *const names[] = {
		[COMPRESSION_NONE] = "none",
		[COMPRESSION_GZIP] = "gzip",
		[COMPRESSION_LZMA] = "lzma",
		[COMPRESSION_XZ] = "xz",
	};

	return names[compression];
}

enum compression compression_detect(struct rc_span data)
{
	static const uint8_t xz[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
	static const uint8_t gzip[] = { 0x1f, 0x8b, 8 }; /* 8: deflate */

	if (data.size >= sizeof(xz) && memcmp(data.data, xz, sizeof(xz)) == 0)
		return COMPRESSION_XZ;
	if (data.size >= sizeof(gzip) && memcmp(data.data, gzip, sizeof(gzip)) == 0)
		return COMPRESSION_GZIP;
	return COMPRESSION_NONE;
}

static int fail_corrupt(const struct unpacking *unpacking, const char *why, struct rc_error *err)
{
	return rc_fail(err, RC_EFORMAT,
		       "the %s data are damaged at about byte %zu of %zu (%s); %" PRIu64
		       " bytes came out before",
		       compression_name(unpacking->compression), unpacking->done.in_used,
		       unpacking->data.size, why, unpacking->done.out_size);
}

static int fail_cut(const struct unpacking *unpacking, struct rc_error *err)
{
	return rc_fail(err, RC_EFORMAT,
		       "the %s data are cut: all %zu bytes are read and the stream has not ended; "
		       "%" PRIu64 " bytes came out",
		       compression_name(unpacking->compression), unpacking->data.size,
		       unpacking->done.out_size);
}

/* Takes what one step of a decoder gave. */
static int take(struct unpacking *unpacking, const uint8_t *window, size_t size, size_t in_left,
		struct rc_error *err)
{
	unpacking->done.in_used = unpacking->data.size - in_left;
	unpacking->done.out_size += size;
	if (unpacking->done.out_size > unpacking->limit)
		return rc_fail(err, RC_ERANGE,
			       "the %s data unpack to more than %" PRIu64
			       " bytes: no boot image is that large",
			       compression_name(unpacking->compression), unpacking->limit);
	if (unpacking->out && !rc_buffer_append(unpacking->out, window, size))
		return rc_fail_memory(err, size);
	return 0;
}

static const char *lzma_reason(lzma_ret result)
{
	switch (result) {
	case LZMA_FORMAT_ERROR:
		return "no such header";
	case LZMA_OPTIONS_ERROR:
		return "options that no bootloader knows";
	case LZMA_MEMLIMIT_ERROR:
		return "a dictionary of more than 64 MiB";
	default:
		return "its own checks do not hold";
	}
}

static int run_lzma(struct unpacking *unpacking, lzma_stream *stream, struct rc_error *err)
{
	uint8_t window[WINDOW];
	lzma_ret step;

	stream->next_in = unpacking->data.data;
	stream->avail_in = unpacking->data.size;
	do {
		int result;

		stream->next_out = window;
		stream->avail_out = sizeof(window);
		step = lzma_code(stream, LZMA_RUN);
		result = take(unpacking, window, sizeof(window) - stream->avail_out,
			      stream->avail_in, err);
		if (result < 0)
			return result;
	} while (step == LZMA_OK);
	if (step == LZMA_STREAM_END)
		return 0;
	if (step == LZMA_BUF_ERROR)
		return fail_cut(unpacking, err);
	if (step == LZMA_MEM_ERROR)
		return rc_fail_memory(err, LZMA_MEMORY_LIMIT);
	return fail_corrupt(unpacking, lzma_reason(step), err);
}

static int unpack_lzma(struct unpacking *unpacking, struct rc_error *err)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret ready = unpacking->compression == COMPRESSION_XZ
				 ? lzma_stream_decoder(&stream, LZMA_MEMORY_LIMIT, 0)
				 : lzma_alone_decoder(&stream, LZMA_MEMORY_LIMIT);
	int result;

	if (ready != LZMA_OK)
		return rc_fail_memory(err, LZMA_MEMORY_LIMIT);
	result = run_lzma(unpacking, &stream, err);
	lzma_end(&stream);
	return result;
}

static int run_gzip(struct unpacking *unpacking, z_stream *stream, struct rc_error *err)
{
	uint8_t window[WINDOW];
	int step;

	stream->next_in = (z_const Bytef *)unpacking->data.data;
	stream->avail_in = (uInt)unpacking->data.size;
	do {
		int result;

		stream->next_out = window;
		stream->avail_out = sizeof(window);
		step = inflate(stream, Z_NO_FLUSH);
		result = take(unpacking, window, sizeof(window) - stream->avail_out,
			      stream->avail_in, err);
		if (result < 0)
			return result;
	} while (step == Z_OK);
	if (step == Z_STREAM_END)
		return 0;
	if (step == Z_BUF_ERROR)
		return fail_cut(unpacking, err);
	if (step == Z_MEM_ERROR)
		return rc_fail_memory(err, WINDOW);
	return fail_corrupt(unpacking, stream->msg ? stream->msg : "its own checks do not hold",
			    err);
}

static int unpack_gzip(struct unpacking *unpacking, struct rc_error *err)
{
	z_stream stream = { 0 };
	int result;

	if (unpacking->data.size > RC_MIB(256))
		return rc_fail(err, RC_ERANGE, "%zu bytes of gzip data: no flash holds that many",
			       unpacking->data.size);
	/* 16: a gzip header is expected, and its checksum is verified. */
	if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
		return rc_fail_memory(err, WINDOW);
	result = run_gzip(unpacking, &stream, err);
	inflateEnd(&stream);
	return result;
}

static int unpack(struct unpacking *unpacking, struct rc_error *err)
{
	switch (unpacking->compression) {
	case COMPRESSION_GZIP:
		return unpack_gzip(unpacking, err);
	case COMPRESSION_LZMA:
	case COMPRESSION_XZ:
		return unpack_lzma(unpacking, err);
	case COMPRESSION_NONE:
		break;
	}
	return take(unpacking, unpacking->data.data, unpacking->data.size, 0, err);
}

int decompress_test(enum compression compression, struct rc_span data, uint64_t limit,
		    struct decompressed *done, struct rc_error *err)
{
	struct unpacking unpacking = { .compression = compression, .data = data, .limit = limit };
	int result = unpack(&unpacking, err);

	*done = unpacking.done;
	return result;
}

int decompress(enum compression compression, struct rc_span data, size_t limit,
	       struct rc_buffer *out, struct rc_error *err)
{
	struct unpacking unpacking = {
		.compression = compression, .data = data, .limit = limit, .out = out
	};

	return unpack(&unpacking, err);
}
