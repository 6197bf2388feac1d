/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The question before a chip's size is corrected in a camera's RAM. docs/chip-size.md. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "recam/cure.h"

static void explain(const struct link_info *info)
{
	char whole[RC_SIZE_TEXT];
	char reach[RC_SIZE_TEXT];

	rc_size_text(whole, info->flash_size);
	rc_size_text(reach, info->reach);
	rc_log_note("[chip-size-misdetected] the bootloader takes this chip (id %06x, %s) for one "
		    "of %s: it can neither read nor write what lies behind.",
		    info->jedec, whole, reach);
	rc_log_note(
		"Cure:      in the bootloader's chip table, in the camera's RAM, two words are "
		"checked, and one, the size %08x, becomes %08x; then the flash is probed again, "
		"and read behind 0x%x.",
		info->reach, info->flash_size, info->reach);
	rc_log_note("Danger:    nothing of the flash changes by it, and a restart undoes it. If "
		    "the camera restarts in the middle, nothing more is read or written.");
	rc_log_note("Declined:  recam keeps to the first %s; a backup is a partial copy then, "
		    "without what lies behind.",
		    reach);
}

/* 1 yes, 0 no, negative: nobody is there to ask. */
static int ask(const struct cure_choice *choice, const struct link_info *info, struct rc_error *err)
{
	char answer[16];

	if (choice->yes || choice->no)
		return choice->yes;
	if (!isatty(STDIN_FILENO))
		return rc_fail(
			err, RC_EREFUSED,
			"[chip-size-misdetected] the bootloader reaches 0x%x of the chip's "
			"0x%x bytes, and nobody is there to say whether recam is to correct "
			"that in the camera's RAM: say --cure-size (a restart undoes it), or "
			"--no-cure-size to keep to what it reaches",
			info->reach, info->flash_size);
	fprintf(stderr, "\nCorrect it for this session? Type yes or no: ");
	for (;;) {
		if (!fgets(answer, sizeof(answer), stdin))
			return 0;
		if (strcmp(answer, "yes\n") == 0)
			return 1;
		if (strcmp(answer, "no\n") == 0)
			return 0;
		fprintf(stderr, "yes or no: ");
	}
}

int cure_chip_size(struct link *link, const struct cure_choice *choice, struct rc_error *err)
{
	int result;

	if (choice->yes && choice->no)
		return rc_fail(err, RC_EUSAGE,
			       "--cure-size and --no-cure-size contradict each other: say one");
	if (!link->info.can_extend)
		return choice->yes ? link_extend(link, err) : 0;
	if (!choice->no)
		explain(&link->info);
	result = ask(choice, &link->info, err);
	if (result <= 0)
		return result;
	result = link_extend(link, err);
	if (!result)
		rc_log_note("all 0x%x bytes can be reached until the camera restarts: %s",
			    link->info.reach, link->info.extended);
	return result;
}
