/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/file.h"
#include "base/log.h"
#include "recam/common.h"
#include "recam/cure.h"
#include "rescue/via_card.h"

struct backup_arguments {
	const char *file;
	const char *board;
	struct option_list references;
	bool json;
	bool via_card;
	struct cure_choice cure;
};

static void print_proofs(const struct backup *backup, const char *file)
{
	size_t counts[PROOF_UNREACHED + 1] = { 0 };
	char size[RC_SIZE_TEXT];
	char moved[RC_SIZE_TEXT];

	for (size_t i = 0; i < backup->block_count; i++)
		counts[backup->proofs[i]]++;
	printf("%s of %s in %s, %zu blocks of 64 KiB:\n",
	       backup_is_partial(backup) ? "PARTIAL COPY" : "Proven backup",
	       rc_size_text(size, backup->size), file, backup->block_count);
	for (int proof = 0; proof <= PROOF_UNREACHED; proof++)
		if (counts[proof])
			printf("  %4zu %s\n", counts[proof], proof_text((enum proof)proof));
	printf("  %s were moved for it\n", rc_size_text(moved, backup->moved));
}

static int save(const struct backup_arguments *arguments, const struct boards *boards,
		const struct backup *backup, struct rc_error *err)
{
	struct inspect_options options = { .boards = boards,
					   .board = arguments->board,
					   .jedec = backup->jedec,
					   .reach = backup_reach(backup) };
	struct inspection inspection = { 0 };
	int result = inspect_flash((struct rc_span){ backup->data, backup->size }, &options,
				   &inspection, err);

	if (!result)
		result = backup_save(backup, arguments->file, &inspection, err);
	if (!result && arguments->json)
		result = print_json(backup_json(backup, &inspection));
	else if (!result)
		print_proofs(backup, arguments->file);
	inspection_clear(&inspection);
	return result;
}

static void tell_next(const char *file)
{
	printf("The flash is on the card, and its checksums are in %s.card.json.\n"
	       "Now take the card out of the camera, put it into this computer, and:\n"
	       "  recam card take CARD -o %s\n"
	       "where CARD is the card's device (/dev/sdX or /dev/mmcblkN, see lsblk) or its "
	       "image.\n",
	       file, file);
}

static int take(const char *spec, const struct backup_arguments *arguments,
		const struct boards *boards, struct rc_error *err)
{
	struct references references = { 0 };
	struct backup_options options = { .path = arguments->file, .stop = &stop_asked };
	struct backup backup = { 0 };
	struct link *link = NULL;
	int result = references_load(&arguments->references, boards, arguments->board, &references,
				     err);

	if (!result)
		result = open_link(spec, boards, &link, err);
	if (!result)
		result = cure_chip_size(link, &arguments->cure, err);
	if (!result && arguments->via_card) {
		result = via_card_send(link, arguments->file, &stop_asked, err);
		if (!result)
			tell_next(arguments->file);
		link_close(link);
		references_free(&references);
		return result;
	}
	options.references = references.spans;
	options.reference_count = references.count;
	if (!result)
		result = backup_take(link, &options, &backup, err);
	if (!result)
		result = save(arguments, boards, &backup, err);
	backup_clear(&backup);
	if (link)
		link_close(link);
	references_free(&references);
	return result;
}

static int run(const struct call *call, struct rc_error *err)
{
	return take(call->arguments[0], call->values, &call->boards, err);
}

#define VALUE(member) offsetof(struct backup_arguments, member)
static const struct option_spec options[] = {
	{ "output", 'o', OPTION_TEXT, "FILE", "where the backup is to be (needed)", VALUE(file),
	  .say = "where the backup is to be" },
	{ "reference", 0, OPTION_LIST, "FIRMWARE", "known firmware: what equals it is not moved",
	  VALUE(references) },
	{ "board", 0, OPTION_TEXT, "ID", "the camera, where you know it", VALUE(board) },
	{ "via-card", 0, OPTION_FLAG, NULL,
	  "by way of a card in the camera (recam card make --transfer)", VALUE(via_card) },
	CURE_OPTIONS(struct backup_arguments, cure),
	{ "json", 0, OPTION_FLAG, NULL, "how each block was proven, as JSON", VALUE(json) },
	{ 0 },
};

const struct command command_backup = {
	.name = "backup",
	.arguments = "LINK -o FILE [--reference FIRMWARE]... [options]",
	.summary = "reads the whole flash, proves the read, writes FILE and FILE.json",
	.text = "Every block is confirmed by a checksum that the camera computed, or read twice\n"
		"with equal results. Interrupted, the same command goes on where it was. FILE\n"
		"holds the camera's secrets: keep it, and give it to nobody.\n",
	.options = options,
	.values_size = sizeof(struct backup_arguments),
	.min = 1,
	.max = 1,
	.run = run,
};
