/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An MP4 file as a source: its pictures one after the other, again and again, with times that go
 * on. */
#ifndef RECAM_CAMERA_MP4_PLAYER_H
#define RECAM_CAMERA_MP4_PLAYER_H

#include "camera/media/mp4.h"

struct mp4_player;

/* fd: of the file, borrowed; path for messages, borrowed. */
int mp4_player_open(int fd, const char *path, struct mp4_player **player, struct rc_error *err);
void mp4_player_close(struct mp4_player *player); /* NULL: nothing */

/* The next picture, made before it is due (unit->captured_us); the caller's reference. */
int mp4_player_next(struct mp4_player *player, struct access_unit **unit, struct rc_error *err);

/* Microseconds from one picture to the next, in the mean. */
unsigned mp4_player_period_us(const struct mp4_player *player);

#endif
