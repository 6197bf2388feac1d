/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/log.h"
#include "recam/common.h"
#include "recam/cure.h"
#include "recam/partitions.h"
#include "rescue/rescue.h"

struct plan_arguments {
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

static int run(const struct call *call, struct rc_error *err)
{
	const struct plan_arguments *arguments = call->values;
	struct partition_names only;
	struct rescue_options options = {
		.boards = &call->boards,
		.board = arguments->board,
		.firmware_path = arguments->from,
		.stop = &stop_asked,
	};
	struct plan plan = { 0 };
	struct link *link;
	int result = partition_names_parse(arguments->only, &only, err);

	if (!result)
		result = open_link(call->arguments[0], &call->boards, &link, err);
	if (result)
		return result;
	options.only = only.count ? only.names : NULL;
	result = cure_chip_size(link, &arguments->cure, err);
	if (!result)
		result = rescue_plan(link, &options, &plan, err);
	if (!result)
		result = print_plan(&plan, &link->info, arguments->json);
	plan_clear(&plan);
	link_close(link);
	return result;
}

#define VALUE(member) offsetof(struct plan_arguments, member)
static const struct option_spec options[] = {
	{ "from", 0, OPTION_TEXT, "FIRMWARE", "what the camera is to have (needed)", VALUE(from),
	  .say = "what the camera is to have" },
	{ "only", 0, OPTION_TEXT, "PART,...", "these partitions and no other", VALUE(only) },
	{ "board", 0, OPTION_TEXT, "ID", "the camera, where you know it", VALUE(board) },
	CURE_OPTIONS(struct plan_arguments, cure),
	{ "json", 0, OPTION_FLAG, NULL, "as JSON", VALUE(json) },
	{ 0 },
};

const struct command command_plan = {
	.name = "plan",
	.arguments = "LINK --from FIRMWARE [options]",
	.summary = "what a rescue would do, exactly; writes nothing",
	.options = options,
	.values_size = sizeof(struct plan_arguments),
	.min = 1,
	.max = 1,
	.run = run,
};
