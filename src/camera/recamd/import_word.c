/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "recamd import": takes what it can of the Dafang firmware's config/, and says what of each. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "camera/recamd/words.h"
#include "camera/settings/import.h"

struct import_words {
	const char *directory, *config, *state;
};

static void print_notes(const struct import *import)
{
	static const struct {
		enum import_outcome outcome;
		const char *heading;
	} groups[] = {
		{ IMPORT_TAKEN, "Taken" },
		{ IMPORT_CHANGED, "Taken in another form" },
		{ IMPORT_LATER, "Not in this version of recamd" },
		{ IMPORT_NOT, "Not taken" },
	};

	for (size_t group = 0; group < RC_COUNT(groups); group++) {
		bool headed = false;

		for (size_t i = 0; i < import->note_count; i++) {
			if (import->notes[i].outcome != groups[group].outcome)
				continue;
			if (!headed)
				printf("%s:\n", groups[group].heading);
			headed = true;
			printf("  %s\n", import->notes[i].text);
		}
	}
}

static int take_user(const struct import *import, const char *state, struct rc_error *err)
{
	const struct user *user;
	char directory[256];
	struct users users;
	int result = state_folder(state, directory, err);

	if (!result)
		result = users_load(directory, &users, err);
	if (result)
		return result;
	user = users_find(&users, import->user);
	return users_set(&users, import->user, user ? user->role : USER_SEES, import->password,
			 err);
}

static int take(const struct import_words *words, struct rc_error *err)
{
	struct import import;
	int result = import_read(words->directory, &import, err);

	if (result)
		return result;
	print_notes(&import);
	if (words->config) {
		result = settings_change(words->config, import.changes, import.change_count, err);
		if (!result && *import.user)
			result = take_user(&import, words->state, err);
		if (!result)
			rc_log_note("written to %s", words->config);
	} else {
		rc_log_note("nothing was written: --config FILE says where to");
	}
	import_free(&import);
	return result;
}

int import_main(int argc, char **argv)
{
	static const struct option options[] = { { "config", required_argument, NULL, 'c' },
						 { "state", required_argument, NULL, 's' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	struct import_words words = { 0 };
	struct rc_error err;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'c' || option == 's') {
			*(option == 'c' ? &words.config : &words.state) = optarg;
			continue;
		}
		printf("usage: recamd import DIR [--config FILE] [--state DIR]\n\n"
		       "Reads the folder \"config\" of the Dafang firmware's card, executes "
		       "nothing of\n"
		       "it, and says what recamd takes of it. With --config it is written.\n");
		return option == 'h' ? WORD_DONE : WORD_COULD_NOT;
	}
	if (optind + 1 != argc) {
		rc_log_error("say which folder: recamd import DIR [--config FILE]");
		return WORD_COULD_NOT;
	}
	words.directory = argv[optind];
	if (take(&words, &err)) {
		rc_log_error("%s", err.text);
		return WORD_COULD_NOT;
	}
	return WORD_DONE;
}
