/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/log.h"
#include "board/describe.h"
#include "recam/common.h"

static int show(const struct boards *boards, const char *id, bool json)
{
	const struct board *board;

	if (!id) {
		if (json)
			return print_json(boards_json(boards));
		boards_describe(stdout, boards, rc_use_colour(stdout));
		return EXIT_DONE;
	}
	board = boards_find(boards, id);
	if (!board) {
		rc_log_error("no camera is called \"%s\" here; \"recam boards\" lists them, and "
			     "docs/boards.md says how to add one",
			     id);
		return EXIT_COULD_NOT;
	}
	if (json)
		return print_json(board_json(board));
	board_describe(stdout, board, rc_use_colour(stdout));
	return EXIT_DONE;
}

static int run(const struct command *command, int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = {
		{ "json", 0, OPTION_FLAG, NULL, "as JSON", &json },
		{ 0 },
	};
	struct boards boards;
	struct rc_error err;
	char **rest;
	size_t count;
	int status;

	if (!options_parse(command, specs, argc, argv, 0, 1, &rest, &count, &status))
		return status;
	if (boards_load(NULL, &boards, &err))
		return exit_with(&err);
	status = show(&boards, count ? rest[0] : NULL, json);
	boards_free(&boards);
	return status;
}

const struct command command_boards = {
	.name = "boards",
	.arguments = "[ID] [--json]",
	.summary = "the cameras it knows, and what is known of each",
	.run = run,
};
