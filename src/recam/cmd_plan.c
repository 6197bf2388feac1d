/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/log.h"
#include "recam/common.h"
#include "recam/cure.h"
#include "recam/partitions.h"
#include "rescue/rescue.h"

struct plan_arguments {
	const char *link;
	const char *from;
	const char *only;
	const char *board;
	bool json;
	struct cure_choice cure;
};

/* The plan is printed also where it is a refusal: it says what was looked at. */
static int print_plan(const struct plan *plan, const struct link_info *info, bool json)
{
	int status = EXIT_DONE;

	if (json)
		status = print_json(plan_json(plan, info));
	else
		plan_print(stdout, plan, info, rc_use_colour(stdout));
	if (!status && plan->refusal != PLAN_OK && plan->refusal != PLAN_NOTHING_TO_DO) {
		rc_log_error("%s", plan->why);
		status = EXIT_COULD_NOT;
	}
	return status;
}

static int make_plan(const struct plan_arguments *arguments, const struct boards *boards,
		     const struct partition_names *only)
{
	const struct rescue_options options = {
		.boards = boards,
		.board = arguments->board,
		.firmware_path = arguments->from,
		.only = only->count ? only->names : NULL,
		.stop = &stop_asked,
	};
	struct plan plan = { 0 };
	struct link *link;
	struct rc_error err;
	int status = open_link(arguments->link, boards, &link, &err);

	if (status)
		return exit_with(&err);
	status = cure_chip_size(link, &arguments->cure, &err);
	if (!status)
		status = rescue_plan(link, &options, &plan, &err);
	status = status ? exit_with(&err) : print_plan(&plan, &link->info, arguments->json);
	plan_clear(&plan);
	link_close(link);
	return status;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct plan_arguments arguments = { 0 };
	const struct option_spec specs[] = {
		{ "from", 0, OPTION_TEXT, "FIRMWARE", "what the camera is to have (needed)",
		  &arguments.from },
		{ "only", 0, OPTION_TEXT, "PART,...", "these partitions and no other",
		  &arguments.only },
		{ "board", 0, OPTION_TEXT, "ID", "the camera, where you know it",
		  &arguments.board },
		CURE_OPTIONS(arguments.cure),
		{ "json", 0, OPTION_FLAG, NULL, "as JSON", &arguments.json },
		{ 0 },
	};
	struct partition_names only;
	struct boards boards;
	struct rc_error err;
	char **rest;
	size_t count;
	int status;

	if (!options_parse(command, specs, argc, argv, 1, 1, &rest, &count, &status))
		return status;
	arguments.link = rest[0];
	if (!arguments.from) {
		rc_log_error("say what the camera is to have: recam plan %s --from FIRMWARE",
			     rest[0]);
		return EXIT_COULD_NOT;
	}
	if (!partition_names_parse(arguments.only, &only))
		return EXIT_COULD_NOT;
	if (boards_load(NULL, &boards, &err))
		return exit_with(&err);
	catch_signals();
	status = make_plan(&arguments, &boards, &only);
	boards_free(&boards);
	return status;
}

const struct command command_plan = {
	.name = "plan",
	.arguments = "LINK --from FIRMWARE [options]",
	.summary = "what a rescue would do, exactly; writes nothing",
	.run = run,
};
