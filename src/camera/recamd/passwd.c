/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "recamd passwd": sets a password without knowing the old one, for who may write the state
 * folder may anyhow. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/log.h"
#include "camera/recamd/words.h"
#include "camera/settings/users.h"

/* One line, without echo where a person types. False: there is none, or it is too long. */
static bool read_line(const char *prompt, char line[USER_PASSWORD_MAX + 2])
{
	struct termios before, silent;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0, got;
	size_t size;

	if (terminal) {
		fprintf(stderr, "%s: ", prompt);
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	got = fgets(line, USER_PASSWORD_MAX + 2, stdin) != NULL;
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fprintf(stderr, "\n");
	}
	size = got ? strcspn(line, "\n") : 0;
	if (got && size == USER_PASSWORD_MAX + 1)
		return false;
	line[size] = '\0';
	return got;
}

static int ask(char password[USER_PASSWORD_MAX + 2], struct rc_error *err)
{
	char again[USER_PASSWORD_MAX + 2];
	int result = 0;

	if (!read_line("New password", password))
		return rc_fail(err, RC_EUSAGE,
			       "no password came, or one of more than %u characters: type it, or "
			       "give it as the first line of standard input",
			       USER_PASSWORD_MAX);
	if (!isatty(STDIN_FILENO))
		return 0;
	if (!read_line("The same again", again) || strcmp(password, again) != 0)
		result = rc_fail(err, RC_EUSAGE, "the two differ: nothing was changed");
	sodium_memzero(again, sizeof(again));
	return result;
}

static int set(const char *state, const char *name, struct rc_error *err)
{
	char password[USER_PASSWORD_MAX + 2] = "", directory[256];
	const struct user *user;
	struct users users;
	int result = state_folder(state, directory, err);

	if (!result)
		result = users_load(directory, &users, err);
	if (!result)
		result = ask(password, err);
	if (!result) {
		user = users_find(&users, name);
		result = users_set(&users, name, user ? user->role : USER_ADMINISTERS, password,
				   err);
	}
	sodium_memzero(password, sizeof(password));
	return result;
}

int passwd_main(int argc, char **argv)
{
	static const struct option options[] = { { "state", required_argument, NULL, 's' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	const char *state = NULL, *name;
	struct rc_error err;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 's') {
			state = optarg;
			continue;
		}
		printf("usage: recamd passwd [--state DIR] [USER]\n\n"
		       "Sets the password of USER (admin): asked for twice on a terminal, else "
		       "the\n"
		       "first line of standard input. A new user may do everything. A running "
		       "recamd\n"
		       "takes it on SIGHUP.\n");
		return option == 'h' ? WORD_DONE : WORD_COULD_NOT;
	}
	name = optind < argc ? argv[optind] : "admin";
	if (set(state, name, &err)) {
		rc_log_error("%s", err.text);
		return WORD_COULD_NOT;
	}
	rc_log_note("the password of \"%s\" is set; a running recamd takes it on SIGHUP", name);
	return WORD_DONE;
}
