/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compressed payloads of boot images: read whole to see that they are sound, or
 * unpacked into memory. One stream each; what follows its end is not looked at,
 * as bootloaders do not either.
 */
#ifndef RECAM_FORMAT_DECOMPRESS_H
#define RECAM_FORMAT_DECOMPRESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum compression {
	COMPRESSION_NONE,
	COMPRESSION_GZIP,
	COMPRESSION_LZMA, /* "LZMA alone": 13 bytes of properties, size and then data */
	COMPRESSION_XZ,
};
const char *compression_name(enum compression compression);

/* What data begins as: gzip and XZ by their magic; NONE for everything else, as
 * LZMA alone has no magic. */
enum compression compression_detect(struct rc_span data);

struct decompressed {
	uint64_t out_size; /* bytes that came out */
	size_t in_used;    /* bytes of input that the stream takes */
};

/* Reads the whole stream, keeping none of it. RC_EFORMAT where it is damaged or cut
 * (the message says where, and after how many bytes), RC_ERANGE where more than limit
 * bytes come out. *done is set in each case to how far it went. */
int decompress_test(enum compression compression, struct rc_span data, uint64_t limit,
		    struct decompressed *done, struct rc_error *err);

/* The same, with the bytes added to out, which the caller frees also after a failure. */
int decompress(enum compression compression, struct rc_span data, size_t limit,
	       struct rc_buffer *out, struct rc_error *err);

#endif
