/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which camera a card is for, and what its bootloader is. */
#include <string.h>

#include "base/file.h"
#include "inspect/inspect.h"
#include "recam/card.h"
#include "recam/common.h"
#include "rescue/backup.h"

/* A dump tells its board, its bootloader and, where recam made it, its chip; a log of a start
 * tells the first two. */
static int ask_dump(const char *path, const struct boards *boards, struct card_camera *camera,
		    struct rc_buffer *dump, struct rc_error *err)
{
	struct inspect_options options = { .boards = boards,
					   .board = camera->board ? camera->board->id : NULL };
	struct inspection inspection = { 0 };
	struct backup backup;
	int result = rc_file_read(path, RC_MAX_FLASH, dump, err);

	if (result)
		return result;
	if (backup_load(path, &backup, NULL) == 0) {
		if (!camera->jedec)
			camera->jedec = backup.jedec;
		backup_clear(&backup);
	}
	result = inspect_bytes((struct rc_span){ dump->data, dump->size }, &options, &inspection,
			       err);
	if (result)
		return result;
	if (!camera->board)
		camera->board = inspection.board.board;
	camera->bootloader = inspection.bootloader.known;
	if (inspection.kind == INSPECT_FLASH || inspection.kind == INSPECT_PARTITION)
		camera->boot = (struct rc_span){ dump->data, dump->size };
	inspection_clear(&inspection);
	return 0;
}

int card_camera_find(const struct card_camera_options *options, const struct boards *boards,
		     struct card_camera *camera, struct rc_buffer *dump, struct rc_error *err)
{
	int result = 0;

	*camera = (struct card_camera){ .boards = boards, .button_held = !options->no_button };
	*dump = (struct rc_buffer){ 0 };
	if (options->chip)
		result = jedec_parse(options->chip, &camera->jedec, err);
	if (!result && options->board) {
		camera->board = boards_find(boards, options->board);
		if (!camera->board)
			result = rc_fail(err, RC_EUSAGE,
					 "no camera \"%s\" is known; \"recam boards\" lists them",
					 options->board);
	}
	if (!result && options->bootloader)
		result = ask_dump(options->bootloader, boards, camera, dump, err);
	if (result)
		return result;
	if (!camera->board)
		return rc_fail(err, RC_EUSAGE,
			       "say which camera the card is for: --board ID (\"recam boards\" "
			       "lists them)");
	if (camera->board->refused)
		return rc_fail(err, RC_EREFUSED, "%s: %s", camera->board->name,
			       camera->board->why_refused);
	camera->rules = card_rules_of(camera);
	return 0;
}
