/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct rc_span rc_span_sub(struct rc_span span, size_t offset, size_t size)
{
	if (offset >= span.size)
		return (struct rc_span){ .data = span.data, .size = 0 };
	if (size > span.size - offset)
		size = span.size - offset;
	return (struct rc_span){ .data = span.data + offset, .size = size };
}

bool rc_all_bytes(const uint8_t *data, size_t size, uint8_t value)
{
	if (size == 0)
		return true;
	return data[0] == value && memcmp(data, data + 1, size - 1) == 0;
}

size_t rc_used_before_fill(const uint8_t *data, size_t size, uint8_t value)
{
	while (size > 0 && data[size - 1] == value)
		size--;
	return size;
}

const uint8_t *rc_find(struct rc_span haystack, const void *needle, size_t needle_size)
{
	const uint8_t *first = needle;
	const uint8_t *at = haystack.data;
	size_t left = haystack.size;

	if (needle_size == 0)
		return haystack.data;
	while (left >= needle_size) {
		const uint8_t *hit = memchr(at, first[0], left - needle_size + 1);

		if (!hit)
			return NULL;
		if (memcmp(hit, needle, needle_size) == 0)
			return hit;
		left -= (size_t)(hit - at) + 1;
		at = hit + 1;
	}
	return NULL;
}

bool rc_buffer_append(struct rc_buffer *buffer, const void *data, size_t size)
{
	if (buffer->failed)
		return false;
	if (size > buffer->room - buffer->size) {
		size_t room = buffer->room ? buffer->room : 256;
		uint8_t *grown;

		while (room - buffer->size < size && room < SIZE_MAX / 2)
			room *= 2;
		grown = room - buffer->size < size ? NULL : realloc(buffer->data, room);
		if (!grown) {
			buffer->failed = true;
			return false;
		}
		buffer->data = grown;
		buffer->room = room;
	}
	if (size)
		memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	return true;
}

void rc_buffer_free(struct rc_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct rc_buffer){ 0 };
}
