/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of recamd's command line beside serving: "recamd passwd", "recamd import". */
#ifndef RECAM_CAMERA_RECAMD_WORDS_H
#define RECAM_CAMERA_RECAMD_WORDS_H

#include "base/error.h"

enum { WORD_DONE = 0, WORD_COULD_NOT = 2 };

/* argv[0] is the word. Exit statuses. */
int passwd_main(int argc, char **argv);
int import_main(int argc, char **argv);

/* Where passwords and the certificate lie: given (--state), else /var/lib/recamd for root and
 * the user's own folder for others. Made where it is not there. */
int state_folder(const char *given, char path[256], struct rc_error *err);

#endif
