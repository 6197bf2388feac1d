/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config.h"
#include "recam/common.h"

static void print_words(const struct command *command)
{
	printf("usage: recam %s %s\n\n%s.\n", command->name, command->arguments, command->summary);
	if (command->text)
		printf("\n%s", command->text);
	printf("\n");
	for (size_t i = 0; command->words[i]; i++)
		printf("  %-16s %s\n", command->words[i]->name, command->words[i]->summary);
	printf("\n\"recam %s WORD --help\" tells more of each.\n", command->name);
}

/* "make", "take" or "check" */
static int unknown_word(const struct command *command, const char *word)
{
	char list[160] = "";

	for (size_t i = 0; command->words[i]; i++) {
		size_t length = strlen(list);
		const char *between = !i ? "" : command->words[i + 1] ? ", " : " and ";

		snprintf(list + length, sizeof(list) - length, "%s\"%s\"", between,
			 strrchr(command->words[i]->name, ' ') + 1);
	}
	if (word)
		rc_log_error("recam %s %s: there are %s", command->name, word, list);
	else
		rc_log_error("recam %s: say which of %s; \"recam %s --help\" tells of them",
			     command->name, list, command->name);
	return EXIT_COULD_NOT;
}

static int call_word(const struct command *command, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word)
		return unknown_word(command, NULL);
	if (strcmp(word, "--help") == 0) {
		print_words(command);
		return EXIT_DONE;
	}
	if (strcmp(word, "--version") == 0) {
		printf("recam %s\n", RECAM_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; command->words[i]; i++)
		if (strcmp(word, strrchr(command->words[i]->name, ' ') + 1) == 0)
			return command_call(command->words[i], argc - 1, argv + 1);
	return unknown_word(command, word);
}

int command_call(const struct command *command, int argc, char **argv)
{
	struct call call = { .command = command };
	struct rc_error err;
	int status;

	if (command->words)
		return call_word(command, argc, argv);
	call.values = calloc(1, command->values_size ? command->values_size : 1);
	if (!call.values) {
		rc_fail_memory(&err, command->values_size);
		return exit_with(&err);
	}
	if (options_parse(&call, argc, argv, &status)) {
		status = boards_load(NULL, &call.boards, &err);
		if (!status) {
			catch_signals();
			status = command->run(&call, &err);
		}
		if (status < 0)
			status = exit_with(&err);
		boards_free(&call.boards);
	}
	free(call.values);
	return status;
}
