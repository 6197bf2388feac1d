/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The certificate of HTTPS and RTSPS: self-signed, made on first start, made anew before it
 * ends. Its key never leaves the camera (0600). A browser warns of it once; the fingerprint
 * that recamd prints lets the owner see that it is the camera's.
 */
#ifndef RECAM_CAMERA_SETTINGS_CERTIFICATE_H
#define RECAM_CAMERA_SETTINGS_CERTIFICATE_H

#include <stdbool.h>
#include <time.h>

#include "base/error.h"

#define CERTIFICATE_FILE        "certificate.pem"
#define CERTIFICATE_KEY_FILE    "certificate-key.pem"
#define CERTIFICATE_DAYS        397 /* browsers refuse longer ones */
#define CERTIFICATE_RENEW_DAYS  30
#define CERTIFICATE_FINGERPRINT 96 /* "AB:CD:...", SHA-256 */

struct certificate {
	char path[300], key_path[300];
	char fingerprint[CERTIFICATE_FINGERPRINT];
	time_t ends;
};

/* Makes the two files in directory where they are not there, are damaged, do not belong
 * together or end within CERTIFICATE_RENEW_DAYS of now; *made says so. An owner's own
 * certificate, which names somebody else as its issuer, is left as it is. name: the
 * camera's, beside which it holds for the host's name and addresses. A clock that was never
 * set (before 2020) takes part as if it were: the certificate begins then. */
int certificate_ensure(const char *directory, const char *name, time_t now,
		       struct certificate *certificate, bool *made, struct rc_error *err);

#endif
