/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that several hold at once (a JPEG picture on its way to several clients). */
#ifndef RECAM_CAMERA_SHARED_BYTES_H
#define RECAM_CAMERA_SHARED_BYTES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Immutable once it is shared; any thread may hold and give back references. */
struct shared_bytes {
	atomic_uint references;
	size_t size;
	uint8_t data[];
};

/* A copy of data with one reference, or NULL: no memory. */
struct shared_bytes *shared_bytes_new(const void *data, size_t size);
struct shared_bytes *shared_bytes_ref(struct shared_bytes *bytes);
void shared_bytes_unref(struct shared_bytes *bytes); /* NULL: nothing */

#endif
