/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies between the whole nodes of an image: settings that are no file, torn nodes,
 * and what older ones left. Text is replaced where it lies. A packed stream that holds a
 * secret, or the beginning of one, cannot be replaced, as its end is gone: it is
 * overwritten.
 */
#include <string.h>
#include <zlib.h>

#include "format/jffs2.h"
#include "inspect/redact_image.h"
#include "inspect/secret_text.h"

/* Bytes of a stream looked at: a node of 64 KiB and less. */
#define UNPACKED_MAX RC_KIB(64)

/* Text shorter than this between other bytes is none. */
#define TEXT_LEAST 6u

/* Neither blank nor text, so that what was garbage stays that. */
#define WIPED 0x55

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static void visit_part(struct redact_image *image, size_t from, size_t to,
		       void (*visit)(struct redact_image *image, const struct redact_region *region,
				     size_t from, size_t to))
{
	for (size_t i = 0; i < image->region_count; i++) {
		const struct redact_region *region = &image->regions[i];
		size_t start = from > region->offset ? from : region->offset;
		size_t end = to < region->offset + region->size ? to
								: region->offset + region->size;

		if (start < end)
			visit(image, region, start, end);
	}
}

void redact_between(struct redact_image *image,
		    void (*visit)(struct redact_image *image, const struct redact_region *region,
				  size_t from, size_t to))
{
	size_t from = 0;

	for (size_t i = 0; i < image->node_count; i++) {
		const struct redact_node *node = &image->nodes[i];

		if (node->offset > from)
			visit_part(image, from, node->offset, visit);
		from = align4(node->offset + node->length);
	}
	if (from < image->size)
		visit_part(image, from, image->size, visit);
}

static bool is_printable(uint8_t c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n' || c == '\r' || c >= 0xc0;
}

/* NUL ends a setting, and is between two of them. */
static void collect_text(struct redact_image *image, size_t from, size_t to)
{
	struct secret_text text = { .secrets = image->secrets,
				    .data = image->data + from,
				    .size = to - from,
				    .offset = from,
				    .name = "" };

	secret_text_read(&text);
}

/* An environment inside of a bootloader's partition is the owner's; the code is not. */
static bool is_settings(const struct redact_image *image, size_t at)
{
	for (size_t i = 0; i < image->sum_count; i++) {
		if (at >= image->sums[i].offset && at - image->sums[i].offset < image->sums[i].size)
			return true;
	}
	return false;
}

void redact_collect_between(struct redact_image *image, const struct redact_region *region,
			    size_t from, size_t to)
{
	for (size_t at = from; at < to;) {
		size_t end = at;

		while (end < to && (is_printable(image->data[end]) ||
				    (image->data[end] == 0 && end > at && end + 1 < to &&
				     is_printable(image->data[end + 1]))))
			end++;
		if (end - at >= TEXT_LEAST && (!region->code || is_settings(image, at)))
			collect_text(image, at, end);
		at = end + 1;
	}
}

/* --- Remains of packed nodes --- */

static bool begins_zlib(const uint8_t *p)
{
	return (p[0] & 0x0f) == 8 && p[0] >> 4 <= 7 && (p[0] << 8 | p[1]) % 31 == 0 &&
	       !(p[1] & 0x20);
}

/* Unpacks as far as it goes; how many bytes came out, and how many went in. */
static size_t unpack_some(const uint8_t *data, size_t size, uint8_t *out, size_t *taken)
{
	z_stream stream = { .next_in = (Bytef *)data,
			    .avail_in = (uInt)(size < UNPACKED_MAX ? size : UNPACKED_MAX),
			    .next_out = out,
			    .avail_out = UNPACKED_MAX };

	if (inflateInit(&stream) != Z_OK)
		return 0;
	inflate(&stream, Z_SYNC_FLUSH);
	inflateEnd(&stream);
	*taken = stream.total_in;
	return stream.total_out;
}

static void wipe(struct redact_image *image, size_t at, size_t size)
{
	/* The erased end of a torn node says that it is one. */
	size = rc_used_before_fill(image->data + at, size, 0xff);
	memset(image->data + at, WIPED, size);
	image->wiped++;
}

static void replace_packed(struct redact_image *image, size_t from, size_t to)
{
	uint8_t unpacked[UNPACKED_MAX];

	for (size_t at = from; at + 2 < to; at++) {
		size_t taken = 0, size;

		if (!begins_zlib(image->data + at))
			continue;
		size = unpack_some(image->data + at, to - at, unpacked, &taken);
		if (size && secrets_find(image->secrets, unpacked, size, false))
			wipe(image, at, taken);
	}
}

void redact_replace_between(struct redact_image *image, const struct redact_region *region,
			    size_t from, size_t to)
{
	secrets_replace(image->secrets, image->data + from, to - from, SECRETS_ALL);
	if (!region->code)
		replace_packed(image, from, to);
}
