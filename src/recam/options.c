/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "config.h"
#include "recam/command.h"

#define MAX_SPECS 24
/* getopt_long's values for the common options, outside the range of letters. */
enum { COMMON_HELP = 0x100, COMMON_VERSION, FIRST_SPEC };

static const struct option_spec no_options[] = { { 0 } };

static const struct option_spec *options_of(const struct command *command)
{
	return command->options ? command->options : no_options;
}

static void print_option(char letter, const char *name, const char *argument, const char *help)
{
	char left[48];

	snprintf(left, sizeof(left), "%c%c%s--%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
		 letter ? ", " : "  ", name, argument ? " " : "", argument ? argument : "");
	printf("  %-28s %s\n", left, help);
}

static void print_help(const struct command *command)
{
	printf("usage: recam %s %s\n\n%s.\n", command->name, command->arguments, command->summary);
	if (command->text)
		printf("\n%s", command->text);
	printf("\n");
	for (const struct option_spec *spec = options_of(command); spec->name; spec++)
		print_option(spec->letter, spec->name, spec->argument, spec->help);
	print_option('q', "quiet", NULL, "errors only");
	print_option('v', "verbose", NULL, "each command sent and each answer taken");
	print_option(0, "help", NULL, "this text");
	print_option(0, "version", NULL, "the version");
}

static size_t build_getopt(const struct option_spec *specs, struct option *longs, char *shorts)
{
	size_t count = 0;
	char *s = shorts;

	*s++ = ':'; /* we print our own messages, and tell a missing argument apart */
	for (; count < MAX_SPECS && specs[count].name; count++) {
		int takes = specs[count].type == OPTION_FLAG ? no_argument : required_argument;

		longs[count] = (struct option){ specs[count].name, takes, NULL,
						FIRST_SPEC + (int)count };
		if (specs[count].letter) {
			*s++ = specs[count].letter;
			if (takes == required_argument)
				*s++ = ':';
		}
	}
	longs[count] = (struct option){ "help", no_argument, NULL, COMMON_HELP };
	longs[count + 1] = (struct option){ "version", no_argument, NULL, COMMON_VERSION };
	longs[count + 2] = (struct option){ "quiet", no_argument, NULL, 'q' };
	longs[count + 3] = (struct option){ "verbose", no_argument, NULL, 'v' };
	longs[count + 4] = (struct option){ 0 };
	*s++ = 'q';
	*s++ = 'v';
	*s = '\0';
	return count;
}

static const struct option_spec *spec_of(const struct option_spec *specs, size_t count, int code)
{
	if (code >= FIRST_SPEC)
		return &specs[code - FIRST_SPEC];
	for (size_t i = 0; i < count; i++)
		if (specs[i].letter == code)
			return &specs[i];
	return NULL;
}

/* NULL, or what is wrong. */
static const char *take(const struct option_spec *spec, void *values, char *value)
{
	void *into = (char *)values + spec->offset;
	struct option_list *list = into;

	switch (spec->type) {
	case OPTION_FLAG:
		*(bool *)into = true;
		return NULL;
	case OPTION_TEXT:
		if (*(const char **)into)
			return "was given twice: say it once";
		*(const char **)into = value;
		return NULL;
	case OPTION_LIST:
		if (list->count == OPTION_LIST_MAX)
			return "was given more than 16 times";
		list->values[list->count++] = value;
		return NULL;
	}
	return NULL;
}

static bool usage_error(const struct command *command, int *status, const char *what,
			const char *which, const char *why)
{
	rc_log_error("%s%s %s; \"recam %s --help\" lists what there is", what, which, why,
		     command->name);
	*status = EXIT_COULD_NOT;
	return false;
}

/* "recam backup uboot:/dev/ttyUSB0 -o FILE", so that it can be typed as it stands. */
static bool something_missing(const struct call *call, const struct option_spec *spec, int *status)
{
	char typed[256] = "";

	for (size_t i = 0; i < call->count; i++)
		snprintf(typed + strlen(typed), sizeof(typed) - strlen(typed), " %s",
			 call->arguments[i]);
	if (spec->letter)
		rc_log_error("say %s: recam %s%s -%c %s", spec->say, call->command->name, typed,
			     spec->letter, spec->argument);
	else
		rc_log_error("say %s: recam %s%s --%s %s", spec->say, call->command->name, typed,
			     spec->name, spec->argument);
	*status = EXIT_COULD_NOT;
	return false;
}

static bool check_arguments(const struct call *call, const struct option_spec *specs, int *status)
{
	const struct command *command = call->command;

	if (call->count < command->min)
		return usage_error(command, status, "too few words: recam ", command->name,
				   command->arguments);
	if (call->count > command->max)
		return usage_error(command, status, "", call->arguments[command->max],
				   "is one word too many");
	for (const struct option_spec *spec = specs; spec->name; spec++)
		if (spec->say && !*(const char **)((char *)call->values + spec->offset))
			return something_missing(call, spec, status);
	return true;
}

bool options_parse(struct call *call, int argc, char **argv, int *status)
{
	const struct command *command = call->command;
	const struct option_spec *specs = options_of(command);
	struct option longs[MAX_SPECS + 5];
	char shorts[2 * MAX_SPECS + 8];
	size_t count = build_getopt(specs, longs, shorts);
	int code;

	opterr = 0;
	optind = 0;
	*status = EXIT_DONE;
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_spec *spec;
		const char *wrong;

		if (code == COMMON_HELP) {
			print_help(command);
			return false;
		}
		if (code == COMMON_VERSION) {
			printf("recam %s\n", RECAM_VERSION);
			return false;
		}
		if (code == ':')
			return usage_error(command, status, "option ", argv[optind - 1],
					   "needs a value behind it");
		if (code == '?')
			return usage_error(command, status, "option ", argv[optind - 1],
					   "is not known here");
		if (code == 'q' || code == 'v') {
			rc_log_set_level(code == 'q' ? RC_LOG_QUIET : RC_LOG_VERBOSE);
			continue;
		}
		spec = spec_of(specs, count, code);
		wrong = take(spec, call->values, optarg);
		if (wrong)
			return usage_error(command, status, "option --", spec->name, wrong);
	}
	call->arguments = argv + optind;
	call->count = (size_t)(argc - optind);
	return check_arguments(call, specs, status);
}
