/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "inspect/inspect.h"
#include "recam/card.h"
#include "recam/common.h"
#include "rescue/via_card.h"

struct take_arguments {
	const char *output;
	const char *proof;
};

int card_map(const char *path, struct rc_span *card, struct rc_error *err)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = descriptor < 0 ? -1 : lseek(descriptor, 0, SEEK_END);
	void *data = MAP_FAILED;

	if (size > 0)
		data = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
			    descriptor, 0);
	if (size == 0)
		rc_fail(err, RC_EFORMAT, "%s is empty: it is no card", path);
	else if (data == MAP_FAILED)
		rc_fail_errno(err, RC_EIO, errno,
			      "cannot read the card %s (of a device only root may)", path);
	if (descriptor >= 0)
		close(descriptor);
	if (data == MAP_FAILED)
		return size == 0 ? RC_EFORMAT : RC_EIO;
	*card = (struct rc_span){ data, (size_t)size };
	return 0;
}

void card_unmap(struct rc_span card)
{
	munmap((void *)card.data, card.size);
}

static int save(const struct backup *backup, const char *file, const struct boards *boards,
		struct rc_error *err)
{
	struct inspect_options options = { .boards = boards,
					   .jedec = backup->jedec,
					   .reach = backup_reach(backup) };
	struct inspection inspection = { 0 };
	int result = inspect_flash((struct rc_span){ backup->data, backup->size }, &options,
				   &inspection, err);

	if (!result)
		result = backup_save(backup, file, &inspection, err);
	inspection_clear(&inspection);
	return result;
}

static void print_taken(const struct backup *backup, const char *file)
{
	char size[RC_SIZE_TEXT];

	printf("%s of %s in %s: each MiB has the CRC-32 that the camera computed\n",
	       backup_is_partial(backup) ? "PARTIAL COPY" : "Proven backup",
	       rc_size_text(size, backup->size), file);
}

static int take(const char *path, const struct take_arguments *arguments,
		const struct boards *boards, struct rc_error *err)
{
	struct backup backup = { 0 };
	struct rc_span card;
	int result = card_map(path, &card, err);

	if (result)
		return result;
	result = via_card_take(card, arguments->output, arguments->proof, &backup, err);
	card_unmap(card);
	if (!result)
		result = save(&backup, arguments->output, boards, err);
	if (!result)
		print_taken(&backup, arguments->output);
	backup_clear(&backup);
	return result;
}

static int run_take(const struct call *call, struct rc_error *err)
{
	return take(call->arguments[0], call->values, &call->boards, err);
}

#define TAKE(member) offsetof(struct take_arguments, member)
static const struct option_spec take_options[] = {
	{ "output", 'o', OPTION_TEXT, "FILE", "where the backup is to be (needed)", TAKE(output),
	  .say = "where the backup is to be" },
	{ "proof", 0, OPTION_TEXT, "STATE", "the camera's checksums (default: FILE.card.json)",
	  TAKE(proof) },
	{ 0 },
};

const struct command command_card_take = {
	.name = "card take",
	.arguments = "PATH -o FILE [options]",
	.summary = "lifts a backup off a card of \"card make --transfer\"",
	.options = take_options,
	.values_size = sizeof(struct take_arguments),
	.min = 1,
	.max = 1,
	.run = run_take,
};
