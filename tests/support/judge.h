/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A real Linux kernel as the judge of cards and file systems (lab/linux-judge; its head says
 * what the kernel knows and which words the script has beside busybox's):
 *
 *	struct judge_disk disks[] = { { card_path, 0 }, { jffs2_path, 0x8000 } };
 *	judge_run(disks, 2, "mount -t vfat -o ro ${disk1}1 /mnt && tree /mnt\n"
 *			    "umount /mnt; mount -t jffs2 -o ro $flash1 /mnt && tree /mnt\n"
 *			    "kernel_silent\n", &result);
 *
 * One start takes some 3 s of processor time, so give it all images of a test at once.
 */
#ifndef RECAM_TESTS_JUDGE_H
#define RECAM_TESTS_JUDGE_H

#include "run.h"

struct judge_disk {
	const char *path; /* stays as it is */
	uint32_t erase;   /* 0: a disk; else a JFFS2 flash with erase blocks of so many bytes */
};

/* Runs the text of a script (busybox sh) with these images, at most 24. result->status is the
 * script's exit status, result->out what it printed; freed with run_result_free. Skips the
 * running test, saying why, where no kernel is to be had; fails it where the script did not
 * come to its end within 240 s. */
void judge_run(const struct judge_disk *disks, size_t count, const char *script,
	       struct run_result *result);

#endif
