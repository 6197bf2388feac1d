/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "recamd import DIR": what of the Dafang firmware's config/ recamd has a use for. Says of
 * each setting whether it was taken, taken in another form, or not, and why not.
 */
#ifndef RECAM_CAMERA_SETTINGS_IMPORT_H
#define RECAM_CAMERA_SETTINGS_IMPORT_H

#include "camera/settings/settings.h"
#include "camera/settings/users.h"

enum import_outcome { IMPORT_TAKEN, IMPORT_CHANGED, IMPORT_LATER, IMPORT_NOT };

struct import_note {
	enum import_outcome outcome;
	char text[200]; /* "rtspserver.conf:4: PORT is [rtsp] port = 8554" */
};

#define IMPORT_NOTES 512u

struct import {
	struct setting_change changes[SETTING_COUNT];
	char values[SETTING_COUNT][128];
	size_t change_count;
	/* The user of RTSP, where there is one with a password that recamd takes; else "". */
	char user[USER_NAME], password[USER_PASSWORD_MAX + 1];
	struct import_note *notes; /* owned */
	size_t note_count;
};

/* Reads only. RC_ENOTFOUND where directory holds none of the files. Notes show no secret. */
int import_read(const char *directory, struct import *import, struct rc_error *err);
void import_free(struct import *import);

#endif
