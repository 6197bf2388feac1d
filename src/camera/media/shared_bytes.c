/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/media/shared_bytes.h"

#include <stdlib.h>
#include <string.h>

struct shared_bytes *shared_bytes_new(const void *data, size_t size)
{
	struct shared_bytes *bytes = malloc(sizeof(*bytes) + size);

	if (!bytes)
		return NULL;
	atomic_init(&bytes->references, 1);
	bytes->size = size;
	memcpy(bytes->data, data, size);
	return bytes;
}

struct shared_bytes *shared_bytes_ref(struct shared_bytes *bytes)
{
	atomic_fetch_add_explicit(&bytes->references, 1, memory_order_relaxed);
	return bytes;
}

void shared_bytes_unref(struct shared_bytes *bytes)
{
	if (bytes && atomic_fetch_sub_explicit(&bytes->references, 1, memory_order_acq_rel) == 1)
		free(bytes);
}
