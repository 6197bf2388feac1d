/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A virtual camera with a wound, rescued over its console, and what came of it. */
#ifndef RECAM_TESTS_RESCUE_TWIN_CAMERA_H
#define RECAM_TESTS_RESCUE_TWIN_CAMERA_H

#include "camera.h"
#include "rescue/rescue.h"
#include "twin/twin.h"

struct twin_camera {
	uint8_t *flash; /* as it was before it was wounded */
	struct twin *twin;
	struct link *link;
	char *backup;
};

/* Switches a camera on that holds flash with size bytes at wound_at overwritten. */
void twin_camera_open(struct twin_camera *camera, const uint8_t *flash, enum twin_engine engine,
		      uint32_t wound_at, size_t size, uint8_t with);
/* Anew, where there is a link. */
void twin_camera_connect(struct twin_camera *camera);
void twin_camera_close(struct twin_camera *camera);

/* A whole rescue, which must end without an error; what follows asks after the last one. */
void twin_camera_rescue(const struct twin_camera *camera, const char *firmware, bool rehearse);
void expect_verdict(enum verdict verdict);
void expect_told(const char *text);

/* The flash is again as it was before it was wounded. */
void expect_whole(const struct twin_camera *camera);

/* The folder of the Dafang's firmware below ../shared in new memory, "" where it is absent. */
char *twin_camera_firmware(void);

#endif
