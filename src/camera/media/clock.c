/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <time.h>

#include "camera/media/media.h"

uint64_t media_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}
