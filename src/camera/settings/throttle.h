/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing pauses after wrong passwords, for each address: three are free, then 1 s, 2 s, 4 s
 * and so on up to a minute. A fixed table: the one that has been quiet longest makes room.
 */
#ifndef RECAM_CAMERA_SETTINGS_THROTTLE_H
#define RECAM_CAMERA_SETTINGS_THROTTLE_H

#include <stdint.h>

#define THROTTLE_ADDRESSES 256u
#define THROTTLE_FREE      3u
#define THROTTLE_LONGEST   60000u  /* ms */
#define THROTTLE_FORGET    600000u /* ms without a try, and all is forgotten */

struct throttle {
	struct {
		char address[46]; /* as inet_ntop writes it; "" free */
		unsigned wrong;
		uint64_t last_ms;
	} at[THROTTLE_ADDRESSES];
};

/* How long this address has yet to wait before a password of its is looked at; 0: not. */
uint64_t throttle_wait(const struct throttle *throttle, const char *address, uint64_t now_ms);
void throttle_wrong(struct throttle *throttle, const char *address, uint64_t now_ms);
void throttle_right(struct throttle *throttle, const char *address);

#endif
