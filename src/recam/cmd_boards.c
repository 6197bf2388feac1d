/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/log.h"
#include "board/describe.h"
#include "recam/common.h"

struct boards_arguments {
	bool json;
};

static int show_one(const struct boards *boards, const char *id, bool json, struct rc_error *err)
{
	const struct board *board = boards_find(boards, id);

	if (!board)
		return rc_fail(err, RC_EUSAGE,
			       "no camera is called \"%s\" here; \"recam boards\" lists them, and "
			       "docs/boards.md says how to add one",
			       id);
	if (json)
		return print_json(board_json(board));
	board_describe(stdout, board, rc_use_colour(stdout));
	return EXIT_DONE;
}

static int run(const struct call *call, struct rc_error *err)
{
	const struct boards_arguments *arguments = call->values;

	if (call->count)
		return show_one(&call->boards, call->arguments[0], arguments->json, err);
	if (arguments->json)
		return print_json(boards_json(&call->boards));
	boards_describe(stdout, &call->boards, rc_use_colour(stdout));
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "json", 0, OPTION_FLAG, NULL, "as JSON", offsetof(struct boards_arguments, json) },
	{ 0 },
};

const struct command command_boards = {
	.name = "boards",
	.arguments = "[ID] [--json]",
	.summary = "the cameras it knows, and what is known of each",
	.options = options,
	.values_size = sizeof(struct boards_arguments),
	.max = 1,
	.run = run,
};
