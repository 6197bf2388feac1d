/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may see, control and administer the camera. There is no default password: until
 * somebody has set one, there are no users, and nothing is shown.
 *
 * Passwords are kept as libsodium's password hash (file "users"). RTSP's digest
 * authentication cannot be checked with such a hash: what it needs, H(user:realm:password)
 * of RFC 7616 3.4.2, lies apart in "rtsp-users". Both are for recamd's user alone (0600):
 * who has the second can log in to RTSP, though he does not learn the password.
 */
#ifndef RECAM_CAMERA_SETTINGS_USERS_H
#define RECAM_CAMERA_SETTINGS_USERS_H

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Each may do what those before it may. */
enum user_role { USER_NOBODY, USER_SEES, USER_CONTROLS, USER_ADMINISTERS };
const char *user_role_name(enum user_role role); /* "see" "control" "administer" */
enum user_role user_role_find(const char *name); /* USER_NOBODY where there is none such */

#define USER_NAME         33 /* letters, digits, . _ - */
#define USER_PASSWORD_MIN 8u
#define USER_PASSWORD_MAX 128u
#define USER_REALM        "recamd"
#define USERS_MAX         16u

enum digest_algorithm { DIGEST_MD5, DIGEST_SHA256 };

struct user {
	char name[USER_NAME];
	enum user_role role;
	char hash[crypto_pwhash_STRBYTES];
	char ha1[2][65]; /* by enum digest_algorithm, hex; "" where it is not known */
};

struct users {
	char directory[256]; /* where the two files lie */
	struct user all[USERS_MAX];
	size_t count;
	/* What was right lately, so that a machine that sends its password with each request
	 * does not cost a slow hash each time: keyed digests, never the passwords. */
	struct {
		uint8_t digest[32];
		enum user_role role; /* USER_NOBODY: free */
	} known[8];
	size_t next_known;
	uint8_t key[32];
};

/* No files: no users. RC_EFORMAT, with the line, where one is damaged; RC_EREFUSED where
 * others may read one of them. */
int users_load(const char *directory, struct users *users, struct rc_error *err);

/* Adds the user or gives him another password and role, and writes both files. RC_EUSAGE
 * for a bad name or a password that is too short, too long, or holds control characters. */
int users_set(struct users *users, const char *name, enum user_role role, const char *password,
	      struct rc_error *err);
/* RC_EREFUSED where nobody would be left to administer. */
int users_remove(struct users *users, const char *name, struct rc_error *err);

/* What this user may with this password: USER_NOBODY where either is wrong, and it takes
 * as long then. Slow by design: some ten milliseconds on a PC, half a second on a camera. */
enum user_role users_check(struct users *users, const char *name, const char *password);

/* For the digest authentication of RTSP; NULL where there is no such user. */
const struct user *users_find(const struct users *users, const char *name);

/* A password that can be read out and typed: "kofa-zimu-7421-repa". */
#define USER_MADE_UP 24
void users_make_up(char password[USER_MADE_UP]);

#endif
