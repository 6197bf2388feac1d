/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The custom-firmware step: a stock root that starts from the SD card when one with our
 * tree is in it, and stays stock when not (cfw/rcS is the script, docs/cfw.md says more).
 *
 * Only /etc/init.d/rcS changes: the stock one becomes /etc/init.d/rcS.stock, byte for byte,
 * and ours takes its place. Custom firmware for these cameras has always differed from
 * stock in that file alone (facts/bootloaders-and-flash.md 1.5).
 */
#ifndef RECAM_PACK_CFW_H
#define RECAM_PACK_CFW_H

#include "pack/fs_tree.h"

/* Changes a sorted root tree with contents before it is packed. A tree that has been changed
 * before gets the start script of this build. RC_EREFUSED, and nothing is changed, where the
 * tree is no stock root of these cameras: its rcS does not run the stock application, or looks
 * for a card itself (another custom firmware). */
int cfw_apply(struct fs_tree *root, struct rc_error *err);

#endif
