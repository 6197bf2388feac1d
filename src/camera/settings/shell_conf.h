/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads KEY=VALUE files in shell syntax, as the Dafang firmware's config/ has them
 * (facts/dafang-cfw-contract.md A.2, A.10), without ever executing anything: comments,
 * export, quotes, backslashes, $VAR and ${VAR} of the same file, `hostname`, and
 * $(date +FORMAT), which stays a FORMAT of strftime. Whatever else stands there is told as
 * a problem, by its line, and skipped.
 */
#ifndef RECAM_CAMERA_SETTINGS_SHELL_CONF_H
#define RECAM_CAMERA_SETTINGS_SHELL_CONF_H

#include "base/bytes.h"
#include "base/error.h"

#define SHELL_CONF_LINES 512u
#define SHELL_CONF_VALUE 512u /* bytes of one value, with its NUL */

struct shell_entry {
	unsigned line;
	char key[48];
	char value[SHELL_CONF_VALUE];
	const char *problem; /* NULL: none; else key and value are empty */
};

struct shell_conf {
	struct shell_entry *entries; /* owned */
	size_t count;
};

/* RC_EFORMAT where it is no text or has too many lines; RC_ENOMEM. hostname is what
 * `hostname` would print. */
int shell_conf_read(struct rc_span text, const char *hostname, struct shell_conf *conf,
		    struct rc_error *err);
void shell_conf_free(struct shell_conf *conf);

/* The last value of key, or NULL. */
const char *shell_conf_value(const struct shell_conf *conf, const char *key);

#endif
