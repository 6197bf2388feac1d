/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RECAM_INSPECT_CARD_CHECK_H
#define RECAM_INSPECT_CARD_CHECK_H

#include "inspect/card_rules.h"
#include "inspect/inspect.h"

/* Pure: all that is wrong with a card for this camera (NULL: none in particular), and the
 * verdict in out->card where the camera's bootloader is known. */
int card_inspect(struct rc_span card, const struct card_camera *camera, struct inspection *out,
		 struct rc_error *err);

/* The same for inspect_bytes, which knows no more of the camera than its options. */
int inspect_card(struct rc_span card, const struct inspect_options *options, struct inspection *out,
		 struct rc_error *err);

/* What the log of a start with a card tells of it, by its findings alone. */
enum card_outcome card_log_outcome(const struct inspection *log);

#endif
