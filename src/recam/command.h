/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line. A command is data: its words, its options and the structure that they
 * fill, and one function. call.c parses, loads the boards, catches the signals and prints
 * what went wrong, alike for all; main.c has the table of commands.
 */
#ifndef RECAM_RECAM_COMMAND_H
#define RECAM_RECAM_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "board/board.h"

/* Exit statuses that scripts rely on (contracts/recam.md). */
enum exit_status {
	EXIT_DONE = 0,      /* done, and nothing found that stops the camera */
	EXIT_FOUND = 1,     /* done, and something found that does */
	EXIT_COULD_NOT = 2, /* usage, unreadable, refused: one message */
	EXIT_STOPPED = 3,   /* stopped half-way; the journal has what was done */
};

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
	const char *name; /* "board" for --board; NULL ends the table */
	char letter;      /* 'o' for -o, 0 none */
	enum option_type type;
	const char *argument; /* "ID" in the help; NULL for flags */
	const char *help;
	size_t offset;   /* of the value in command->values_size bytes */
	const char *say; /* of one that must be given: "where the backup is to be" */
};

struct call;

struct command {
	const char *name;      /* "backup"; of a word of a command "card make" */
	const char *arguments; /* "PATH|LINK [options]" */
	const char *summary;   /* one line, for the list of commands */
	const char *text;      /* paragraphs for --help, NULL none */
	/* Where the command has words of its own, such as "card make": their table,
	 * NULL-terminated, and nothing below. */
	const struct command *const *words;
	const struct option_spec *options; /* NULL: only those that all commands have */
	size_t values_size;                /* of the structure that the options fill */
	size_t min, max;                   /* how many arguments that are no options */
	/* An exit status, or a negative enum rc_status with err filled. */
	int (*run)(const struct call *call, struct rc_error *err);
};

/* One command as it was given. */
struct call {
	const struct command *command;
	void *values;         /* filled by the options, the rest zero */
	char **arguments;     /* those that are no options, in order */
	size_t count;         /* of them */
	struct boards boards; /* all cameras that are known */
};

extern const struct command command_inspect;
extern const struct command command_backup;
extern const struct command command_plan;
extern const struct command command_rescue;
extern const struct command command_console;
extern const struct command command_twin;
extern const struct command command_boards;
extern const struct command command_card;
extern const struct command command_unpack;
extern const struct command command_pack;
extern const struct command command_convert;
extern const struct command command_redact;
extern const struct command command_identity;

/* Parses argv by the command's table (and --help, --version, -q, -v, which every command
 * has) into call. True: go on. False: *status is what to exit with; help or a message was
 * printed. */
bool options_parse(struct call *call, int argc, char **argv, int *status);

/* argv[0] is the command's name, or its last word. An exit status; all messages were
 * printed. */
int command_call(const struct command *command, int argc, char **argv);

#endif
