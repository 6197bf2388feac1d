/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/settings/throttle.h"

#include <stdio.h>
#include <string.h>

static size_t find(const struct throttle *throttle, const char *address)
{
	size_t i = 0;

	while (i < THROTTLE_ADDRESSES && strcmp(throttle->at[i].address, address) != 0)
		i++;
	return i;
}

uint64_t throttle_wait(const struct throttle *throttle, const char *address, uint64_t now_ms)
{
	size_t i = find(throttle, address);
	unsigned beyond;
	uint64_t pause;

	if (i == THROTTLE_ADDRESSES || throttle->at[i].wrong <= THROTTLE_FREE ||
	    now_ms - throttle->at[i].last_ms >= THROTTLE_FORGET)
		return 0;
	beyond = throttle->at[i].wrong - THROTTLE_FREE - 1;
	pause = beyond < 6 ? 1000u << beyond : THROTTLE_LONGEST;
	if (now_ms - throttle->at[i].last_ms >= pause)
		return 0;
	return pause - (now_ms - throttle->at[i].last_ms);
}

void throttle_wrong(struct throttle *throttle, const char *address, uint64_t now_ms)
{
	size_t i = find(throttle, address);

	if (i == THROTTLE_ADDRESSES) {
		i = 0;
		for (size_t other = 1; other < THROTTLE_ADDRESSES; other++)
			if (throttle->at[other].last_ms < throttle->at[i].last_ms)
				i = other;
		snprintf(throttle->at[i].address, sizeof(throttle->at[i].address), "%s", address);
		throttle->at[i].wrong = 0;
	}
	if (now_ms - throttle->at[i].last_ms >= THROTTLE_FORGET)
		throttle->at[i].wrong = 0;
	throttle->at[i].wrong++;
	throttle->at[i].last_ms = now_ms;
}

void throttle_right(struct throttle *throttle, const char *address)
{
	size_t i = find(throttle, address);

	if (i < THROTTLE_ADDRESSES)
		memset(&throttle->at[i], 0, sizeof(throttle->at[i]));
}
