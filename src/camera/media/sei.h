/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What recamd's encoder says with each picture, for who measures: an SEI message
 * user_data_unregistered (H.264 D.1.6), a UUID of our own, then, big-endian, the number of the
 * picture and the time it was taken, CLOCK_MONOTONIC in microseconds, 8 bytes each.
 */
#ifndef RECAM_CAMERA_SEI_H
#define RECAM_CAMERA_SEI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define SEI_TIMING_SIZE 32u

struct sei_timing {
	uint64_t number;
	uint64_t captured_us;
};

/* The payload of the message (UUID and both numbers). */
void sei_put_timing(uint8_t payload[SEI_TIMING_SIZE], const struct sei_timing *timing);

/* Looks for the message in an SEI NAL unit (header byte included). */
bool sei_get_timing(struct rc_span nal, struct sei_timing *timing);

#endif
