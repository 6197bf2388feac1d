/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the owner of a camera can set: one table, from which come the checks, the file
 * with its comments, the manual page and the page in the browser.
 *
 * The file is INI (base/strict_ini.h). It is read as a whole or not at all: one bad line,
 * and the settings stay what they were.
 */
#ifndef RECAM_CAMERA_SETTINGS_SETTINGS_H
#define RECAM_CAMERA_SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

enum setting_id {
	SETTING_NAME,
	SETTING_SOURCE,
	SETTING_STILL,
	SETTING_BITRATE,
	SETTING_KEY_INTERVAL,
	SETTING_SUB_SIZE,
	SETTING_SUB_BITRATE,
	SETTING_RTSP_PORT,
	SETTING_RTSPS_PORT,
	SETTING_RTSP_CLIENTS,
	SETTING_HTTPS_PORT,
	SETTING_HTTP_PORT,
	SETTING_COUNT
};

enum setting_type {
	SETTING_TEXT,   /* min..max bytes of UTF-8 */
	SETTING_NUMBER, /* min..max */
};

/* One way to write a value, where there are several. */
struct setting_form {
	const char *form;    /* "file:PATH" */
	const char *meaning; /* one line */
};

struct setting {
	const char *section, *key;
	enum setting_type type;
	long min, max;
	const char *unit;                 /* of a number, for people; "" none */
	const char *fallback;             /* what holds where the file says nothing */
	const char *label;                /* "Bit rate" */
	const char *help;                 /* sentences; lines of at most 76 characters */
	const struct setting_form *forms; /* ended by one without form; NULL: none */
	bool at_start;                    /* a change is taken by the next start only */
	/* Where more than type and range is asked: NULL where the value is right, else what
	 * it should be. */
	const char *(*wrong)(const char *value);
};

const struct setting *setting_of(enum setting_id id);
/* SETTING_COUNT where there is none such. */
enum setting_id setting_find(const char *section, const char *key);

/* Values as text, each owned. Zero-initialised or filled; settings_free when done. */
struct settings {
	char *values[SETTING_COUNT]; /* never NULL once filled */
};

int settings_defaults(struct settings *settings, struct rc_error *err);
/* file: its name, for messages. settings is written only where all of text is right. */
int settings_parse(const char *file, struct rc_span text, struct settings *settings,
		   struct rc_error *err);
/* RC_EIO where the file cannot be read. */
int settings_load(const char *path, struct settings *settings, struct rc_error *err);
void settings_free(struct settings *settings);

const char *settings_text(const struct settings *settings, enum setting_id id);
long settings_number(const struct settings *settings, enum setting_id id);
bool settings_differ(const struct settings *a, const struct settings *b, enum setting_id id);

/* RC_ERANGE, with what the value should be, where it is none of this setting's. */
int setting_check(enum setting_id id, const char *value, struct rc_error *err);

/* A file in which every setting stands, explained, with its fallback, as a comment. */
void settings_describe(struct rc_text *out);
/* The same as a part of recamd.conf(5), in troff: what stands in docs/man/recamd.conf.5 between
 * its first and its last paragraphs. */
void settings_manual(struct rc_text *out);

struct setting_change {
	enum setting_id id;
	const char *value;
};

/* The file old with the changes in it; comments, order and all else stay. Pure. */
int settings_edit(const char *file, struct rc_span old, const struct setting_change *changes,
		  size_t count, struct rc_text *out, struct rc_error *err);
/* The same to a file, in one step: a crash leaves the old or the new one. A file that is
 * not there yet is made, with all that settings_describe tells. */
int settings_change(const char *path, const struct setting_change *changes, size_t count,
		    struct rc_error *err);

#endif
