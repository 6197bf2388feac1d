/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "recam/common.h"
#include "recam/cure.h"
#include "recam/partitions.h"
#include "rescue/rescue.h"

struct rescue_arguments {
	const char *from;
	const char *only;
	const char *board;
	const char *backup;
	bool yes;
	bool no_rehearsal;
	struct cure_choice cure;
	const struct link_info *info;
};

static bool confirm(void *context, const struct plan *plan)
{
	const struct rescue_arguments *arguments = context;
	char answer[16];

	printf("\n");
	plan_print(stdout, plan, arguments->info, rc_use_colour(stdout));
	fflush(stdout);
	if (arguments->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		rc_log_error("nobody is there to say yes: run it from a terminal, or with --yes");
		return false;
	}
	printf("\nWrite this to the camera? Type yes: ");
	fflush(stdout);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return strcmp(answer, "yes\n") == 0;
}

static void tell_stage(void *context, const char *stage, const char *text)
{
	(void)context;
	rc_log_note("%-10s %s", stage, text);
}

static void show_map(void *context, const char *when, const struct inspection *inspection)
{
	struct report_options options = report_to_stdout("", false);

	(void)context;
	printf("\nThe flash %s:\n", when);
	report_map(stdout, inspection, &options);
	fflush(stdout);
}

static int exit_for_verdict(const struct rescue_result *result)
{
	switch (result->verdict) {
	case VERDICT_NOTHING_TO_DO:
	case VERDICT_STARTS:
	case VERDICT_WRITTEN:
		return EXIT_DONE;
	case VERDICT_DOES_NOT_START:
		return EXIT_FOUND;
	case VERDICT_DECLINED:
	case VERDICT_REFUSED:
		return EXIT_COULD_NOT;
	}
	return EXIT_COULD_NOT;
}

static int tell_result(const struct rescue_result *result)
{
	int status = exit_for_verdict(result);
	bool bold = rc_use_colour(stdout);

	if (status == EXIT_COULD_NOT) {
		rc_log_error("%s", result->text);
		return status;
	}
	printf("\n%s%c%s%s\n", bold ? (status ? "\033[1;31m" : "\033[1;32m") : "",
	       toupper((unsigned char)result->text[0]), result->text + 1, bold ? "\033[0m" : "");
	return status;
}

static int run(const struct call *call, struct rc_error *err)
{
	struct rescue_arguments *arguments = call->values;
	struct partition_names only;
	struct rescue_options options = {
		.boards = &call->boards,
		.board = arguments->board,
		.firmware_path = arguments->from,
		.backup_path = arguments->backup,
		.rehearse = !arguments->no_rehearsal,
		.confirm = confirm,
		.stage = tell_stage,
		.show = show_map,
		.context = arguments,
		.stop = &stop_asked,
	};
	struct rescue_result verdict = { 0 };
	struct link *link;
	int result = partition_names_parse(arguments->only, &only, err);

	if (!result)
		result = open_link(call->arguments[0], &call->boards, &link, err);
	if (result)
		return result;
	options.only = only.count ? only.names : NULL;
	arguments->info = &link->info;
	arguments->cure.yes |= arguments->yes && !arguments->cure.no && link->info.can_extend;
	result = cure_chip_size(link, &arguments->cure, err);
	if (!result)
		result = rescue_run(link, &options, &verdict, err);
	if (!result)
		result = tell_result(&verdict);
	rescue_result_clear(&verdict);
	link_close(link);
	return result;
}

#define VALUE(member) offsetof(struct rescue_arguments, member)
static const struct option_spec options[] = {
	{ "from", 0, OPTION_TEXT, "FIRMWARE", "what the camera is to have (needed)", VALUE(from),
	  .say = "what the camera is to have" },
	{ "backup", 0, OPTION_TEXT, "FILE",
	  "where the backup is to be (else recam-backup.bin here, or the next number)",
	  VALUE(backup) },
	{ "only", 0, OPTION_TEXT, "PART,...", "these partitions and no other", VALUE(only) },
	{ "board", 0, OPTION_TEXT, "ID", "the camera, where you know it", VALUE(board) },
	CURE_OPTIONS(struct rescue_arguments, cure),
	{ "yes", 0, OPTION_FLAG, NULL, "do not ask before writing", VALUE(yes) },
	{ "no-rehearsal", 0, OPTION_FLAG, NULL, "do not try it on the virtual camera first",
	  VALUE(no_rehearsal) },
	{ 0 },
};

const struct command command_rescue = {
	.name = "rescue",
	.arguments = "LINK --from FIRMWARE [options]",
	.summary = "backs up, plans, rehearses, asks, writes, reads back, watches the start",
	.text = "Only blocks that differ are touched; boot, settings and identity only where you\n"
		"name them with --only. Interrupted at any point, the same command goes on.\n",
	.options = options,
	.values_size = sizeof(struct rescue_arguments),
	.min = 1,
	.max = 1,
	.run = run,
};
