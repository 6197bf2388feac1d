/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: one file per command, one table of them in main.c. */
#ifndef RECAM_RECAM_COMMAND_H
#define RECAM_RECAM_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Exit statuses that scripts rely on (contracts/recam.md). */
enum exit_status {
	EXIT_DONE = 0,      /* done, and nothing found that stops the camera */
	EXIT_FOUND = 1,     /* done, and something found that does */
	EXIT_COULD_NOT = 2, /* usage, unreadable, refused: one message */
	EXIT_STOPPED = 3,   /* stopped half-way; the journal has what was done */
};

struct command {
	const char *name;
	const char *arguments; /* "PATH|LINK [options]" */
	const char *summary;   /* one line, for the list of commands */
	const char *text;      /* paragraphs for --help, NULL none */
	/* argv[0] is the command's name. Returns an exit status. */
	int (*run)(const struct command *command, int argc, char **argv);
};

extern const struct command command_inspect;
extern const struct command command_backup;
extern const struct command command_plan;
extern const struct command command_rescue;
extern const struct command command_console;
extern const struct command command_twin;
extern const struct command command_boards;
extern const struct command command_card;

enum option_type {
	OPTION_FLAG, /* bool */
	OPTION_TEXT, /* const char *, given at most once */
	OPTION_LIST, /* struct option_list, given any number of times */
};

#define OPTION_LIST_MAX 16
struct option_list {
	const char *values[OPTION_LIST_MAX + 1]; /* NULL-terminated */
	size_t count;
};

struct option_spec {
	const char *name; /* "board" for --board */
	char letter;      /* 'o' for -o, 0 none */
	enum option_type type;
	const char *argument; /* "ID" in the help; NULL for flags */
	const char *help;
	void *into;
};

/* Parses argv by the table (and --help, --version, -q, -v, which every command has).
 * Between min and max other arguments are left in *rest (*rest_count of them). True:
 * go on. False: *status is what to exit with; help or a message was printed. */
bool options_parse(const struct command *command, const struct option_spec *specs, int argc,
		   char **argv, size_t min, size_t max, char ***rest, size_t *rest_count,
		   int *status);

#endif
